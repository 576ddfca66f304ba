//! An .xlsx of 100,000 rows, written: the workbook that returns bad rows to the neighbourhood, beside rust_xlsxwriter
//! writing the same cells and nothing else.
//!
//! `cargo bench --bench export`. Medians of three; only the ratio travels between machines.

#[path = "support/mod.rs"]
mod support;

use lalanh::households::import::{HouseholdRow, read};
use lalanh::kernel::Clock;
use lalanh::kernel::message::Lang;
use lalanh::spreadsheet::annotate::error_workbook;
use lalanh::spreadsheet::{Limits, Reading, RowStatus, Workbook};
use rust_xlsxwriter::{Format, FormatBorder, Workbook as Writer};
use support::{Folder, figure, fsync_secs, median, timed};

/// Rows of the workbook; each is 8 columns of the list, its row's number and its reasons.
const ROWS: u32 = 100_000;
const TITLES: [&str; 8] =
    ["STT", "Họ và tên chủ hộ", "Số điện thoại", "Số CCCD", "Năm sinh", "Địa chỉ", "Số nhân khẩu", "Diện"];
const RUNS: usize = 3;

fn main() {
    let folder = Folder::new("export");
    let reading = reading();
    let (mut ours, mut theirs, mut size) = (vec![], vec![], 0);
    for _ in 0..RUNS {
        theirs.push(timed(|| alone(&reading)).1);
        let (bytes, took) = timed(|| error_workbook(&reading, Lang::Vi).expect("a workbook"));
        ours.push(took);
        size = bytes.len();
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("an .xlsx of {ROWS} bad rows with their reasons, {:.1} MB", size as f64 / 1e6);
    println!("  ours                    {ours:.2} s");
    println!("  rust_xlsxwriter alone   {theirs:.2} s");
    println!("  ratio {:.2} × (goal ≤ 1.3)   fdatasync {:.2} ms", ours / theirs, fsync_secs(&folder.0) * 1e3);
    figure(
        &format!("export .xlsx of {ROWS} rows"),
        &format!("{ours:.2} s, {:.2} × rust_xlsxwriter alone", ours / theirs),
        "≤ 1.3 ×",
    );
}

/// A list in which no household's id number is one: with digits alone, row 100,000 would have the nine of an old id number.
fn reading() -> Reading<HouseholdRow> {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet_with_constant_memory().expect("a sheet");
    for (column, title) in (0..).zip(TITLES) {
        sheet.write(0, column, title).expect("a title");
    }
    for row in 1..=ROWS {
        let texts = [
            row.to_string(),
            format!("Nguyễn Thị Hoa {}", row % 97),
            format!("09{row:08}"),
            format!("048{row}?"),
            "1970".to_owned(),
            format!("K{}/{} Nguyễn Phước Nguyên", row % 997, row / 997 + 1),
            "4".to_owned(),
            "Hộ nghèo".to_owned(),
        ];
        for (column, text) in (0..).zip(&texts) {
            sheet.write(row, column, text).expect("a text");
        }
    }
    let file = writer.save_to_buffer().expect("a workbook");
    let workbook = Workbook::open(&file, &Limits::default()).expect("we wrote it");
    let reading = read(&workbook, &[], Clock::system().today()).expect("a list");
    let bad = reading.rows.iter().filter(|row| row.status == RowStatus::Error).count();
    assert_eq!(bad, ROWS as usize, "every row has an error");
    reading
}

/// The same cells, with one format and ready reasons.
fn alone(reading: &Reading<HouseholdRow>) -> usize {
    let mut writer = Writer::new();
    let format = Format::new().set_num_format("@").set_border(FormatBorder::Thin).set_text_wrap();
    let sheet = writer.add_worksheet_with_constant_memory().expect("a sheet");
    for (at, row) in (1..).zip(&reading.rows) {
        sheet.write_number_with_format(at, 0, row.at.row, &format).expect("a number");
        for (column, text) in (1..).zip(&row.original) {
            sheet.write_string_with_format(at, column, text, &format).expect("a text");
        }
        let reason = "Số CCCD: phải có 12 chữ số (CCCD) hoặc 9 chữ số (CMND).";
        sheet.write_string_with_format(at, 9, reason, &format).expect("a text");
    }
    writer.save_to_buffer().expect("a workbook").len()
}
