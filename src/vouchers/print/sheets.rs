//! Sheets of vouchers: eight cards, four cards with stubs, or one large voucher a page.

use std::io::{self, Write};

use super::voucher_paper::{SheetHead, VoucherPaper};
use super::{Printed, card, poster};
use crate::kernel::message::Invalid;
use crate::paper::canvas::{Canvas, Stamp};
use crate::paper::document::Document;
use crate::paper::fonts::Face;
use crate::paper::qr::{Level, Matrix};
use crate::paper::{A4, DOT};

/// How vouchers lie on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Eight a page, to cut up.
    #[default]
    Eight,
    /// One a page, large: for a door, or for eyes that read badly.
    One,
    /// Four a page, each a card and a stub that both carry the code; the point keeps the stub, signed.
    CardAndStub,
}

impl Layout {
    /// Reads `eight`, `one` or `card`.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        match name {
            "eight" => Ok(Self::Eight),
            "one" => Ok(Self::One),
            "card" => Ok(Self::CardAndStub),
            _ => Err(Invalid::fixed(
                "unknown",
                "Kiểu in là một trong: eight (8 phiếu một trang), one (1 phiếu một trang), card (phiếu kèm cuống).",
                "A layout is one of: eight (8 vouchers a page), one (1 a page), card (voucher and stub).",
            )),
        }
    }

    /// The name that [`Layout::parse`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eight => "eight",
            Self::One => "one",
            Self::CardAndStub => "card",
        }
    }

    /// Vouchers on a full page.
    pub const fn per_page(self) -> usize {
        match self {
            Self::Eight => 8,
            Self::One => 1,
            Self::CardAndStub => 4,
        }
    }
}

/// Height of a card: a quarter of a page, in whole dots.
const CARD_HEIGHT: f32 = 877.0 * DOT;
/// Width of one of two cards side by side.
const HALF: f32 = 1240.0 * DOT;
/// Width of a card that has a stub, in whole dots.
const CARD_WITH_STUB: f32 = 1510.0 * DOT;

/// A file of vouchers in the making: add them one by one, then finish. Whole pages leave at once.
pub struct VoucherSheets<W> {
    document: Document<W>,
    forms: Forms,
    layout: Layout,
    on_page: usize,
    papers: u64,
}

/// What is the same on every voucher, drawn once.
struct Forms {
    voucher: Stamp,
    notice: Stamp,
    /// Only where there are stubs.
    stub: Option<Stamp>,
}

impl Forms {
    fn new<W: Write>(document: &mut Document<W>, head: &SheetHead, layout: Layout) -> io::Result<Self> {
        let width = match layout {
            Layout::One => {
                let voucher = document.new_stamp(|canvas| poster::draw_poster_form(canvas, head))?;
                let notice = document.new_stamp(|canvas| poster::draw_notice(canvas, None))?;
                return Ok(Self { voucher, notice, stub: None });
            }
            Layout::Eight => HALF,
            Layout::CardAndStub => CARD_WITH_STUB,
        };
        let voucher = document.new_stamp(|canvas| card::draw_card_form(canvas, width, head))?;
        let notice = document.new_stamp(|canvas| card::draw_notice(canvas, width, None))?;
        let stub = (layout == Layout::CardAndStub)
            .then(|| document.new_stamp(|canvas| card::draw_stub_form(canvas, A4.0 - CARD_WITH_STUB, head)))
            .transpose()?;
        Ok(Self { voucher, notice, stub })
    }

    fn card(&self, canvas: &mut Canvas, corner: (f32, f32), width: f32, paper: &VoucherPaper, matrix: &Matrix) {
        canvas.at_corner(corner.0, corner.1, |canvas| {
            canvas.stamp(self.voucher);
            match &paper.proxy_hint {
                None => canvas.stamp(self.notice),
                hint => card::draw_notice(canvas, width, hint.as_deref()),
            }
            card::draw_card(canvas, width, paper, matrix);
        });
    }

    fn stub(&self, canvas: &mut Canvas, y: f32, paper: &VoucherPaper, matrix: &Matrix) {
        canvas.at_corner(CARD_WITH_STUB, y, |canvas| {
            self.stub.into_iter().for_each(|stub| canvas.stamp(stub));
            card::draw_stub(canvas, A4.0 - CARD_WITH_STUB, paper, matrix);
        });
    }

