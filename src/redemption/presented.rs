//! What was held before the camera or typed in, read before anything is looked up.

use crate::vault::sha256;
use crate::vouchers::code::{NotACode, ParsedCode, Unverified};
use crate::vouchers::keys::KeyRing;
use crate::vouchers::typed_code::TypedCode;

/// A code as far as it can be judged without the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// A signed code whose signature is right.
    Signed {
        /// Which key signed it; whether it was withdrawn is read with the register.
        kid: i64,
        /// The round's number.
        round_number: i64,
        /// The serial in the round.
        serial: i64,
        /// Which paper of the voucher.
        issue_number: i64,
    },
    /// A typed code whose check symbols are right; ten symbols without the dash.
    Typed(String),
    /// Begins like ours, but the signature is wrong or it is damaged.
    Forged,
    /// Anything else: never issued.
    Foreign,
}

impl Presented {
    /// Reads a scanned or typed text; `None` when only a key we don't know could tell.
    pub fn read(text: &str, ring: &KeyRing) -> Option<Self> {
        let parsed = match ParsedCode::parse(text) {
            Ok(parsed) => parsed,
            Err(NotACode::Malformed) => return Some(Self::Forged),
            Err(NotACode::Foreign) => {
                return Some(
                    TypedCode::parse(text).map_or(Self::Foreign, |code| Self::Typed(code.as_str().to_owned())),
                );
            }
        };
        match parsed.verify(ring) {
            Err(Unverified::UnknownKey) => None,
            Err(Unverified::BadSignature) => Some(Self::Forged),
            // The signature is right; whether the key was withdrawn is decided with the register's rows locked.
            Ok(_) | Err(Unverified::WithdrawnKey) => {
                let code = parsed.unverified();
                Some(Self::Signed {
                    kid: i64::from(code.kid),
                    round_number: i64::from(code.round),
                    serial: i64::from(code.serial),
                    issue_number: i64::from(code.issue),
                })
            }
        }
    }

    /// The same for every spelling of one code.
    pub fn canonical(text: &str) -> Vec<u8> {
        match (ParsedCode::parse(text), TypedCode::parse(text)) {
            (Ok(parsed), _) => sha256(parsed.text().as_bytes()),
            (_, Ok(typed)) => sha256(typed.as_str().as_bytes()),
            _ => sha256(text.trim().as_bytes()),
        }
    }
}
