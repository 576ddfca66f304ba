//! What is put on one page. Lengths are points; y grows downwards from the top edge, as one reads.

use pdf_writer::types::LineCapStyle;
use pdf_writer::{Content, Settings, Str};

use crate::vouchers::qr::Matrix;

use super::document::PAGE_COUNT_NAME;
use super::fonts::{Face, FontSet};

/// The ink of one page, and the glyphs that every page so far has used.
pub(super) struct Ink {
    pub fonts: FontSet,
    height: f32,
    /// Finished parts of the page, each followed by an inline image.
    done: Vec<u8>,
    content: Content,
    scratch: Vec<u8>,
}

impl Ink {
    pub(super) fn new(height: f32) -> Self {
        Self { fonts: FontSet::default(), height, done: Vec::new(), content: empty(), scratch: Vec::new() }
    }

    /// The page's content; the ink is then empty again.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.close_part();
        std::mem::take(&mut self.done)
    }

    fn close_part(&mut self) {
        let part = std::mem::replace(&mut self.content, empty());
        self.done.extend_from_slice(part.finish().as_slice());
        self.done.push(b'\n');
    }

    /// How far a text advances.
    pub(super) fn width(&mut self, face: Face, size: f32, text: &str) -> f32 {
        self.fonts.width(face, size, text)
    }

    /// Text from `x` on; `y` is its base line.
    pub(super) fn text(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        if text.is_empty() {
            return;
        }
        self.scratch.clear();
        self.fonts.encode(face, text, &mut self.scratch);
        self.content.begin_text().set_font(face.resource_name(), size);
        self.content.next_line(hundredths(x), hundredths(self.height - y)).show(Str(&self.scratch)).end_text();
    }

    /// Text that ends at `x`.
    pub(super) fn text_right(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let width = self.width(face, size, text);
        self.text(face, size, x - width, y, text);
    }

    /// Text with its middle at `x`.
    pub(super) fn text_centred(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        let width = self.width(face, size, text);
        self.text(face, size, x - width / 2.0, y, text);
    }

    /// Text at the origin of a drawing of its own, whose y grows upwards.
    pub(super) fn text_from_bottom(&mut self, face: Face, size: f32, text: &str) {
        self.text(face, size, 0.0, self.height, text);
    }

    /// The number of pages, which is drawn when it is known.
    pub(super) fn page_count(&mut self, x: f32, y: f32) {
        self.content.save_state();
        self.content.transform([1.0, 0.0, 0.0, 1.0, hundredths(x), hundredths(self.height - y)]);
        self.content.x_object(PAGE_COUNT_NAME).restore_state();
    }

    /// A black line.
    pub(super) fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.content.set_line_width(width);
        self.path(from, to);
    }

    /// A dashed line, to cut along.
    pub(super) fn dashes(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        self.content.save_state().set_line_width(width).set_line_cap(LineCapStyle::ButtCap);
        self.content.set_dash_pattern([3.0, 3.0], 0.0);
        self.path(from, to);
        self.content.restore_state();
    }

    fn path(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.content.move_to(hundredths(from.0), hundredths(self.height - from.1));
        self.content.line_to(hundredths(to.0), hundredths(self.height - to.1)).stroke();
    }

    /// The outline of a box.
    pub(super) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, line_width: f32) {
        self.content.set_line_width(line_width);
        let bottom = hundredths(self.height - y - height);
        self.content.rect(hundredths(x), bottom, hundredths(width), hundredths(height)).stroke();
    }

    /// A turned text: a quarter to the left, from `(x, y)` upwards.
    pub(super) fn text_upwards(&mut self, face: Face, size: f32, x: f32, y: f32, text: &str) {
        self.scratch.clear();
        self.fonts.encode(face, text, &mut self.scratch);
        self.content.begin_text().set_font(face.resource_name(), size);
        self.content.set_text_matrix([0.0, 1.0, -1.0, 0.0, hundredths(x), hundredths(self.height - y)]);
        self.content.show(Str(&self.scratch)).end_text();
    }

    /// The dark modules of a code, with their top left corner at `(x, y)` and `module` points each. The caller
    /// leaves the quiet zone free.
    pub(super) fn code(&mut self, matrix: &Matrix, x: f32, y: f32, module: f32) {
        let side = matrix.side();
        let length = side as f32 * module;
        // Some renderers paint every dot that a picture touches: a hundredth less on each side keeps a picture that
        // ends between two dots from touching the next one, which would make one module wider than the others.
        let (inset, shown) = (0.01, hundredths(length - 0.02));
        let (left, bottom) = (hundredths(x + inset), hundredths(self.height - y - length + inset));
        self.content.save_state().transform([shown, 0.0, 0.0, shown, left, bottom]);
        self.close_part();
        // In an image mask a 0 is painted (ISO 32000-1 §8.9.6.2).
        let bytes: Vec<u8> =
            matrix.packed_rows().flat_map(|row| row.into_iter().take(side.div_ceil(8))).map(|byte| !byte).collect();
        // Readers look for the end of the picture by the letters EI; a picture that holds them is written in hex.
        let plain = !bytes.windows(2).any(|pair| pair == b"EI");
        let filter = if plain { "" } else { "/F/AHx" };
        self.done.extend_from_slice(format!("BI/W {side}/H {side}/IM true{filter} ID ").as_bytes());
        if plain {
            self.done.extend_from_slice(&bytes);
        } else {
            self.done.extend_from_slice(data_encoding::HEXLOWER.encode(&bytes).as_bytes());
            self.done.push(b'>');
        }
        self.done.extend_from_slice(b"\nEI\n");
        self.content.restore_state();
    }
}

fn empty() -> Content {
    Content::with_settings_and_capacity(Settings { pretty: false }, 2048)
}

/// No printer places ink finer than a hundredth of a point (1/7,200 inch), and fewer digits make a smaller file.
fn hundredths(length: f32) -> f32 {
    (length * 100.0).round() / 100.0
}
