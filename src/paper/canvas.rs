//! What is put on one page. Lengths are points; y grows downwards from the top edge, as one reads.
//!
//! Operators are those of ISO 32000-1 annex A, written here because a file of thousands of codes is mostly these:
//! glyphs go out as plain bytes, every card is drawn from its own corner, so that eight cards repeat the same
//! operators, and codes follow after all text, where they are compressed by themselves. It makes a third less.

use std::io::Write as _;

use pdf_writer::Name;

use super::fonts::{Face, FontSet};
use crate::paper::qr::Matrix;

/// Name of the drawing that shows how many pages there are, which is known only at the end.
pub const PAGE_COUNT_NAME: Name<'static> = Name(b"N");

/// A part of pages that is the same each time, such as the heading of every voucher.
#[derive(Clone, Copy, Debug)]
pub struct Stamp(pub usize);

impl Stamp {
    const NAMES: [&[u8]; 4] = [b"A", b"B", b"C", b"D"];

    /// Name in the resources of a page.
    pub const fn name(self) -> Name<'static> {
        Name(Self::NAMES[self.0])
    }
}

/// The canvas of one page, and the glyphs that every page so far has used.
pub struct Canvas {
    pub fonts: FontSet,
    height: f32,
    /// Where (0, 0) lies on the page.
    origin: (f32, f32),
    drawing: Vec<u8>,
    codes: Vec<u8>,
    scratch: Vec<u8>,
}

impl Canvas {
    pub fn new(height: f32) -> Self {
        let (drawing, codes, scratch) = (Vec::new(), Vec::new(), Vec::new());
        Self { fonts: FontSet::default(), height, origin: (0.0, 0.0), drawing, codes, scratch }
    }

    /// Hands over the page's drawing and its codes; the canvas is then empty again.
    pub fn drain(&mut self, put: impl FnOnce(&[u8], &[u8])) {
        put(&self.drawing, &self.codes);
        self.drawing.clear();
        self.codes.clear();
    }

    /// Draws what `draw` draws with (0, 0) at `(x, y)`. Not to be nested.
    pub fn at_corner(&mut self, x: f32, y: f32, draw: impl FnOnce(&mut Self)) {
        self.operator("q");
        self.operands(&[1.0, 0.0, 0.0, 1.0, x, -y], "cm");
        self.origin = (x, y);
        draw(self);
        self.origin = (0.0, 0.0);
        self.operator("Q");
    }

    fn operator(&mut self, operator: &str) {
        self.drawing.extend_from_slice(operator.as_bytes());
        self.drawing.push(b'\n');
    }

    fn operands(&mut self, numbers: &[f32], operator: &str) {
        for number in numbers {
            push_number(&mut self.drawing, *number);
            self.drawing.push(b' ');
        }
        self.operator(operator);
    }

    /// How far a text advances.
    pub fn width(&mut self, face: Face, size: f32, text: &str) -> f32 {
        self.fonts.width(face, size, text)
    }

    /// Text from `x` on; `y` is its base line.
    pub fn text(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        self.show(face, size, &[1.0, 0.0, 0.0, 1.0, tenths(x), tenths(self.height - y)], text);
    }

    /// A turned text: a quarter to the left, from `(x, y)` upwards.
    pub fn text_upwards(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        self.show(face, size, &[0.0, 1.0, -1.0, 0.0, x, self.height - y], text);
    }

    fn show(&mut self, face: Face, size: f32, matrix: &[f32; 6], text: &str) {
        if text.is_empty() {
            return;
        }
        self.drawing.extend_from_slice(b"BT/");
        self.drawing.extend_from_slice(face.resource_name().0);
        self.drawing.push(b' ');
        self.operands(&[size], "Tf");
        match matrix {
            [1.0, 0.0, 0.0, 1.0, x, y] => self.operands(&[*x, *y], "Td"),
            matrix => self.operands(matrix, "Tm"),
        }
        self.scratch.clear();
        self.fonts.encode(face, text, &mut self.scratch);
        self.drawing.push(b'(');
        for byte in &self.scratch {
            match byte {
                b'(' | b')' | b'\\' => self.drawing.extend_from_slice(&[b'\\', *byte]),
                // A carriage return would be read as a line feed (ISO 32000-1 §7.3.4.2).
                b'\r' => self.drawing.extend_from_slice(b"\\r"),
                byte => self.drawing.push(*byte),
            }
        }
        self.operator(")Tj ET");
    }

    /// Text that ends at `x`.
    pub fn text_right(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let width = self.width(face, size, text);
        self.text(face, size, x - width, y, text);
    }

    /// Text with its middle at `x`.
    pub fn text_centred(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let width = self.width(face, size, text);
        self.text(face, size, x - width / 2.0, y, text);
    }

    /// Text at the origin of a drawing of its own, whose y grows upwards.
    pub fn text_from_bottom(&mut self, face: Face, size: f32, text: &str) {
        self.text(face, size, 0.0, self.height, text);
    }

