//! What the texts of a list's cells give away: totals, signatures, headings, figures.

use std::sync::LazyLock;

use super::cell::Cell;
use crate::kernel::vietnamese::{fold, has_marks, mark_key};

/// Words, a day, or a number as long as a phone's.
pub(super) fn is_telling(cell: &Cell) -> bool {
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

/// Whether there is a number in a cell.
pub(super) fn has_figures(cell: &Cell) -> bool {
    match cell {
        Cell::Number(_) | Cell::Date(_) => true,
        Cell::Text(text) => text.chars().any(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// `37 hộ`, `37 hộ/148 khẩu`: what totals say beside their label.
fn is_counted(text: &str) -> bool {
    const UNITS: &[&str] =
        &["ho", "khau", "nhan", "nguoi", "nk", "suat", "phan", "phong", "d", "dong", "kg", "chu", "tro", "don", "vi"];
    let key = fold(text);
    key.starts_with(|c: char| c.is_ascii_digit())
        && key.split(' ').all(|word| word.bytes().all(|b| b.is_ascii_digit()) || UNITS.contains(&word))
}

/// A running number: `12`, `12.`, `012`, `1.2`.
pub(super) fn is_ordinal(cell: &Cell) -> bool {
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
pub(super) fn is_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '-' | 'đ' | '%'))
}

/// `(1) (2) (3)`, `A B 1 2 3`, `1 2 3 (4)=(2)x(3)`: steps of one from cell to cell; also a row of units in brackets.
pub(super) fn is_column_numbers(filled: &[(usize, &Cell)]) -> bool {
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

/// `Cộng: 37 hộ`, `Tổng cộng`, `Cộng tổ 3`, `Lũy kế`, `Bằng chữ: …`. Not `Tổng công ty`, not `Cộng đoàn`, not the family Tống.
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
        ("bằng", _) => second == "chữ",
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
    "người tổng hợp",
    "người viết",
    "người báo cáo",
    "người thực hiện",
    "trưởng tổ",
    "khu trưởng",
    "hội trưởng",
    "chi hội trưởng",
    "p chủ tịch",
    "pct",
    "thay mặt",
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
pub(super) fn is_signature(text: &str) -> bool {
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

pub(super) fn is_roman_or_letter(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', ')', '/', '-']);
    !text.is_empty()
        && (text.chars().all(|c| matches!(c, 'I' | 'V' | 'X'))
            || (text.len() == 1 && text.starts_with(|c: char| c.is_ascii_uppercase())))
}

/// Whether a text begins as an outline does: `I. `, `A) `, `II - `.
pub(super) fn is_outline(text: &str) -> bool {
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
pub(super) fn is_remark(text: &str) -> bool {
    text.split(' ').count() > 6
        || text.chars().any(|c| c.is_ascii_digit())
        || text.contains(':')
        || text.starts_with(['(', '*', '-'])
}
