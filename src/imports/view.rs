//! What the pages of every kind of list show alike (`templates/parts/import.html`): rows by status with their wrong
//! cells to be corrected, decisions about duplicates, how the columns were understood, earlier lists. What those parts'
//! forms say is read by [`super::form`].

use super::staged::steps::Steps;
use super::staged::{Earlier, KeptDecision};
use crate::http::{Frame, PAGE_ROWS, Rows, Turn};
use crate::kernel::Message;
use crate::kernel::message::Lang;
use crate::spreadsheet::{Issue, ListRow, Reading, RowAt, RowIssue, RowStatus, SheetReading, Skip, Totals, Vocabulary};

/// The field names of forms.
pub(super) const FIX: &str = "fix[";
pub(super) const DECIDE: &str = "decide[";

/// Columns offered of a sheet without a header.
const UNREAD_COLUMNS: usize = 20;

/// One status with its count, a link that shows its rows.
pub struct Tab {
    /// The status' name in the address.
    pub name: &'static str,
    /// In the reader's words.
    pub label: &'static str,
    /// How many rows.
    pub count: usize,
    /// Whether its rows are shown.
    pub current: bool,
}

/// A status' name in addresses, and in the reader's words.
pub fn status_words(frame: &Frame, status: RowStatus) -> (&'static str, &'static str) {
    match status {
        RowStatus::New => ("new", frame.t("Mới", "New")),
        RowStatus::Update => ("update", frame.t("Bổ sung", "Adds to a known one")),
        RowStatus::Duplicate => ("duplicate", frame.t("Nghi trùng", "Possible duplicates")),
        RowStatus::Error => ("error", frame.t("Có lỗi", "With errors")),
        RowStatus::Skipped => ("skipped", frame.t("Không phải dữ liệu", "No data")),
    }
}

/// Every status that has rows, what needs a look first.
pub fn tabs(frame: &Frame, totals: Totals, current: RowStatus) -> Vec<Tab> {
    let counts = [
        (RowStatus::Error, totals.error),
        (RowStatus::Duplicate, totals.duplicate),
        (RowStatus::Update, totals.update),
        (RowStatus::New, totals.new),
        (RowStatus::Skipped, totals.skipped),
    ];
    let shown = counts.into_iter().filter(|(status, count)| *count > 0 || *status == current);
    let tab = |(status, count)| {
        let (name, label) = status_words(frame, status);
        Tab { name, label, count, current: status == current }
    };
    shown.map(tab).collect()
}

/// The status whose rows an address asks for, else the first that needs a look.
pub fn status_of_query(name: &str, totals: Totals) -> RowStatus {
    match name {
        "new" => RowStatus::New,
        "update" => RowStatus::Update,
        "duplicate" => RowStatus::Duplicate,
        "error" => RowStatus::Error,
        "skipped" => RowStatus::Skipped,
        _ if totals.error > 0 => RowStatus::Error,
        _ if totals.duplicate > 0 => RowStatus::Duplicate,
        _ if totals.new > 0 || totals.update == 0 => RowStatus::New,
        _ => RowStatus::Update,
    }
}

/// A wrong cell, to be typed anew or left out.
pub struct Fix {
    /// The form's field, `fix[1:96].phone`.
    pub name: String,
    /// What the file calls the column.
    pub label: String,
    /// What the cell says.
    pub value: String,
    /// What is wrong and the way out.
    pub why: String,
}

/// The wrong cells of a row.
pub fn fixes(at: RowAt, errors: &[Issue], lang: Lang) -> Vec<Fix> {
    let fix = |issue: &Issue| Fix {
        name: format!("{FIX}{}].{}", place(at), issue.field),
        label: issue.column.clone(),
        value: issue.value.clone(),
        why: issue.message(lang).to_owned(),
    };
    errors.iter().map(fix).collect()
}

/// A row of the file.
pub struct Row {
    /// Its number in the file.
    pub number: u32,
    /// Its sheet, where the file has several.
    pub sheet: String,
    /// Whom it is about.
    pub name: String,
    /// What else it says, in one line.
    pub text: String,
    /// Its wrong cells.
    pub fixes: Vec<Fix>,
    /// What is odd about it; why it was skipped.
    pub remarks: Vec<String>,
    /// What it is the same as: where that is shown, and its words.
    pub same: Option<(String, String)>,
    /// The form's field for its decision, `decide[1:96]`; empty when there is nothing to decide.
    pub decide: String,
    /// The choices: value, label, whether chosen.
    pub choices: Vec<(String, String, bool)>,
    /// Whether a cell was typed by a clerk.
    pub corrected: bool,
}

