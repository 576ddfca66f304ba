//! The code a person types when a camera fails: 8 random symbols and 2 check symbols, printed `XXXXX-XXXXX`.
//!
//! Symbols are Crockford's base 32 (`0123456789ABCDEFGHJKMNPQRSTVWXYZ`), worth 0 to 31, seen as elements of
//! GF(32) with x⁵ + x² + 1: adding is exclusive or, and doubling is `(v << 1) ^ (v > 15 ? 37 : 0)`. With a = 2
//! and the ten symbols c₀ … c₉ read as a polynomial, highest power first, a code is right when it is zero at
//! both a and a²:
//!
//! ```text
//! s = 0; t = 0
//! for c in c₀ … c₉:  s = double(s) ^ c;  t = double(double(t)) ^ c
//! right when s == 0 and t == 0
//! ```
//!
//! That is a shortened Reed–Solomon code with the generator (x + a)(x + a²) = x² + 6x + 8, whose words differ in
//! at least three places. So it misses no wrong symbol and no *two* wrong symbols, wherever they are: every swap
//! of neighbours and every jump swap (ABC → CBA) is among them. Of heavier damage one in 1,024 is missed. The
//! check symbols are the remainder of c₀x⁹ + … + c₇x² by the generator:
//!
//! ```text
//! p = 0; q = 0
//! for c in c₀ … c₇:  f = c ^ p;  p = q ^ times6(f);  q = times8(f)
//! c₈ = p; c₉ = q          times6(f) = double(double(f)) ^ double(f);  times8(f) = double(double(double(f)))
//! ```

use std::fmt;

use crate::kernel::Clock;
use crate::kernel::message::Invalid;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM: usize = 8;
const LEN: usize = 10;

/// A typed code whose check symbols are right. Compares and hashes by its ten symbols.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypedCode {
    /// ASCII, upper case.
    symbols: [u8; LEN],
}

impl TypedCode {
    /// A new code: 40 random bits.
    pub fn random(clock: &Clock) -> Self {
        let bits = u64::from_be_bytes(clock.bytes());
        Self::from_bits(bits)
    }

    /// The code of the low 40 bits.
    fn from_bits(bits: u64) -> Self {
        let mut values = [0; LEN];
        for (i, value) in values[..RANDOM].iter_mut().enumerate() {
            *value = (bits >> (5 * (RANDOM - 1 - i)) & 31) as u8;
        }
        [values[8], values[9]] = check_symbols(&values);
        Self { symbols: values.map(|v| SYMBOLS[usize::from(v)]) }
    }

    /// Reads what a person typed: either case, spaces and dashes anywhere, O for 0, I or L for 1. A wrong length,
    /// a sign that is no symbol and wrong check symbols are told apart by the reason's code.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut values = [0; LEN];
        let mut count = 0;
        for c in text.chars().filter(|c| !is_separator(*c)) {
            let value = value_of(c).ok_or(NO_SYMBOL)?;
            *values.get_mut(count).ok_or(WRONG_LENGTH)? = value;
            count += 1;
        }
        if count != LEN {
            return Err(WRONG_LENGTH);
        }
        if syndromes(&values) != (0, 0) {
            return Err(WRONG_CHECK);
        }
        Ok(Self { symbols: values.map(|v| SYMBOLS[usize::from(v)]) })
    }

    /// The ten symbols without the dash: the form to store and to look up.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.symbols).expect("symbols are ASCII")
    }
}

impl fmt::Display for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.as_str().split_at(LEN / 2);
        write!(f, "{left}-{right}")
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TypedCode({self})")
    }
}

const WRONG_LENGTH: Invalid = Invalid::fixed(
    "typed_code_length",
    "Mã phiếu có 10 ký tự, chia hai nhóm 5 ký tự. Hãy đếm và nhập lại.",
    "A voucher's typed code has 10 symbols in two groups of 5. Count them and type it again.",
);
const NO_SYMBOL: Invalid = Invalid::fixed(
    "typed_code_symbol",
    "Mã phiếu chỉ gồm chữ số và chữ cái không dấu, không có chữ U. Hãy xem lại phiếu và nhập lại.",
    "A voucher's typed code has only digits and plain letters, and never U. Look at the paper and type it again.",
);
const WRONG_CHECK: Invalid = Invalid::fixed(
    "typed_code_check",
    "Mã phiếu nhập sai ít nhất một ký tự. Hãy so lại từng ký tự với phiếu.",
    "At least one symbol of the voucher's typed code is wrong. Compare it with the paper, symbol by symbol.",
);

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}')
}

