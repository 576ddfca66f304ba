//! Finds the header of a list: on which row, of one row or two, and which column holds what.
//!
//! Header cells are scored against the vocabulary of the kind of list. Marks count where the cell has any (`Diện` is
//! not `Điện`); text in brackets is a unit and does not count. What is not known is kept by name and ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lexicon::Lexicon;
use super::sheet::{Sheet, SheetRow};
use super::vocabulary::{Field, ORDINAL, Vocabulary};
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::{fold, mark_key};

/// Which column, counted from 0, holds which field; the first that is filled counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnMap {
    fields: BTreeMap<String, Vec<usize>>,
}

impl ColumnMap {
    /// The columns of one field.
    pub fn of(&self, field: &str) -> &[usize] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    /// Whether any column holds the field.
    pub fn has(&self, field: &str) -> bool {
        !self.of(field).is_empty()
    }

    /// The fields found, with their columns.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.fields.iter().map(|(field, columns)| (field.as_str(), columns.as_slice()))
    }

    /// Sets the columns of a field; none takes it away.
    pub fn set(&mut self, field: &str, columns: Vec<usize>) {
        if columns.is_empty() {
            self.fields.remove(field);
        } else {
            self.fields.insert(field.to_owned(), columns);
        }
    }

    fn holds(&self, column: usize) -> bool {
        self.fields.values().any(|columns| columns.contains(&column))
    }
}

/// What a person decided about one sheet, where the program guessed wrong or could not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChosenColumns)]
pub struct Choice {
    /// The sheet, counted from 0.
    pub sheet: usize,
    /// The header's row number in the file (of two rows, the lower); 0 when there is none, absent to find it.
    #[serde(default)]
    pub header_row: Option<u32>,
    /// Columns by field, counted from 0; null says that the file has no such column. Fields left out stay as found.
    #[serde(default)]
    pub columns: BTreeMap<String, Option<usize>>,
}

/// A header that was found or chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Its first row in the file; 0 when there is none.
    pub first_row: u32,
    pub last_row: u32,
    /// Which column holds what.
    pub columns: ColumnMap,
    /// What the file calls each column.
    pub titles: Vec<String>,
    /// How many of the titles are known, in percent.
    pub confidence: u8,
    /// The cells of each header row, folded, to know the header again on the next page.
    pub(super) keys: Vec<Vec<String>>,
}

impl Header {
    /// What the file calls a column.
    pub fn title(&self, column: usize) -> &str {
        self.titles.get(column).map_or("", String::as_str)
    }

    /// What the file calls the column of a field, else what the screen calls it.
    pub fn title_of(&self, field: &str, vocabulary: &Vocabulary) -> String {
        let title = self.columns.of(field).first().map_or("", |column| self.title(*column));
        if title.is_empty() { vocabulary.field(field).map_or(field, |f| f.vi).to_owned() } else { title.to_owned() }
    }

    /// Titles of columns that hold nothing known.
    pub fn ignored(&self) -> Vec<String> {
        let known = |column: &usize| !self.columns.holds(*column) && !self.titles[*column].is_empty();
        (0..self.titles.len()).filter(known).map(|column| self.titles[column].clone()).collect()
    }
}

/// How deep into a sheet the header may lie, in rows that hold something.
const SEARCHED_ROWS: usize = 30;

/// Finds the header of a sheet, or nothing when no row looks like one.
pub fn find(sheet: &Sheet, vocabulary: &Vocabulary) -> Option<Header> {
    let lexicon = Lexicon::new(vocabulary);
    let rows = &sheet.rows[..sheet.rows.len().min(SEARCHED_ROWS)];
    let scored = |rows: &[&SheetRow]| {
        let header = read(rows, sheet, &lexicon);
        (score(&header, &lexicon), header)
    };
    let alone: Vec<(usize, Header)> = rows.iter().map(|row| scored(&[row])).collect();
    let mut best: Option<(usize, Header)> = None;
    for (i, single) in alone.iter().enumerate() {
        let mut candidates = vec![single.clone()];
        if let (Some(next), Some((below, _))) = (rows.get(i + 1), alone.get(i + 1))
            && next.number == rows[i].number + 1
            && is_lower_half(&rows[i], next)
        {
            // A second row must say more than either row says alone, or it is a title above or data below; a row that
            // is a header by itself needs nothing above it.
            let double = scored(&[&rows[i], next]);
            if double.0 > single.0.max(*below) && (single.0 > 0 || *below == 0) {
                candidates.push(double);
            }
        }
        for candidate in candidates {
            if candidate.0 > best.as_ref().map_or(0, |(score, _)| *score) {
                best = Some(candidate);
            }
        }
    }
    best.map(|(_, header)| header)
}

/// The header that a person chose, completed by what is found.
pub fn choose(sheet: &Sheet, vocabulary: &Vocabulary, choice: &Choice) -> Option<Header> {
    let mut header = match choice.header_row {
        None => find(sheet, vocabulary)?,
        Some(number) => {
            let at = sheet.rows.iter().position(|row| row.number == number);
            let found = find(sheet, vocabulary).filter(|header| header.last_row == number && number > 0);
            found.unwrap_or_else(|| {
                let rows: Vec<&SheetRow> = at.map(|at| &sheet.rows[at]).into_iter().collect();
                let mut header = read(&rows, sheet, &Lexicon::new(vocabulary));
                (header.first_row, header.last_row) = (number, number);
                header
            })
        }
    };
    for (field, column) in &choice.columns {
        header.columns.set(field, column.iter().copied().collect());
    }
    header.columns.has(vocabulary.key().name).then_some(header)
}

