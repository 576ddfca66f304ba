//! Vietnamese text as people type it: cleaned for storage, folded for search, sorted by given name.
//!
//! Promises: every function takes any text without panicking, and [`clean`], [`fold`], [`mark_key`] and
//! [`address_key`] give the same answer when run on their own answer. Nothing here is lost on emoji or
//! HTML: they stay plain text.

mod address;
mod legacy;
mod order;
mod similar;
mod syllable;

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use address::address_key;
pub use legacy::{LegacyEncoding, Repair, decode_legacy, detect_legacy, repair};
pub use order::{natural_key, sort_key};
pub use similar::name_similarity;
pub use syllable::is_vietnamese_syllable;

/// Text fit for storage: NFC, faux letters replaced (Ð U+00D0 is not Đ U+0110), white space collapsed, control
/// and zero-width characters gone.
pub fn clean(text: &str) -> String {
    if is_clean(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfc().map(true_letter) {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if is_invisible(c) && !(c == '\u{200D}' && out.chars().next_back().is_some_and(|p| p >= '\u{2190}')) {
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    while out.ends_with('\u{200D}') {
        out.pop();
    }
    // Removing a character can bring a letter and its mark together.
    if unicode_normalization::is_nfc(&out) { out } else { clean(&out.nfc().collect::<String>()) }
}

/// Whether [`clean`] would change nothing: the common case, told without composing anything.
fn is_clean(text: &str) -> bool {
    let mut after_space = true;
    for c in text.chars() {
        if c == ' ' {
            if after_space {
                return false;
            }
            after_space = true;
            continue;
        }
        after_space = false;
        // Letters and signs of Latin scripts that are composed already and stand for themselves.
        let plain = matches!(c, '!'..='~' | '\u{00A1}'..='\u{00AC}' | '\u{00AE}'..='\u{00CF}' | '\u{00D1}'..='\u{00EF}'
            | '\u{00F1}'..='\u{0188}' | '\u{018A}'..='\u{024F}' | '\u{1E00}'..='\u{1E99}' | '\u{1EA0}'..='\u{1EF9}');
        if !plain {
            return false;
        }
    }
    text.is_empty() || !after_space
}

/// Letters that look like Đ and đ and are others.
fn true_letter(c: char) -> char {
    match c {
        '\u{00D0}' | '\u{0189}' => 'Đ',
        '\u{00F0}' => 'đ',
        other => other,
    }
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// The letters of one text, lower case and without any mark; `đ` is not a marked letter and is folded by hand.
fn bare_letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_invisible(*c))
        .map(|c| if c == 'đ' || c == '\u{00F0}' || c == '\u{0256}' { 'd' } else { c })
}

/// A name inside a sentence: `Gạo` → `gạo`; `KDC` stays.
pub fn uncapitalised(name: &str) -> String {
    let mut chars = name.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => name.to_owned(),
    }
}

/// The search key: lower case, no marks, đ as d, every run of anything but letters and digits one space.
///
/// `Hòa`, `Hoà` and `HOA` all give `hoa`.
pub fn fold(text: &str) -> String {
    let known = |c: char| (u32::from(c) < FOLDED_TO).then(|| FOLDED[u32::from(c) as usize]).flatten();
    if text.chars().all(|c| known(c).is_some()) {
        return spaced(text.chars().filter_map(known), text.len());
    }
    spaced(bare_letters(text), text.len())
}

/// Where Latin letters with Vietnamese marks end.
const FOLDED_TO: u32 = 0x1F00;

/// What each character below [`FOLDED_TO`] folds to, where that is one character whatever stands beside it.
static FOLDED: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
    let one = |code: u32| {
        let c = char::from_u32(code)?;
        let mut folded = bare_letters(c.encode_utf8(&mut [0; 4])).collect::<Vec<_>>().into_iter();
        match (folded.next(), folded.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    };
    (0..FOLDED_TO).map(one).collect()
});

/// Keeps letters and digits, writes one space for whatever stands between them. `room` is a guess at the bytes.
fn spaced(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut out = String::with_capacity(room);
    let mut gap = false;
    for c in chars {
        if c.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        } else {
            gap = true;
        }
    }
    out
}

