//! Making a text fit its place: cleaned, then set at the largest size and the fewest lines that hold it, and at
//! the very last cut with `…`. Nothing is ever wider than it may be.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::canvas::Canvas;
use super::fonts::Face;

/// Longer texts are cut before they are looked at: no place on a sheet holds more.
const MAX_CHARS: usize = 600;

/// One way to set a text: a size in points, and at most so many lines.
#[derive(Clone, Copy)]
pub struct Way {
    pub size: f32,
    pub lines: usize,
}

/// A size in points, and at most so many lines.
pub const fn way(size: f32, lines: usize) -> Way {
    Way { size, lines }
}

/// A text that fits.
pub struct Fitted {
    pub size: f32,
    pub lines: Vec<String>,
    /// Nothing had to be cut.
    pub whole: bool,
}

/// A text as it may be printed: composed letters (NFC), single spaces, no control or invisible signs, and the
/// Icelandic Ð that old lists have for Đ put right.
pub fn clean(text: &str) -> String {
    let keep = |text: &mut dyn Iterator<Item = char>| -> String {
        let mut out = String::new();
        for c in text.take(MAX_CHARS) {
            match c {
                c if c.is_whitespace() || c.is_control() => {
                    if !out.is_empty() && !out.ends_with(' ') {
                        out.push(' ');
                    }
                }
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {}
                '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => {}
                'Ð' => out.push('Đ'),
                c => out.push(c),
            }
        }
        out.truncate(out.trim_end().len());
        out
    };
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => keep(&mut text.chars()),
        _ => keep(&mut text.nfc()),
    }
}

/// The first way in which the clean text fits into `width` points; in the last way it is cut if it must be.
pub fn fit(canvas: &mut Canvas, face: Face, text: &str, width: f32, ways: &[Way]) -> Fitted {
    let text = clean(text);
    for way in ways {
        let lines = wrap(canvas, face, way.size, &text, width, way.lines + 1);
        if lines.len() <= way.lines {
            return Fitted { size: way.size, lines: lines.into_iter().map(str::to_owned).collect(), whole: true };
        }
    }
    let last = ways.last().copied().unwrap_or(way(8.0, 1));
    let kept = wrap(canvas, face, last.size, &text, width, last.lines);
    let mut lines: Vec<String> = kept.into_iter().map(str::to_owned).collect();
    if let Some(line) = lines.last_mut() {
        cut(canvas, face, last.size, line, width);
    }
    Fitted { size: last.size, lines, whole: false }
}

/// Shortens a line until it fits with an ellipsis.
fn cut(canvas: &mut Canvas, face: Face, size: f32, line: &mut String, width: f32) {
    let room = width - canvas.width(face, size, "…");
    while canvas.width(face, size, line) > room && line.pop().is_some() {}
    line.truncate(line.trim_end_matches([' ', ',', '.', ';', '-', '–']).len());
    line.push('…');
}

/// Breaks a text between words (within a word that is too long by itself), into at most `limit` lines; what is
/// left over then is not returned. An empty text has no lines.
fn wrap<'t>(canvas: &mut Canvas, face: Face, size: f32, text: &'t str, width: f32, limit: usize) -> Vec<&'t str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && lines.len() < limit {
        let (line, left) = rest.split_at(line_end(canvas, face, size, rest, width));
        lines.push(line.trim_end());
        rest = left.trim_start();
    }
    lines
}

/// Where the first line of a text ends, in bytes: at least one sign on.
fn line_end(canvas: &mut Canvas, face: Face, size: f32, text: &str, width: f32) -> usize {
    let mut x = 0.0;
    let mut break_at = None;
    let mut buffer = [0; 4];
    for (at, c) in text.char_indices() {
        if c == ' ' {
            break_at = Some(at);
        }
        x += canvas.width(face, size, c.encode_utf8(&mut buffer));
        // A thousandth of a point for sums that were rounded.
        if x > width + 0.001 && at > 0 && c != ' ' {
            return break_at.filter(|at| *at > 0).unwrap_or(at);
        }
    }
    text.len()
}

/// Those parts that say something, with a separator between them.
pub fn joined(parts: &[&str], separator: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| clean(part)).filter(|part| !part.is_empty()).collect();
    parts.join(separator)
}

/// Draws a text that fits in the middle of `x`, from the first base line on, and gives the last base line.
pub fn draw_centred(canvas: &mut Canvas, face: Face, x: f32, base: f32, text: &str, width: f32, ways: &[Way]) -> f32 {
    let fitted = fit(canvas, face, text, width, ways);
    let mut base = base;
    for (line, text) in fitted.lines.iter().enumerate() {
        base += if line > 0 { fitted.size * 1.2 } else { 0.0 };
        canvas.text_centred(face, fitted.size, x, base, text);
    }
    base
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WAYS: [Way; 3] = [way(15.0, 1), way(12.0, 2), way(10.0, 2)];

    fn set(text: &str) -> Fitted {
        fit(&mut Canvas::new(800.0), Face::SansBold, text, 170.0, &WAYS)
    }

    #[test]
    fn a_short_name_is_large_and_a_longer_one_takes_two_lines() {
        let short = set("Nguyễn Thị Hoa");
        assert_eq!((short.size, short.lines.len()), (15.0, 1));
        let long = set("Công Tằng Tôn Nữ Hoàng Thị Phương Thảo");
        assert_eq!((long.size, long.lines.join(" ").as_str()), (12.0, "Công Tằng Tôn Nữ Hoàng Thị Phương Thảo"));
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let endless = set(&"Nguyễn ".repeat(60));
        assert_eq!((endless.lines.len(), endless.whole), (2, false));
        assert!(endless.lines[1].ends_with("Nguyễ…"), "{:?}", endless.lines);
        assert!(set(&"W".repeat(500)).lines[1].ends_with("W…"));
    }

    #[test]
    fn decomposed_letters_and_invisible_signs_are_put_right() {
        assert_eq!(clean("Nguye\u{302}\u{303}n\u{a0}\t Va\u{306}n\u{200b} A\n"), "Nguyễn Văn A");
        assert_eq!(clean("Ðặng"), "Đặng");
        assert_eq!(clean("\u{202e}abc\u{feff}"), "abc");
        assert!(set("   ").lines.is_empty());
    }

    proptest! {
        #[test]
        fn no_line_is_ever_wider_than_its_place(text in "(.{0,30} ?){0,12}", width in 20.0_f32..300.0) {
            let mut canvas = Canvas::new(800.0);
            let fitted = fit(&mut canvas, Face::Sans, &text, width, &WAYS);
            prop_assert!(fitted.lines.len() <= 2);
            for line in &fitted.lines {
                prop_assert!(canvas.width(Face::Sans, fitted.size, line) <= width + 0.01, "{line}");
            }
        }
    }
}
