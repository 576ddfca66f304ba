//! Tells rows of people from titles, subtotals, headings, column numbers and signatures.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::header::Header;
use super::labels::{
    area_heading, has_figures, is_column_numbers, is_figure, is_ordinal, is_outline, is_remark, is_roman_or_letter,
    is_signature, is_telling, is_total, without_outline,
};
use super::sheet::SheetRow;
use super::vocabulary::{ORDINAL, Vocabulary};
use crate::kernel::vietnamese::fold;

/// Why a row is no row of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Nothing in it, or only its running number.
    Blank,
    /// Above the header.
    Title,
    /// The header, there or repeated.
    Header,
    /// The numbers of the columns, `(1) (2) (3)`.
    ColumnNumbers,
    /// A subtotal or total.
    Total,
    /// Names the neighbourhood of the rows below.
    Area,
    /// Names the group of the rows below.
    Section,
    /// Part of the signature block.
    Signature,
    /// A remark.
    Note,
    /// On a sheet without a header, or a hidden one.
    OtherSheet,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Skip(Skip),
    Area(String),
    Section(String),
    Data,
}

/// Classifies the rows of one sheet from the header down.
pub(super) struct Classifier<'a> {
    header: &'a Header,
    vocabulary: &'a Vocabulary,
    /// The columns of each field that only rows of data have.
    evidence: Vec<&'a [usize]>,
    /// The column of the running number.
    ordinal: Option<usize>,
    /// The column that names who a row is about.
    key: Option<usize>,
    /// Inside a signature block: a lone name is a signature.
    signing: bool,
    /// The last row was the header or stood right below it.
    after_header: bool,
}

impl<'a> Classifier<'a> {
    pub(super) fn new(header: &'a Header, vocabulary: &'a Vocabulary) -> Self {
        let first = |field: &str| header.columns.of(field).first().copied();
        let evidence = vocabulary.fields.iter().filter(|field| field.evidence).map(|f| header.columns.of(f.name));
        Self {
            header,
            vocabulary,
            evidence: evidence.filter(|columns| !columns.is_empty()).collect(),
            ordinal: first(ORDINAL.name),
            key: first(vocabulary.key().name),
            signing: false,
            after_header: true,
        }
    }

    /// What the next row is.
    pub(super) fn next(&mut self, row: &SheetRow) -> Class {
        let class = self.classify(row);
        self.after_header = class == Class::Skip(Skip::Header);
        match class {
            Class::Skip(Skip::Signature) => self.signing = true,
            Class::Data | Class::Skip(Skip::Header) => self.signing = false,
            _ => {}
        }
        class
    }

    fn classify(&self, row: &SheetRow) -> Class {
        let filled: Vec<(usize, &Cell)> = row.filled().collect();
        if filled.is_empty() {
            return Class::Skip(Skip::Blank);
        }
        if self.is_header_again(row, filled.len()) {
            return Class::Skip(Skip::Header);
        }
        if self.after_header && is_column_numbers(&filled) {
            return Class::Skip(Skip::ColumnNumbers);
        }
        let numbered = self.ordinal.is_some_and(|column| is_ordinal(row.cell(column)));
        if !numbered && let Some(class) = self.label(row, &filled) {
            return class;
        }
        self.data_or_remark(row, &filled, numbered)
    }

    /// How many fields that only rows of data have are filled, but for some columns. A short figure is no evidence:
    /// totals stand in any column.
    fn evidence(&self, row: &SheetRow, except: &[usize]) -> usize {
        let is_filled = |column: &usize| !except.contains(column) && is_telling(row.cell(*column));
        self.evidence.iter().filter(|columns| columns.iter().any(is_filled)).count()
    }

    fn is_header_again(&self, row: &SheetRow, filled: usize) -> bool {
        self.header.keys.iter().any(|keys| {
            let known = keys.iter().filter(|key| !key.is_empty()).count();
            let (mut same, mut other) = (0, 0);
            for (column, cell) in row.filled() {
                let key = keys.get(column).filter(|key| !key.is_empty());
                match key {
                    Some(key) if matches!(cell, Cell::Text(_)) && *key == fold(&cell.shown()) => same += 1,
                    _ => other += 1,
                }
                // Most rows are none: a few cells tell.
                if other * 10 > filled * 2 {
                    return false;
                }
            }
            same > 0 && same >= known.min(2)
        })
    }

    /// Rows that a label gives away: totals, signatures, headings. Each needs to be without what a person has.
    fn label(&self, row: &SheetRow, filled: &[(usize, &Cell)]) -> Option<Class> {
        if self.evidence(row, &[]) > 3 {
            return None;
        }
        let texts: Vec<(usize, String)> =
            filled.iter().filter(|(_, c)| matches!(c, Cell::Text(_))).map(|(i, c)| (*i, c.shown())).collect();
        if let Some((column, _)) = texts.iter().find(|(_, text)| is_total(text))
            && self.evidence(row, &[*column]) == 0
        {
            return Some(Class::Skip(Skip::Total));
        }
        let signatures: Vec<usize> = texts.iter().filter(|(_, t)| is_signature(t)).map(|(column, _)| *column).collect();
        let numbers = filled.len() > texts.len() || texts.iter().any(|(_, text)| is_figure(text));
        if !signatures.is_empty() && !numbers && self.evidence(row, &signatures) <= usize::from(self.signing) {
            return Some(Class::Skip(Skip::Signature));
        }
        let first = texts.first()?;
        let (column, text) = first;
        if texts.len() <= 3 && self.evidence(row, &[*column]) == 0 {
            if let Some(area) = area_heading(text) {
                return Some(Class::Area(area));
            }
            let (column, text) = match texts.get(1) {
                Some(next) if is_roman_or_letter(text) => next,
                _ => first,
            };
            let lone = filled.len() <= 2 && self.evidence(row, &[*column]) == 0;
            if lone && let Some(area) = area_heading(text) {
                return Some(Class::Area(area));
            }
            if lone
                && (is_outline(text)
                    || texts.len() > 1 && is_roman_or_letter(&texts[0].1)
                    || (self.vocabulary.section)(text))
            {
                return Some(Class::Section(without_outline(text).to_owned()));
            }
        }
        None
    }

    /// Rows without a telling label: data when they say enough, remarks otherwise.
    fn data_or_remark(&self, row: &SheetRow, filled: &[(usize, &Cell)], numbered: bool) -> Class {
        let name = self.key.map(|column| row.cell(column));
        let named = name.is_some_and(|cell| !cell.is_empty());
        let evidence = self.evidence(row, &[]);
        let others = filled.len() - usize::from(numbered);
        // Names alone, however many and wherever they stand, are of those who signed.
        if self.signing && !numbered && (evidence < 2 || !filled.iter().any(|(_, cell)| has_figures(cell))) {
            return Class::Skip(Skip::Signature);
        }
        if others == 0 {
            return Class::Skip(Skip::Blank);
        }
        if named {
            let lone = !numbered && others == 1;
            // In a numbered list a name alone, without a number, is someone who signed.
            let remark = lone && (self.ordinal.is_some() || name.is_some_and(|cell| is_remark(&cell.shown())));
            return if remark { Class::Skip(Skip::Note) } else { Class::Data };
        }
        match (numbered, evidence) {
            (true, _) => Class::Data,
            (false, 0) if filled.iter().all(|(_, cell)| is_figure(&cell.shown())) => Class::Skip(Skip::Total),
            (false, 0) => Class::Skip(Skip::Note),
            (false, 1) if others == 1 => Class::Skip(Skip::Note),
            (false, _) => Class::Data,
        }
    }
}
