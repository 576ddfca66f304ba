//! A voucher as a card, a quarter of a page high, and the stub that the point keeps.
//!
//! Everything is black, no line is finer than half a point and no letter smaller than 6.5 points, so that the
//! third photocopy still reads.

use crate::vouchers::qr::Matrix;

use super::DOT;
use super::fit::{Fitted, Way, clean, fit, way};
use super::fonts::Face;
use super::ink::Ink;
use super::voucher::{SheetHead, VoucherPaper};

/// Free space inside the edge of a card; no printer prints closer than 4–5 mm to the edge of the sheet.
const PAD: f32 = 70.0 * DOT;
/// A module of the code: 8 dots at 300 dpi.
const MODULE: f32 = 8.0 * DOT;
/// The code's light surroundings.
const QUIET: f32 = 4.0 * MODULE;
/// Top of the code's dark modules.
const CODE_TOP: f32 = 172.0 * DOT;
const ADDRESSEE_TOP: f32 = 35.0;
const DAY_TOP: f32 = 113.0;
const DAY_HEIGHT: f32 = 27.0;
const PACKAGE_BASE: f32 = 154.5;
const NOTICE_BASE: f32 = 186.0;
/// From one base line to the next, in sizes: stacked marks need no more.
const STEP: f32 = 1.15;

/// What every voucher says at its foot.
pub(super) const NOTICE: &str =
    "Phiếu miễn phí: không bán, không đổi thành tiền. Khi nhận quà, mang theo phiếu này và giấy tờ tùy thân.";

const NAME: [Way; 5] = [way(16.5, 1), way(15.0, 1), way(13.5, 1), way(12.0, 2), way(10.0, 2)];
const ADDRESS: [Way; 3] = [way(8.5, 1), way(7.5, 2), way(7.0, 2)];
const POINT: [Way; 3] = [way(9.5, 1), way(8.5, 1), way(7.5, 2)];
const POINT_ADDRESS: [Way; 3] = [way(8.5, 1), way(7.5, 1), way(7.0, 1)];
const DAY_ALONE: [Way; 5] = [way(15.0, 1), way(12.5, 1), way(11.0, 1), way(9.0, 2), way(7.0, 2)];

/// Draws a card of that width with its top left corner at `(x, y)`.
pub(super) fn draw_card(
    ink: &mut Ink,
    (x, y): (f32, f32),
    width: f32,
    head: &SheetHead,
    paper: &VoucherPaper,
    matrix: &Matrix,
) {
    let (left, right) = (x + PAD, x + width - PAD);
    draw_head(ink, (left, right), y, head, "PHIẾU NHẬN HÀNG", paper.serial);
    draw_code(ink, right, y, paper, matrix);
    let column = right - matrix.side() as f32 * MODULE - QUIET - 3.0 - left;
    draw_addressee(ink, left, y, column, paper);
    draw_time(ink, left, y + DAY_TOP, column, paper);
    draw_package(ink, left, y, right - left, paper);
}

/// Issuer and campaign left, what the paper is and its number right, above a line.
fn draw_head(ink: &mut Ink, (left, right): (f32, f32), y: f32, head: &SheetHead, title: &str, serial: u32) {
    ink.text_right(Face::SansBold, 8.5, right, y + 20.5, title);
    ink.text_right(Face::SansBold, 8.5, right, y + 29.5, &format!("Số {serial:06}"));
    let room = right - left - ink.width(Face::SansBold, 8.5, title) - 8.0;
    let issuer = fit(ink, Face::SansBold, &head.issuer.to_uppercase(), room, &[way(7.5, 1), way(7.0, 1), way(6.5, 1)]);
    draw_lines(ink, Face::SansBold, left, y + 20.5, &issuer.lines, issuer.size);
    let campaign = joined(&[&head.campaign, &head.round], " · ");
    let campaign = fit(ink, Face::Sans, &campaign, room, &[way(7.0, 1), way(6.5, 1)]);
    draw_lines(ink, Face::Sans, left, y + 29.5, &campaign.lines, campaign.size);
    ink.line((left, y + 32.3), (right, y + 32.3), 0.6);
}

