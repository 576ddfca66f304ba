//! Text of the time before Unicode: TCVN3 (the ABC fonts) and VNI, as they lie in old Excel files.
//!
//! Such text arrives as Latin letters and symbols (`NguyÔn V¨n`, `Nguyeãn Vaên`) that only the old font shows
//! right. [`repair`] mends one text on its own evidence and never touches text that is already good: it acts only
//! when the text holds a word that can't be Vietnamese, none of the letters that only Unicode has, and reading it
//! in an old encoding makes every accented word a Vietnamese syllable.

use unicode_normalization::UnicodeNormalization;

use super::is_vietnamese_syllable;

/// An encoding of Vietnamese from before Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyEncoding {
    /// TCVN 5712:1993 VN3, the `.Vn…` fonts.
    Tcvn3,
    /// VNI for Windows, the `VNI-…` fonts: a mark is a letter of its own after the vowel.
    Vni,
}

/// A text that was in an old encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The text in Unicode.
    pub text: String,
    /// What it was in.
    pub encoding: LegacyEncoding,
}

/// The text in Unicode when it is surely TCVN3 or VNI, nothing when it is good or in doubt.
pub fn repair(text: &str) -> Option<Repair> {
    let encoding = detect_legacy(text)?;
    Some(Repair { text: decode_legacy(text, encoding), encoding })
}

/// Which old encoding a text is surely in.
pub fn detect_legacy(text: &str) -> Option<LegacyEncoding> {
    if text.is_ascii() || text.chars().any(|c| u32::from(c) > 0xFF) {
        return None;
    }
    if accented_words(text).all(is_vietnamese_syllable) {
        return None;
    }
    [LegacyEncoding::Tcvn3, LegacyEncoding::Vni].into_iter().find(|encoding| explains(text, *encoding))
}

/// Whether reading `text` in `encoding` makes each of its accented words a Vietnamese syllable, at least one of
/// them of more than a lone symbol.
fn explains(text: &str, encoding: LegacyEncoding) -> bool {
    let mut convincing = false;
    for word in accented_words(text) {
        if !is_vietnamese_syllable(&decode_legacy(word, encoding)) {
            return false;
        }
        convincing |= word.chars().any(|c| c.is_ascii_alphabetic());
    }
    convincing
}

/// Words with a character outside ASCII, cut at white space and ASCII punctuation.
fn accented_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ' ' || c.is_ascii_whitespace() || c.is_ascii_punctuation() || c == '\u{A0}')
        .filter(|word| !word.is_ascii())
}

/// Reads text in an old encoding. Characters that the encoding does not have stay as they are.
pub fn decode_legacy(text: &str, encoding: LegacyEncoding) -> String {
    let decoded = match encoding {
        LegacyEncoding::Tcvn3 => text.chars().map(tcvn3_letter).collect(),
        LegacyEncoding::Vni => decode_vni(text),
    };
    match encoding {
        LegacyEncoding::Tcvn3 => raise_shouted(&decoded),
        LegacyEncoding::Vni => decoded,
    }
}

/// TCVN3 letters from 0xA1 on, with a space where there is none.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ ";

fn tcvn3_letter(c: char) -> char {
    let code = u32::from(c);
    if !(0xA1..=0xFF).contains(&code) {
        return c;
    }
    TCVN3.chars().nth((code - 0xA1) as usize).filter(|letter| *letter != ' ').unwrap_or(c)
}

/// TCVN3 has no accented capitals: `§ÆNG` was typed in a font whose small letters look like capitals. A word with two
/// capitals and no small letter of ASCII is raised; one with a single letter (`Hµ`) only among such words.
fn raise_shouted(text: &str) -> String {
    let capitals = |word: &str| {
        let mut letters = word.chars().filter(char::is_ascii_alphabetic);
        let count = letters.clone().count();
        if letters.all(|c| c.is_ascii_uppercase()) { count } else { 0 }
    };
    let is_end = |c: char| !c.is_alphanumeric();
    let all_shouted = capitals(text) > 2;
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_end) {
        let count = capitals(piece);
        if count > 1 || count == 1 && all_shouted {
            out.push_str(&piece.to_uppercase());
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// What a VNI mark letter adds to the vowel before it: a quality mark, a tone, or both.
fn vni_mark(c: char) -> Option<(&'static str, &'static str)> {
    // Combining marks: breve 0306, circumflex 0302; huyền 0300, hỏi 0309, ngã 0303, sắc 0301, nặng 0323.
    Some(match c {
        'ù' => ("", "\u{301}"),
        'ø' => ("", "\u{300}"),
        'û' => ("", "\u{309}"),
        'õ' => ("", "\u{303}"),
        'ï' => ("", "\u{323}"),
        'â' => ("\u{302}", ""),
        'á' => ("\u{302}", "\u{301}"),
        'à' => ("\u{302}", "\u{300}"),
        'å' => ("\u{302}", "\u{309}"),
        'ã' => ("\u{302}", "\u{303}"),
        'ä' => ("\u{302}", "\u{323}"),
        'ê' => ("\u{306}", ""),
        'é' => ("\u{306}", "\u{301}"),
        'è' => ("\u{306}", "\u{300}"),
        'ú' => ("\u{306}", "\u{309}"),
        'ü' => ("\u{306}", "\u{303}"),
        'ë' => ("\u{306}", "\u{323}"),
        _ => return None,
    })
}

/// VNI letters that stand alone.
fn vni_letter(c: char) -> Option<char> {
    Some(match c {
        'ñ' => 'đ',
        'ô' => 'ơ',
        'ö' => 'ư',
        'í' => 'í',
        'ì' => 'ì',
        'æ' => 'ỉ',
        'ó' => 'ĩ',
        'ò' => 'ị',
        'î' => 'ỵ',
        _ => return None,
    })
}

fn decode_vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let upper = c.is_uppercase();
        let small = c.to_lowercase().next().unwrap_or(c);
        let alone = vni_letter(small);
        let base = alone.unwrap_or(small);
        let mut letter = String::from(base);
        if let Some((quality, tone)) = chars.peek().and_then(|m| vni_mark(m.to_lowercase().next().unwrap_or(*m))) {
            let fits = match base {
                'a' => true,
                'e' | 'o' => quality != "\u{306}",
                'u' | 'y' | 'ơ' | 'ư' | 'i' => quality.is_empty(),
                _ => false,
            };
            if fits {
                letter.push_str(quality);
                letter.push_str(tone);
                chars.next();
            }
        }
        if alone.is_none() && letter.chars().count() == 1 {
            out.push(c);
        } else if upper {
            out.extend(letter.nfc().flat_map(char::to_uppercase));
        } else {
            out.extend(letter.nfc());
        }
    }
    out
}
