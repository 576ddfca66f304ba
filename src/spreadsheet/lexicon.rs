//! Matches the titles of columns against a vocabulary.

use super::vocabulary::{Field, ORDINAL, Vocabulary};
use crate::kernel::vietnamese::{fold, has_marks, mark_key};

/// A header cell is no longer than this; a title is.
const LONGEST_TITLE: usize = 80;

/// The words of a vocabulary, folded once.
pub(super) struct Lexicon {
    words: Vec<Word>,
    never: Vec<Keys>,
    /// The name of the field that names who a row is about.
    pub(super) key: &'static str,
}

struct Word {
    field: &'static Field,
    rank: usize,
    /// Counts only as the whole title.
    whole_only: bool,
    keys: Keys,
}

/// One text with and without its marks.
struct Keys {
    marked: String,
    bare: String,
}

impl Keys {
    fn new(text: &str) -> Self {
        Self { marked: mark_key(text), bare: fold(text) }
    }

    fn of(&self, marked: bool) -> &str {
        if marked { &self.marked } else { &self.bare }
    }
}

impl Lexicon {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut words = Vec::new();
        for field in std::iter::once(&ORDINAL).chain(vocabulary.fields) {
            for (rank, text) in field.words.iter().enumerate() {
                let (whole_only, text) = text.strip_prefix('=').map_or((false, *text), |text| (true, text));
                let whole_only = whole_only || field.name == ORDINAL.name;
                words.push(Word { field, rank, whole_only, keys: Keys::new(text) });
            }
        }
        Self { words, never: vocabulary.never.iter().map(|text| Keys::new(text)).collect(), key: vocabulary.key().name }
    }

    /// The field that a title names, and how well: exact words beat a part, words at the start beat later ones (`Số
    /// điện thoại người đại diện` is a phone), longer ones beat shorter ones.
    pub(super) fn best_field(&self, title: &str) -> Option<(&'static Field, usize)> {
        let title = without_brackets(title);
        if title.is_empty() || title.chars().count() > LONGEST_TITLE || self.is_never(&title) {
            return None;
        }
        let marked = has_marks(&title);
        let title = Keys::new(&title);
        let title = title.of(marked);
        let mut best: Option<(&'static Field, usize)> = None;
        for word in &self.words {
            let text = word.keys.of(marked);
            let score = if title == text {
                10_000 - word.rank
            } else if !word.whole_only && has_words(title, text) {
                let first = if title.starts_with(text) { 400 } else { 0 };
                text.chars().count() * 50 - word.rank.min(49) + first
            } else {
                continue;
            };
            if best.is_none_or(|(_, known)| score > known) {
                best = Some((word.field, score));
            }
        }
        best
    }

    /// Whether a title holds words that make it none of the known fields.
    pub(super) fn is_never(&self, title: &str) -> bool {
        let marked = has_marks(title);
        let own = Keys::new(title);
        self.never.iter().any(|words| has_words(own.of(marked), words.of(marked)))
    }
}

/// Whether `words` stand in `title` as whole words.
fn has_words(title: &str, words: &str) -> bool {
    title.match_indices(words).any(|(at, _)| {
        let before = title[..at].chars().next_back();
        let after = title[at + words.len()..].chars().next();
        !words.is_empty() && before.is_none_or(|c| c == ' ') && after.is_none_or(|c| c == ' ')
    })
}

/// A title without what stands in brackets: `Giá thuê (đ/phòng/tháng)`.
fn without_brackets(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    let mut depth = 0_u32;
    for c in title.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    let out = out.trim().trim_end_matches([':', '*']).trim();
    if out.is_empty() { title.trim().to_owned() } else { out.to_owned() }
}
