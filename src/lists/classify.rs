//! Tells rows of people from titles, subtotals, headings, column numbers and signatures.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::header::{Header, ORDINAL, Vocabulary};
use super::workbook::SheetRow;
use crate::kernel::vietnamese::{fold, has_marks, mark_key};

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
        if self.signing && !numbered && evidence < 2 {
            return Class::Skip(Skip::Signature);
        }
        if others == 0 {
            return Class::Skip(Skip::Blank);
        }
        if named {
            let lone = !numbered && others == 1;
            let remark = lone && name.is_some_and(|cell| is_remark(&cell.shown()));
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

/// Words, a day, or a number as long as a phone's.
fn is_telling(cell: &Cell) -> bool {
    match cell {
        Cell::Date(_) => true,
        Cell::Number(number) => *number >= 1e7,
        Cell::Text(text) => {
            text.chars().any(char::is_alphabetic) && !is_counted(text)
                || text.chars().filter(char::is_ascii_digit).count() >= 8
        }
        _ => false,
    }
}

/// `37 hộ`, `148 khẩu`: what totals say beside their label.
fn is_counted(text: &str) -> bool {
    let key = fold(text);
    let rest = key.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    rest.len() < key.len()
        && matches!(
            rest,
            "ho" | "khau"
                | "nhan khau"
                | "nguoi"
                | "nk"
                | "suat"
                | "phan"
                | "phong"
                | "d"
                | "dong"
                | "kg"
                | "chu tro"
                | "don vi"
        )
}

/// A running number: `12`, `12.`, `012`, `1.2`.
fn is_ordinal(cell: &Cell) -> bool {
    match cell {
        Cell::Number(number) => *number >= 0.0 && *number < 1e7,
        Cell::Text(_) => {
            let text = cell.shown();
            text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.chars().any(|c| c.is_ascii_digit())
        }
        _ => false,
    }
}

/// A number with separators and at most a unit, as in totals.
fn is_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | 'đ' | '%'))
}

/// `(1) (2) (3)`, `A B 1 2 3`, `1 2 3 (4)=(2)x(3)`: steps of one from cell to cell; also a row of units in brackets.
fn is_column_numbers(filled: &[(usize, &Cell)]) -> bool {
    let bracketed = |cell: &Cell| matches!(cell, Cell::Text(t) if t.trim().starts_with('(') && t.trim().ends_with(')'));
    if filled.iter().all(|(_, cell)| bracketed(cell)) {
        return true;
    }
    if filled.len() < 3 {
        return false;
    }
    let mut last: Option<u32> = None;
    filled.iter().all(|(_, cell)| {
        let shown = cell.shown();
        let head = shown.split('=').next().unwrap_or("").trim().trim_matches(['(', ')', '[', ']']);
        let value = match head.parse::<u32>() {
            Ok(number) if number <= 60 => number,
            _ if head.len() == 1 && head.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                1000 + u32::from(head.to_ascii_uppercase().as_bytes()[0])
            }
            _ => return false,
        };
        let fits = match last {
            None => matches!(value, 0 | 1 | 1065),
            Some(before) => value == before + 1 || (before > 1000 && value <= 1),
        };
        last = Some(value);
        fits
    })
}

/// `Cộng: 37 hộ`, `Tổng cộng`, `Cộng tổ 3`, `Lũy kế`. Not `Tổng công ty`, not `Cộng đoàn`, not the family Tống.
pub(super) fn is_total(text: &str) -> bool {
    let marked = has_marks(text);
    let key = without_outline(text);
    let key = if marked { mark_key(key) } else { fold(key) };
    let words: Vec<&str> = key.split(' ').collect();
    let second = words.get(1).copied().unwrap_or("");
    match (words.first().copied().unwrap_or(""), marked) {
        ("cộng", _) => !matches!(second, "đồng" | "đoàn" | "tác" | "hoà" | "hưởng"),
        ("cong", false) => second.is_empty() || second.starts_with(|c: char| c.is_ascii_digit()) || second == "to",
        ("tổng", _) => {
            matches!(second, "" | "cộng" | "số" | "hợp" | "tiền" | "hộ" | "tổ" | "kdc" | "toàn" | "khu" | "các")
        }
        ("tong", false) => matches!(second, "" | "cong" | "so" | "hop" | "tien" | "ho"),
        ("lũy" | "luỹ", _) => second == "kế",
        ("luy", false) => second == "ke",
        _ => false,
    }
}

