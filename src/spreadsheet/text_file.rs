//! Reads `.csv` and other delimited text: any encoding Vietnamese lists come in, `;` `,` tab or `|` between fields.

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::bounds::{Bounded, Limits};
use super::cell::Cell;
use super::refusal::Refusal;
use super::sheet::SheetRow;
use crate::kernel::vietnamese::{LegacyEncoding, decode_legacy, is_vietnamese_syllable};

/// Reads the file into one sheet. Row numbers are those a spreadsheet shows: a field with line breaks stays one row,
/// an empty line is a row.
pub(super) fn read(bytes: &[u8], out: &mut Bounded<'_>) -> Result<(), Refusal> {
    let mut text = decode(bytes);
    if !text.contains('\n') && text.contains('\r') {
        text = text.replace('\r', "\n");
    }
    let (stated, body) = stated_delimiter(&text);
    let delimiter = stated.unwrap_or_else(|| likely_delimiter(body));
    let mut rows = parse(body, delimiter, true, out.limits())?;
    if rows.is_none() {
        rows = parse(body, delimiter, false, out.limits())?;
    }
    out.sheet(String::new(), false)?;
    rows.unwrap_or_default().into_iter().try_for_each(|row| out.row(row))
}

/// The text of a file, by its byte order mark, else UTF-8 if it is valid, else the reading with the most Vietnamese
/// words.
fn decode(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        return String::from_utf8_lossy(rest).into_owned();
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || utf16_without_mark(bytes) {
        return UTF_16LE.decode(bytes).0.into_owned();
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return UTF_16BE.decode(bytes).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let latin = WINDOWS_1252.decode(bytes).0.into_owned();
    let windows_1258: String = WINDOWS_1258.decode(bytes).0.nfc().collect();
    let tcvn3 = decode_legacy(&latin, LegacyEncoding::Tcvn3);
    let vni = decode_legacy(&latin, LegacyEncoding::Vni);
    let mut best = (0, latin);
    for reading in [windows_1258, tcvn3, vni] {
        let words = vietnamese_words(&reading);
        if words > best.0 {
            best = (words, reading);
        }
    }
    best.1
}

/// UTF-16 (little end first) as some programs write it, without a mark: most of its second bytes are zero.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(2000)];
    let pairs = head.chunks_exact(2);
    let zeros = pairs.clone().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    pairs.len() > 1 && zeros * 3 > pairs.len() * 2
}

/// How many more accented words of the first part of a text are Vietnamese than are not.
fn vietnamese_words(text: &str) -> i64 {
    let head: String = text.chars().take(50_000).collect();
    head.split(|c: char| !c.is_alphabetic() && c.is_ascii() || c == '\u{A0}')
        .filter(|word| !word.is_ascii())
        .map(|word| if is_vietnamese_syllable(word) { 1 } else { -1 })
        .sum()
}

/// The first line `sep=;`, which Excel writes and does not show.
fn stated_delimiter(text: &str) -> (Option<u8>, &str) {
    let line = text.lines().next().unwrap_or("");
    let stated = line.trim_matches('"').strip_prefix("sep=").map(str::as_bytes);
    match stated {
        Some(&[delimiter]) if delimiter.is_ascii() => {
            (Some(delimiter), text[line.len()..].trim_start_matches('\r').strip_prefix('\n').unwrap_or(""))
        }
        _ => (None, text),
    }
}

/// The delimiter that cuts most records into the same number of fields.
fn likely_delimiter(text: &str) -> u8 {
    let head: String = text.chars().take(100_000).collect();
    let score = |delimiter: u8| -> usize {
        let mut reader = reader(delimiter, true).from_reader(head.as_bytes());
        let mut widths = std::collections::BTreeMap::<usize, usize>::new();
        let mut record = ByteRecord::new();
        for _ in 0..100 {
            match reader.read_byte_record(&mut record) {
                Ok(true) => *widths.entry(record.len()).or_default() += 1,
                _ => break,
            }
        }
        widths.into_iter().map(|(width, times)| width.saturating_sub(1) * times).sum()
    };
    // On a tie the first wins: Vietnamese Excel writes semicolons.
    let mut best = (b';', score(b';'));
    for delimiter in [b'\t', b',', b'|'] {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

fn reader(delimiter: u8, quoting: bool) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).quoting(quoting);
    builder
}

/// More line breaks than one field ever has: a quote was opened and never closed.
const MAX_LINES_IN_FIELD: usize = 50;

/// As many columns as nearly every list has, for which room is made at once.
const USUAL_COLUMNS: usize = 16;

/// Reads records into rows. Nothing when a stray quote has swallowed the lines after it.
fn parse(text: &str, delimiter: u8, quoting: bool, limits: &Limits) -> Result<Option<Vec<SheetRow>>, Refusal> {
    let mut reader = reader(delimiter, quoting).from_reader(text.as_bytes());
    let mut record = ByteRecord::new();
    let mut rows = Vec::new();
    let mut number: u32 = 0;
    let mut cells_left = limits.max_cells;
    loop {
        let first_line = reader.position().line();
        if !reader.read_byte_record(&mut record).map_err(|_| Refusal::Damaged)? {
            break;
        }
        let breaks = record.as_slice().iter().filter(|b| **b == b'\n').count();
        if quoting && breaks > MAX_LINES_IN_FIELD {
            return Ok(None);
        }
        let lines = reader.position().line().saturating_sub(first_line);
        let blank = lines.saturating_sub(breaks as u64 + 1);
        number = number.saturating_add(1 + u32::try_from(blank).unwrap_or(u32::MAX));
        let mut cells: Vec<Cell> = Vec::with_capacity(record.len().min(USUAL_COLUMNS));
        for (column, field) in record.iter().enumerate() {
            let cell = Cell::text(String::from_utf8_lossy(field));
            if !cell.is_empty() {
                // Delimiters without end behind the last text are no columns.
                if column >= limits.max_columns {
                    return Err(Refusal::TooManyColumns { max: limits.max_columns, row: number });
                }
                cells.resize(column, Cell::Empty);
                cells.push(cell);
            }
        }
        if !cells.is_empty() {
            if rows.len() == limits.max_rows {
                return Err(Refusal::TooManyRows { max: limits.max_rows });
            }
            cells_left = cells_left.checked_sub(cells.len()).ok_or(Refusal::HoldsTooMuch)?;
            rows.push(SheetRow { number, cells });
        }
    }
    Ok(Some(rows))
}
