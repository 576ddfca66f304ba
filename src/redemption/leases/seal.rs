//! The manifest's bytes: rows that only who holds the paper can open. Pure; `docs/phone-protocol.md` §4 has the layout.

use std::num::NonZeroU32;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, pbkdf2};

/// Bytes of a manifest's salt.
pub const SALT_LEN: usize = 16;
/// Bytes of a lookup.
pub const LOOKUP_LEN: usize = 6;
/// Bytes of an entry of what is no longer given out.
pub const KNOWN_LEN: usize = LOOKUP_LEN + 5;

const KEY_LEN: usize = 16;
/// PBKDF2 rounds that one manifest costs, whatever its rows: about half a second of one core.
const BUDGET: usize = 3_000_000;
/// Rounds a row at least, and at most: a slow phone's tenth of a second for each typed code.
const ROUNDS: (usize, usize) = (250, 40_000);

/// A manifest's salt and how hard a typed code is to try.
#[derive(Clone, Copy, Debug)]
pub struct Salt {
    /// Random, new with each manifest.
    pub bytes: [u8; SALT_LEN],
    /// Rounds of PBKDF2.
    pub iterations: NonZeroU32,
}

/// What a row tells to who holds the paper.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Index into the manifest's rounds.
    pub round: u8,
    /// The voucher's serial in its round.
    pub serial: u32,
    /// The paper's issue number.
    pub issue: u8,
    pub units_left: u8,
    /// Members of the household.
    pub members: u8,
    /// First day on which the household may receive again, days since 2020-01-01; 0: no wait.
    pub next_on: u16,
    /// The slot's beginning in minutes since 1970; 0: no slot.
    pub slot_at: u32,
    /// The slot's length in minutes.
    pub slot_minutes: u16,
    /// The head of household's name.
    pub name: &'a str,
}

/// How many rounds of PBKDF2 a manifest of so many rows can afford: forty bits are few, so each try is made dear.
pub fn iterations(rows: usize) -> NonZeroU32 {
    let rounds = (BUDGET / rows.max(1)).clamp(ROUNDS.0, ROUNDS.1);
    u32::try_from(rounds).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

struct Opening {
    lookup: [u8; LOOKUP_LEN],
    key: [u8; KEY_LEN],
}

fn expand(salt: &Salt, secret: &[u8], info: &[u8]) -> Opening {
    let mut bytes = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, &salt.bytes)
        .extract(secret)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes))
        .expect("32 bytes are within HKDF's limit");
    // A shorter output of HKDF is the beginning of a longer one: the phone asks for 22 bytes.
    let (mut lookup, mut key) = ([0; LOOKUP_LEN], [0; KEY_LEN]);
    lookup.copy_from_slice(&bytes[..LOOKUP_LEN]);
    key.copy_from_slice(&bytes[LOOKUP_LEN..LOOKUP_LEN + KEY_LEN]);
    Opening { lookup, key }
}

fn by_code(salt: &Salt, code: &[u8]) -> Opening {
    expand(salt, code, b"lalanh-row-v1")
}

fn by_typed_code(salt: &Salt, typed: &str) -> Opening {
    let mut stretched = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, salt.iterations, &salt.bytes, typed.as_bytes(), &mut stretched);
    expand(salt, &stretched, b"lalanh-typed-v1")
}

/// Appends a row: findable and readable with the signed code's 84 bytes, or with the ten typed symbols.
pub fn append_row(out: &mut Vec<u8>, salt: &Salt, row: &Row<'_>, code: &[u8], typed: &str) {
    let (signed, typed) = (by_code(salt, code), by_typed_code(salt, typed));
    let mut clear = [0; 5];
    clear[0] = row.round;
    clear[1..].copy_from_slice(&row.serial.to_be_bytes());
    let mut body = Vec::with_capacity(12 + row.name.len() + AES_128_GCM.tag_len());
    body.extend_from_slice(&[row.issue, row.units_left, row.members, 0]);
    body.extend_from_slice(&row.next_on.to_be_bytes());
    body.extend_from_slice(&row.slot_at.to_be_bytes());
    body.extend_from_slice(&row.slot_minutes.to_be_bytes());
    body.extend_from_slice(row.name.as_bytes());
    let key = UnboundKey::new(&AES_128_GCM, &signed.key).expect("an AES-128 key has 16 bytes");
    // The key is of this row and salt alone, so no nonce is ever used twice with it.
    LessSafeKey::new(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; NONCE_LEN]), Aad::from(clear), &mut body)
        .expect("a row is far below AES-GCM's limit");
    out.extend_from_slice(&clear);
    out.extend_from_slice(&signed.lookup);
    out.extend_from_slice(&typed.lookup);
    out.extend(signed.key.iter().zip(typed.key).map(|(key, mask)| key ^ mask));
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(&body);
}