/// The code with the typed code below it, at the right edge.
fn draw_code(ink: &mut Ink, right: f32, y: f32, paper: &VoucherPaper, matrix: &Matrix) {
    let side = matrix.side() as f32 * MODULE;
    ink.code(matrix, right - side, y + CODE_TOP, MODULE);
    let middle = right - side / 2.0;
    ink.text_centred(Face::Mono, 11.9, middle, y + CODE_TOP + side + QUIET + 10.0, &paper.typed_code.to_string());
}

/// Household and point, one below the other; what height they leave is shared out between them.
fn draw_addressee(ink: &mut Ink, x: f32, y: f32, width: f32, paper: &VoucherPaper) {
    let address = joined(&[&paper.address, &paper.area], ", ");
    let point = format!("Nhận tại: {}", clean(&paper.point_name));
    let blocks = [
        (Face::SansBold, 2.5, fit(ink, Face::SansBold, &paper.household_name, width, &NAME)),
        (Face::Sans, 1.5, fit(ink, Face::Sans, &address, width, &ADDRESS)),
        (Face::SansBold, 2.5, fit(ink, Face::SansBold, &point, width, &POINT)),
        (Face::Sans, 1.0, fit(ink, Face::Sans, &paper.point_address, width, &POINT_ADDRESS)),
    ];
    let needed: f32 = blocks.iter().map(|(_, gap, f)| gap + f.lines.len() as f32 * f.size * STEP).sum();
    let share = ((DAY_TOP - ADDRESSEE_TOP - 3.0 - needed) / 8.0).clamp(0.0, 4.0);
    let mut top = y + ADDRESSEE_TOP;
    for (face, gap, fitted) in blocks {
        top += gap * (1.0 + share / 1.5);
        draw_lines(ink, face, x, top + fitted.size * 0.93, &fitted.lines, fitted.size);
        top += fitted.lines.len() as f32 * fitted.size * STEP;
    }
}

/// Day and slot in a frame: what a household must not miss.
fn draw_time(ink: &mut Ink, x: f32, y: f32, width: f32, paper: &VoucherPaper) {
    ink.frame(x, y, width, DAY_HEIGHT, 1.0);
    let middle = y + DAY_HEIGHT / 2.0;
    let slot = paper.slot.as_deref().map(clean).filter(|slot| !slot.is_empty());
    let Some(slot) = slot else {
        let day = fit(ink, Face::SansBold, &paper.day, width - 10.0, &DAY_ALONE);
        return draw_middle(ink, x + width / 2.0, middle, &day);
    };
    let slot = fit(
        ink,
        Face::SansBold,
        &slot,
        width * 0.6 - 8.0,
        &[way(16.0, 1), way(14.0, 1), way(12.0, 1), way(9.0, 2), way(7.0, 2)],
    );
    draw_middle(ink, x + width * 0.7, middle, &slot);
    ink.line((x + width * 0.4, y), (x + width * 0.4, y + DAY_HEIGHT), 0.6);
    let day = fit(ink, Face::SansBold, &paper.day, width * 0.4 - 8.0, &[way(10.0, 2), way(9.0, 2), way(7.0, 3)]);
    draw_middle(ink, x + width * 0.2, middle, &day);
}

/// Lines whose middle is at `(x, y)`.
fn draw_middle(ink: &mut Ink, x: f32, y: f32, fitted: &Fitted) {
    let step = fitted.size * STEP;
    let mut base = y + fitted.size * 0.365 - step * (fitted.lines.len().max(1) - 1) as f32 / 2.0;
    for line in &fitted.lines {
        ink.text_centred(Face::SansBold, fitted.size, x, base, line);
        base += step;
    }
}

