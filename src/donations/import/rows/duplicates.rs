//! Which rows say the same twice.

use std::collections::HashMap;

use super::row::DonationRow;
use super::things::DonationLine;
use crate::kernel::vietnamese::fold;
use crate::spreadsheet::{ListRow, RowStatus};

/// Marks rows that say the same as an earlier row: donor, things, quantities, values and day.
pub(super) fn mark(rows: &mut [ListRow<DonationRow>]) {
    let mut seen = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.status == RowStatus::New) {
        let Some((parsed, donor)) = row.parsed.as_ref().and_then(|row| Some((row, row.donor.as_ref()?))) else {
            continue;
        };
        let lines: Vec<String> = parsed.lines.iter().map(line_key).collect();
        let condition = parsed.condition.as_deref().map(fold);
        let note = parsed.note.as_deref().map(fold);
        match seen.get(&(fold(&donor.name), parsed.received_on, lines.clone(), condition.clone(), note.clone())) {
            Some(original) => {
                row.status = RowStatus::Duplicate;
                row.duplicate_of_row = Some(*original);
            }
            None => {
                seen.insert((fold(&donor.name), parsed.received_on, lines, condition, note), row.at);
            }
        }
    }
}

fn line_key(line: &DonationLine) -> String {
    match line {
        DonationLine::Goods { item, unit, thousandths, value } => {
            format!("{}|{}|{thousandths}|{}", fold(item), fold(unit), value.0)
        }
        DonationLine::Packages { name, count, value } => format!("{}|packages|{count}|{}", fold(name), value.0),
        DonationLine::Cash { amount } => format!("cash|{}", amount.0),
    }
}
