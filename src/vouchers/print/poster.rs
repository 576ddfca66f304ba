//! A voucher over a whole page: for homes that are served at the door, and for eyes that read badly.

use super::card::{NOTICE, contents_line, draw_lines, package_line};
use super::voucher_paper::{SheetHead, VoucherPaper};
use crate::paper::canvas::Canvas;
use crate::paper::fit::{Way, clean, fit, joined, way};
use crate::paper::fonts::Face;
use crate::paper::qr::Matrix;
use crate::paper::{A4, DOT, MM};

/// A module of the code: 16 dots at 300 dpi, which makes it 66 mm with its quiet zone.
const MODULE: f32 = 16.0 * DOT;
const CODE_TOP: f32 = 2080.0 * DOT;
const LEFT: f32 = 20.0 * MM;
const RIGHT: f32 = A4.0 - LEFT;
const MIDDLE: f32 = A4.0 / 2.0;

/// What is the same on every page of a file: who issues the vouchers, the title, and the lines.
pub(super) fn draw_poster_form(canvas: &mut Canvas, head: &SheetHead) {
    centred(canvas, Face::SansBold, &head.issuer.to_uppercase(), 22.0 * MM, &[way(13.0, 1), way(10.0, 1), way(8.0, 1)]);
    let campaign = joined(&[&head.campaign, &head.round], " · ");
    centred(canvas, Face::Sans, &campaign, 28.0 * MM, &[way(12.0, 1), way(10.0, 1), way(8.0, 1)]);
    canvas.line((LEFT, 32.0 * MM), (RIGHT, 32.0 * MM), 1.0);
    centred(canvas, Face::SansBold, "PHIẾU NHẬN HÀNG", 44.0 * MM, &[way(24.0, 1)]);
    canvas.frame(LEFT, TIME_TOP, RIGHT - LEFT, TIME_HEIGHT, 1.5);
    canvas.line((LEFT, NOTICE_TOP), (RIGHT, NOTICE_TOP), 1.0);
}

/// What every page says at its foot; a hint for proxies follows where there is one.
pub(super) fn draw_notice(canvas: &mut Canvas, proxy_hint: Option<&str>) {
    let notice = joined(&[NOTICE, proxy_hint.unwrap_or_default()], " ");
    flush(canvas, Face::Sans, &notice, NOTICE_TOP + 20.0, &[way(13.0, 3), way(11.0, 4), way(9.0, 5)]);
}

/// Draws the voucher on an empty page.
pub(super) fn draw_poster(canvas: &mut Canvas, paper: &VoucherPaper, matrix: &Matrix) {
    let mut base = centred(canvas, Face::Sans, &format!("Số {:06}", paper.serial), 51.0 * MM, &[way(13.0, 1)]);
    let name = [way(42.0, 1), way(36.0, 1), way(30.0, 1), way(27.0, 2), way(20.0, 2)];
    base = centred(canvas, Face::SansBold, &paper.household_name, base + 54.0, &name);
    let address = joined(&[&paper.address, &paper.area], ", ");
    centred(canvas, Face::Sans, &address, base + 27.0, &[way(17.0, 1), way(14.0, 2), way(11.0, 2)]);

    draw_time(canvas, paper);
    base = flush(canvas, Face::SansBold, &format!("Nhận tại: {}", paper.point_name), TIME_TOP + 88.0, &POINT);
    base = flush(canvas, Face::Sans, &paper.point_address, base + 20.0, &[way(15.0, 1), way(12.0, 2), way(10.0, 2)]);
    base = flush(canvas, Face::SansBold, &package_line(paper), base + 31.0, &POINT);
    flush(canvas, Face::Sans, &contents_line(paper), base + 20.0, &[way(15.0, 1), way(12.0, 2), way(10.0, 2)]);

    let side = matrix.side() as f32 * MODULE;
    // On whole dots, as near to the middle as they allow.
    let x = ((MIDDLE - side / 2.0) / DOT).round() * DOT;
    canvas.code(matrix, x, CODE_TOP, MODULE);
    canvas.text_centred(Face::Mono, 30.0, MIDDLE, CODE_TOP + side + 4.0 * MODULE + 26.0, &paper.typed_code.to_string());
}

/// Day and slot in a frame.
fn draw_time(canvas: &mut Canvas, paper: &VoucherPaper) {
    let halves = [paper.day.as_str(), paper.slot.as_deref().unwrap_or_default()].map(clean);
    let shown: Vec<_> = halves.iter().filter(|half| !half.is_empty()).collect();
    let width = (RIGHT - LEFT) / shown.len().max(1) as f32;
    for (i, half) in shown.into_iter().enumerate() {
        let left = LEFT + i as f32 * width;
        if i > 0 {
            canvas.line((left, TIME_TOP), (left, TIME_TOP + TIME_HEIGHT), 1.0);
        }
        let ways = [way(28.0, 1), way(24.0, 1), way(20.0, 2), way(16.0, 2), way(12.0, 3)];
        let fitted = fit(canvas, Face::SansBold, half, width - 20.0, &ways);
        let step = fitted.size * 1.15;
        let last = fitted.lines.len().max(1) - 1;
        let mut base = TIME_TOP + TIME_HEIGHT / 2.0 + fitted.size * 0.365 - step * last as f32 / 2.0;
        for line in &fitted.lines {
            canvas.text_centred(Face::SansBold, fitted.size, left + width / 2.0, base, line);
            base += step;
        }
    }
}

/// The line above the notice.
const NOTICE_TOP: f32 = 262.0 * MM;
/// The frame around day and slot.
const TIME_TOP: f32 = 96.0 * MM;
const TIME_HEIGHT: f32 = 58.0;
const POINT: [Way; 3] = [way(19.0, 1), way(15.0, 2), way(12.0, 2)];

fn centred(canvas: &mut Canvas, face: Face, text: &str, base: f32, ways: &[Way]) -> f32 {
    let fitted = fit(canvas, face, text, RIGHT - LEFT, ways);
    let mut base = base;
    for (line, text) in fitted.lines.iter().enumerate() {
        base += if line > 0 { fitted.size * 1.15 } else { 0.0 };
        canvas.text_centred(face, fitted.size, MIDDLE, base, text);
    }
    base
}

fn flush(canvas: &mut Canvas, face: Face, text: &str, base: f32, ways: &[Way]) -> f32 {
    let fitted = fit(canvas, face, text, RIGHT - LEFT, ways);
    draw_lines(canvas, face, LEFT, base, &fitted.lines, fitted.size).max(base - 12.0)
}
