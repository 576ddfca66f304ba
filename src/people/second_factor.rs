//! A second factor: codes of an app (TOTP, RFC 6238), and recovery codes for when the phone with it is lost. No I/O.

use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};

use super::device::code_hash;
use crate::http::{Error, Result};
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Message, Moment};

/// Length of a secret in bytes: that of the hash (RFC 4226 §4).
const SECRET_LEN: usize = 20;
/// Seconds that a code lasts.
const STEP_SECS: u64 = 30;
/// Steps that a code may be early or late (RFC 6238 §5.2).
const SKEW: u16 = 1;
/// A code so many steps early or late is told to be of a wrong clock: five minutes.
const CLOCK_OFF_STEPS: u16 = 10;
/// Digits of a code.
const DIGITS: usize = 6;
/// Recovery codes that a factor comes with.
const RECOVERY_CODES: usize = 8;
/// Random bytes of a recovery code: above 112 bits a plain hash of it can't be searched.
const RECOVERY_BYTES: usize = 15;
/// Symbols of a recovery code.
const RECOVERY_SYMBOLS: usize = RECOVERY_BYTES * 8 / 5;
/// What apps call the service.
const ISSUER: &str = "Lá Lành";

/// What an app and the service share. Never printed.
pub(in crate::people) struct Secret(Vec<u8>);

/// When a code is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::people) enum Fit {
    /// Of now: its time step.
    Now(i64),
    /// Of some minutes before or after now: its time step, and by how many seconds the app's clock is fast.
    Off(i64, i64),
    /// Of no time near now.
    Never,
}

impl Secret {
    /// A new one.
    pub(in crate::people) fn generate(clock: &Clock) -> Self {
        Self(clock.bytes::<SECRET_LEN>().to_vec())
    }

    /// One that was kept.
    pub(in crate::people) const fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be sealed.
    pub(in crate::people) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As an app takes it when it is typed.
    pub(in crate::people) fn for_people(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(&self.0)
    }

    /// As an app takes it from a QR code.
    pub(in crate::people) fn otpauth_url(&self, username: &str) -> Result<String> {
        let builder =
            Builder::new().with_secret(self.0.as_slice()).with_issuer(Some(ISSUER)).with_account_name(username);
        let totp = builder.build().map_err(|error| Error::Internal(Box::new(error)))?;
        totp.to_url().map_err(|error| Error::Internal(Box::new(error)))
    }

    /// When a code is of.
    pub(in crate::people) fn fit(&self, code: &str, now: Moment) -> Fit {
        let secs = u64::try_from(now.micros() / 1_000_000).unwrap_or(0);
        let step_of = |skew| self.totp(skew).check(code, secs).and_then(|step| i64::try_from(step).ok());
        let now_step = i64::try_from(secs / STEP_SECS).unwrap_or(0);
        match (step_of(SKEW), step_of(CLOCK_OFF_STEPS)) {
            (Some(step), _) => Fit::Now(step),
            (None, Some(step)) => Fit::Off(step, (step - now_step) * STEP_SECS.cast_signed()),
            (None, None) => Fit::Never,
        }
    }

    /// SHA-1, six digits, half a minute: what every app can do.
    fn totp(&self, skew: u16) -> Totp {
        Builder::new().with_secret(self.0.as_slice()).with_skew(skew).with_step_duration(STEP_SECS).build_noncompliant()
    }
}

/// A code as it was typed.
#[derive(Debug)]
pub(in crate::people) enum TypedCode {
    /// An app's: its digits.
    App(String),
    /// A recovery code's stored form.
    Recovery(Vec<u8>),
}

impl TypedCode {
    /// Reads a code; hyphens, spaces and letter case don't matter.
    pub(in crate::people) fn read(text: &str) -> Option<Self> {
        let symbols: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        match symbols.len() {
            DIGITS if symbols.bytes().all(|byte| byte.is_ascii_digit()) => Some(Self::App(symbols)),
            RECOVERY_SYMBOLS => Some(Self::Recovery(code_hash(&symbols))),
            _ => None,
        }
    }
}

/// Recovery codes, `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX` each: 120 random bits.
pub(in crate::people) fn new_recovery_codes(clock: &Clock) -> Vec<String> {
    let code = || {
        let symbols = data_encoding::BASE32_NOPAD.encode(&clock.bytes::<RECOVERY_BYTES>());
        let groups: Vec<&str> = (0..RECOVERY_SYMBOLS).step_by(4).map(|at| &symbols[at..at + 4]).collect();
        groups.join("-")
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// The stored form of a recovery code.
pub(in crate::people) fn recovery_hash(code: &str) -> Vec<u8> {
    code_hash(code)
}

/// A second factor that waits for a code of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct NewFactor {
    /// To be typed into an app, in base32.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    pub(in crate::people) secret: String,
    /// The same for an app's camera, as a QR code.
    #[schema(
        example = "otpauth://totp/L%C3%A1%20L%C3%A0nh:lan.tran?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=L%C3%A1%20L%C3%A0nh"
    )]
    pub(in crate::people) otpauth_url: String,
    /// Each opens once, when the app is lost. Told this once; in force when the factor is.
    #[schema(example = json!(["K7QW-2M4X-PA3D-LT6E-QW5N-ZB7C"]))]
    pub(in crate::people) recovery_codes: Vec<String>,
}