/// The key that keeps marks but not their placement: `hòa` and `hoà` are equal, `hoa` is another word.
///
/// For ranking matches that carry the same marks first. Lower case, punctuation folded as in [`fold`].
pub fn mark_key(text: &str) -> String {
    let lower: String = clean(text).to_lowercase().nfc().map(true_letter).collect();
    let mut chars: Vec<char> = lower.chars().filter(|c| !is_invisible(*c)).collect();
    for i in 0..chars.len().saturating_sub(1) {
        let before = i.checked_sub(1).map(|b| chars[b]);
        let (first, tone) = split_tone(chars[i]);
        let Some(tone) = tone else { continue };
        let second = chars[i + 1];
        let moves = matches!((first, second), ('o', 'a' | 'e') | ('u', 'y'))
            || (before == Some('q') && first == 'u' && matches!(second, 'a' | 'e' | 'â' | 'ê' | 'ă' | 'ơ' | 'i'))
            || (before == Some('g') && first == 'i' && matches!(second, 'a' | 'o' | 'u' | 'ơ' | 'ư' | 'ô'));
        if moves {
            chars[i] = first;
            chars[i + 1] = with_tone(second, tone);
        }
    }
    spaced_marked(chars.into_iter())
}

/// As [`spaced`], but a mark that found no letter to sit on is kept beside it.
fn spaced_marked(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in chars {
        if c.is_alphanumeric() || (is_combining_mark(c) && !out.is_empty() && !gap) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        } else {
            gap = true;
        }
    }
    out
}

/// The five written tones as combining marks: huyền, hỏi, ngã, sắc, nặng, in the order dictionaries use.
const TONES: [char; 5] = ['\u{0300}', '\u{0309}', '\u{0303}', '\u{0301}', '\u{0323}'];

/// A letter without its tone (ế gives ê), and the tone as a combining mark.
fn split_tone(c: char) -> (char, Option<char>) {
    if c.is_ascii() {
        return (c, None);
    }
    TONED.get((u32::from(c) as usize).wrapping_sub(TONED_FROM)).copied().unwrap_or_else(|| split_any_tone(c))
}

/// The first letter with a mark, À.
const TONED_FROM: usize = 0xC0;

/// [`split_any_tone`] of every letter from À on that lists hold.
static TONED: LazyLock<Vec<(char, Option<char>)>> = LazyLock::new(|| {
    let code = |at: usize| u32::try_from(at).ok().and_then(char::from_u32).unwrap_or(' ');
    (TONED_FROM..FOLDED_TO as usize).map(|at| split_any_tone(code(at))).collect()
});

fn split_any_tone(c: char) -> (char, Option<char>) {
    let mut tone = None;
    let letter: String = std::iter::once(c)
        .nfd()
        .filter(|m| {
            let is_tone = TONES.contains(m);
            if is_tone {
                tone = Some(*m);
            }
            !is_tone
        })
        .collect();
    let mut composed = letter.nfc();
    match (composed.next(), composed.next()) {
        (Some(base), None) => (base, tone),
        _ => (c, None),
    }
}

/// A letter with a tone put on it; the letter alone when Unicode has no such letter.
fn with_tone(letter: char, tone: char) -> char {
    let mut composed = [letter, tone].into_iter().nfc();
    match (composed.next(), composed.next()) {
        (Some(whole), None) => whole,
        _ => letter,
    }
}

/// Whether a text carries any Vietnamese mark or đ.
pub fn has_marks(text: &str) -> bool {
    !text.is_ascii() && text.nfd().any(|c| is_combining_mark(c) || matches!(c, 'đ' | 'Đ' | '\u{00D0}' | '\u{00F0}'))
}

/// A name as it is written: `TRẦN THỊ Ý` and `trần thị ý` give `Trần Thị Ý`; a name in mixed case stays.
pub fn title_case(name: &str) -> String {
    let name = clean(name);
    let has_upper = name.chars().any(char::is_uppercase);
    let has_lower = name.chars().any(char::is_lowercase);
    if has_upper == has_lower {
        return name;
    }
    let mut out = String::with_capacity(name.len());
    let mut starts = true;
    for c in name.chars() {
        if starts {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        starts = !c.is_alphanumeric() && !is_combining_mark(c);
    }
    clean(&out)
}

#[cfg(test)]
mod tests;