fn value_of(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    SYMBOLS.iter().position(|s| char::from(*s) == c).and_then(|at| u8::try_from(at).ok())
}

const fn double(v: u8) -> u8 {
    (v << 1) ^ if v > 15 { 0b10_0101 } else { 0 }
}

fn check_symbols(values: &[u8; LEN]) -> [u8; 2] {
    let (mut p, mut q) = (0, 0);
    for value in &values[..RANDOM] {
        let f = value ^ p;
        let (f2, f4) = (double(f), double(double(f)));
        p = q ^ f4 ^ f2;
        q = double(f4);
    }
    [p, q]
}

fn syndromes(values: &[u8; LEN]) -> (u8, u8) {
    values.iter().fold((0, 0), |(s, t), value| (double(s) ^ value, double(double(t)) ^ value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::Moment;

    fn code_of(text: &[u8; LEN]) -> Result<TypedCode, Invalid> {
        TypedCode::parse(std::str::from_utf8(text).unwrap())
    }

    #[test]
    fn known_codes_keep_their_check_symbols() {
        assert_eq!(TypedCode::from_bits(0).to_string(), "00000-00000");
        assert_eq!(TypedCode::from_bits(1).to_string(), "00000-00168");
        assert_eq!(TypedCode::from_bits(0x00_1234_5678_9abc_def0 & 0xff_ffff_ffff).as_str().len(), 10);
    }

    #[test]
    fn a_code_is_read_the_ways_people_type_it() {
        let code = TypedCode::parse("00000-00168").unwrap();
        for form in ["0000000168", " 00000 00168 ", "ooooo-ooi68", "OOOOO–OOL68", "00 00 0-0 01 68"] {
            assert_eq!(TypedCode::parse(form), Ok(code), "{form}");
        }
        assert_eq!(TypedCode::parse("00000-0016").unwrap_err().code, "typed_code_length");
        assert_eq!(TypedCode::parse("00000-001680").unwrap_err().code, "typed_code_length");
        assert_eq!(TypedCode::parse("").unwrap_err().code, "typed_code_length");
        assert_eq!(TypedCode::parse("00000-0U168").unwrap_err().code, "typed_code_symbol");
        assert_eq!(TypedCode::parse("00000-0Đ168").unwrap_err().code, "typed_code_symbol");
        assert_eq!(TypedCode::parse("00000-00186").unwrap_err().code, "typed_code_check");
    }

    /// The code is linear: a damaged code passes exactly when the damage itself is a code. So trying every damage
    /// against the zero code tries it against all 2⁴⁰ codes.
    #[test]
    fn every_one_and_every_two_wrong_symbols_are_caught_in_every_code() {
        let mut tried = 0;
        for i in 0..LEN {
            for j in i..LEN {
                for a in 1..32 {
                    for b in 1..32 {
                        let mut damage = [0; LEN];
                        damage[i] = a;
                        damage[j] = b;
                        assert_ne!(syndromes(&damage), (0, 0), "{damage:?}");
                        tried += 1;
                    }
                }
            }
        }
        assert_eq!(tried, 55 * 31 * 31);
    }

    #[test]
    fn codes_made_together_differ() {
        let clock = Clock::fixed(Moment::from_micros(0), 11);
        let codes: std::collections::HashSet<_> = (0..10_000).map(|_| TypedCode::random(&clock)).collect();
        assert_eq!(codes.len(), 10_000);
    }

    proptest! {
        #[test]
        fn every_code_reads_back(bits in any::<u64>()) {
            let code = TypedCode::from_bits(bits);
            prop_assert_eq!(TypedCode::parse(&code.to_string()), Ok(code));
            prop_assert_eq!(TypedCode::parse(&code.as_str().to_lowercase()), Ok(code));
        }

        #[test]
        fn any_wrong_symbol_is_told(bits in any::<u64>(), at in 0..LEN, symbol in 0..32_usize) {
            let mut text = TypedCode::from_bits(bits).symbols;
            prop_assume!(text[at] != SYMBOLS[symbol]);
            text[at] = SYMBOLS[symbol];
            prop_assert_eq!(code_of(&text).unwrap_err().code, "typed_code_check");
        }

        #[test]
        fn any_swap_is_told(bits in any::<u64>(), i in 0..LEN, j in 0..LEN) {
            let mut text = TypedCode::from_bits(bits).symbols;
            prop_assume!(text[i] != text[j]);
            text.swap(i, j);
            prop_assert_eq!(code_of(&text).unwrap_err().code, "typed_code_check");
        }

        #[test]
        fn no_text_makes_the_reader_fail(text in ".{0,40}") {
            let _ = TypedCode::parse(&text);
        }
    }
}
