//! Repairs sheets whose text was typed in an old font (TCVN3, VNI).
//!
//! A cell that is surely in an old encoding is read in it. A cell that could be either is read so only when its
//! column has such cells and none in Unicode: `Hå` proves TCVN3, the `Vâ` below it then means `Võ`.

use rayon::prelude::*;

use super::cell::Cell;
use super::sheet::Sheet;
use crate::kernel::vietnamese::{LegacyEncoding, decode_legacy, detect_legacy};

/// Rewrites every cell that is in an old encoding.
pub(super) fn repair(sheets: &mut [Sheet]) {
    for sheet in sheets {
        let columns = column_encodings(sheet);
        if columns.iter().all(|(tcvn3, vni, _)| tcvn3 + vni == 0) {
            continue;
        }
        for row in &mut sheet.rows {
            for (cell, column) in row.cells.iter_mut().zip(&columns) {
                let Cell::Text(text) = cell else { continue };
                let encoding = detect_legacy(text).or_else(|| in_doubt(text).then(|| majority(*column)).flatten());
                if let Some(encoding) = encoding {
                    *text = decode_legacy(text, encoding);
                }
            }
        }
    }
}

/// Rows that one processor looks at before it takes more.
const ROWS_AT_ONCE: usize = 2_000;

/// Per column: cells surely in TCVN3, surely in VNI, surely in Unicode.
type Tally = (usize, usize, usize);

fn column_encodings(sheet: &Sheet) -> Vec<Tally> {
    let width = sheet.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let none = || vec![(0, 0, 0); width];
    // Every cell of a long list is looked at: on all processors.
    let parts = sheet.rows.par_chunks(ROWS_AT_ONCE).map(|rows| {
        let mut columns = none();
        for row in rows {
            for (cell, column) in row.cells.iter().zip(&mut columns) {
                let Cell::Text(text) = cell else { continue };
                count(text, column);
            }
        }
        columns
    });
    parts.reduce(none, |mut all, part| {
        for (sum, more) in all.iter_mut().zip(part) {
            *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
        }
        all
    })
}

fn count(text: &str, column: &mut Tally) {
    if text.is_ascii() {
        return;
    }
    match detect_legacy(text) {
        Some(LegacyEncoding::Tcvn3) => column.0 += 1,
        Some(LegacyEncoding::Vni) => column.1 += 1,
        None if text.chars().any(|c| u32::from(c) > 0xFF) => column.2 += 1,
        None => {}
    }
}

fn majority((tcvn3, vni, unicode): Tally) -> Option<LegacyEncoding> {
    if unicode > 0 || tcvn3 == vni {
        return None;
    }
    Some(if tcvn3 > vni { LegacyEncoding::Tcvn3 } else { LegacyEncoding::Vni })
}

/// Accented, yet without a letter that only Unicode has.
fn in_doubt(text: &str) -> bool {
    !text.is_ascii() && text.chars().all(|c| u32::from(c) <= 0xFF)
}
