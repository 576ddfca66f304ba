//! The list that people sign when they receive (danh sách ký nhận), on A4 across, in the manner of an official
//! paper: issuing body left, national heading right, a number on each page, totals in figures and words.

use std::io::{self, Write};

use super::Printed;
use crate::kernel::money::group_thousands;
use crate::kernel::{Day, Dong, Moment};
use crate::paper::canvas::Canvas;
use crate::paper::document::{Document, PageCountText};
use crate::paper::fit::{Way, draw_centred, fit, joined, way};
use crate::paper::fonts::Face;
use crate::paper::letterhead::{Letterhead, place_and_date};
use crate::paper::table::{Align, Column, Row, draw_headings};
use crate::paper::{A4, MM};
use crate::vouchers::typed_code::TypedCode;

/// What stands above and below the list.
#[derive(Clone, Debug)]
pub struct RosterHead {
    /// The body above the issuing one, such as `Ủy ban MTTQ Việt Nam thành phố Đà Nẵng`. May be empty.
    pub parent_body: String,
    /// The issuing body, such as `Ủy ban MTTQ Việt Nam phường Thanh Khê`.
    pub issuing_body: String,
    /// Campaign and round, below the title.
    pub campaign: String,
    /// The distribution point.
    pub point_name: String,
    pub point_address: String,
    /// The day or days of the handing out, such as `Thứ Năm 05/08/2021`.
    pub day: String,
    /// The package, such as `10 kg gạo, 10 quả trứng`.
    pub package: String,
    /// The place that stands before the date, such as `Thanh Khê`.
    pub place: String,
    /// The date of the paper.
    pub date: Day,
    /// The moment that the file gives as its own.
    pub written_at: Moment,
}

/// One household of the list.
#[derive(Clone, Debug)]
pub struct RosterRow {
    /// Head of the household.
    pub name: String,
    /// Year of birth, if it is known.
    pub birth_year: Option<i16>,
    /// Address and area.
    pub address: String,
    /// Packages.
    pub units: u32,
    /// Value of all of them.
    pub value: Dong,
    /// The voucher's typed code, to be keyed in afterwards.
    pub typed_code: TypedCode,
    /// Such as `ký thay` for a proxy. May be empty.
    pub note: String,
}

const LEFT: f32 = 15.0 * MM;
const WIDTH: f32 = A4.1 - 2.0 * LEFT;
const BOTTOM: f32 = A4.0 - 15.0 * MM;
const FIRST_TOP: f32 = 13.0 * MM;
const NEXT_TOP: f32 = 15.0 * MM;
/// Room to sign: 9 mm.
const ROW_HEIGHT: f32 = 9.0 * MM;
/// Room that the totals, the date and the signatures need together.
const CLOSING_HEIGHT: f32 = 62.0 * MM;
const HEADING: [Way; 2] = [way(9.5, 2), way(8.5, 2)];
const PLAIN: [Way; 4] = [way(10.0, 1), way(9.0, 1), way(9.5, 2), way(8.5, 2)];
const FIGURE: [Way; 4] = [way(10.0, 1), way(9.0, 1), way(7.5, 1), way(6.5, 1)];
const CODE: [Way; 1] = [way(10.0, 1)];

const fn column(heading: &'static str, width: f32, align: Align, ways: &'static [Way]) -> Column {
    Column { heading, width, align, face: Face::Serif, ways }
}

/// The columns; together they are [`WIDTH`] wide.
static COLUMNS: [Column; 9] = [
    column("STT", 30.0, Align::Centre, &FIGURE),
    column("Họ và tên", 150.0, Align::Left, &PLAIN),
    column("Năm sinh", 38.0, Align::Centre, &FIGURE),
    column("Địa chỉ", 172.0, Align::Left, &PLAIN),
    column("Số lượng (suất)", 46.0, Align::Centre, &FIGURE),
    column("Trị giá (đồng)", 72.0, Align::Right, &FIGURE),
    Column { heading: "Mã phiếu", width: 78.0, align: Align::Centre, face: Face::Mono, ways: &CODE },
    column("Ký nhận", 98.0, Align::Centre, &PLAIN),
    column("Ghi chú", WIDTH - 684.0, Align::Left, &[way(9.0, 2), way(8.0, 2)]),
];

/// A list in the making: add the rows one by one, then finish. Whole pages leave at once.
pub struct Roster<W> {
    document: Document<W>,
    head: RosterHead,
    y: f32,
    rows: u64,
    units: u64,
    value: Dong,
}

impl<W: Write> Roster<W> {
    /// Begins a list. Errors are the writer's.
    pub fn new(out: W, head: RosterHead) -> io::Result<Self> {
        let title = format!("Danh sách ký nhận – {} – {}", head.point_name, head.campaign);
        let mut document = Document::new(out, &title, (A4.1, A4.0), head.written_at)?;
        let y = draw_head(&mut document.canvas, &head);
        let y = draw_headings(&mut document.canvas, &COLUMNS, LEFT, y, &HEADING);
        Ok(Self { document, head, y, rows: 0, units: 0, value: Dong(0) })
    }

    /// Adds a household. Errors are the writer's.
    pub fn add(&mut self, row: &RosterRow) -> io::Result<()> {
        self.rows += 1;
        self.units += u64::from(row.units);
        self.value = Dong(self.value.0.saturating_add(row.value.0));
        let texts = [
            self.rows.to_string(),
            row.name.clone(),
            row.birth_year.map(|year| year.to_string()).unwrap_or_default(),
            row.address.clone(),
            row.units.to_string(),
            row.value.grouped(),
            row.typed_code.to_string(),
            String::new(),
            row.note.clone(),
        ];
        let row = Row::new(&mut self.document.canvas, &COLUMNS, &texts, ROW_HEIGHT);
        self.put(&row)
    }