/// The form's field for a decision about a row.
pub fn decide_name(at: RowAt) -> String {
    format!("{DECIDE}{}]", place(at))
}

/// `1:96`: the sheet from 1, and the row's number.
fn place(at: RowAt) -> String {
    format!("{}:{}", at.sheet + 1, at.row)
}

/// One page of the rows of a status: their places in the reading.
pub fn places<T>(reading: &Reading<T>, status: RowStatus, turn: &Turn) -> Rows<usize> {
    let rows = reading.rows.iter().enumerate();
    let places: Vec<usize> = rows.filter(|(_, row)| row.status == status).map(|(place, _)| place).collect();
    let total = i64::try_from(places.len()).unwrap_or(i64::MAX);
    let last = ((total - 1) / PAGE_ROWS).max(0);
    let skipped = usize::try_from(turn.offset().min(last * PAGE_ROWS)).unwrap_or(0);
    let limit = usize::try_from(turn.limit()).unwrap_or(usize::MAX);
    Rows::new(places.into_iter().skip(skipped).take(limit).collect(), turn, Some(total))
}

/// The sheet's name, where the file has several lists.
pub fn sheet_of_row<T>(reading: &Reading<T>, at: RowAt) -> String {
    let several = reading.sheets.iter().filter(|sheet| sheet.read).count() > 1;
    let name = || reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet).map(|sheet| sheet.name.clone());
    if several { name().unwrap_or_default() } else { String::new() }
}

/// What is odd about a row, and why it was skipped.
pub fn remarks<T>(frame: &Frame, row: &ListRow<T>) -> Vec<String> {
    let mut remarks: Vec<String> = RowIssue::all(&row.warnings, frame.lang).into_iter().map(remark).collect();
    remarks.extend(row.skipped.map(|why| frame.say(&skipped(why)).to_owned()));
    remarks
}

/// Something odd about a cell, with its column.
pub fn remark(issue: RowIssue) -> String {
    if issue.column.is_empty() { issue.message } else { format!("{}: {}", issue.column, issue.message) }
}

/// What may become of a row that is stored as it stands or left out: value, label, whether chosen.
pub fn store_or_skip(frame: &Frame, status: RowStatus, decision: Option<KeptDecision>) -> Vec<(String, String, bool)> {
    let store = |value: &str| {
        (value.to_owned(), frame.t("Ghi vào sổ", "Store").to_owned(), decision == Some(KeptDecision::New))
    };
    let skip = |value: &str| {
        (value.to_owned(), frame.t("Bỏ qua", "Leave out").to_owned(), decision == Some(KeptDecision::Skip))
    };
    match status {
        RowStatus::New => vec![store(""), skip("skip")],
        RowStatus::Duplicate => vec![skip(""), store("new")],
        RowStatus::Update | RowStatus::Error | RowStatus::Skipped => Vec::new(),
    }
}

/// The same about all rows of a status: value, label.
pub fn store_or_skip_all(frame: &Frame, status: RowStatus) -> Vec<(&'static str, &'static str)> {
    match status {
        RowStatus::Duplicate => vec![("new", frame.t("Ghi tất cả", "Store all")), back(frame)],
        RowStatus::New => vec![skip_all(frame), back(frame)],
        _ => Vec::new(),
    }
}

/// Leaving all rows of a status out: value, label.
pub fn skip_all(frame: &Frame) -> (&'static str, &'static str) {
    ("skip", frame.t("Bỏ qua tất cả", "Leave all out"))
}

/// Taking the decisions about all rows of a status back: value, label.
pub fn back(frame: &Frame) -> (&'static str, &'static str) {
    ("", frame.t("Trở lại như ban đầu", "As it was at first"))
}

/// What storing a list will do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outlook {
    /// Rows that become records.
    pub store: usize,
    /// Rows that add to known ones.
    pub fill: usize,
    /// Rows that are left out.
    pub leave: usize,
    /// Rows with errors, left out too.
    pub errors: usize,
}

impl Outlook {
    /// Of a list as it stands.
    pub fn of<T>(reading: &Reading<T>, steps: &Steps) -> Self {
        let mut outlook = Self::default();
        for row in reading.data() {
            *match (row.status, steps.decisions.get(&row.at)) {
                (RowStatus::Error, _) => &mut outlook.errors,
                (_, Some(KeptDecision::Skip)) | (RowStatus::Duplicate, None) => &mut outlook.leave,
                (RowStatus::New, None) | (_, Some(KeptDecision::New)) => &mut outlook.store,
                _ => &mut outlook.fill,
            } += 1;
        }
        outlook
    }

