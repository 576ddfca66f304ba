//! A sheet read as a table: its header found, each row told apart, headings remembered for the rows below.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Cell;
use super::classify::{Class, Classifier, Skip};
use super::header::{self, Choice, Header};
use super::labels::area_heading;
use super::sheet::{Sheet, SheetRow};
use super::vocabulary::Vocabulary;
use super::workbook::Workbook;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::fold;

/// A row of data, with what the lines above it say about it.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The row of the file.
    pub row: &'a SheetRow,
    /// The neighbourhood of the last heading above.
    pub area: Option<Arc<str>>,
    /// The group of the last heading above, such as `Hộ nghèo`.
    pub section: Option<Arc<str>>,
}

/// A row of the file and what it is.
#[derive(Clone, Debug)]
pub enum Line<'a> {
    /// No row of data.
    Skipped {
        /// Its number in the file.
        row: u32,
        why: Skip,
    },
    /// A row of data.
    Data(Record<'a>),
}

/// A sheet with a header.
#[derive(Debug)]
pub struct Table<'a> {
    /// The sheet's place in the workbook, from 0.
    pub sheet: usize,
    /// The sheet's name.
    pub name: &'a str,
    pub header: Header,
    /// All its rows, in order.
    pub lines: Vec<Line<'a>>,
    /// The neighbourhood that the title or the sheet's name speaks of.
    pub title_area: Option<String>,
    /// The year that the title speaks of.
    pub title_year: Option<i16>,
    filled_by_merge: HashMap<(u32, usize), Cell>,
}

/// A sheet that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadSheet {
    /// The sheet's place in the workbook, from 0.
    pub sheet: usize,
    /// Its rows that hold something.
    pub rows: Vec<u32>,
    /// Whether it has enough rows and columns to be a list whose header is missing.
    pub looks_like_a_list: bool,
}

/// Most empty rows in a run that are told one by one.
const TOLD_BLANK_ROWS: u32 = 100;

/// Most empty rows that are told one by one over all sheets: a file of two rows in a hundred would be told of in fifty
/// times as many.
const TOLD_BLANK_ROWS_IN_ALL: u32 = 20_000;

/// Most cells that merged blocks fill.
const MERGED_CELLS: usize = 200_000;

impl<'a> Table<'a> {
    /// A cell of a record: of the field's columns the first that is filled, else what a merged block says.
    pub fn cell<'r>(&'r self, record: &'r Record<'_>, field: &str) -> &'r Cell {
        const EMPTY: &Cell = &Cell::Empty;
        let columns = self.header.columns.of(field);
        let own = columns.iter().map(|column| record.row.cell(*column)).find(|cell| !cell.is_empty());
        own.or_else(|| columns.iter().find_map(|column| self.filled_by_merge.get(&(record.row.number, *column))))
            .unwrap_or(EMPTY)
    }

    /// A table of no lines, to read a record that does not come from a file.
    pub(super) fn of_one(at: usize, sheet: &'a Sheet, header: Header) -> Self {
        Self {
            sheet: at,
            name: &sheet.name,
            header,
            lines: Vec::new(),
            title_area: None,
            title_year: None,
            filled_by_merge: HashMap::new(),
        }
    }

    fn read(at: usize, sheet: &'a Sheet, header: Header, vocabulary: &Vocabulary, blanks_left: &mut u32) -> Self {
        let mut classifier = Classifier::new(&header, vocabulary);
        let mut lines = Vec::with_capacity(sheet.rows.len());
        let (mut area, mut section): (Option<Arc<str>>, Option<Arc<str>>) = (None, None);
        let mut expected = 1;
        for row in &sheet.rows {
            let blanks = row.number.saturating_sub(expected);
            if blanks <= TOLD_BLANK_ROWS.min(*blanks_left) {
                *blanks_left -= blanks;
                lines.extend((expected..row.number).map(|row| Line::Skipped { row, why: Skip::Blank }));
            }
            expected = row.number + 1;
            let skipped = |why| Line::Skipped { row: row.number, why };
            lines.push(if row.number < header.first_row {
                skipped(Skip::Title)
            } else if row.number <= header.last_row {
                skipped(Skip::Header)
            } else {
                match classifier.next(row) {
                    Class::Skip(why) => skipped(why),
                    Class::Area(name) => {
                        area = Some(name.into());
                        skipped(Skip::Area)
                    }
                    Class::Section(name) => {
                        section = Some(name.into());
                        skipped(Skip::Section)
                    }
                    Class::Data => Line::Data(Record { row, area: area.clone(), section: section.clone() }),
                }
            });
        }
        let titles: Vec<String> = titles_of(sheet, &header);
        Self {
            sheet: at,
            name: &sheet.name,
            title_area: titles.iter().find_map(|title| area_in(title)).or_else(|| area_heading(&sheet.name)),
            title_year: titles.iter().find_map(|title| year_in(title)),
            filled_by_merge: fill_merges(sheet, &header, vocabulary),
            header,
            lines,
        }
    }
}