    fn put(&mut self, row: &Row) -> io::Result<()> {
        if self.y + row.height > BOTTOM {
            self.turn_page()?;
            self.y = draw_headings(&mut self.document.canvas, &COLUMNS, LEFT, NEXT_TOP, &HEADING);
        }
        row.draw(&mut self.document.canvas, &COLUMNS, LEFT, self.y);
        self.y += row.height;
        Ok(())
    }

    fn turn_page(&mut self) -> io::Result<()> {
        self.number_page();
        self.y = NEXT_TOP;
        self.document.end_page()
    }

    /// `Trang 2/7`, with the 7 to come when it is known.
    fn number_page(&mut self) {
        let text = format!("Trang {}/", self.document.pages() + 1);
        let (x, y) = (LEFT + WIDTH - 22.0, BOTTOM + 20.0);
        self.document.canvas.text_right(Face::Serif, 9.0, x, y, &text);
        self.document.canvas.page_count(x, y);
    }

    /// The writer, to take out what has been written so far.
    pub const fn writer_mut(&mut self) -> &mut W {
        self.document.writer_mut()
    }

    /// Writes totals, date and signatures, and ends the file. Gives the writer back.
    pub fn finish(mut self) -> io::Result<(W, Printed)> {
        let mut texts = [(); COLUMNS.len()].map(|()| String::new());
        texts[1] = "Tổng cộng".to_owned();
        texts[4] = group_thousands(i64::try_from(self.units).unwrap_or(i64::MAX));
        texts[5] = self.value.grouped();
        let row = Row::totals(&mut self.document.canvas, &COLUMNS, &texts, 20.0);
        self.put(&row)?;
        if self.y + CLOSING_HEIGHT > BOTTOM {
            self.turn_page()?;
        }
        draw_closing(&mut self.document.canvas, self.y, &self.head, self.rows, self.units, self.value);
        self.turn_page()?;
        let pages = self.document.pages();
        let (out, bytes) = self.document.finish(Some(PageCountText { face: Face::Serif, size: 9.0 }))?;
        Ok((out, Printed { papers: self.rows, pages, bytes }))
    }
}

/// Draws the heading and gives where the table begins.
fn draw_head(canvas: &mut Canvas, head: &RosterHead) -> f32 {
    let letterhead = Letterhead { parent_body: &head.parent_body, issuing_body: &head.issuing_body };
    let base = letterhead.draw(canvas, LEFT, FIRST_TOP + 10.0, WIDTH);
    let middle = LEFT + WIDTH / 2.0;
    let mut base = base + 34.0;
    canvas.text_centred(Face::SerifBold, 15.0, middle, base, "DANH SÁCH KÝ NHẬN");
    base = draw_centred(
        canvas,
        Face::SerifBold,
        middle,
        base + 16.0,
        &head.campaign,
        WIDTH,
        &[way(11.5, 1), way(10.0, 2)],
    );
    let point = joined(&[&head.point_name, &head.point_address], ", ");
    let where_when = [("Điểm phát", point.as_str()), ("Ngày phát", &head.day), ("Suất quà", &head.package)];
    for (label, text) in where_when.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let fitted = fit(canvas, Face::Serif, &format!("{label}: {text}"), WIDTH, &[way(10.5, 1), way(9.0, 1)]);
        for line in &fitted.lines {
            base += 14.5;
            canvas.text_centred(Face::Serif, fitted.size, middle, base, line);
        }
    }
    base + 11.0
}

/// Totals in figures and words, place and date, and where the two sign.
fn draw_closing(canvas: &mut Canvas, y: f32, head: &RosterHead, rows: u64, units: u64, value: Dong) {
    let count = |n: u64| group_thousands(i64::try_from(n).unwrap_or(i64::MAX));
    let totals = format!("Tổng số: {} hộ, {} suất quà, trị giá {} đồng.", count(rows), count(units), value.grouped());
    canvas.text(Face::Serif, 11.0, LEFT, y + 18.0, &totals);
    let label = "Số tiền bằng chữ: ";
    canvas.text(Face::Serif, 11.0, LEFT, y + 33.0, label);
    let label_width = canvas.width(Face::Serif, 11.0, label);
    let words = fit(
        canvas,
        Face::SerifItalic,
        &format!("{}.", value.in_words()),
        WIDTH - label_width,
        &[way(11.0, 1), way(9.0, 2)],
    );
    for (line, text) in words.lines.iter().enumerate() {
        canvas.text(Face::SerifItalic, words.size, LEFT + label_width, y + 33.0 + line as f32 * 11.0, text);
    }
    let (left, right) = (LEFT + WIDTH * 0.2, LEFT + WIDTH * 0.77);
    canvas.text_centred(Face::SerifItalic, 11.0, right, y + 58.0, &place_and_date(&head.place, head.date));
    for (x, title) in [(left, "NGƯỜI LẬP BIỂU"), (right, "TM. BAN THƯỜNG TRỰC")] {
        canvas.text_centred(Face::SerifBold, 11.0, x, y + 74.0, title);
    }
    canvas.text_centred(Face::SerifItalic, 10.0, left, y + 88.0, "(Ký, ghi rõ họ tên)");
    canvas.text_centred(Face::SerifItalic, 10.0, right, y + 88.0, "(Ký, ghi rõ họ tên, đóng dấu)");
}
