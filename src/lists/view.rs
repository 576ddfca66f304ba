//! What the pages of every kind of list show alike (`templates/parts/import.html`): rows by status with their wrong
//! cells to be mended, decisions about duplicates, how the columns were understood, earlier lists. And the other way
//! round: what those parts' forms say.

use std::collections::BTreeMap;

use super::staged::Earlier;
use super::staged::steps::Typed;
use super::{Choice, Issue, RowAt, RowStatus, Skip, Totals, Vocabulary, outcome};
use crate::kernel::Say;
use crate::kernel::say::Lang;
use crate::web::{Form, Frame};

/// The field names of forms.
const FIX: &str = "fix[";
const DECIDE: &str = "decide[";

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
pub fn status_asked(name: &str, totals: Totals) -> RowStatus {
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
    pub says: String,
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

fn place_of(text: &str) -> Option<RowAt> {
    let (sheet, row) = text.split_once(':')?;
    Some(RowAt { sheet: sheet.parse::<usize>().ok()?.checked_sub(1)?, row: row.parse().ok()? })
}

/// What a form says instead of wrong cells, by row.
pub fn typed(form: &Form) -> BTreeMap<RowAt, Typed> {
    let mut rows: BTreeMap<RowAt, Typed> = BTreeMap::new();
    for (name, value) in form.starting(FIX) {
        let Some((at, field)) = name.split_once("].") else { continue };
        let Some(at) = place_of(at) else { continue };
        rows.entry(at).or_default().insert(field.to_owned(), value.to_owned());
    }
    rows
}

/// What a form decides about rows; an empty text takes a decision back.
pub fn decided(form: &Form) -> BTreeMap<RowAt, String> {
    let named = form.starting(DECIDE).filter_map(|(name, value)| Some((name.strip_suffix(']')?, value)));
    named.filter_map(|(at, value)| Some((place_of(at)?, value.to_owned()))).collect()
}

/// How one sheet was understood.
pub struct Sheet {
    /// Its place, from 0.
    pub at: usize,
    /// Its name.
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
pub fn sheets(vocabulary: &'static Vocabulary, read: &[outcome::SheetReading]) -> Vec<Sheet> {
    read.iter().map(|sheet| sheet_of(vocabulary, sheet)).collect()
}

fn sheet_of(vocabulary: &'static Vocabulary, sheet: &outcome::SheetReading) -> Sheet {
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

/// The columns that a form chooses, for sheets where it differs from what was understood: `sheets[0].header_row`,
/// `sheets[0].columns.phone` with a column's number, or nothing for "not in this file".
pub fn choices(form: &Form, vocabulary: &Vocabulary, read: &[outcome::SheetReading]) -> Vec<Choice> {
    let mut choices = Vec::new();
    for sheet in read {
        let name = |what: &str| format!("sheets[{}].{what}", sheet.sheet);
        let mut choice = Choice { sheet: sheet.sheet, ..Choice::default() };
        choice.header_row = form.value(&name("header_row")).parse().ok().filter(|row| *row != sheet.header_row);
        for field in vocabulary.fields {
            let name = name(&format!("columns.{}", field.name));
            let before = sheet.columns.get(field.name).and_then(|columns| columns.first().copied());
            let now = form.value(&name).parse::<usize>().ok();
            if form.is_sent(&name) && now != before {
                choice.columns.insert(field.name.to_owned(), now);
            }
        }
        if choice.header_row.is_some() || !choice.columns.is_empty() {
            choices.push(choice);
        }
    }
    choices
}

/// Choices on top of earlier ones: what was chosen before stays unless it is chosen anew.
pub fn added(mut before: Vec<Choice>, new: Vec<Choice>) -> Vec<Choice> {
    for choice in new {
        match before.iter_mut().find(|known| known.sheet == choice.sheet) {
            Some(known) => {
                known.header_row = choice.header_row.or(known.header_row);
                known.columns.extend(choice.columns);
            }
            None => before.push(choice),
        }
    }
    before
}

/// Why a row is no row of data.
pub fn skipped(why: Skip) -> Say {
    match why {
        Skip::Blank => Say::fixed("Dòng trống", "Empty"),
        Skip::Title => Say::fixed("Tiêu đề phía trên", "Title"),
        Skip::Header => Say::fixed("Tên cột", "Column names"),
        Skip::ColumnNumbers => Say::fixed("Số thứ tự cột", "Column numbers"),
        Skip::Total => Say::fixed("Dòng cộng", "Total"),
        Skip::Area => Say::fixed("Tên khu vực của các dòng dưới", "Names the area of the rows below"),
        Skip::Section => Say::fixed("Tên nhóm của các dòng dưới", "Names the group of the rows below"),
        Skip::Signature => Say::fixed("Phần ký tên", "Signatures"),
        Skip::Note => Say::fixed("Ghi chú của danh sách", "A remark"),
        Skip::OtherSheet => Say::fixed("Trang tính không phải danh sách", "On a sheet that is no list"),
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
        let totals: Totals = serde_json::from_str(&self.totals).unwrap_or_default();
        totals.new + totals.update + totals.duplicate + totals.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_a_workbook() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn what_is_typed_and_decided_finds_its_row() {
        let form =
            Form::default().with("fix[1:96].phone", " 0905 ").with("fix[x].phone", "1").with("decide[2:7]", "skip");
        assert_eq!(typed(&form)[&RowAt { sheet: 0, row: 96 }]["phone"], "0905");
        assert_eq!(decided(&form), BTreeMap::from([(RowAt { sheet: 1, row: 7 }, "skip".to_owned())]));
        assert!(typed(&Form::default().with("fix[0:1].phone", "1")).is_empty(), "sheets count from 1");
    }
}
