//! The report as an .xlsx of five sheets, ready to print on A4.
//!
//! Texts are written as text cells, never as formulas, whatever they begin with.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::figures::{GoodsFigure, RentOfStatus, Summary};
use super::period::{Bounds, Period};
use super::store::rows::{self, FigureRow};
use super::summary::summary;
use crate::db::Conn;
use crate::donations::LineKind;
use crate::http::{Cursor, Error, Result};
use crate::landlords::ReductionStatus;
use crate::landlords::store::totals::{self, CountedReduction};
use crate::people::audit_head::{AuditHead, audit_head};
use crate::reports::store::rows::On;

/// Rows of donations or reductions that a workbook lists at most; the totals always cover all.
const LISTED_MAX: i64 = 50_000;
/// Paper size 9 is A4 (ECMA-376 §18.3.1.63).
const A4: u8 = 9;

/// The workbook's bytes. Give it a snapshot, so that all sheets are of one moment.
pub async fn of(conn: &mut Conn, period: Period) -> Result<Vec<u8>> {
    let bounds: Bounds = period.bounds();
    let summary = summary(conn, period).await?;
    let cursor = Cursor { fetch: LISTED_MAX, after: uuid::Uuid::nil() };
    let donated = rows::donated(conn, &bounds, LineKind::Packages, cursor).await?;
    let reductions = totals::counted(conn, &bounds.rent(), LISTED_MAX).await?;
    let head = audit_head(conn).await?.map(|head| said(&head));
    write(&summary, &donated, &reductions, head.as_deref()).map_err(|error| Error::Internal(Box::new(error)))
}

/// The end of the audit log, as a report is printed with it.
pub fn said(head: &AuditHead) -> String {
    format!("Nhật ký thao tác đến mục {head}, {}", head.at.for_people())
}

/// Number formats by groups of three digits. The dot is written out, so that 1.286.010.000 reads the same on a computer
/// that is set to another country.
const GROUPED: [&str; 5] =
    ["0", r#"0"."000"#, r#"0"."000"."000"#, r#"0"."000"."000"."000"#, r#"0"."000"."000"."000"."000"#];

struct Styles {
    title: Format,
    head: Format,
    text: Format,
    numbers: [Format; 5],
    total: Format,
    total_numbers: [Format; 5],
    prose: Format,
}

impl Styles {
    fn new() -> Self {
        let base = || Format::new().set_font_name("Times New Roman").set_font_size(12);
        let cell = || base().set_border(FormatBorder::Thin);
        let bold = || cell().set_bold();
        Self {
            title: base().set_bold().set_font_size(14),
            head: bold().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter).set_text_wrap(),
            text: cell().set_text_wrap().set_num_format("@"),
            numbers: GROUPED.map(|dots| cell().set_num_format(dots)),
            total: bold(),
            total_numbers: GROUPED.map(|dots| bold().set_num_format(dots)),
            prose: base().set_text_wrap().set_align(FormatAlign::Top).set_align(FormatAlign::Justify),
        }
    }
}

/// A cell of a table.
enum Cell<'a> {
    Text(&'a str),
    Number(i64),
}

/// A titled table, one row after another.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    styles: &'a Styles,
    row: u32,
}

impl<'a> Sheet<'a> {
    fn new(
        book: &'a mut Workbook,
        styles: &'a Styles,
        name: &str,
        title: &str,
        period: &str,
        widths: &[f64],
    ) -> std::result::Result<Self, XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_margins(0.6, 0.5, 0.6, 0.6, 0.3, 0.3);
        sheet.set_footer("&C&P/&N");
        for (column, width) in (0_u16..).zip(widths) {
            sheet.set_column_width(column, *width)?;
        }
        sheet.write_string_with_format(0, 0, title, &styles.title)?;
        sheet.write_string(1, 0, period)?;
        Ok(Self { sheet, styles, row: 3 })
    }

    fn head(&mut self, titles: &[&str]) -> std::result::Result<(), XlsxError> {
        for (column, title) in (0_u16..).zip(titles) {
            self.sheet.write_string_with_format(self.row, column, *title, &self.styles.head)?;
        }
        self.sheet.set_repeat_rows(self.row, self.row)?.set_freeze_panes(self.row + 1, 0)?;
        self.row += 1;
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>], total: bool) -> std::result::Result<(), XlsxError> {
        let (text, numbers) = match total {
            true => (&self.styles.total, &self.styles.total_numbers),
            false => (&self.styles.text, &self.styles.numbers),
        };
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(value) => self.sheet.write_string_with_format(self.row, column, *value, text)?,
                // Sums stay far below 2⁵³, where a workbook's numbers are exact.
                Cell::Number(value) => {
                    let groups = usize::try_from(value.unsigned_abs().max(1).ilog10() / 3).unwrap_or(0);
                    self.sheet.write_number_with_format(self.row, column, *value as f64, &numbers[groups.min(4)])?
                }
            };
        }
        self.row += 1;
        Ok(())
    }
}

