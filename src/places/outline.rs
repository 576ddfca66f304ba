//! A list of areas as people write it: one per line, indented below the area it lies in, or several behind a colon.
//!
//! ```text
//! Khu dân cư số 3: Tổ 31, Tổ 32
//! Khu dân cư số 4
//!   Tổ 41-44
//! ```

use super::{AreaKind, parse_name};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::{clean, fold};
use crate::kernel::{FieldError, Message};
use crate::spreadsheet::workbook::Workbook;

/// Areas that one list makes at most.
pub const AREAS_MAX: usize = 1_000;
/// Areas that one range such as `Tổ 1-30` stands for at most.
const RANGE_MAX: u32 = 200;
/// Columns of a sheet that are read.
const COLUMNS_MAX: usize = 6;

/// One area of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// How many areas of the list it lies in.
    pub depth: usize,
    pub name: String,
    /// What kind of unit it is.
    pub kind: AreaKind,
}

/// Reads a list. What can't be an area is told with its line.
pub fn parse(text: &str) -> Result<Vec<Named>, Vec<FieldError>> {
    let (mut areas, mut errors) = (Vec::new(), Vec::new());
    // The areas that the next line may lie in: their indent and rank.
    let mut open: Vec<(usize, u8)> = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let Some((indent, head, parts)) = split(line) else { continue };
        let rank = rank(kind_of(&head));
        while open.last().is_some_and(|(at, above)| *at > indent || (*at == indent && *above >= rank)) {
            open.pop();
        }
        let depth = open.len();
        let names = expand(&head);
        let single = names.len() == 1;
        let below = parts.iter().flat_map(|part| expand(&numbered(part))).map(|name| (depth + 1, name));
        for (depth, name) in names.into_iter().map(|name| (depth, name)).chain(below) {
            match parse_name(&name) {
                Ok(name) => areas.push(Named { depth, kind: kind_of(&name).unwrap_or(by_depth(depth)), name }),
                Err(wrong) => errors.push(at_line(number, &wrong)),
            }
        }
        if single {
            open.push((indent, rank));
        }
    }
    if areas.is_empty() && errors.is_empty() {
        let say = Message::fixed("Dán danh sách khu vực, mỗi dòng một tên.", "Paste a list of areas, one name a line.");
        errors.push(FieldError::new("text", "required", say));
    }
    if areas.len() > AREAS_MAX {
        let say = Message::fixed("Mỗi lần tạo nhiều nhất 1.000 khu vực.", "At most 1,000 areas are made at a time.");
        errors.push(FieldError::new("text", "out_of_range", say));
    }
    if errors.is_empty() { Ok(areas) } else { Err(errors) }
}

fn at_line(number: usize, wrong: &Invalid) -> FieldError {
    let say = Message::new(format!("Dòng {number}: {}", wrong.say.vi), format!("Line {number}: {}", wrong.say.en));
    FieldError::new("text", wrong.code, say)
}

/// The indent of a line, what stands before its colon, and what is listed behind it. Nothing for an empty line.
fn split(line: &str) -> Option<(usize, String, Vec<String>)> {
    let rest = line.trim_start();
    let indent = line[..line.len() - rest.len()].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum();
    let rest = rest.trim_start_matches(['-', '•', '*', '+', '–']).trim();
    let (head, list) = rest.split_once(':').unwrap_or((rest, ""));
    let list: Vec<String> = list.split([',', ';']).map(clean).filter(|part| !part.is_empty()).collect();
    let head = clean(head);
    (!head.is_empty()).then_some((indent, head, list))
}

/// `31` is a group's number.
fn numbered(part: &str) -> String {
    if part.starts_with(|c: char| c.is_ascii_digit()) { format!("Tổ {part}") } else { part.to_owned() }
}