/// How lines begin in the block where a list is signed.
const SIGNATURES: &[&str] = &[
    "người lập",
    "lập biểu",
    "lập bảng",
    "lập danh sách",
    "tm",
    "t m",
    "kt",
    "k t",
    "tuq",
    "tl",
    "trưởng ban",
    "phó trưởng ban",
    "phó ban",
    "chủ tịch",
    "phó chủ tịch",
    "xác nhận",
    "ủy ban",
    "ubnd",
    "ubmttq",
    "ubmttqvn",
    "ban công tác",
    "ban ctmt",
    "mặt trận",
    "bí thư",
    "tổ trưởng",
    "tổ phó",
    "thủ trưởng",
    "thủ quỹ",
    "thủ kho",
    "kế toán",
    "trưởng khu",
    "trưởng thôn",
    "người nhận",
    "người giao",
    "người kiểm",
    "người duyệt",
    "đại diện",
    "ký ghi",
    "ký tên",
    "ký và ghi",
    "đã ký",
    "nơi nhận",
    "cán bộ",
    "công chức",
    "trưởng phòng",
    "giám đốc",
];

/// [`SIGNATURES`] with marks and without, folded once.
static SIGNATURE_KEYS: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| SIGNATURES.iter().map(|words| (mark_key(words), fold(words))).collect());

/// What stands in the block where a list is signed.
fn is_signature(text: &str) -> bool {
    let marked = has_marks(text);
    let key = if marked { mark_key(text) } else { fold(text) };
    let starts = |words: &str| key.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    SIGNATURE_KEYS.iter().any(|(with, without)| starts(if marked { with } else { without })) || is_date_line(&key)
}

/// `Thanh Khê Tây, ngày 05 tháng 8 năm 2021`, filled in or not.
fn is_date_line(key: &str) -> bool {
    let key = fold(key);
    let after = |text: &str, word: &str| -> Option<String> {
        let text = format!(" {text} ");
        text.find(&format!(" {word} ")).map(|at| text[at + word.len() + 1..].to_owned())
    };
    after(&key, "ngay").and_then(|rest| after(&rest, "thang")).and_then(|rest| after(&rest, "nam")).is_some()
}

/// The neighbourhood that a heading line names: `Tổ 12`, `II. KDC số 3`, `Khu dân cư 3 - Tổ 12 (37 hộ)`.
pub(super) fn area_heading(text: &str) -> Option<String> {
    let text = without_outline(text);
    if text.chars().count() > 60 {
        return None;
    }
    let key = fold(text);
    let starts =
        ["to ", "to dan pho ", "tdp ", "kdc ", "khu dan cu ", "khu pho ", "khu vuc ", "thon ", "ap ", "khoi ", "cum "];
    let rest = starts.iter().rev().find_map(|start| key.strip_prefix(start))?;
    let rest = rest.strip_prefix("so ").unwrap_or(rest);
    let rest = rest.strip_prefix("dan pho ").unwrap_or(rest);
    rest.strip_prefix("so ").unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit()).then(|| {
        let end = text.find(['(', ':']).unwrap_or(text.len());
        text[..end].trim().to_owned()
    })
}

fn is_roman_or_letter(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', ')', '/', '-']);
    !text.is_empty()
        && (text.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
            || (text.len() == 1 && text.starts_with(|c: char| c.is_ascii_uppercase())))
}

/// Whether a text begins as an outline does: `I. `, `A) `, `II - `.
fn is_outline(text: &str) -> bool {
    without_outline(text).len() < text.trim().len()
}

/// The text without `I. ` or `A) ` before it.
pub(super) fn without_outline(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(['.', ')', '/', '-', ':']) {
        Some((mark, rest)) if is_roman_or_letter(mark) && !rest.trim().is_empty() => {
            rest.trim_start_matches(['.', ')', '/', '-', ' '])
        }
        _ => text.trim_start_matches(['-', '*', '+', ' ']),
    }
}

/// A line of prose rather than a name.
fn is_remark(text: &str) -> bool {
    text.split(' ').count() > 6
        || text.chars().any(|c| c.is_ascii_digit())
        || text.ends_with(':')
        || text.starts_with(['(', '*', '-'])
}
