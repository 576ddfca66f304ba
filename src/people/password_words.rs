//! Passwords that are guessed first: a common one, or a word that everybody connects with the program, the ward or the
//! login, with digits around it. Only the whole counts: a sentence may hold any of these words, and no kind of character is
//! asked for (NIST SP 800-63B, 3.1.1.2).

use std::collections::HashSet;
use std::sync::LazyLock;

use super::store::places;
use crate::http::{Core, Result};
use crate::kernel::vietnamese::fold;

/// Common words, made of letters and digits without marks.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../assets/common-passwords.txt").lines().filter(|line| !line.starts_with('#')).collect()
});
/// So many words behind each other are still a word.
const WORDS_MAX: usize = 3;
/// A text that repeats so few characters is one.
const UNIT_MAX: usize = 4;

/// The words that belong to one login.
#[derive(Debug, Default)]
pub struct OwnWords(Vec<String>);

impl OwnWords {
    /// Those of a login with this name in the ward that is set up.
    pub async fn of(core: &Core, username: &str) -> Result<Self> {
        let wards = places::ward_names(&mut core.db.read().await?).await?;
        let kinds = ["phuong ", "xa ", "thi tran "];
        let mut words = vec![letters(username)];
        for ward in wards.iter().map(|name| fold(name)) {
            words.extend(kinds.iter().filter_map(|kind| ward.strip_prefix(kind)).map(letters));
            words.push(letters(&ward));
        }
        words.extend(username.split(['.', '-', '_']).map(letters).filter(|word| word.len() >= 3));
        words.retain(|word| !word.is_empty());
        Ok(Self(words))
    }

    /// Whether a password is one that would be guessed first.
    pub(super) fn make(&self, password: &str) -> bool {
        let texts = [letters(password), letters(&plain(password)), plain_letters(password)];
        texts.iter().any(|text| self.is_easy(text)) || (fold(password).is_empty() && repeats(password).is_some())
    }

    fn is_easy(&self, text: &str) -> bool {
        let core = text.trim_matches(|c: char| c.is_ascii_digit());
        if text.is_empty() {
            return false;
        }
        // Digits alone are a day, a phone or an id number.
        core.is_empty()
            || is_run(text)
            || repeats(text).is_some_and(|unit| unit.chars().count() <= UNIT_MAX || self.is_made_of_words(unit))
            || self.is_made_of_words(text)
            || self.is_made_of_words(core)
    }

    fn is_made_of_words(&self, text: &str) -> bool {
        let is_word = |part: &str| COMMON.contains(part) || self.0.iter().any(|word| word == part);
        // How few words end at each byte.
        let mut fewest: Vec<Option<usize>> = vec![None; text.len() + 1];
        fewest[0] = Some(0);
        for end in 1..=text.len() {
            let ways = (0..end).filter_map(|start| {
                let part = text.get(start..end)?;
                fewest[start].filter(|words| *words < WORDS_MAX && is_word(part)).map(|words| words + 1)
            });
            fewest[end] = ways.min();
        }
        fewest[text.len()].is_some()
    }
}

/// Letters and digits without marks, in lower case, nothing between them.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| *c != ' ').collect()
}

/// Digits and signs that stand for letters, as letters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '3' => 'e',
            '1' | '!' => 'i',
            '0' => 'o',
            '$' | '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// The same of a text without the digits behind it, which stand for themselves.
fn plain_letters(text: &str) -> String {
    letters(&plain(text.trim_end_matches(|c: char| !c.is_alphabetic())))
}

/// The shortest text that this one repeats at least twice.
fn repeats(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(at, _)| at).filter(|at| (1..=text.len() / 2).contains(at));
    ends.map(|at| &text[..at])
        .find(|unit| text.as_bytes().chunks(unit.len()).all(|part| unit.as_bytes().starts_with(part)))
}

/// Whether each character is the next of the one before, or each the one before it.
fn is_run(text: &str) -> bool {
    let codes: Vec<u32> = text.chars().map(u32::from).collect();
    let steps = |by: i64| codes.windows(2).all(|pair| i64::from(pair[1]) - i64::from(pair[0]) == by);
    codes.len() > 1 && (steps(1) || steps(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> OwnWords {
        OwnWords(["lantran", "phuongthanhkhetay", "thanhkhetay"].map(str::to_owned).into())
    }

    #[test]
    fn a_common_word_with_digits_around_it_is_refused_however_it_is_written() {
        for easy in [
            "matkhau12345",
            "Mật Khẩu 2024",
            "MATKHAU@12345",
            "P@ssw0rd1234",
            "passw0rd!2024",
            "password1234",
            "quantri123456",
            "Lá Lành 2021!",
            "lan.tran123456",
            "Phường Thanh Khê Tây",
            "thanh-khe-tay-2021",
            "phuong-admin-2024",
            "1q2w3e4r5t6y",
            "qwertyuiop12",
            "anhyeuem2024",
            "12matkhau3456",
        ] {
            assert!(own().make(easy), "{easy}");
        }
    }

    #[test]
    fn numbers_runs_and_repetitions_are_refused() {
        for easy in [
            "123456789012",
            "048301000123",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "matkhaumatkhau",
            "............",
            "110011001100",
        ] {
            assert!(own().make(easy), "{easy}");
        }
    }

    #[test]
    fn sentences_and_random_passwords_pass_whatever_they_are_made_of() {
        for fine in [
            "lá lành đùm lá rách",
            "la-lanh-dum-la-rach",
            "một cây làm chẳng nên non",
            "k7qw-2m4x-pa3d",
            "mật khẩu của bà Bảy",
            "chợ không đồng họp sáng thứ bảy",
            "phường mình có sáu cây phượng",
            "tr0ub4dor&3xyz",
            "correct horse battery staple",
            "пароль для рынка",
            "一二三四五六七八九十百千",
        ] {
            assert!(!own().make(fine), "{fine}");
        }
    }

    #[test]
    fn the_list_holds_words_as_they_are_compared() {
        for word in COMMON.iter() {
            assert_eq!(letters(word), **word);
        }
        assert!(COMMON.len() > 300);
    }
}