/// The areas that one text stands for: `Tổ 1, Tổ 2` and `Tổ 1-12` are several.
fn expand(text: &str) -> Vec<String> {
    let pieces: Vec<&str> = text.split([',', ';']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    if pieces.len() > 1 && pieces.iter().all(|piece| kind_of(piece).is_some()) {
        return pieces.into_iter().flat_map(range).collect();
    }
    range(text)
}

/// `Tổ 41-44` → `Tổ 41` … `Tổ 44`; anything else stands for itself.
fn range(text: &str) -> Vec<String> {
    let spelled = text.replace(" đến ", "-").replace(['–', '—'], "-");
    let ends = spelled.rsplit_once('-').and_then(|(before, last)| {
        let before = before.trim_end();
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (word, first) = before.split_at(before.len() - digits);
        Some((word.to_owned(), first.parse::<u32>().ok()?, last.trim().parse::<u32>().ok()?))
    });
    match ends {
        Some((word, first, last)) if kind_of(&word).is_some() && first < last && last - first < RANGE_MAX => {
            (first..=last).map(|number| format!("{word}{number}")).collect()
        }
        _ => vec![text.to_owned()],
    }
}

/// The kind that a name itself tells.
fn kind_of(name: &str) -> Option<AreaKind> {
    let folded = format!("{} ", fold(name));
    let begins = |words: &[&str]| words.iter().any(|word| folded.starts_with(&format!("{word} ")));
    if begins(&["phuong", "xa", "thi tran", "dac khu"]) {
        Some(AreaKind::Ward)
    } else if begins(&["khu dan cu", "kdc", "khu pho", "khu vuc", "thon", "ap", "khoi", "ban cong tac mat tran"]) {
        Some(AreaKind::Neighbourhood)
    } else if begins(&["to", "tdp"]) {
        Some(AreaKind::Group)
    } else {
        None
    }
}

const fn by_depth(depth: usize) -> AreaKind {
    if depth == 0 { AreaKind::Neighbourhood } else { AreaKind::Group }
}

const fn rank(kind: Option<AreaKind>) -> u8 {
    match kind {
        Some(AreaKind::Ward) => 0,
        Some(AreaKind::Neighbourhood) | None => 1,
        Some(AreaKind::Group) => 2,
    }
}

/// The list that a sheet holds: each column lies in the one before it; titles and counting columns are left out.
pub fn of_workbook(workbook: &Workbook) -> String {
    let mut text = String::new();
    let mut above: Vec<String> = Vec::new();
    let rows = workbook.sheets.iter().filter(|sheet| !sheet.hidden).flat_map(|sheet| &sheet.rows);
    for row in rows.take(AREAS_MAX * 2) {
        let cells = row.filled().take(COLUMNS_MAX).map(|(_, cell)| cell.shown());
        let names: Vec<String> = cells.filter(|cell| !is_title(cell) && !is_count(cell)).collect();
        let same = above.iter().zip(&names).take_while(|(before, now)| before == now).count();
        if same < names.len() {
            for (depth, name) in names.iter().enumerate().skip(same) {
                text.push_str(&format!("{}{}\n", "  ".repeat(depth), name.replace(['\n', '\r', ':'], " ")));
            }
            above = names;
        }
    }
    text
}

fn is_count(cell: &str) -> bool {
    cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '))
}

fn is_title(cell: &str) -> bool {
    const TITLES: [&str; 14] = [
        "stt",
        "tt",
        "so tt",
        "ten",
        "ten khu vuc",
        "khu vuc",
        "khu dan cu",
        "kdc",
        "to dan pho",
        "to",
        "tdp",
        "phuong",
        "ghi chu",
        "danh sach khu vuc",
    ];
    TITLES.contains(&fold(cell).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, String)> {
        parse(text).unwrap().into_iter().map(|area| (area.depth, area.name)).collect()
    }

    #[test]
    fn a_colon_an_indent_and_a_range_say_the_same() {
        let colon = read("KDC 3: Tổ 31, Tổ 32, Tổ 33");
        assert_eq!(colon[0], (0, "KDC 3".to_owned()));
        assert_eq!(colon, read("KDC 3\n  Tổ 31\n  Tổ 32\n  Tổ 33"));
        assert_eq!(colon, read("KDC 3: 31-33"));
        assert_eq!(colon, read("- KDC 3:\n\t- Tổ 31 – 33"));
        assert_eq!(colon, read("KDC 3\nTổ 31, Tổ 32\nTổ 33"), "groups lie in the neighbourhood above them");
    }

    #[test]
    fn a_whole_ward_is_read_with_its_kinds() {
        let areas = parse("Phường Thanh Khê\nKhu dân cư số 1\nTổ 1\nYên Khê\nTổ 2").unwrap();
        let shown: Vec<(usize, AreaKind)> = areas.iter().map(|area| (area.depth, area.kind)).collect();
        use AreaKind::{Group, Neighbourhood, Ward};
        assert_eq!(shown, [(0, Ward), (1, Neighbourhood), (2, Group), (1, Group), (2, Group)]);
    }

    #[test]
    fn a_line_that_is_no_name_is_told_with_its_number() {
        let errors = parse(&format!("KDC 1\n{}", "x".repeat(300))).unwrap_err();
        assert!(errors[0].say.vi.starts_with("Dòng 2:"), "{errors:?}");
        assert_eq!(parse(" \n\n").unwrap_err()[0].code, "required");
    }
}
