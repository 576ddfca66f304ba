//! Where people sign on besides with a password, as the operator chose it.

use std::fmt;

/// A provider of identities (OpenID Connect), and who we are to it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignOn {
    /// Its address; what it says of itself lies below.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// What we show it; nothing: it knows us by the address that it sends people back to.
    pub client_secret: Option<String>,
    /// What people call it, for the button.
    pub name: String,
    /// Who vouches for its certificate, in PEM, when it is an authority of one's own.
    pub ca: Option<Vec<u8>>,
}

impl fmt::Debug for SignOn {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignOn").field("issuer", &self.issuer).field("client_id", &self.client_id).finish()
    }
}