    /// The number of pages, which is drawn when it is known.
    pub fn page_count(&mut self, x: f32, y: f32) {
        self.operator("q");
        self.operands(&[1.0, 0.0, 0.0, 1.0, tenths(x), tenths(self.height - y)], "cm");
        self.drawing.push(b'/');
        self.drawing.extend_from_slice(PAGE_COUNT_NAME.0);
        self.operator(" Do Q");
    }

    /// A part that is drawn once in the file.
    pub fn stamp(&mut self, stamp: Stamp) {
        self.drawing.push(b'/');
        self.drawing.extend_from_slice(stamp.name().0);
        self.operator(" Do");
    }

    /// A black line.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.operands(&[width], "w");
        self.path(from, to);
    }

    /// A dashed line, to cut along.
    pub fn dashes(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.operator("q[3 3]0 d");
        self.line(from, to, width);
        self.operator("Q");
    }

    fn path(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.operands(&[from.0, self.height - from.1], "m");
        self.operands(&[to.0, self.height - to.1], "l S");
    }

    /// The outline of a box.
    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, line_width: f32) {
        self.operands(&[line_width], "w");
        self.operands(&[x, self.height - y - height, width, height], "re S");
    }

    /// The dark modules of a code, with their top left corner at `(x, y)` and `module` points each. The caller
    /// leaves the quiet zone free.
    pub fn code(&mut self, matrix: &Matrix, x: f32, y: f32, module: f32) {
        let side = matrix.side();
        let length = side as f32 * module;
        // Some renderers paint every dot that a picture touches: a hundredth less on each side keeps a picture that
        // ends between two dots from touching the next one, which would make one module wider than the others.
        let (inset, shown) = (0.01, length - 0.02);
        let (left, top) = (self.origin.0 + x, self.origin.1 + y);
        self.codes.extend_from_slice(b"q ");
        for number in [shown, 0.0, 0.0, shown, left + inset, self.height - top - length + inset] {
            push_number(&mut self.codes, number);
            self.codes.push(b' ');
        }
        // In an image mask a 0 is painted (ISO 32000-1 §8.9.6.2).
        let bytes: Vec<u8> =
            matrix.packed_rows().flat_map(|row| row.into_iter().take(side.div_ceil(8))).map(|byte| !byte).collect();
        // Readers look for the end of the picture by the letters EI; a picture that holds them is written in hex.
        let plain = !bytes.windows(2).any(|pair| pair == b"EI");
        let filter = if plain { "" } else { "/F/AHx" };
        write!(self.codes, "cm BI/W {side}/H {side}/IM true{filter} ID ").expect("memory takes whatever is written");
        if plain {
            self.codes.extend_from_slice(&bytes);
        } else {
            self.codes.extend_from_slice(data_encoding::HEXLOWER.encode(&bytes).as_bytes());
            self.codes.push(b'>');
        }
        self.codes.extend_from_slice(b"\nEI Q\n");
    }
}

/// Letters need no finer place than a tenth of a point (1/720 inch).
fn tenths(length: f32) -> f32 {
    (length * 10.0).round() / 10.0
}

/// Writes a number to the hundredth; no printer places canvas finer than that (1/7,200 inch).
fn push_number(out: &mut Vec<u8>, number: f32) {
    let hundredths = (f64::from(number) * 100.0).round() as i64;
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
    let written = match (part, part % 10) {
        (0, _) => write!(out, "{sign}{whole}"),
        (_, 0) => write!(out, "{sign}{whole}.{}", part / 10),
        _ => write!(out, "{sign}{whole}.{part:02}"),
    };
    written.expect("memory takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_to_the_hundredth() {
        let number = |n: f32| {
            let mut out = Vec::new();
            push_number(&mut out, n);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            [0.0, 1.0, 841.92, 0.05, -0.3, -12.345, 595.2].map(number),
            ["0", "1", "841.92", "0.05", "-0.3", "-12.35", "595.2"]
        );
    }

    #[test]
    fn a_code_whose_bytes_look_like_the_end_of_a_picture_is_written_in_hex() {
        let mut canvas = Canvas::new(100.0);
        // Texts as random as signatures are.
        let mut state = 1_u64;
        let mut symbol = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'A' + (state >> 40) as u8 % 26)
        };
        let texts = (0..5_000).map(|_| format!("LL1:{}", (0..135).map(|_| symbol()).collect::<String>()));
        let like_the_end = |m: &Matrix| {
            let bytes: Vec<u8> = m.packed_rows().flat_map(|r| r.into_iter().take(6)).map(|b| !b).collect();
            bytes.windows(2).any(|pair| pair == b"EI")
        };
        let matrix = texts
            .map(|text| Matrix::encode(&text, crate::paper::qr::Level::M).unwrap())
            .find(like_the_end)
            .expect("one in 270 codes has these two bytes");
        canvas.code(&matrix, 0.0, 0.0, 1.0);
        canvas.drain(|_, codes| {
            let codes = String::from_utf8(codes.to_vec()).expect("hex is text");
            assert!(codes.contains("/F/AHx ID ") && codes.contains(">\nEI Q"), "{codes}");
        });
    }
}
