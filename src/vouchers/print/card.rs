//! A voucher as a card, a quarter of a page high, and the stub that the point keeps.
//!
//! Everything is black, no line is finer than half a point and no letter smaller than 6.5 points, so that the
//! third photocopy still reads.

use super::voucher_paper::{SheetHead, VoucherPaper};
use crate::paper::DOT;
use crate::paper::canvas::Canvas;
use crate::paper::fit::{Fitted, Way, clean, fit, joined, way};
use crate::paper::fonts::Face;
use crate::paper::qr::Matrix;

/// Free space inside the edge of a card; no printer prints closer than 4–5 mm to the edge of the sheet.
const PAD: f32 = 70.0 * DOT;
/// A module of the code: 8 dots at 300 dpi.
const MODULE: f32 = 8.0 * DOT;
/// The dark part of the code: version 6.
const CODE_SIDE: f32 = 41.0 * MODULE;
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

/// What is the same on every card of a file: who issues it, and the lines.
pub(super) fn draw_card_form(canvas: &mut Canvas, width: f32, head: &SheetHead) {
    draw_head(canvas, width - PAD, head, "PHIẾU NHẬN HÀNG");
    canvas.line((PAD, NOTICE_BASE - 8.5), (width - PAD, NOTICE_BASE - 8.5), 0.6);
    canvas.frame(PAD, DAY_TOP, column_of(width), DAY_HEIGHT, 1.0);
}

/// What every card says at its foot; a hint for proxies follows where there is one. In bold if there is room,
/// because fine strokes are the first that photocopies lose.
pub(super) fn draw_notice(canvas: &mut Canvas, width: f32, proxy_hint: Option<&str>) {
    const WAYS: [Way; 3] = [way(7.5, 2), way(7.0, 2), way(6.5, 2)];
    let text = joined(&[NOTICE, proxy_hint.unwrap_or_default()], " ");
    let mut face = Face::SansBold;
    let mut notice = fit(canvas, face, &text, width - 2.0 * PAD, &WAYS);
    if !notice.whole {
        face = Face::Sans;
        notice = fit(canvas, face, &text, width - 2.0 * PAD, &WAYS);
    }
    draw_lines(canvas, face, PAD, NOTICE_BASE, &notice.lines, notice.size);
}

/// Draws a card of that width, from its top left corner.
pub(super) fn draw_card(canvas: &mut Canvas, width: f32, paper: &VoucherPaper, matrix: &Matrix) {
    let right = width - PAD;
    draw_number(canvas, right, paper.serial);
    draw_code(canvas, right, paper, matrix);
    draw_addressee(canvas, column_of(width), paper);
    draw_time(canvas, column_of(width), paper);
    draw_package(canvas, right - PAD, paper);
}

/// Width of the column left of the code, whose quiet zone it leaves free.
fn column_of(width: f32) -> f32 {
    width - 2.0 * PAD - CODE_SIDE - QUIET - 3.0
}

/// Issuer and campaign left, what the paper is right, above a line.
fn draw_head(canvas: &mut Canvas, right: f32, head: &SheetHead, title: &str) {
    canvas.text_right(Face::SansBold, 8.5, right, 20.5, title);
    let room = right - PAD - canvas.width(Face::SansBold, 8.5, title) - 8.0;
    let issuer =
        fit(canvas, Face::SansBold, &head.issuer.to_uppercase(), room, &[way(7.5, 1), way(7.0, 1), way(6.5, 1)]);
    draw_lines(canvas, Face::SansBold, PAD, 20.5, &issuer.lines, issuer.size);
    let campaign = joined(&[&head.campaign, &head.round], " · ");
    let campaign = fit(canvas, Face::Sans, &campaign, room, &[way(7.0, 1), way(6.5, 1)]);
    draw_lines(canvas, Face::Sans, PAD, 29.5, &campaign.lines, campaign.size);
    canvas.line((PAD, 32.3), (right, 32.3), 0.6);
}

fn draw_number(canvas: &mut Canvas, right: f32, serial: u32) {
    canvas.text_right(Face::SansBold, 8.5, right, 29.5, &format!("Số {serial:06}"));
}

/// The code with the typed code below it, at the right edge.
fn draw_code(canvas: &mut Canvas, right: f32, paper: &VoucherPaper, matrix: &Matrix) {
    canvas.code(matrix, right - CODE_SIDE, CODE_TOP, MODULE);
    let middle = right - CODE_SIDE / 2.0;
    canvas.text_centred(Face::Mono, 11.9, middle, CODE_TOP + CODE_SIDE + QUIET + 10.0, &paper.typed_code.to_string());
}

/// Household and point, one below the other; what height they leave is shared out between them.
fn draw_addressee(canvas: &mut Canvas, width: f32, paper: &VoucherPaper) {
    let address = joined(&[&paper.address, &paper.area], ", ");
    let point = format!("Nhận tại: {}", clean(&paper.point_name));
    let blocks = [
        (Face::SansBold, 2.5, fit(canvas, Face::SansBold, &paper.household_name, width, &NAME)),
        (Face::Sans, 1.5, fit(canvas, Face::Sans, &address, width, &ADDRESS)),
        (Face::SansBold, 2.5, fit(canvas, Face::SansBold, &point, width, &POINT)),
        (Face::Sans, 1.0, fit(canvas, Face::Sans, &paper.point_address, width, &POINT_ADDRESS)),
    ];
    let needed: f32 = blocks.iter().map(|(_, gap, f)| gap + f.lines.len() as f32 * f.size * STEP).sum();
    let share = ((DAY_TOP - ADDRESSEE_TOP - 3.0 - needed) / 8.0).clamp(0.0, 4.0);
    let mut top = ADDRESSEE_TOP;
    for (face, gap, fitted) in blocks {
        top += gap * (1.0 + share / 1.5);
        draw_lines(canvas, face, PAD, top + fitted.size * 0.93, &fitted.lines, fitted.size);
        top += fitted.lines.len() as f32 * fitted.size * STEP;
    }
}