/// Why a voucher is known as not to be handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAs {
    /// Used up.
    HandedOut = 1,
    /// Voided.
    Void = 2,
    /// Another phone's alone.
    Held = 3,
}

/// Appends an entry of what is no longer given out.
pub fn append_known(out: &mut Vec<u8>, salt: &Salt, code: &[u8], known_as: KnownAs, at_secs: u32) {
    out.extend_from_slice(&by_code(salt, code).lookup);
    out.push(known_as as u8);
    out.extend_from_slice(&at_secs.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = Salt { bytes: *b"muoi-muoi-muoi-1", iterations: NonZeroU32::new(1000).unwrap() };

    fn hex(bytes: &[u8]) -> String {
        data_encoding::HEXLOWER.encode(bytes)
    }

    fn row() -> (Vec<u8>, [u8; 84]) {
        let code = std::array::from_fn(|i| i as u8);
        let row = Row {
            round: 0,
            serial: 340,
            issue: 1,
            units_left: 1,
            members: 4,
            next_on: 0,
            slot_at: 27_136_820,
            slot_minutes: 20,
            name: "Nguyễn Thị Hoa",
        };
        let mut out = Vec::new();
        append_row(&mut out, &SALT, &row, &code, "7G4K2M9QXR");
        (out, code)
    }

    /// Opens a row as a phone does.
    fn open(row: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let mut body = row[35..].to_vec();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key).unwrap());
        let aad = Aad::from(row[..5].to_vec());
        key.open_in_place(Nonce::assume_unique_for_key([0; NONCE_LEN]), aad, &mut body).ok().map(|plain| plain.to_vec())
    }

    #[test]
    fn a_row_opens_with_the_code_or_the_typed_code_and_with_nothing_else() {
        let (row, code) = row();
        let signed = by_code(&SALT, &code);
        assert_eq!(row[5..11], signed.lookup);
        let body = open(&row, &signed.key).unwrap();
        assert_eq!(&body[12..], "Nguyễn Thị Hoa".as_bytes());
        let typed = by_typed_code(&SALT, "7G4K2M9QXR");
        assert_eq!(row[11..17], typed.lookup);
        let key: Vec<u8> = row[17..33].iter().zip(typed.key).map(|(masked, mask)| masked ^ mask).collect();
        assert_eq!(open(&row, &key).unwrap(), body);
        let mut forged = code;
        forged[83] ^= 1;
        assert!(open(&row, &by_code(&SALT, &forged).key).is_none());
        assert!(!row.windows(6).any(|bytes| bytes == "Nguyễn".as_bytes().first_chunk::<6>().unwrap()));
    }

    #[test]
    fn a_row_is_the_protocols() {
        let (row, code) = row();
        assert_eq!(
            hex(&row),
            concat!(
                "0000000154d6f1d5034ff2de7cae0508390b1fafe373d9359f979480bc99984b93",
                "002eb54aed202a83e177c549c18b7a6f620a36d7eb0629cf29ecc87b6ad08d60a2",
                "1b45851477b1231b1ddfe0192defe2"
            )
        );
        let mut known = Vec::new();
        append_known(&mut known, &SALT, &code, KnownAs::HandedOut, 1_628_122_350);
        assert_eq!(hex(&known), "d6f1d5034ff201610b2cee");
    }

    #[test]
    fn few_rows_make_each_try_dear_and_many_stay_affordable() {
        assert_eq!(iterations(57).get(), 40_000);
        assert_eq!(iterations(10_000).get(), 300);
        assert_eq!(iterations(1_000_000).get(), 250);
        assert_eq!(iterations(0).get(), 40_000);
    }
}