/// Says which column names a list of this kind should have.
pub fn no_header(vocabulary: &Vocabulary) -> Invalid {
    let names: Vec<&str> = vocabulary.fields.iter().filter(|f| !f.name.contains(':')).map(|f| f.vi).collect();
    let names = names.join(", ");
    Invalid::new(
        "no_header",
        Message::new(
            format!(
                "Không tìm thấy dòng tiêu đề cột của danh sách {}. Thêm một dòng tiêu đề với các tên cột như: {names}.",
                vocabulary.of_vi
            ),
            format!(
                "No header row of a list of {} was found. Add one with column names such as: {names}.",
                vocabulary.of_en
            ),
        ),
    )
}

/// A header counts when it names who the rows are about and one thing more.
fn score(header: &Header, lexicon: &Lexicon) -> usize {
    let known = header.columns.iter().filter(|(field, _)| *field != ORDINAL.name).count();
    if !header.columns.has(lexicon.key) || known < 2 {
        return 0;
    }
    let columns: usize = header.columns.iter().map(|(_, columns)| columns.len()).sum();
    known * 10_000 + columns * 100 + usize::from(header.confidence)
}

/// Whether the row below a header row belongs to it: only short texts, some of them below a gap in the row above.
fn is_lower_half(upper: &SheetRow, lower: &SheetRow) -> bool {
    let texts_only = lower.filled().all(|(_, cell)| {
        let shown = cell.shown();
        matches!(cell, super::Cell::Text(_))
            && shown.chars().count() <= 40
            && !shown.chars().next().is_some_and(|c| c.is_ascii_digit())
    });
    texts_only && lower.filled().any(|(column, _)| upper.cell(column).is_empty())
}

/// Reads one or two rows as a header.
fn read(rows: &[&SheetRow], sheet: &Sheet, lexicon: &Lexicon) -> Header {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let upper: Vec<String> = (0..width).map(|c| rows.first().map_or_else(String::new, |r| r.cell(c).shown())).collect();
    let lower: Vec<String> = (0..width).map(|c| rows.get(1).map_or_else(String::new, |r| r.cell(c).shown())).collect();
    let mut titles = Vec::with_capacity(width);
    let mut matches: Vec<(usize, &'static Field, usize)> = Vec::new();
    let mut over = String::new();
    for column in 0..width {
        if !upper[column].is_empty() {
            over.clone_from(&upper[column]);
        } else if lower[column].is_empty() {
            over.clear();
        }
        let (title, found) = read_title(&over, &upper[column], &lower[column], lexicon);
        if let Some((field, score)) = found {
            matches.push((column, field, score));
        }
        titles.push(title);
    }
    let filled = titles.iter().filter(|title| !title.is_empty()).count().max(1);
    let confidence = u8::try_from((matches.len() * 100 / filled).min(100)).unwrap_or(100);
    let mut columns = assign(matches);
    let number = rows.first().map_or(0, |row| row.number);
    join_names(&mut columns, sheet, number, lexicon.key);
    Header {
        first_row: number,
        last_row: rows.last().map_or(0, |row| row.number),
        columns,
        titles,
        confidence,
        keys: rows.iter().map(|row| row.cells.iter().map(|cell| fold(&cell.shown())).collect()).collect(),
    }
}

/// The title of one column and what it means; under a heading over several columns, the lower cell speaks first.
fn read_title(over: &str, upper: &str, lower: &str, lexicon: &Lexicon) -> (String, Option<(&'static Field, usize)>) {
    if lower.is_empty() {
        return (upper.to_owned(), lexicon.best_field(upper));
    }
    let joined = if over.is_empty() { lower.to_owned() } else { format!("{over} {lower}") };
    let own = lexicon.best_field(lower);
    // A count of men and women is not a count of people; a year of birth for men and women is one.
    if matches!(mark_key(lower).as_str(), "nam" | "nữ" | "nu") {
        return (
            joined,
            lexicon.best_field(over).filter(|(field, _)| field.several && field.name.starts_with("birth")),
        );
    }
    let found = match own {
        None if lexicon.is_never(lower) => None,
        own => own.or_else(|| lexicon.best_field(&joined)).or_else(|| lexicon.best_field(over)),
    };
    (joined, found)
}

/// Gives each field its columns, the best match first.
fn assign(mut matches: Vec<(usize, &'static Field, usize)>) -> ColumnMap {
    matches.sort_by_key(|(column, _, score)| (std::cmp::Reverse(*score), *column));
    let mut columns = ColumnMap::default();
    for (column, field, _) in matches {
        let mut known = columns.of(field.name).to_vec();
        if known.is_empty() || field.several {
            known.push(column);
            columns.set(field.name, known);
        }
    }
    columns
}

/// Family and given name in two columns: two titles, or one title merged over both.
fn join_names(columns: &mut ColumnMap, sheet: &Sheet, row: u32, key: &str) {
    let (family, given) = (columns.of("family_name").to_vec(), columns.of("given_name").to_vec());
    if let Some(name) = columns.of(key).first().copied() {
        let merged = sheet.merges.iter().find(|m| {
            m.first_row == row && m.first_column == name && m.last_column == name + 1 && !columns.holds(name + 1)
        });
        if family.is_empty() && merged.is_some() {
            columns.set("given_name", vec![name + 1]);
        } else {
            columns.set("given_name", Vec::new());
        }
    } else if let Some(name) = family.first().or(given.first()) {
        columns.set(key, vec![*name]);
        if family.is_empty() {
            columns.set("given_name", Vec::new());
        }
    }
    columns.set("family_name", Vec::new());
}