    fn poster(&self, canvas: &mut Canvas, paper: &VoucherPaper, matrix: &Matrix) {
        canvas.stamp(self.voucher);
        match &paper.proxy_hint {
            None => canvas.stamp(self.notice),
            hint => poster::draw_notice(canvas, hint.as_deref()),
        }
        poster::draw_poster(canvas, paper, matrix);
    }
}

impl<W: Write> VoucherSheets<W> {
    /// Begins a file. Errors are the writer's.
    pub fn new(out: W, head: &SheetHead, layout: Layout) -> io::Result<Self> {
        let title = format!("Phiếu nhận hàng – {} – {}", head.round, head.campaign);
        let mut document = Document::new(out, &title, A4, head.written_at)?;
        let forms = Forms::new(&mut document, head, layout)?;
        Ok(Self { document, forms, layout, on_page: 0, papers: 0 })
    }

    /// Adds a voucher. Errors are the writer's, or `InvalidData` when the signed code is none.
    pub fn add(&mut self, paper: &VoucherPaper) -> io::Result<()> {
        let matrix =
            Matrix::encode(&paper.code, Level::M).map_err(|wrong| io::Error::new(io::ErrorKind::InvalidData, wrong))?;
        let (canvas, forms) = (&mut self.document.canvas, &self.forms);
        match self.layout {
            Layout::Eight => {
                let corner = ((self.on_page % 2) as f32 * HALF, (self.on_page / 2) as f32 * CARD_HEIGHT);
                forms.card(canvas, corner, HALF, paper, &matrix);
            }
            Layout::CardAndStub => {
                let y = self.on_page as f32 * CARD_HEIGHT;
                forms.card(canvas, (0.0, y), CARD_WITH_STUB, paper, &matrix);
                forms.stub(canvas, y, paper, &matrix);
            }
            Layout::One => forms.poster(canvas, paper, &matrix),
        }
        self.on_page += 1;
        self.papers += 1;
        if self.on_page == self.layout.per_page() { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> io::Result<()> {
        let canvas = &mut self.document.canvas;
        match self.layout {
            Layout::Eight => cut_lines(canvas, self.on_page.div_ceil(2), HALF),
            Layout::CardAndStub => cut_lines(canvas, self.on_page, CARD_WITH_STUB),
            Layout::One => {}
        }
        self.on_page = 0;
        self.document.end_page()
    }

    /// The writer, to take out what has been written so far.
    pub const fn writer_mut(&mut self) -> &mut W {
        self.document.writer_mut()
    }

    /// Ends the file; without any voucher it is one page that says so. Gives the writer back.
    pub fn finish(mut self) -> io::Result<(W, Printed)> {
        if self.papers == 0 {
            let text = "Không có phiếu nào để in. / There is no voucher to print.";
            self.document.canvas.text_centred(Face::Sans, 12.0, A4.0 / 2.0, 120.0, text);
            self.document.end_page()?;
        } else if self.on_page > 0 {
            self.end_page()?;
        }
        let pages = self.document.pages();
        let (out, bytes) = self.document.finish(None)?;
        Ok((out, Printed { papers: self.papers, pages, bytes }))
    }
}

/// Dashed lines below each row of cards and between the two sides, with scissors where cutting begins.
fn cut_lines(canvas: &mut Canvas, rows: usize, middle: f32) {
    let (width, height) = A4;
    let bottom = (rows as f32 * CARD_HEIGHT).min(height);
    canvas.dashes((middle, 14.0), (middle, bottom), 0.5);
    canvas.text_upwards(Face::Sans, 10.0, middle + 3.6, 13.0, "✂");
    for row in (1..=rows).filter(|row| *row < 4) {
        let y = row as f32 * CARD_HEIGHT;
        canvas.dashes((14.0, y), (width, y), 0.5);
        canvas.text(Face::Sans, 10.0, 3.0, y + 3.6, "✂");
    }
}

/// Writes a whole file of vouchers. Errors are the writer's, or `InvalidData` when a signed code is none.
pub fn write_vouchers<W: Write>(
    out: W,
    head: &SheetHead,
    layout: Layout,
    papers: impl IntoIterator<Item = VoucherPaper>,
) -> io::Result<Printed> {
    let mut sheets = VoucherSheets::new(out, head, layout)?;
    for paper in papers {
        sheets.add(&paper)?;
    }
    sheets.finish().map(|(_, printed)| printed)
}
