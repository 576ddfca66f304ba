//! Sheets of vouchers: eight cards, four cards with stubs, or one large voucher a page.

use std::io::{self, Write};

use crate::kernel::Moment;
use crate::kernel::message::Invalid;
use crate::vouchers::qr::{Level, Matrix};
use crate::vouchers::typed_code::TypedCode;

use super::document::{Document, Stamp};
use super::fonts::Face;
use super::ink::Ink;
use super::{A4, DOT, Printed, card, poster};

/// What is the same on every voucher of a file.
#[derive(Clone, Debug)]
pub struct SheetHead {
    /// Who issues the vouchers, such as `UBMTTQVN phường Thanh Khê`.
    pub issuer: String,
    /// The campaign, such as `San sẻ yêu thương, vượt qua đại dịch`.
    pub campaign: String,
    /// The round, such as `Đợt 3`.
    pub round: String,
    /// The moment that the file gives as its own.
    pub written_at: Moment,
}

/// One voucher, as it is printed.
#[derive(Clone, Debug)]
pub struct VoucherPaper {
    /// Head of the household.
    pub household_name: String,
    /// Street address.
    pub address: String,
    /// Neighbourhood and group, such as `KDC 03, tổ 12`.
    pub area: String,
    /// The distribution point.
    pub point_name: String,
    /// Where the point is.
    pub point_address: String,
    /// The day or days, such as `Thứ Năm 05/08/2021`.
    pub day: String,
    /// The time slot, such as `08:00 – 08:20`.
    pub slot: Option<String>,
    /// The package's name.
    pub package: String,
    /// What is inside, such as `10 kg gạo`.
    pub contents: Vec<String>,
    /// How many packages the voucher is good for.
    pub units: u8,
    /// The voucher's serial in its round.
    pub serial: u32,
    /// The signed code, for the QR code.
    pub code: String,
    /// The typed code.
    pub typed_code: TypedCode,
    /// What a neighbour who collects must bring, if the round allows one to.
    pub proxy_hint: Option<String>,
}

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
                let voucher = document.new_stamp(|ink| poster::draw_poster_form(ink, head))?;
                let notice = document.new_stamp(|ink| poster::draw_notice(ink, None))?;
                return Ok(Self { voucher, notice, stub: None });
            }
            Layout::Eight => HALF,
            Layout::CardAndStub => CARD_WITH_STUB,
        };
        let voucher = document.new_stamp(|ink| card::draw_card_form(ink, width, head))?;
        let notice = document.new_stamp(|ink| card::draw_notice(ink, width, None))?;
        let stub = (layout == Layout::CardAndStub)
            .then(|| document.new_stamp(|ink| card::draw_stub_form(ink, A4.0 - CARD_WITH_STUB, head)))
            .transpose()?;
        Ok(Self { voucher, notice, stub })
    }

    fn card(&self, ink: &mut Ink, corner: (f32, f32), width: f32, paper: &VoucherPaper, matrix: &Matrix) {
        ink.at_corner(corner.0, corner.1, |ink| {
            ink.stamp(self.voucher);
            match &paper.proxy_hint {
                None => ink.stamp(self.notice),
                hint => card::draw_notice(ink, width, hint.as_deref()),
            }
            card::draw_card(ink, width, paper, matrix);
        });
    }

    fn stub(&self, ink: &mut Ink, y: f32, paper: &VoucherPaper, matrix: &Matrix) {
        ink.at_corner(CARD_WITH_STUB, y, |ink| {
            self.stub.into_iter().for_each(|stub| ink.stamp(stub));
            card::draw_stub(ink, A4.0 - CARD_WITH_STUB, paper, matrix);
        });
    }

    fn poster(&self, ink: &mut Ink, paper: &VoucherPaper, matrix: &Matrix) {
        ink.stamp(self.voucher);
        match &paper.proxy_hint {
            None => ink.stamp(self.notice),
            hint => poster::draw_notice(ink, hint.as_deref()),
        }
        poster::draw_poster(ink, paper, matrix);
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
        let (ink, forms) = (&mut self.document.ink, &self.forms);
        match self.layout {
            Layout::Eight => {
                let corner = ((self.on_page % 2) as f32 * HALF, (self.on_page / 2) as f32 * CARD_HEIGHT);
                forms.card(ink, corner, HALF, paper, &matrix);
            }
            Layout::CardAndStub => {
                let y = self.on_page as f32 * CARD_HEIGHT;
                forms.card(ink, (0.0, y), CARD_WITH_STUB, paper, &matrix);
                forms.stub(ink, y, paper, &matrix);
            }
            Layout::One => forms.poster(ink, paper, &matrix),
        }
        self.on_page += 1;
        self.papers += 1;
        if self.on_page == self.layout.per_page() { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> io::Result<()> {
        let ink = &mut self.document.ink;
        match self.layout {
            Layout::Eight => cut_lines(ink, self.on_page.div_ceil(2), HALF),
            Layout::CardAndStub => cut_lines(ink, self.on_page, CARD_WITH_STUB),
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
            self.document.ink.text_centred(Face::Sans, 12.0, A4.0 / 2.0, 120.0, text);
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
fn cut_lines(ink: &mut Ink, rows: usize, middle: f32) {
    let (width, height) = A4;
    let bottom = (rows as f32 * CARD_HEIGHT).min(height);
    ink.dashes((middle, 14.0), (middle, bottom), 0.5);
    ink.text_upwards(Face::Sans, 10.0, middle + 3.6, 13.0, "✂");
    for row in (1..=rows).filter(|row| *row < 4) {
        let y = row as f32 * CARD_HEIGHT;
        ink.dashes((14.0, y), (width, y), 0.5);
        ink.text(Face::Sans, 10.0, 3.0, y + 3.6, "✂");
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
