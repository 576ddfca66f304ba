//! The signed code on paper: `LL1:` and 84 bytes in base32, 139 characters that a QR code holds in its
//! alphanumeric mode. It names a round, a serial, a package, a point and two days, and no person.
//!
//! | offset | bytes | field (big-endian) |
//! |---|---|---|
//! | 0 | 1 | format and type: 0x01 = household voucher |
//! | 1 | 1 | key id |
//! | 2 | 4 | round number |
//! | 6 | 4 | serial in the round |
//! | 10 | 1 | issue number (1; +1 at each reissue) |
//! | 11 | 2 | package number |
//! | 13 | 2 | point number (0 = any) |
//! | 15 | 2 | valid from, days since 2020-01-01 in Asia/Ho_Chi_Minh |
//! | 17 | 2 | valid until, same, inclusive |
//! | 19 | 1 | units |
//! | 20 | 64 | Ed25519 signature over `"lalanh-voucher-v1\0"`, the instance id (16 bytes) and bytes 0–19 |

use data_encoding::BASE32_NOPAD;

use super::keys::{InstanceId, KeyRing, KeyState, PublicKey, SIGNATURE_LEN, SigningKey};
use crate::kernel::Day;
use crate::kernel::message::Invalid;

/// Characters of a code: `LL1:` and 135 of base32.
pub const CODE_LEN: usize = PREFIX.len() + 135;

const PREFIX: &str = "LL1:";
const FORMAT_HOUSEHOLD: u8 = 0x01;
const BODY_LEN: usize = 20;
const CONTEXT: &[u8; 18] = b"lalanh-voucher-v1\0";
/// More than this is no scan: the longest sensible URL around a code.
const MAX_INPUT_LEN: usize = 2_000;

/// What a code says. Not to be believed before its signature is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherCode {
    /// Id of the key that signs it.
    pub kid: u8,
    /// The round's number.
    pub round: u32,
    /// The voucher's serial in its round.
    pub serial: u32,
    /// 1, and one more at each reissue.
    pub issue: u8,
    /// The package's number.
    pub package: u16,
    /// The distribution point's number; 0 = any point.
    pub point: u16,
    /// First day on which it counts. From 2020-01-01 to 2199-06-06; days outside are moved to the nearer end.
    pub valid_from: Day,
    /// Last day on which it counts; same range.
    pub valid_until: Day,
    /// How many packages it is good for.
    pub units: u8,
}

impl VoucherCode {
    fn body(&self) -> [u8; BODY_LEN] {
        let mut body = [0; BODY_LEN];
        body[0] = FORMAT_HOUSEHOLD;
        body[1] = self.kid;
        body[2..6].copy_from_slice(&self.round.to_be_bytes());
        body[6..10].copy_from_slice(&self.serial.to_be_bytes());
        body[10] = self.issue;
        body[11..13].copy_from_slice(&self.package.to_be_bytes());
        body[13..15].copy_from_slice(&self.point.to_be_bytes());
        body[15..17].copy_from_slice(&self.valid_from.code_days().to_be_bytes());
        body[17..19].copy_from_slice(&self.valid_until.code_days().to_be_bytes());
        body[19] = self.units;
        body
    }

    fn from_body(b: &[u8; BODY_LEN]) -> Option<Self> {
        (b[0] == FORMAT_HOUSEHOLD).then(|| Self {
            kid: b[1],
            round: u32::from_be_bytes([b[2], b[3], b[4], b[5]]),
            serial: u32::from_be_bytes([b[6], b[7], b[8], b[9]]),
            issue: b[10],
            package: u16::from_be_bytes([b[11], b[12]]),
            point: u16::from_be_bytes([b[13], b[14]]),
            valid_from: Day::from_code_days(u16::from_be_bytes([b[15], b[16]])),
            valid_until: Day::from_code_days(u16::from_be_bytes([b[17], b[18]])),
            units: b[19],
        })
    }

    /// The 139 characters to print. The key's own id is written, whatever [`VoucherCode::kid`] says.
    pub fn sign(&self, key: &SigningKey, instance_id: &InstanceId) -> String {
        Self { kid: key.kid(), ..*self }.with_signature(&self.signature(key, instance_id))
    }

