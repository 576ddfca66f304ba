//! https by the service itself: with a certificate from files, read again when they change, or with one that it gets
//! from an ACME authority (RFC 8555) over TLS-ALPN-01 (RFC 8737), on the same port.
//!
//! Promises: files that can't be used later leave the certificate in force that was there before. Handshakes happen
//! beside each other and have their time, see [`super::connections`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use futures_util::StreamExt as _;
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, is_tls_alpn_challenge};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::open::StartError;
use crate::http::{Core, OverTls};

/// How often certificate files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The folder within the data folder that keeps the authority's account and certificate.
const ACME_DIR: &str = "acme";

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From files in PEM: the certificate with those of its issuers, and its key.
    Files {
        /// The certificates.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// From an ACME authority, for this name, which must lead to this machine's port 443.
    Domain {
        /// The name.
        name: String,
        /// The authority's directory; nothing: Let's Encrypt.
        directory: Option<String>,
        /// Who vouches for that directory, in PEM; nothing: the authorities that browsers know.
        ca: Option<PathBuf>,
    },
}

/// How a connection is answered.
#[derive(Clone, Debug)]
pub struct Answering {
    usual: watch::Receiver<Arc<ServerConfig>>,
    /// For the authority that looks whether the name is ours.
    challenge: Option<Arc<ServerConfig>>,
}

/// The routes as they are reached over TLS: visitors are known to have come by https, and by HTTP/2 too they name the
/// host.
pub fn routes(routes: Router) -> Router {
    let arrived = async |mut request: Request, next: Next| {
        request.extensions_mut().insert(OverTls);
        // HTTP/2 has the host in the address.
        let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        if let (Some(host), false) = (host, request.headers().contains_key(header::HOST)) {
            request.headers_mut().insert(header::HOST, host);
        }
        next.run(request).await
    };
    routes.layer(axum::middleware::from_fn(arrived))
}

/// How a service with this certificate answers. Certificate files are looked at every `look_every`.
pub fn answering(core: &Core, source: &Source, look_every: Duration) -> Result<Answering, StartError> {
    match source {
        Source::Files { cert, key } => from_files(core, cert.clone(), key.clone(), look_every),
        Source::Domain { name, directory, ca } => from_authority(core, name, directory.as_deref(), ca.as_deref()),
    }
}

/// Nothing when there is nobody to serve: what came was no TLS, a refusal of our certificate, or the authority's look.
pub(super) async fn handshake(socket: TcpStream, answering: Answering) -> Option<TlsStream<TcpStream>> {
    let begun = LazyConfigAcceptor::new(Acceptor::default(), socket).await.ok()?;
    if let Some(challenge) = answering.challenge.filter(|_| is_tls_alpn_challenge(&begun.client_hello())) {
        let mut seen = begun.into_stream(challenge).await.ok()?;
        let _ = seen.shutdown().await;
        return None;
    }
    let config = Arc::clone(&answering.usual.borrow());
    match begun.into_stream(config).await {
        Ok(stream) => Some(stream),
        Err(error) => {
            tracing::debug!(%error, "a handshake failed");
            None
        }
    }
}

fn from_authority(
    core: &Core,
    name: &str,
    directory: Option<&str>,
    ca: Option<&Path>,
) -> Result<Answering, StartError> {
    let config = match ca {
        None => AcmeConfig::new([name]),
        Some(ca) => {
            let trusting = trusting(ca).map_err(|error| unusable_ca(ca, &error))?;
            AcmeConfig::new_with_client_config([name], Arc::new(trusting))
        }
    };
    let config = config.cache(DirCache::new(core.config.data_dir.join(ACME_DIR)));
    let config = match directory {
        Some(directory) => config.directory(directory),
        None => config.directory_lets_encrypt(true),
    };
    let mut state = config.state();
    let challenge = state.challenge_rustls_config();
    let usual = with_protocols(Arc::unwrap_or_clone(state.default_rustls_config()));
    let core = core.clone();
    let name = name.to_owned();
    let (sender, receiver) = watch::channel(Arc::new(usual));
    tokio::spawn(async move {
        // Held, so that whoever reads the configuration always finds it.
        let _sender = sender;
        loop {
            tokio::select! {
                () = core.stopped() => return,
                event = state.next() => match event {
                    Some(Ok(done)) => tracing::info!(?done, name, "certificate"),
                    Some(Err(error)) => tracing::warn!(
                        %error, name,
                        "no certificate yet: the name must lead to this machine, and its port 443 must be open to the internet"
                    ),
                    None => return,
                },
            }
        }
    });
    Ok(Answering { usual: receiver, challenge: Some(challenge) })
}

/// How to talk to an authority that only these certificates vouch for.
fn trusting(ca: &Path) -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(ca)? {
        roots.add(root?)?;
    }
    if roots.is_empty() {
        return Err("no certificate in it".into());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn from_files(core: &Core, cert: PathBuf, key: PathBuf, look_every: Duration) -> Result<Answering, StartError> {
    let config = read(&cert, &key).map_err(|error| unusable(&cert, &key, &error))?;
    let (sender, receiver) = watch::channel(Arc::new(config));
    let core = core.clone();
    tokio::spawn(async move {
        let mut known = written(&cert, &key);
        loop {
            tokio::select! {
                () = core.stopped() => return,
                () = tokio::time::sleep(look_every) => {}
            }
            let now = written(&cert, &key);
            if now == known {
                continue;
            }
            known = now;
            match read(&cert, &key) {
                Ok(config) => {
                    sender.send_replace(Arc::new(config));
                    tracing::info!("the certificate files changed and are in use");
                }
                Err(error) => tracing::warn!(%error, "the certificate files changed but can't be used"),
            }
        }
    });
    Ok(Answering { usual: receiver, challenge: None })
}

/// When the files were last written; nothing for one that can't be seen.
fn written(cert: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [cert, key].map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
}

/// A configuration from files: refuses a key that is not the certificate's.
fn read(cert: &Path, key: &Path) -> Result<ServerConfig, Box<dyn std::error::Error + Send + Sync>> {
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(with_protocols(config))
}

fn with_protocols(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

fn unusable_ca(ca: &Path, error: &dyn std::fmt::Display) -> StartError {
    let ca = ca.display();
    StartError::new(
        format!("Không dùng được tệp chứng chỉ gốc {ca}: {error}. Cần một tệp PEM."),
        format!("The root certificates {ca} can't be used: {error}. A PEM file is needed."),
    )
}

fn unusable(cert: &Path, key: &Path, error: &dyn std::fmt::Display) -> StartError {
    let (cert, key) = (cert.display(), key.display());
    StartError::new(
        format!(
            "Không dùng được chứng chỉ {cert} với khóa {key}: {error}. Cần hai tệp PEM thuộc về nhau (fullchain.pem và privkey.pem)."
        ),
        format!(
            "The certificate {cert} with the key {key} can't be used: {error}. Two PEM files that belong together are \
             needed (fullchain.pem and privkey.pem)."
        ),
    )
}