/// The own second factor.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct FactorState {
    /// Since when it is asked for; null: there is none.
    pub(in crate::people) since: Option<Moment>,
    /// Recovery codes that were not used yet.
    pub(in crate::people) recovery_codes_left: i64,
    /// Whether the ward asks this login to have one.
    pub(in crate::people) required: bool,
}

/// Whether administrators and coordinators must have a second factor.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, utoipa::ToSchema)]
#[schema(example = json!({"required": true}))]
pub(in crate::people) struct FactorPolicy {
    /// Whether they must.
    pub(in crate::people) required: bool,
}

/// Why a code opens nothing: it is not this login's, or of a time that is long over.
pub(in crate::people) const fn wrong_code() -> Invalid {
    Invalid::fixed(
        "wrong_code",
        "Mã xác thực chưa đúng. Mở ứng dụng xác thực, nhập mã 6 số đang hiện cho Lá Lành.",
        "The code is wrong. Open the authenticator app and type the six digits that it shows for Lá Lành.",
    )
}

/// Why a code opens nothing: it did once.
pub(in crate::people) const fn code_used() -> Invalid {
    Invalid::fixed(
        "code_used",
        "Mã này đã dùng rồi, mỗi mã chỉ dùng một lần. Đợi ứng dụng hiện mã mới (tối đa 30 giây) rồi nhập mã đó.",
        "This code was used; each opens once. Wait until the app shows the next (30 seconds at most) and type that one.",
    )
}

/// Why a code opens nothing: the app's clock is fast (or slow) by so many seconds.
pub(in crate::people) fn clock_off(fast_secs: i64) -> Invalid {
    let minutes = (fast_secs.abs() + 30) / 60;
    let (vi, en) = if fast_secs > 0 { ("nhanh", "fast") } else { ("chậm", "slow") };
    Invalid::new(
        "clock_off",
        Message::new(
            format!(
                "Mã đúng ứng dụng nhưng sai giờ: đồng hồ điện thoại {vi} khoảng {minutes} phút so với máy chủ. Bật ngày giờ tự \
                 động trên điện thoại rồi nhập mã mới. Điện thoại đã đúng giờ? Báo quản trị viên kiểm tra giờ máy chủ."
            ),
            format!(
                "The code is the app's, but of another time: the phone's clock is about {minutes} min {en}, by the server's. Turn \
                 on automatic date and time on the phone and type a new code. The phone is right? Then have the server's clock \
                 checked."
            ),
        ),
    )
}

/// What is asked for beside the password.
pub(in crate::people) const fn code_wanted() -> Invalid {
    Invalid::fixed(
        "second_factor",
        "Tài khoản này có xác thực hai bước: gửi kèm mã của ứng dụng xác thực (code), hoặc một mã dự phòng.",
        "This login has a second factor: send a code of its authenticator app along (code), or a recovery code.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of SHA-1, and what it gives at some times, to six digits.
    const RFC: [(i64, &str); 5] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
    ];

    fn at(secs: i64) -> Moment {
        Moment::from_micros(secs * 1_000_000)
    }

    fn rfc() -> Secret {
        Secret::of_bytes(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (secs, code) in RFC {
            assert_eq!(rfc().fit(code, at(secs)), Fit::Now(secs / 30), "{code}");
        }
    }

    #[test]
    fn a_code_counts_one_step_early_or_late_and_is_told_to_be_off_within_five_minutes() {
        let (secs, code) = RFC[3];
        let step = secs / 30;
        for late in [-30, 0, 30] {
            assert_eq!(rfc().fit(code, at(secs + late)), Fit::Now(step), "{late}");
        }
        assert_eq!(rfc().fit(code, at(secs + 180)), Fit::Off(step, -180), "the app's clock is slow");
        assert_eq!(rfc().fit(code, at(secs - 180)), Fit::Off(step, 180));
        assert_eq!(rfc().fit(code, at(secs + 400)), Fit::Never);
        assert_eq!(rfc().fit("000000", at(secs)), Fit::Never);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert!(matches!(TypedCode::read(" 287 082 "), Some(TypedCode::App(digits)) if digits == "287082"));
        let clock = Clock::fixed(at(0), 1);
        let codes = new_recovery_codes(&clock);
        assert_eq!((codes.len(), codes[0].len()), (RECOVERY_CODES, 29));
        let typed = codes[0].to_lowercase().replace('-', " ");
        assert!(matches!(TypedCode::read(&typed), Some(TypedCode::Recovery(hash)) if hash == recovery_hash(&codes[0])));
        for nothing in ["", "28708", "2870822", "abcdef", "k7qw-2m4x"] {
            assert!(TypedCode::read(nothing).is_none(), "{nothing}");
        }
    }

    #[test]
    fn an_app_reads_who_and_where_from_the_address() {
        let url = rfc().otpauth_url("lan.tran").unwrap();
        assert!(url.starts_with("otpauth://totp/L%C3%A1%20L%C3%A0nh:lan.tran?secret=GEZDGNBV"), "{url}");
        assert!(url.ends_with("&issuer=L%C3%A1%20L%C3%A0nh"), "{url}");
    }
}
