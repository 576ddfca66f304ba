//! Amounts in Vietnamese words, as receipts and signed lists must show them (Circular 41/2022/TT-BTC).
//!
//! Read in groups of three digits. After a ten, 1 is *mốt*, 4 is *tư* and 5 is *lăm*; a missing ten is *linh*,
//! and a missing hundred inside a number is read *không trăm*. Groups of zeros are not read.

use super::Dong;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// A number in words, in lower case: 2540 is `hai nghìn năm trăm bốn mươi`.
pub fn number_in_words(n: i64) -> String {
    let mut words = Vec::new();
    if n < 0 {
        words.push("âm");
    }
    if n == 0 {
        words.push(DIGITS[0]);
    }
    push_number(&mut words, n.unsigned_abs(), false);
    words.join(" ")
}

impl Dong {
    /// The amount in words, as a sentence begins: `Năm trăm tám mươi triệu bốn trăm năm mươi nghìn đồng`.
    pub fn in_words(self) -> String {
        let words = number_in_words(self.0);
        let mut chars = words.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{} đồng", chars.as_str())
    }
}

/// Pushes the words of `n`; `inside` when digits were read before it, so that missing hundreds are said.
fn push_number(words: &mut Vec<&'static str>, n: u64, inside: bool) {
    const BILLION: u64 = 1_000_000_000;
    let mut inside = inside;
    if n >= BILLION {
        push_number(words, n / BILLION, inside);
        words.push("tỷ");
        inside = true;
    }
    for (group, unit) in [(n / 1_000_000 % 1000, Some("triệu")), (n / 1000 % 1000, Some("nghìn")), (n % 1000, None)]
    {
        if group > 0 {
            push_group(words, group, inside);
            words.extend(unit);
            inside = true;
        }
    }
}

/// Pushes the words of 1 to 999.
fn push_group(words: &mut Vec<&'static str>, group: u64, inside: bool) {
    let digit = |n: u64| DIGITS[(n % 10) as usize];
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    let said_hundreds = hundreds > 0 || inside;
    if said_hundreds {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if ones > 0 && said_hundreds => words.push("linh"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(ones)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_a_vietnamese_clerk_reads_them() {
        for (n, words) in [
            (0, "không"),
            (4, "bốn"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (14, "mười bốn"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi tư"),
            (25, "hai mươi lăm"),
            (55, "năm mươi lăm"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (104, "một trăm linh bốn"),
            (105, "một trăm linh năm"),
            (110, "một trăm mười"),
            (121, "một trăm hai mươi mốt"),
            (1_000, "một nghìn"),
            (1_005, "một nghìn không trăm linh năm"),
            (1_010, "một nghìn không trăm mười"),
            (2_540, "hai nghìn năm trăm bốn mươi"),
            (228_524, "hai trăm hai mươi tám nghìn năm trăm hai mươi tư"),
            (1_000_000, "một triệu"),
            (1_000_001, "một triệu không trăm linh một"),
            (1_024_230, "một triệu không trăm hai mươi tư nghìn hai trăm ba mươi"),
            (1_286_010_000, "một tỷ hai trăm tám mươi sáu triệu không trăm mười nghìn"),
            (5_000_000_000_000, "năm nghìn tỷ"),
            (-15_000, "âm mười lăm nghìn"),
        ] {
            assert_eq!(number_in_words(n), words, "{n}");
        }
    }

    #[test]
    fn money_in_words_begins_with_a_capital_and_ends_with_the_unit() {
        assert_eq!(Dong(580_450_000).in_words(), "Năm trăm tám mươi triệu bốn trăm năm mươi nghìn đồng");
        assert_eq!(Dong(0).in_words(), "Không đồng");
        assert_eq!(Dong(-1_000).in_words(), "Âm một nghìn đồng");
    }

    /// Reads words back, by other means: every word has a value, and units multiply what was gathered.
    fn read(words: &str) -> i128 {
        let (mut total, mut millions, mut group, mut digit) = (0_i128, 0_i128, 0_i128, 0_i128);
        let mut sign = 1;
        for word in words.split(' ') {
            match word {
                "âm" => sign = -1,
                "trăm" => (group, digit) = (digit * 100, 0),
                "mươi" => (group, digit) = (group + digit * 10, 0),
                "mười" => group += 10,
                "linh" => {}
                "mốt" => digit = 1,
                "tư" => digit = 4,
                "lăm" => digit = 5,
                "nghìn" => (millions, group, digit) = (millions + (group + digit) * 1_000, 0, 0),
                "triệu" => (millions, group, digit) = (millions + (group + digit) * 1_000_000, 0, 0),
                "tỷ" => {
                    total = (total + millions + group + digit) * 1_000_000_000;
                    (millions, group, digit) = (0, 0, 0);
                }
                word => digit = DIGITS.iter().position(|d| *d == word).unwrap() as i128,
            }
        }
        sign * (total + millions + group + digit)
    }

    proptest! {
        #[test]
        fn words_say_the_number_they_were_made_from(n in prop_oneof![any::<i64>(), -2_000_000_i64..2_000_000]) {
            prop_assert_eq!(read(&number_in_words(n)), i128::from(n));
        }
    }
}