/// Reads every sheet that has a header. A sheet for which a person chose columns is read as chosen; hidden sheets and
/// sheets without a header are not read, and all of them are told. An error when none can be read.
pub fn tables<'a>(
    workbook: &'a Workbook,
    vocabulary: &Vocabulary,
    choices: &[Choice],
) -> Result<(Vec<Table<'a>>, Vec<UnreadSheet>), Invalid> {
    let (mut tables, mut unread, mut blanks_left) = (Vec::new(), Vec::new(), TOLD_BLANK_ROWS_IN_ALL);
    for (at, sheet) in workbook.sheets.iter().enumerate() {
        let header = match choices.iter().find(|choice| choice.sheet == at) {
            Some(choice) => header::choose(sheet, vocabulary, choice),
            None if sheet.hidden => None,
            None => header::find(sheet, vocabulary),
        };
        match header {
            Some(header) => tables.push(Table::read(at, sheet, header, vocabulary, &mut blanks_left)),
            None if sheet.rows.is_empty() => {}
            None => {
                let wide = sheet.rows.iter().filter(|row| row.filled().count() >= 3).count();
                unread.push(UnreadSheet {
                    sheet: at,
                    rows: sheet.rows.iter().map(|row| row.number).collect(),
                    looks_like_a_list: !sheet.hidden && wide >= 5,
                });
            }
        }
    }
    if tables.is_empty() { Err(header::no_header(vocabulary)) } else { Ok((tables, unread)) }
}

/// The texts above the header.
fn titles_of(sheet: &Sheet, header: &Header) -> Vec<String> {
    let above = sheet.rows.iter().take_while(|row| row.number < header.first_row);
    above.flat_map(|row| row.filled().map(|(_, cell)| cell.shown())).collect()
}

/// A neighbourhood named anywhere in a title: `BAN CTMT KHU DÂN CƯ SỐ 3`.
fn area_in(title: &str) -> Option<String> {
    let words: Vec<&str> = title.split(' ').collect();
    (0..words.len()).find_map(|from| {
        let lower = words[from].to_lowercase();
        let starts = ["khu", "kdc", "tổ", "tdp", "thôn"].contains(&lower.as_str());
        let to = words.len().min(from + 5);
        let end = (from + 1..to).find(|i| words[*i].starts_with(|c: char| c.is_ascii_digit()))?;
        starts.then(|| area_heading(&words[from..=end].join(" "))).flatten()
    })
}

/// A year named in a title: `NĂM 2021`, `05/8/2021`.
fn year_in(title: &str) -> Option<i16> {
    fold(title)
        .split(' ')
        .filter(|word| word.len() == 4)
        .find_map(|word| word.parse().ok().filter(|year| (2000..=2100).contains(year)))
}

/// Values that blocks merged over several rows give to the rows below their first.
fn fill_merges(sheet: &Sheet, header: &Header, vocabulary: &Vocabulary) -> HashMap<(u32, usize), Cell> {
    let mut filled = HashMap::new();
    let spanning = |column: usize| {
        vocabulary.fields.iter().any(|field| field.spans && header.columns.of(field.name).contains(&column))
    };
    for merge in &sheet.merges {
        let tall = merge.last_row > merge.first_row && merge.first_row > header.last_row;
        let size = (merge.last_row.saturating_sub(merge.first_row)) as usize;
        if !tall || filled.len() + size > MERGED_CELLS || !spanning(merge.first_column) {
            continue;
        }
        let Ok(at) = sheet.rows.binary_search_by_key(&merge.first_row, |row| row.number) else { continue };
        let value = sheet.rows[at].cell(merge.first_column);
        if !value.is_empty() {
            filled.extend((merge.first_row + 1..=merge.last_row).map(|row| ((row, merge.first_column), value.clone())));
        }
    }
    filled
}
