//! Finding a household from what a person types: a name without marks, words in any order, a phone in any format.

use crate::kernel::vietnamese::{fold, mark_key};
use crate::kernel::{CitizenId, PhoneNumber};
use crate::vault::{Purpose, Vault};

/// Words of a search that count; a name and an address have fewer.
pub const MAX_WORDS: usize = 8;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Words of name and address, each of which must begin a word of the household's.
    Words {
        /// `like` patterns over the search key.
        folded: Box<[String; MAX_WORDS]>,
        /// `like` patterns over the text with marks; matches of all rank first.
        marked: Box<[String; MAX_WORDS]>,
    },
    /// A phone or id number, by its keyed hash.
    Number {
        /// The hash it has as a phone; empty when it can't be one.
        phone_index: Vec<u8>,
        /// The hash it has as an id number; empty when it can't be one.
        citizen_index: Vec<u8>,
    },
}

/// The text that a search looks through: each word without marks after a space, `y` read as `i` (Lý, Lí).
pub fn search_key(text: &str) -> String {
    format!(" {}", fold(text).replace('y', "i"))
}

impl Search {
    /// Reads what was typed; nothing finds everyone.
    pub fn parse(vault: &Vault, text: &str) -> Self {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let other = text.chars().any(|c| !(c.is_ascii_digit() || " .-+()\u{A0}".contains(c)));
        if digits >= 8 && !other {
            let phone = PhoneNumber::parse(text).ok();
            let citizen_id = CitizenId::parse(text).ok();
            return Self::Number {
                phone_index: phone.map(|p| vault.index(Purpose::Phone, p.as_str())).unwrap_or_default(),
                citizen_index: citizen_id.map(|c| vault.index(Purpose::CitizenId, c.as_str())).unwrap_or_default(),
            };
        }
        Self::Words { folded: patterns(&search_key(text)), marked: patterns(&mark_key(text)) }
    }
}

/// Each word as `% word%`; folded words hold only letters and digits, so none is a wildcard.
fn patterns(key: &str) -> Box<[String; MAX_WORDS]> {
    let mut words = key.split_whitespace();
    Box::new(std::array::from_fn(|_| words.next().map_or_else(|| "%".to_owned(), |word| format!("% {word}%"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Moment};

    fn parse(text: &str) -> Search {
        Search::parse(&Vault::new([1; 32], Clock::fixed(Moment::from_micros(0), 1)), text)
    }

    #[test]
    fn marks_and_case_do_not_matter_and_wildcards_are_plain_text() {
        let Search::Words { folded, .. } = parse("LÝ  hoà%_") else { panic!() };
        assert_eq!(folded[..3], ["% li%".to_owned(), "% hoa%".to_owned(), "%".to_owned()]);
    }

    #[test]
    fn every_way_to_write_a_phone_looks_for_the_same_one() {
        assert_eq!(parse("0905.123.456"), parse("+84 905 123 456"));
        assert!(matches!(parse("0905123456"), Search::Number { .. }));
        assert!(matches!(parse("K197/27"), Search::Words { .. }));
    }
}