/// Day and slot in a frame: what a household must not miss.
fn draw_time(canvas: &mut Canvas, width: f32, paper: &VoucherPaper) {
    let middle = DAY_TOP + DAY_HEIGHT / 2.0;
    let slot = paper.slot.as_deref().map(clean).filter(|slot| !slot.is_empty());
    let Some(slot) = slot else {
        let day = fit(canvas, Face::SansBold, &paper.day, width - 10.0, &DAY_ALONE);
        return draw_middle(canvas, PAD + width / 2.0, middle, &day);
    };
    let slot = fit(
        canvas,
        Face::SansBold,
        &slot,
        width * 0.6 - 8.0,
        &[way(16.0, 1), way(14.0, 1), way(12.0, 1), way(9.0, 2), way(7.0, 2)],
    );
    draw_middle(canvas, PAD + width * 0.7, middle, &slot);
    canvas.line((PAD + width * 0.4, DAY_TOP), (PAD + width * 0.4, DAY_TOP + DAY_HEIGHT), 0.6);
    let day = fit(canvas, Face::SansBold, &paper.day, width * 0.4 - 8.0, &[way(10.0, 2), way(9.0, 2), way(7.0, 3)]);
    draw_middle(canvas, PAD + width * 0.2, middle, &day);
}

/// Lines whose middle is at `(x, y)`.
fn draw_middle(canvas: &mut Canvas, x: f32, y: f32, fitted: &Fitted) {
    let step = fitted.size * STEP;
    let mut base = y + fitted.size * 0.365 - step * (fitted.lines.len().max(1) - 1) as f32 / 2.0;
    for line in &fitted.lines {
        canvas.text_centred(Face::SansBold, fitted.size, x, base, line);
        base += step;
    }
}

/// What the household gets.
fn draw_package(canvas: &mut Canvas, width: f32, paper: &VoucherPaper) {
    let name = fit(canvas, Face::SansBold, &package_line(paper), width, &[way(9.5, 1), way(8.5, 1), way(7.5, 1)]);
    let base = draw_lines(canvas, Face::SansBold, PAD, PACKAGE_BASE, &name.lines, name.size);
    let contents =
        fit(canvas, Face::Sans, &contents_line(paper), width, &[way(9.0, 1), way(8.0, 1), way(7.0, 2), way(6.5, 2)]);
    draw_lines(canvas, Face::Sans, PAD, base + contents.size + 2.0, &contents.lines, contents.size);
}

/// What is the same on every stub of a file.
pub(super) fn draw_stub_form(canvas: &mut Canvas, width: f32, head: &SheetHead) {
    draw_head(canvas, width - PAD, head, "CUỐNG PHIẾU");
    canvas.text(Face::Sans, 7.0, PAD, ADDRESSEE_TOP + 9.0, "Điểm phát giữ lại");
    canvas.text(Face::Sans, 8.0, PAD, NOTICE_BASE + 4.0, "Người nhận ký:");
    canvas.line((PAD + 58.0, NOTICE_BASE + 5.5), (width - PAD, NOTICE_BASE + 5.5), 0.6);
}

/// Draws the stub, which the point keeps, from its top left corner.
pub(super) fn draw_stub(canvas: &mut Canvas, width: f32, paper: &VoucherPaper, matrix: &Matrix) {
    let right = width - PAD;
    draw_number(canvas, right, paper.serial);
    draw_code(canvas, right, paper, matrix);
    draw_recipient(canvas, column_of(width), paper);
    let package = fit(canvas, Face::SansBold, &package_line(paper), right - PAD, &[way(8.5, 1), way(7.0, 1)]);
    draw_lines(canvas, Face::SansBold, PAD, PACKAGE_BASE, &package.lines, package.size);
}

/// Who and when, on the stub.
fn draw_recipient(canvas: &mut Canvas, width: f32, paper: &VoucherPaper) {
    let name = fit(canvas, Face::SansBold, &paper.household_name, width, &[way(11.0, 2), way(9.5, 3), way(8.0, 3)]);
    let base = draw_lines(canvas, Face::SansBold, PAD, ADDRESSEE_TOP + 25.0, &name.lines, name.size);
    let area = fit(canvas, Face::Sans, &paper.area, width, &[way(8.0, 1), way(7.0, 2)]);
    let base = draw_lines(canvas, Face::Sans, PAD, base + 10.5, &area.lines, area.size);
    let day = fit(canvas, Face::Sans, &paper.day, width, &[way(8.5, 1), way(7.0, 2)]);
    let base = draw_lines(canvas, Face::Sans, PAD, base + 13.0, &day.lines, day.size);
    let slot =
        fit(canvas, Face::SansBold, paper.slot.as_deref().unwrap_or_default(), width, &[way(9.0, 1), way(7.0, 1)]);
    draw_lines(canvas, Face::SansBold, PAD, base + 11.0, &slot.lines, slot.size);
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

/// Draws lines from the first base line on, and gives the last base line; without lines, one line's height above.
pub(super) fn draw_lines(canvas: &mut Canvas, face: Face, x: f32, base: f32, lines: &[String], size: f32) -> f32 {
    let step = size * STEP;
    for (line, text) in lines.iter().enumerate() {
        canvas.text(face, size, x, base + line as f32 * step, text);
    }
    base + (lines.len() as f32 - 1.0) * step
}
