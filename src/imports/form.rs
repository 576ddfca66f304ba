//! What the forms on the pages of lists say (`templates/parts/import.html`): cells typed anew, decisions about rows,
//! columns chosen by hand.

use std::collections::BTreeMap;

use axum::response::Response;

use super::staged::steps::Typed;
use super::view::{DECIDE, FIX};
use crate::http::{Error, Form, see_other};
use crate::kernel::{FieldError, Message};
use crate::spreadsheet::{Choice, Reading, RowAt, SheetReading, Vocabulary};

fn place_of(text: &str) -> Option<RowAt> {
    let (sheet, row) = text.split_once(':')?;
    Some(RowAt { sheet: sheet.parse::<usize>().ok()?.checked_sub(1)?, row: row.parse().ok()? })
}

/// What a form says instead of wrong cells, by row.
pub fn typed(form: &Form) -> BTreeMap<RowAt, Typed> {
    let mut rows: BTreeMap<RowAt, Typed> = BTreeMap::new();
    for (name, value) in form.starting(FIX) {
        let Some((at, field)) = name.split_once("].") else { continue };
        let Some(at) = place_of(at) else { continue };
        rows.entry(at).or_default().insert(field.to_owned(), value.to_owned());
    }
    rows
}

/// What a form decides about rows; an empty text takes a decision back.
pub fn decided(form: &Form) -> BTreeMap<RowAt, String> {
    let named = form.starting(DECIDE).filter_map(|(name, value)| Some((name.strip_suffix(']')?, value)));
    named.filter_map(|(at, value)| Some((place_of(at)?, value.to_owned()))).collect()
}

/// The cells whose text is another than the one that was shown, by row. A wrong cell left as it is stays wrong.
pub fn changed<T>(form: &Form, reading: &Reading<T>) -> BTreeMap<RowAt, Typed> {
    let shown = |at: RowAt, field: &str| {
        let place = reading.place(at)?;
        let mut issues = reading.rows[place].errors.iter();
        issues.find(|issue| issue.field == field).map(|issue| issue.value.as_str())
    };
    let mut rows = typed(form);
    for (at, typed) in &mut rows {
        typed.retain(|field, text| shown(*at, field) != Some(text));
    }
    rows.retain(|_, typed| !typed.is_empty());
    rows
}

/// The columns that a form chooses, for sheets where it differs from what was understood: `sheets[0].header_row`,
/// `sheets[0].columns.phone` with a column's number, or nothing for "not in this file".
pub fn choices(form: &Form, vocabulary: &Vocabulary, read: &[SheetReading]) -> Vec<Choice> {
    let mut choices = Vec::new();
    for sheet in read {
        let name = |what: &str| format!("sheets[{}].{what}", sheet.sheet);
        let mut choice = Choice { sheet: sheet.sheet, ..Choice::default() };
        choice.header_row = form.value(&name("header_row")).parse().ok().filter(|row| *row != sheet.header_row);
        for field in vocabulary.fields {
            let name = name(&format!("columns.{}", field.name));
            let before = sheet.columns.get(field.name).and_then(|columns| columns.first().copied());
            let now = form.value(&name).parse::<usize>().ok();
            if form.is_sent(&name) && now != before {
                choice.columns.insert(field.name.to_owned(), now);
            }
        }
        if choice.header_row.is_some() || !choice.columns.is_empty() {
            choices.push(choice);
        }
    }
    choices
}

/// Choices on top of earlier ones: what was chosen before stays unless it is chosen anew.
pub fn added(mut before: Vec<Choice>, new: Vec<Choice>) -> Vec<Choice> {
    for choice in new {
        match before.iter_mut().find(|known| known.sheet == choice.sheet) {
            Some(known) => {
                known.header_row = choice.header_row.or(known.header_row);
                known.columns.extend(choice.columns);
            }
            None => before.push(choice),
        }
    }
    before
}

/// Back to the rows that were shown, below `page`.
pub fn back(page: &str, form: &Form, done: &str) -> Response {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for name in ["status", "page"] {
        if let Some(value) = form.text(name) {
            out.append_pair(name, &value);
        }
    }
    out.append_pair("done", done);
    see_other(&format!("{page}?{}", out.finish()))
}

/// What is said of the file when it is read again is the fault of the columns chosen.
pub fn in_columns(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => Error::Invalid(
            errors.into_iter().map(|error| FieldError { field: "columns".to_owned(), ..error }).collect(),
        ),
        other => other,
    }
}

/// An error of a row's decision says which row.
pub fn by_row(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let named = errors.into_iter().map(|error| match error.field.strip_prefix("decisions.") {
        Some(key) => {
            let say = Message::new(format!("Dòng {key}: {}", error.say.vi), format!("Row {key}: {}", error.say.en));
            FieldError { field: String::new(), say, ..error }
        }
        None => error,
    });
    Error::Invalid(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_and_decided_finds_its_row() {
        let form =
            Form::default().with("fix[1:96].phone", " 0905 ").with("fix[x].phone", "1").with("decide[2:7]", "skip");
        assert_eq!(typed(&form)[&RowAt { sheet: 0, row: 96 }]["phone"], "0905");
        assert_eq!(decided(&form), BTreeMap::from([(RowAt { sheet: 1, row: 7 }, "skip".to_owned())]));
        assert!(typed(&Form::default().with("fix[0:1].phone", "1")).is_empty(), "sheets count from 1");
    }
}
