//! Vietnamese alphabetical order of names.

use super::{TONES, clean, fold, split_tone};

/// The Vietnamese alphabet with the Latin letters it lacks in their usual place.
const ALPHABET: [char; 33] = [
    'a', 'ă', 'â', 'b', 'c', 'd', 'đ', 'e', 'ê', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'ô', 'ơ', 'p', 'q',
    'r', 's', 't', 'u', 'ư', 'v', 'w', 'x', 'y', 'z',
];

/// The key under which names sort by given name (the last word), then by the other words from the first on.
///
/// Compare keys byte by byte (`collate "C"` on PostgreSQL). Letters come first, tones decide between words of the
/// same letters, in the order ngang, huyền, hỏi, ngã, sắc, nặng.
pub fn sort_key(name: &str) -> String {
    let name = clean(name).to_lowercase();
    let mut words: Vec<&str> = name.split(' ').filter(|w| !w.is_empty()).collect();
    if let Some(given) = words.pop() {
        words.insert(0, given);
    }
    let mut key = String::with_capacity(name.len() * 2);
    for word in words {
        let mut tones = String::new();
        for c in word.chars() {
            let (letter, tone) = split_tone(c);
            push_letter(&mut key, letter);
            let rank = tone.and_then(|t| TONES.iter().position(|known| *known == t)).map_or(0, |at| at + 1);
            tones.push(char::from(b'0' + rank as u8));
        }
        // A space sorts before every letter and digit, so that a shorter word comes first.
        key.push(' ');
        key.push_str(&tones);
        key.push(' ');
    }
    key.truncate(key.trim_end().len());
    key
}

/// The key under which names of places sort: marks forgiven, numbers by their value, so that `Tổ 2` comes before `Tổ 10`.
pub fn natural_key(name: &str) -> String {
    let folded = fold(name);
    let mut key = String::with_capacity(folded.len() + 8);
    let mut digits = String::new();
    for c in folded.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>9}"));
            digits.clear();
        }
        key.push(c);
    }
    key.truncate(key.trim_end().len());
    key
}

/// Digits keep their place before letters; letters become 'A'… by their rank; anything else follows them.
fn push_letter(key: &mut String, letter: char) {
    if letter.is_ascii_digit() {
        key.push(letter);
    } else if let Some(rank) = ALPHABET.iter().position(|known| *known == letter) {
        key.push(char::from(b'A' + rank as u8));
    } else {
        key.push('~');
        key.push(letter);
    }
}