fn write(
    summary: &Summary,
    donated: &[FigureRow],
    reductions: &[CountedReduction],
    head: Option<&str>,
) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::new();
    let period = period_text(summary);
    overview(&mut book, &styles, &period, summary, head)?;
    packages(&mut book, &styles, &period, summary, donated)?;
    rent(&mut book, &styles, &period, summary, reductions)?;
    goods(&mut book, &styles, &period, &summary.goods)?;
    rounds(&mut book, &styles, &period, summary)?;
    book.save_to_buffer()
}

fn period_text(summary: &Summary) -> String {
    match (summary.from, summary.to) {
        (Some(from), Some(to)) => format!("Từ ngày {} đến ngày {}", from.for_people(), to.for_people()),
        (Some(from), None) => format!("Từ ngày {} đến nay", from.for_people()),
        (None, Some(to)) => format!("Đến ngày {}", to.for_people()),
        (None, None) => "Toàn bộ thời gian".to_owned(),
    }
}

fn overview(
    book: &mut Workbook,
    styles: &Styles,
    period: &str,
    summary: &Summary,
    head: Option<&str>,
) -> std::result::Result<(), XlsxError> {
    let widths = [46.0, 16.0, 24.0];
    let mut sheet = Sheet::new(book, styles, "Tổng hợp", "BÁO CÁO TỔNG HỢP", period, &widths)?;
    sheet.sheet.merge_range(3, 0, 3, 2, "", &styles.prose)?;
    sheet.sheet.write_string_with_format(3, 0, &summary.text_vi, &styles.prose)?;
    let lines = u32::try_from(summary.text_vi.chars().count() / 75).unwrap_or(0) + 2;
    sheet.sheet.set_row_height(3, f64::from(lines) * 17.0)?;
    sheet.row = 5;
    sheet.head(&["Nội dung", "Số lượng", "Giá trị (đồng)"])?;
    sheet.sheet.set_freeze_panes(0, 0)?;
    let packages = &summary.packages;
    let handed_in_rounds: i64 = summary.rounds.iter().map(|round| round.packages).sum();
    let value_in_rounds: i64 = summary.rounds.iter().map(|round| round.value.0).sum();
    for (name, count, value) in [
        ("Suất quà vận động được", packages.mobilised.count, packages.mobilised.value.0),
        ("Suất quà đã trao", packages.handed_out.count, packages.handed_out.value.0),
        ("Phòng trọ được giảm tiền thuê", summary.rent.rooms, summary.rent.amount.0),
        ("Chủ nhà trọ giảm tiền thuê", summary.rent.landlords, summary.rent.amount.0),
        ("Suất quà trao tại các đợt phát", handed_in_rounds, value_in_rounds),
    ] {
        sheet.row(&[Cell::Text(name), Cell::Number(count), Cell::Number(value)], false)?;
    }
    sheet.row(&[Cell::Text("Phiên chợ 0 đồng"), Cell::Number(summary.markets), Cell::Text("")], false)?;
    sheet.row(&[Cell::Text("Tiền mặt nhận được"), Cell::Text(""), Cell::Number(summary.cash.received.0)], false)?;
    if let Some(head) = head {
        sheet.sheet.write_string(sheet.row + 1, 0, head)?;
    }
    Ok(())
}

fn packages(
    book: &mut Workbook,
    styles: &Styles,
    period: &str,
    summary: &Summary,
    donated: &[FigureRow],
) -> std::result::Result<(), XlsxError> {
    let widths = [7.0, 14.0, 42.0, 12.0, 20.0];
    let mut sheet = Sheet::new(book, styles, "Suất quà", "SUẤT QUÀ VẬN ĐỘNG ĐƯỢC", period, &widths)?;
    sheet.head(&["STT", "Ngày nhận", "Đơn vị/cá nhân", "Số suất", "Trị giá (đồng)"])?;
    for (number, row) in (1_i64..).zip(donated) {
        let day = match row.day {
            Some(On::Day(day)) => day.for_people(),
            Some(On::Month(_)) | None => String::new(),
        };
        let cells = [
            Cell::Number(number),
            Cell::Text(&day),
            Cell::Text(&row.label),
            Cell::Number(row.count),
            Cell::Number(row.value.0),
        ];
        sheet.row(&cells, false)?;
    }
    let all = &summary.packages.mobilised;
    let cells =
        [Cell::Text(""), Cell::Text(""), Cell::Text("Tổng cộng"), Cell::Number(all.count), Cell::Number(all.value.0)];
    sheet.row(&cells, true)
}

