//! The heading of an official paper, and its place and date, in the manner of decree 30/2020/NĐ-CP (annex I).

use super::canvas::Canvas;
use super::fit::{Way, draw_centred, joined, way};
use super::fonts::Face;
use crate::kernel::Day;

const BODY: [Way; 3] = [way(11.0, 1), way(10.0, 1), way(9.0, 2)];

/// Who issues a paper.
#[derive(Clone, Copy, Debug)]
pub struct Letterhead<'a> {
    /// The body above the issuing one, such as `Ủy ban MTTQ Việt Nam thành phố Đà Nẵng`. May be empty.
    pub parent_body: &'a str,
    /// The issuing body, such as `Ủy ban MTTQ Việt Nam phường Thanh Khê`.
    pub issuing_body: &'a str,
}

impl Letterhead<'_> {
    /// Draws the issuing body left and the national heading right, over a width from `left` on, the first base line at
    /// `top`. Gives the last base line.
    pub fn draw(&self, canvas: &mut Canvas, left: f32, top: f32, width: f32) -> f32 {
        let (body, nation, half) = (left + width * 0.24, left + width * 0.73, width * 0.45);
        let mut base = top;
        if !self.parent_body.trim().is_empty() {
            base = draw_centred(canvas, Face::Serif, body, base, &self.parent_body.to_uppercase(), half, &BODY) + 14.0;
        }
        base = draw_centred(canvas, Face::SerifBold, body, base, &self.issuing_body.to_uppercase(), half, &BODY);
        canvas.line((body - 45.0, base + 6.0), (body + 45.0, base + 6.0), 0.7);
        canvas.text_centred(Face::SerifBold, 11.0, nation, top, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
        let motto = "Độc lập - Tự do - Hạnh phúc";
        canvas.text_centred(Face::SerifBold, 11.5, nation, top + 15.0, motto);
        let motto_half = canvas.width(Face::SerifBold, 11.5, motto) / 2.0;
        canvas.line((nation - motto_half, top + 20.5), (nation + motto_half, top + 20.5), 0.7);
        base.max(top + 15.0)
    }
}

/// `Thanh Khê, ngày 05 tháng 8 năm 2021`: days below 10 and the months January and February with a zero in front, as the
/// decree asks, so that nobody adds a figure.
pub fn place_and_date(place: &str, day: Day) -> String {
    let date = day.date();
    let (day, month, year) = (date.day(), date.month(), date.year());
    let month = if month < 3 { format!("{month:02}") } else { month.to_string() };
    joined(&[place, &format!("ngày {day:02} tháng {month} năm {year}")], ", ")
}