    /// The signature alone, as it is stored. The key's own id is signed, whatever [`VoucherCode::kid`] says.
    pub fn signature(&self, key: &SigningKey, instance_id: &InstanceId) -> [u8; SIGNATURE_LEN] {
        key.sign(&message(instance_id, &Self { kid: key.kid(), ..*self }.body()))
    }

    /// The 139 characters of a voucher that was signed before.
    pub fn with_signature(&self, signature: &[u8; SIGNATURE_LEN]) -> String {
        text_of(&self.bytes_with_signature(signature))
    }

    /// The 84 bytes of a voucher that was signed before.
    pub fn bytes_with_signature(&self, signature: &[u8; SIGNATURE_LEN]) -> [u8; BODY_LEN + SIGNATURE_LEN] {
        let mut bytes = [0; BODY_LEN + SIGNATURE_LEN];
        bytes[..BODY_LEN].copy_from_slice(&self.body());
        bytes[BODY_LEN..].copy_from_slice(signature);
        bytes
    }
}

fn message(instance_id: &InstanceId, body: &[u8; BODY_LEN]) -> [u8; CONTEXT.len() + 16 + BODY_LEN] {
    let mut message = [0; CONTEXT.len() + 16 + BODY_LEN];
    message[..CONTEXT.len()].copy_from_slice(CONTEXT);
    message[CONTEXT.len()..CONTEXT.len() + 16].copy_from_slice(instance_id);
    message[CONTEXT.len() + 16..].copy_from_slice(body);
    message
}

fn text_of(bytes: &[u8; BODY_LEN + SIGNATURE_LEN]) -> String {
    let mut text = String::with_capacity(CODE_LEN);
    text.push_str(PREFIX);
    BASE32_NOPAD.encode_append(bytes, &mut text);
    text
}

/// Why a scanned text cannot even be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotACode {
    /// Not a code of ours at all: another QR code, a web address, any text.
    Foreign,
    /// Begins like ours but is cut short, mistyped, or of a newer format.
    Malformed,
}

impl NotACode {
    /// The reason in words, for the field that held the text.
    pub const fn wrong(self) -> Invalid {
        match self {
            Self::Foreign => Invalid::fixed(
                "not_a_voucher",
                "Đây không phải mã phiếu nhận hàng. Hãy quét lại mã QR trên phiếu, hoặc nhập mã 10 ký tự in dưới mã QR.",
                "This is not a voucher's code. Scan the QR code on the voucher again, or type the 10 symbols below it.",
            ),
            Self::Malformed => Invalid::fixed(
                "malformed_code",
                "Mã phiếu bị thiếu hoặc sai ký tự. Hãy quét lại, hoặc nhập mã 10 ký tự in dưới mã QR.",
                "The voucher's code is cut short or damaged. Scan it again, or type the 10 symbols below it.",
            ),
        }
    }
}

/// Why a well-formed code is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// No key with that id was ever ours.
    UnknownKey,
    /// The signature is not that key's, or is for another deployment.
    BadSignature,
    /// The signature is right, but the key was withdrawn.
    WithdrawnKey,
}

/// A well-formed code whose signature was not looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedCode {
    bytes: [u8; BODY_LEN + SIGNATURE_LEN],
    claims: VoucherCode,
}

impl ParsedCode {
    /// Reads what a scanner or a person gave: the code itself in either case and with white space anywhere, or
    /// an address whose last path segment is the code, its colon plain, `%3A` or left out.
    pub fn parse(input: &str) -> Result<Self, NotACode> {
        if input.len() > MAX_INPUT_LEN {
            return Err(NotACode::Foreign);
        }
        let text: String = input.chars().filter(|c| !is_space(*c)).map(|c| c.to_ascii_uppercase()).collect();
        let path = text.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let segment = path.rsplit('/').next().unwrap_or_default();
        let rest = segment.strip_prefix("LL1").ok_or(NotACode::Foreign)?;
        let (marked, digits) = match rest.strip_prefix(':').or_else(|| rest.strip_prefix("%3A")) {
            Some(digits) => (true, digits),
            None => (false, rest),
        };
        let wrong = if marked || digits.len() > 99 { NotACode::Malformed } else { NotACode::Foreign };
        // Refuses other alphabets and trailing bits that are not zero: one voucher has one spelling.
        let bytes = BASE32_NOPAD.decode(digits.as_bytes()).map_err(|_| wrong)?;
        let bytes: [u8; BODY_LEN + SIGNATURE_LEN] = bytes.try_into().map_err(|_| wrong)?;
        let body = bytes.first_chunk().expect("84 bytes begin with 20");
        let claims = VoucherCode::from_body(body).ok_or(NotACode::Malformed)?;
        Ok(Self { bytes, claims })
    }

