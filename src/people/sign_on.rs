//! An address that the provider is to have verified, and a login's link as it is told.

use serde::Serialize;

use crate::kernel::Moment;
use crate::kernel::message::Invalid;

/// Characters that an address has at most.
const EMAIL_MAX: usize = 254;

/// An e-mail address, in small letters. Never printed.
pub(in crate::people) struct Email(String);

impl Email {
    /// A name, one `@`, and a domain of two labels and more; at most 254 characters (RFC 5321).
    pub(in crate::people) fn parse(text: &str) -> Result<Self, Invalid> {
        let is_one = text.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty() && domain.contains('.') && domain.split('.').all(|label| !label.is_empty())
        });
        let plain = text.matches('@').count() == 1 && !text.contains(char::is_whitespace);
        if is_one && plain && text.chars().count() <= EMAIL_MAX {
            Ok(Self(text.to_lowercase()))
        } else {
            Err(Invalid::fixed(
                "not_an_email",
                "Ghi một địa chỉ thư điện tử, ví dụ lan.tran@example.vn.",
                "Write an e-mail address, such as lan.tran@example.vn.",
            ))
        }
    }

    pub(in crate::people) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login's link to the provider that people sign on with.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct LinkState {
    /// Since when somebody's account there opens it; null: nobody's does.
    pub(in crate::people) linked_at: Option<Moment>,
    /// Until when it waits for the first time; null: it does not.
    pub(in crate::people) waits_until: Option<Moment>,
}
