//! The rows of a form (`lines[0].quantity`, `lines[1].quantity`): one more, one less, and only those that are filled.
//!
//! A form's buttons `add` and `remove` ask for the same form with another number of rows, so that a page needs no
//! script for it.

use super::error::Error;
use super::form::Form;
use crate::kernel::FieldError;

/// The button that asks for one more row; its value says of which kind.
const ADD: &str = "add";
/// The button that asks for a row less; its value is the row's number.
const REMOVE: &str = "remove";

impl Form {
    /// The form with a row more or less of `list`, when one of its buttons asks for that. A new row's `kind` is the
    /// button's value.
    pub fn rows_changed(&self, list: &str) -> Option<Self> {
        let mut changed = self.clone();
        changed.fields.retain(|(name, _)| name != ADD && name != REMOVE);
        if let Ok(row) = self.value(REMOVE).parse::<usize>() {
            return Some(changed.without_row(list, row));
        }
        let kind = self.text(ADD)?;
        let row = self.rows(list);
        Some(changed.with(&format!("{list}[{row}].kind"), kind))
    }

    fn without_row(mut self, list: &str, row: usize) -> Self {
        let place = |name: &str| {
            let (digits, rest) = name.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
            Some((digits.parse::<usize>().ok()?, rest.to_owned()))
        };
        self.fields.retain(|(name, _)| place(name).is_none_or(|(at, _)| at != row));
        for (name, _) in &mut self.fields {
            if let Some((at, rest)) = place(name).filter(|(at, _)| *at > row) {
                *name = format!("{list}[{}]{rest}", at - 1);
            }
        }
        self
    }

    /// The rows of `list` in which any of these fields is filled.
    pub fn filled_rows(&self, list: &str, fields: &[&str]) -> Vec<usize> {
        let filled = |row: &usize| fields.iter().any(|field| !self.value(&format!("{list}[{row}].{field}")).is_empty());
        (0..self.rows(list)).filter(filled).collect()
    }
}

/// A refusal of a body whose `list` holds only some rows of a form: its errors name the form's rows again.
pub fn at_rows(error: Error, list: &str, rows: &[usize]) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let named = |field: &str| {
        let (digits, rest) = field.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
        Some(format!("{list}[{}]{rest}", rows.get(digits.parse::<usize>().ok()?)?))
    };
    let errors =
        errors.into_iter().map(|error| FieldError { field: named(&error.field).unwrap_or(error.field), ..error });
    Error::Invalid(errors.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Message;

    fn form() -> Form {
        Form::default().with("lines[0].quantity", "5").with("lines[1].quantity", "").with("lines[2].quantity", "7")
    }

    #[test]
    fn a_row_is_added_and_taken_away_by_buttons() {
        let more = form().with("add", "goods").rows_changed("lines").unwrap();
        assert_eq!((more.rows("lines"), more.value("lines[3].kind")), (4, "goods"));
        assert!(!more.is_sent("add"));
        let less = form().with("remove", "0").rows_changed("lines").unwrap();
        assert_eq!((less.rows("lines"), less.value("lines[1].quantity")), (2, "7"));
        assert!(form().rows_changed("lines").is_none());
    }

    #[test]
    fn an_error_of_a_body_finds_the_row_it_came_from() {
        let rows = form().filled_rows("lines", &["quantity"]);
        assert_eq!(rows, [0, 2]);
        let error = Error::field("lines[1].quantity", "not_enough", Message::fixed("Không đủ.", "Not enough."));
        let Error::Invalid(errors) = at_rows(error, "lines", &rows) else { panic!("it stays a refusal") };
        assert_eq!(errors[0].field, "lines[2].quantity");
    }
}