/// What the household gets, and what it must bring.
fn draw_package(ink: &mut Ink, x: f32, y: f32, width: f32, paper: &VoucherPaper) {
    let name = fit(ink, Face::SansBold, &package_line(paper), width, &[way(9.5, 1), way(8.5, 1), way(7.5, 1)]);
    let base = draw_lines(ink, Face::SansBold, x, y + PACKAGE_BASE, &name.lines, name.size);
    let contents =
        fit(ink, Face::Sans, &contents_line(paper), width, &[way(9.0, 1), way(8.0, 1), way(7.0, 2), way(6.5, 2)]);
    draw_lines(ink, Face::Sans, x, base + contents.size + 2.0, &contents.lines, contents.size);
    let top = y + NOTICE_BASE - 8.5;
    ink.line((x, top), (x + width, top), 0.6);
    let notice = joined(&[NOTICE, paper.proxy_hint.as_deref().unwrap_or_default()], " ");
    let notice = fit(ink, Face::Sans, &notice, width, &[way(7.5, 2), way(7.0, 2), way(6.5, 2)]);
    draw_lines(ink, Face::Sans, x, y + NOTICE_BASE, &notice.lines, notice.size);
}

/// Draws the stub, which the point keeps, with room to sign.
pub(super) fn draw_stub(
    ink: &mut Ink,
    (x, y): (f32, f32),
    width: f32,
    head: &SheetHead,
    paper: &VoucherPaper,
    matrix: &Matrix,
) {
    let (left, right) = (x + PAD, x + width - PAD);
    draw_head(ink, (left, right), y, head, "CUỐNG PHIẾU", paper.serial);
    draw_code(ink, right, y, paper, matrix);
    let column = right - matrix.side() as f32 * MODULE - QUIET - 3.0 - left;
    ink.text(Face::Sans, 7.0, left, y + ADDRESSEE_TOP + 9.0, "Điểm phát giữ lại");
    let name = fit(ink, Face::SansBold, &paper.household_name, column, &[way(11.0, 2), way(9.5, 3), way(8.0, 3)]);
    let base = draw_lines(ink, Face::SansBold, left, y + ADDRESSEE_TOP + 25.0, &name.lines, name.size);
    let place = fit(ink, Face::Sans, &paper.area, column, &[way(8.0, 1), way(7.0, 2)]);
    let base = draw_lines(ink, Face::Sans, left, base + 10.5, &place.lines, place.size);
    let day = fit(ink, Face::Sans, &paper.day, column, &[way(8.5, 1), way(7.0, 2)]);
    let base = draw_lines(ink, Face::Sans, left, base + 13.0, &day.lines, day.size);
    let slot = fit(ink, Face::SansBold, paper.slot.as_deref().unwrap_or_default(), column, &[way(9.0, 1), way(7.0, 1)]);
    draw_lines(ink, Face::SansBold, left, base + 11.0, &slot.lines, slot.size);
    let package = fit(ink, Face::SansBold, &package_line(paper), right - left, &[way(8.5, 1), way(7.0, 1)]);
    draw_lines(ink, Face::SansBold, left, y + PACKAGE_BASE, &package.lines, package.size);
    ink.text(Face::Sans, 8.0, left, y + NOTICE_BASE + 4.0, "Người nhận ký:");
    ink.line((left + 58.0, y + NOTICE_BASE + 5.5), (right, y + NOTICE_BASE + 5.5), 0.6);
}

/// The package and, when there are several, how many.
pub(super) fn package_line(paper: &VoucherPaper) -> String {
    let count = if paper.units > 1 { format!("{} suất: ", paper.units) } else { "Suất quà: ".to_owned() };
    count + &clean(&paper.package)
}

/// The contents one after the other.
pub(super) fn contents_line(paper: &VoucherPaper) -> String {
    joined(&paper.contents.iter().map(String::as_str).collect::<Vec<_>>(), " · ")
}

/// Those parts that say something, with a separator between them.
pub(super) fn joined(parts: &[&str], separator: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| clean(part)).filter(|part| !part.is_empty()).collect();
    parts.join(separator)
}

/// Draws lines from the first base line on, and gives the last base line; without lines, one line's height above.
pub(super) fn draw_lines(ink: &mut Ink, face: Face, x: f32, base: f32, lines: &[String], size: f32) -> f32 {
    let step = size * STEP;
    for (line, text) in lines.iter().enumerate() {
        ink.text(face, size, x, base + line as f32 * step, text);
    }
    base + (lines.len() as f32 - 1.0) * step
}