    /// What the code claims, to be used only to look something up.
    pub const fn unverified(&self) -> &VoucherCode {
        &self.claims
    }

    /// The code as it is printed, whatever form it was read in.
    pub fn text(&self) -> String {
        text_of(&self.bytes)
    }

    /// What the code says, once the right key of the ring has been found to have signed it for this deployment.
    pub fn verify(&self, ring: &KeyRing) -> Result<VoucherCode, Unverified> {
        let (key, state) = ring.get(self.claims.kid).ok_or(Unverified::UnknownKey)?;
        let code = self.verify_with(key, ring.instance_id())?;
        if state == KeyState::Withdrawn { Err(Unverified::WithdrawnKey) } else { Ok(code) }
    }

    /// Like [`ParsedCode::verify`] with one key, whose state is the caller's business.
    pub fn verify_with(&self, key: &PublicKey, instance_id: &InstanceId) -> Result<VoucherCode, Unverified> {
        let body = self.bytes.first_chunk().expect("84 bytes begin with 20");
        let signature = self.bytes.last_chunk().expect("84 bytes end with 64");
        if key.verify(&message(instance_id, body), signature) { Ok(self.claims) } else { Err(Unverified::BadSignature) }
    }
}

/// White space, and the invisible marks that some readers and keyboards add.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INSTANCE: InstanceId = *b"phuong-thanh-khe";

    fn key() -> SigningKey {
        SigningKey::from_seed(3, &[42; 32]).unwrap()
    }

    fn ring(state: KeyState) -> KeyRing {
        let mut ring = KeyRing::new(INSTANCE);
        ring.insert(3, key().public_key(), state);
        ring
    }

    fn sample() -> VoucherCode {
        VoucherCode {
            kid: 3,
            round: 12,
            serial: 2_540,
            issue: 1,
            package: 2,
            point: 5,
            valid_from: Day::parse("2021-08-05").unwrap(),
            valid_until: Day::parse("2021-08-06").unwrap(),
            units: 1,
        }
    }

    fn signed() -> String {
        sample().sign(&key(), &INSTANCE)
    }

    fn any_code() -> impl Strategy<Value = VoucherCode> {
        (any::<(u32, u32, u8, u16, u16)>(), any::<(u16, u16, u8)>()).prop_map(|(what, when)| VoucherCode {
            kid: 3,
            round: what.0,
            serial: what.1,
            issue: what.2,
            package: what.3,
            point: what.4,
            valid_from: Day::from_code_days(when.0),
            valid_until: Day::from_code_days(when.1),
            units: when.2,
        })
    }

    #[test]
    fn the_bytes_lie_where_the_format_says() {
        let text = signed();
        assert_eq!(text.len(), CODE_LEN);
        let bytes = BASE32_NOPAD.decode(&text.as_bytes()[4..]).unwrap();
        let expected = [1, 3, 0, 0, 0, 12, 0, 0, 0x09, 0xec, 1, 0, 2, 0, 5, 0x02, 0x46, 0x02, 0x47, 1];
        assert_eq!(bytes[..20], expected);
        let mut message = b"lalanh-voucher-v1\0".to_vec();
        message.extend_from_slice(&INSTANCE);
        message.extend_from_slice(&expected);
        assert_eq!(bytes[20..], key().sign(&message));
    }

    #[test]
    fn a_code_is_read_in_lower_case_with_spaces_and_as_the_end_of_an_address() {
        let text = signed();
        let digits = &text[4..];
        let (half, rest) = text.split_at(70);
        for form in [
            text.clone(),
            format!("\u{feff} {text}\r\n"),
            text.to_lowercase(),
            format!("{half}\n {rest}"),
            format!("https://phuong.example/v/{text}"),
            format!("https://phuong.example/v/LL1{digits}"),
            format!("https://phuong.example/v/ll1%3a{}/", digits.to_lowercase()),
            format!("HTTPS://PHUONG.EXAMPLE/V/{text}?nguon=zalo/a#dau"),
        ] {
            let parsed = ParsedCode::parse(&form).unwrap_or_else(|e| panic!("{form}: {e:?}"));
            assert_eq!(parsed.text(), text);
            assert_eq!(parsed.verify(&ring(KeyState::Active)), Ok(sample()));
        }
    }

    #[test]
    fn other_texts_are_told_from_damaged_codes_of_ours() {
        let text = signed();
        for foreign in ["", "   ", "https://zalo.me/123", "0123456789", "LL1", "LL1-2021", "LL2:ABC", "048090001234|"] {
            assert_eq!(ParsedCode::parse(foreign), Err(NotACode::Foreign), "{foreign}");
        }
        assert_eq!(ParsedCode::parse(&"LL1:".repeat(1_000)), Err(NotACode::Foreign));
        let other_format = format!("LL1:{}", BASE32_NOPAD.encode(&[2; 84]));
        for malformed in [&text[..138], &text[..60], "LL1:", "LL1:!!", &format!("{text}A"), &other_format] {
            assert_eq!(ParsedCode::parse(malformed), Err(NotACode::Malformed), "{malformed}");
        }
        let no_colon_cut = format!("https://phuong.example/v/LL1{}", &text[4..130]);
        assert_eq!(ParsedCode::parse(&no_colon_cut), Err(NotACode::Malformed));
    }

    #[test]
    fn a_second_spelling_of_the_same_bytes_is_refused() {
        let text = signed();
        let last = BASE32_NOPAD.specification().symbols;
        let at = last.find(text.chars().last().unwrap()).unwrap();
        assert_eq!(at % 8, 0, "135 symbols hold 675 bits, 3 more than 84 bytes");
        for bits in 1..8 {
            let other = format!("{}{}", &text[..138], &last[at + bits..=at + bits]);
            assert_eq!(ParsedCode::parse(&other), Err(NotACode::Malformed));
        }
    }

    #[test]
    fn keys_that_are_unknown_retired_or_withdrawn_are_told_apart() {
        let parsed = ParsedCode::parse(&signed()).unwrap();
        assert_eq!(parsed.verify(&ring(KeyState::Retired)), Ok(sample()));
        assert_eq!(parsed.verify(&ring(KeyState::Withdrawn)), Err(Unverified::WithdrawnKey));
        assert_eq!(parsed.verify(&KeyRing::new(INSTANCE)), Err(Unverified::UnknownKey));
        let mut elsewhere = KeyRing::new([1; 16]);
        elsewhere.insert(3, key().public_key(), KeyState::Active);
        assert_eq!(parsed.verify(&elsewhere), Err(Unverified::BadSignature));
    }

    #[test]
    fn any_single_flipped_bit_is_noticed() {
        let bytes = BASE32_NOPAD.decode(&signed().as_bytes()[4..]).unwrap();
        let ring = ring(KeyState::Active);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            let outcome =
                ParsedCode::parse(&format!("LL1:{}", BASE32_NOPAD.encode(&bytes))).map(|parsed| parsed.verify(&ring));
            assert!(
                matches!(
                    outcome,
                    Err(NotACode::Malformed) | Ok(Err(Unverified::BadSignature | Unverified::UnknownKey))
                ),
                "bit {bit}: {outcome:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_signed_reads_back_and_verifies(code in any_code(), instance in any::<[u8; 16]>()) {
            let text = code.sign(&key(), &instance);
            let parsed = ParsedCode::parse(&text).unwrap();
            prop_assert_eq!(parsed.unverified(), &code);
            prop_assert_eq!(parsed.verify_with(&key().public_key(), &instance), Ok(code));
            prop_assert_eq!(parsed.text(), text);
        }

        #[test]
        fn no_text_makes_the_reader_fail(text in ".{0,300}") {
            let _ = ParsedCode::parse(&text);
            let _ = ParsedCode::parse(&format!("LL1:{text}"));
        }
    }
}