    /// Rows that change something.
    pub const fn done(self) -> usize {
        self.store + self.fill
    }
}

/// How one sheet was understood.
pub struct Sheet {
    /// Its place, from 0.
    pub at: usize,
    pub name: String,
    /// Whether it holds a list.
    pub read: bool,
    /// The header's last row in the file.
    pub header_row: u32,
    /// The fields that a list of this kind has.
    pub fields: Vec<SheetField>,
    /// The file's columns: number from 0, label.
    pub columns: Vec<(usize, String)>,
    /// Columns that were not understood.
    pub ignored: Vec<String>,
}

/// A field and where it is.
pub struct SheetField {
    /// Its name in code.
    pub name: &'static str,
    /// What the screen calls it.
    pub label: &'static str,
    /// The columns that hold it.
    pub chosen: Vec<usize>,
}

impl SheetField {
    /// Whether a column holds it first.
    pub fn is_in(&self, column: &usize) -> bool {
        self.chosen.first() == Some(column)
    }
}

/// How the sheets were understood, in the words of a kind of list.
pub fn sheets(vocabulary: &'static Vocabulary, read: &[SheetReading]) -> Vec<Sheet> {
    read.iter().map(|sheet| sheet_of(vocabulary, sheet)).collect()
}

fn sheet_of(vocabulary: &'static Vocabulary, sheet: &SheetReading) -> Sheet {
    let known = vocabulary.fields.iter().filter(|field| !field.name.contains(':') && field.name != "family_name");
    let found = sheet.columns.values().flatten().map(|column| column + 1).max().unwrap_or(0);
    let width = sheet.titles.len().max(found).max(if sheet.read { 0 } else { UNREAD_COLUMNS });
    let label = |column: usize| {
        let title = sheet.titles.get(column).map_or("", String::as_str);
        if title.is_empty() { letters(column) } else { format!("{}: {title}", letters(column)) }
    };
    Sheet {
        at: sheet.sheet,
        name: sheet.name.clone(),
        read: sheet.read,
        header_row: sheet.header_row,
        fields: known
            .map(|field| SheetField {
                name: field.name,
                label: field.vi,
                chosen: sheet.columns.get(field.name).cloned().unwrap_or_default(),
            })
            .collect(),
        columns: (0..width).map(|column| (column, label(column))).collect(),
        ignored: sheet.ignored.clone(),
    }
}

/// What a workbook calls a column: `A`, …, `Z`, `AA`.
fn letters(column: usize) -> String {
    let mut out = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        out.insert(0, char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    out
}

/// Why a row is no row of data.
pub fn skipped(why: Skip) -> Message {
    match why {
        Skip::Blank => Message::fixed("Dòng trống", "Empty"),
        Skip::Title => Message::fixed("Tiêu đề phía trên", "Title"),
        Skip::Header => Message::fixed("Tên cột", "Column names"),
        Skip::ColumnNumbers => Message::fixed("Số thứ tự cột", "Column numbers"),
        Skip::Total => Message::fixed("Dòng cộng", "Total"),
        Skip::Area => Message::fixed("Tên khu vực của các dòng dưới", "Names the area of the rows below"),
        Skip::Section => Message::fixed("Tên nhóm của các dòng dưới", "Names the group of the rows below"),
        Skip::Signature => Message::fixed("Phần ký tên", "Signatures"),
        Skip::Note => Message::fixed("Ghi chú của danh sách", "A remark"),
        Skip::OtherSheet => Message::fixed("Trang tính không phải danh sách", "On a sheet that is no list"),
    }
}

impl Earlier {
    /// How far it came, in the reader's words.
    pub fn state(&self, frame: &Frame) -> &'static str {
        if self.undone_at.is_some() {
            frame.t("Đã hoàn tác", "Taken back")
        } else if self.committed_at.is_some() {
            frame.t("Đã ghi vào sổ", "Committed")
        } else if self.kept {
            frame.t("Chưa ghi", "Not committed")
        } else {
            frame.t("Đã hết hạn giữ", "No longer kept")
        }
    }

    /// How many rows of data the file has.
    pub fn rows(&self) -> usize {
        let Totals { new, update, duplicate, error, .. } = self.totals.0;
        new + update + duplicate + error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_a_workbook() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
