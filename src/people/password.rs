//! Passwords: argon2id (RFC 9106) with the parameters OWASP's password storage sheet recommends.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::kernel::Clock;
use crate::kernel::say::Wrong;

/// Memory in KiB, passes, lanes: 19 MiB, 2, 1.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A password long enough to be one: 10 to 200 characters, with no rule on their kinds (NIST SP 800-63B).
pub fn parse(password: &str) -> Result<&str, Wrong> {
    if (10..=200).contains(&password.chars().count()) {
        Ok(password)
    } else {
        Err(Wrong::fixed(
            "out_of_range",
            "Mật khẩu dài từ 10 đến 200 ký tự. Một câu dễ nhớ là tốt nhất.",
            "A password has 10 to 200 characters. A sentence you remember is best.",
        ))
    }
}

/// The stored form of a password. Slow on purpose: call it off the async threads.
pub fn hash(password: &str, clock: &Clock) -> String {
    let salt: [u8; 16] = clock.bytes();
    argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("argon2 hashes any password with a 16-byte salt")
        .to_string()
}

/// Whether the password is the stored one. Slow on purpose: call it off the async threads.
pub fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
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
