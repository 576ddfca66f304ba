//! Passwords: argon2id (RFC 9106) with the parameters OWASP's password storage sheet recommends.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

pub use super::password_words::OwnWords;
use crate::http::{Error, Form, Result as WebResult};
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Validation};

/// Passwords that are hashed at one moment, each with 19 MiB and one core.
static GATE: Semaphore = Semaphore::const_new(4);
/// How long a login waits for its turn.
const TURN: Duration = Duration::from_secs(20);
/// What the password of nobody is compared with, so that a wrong name takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    argon2()
        .hash_password_with_salt(b"nobody has this password", b"lalanh-no-login!")
        .expect("argon2 hashes any password with a 16-byte salt")
        .to_string()
});

/// Memory in KiB, passes, lanes: 19 MiB, 2, 1.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A password that a form asks for in its fields `password` and `again`.
pub(in crate::people) fn typed_twice(fields: &mut Validation, form: &Form, own: &OwnWords) -> Option<Password> {
    let password = fields.take("password", Password::parse(form.raw("password"), own));
    fields.check("again", form.raw("password") == form.raw("again"), || {
        Invalid::fixed("differs", "Hai lần nhập mật khẩu khác nhau.", "The two passwords differ.")
    });
    password
}

/// A password long enough to be one: 12 to 200 characters, with no rule on their kinds (NIST SP 800-63B).
pub fn parse(password: &str) -> Result<&str, Invalid> {
    if (12..=200).contains(&password.chars().count()) {
        Ok(password)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Mật khẩu dài từ 12 đến 200 ký tự. Một câu dễ nhớ là tốt nhất.",
            "A password has 12 to 200 characters. A sentence you remember is best.",
        ))
    }
}

/// A password that [`parse`] lets pass and that is not guessed first. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// See [`parse`]; `own` are the words that belong to its login.
    pub fn parse(text: impl Into<String>, own: &OwnWords) -> Result<Self, Invalid> {
        let text = text.into();
        parse(&text)?;
        if own.make(&text) {
            return Err(Invalid::fixed(
                "easy_to_guess",
                "Mật khẩu này nằm trong số bị dò đầu tiên: từ quen thuộc thêm chữ số. Hãy ghép vài từ thành một câu của riêng bạn.",
                "This is among the first to be guessed: a familiar word with digits. Make a sentence of your own of a few words.",
            ));
        }
        Ok(Self(text))
    }

    /// Whether it is this text.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
    }

    /// Its stored form, off the async threads and a few at a time.
    pub async fn hashed(self, clock: &Clock) -> WebResult<String> {
        let clock = clock.clone();
        in_turn(move || hash(&self.0, &clock)).await
    }
}

/// The stored form of a password. Slow on purpose: call it off the async threads.
fn hash(password: &str, clock: &Clock) -> String {
    let salt: [u8; 16] = clock.bytes();
    argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("argon2 hashes any password with a 16-byte salt")
        .to_string()
}

/// Whether the password is the stored one. Slow on purpose: call it off the async threads.
fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A password to be told to somebody, who then chooses another: `k7qw-2m4x-pa3d`, 60 random bits without look-alikes.
pub fn suggest(clock: &Clock) -> String {
    const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let symbols: String = clock.bytes::<12>().iter().map(|byte| char::from(SYMBOLS[usize::from(byte % 32)])).collect();
    [&symbols[..4], &symbols[4..8], &symbols[8..]].join("-")
}

/// Runs slow password work off the async threads, a few at a time.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> WebResult<T> {
    let turn = tokio::time::timeout(TURN, GATE.acquire()).await;
    let _turn = turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(Box::new(error)))
}

/// Whether the password is the stored one, off the async threads and a few at a time. Nothing stored, or nobody of that
/// name, takes as long and is false.
pub async fn verify_in_turn(password: String, stored: Option<String>) -> WebResult<bool> {
    in_turn(move || match stored {
        Some(stored) => verify(&password, &stored),
        None => {
            verify(&password, &NOBODY);
            false
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let clock = Clock::fixed(Moment::from_micros(0), 3);
        let stored = hash("chợ không đồng", &clock);
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("chợ không đồng", &stored));
        assert!(!verify("chợ một đồng", &stored));
        assert!(!verify("chợ không đồng", "not a hash"));
    }
}
