//! What there is to look at.

use axum::body::Bytes;

use crate::people::Role;

/// The password of every login of the demo, which is no secret: the data are made up and go away.
pub const PASSWORD: &str = "la-lanh-dum-la-rach";

/// What the demo prints when the ward is there.
#[derive(Clone, Debug)]
pub struct Ward {
    /// Logins: role and username, all with [`PASSWORD`].
    pub logins: Vec<(Role, String)>,
    /// A coordinator's API token.
    pub token: String,
    /// The code that enrols a phone.
    pub enrol_code: String,
    /// The point of the first desk.
    pub point_id: String,
    /// Typed codes of vouchers that nobody redeemed yet, at that point.
    pub codes: Vec<String>,
    /// A typed code that was redeemed.
    pub used_code: String,
    /// The round's sheets of vouchers, PDF.
    pub sheets: Bytes,
}
