//! A row of a file with what a clerk typed instead of its wrong cells.

use std::collections::BTreeMap;

use super::outcome::{Issue, ListRow, RowStatus};

/// Puts what was typed for some fields of a row in place of what the file says. `checked` is what the typed texts were
/// read as; `adopt` takes those fields of it, the second argument, over into the row's own. What is wrong with other
/// fields stays wrong.
pub fn correct<T>(
    row: &mut ListRow<T>,
    typed: &BTreeMap<String, String>,
    checked: ListRow<T>,
    adopt: impl FnOnce(&mut T, T),
) {
    let (Some(own), Some(read)) = (&mut row.parsed, checked.parsed) else { return };
    adopt(own, read);
    row.errors = merged(std::mem::take(&mut row.errors), checked.errors, typed);
    row.warnings = merged(std::mem::take(&mut row.warnings), checked.warnings, typed);
    row.status = if row.errors.is_empty() { RowStatus::New } else { RowStatus::Error };
}

/// Issues of the fields that were not typed as they were, of those that were as they are now.
fn merged(before: Vec<Issue>, now: Vec<Issue>, typed: &BTreeMap<String, String>) -> Vec<Issue> {
    let is_typed = |issue: &Issue| typed.contains_key(issue.field.as_ref());
    let (replaced, mut kept): (Vec<Issue>, Vec<Issue>) = before.into_iter().partition(is_typed);
    kept.extend(now.into_iter().filter(is_typed).map(|mut issue| {
        // The file's own column and its name for it.
        if let Some(before) = replaced.iter().find(|before| before.field == issue.field) {
            (issue.column, issue.at) = (before.column.clone(), before.at);
        }
        issue
    }));
    kept
}
