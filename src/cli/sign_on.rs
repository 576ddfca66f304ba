//! Where people may sign on besides with a password.

use std::path::PathBuf;

use clap::Args;

use crate::app::StartError;
use crate::http::SignOn;

/// Signing on with a provider of identities (OpenID Connect); off without --oidc-issuer.
#[derive(Debug, Args)]
pub(super) struct SignOnOptions {
    /// The provider's address (issuer): https, or http on this very machine.
    #[arg(long, env = "LALANH_OIDC_ISSUER", value_name = "URL", value_parser = issuer, global = true, requires = "oidc_client_id")]
    oidc_issuer: Option<String>,
    /// What the provider calls this service.
    #[arg(long, env = "LALANH_OIDC_CLIENT_ID", value_name = "ID", global = true, requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// A file with the secret that the provider gave for it; or the secret itself in LALANH_OIDC_CLIENT_SECRET.
    #[arg(long, env = "LALANH_OIDC_CLIENT_SECRET_FILE", value_name = "FILE", global = true, requires = "oidc_issuer")]
    oidc_client_secret_file: Option<PathBuf>,
    #[arg(long, env = "LALANH_OIDC_CLIENT_SECRET", hide = true, hide_env_values = true, global = true)]
    oidc_client_secret: Option<String>,
    /// What people call the provider, for the button on the login page.
    #[arg(long, env = "LALANH_OIDC_NAME", value_name = "NAME", default_value = "OpenID", global = true)]
    oidc_name: String,
    /// Who vouches for its certificate, in PEM, when it is an authority of one's own.
    #[arg(long, env = "LALANH_OIDC_CA", value_name = "FILE", global = true, requires = "oidc_issuer")]
    oidc_ca: Option<PathBuf>,
}

impl SignOnOptions {
    /// What was chosen, with its files read; nothing: people have passwords alone.
    pub(super) fn read(&self) -> Result<Option<SignOn>, StartError> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else { return Ok(None) };
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| {
                StartError::new(
                    format!("Không đọc được {}: {error}.", path.display()),
                    format!("{} can't be read: {error}.", path.display()),
                )
            })
        };
        let file = self.oidc_client_secret_file.as_ref().map(read).transpose()?;
        let secret = file.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
        Ok(Some(SignOn {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: secret.or_else(|| self.oidc_client_secret.clone()),
            name: self.oidc_name.clone(),
            ca: self.oidc_ca.as_ref().map(read).transpose()?,
        }))
    }
}

/// What is not encrypted is believed on this very machine alone.
fn issuer(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    match host {
        None if text.starts_with("https://") => Ok(text.to_owned()),
        Some("localhost" | "127.0.0.1") => Ok(text.to_owned()),
        _ => Err("https://… is needed (http only for localhost)".to_owned()),
    }
}
