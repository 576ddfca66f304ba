//! The key under which two spellings of one address meet.

use super::{clean, fold, has_marks, mark_key};

/// The key of an address: `Kiệt 197/27 Trần Cao Vân`, `K197/27 TRẦN CAO VÂN` and `k.197/27, đường Trần Cao Vân`
/// give the same one; so do `Tổ 03` and `tổ dân phố 3`, `Số 41 …` and `41 …`.
///
/// Words for street and house are dropped, alleys and neighbourhoods get one name, leading zeros go, and so do a
/// district, city or country at the end.
pub fn address_key(address: &str) -> String {
    let address = clean(address);
    let marked = has_marks(&address);
    let mut words: Vec<String> = Vec::new();
    for (i, part) in address.split([',', ';']).enumerate() {
        if i > 0 && names_the_city(part, marked) {
            break;
        }
        words.extend(part_words(part));
    }
    loop {
        let shorter = one_name_each(&words);
        if shorter == words {
            return words.join(" ");
        }
        words = shorter;
    }
}

/// The folded words of one part; house numbers keep their slashes: `197 / 27` is one word.
fn part_words(part: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut joins = false;
    for piece in with_slashes(part).split_inclusive('/') {
        let mut first = true;
        for bare in fold(piece).split(' ').filter(|word| !word.is_empty()).flat_map(letters_and_number) {
            let word = without_zeros(bare);
            match words.last_mut() {
                Some(last) if first && joins && starts_with_digit(last) && starts_with_digit(&word) => {
                    last.push('/');
                    last.push_str(&word);
                }
                _ => words.push(word),
            }
            first = false;
        }
        joins = piece.ends_with('/');
    }
    words
}

/// The part with one sign between the numbers of alleys: `197\27` and `197-27` are `197/27`.
fn with_slashes(part: &str) -> String {
    let chars: Vec<char> = part.chars().collect();
    let between_digits =
        |i: usize| i > 0 && chars[i - 1].is_ascii_digit() && chars.get(i + 1).is_some_and(char::is_ascii_digit);
    let one = |(i, c): (usize, &char)| match c {
        '\\' => '/',
        '-' if between_digits(i) => '/',
        c => *c,
    };
    chars.iter().enumerate().map(one).collect()
}

/// `03` and `3` are one number.
fn without_zeros(word: &str) -> String {
    let short = word.trim_start_matches('0');
    match (starts_with_digit(word), starts_with_digit(short)) {
        (false, _) => word.to_owned(),
        (true, true) => short.to_owned(),
        (true, false) => format!("0{short}"),
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `k197` is an alley and a number; `12a` is one house number.
fn letters_and_number(word: &str) -> Vec<&str> {
    let Some(at) = word.find(|c: char| c.is_ascii_digit()) else { return vec![word] };
    let prefix = &word[..at];
    if matches!(prefix, "k" | "kiet" | "to" | "kdc" | "tdp" | "sn" | "so") {
        vec![prefix, &word[at..]]
    } else {
        vec![word]
    }
}

/// A part such as `quận Thanh Khê` or `TP. Đà Nẵng`, which lists leave out as often as not. Marks tell `quận` from
/// a place called `Quán …`, where the address has any.
fn names_the_city(part: &str, marked: bool) -> bool {
    let key = if marked { mark_key(part) } else { fold(part) };
    let words: Vec<&str> = key.split(' ').collect();
    let is = |i: usize, with: &str, without: &str| words.get(i) == Some(if marked { &with } else { &without });
    is(0, "quận", "quan")
        || is(0, "q", "q")
        || is(0, "tp", "tp")
        || is(0, "tỉnh", "tinh")
        || (is(0, "thành", "thanh") && is(1, "phố", "pho"))
        || (is(0, "đà", "da") && is(1, "nẵng", "nang") && words.len() == 2)
        || (is(0, "việt", "viet") && is(1, "nam", "nam") && words.len() == 2)
}

/// Gives alleys, groups and neighbourhoods one name each and drops words that only say "house" or "street".
fn one_name_each(words: &[String]) -> Vec<String> {
    let is = |i: usize, word: &str| words.get(i).is_some_and(|w| w == word);
    let number = |i: usize| words.get(i).is_some_and(|w| starts_with_digit(w));
    let mut out = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        let (name, used) = if is(i, "to") && is(i + 1, "dan") && is(i + 2, "pho") {
            (Some("to"), 3)
        } else if is(i, "khu") && is(i + 1, "dan") && is(i + 2, "cu") {
            (Some("kdc"), 3)
        } else if is(i, "tdp") {
            (Some("to"), 1)
        } else if is(i, "kiet") && number(i + 1) {
            (Some("k"), 1)
        } else if number(i + 2) && (is(i, "so") && is(i + 1, "nha") || is(i, "nha") && is(i + 1, "so")) {
            (None, 2)
        } else if number(i + 1) && (is(i, "so") || is(i, "sn"))
            || i + 1 < words.len() && !number(i + 1) && (is(i, "duong") || is(i, "d"))
        {
            (None, 1)
        } else {
            (Some(words[i].as_str()), 1)
        };
        if let Some(name) = name.filter(|n| !n.is_empty()) {
            out.push(name.to_owned());
        }
        i += used;
    }
    out
}