fn rent(
    book: &mut Workbook,
    styles: &Styles,
    period: &str,
    summary: &Summary,
    reductions: &[CountedReduction],
) -> std::result::Result<(), XlsxError> {
    let widths = [7.0, 14.0, 30.0, 16.0, 12.0, 14.0, 22.0];
    let mut sheet = Sheet::new(book, styles, "Giảm tiền trọ", "GIẢM TIỀN THUÊ TRỌ", period, &widths)?;
    sheet.head(&["STT", "Mã", "Khu vực", "Trạng thái", "Số phòng", "Phòng × tháng", "Số tiền giảm (đồng)"])?;
    for (number, row) in (1_i64..).zip(reductions) {
        let cells = [
            Cell::Number(number),
            Cell::Text(&row.reference),
            Cell::Text(row.area.as_deref().unwrap_or("")),
            Cell::Text(status_vi(row.status)),
            Cell::Number(row.rooms),
            Cell::Number(row.room_months),
            Cell::Number(row.amount.0),
        ];
        sheet.row(&cells, false)?;
    }
    let rent = &summary.rent;
    // A room that several reductions cut is one room: the total is no sum of the column.
    let cells = [
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text("Tổng cộng (phòng khác nhau)"),
        Cell::Text(""),
        Cell::Number(rent.rooms),
        Cell::Number(rent.room_months),
        Cell::Number(rent.amount.0),
    ];
    sheet.row(&cells, true)?;
    sheet.row += 1;
    let by_status = &rent.by_status;
    let statuses: [(ReductionStatus, &RentOfStatus); 5] = [
        (ReductionStatus::Pledged, &by_status.pledged),
        (ReductionStatus::Verified, &by_status.verified),
        (ReductionStatus::Confirmed, &by_status.confirmed),
        (ReductionStatus::Rejected, &by_status.rejected),
        (ReductionStatus::Withdrawn, &by_status.withdrawn),
    ];
    for (status, figures) in statuses {
        let cells = [
            Cell::Text(""),
            Cell::Text(""),
            Cell::Text("Theo trạng thái"),
            Cell::Text(status_vi(status)),
            Cell::Number(figures.rooms),
            Cell::Number(figures.room_months),
            Cell::Number(figures.amount.0),
        ];
        sheet.row(&cells, false)?;
    }
    Ok(())
}

const fn status_vi(status: ReductionStatus) -> &'static str {
    match status {
        ReductionStatus::Pledged => "Đăng ký giảm",
        ReductionStatus::Verified => "Đã xác minh",
        ReductionStatus::Confirmed => "Đã xác nhận",
        ReductionStatus::Withdrawn => "Chủ nhà trọ đã rút",
        ReductionStatus::Rejected => "Đã từ chối",
    }
}

fn goods(
    book: &mut Workbook,
    styles: &Styles,
    period: &str,
    goods: &[GoodsFigure],
) -> std::result::Result<(), XlsxError> {
    let widths = [7.0, 34.0, 10.0, 16.0, 16.0, 16.0, 16.0, 16.0];
    let mut sheet = Sheet::new(book, styles, "Hàng hóa", "HÀNG HÓA", period, &widths)?;
    sheet.sheet.set_landscape();
    sheet.head(&["STT", "Mặt hàng", "ĐVT", "Đã nhận", "Đã trao", "Hư hỏng", "Điều chỉnh", "Tồn kho hiện nay"])?;
    for (number, item) in (1_i64..).zip(goods) {
        let decimals = u8::try_from(item.decimals).unwrap_or(0);
        let [received, handed_out, spoiled, adjusted, on_hand] =
            [item.received, item.handed_out, item.spoiled, item.adjusted, item.on_hand].map(|n| n.in_unit(decimals));
        let cells = [
            Cell::Number(number),
            Cell::Text(&item.name),
            Cell::Text(&item.unit),
            Cell::Text(&received),
            Cell::Text(&handed_out),
            Cell::Text(&spoiled),
            Cell::Text(&adjusted),
            Cell::Text(&on_hand),
        ];
        sheet.row(&cells, false)?;
    }
    Ok(())
}

fn rounds(book: &mut Workbook, styles: &Styles, period: &str, summary: &Summary) -> std::result::Result<(), XlsxError> {
    let widths = [10.0, 48.0, 14.0, 22.0];
    let mut sheet = Sheet::new(book, styles, "Đợt phát", "CÁC ĐỢT PHÁT", period, &widths)?;
    sheet.head(&["Số", "Đợt phát", "Số suất", "Trị giá (đồng)"])?;
    for round in &summary.rounds {
        let cells = [
            Cell::Number(round.number),
            Cell::Text(&round.name),
            Cell::Number(round.packages),
            Cell::Number(round.value.0),
        ];
        sheet.row(&cells, false)?;
    }
    Ok(())
}
