//! A ruled table that goes on over pages: column widths, wrapped cells, a header that is repeated.

use super::canvas::Canvas;
use super::fit::{Fitted, Way, fit};
use super::fonts::Face;

/// Free space beside the text of a cell.
const SIDE: f32 = 3.0;
const LINE: f32 = 0.5;

/// Where a cell's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// A column: its heading, its width in points, and how its cells are set.
pub struct Column {
    pub heading: &'static str,
    pub width: f32,
    pub align: Align,
    pub face: Face,
    pub ways: &'static [Way],
}

/// Draws a row of cells between `y` and `y + height`, ruled on all sides.
fn draw_row(canvas: &mut Canvas, columns: &[Column], x: f32, y: f32, height: f32, cells: &[(Fitted, Face, Align)]) {
    let mut left = x;
    for (column, (fitted, face, align)) in columns.iter().zip(cells) {
        canvas.frame(left, y, column.width, height, LINE);
        let step = fitted.size * 1.2;
        let block = step * (fitted.lines.len().max(1) - 1) as f32;
        let mut base = y + (height - block) / 2.0 + fitted.size * 0.36;
        for line in &fitted.lines {
            match align {
                Align::Left => canvas.text(*face, fitted.size, left + SIDE, base, line),
                Align::Centre => canvas.text_centred(*face, fitted.size, left + column.width / 2.0, base, line),
                Align::Right => canvas.text_right(*face, fitted.size, left + column.width - SIDE, base, line),
            }
            base += step;
        }
        left += column.width;
    }
}

/// Draws the headings and gives where they end.
pub fn draw_headings(canvas: &mut Canvas, columns: &[Column], x: f32, y: f32, ways: &[Way]) -> f32 {
    let cells: Vec<_> = columns
        .iter()
        .map(|c| (fit(canvas, Face::SerifBold, c.heading, c.width - 2.0 * SIDE, ways), Face::SerifBold, Align::Centre))
        .collect();
    let height = row_height(&cells, 24.0);
    draw_row(canvas, columns, x, y, height, &cells);
    y + height
}

/// A row that was set, so that its height is known before it is drawn.
pub struct Row {
    cells: Vec<(Fitted, Face, Align)>,
    /// In points.
    pub height: f32,
}

impl Row {
    /// Sets a row; it is at least so high.
    pub fn new(canvas: &mut Canvas, columns: &[Column], texts: &[String], least_height: f32) -> Self {
        Self::set(canvas, columns, texts, least_height, |column| column.face)
    }

    /// Sets a row of totals, in bold.
    pub fn totals(canvas: &mut Canvas, columns: &[Column], texts: &[String], least_height: f32) -> Self {
        Self::set(canvas, columns, texts, least_height, |_| Face::SerifBold)
    }

    fn set(
        canvas: &mut Canvas,
        columns: &[Column],
        texts: &[String],
        least_height: f32,
        face: fn(&Column) -> Face,
    ) -> Self {
        let cells: Vec<_> = columns
            .iter()
            .zip(texts)
            .map(|(c, text)| (fit(canvas, face(c), text, c.width - 2.0 * SIDE, c.ways), face(c), c.align))
            .collect();
        let height = row_height(&cells, least_height);
        Self { cells, height }
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas, columns: &[Column], x: f32, y: f32) {
        draw_row(canvas, columns, x, y, self.height, &self.cells);
    }
}

fn row_height(cells: &[(Fitted, Face, Align)], least: f32) -> f32 {
    let tallest = cells.iter().map(|(f, ..)| f.lines.len() as f32 * f.size * 1.2).fold(0.0, f32::max);
    (tallest + 8.0).max(least)
}
