//! One cell of a list, with the type its file gave it.

use serde::{Deserialize, Serialize};

use crate::kernel::Day;
use crate::kernel::vietnamese::clean;

/// A cell. Formulas are already their last computed value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing, or only white space.
    #[default]
    Empty,
    /// Text, in Unicode; line breaks kept.
    Text(String),
    /// A number. Excel keeps 15 digits.
    Number(f64),
    /// A number that a date format shows as a day.
    Date(Day),
    /// TRUE or FALSE.
    Bool(bool),
    /// An error value such as `#REF!`.
    Error(String),
}

/// Day 0 of Excel's count (serial 1 is 1900-01-01; the count has a 29 February 1900 that never was).
fn excel_epoch() -> Day {
    Day::from_ymd(1899, 12, 30).expect("a day of the calendar")
}

impl Cell {
    /// A text cell; empty when there is nothing to see.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}' || c == '\u{200B}') {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The cell as a person reads it, cleaned: numbers without a decimal point when whole, days as dd/mm/yyyy.
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => clean(text),
            Self::Number(number) => show_number(*number),
            Self::Date(day) => day.for_people(),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
            Self::Error(text) => text.clone(),
        }
    }

    /// The day of an Excel serial number, within 1900–9999.
    pub fn day_of_serial(serial: f64) -> Option<Day> {
        if !(1.0..2_958_466.0).contains(&serial) {
            return None;
        }
        let serial = serial.trunc() as i32;
        // Serials up to 60 lie before the day that never was.
        Some(excel_epoch().plus_days(if serial < 60 { serial + 1 } else { serial }))
    }

    /// The serial number that Excel shows as this day.
    pub fn serial_of_day(day: Day) -> i64 {
        i64::from(excel_days(day))
    }
}

fn excel_days(day: Day) -> i32 {
    let days = Day::days_since(day, excel_epoch());
    if days <= 60 { days - 1 } else { days }
}

/// A number as a spreadsheet's general format shows it: whole numbers whole, others with what digits they need.
fn show_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { format!("{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_the_days_excel_shows() {
        for (serial, day) in
            [(1.0, "1900-01-01"), (61.0, "1900-03-01"), (44_413.0, "2021-08-05"), (34_292.75, "1993-11-19")]
        {
            let day = Day::parse(day).unwrap();
            assert_eq!(Cell::day_of_serial(serial), Some(day), "{serial}");
            assert_eq!(Cell::serial_of_day(day), serial.trunc() as i64);
        }
        assert_eq!(Cell::day_of_serial(0.0), None);
        assert_eq!(Cell::day_of_serial(f64::NAN), None);
        assert_eq!(Cell::day_of_serial(1e300), None);
    }

    #[test]
    fn cells_show_what_a_reader_of_the_sheet_sees() {
        assert_eq!(Cell::Number(48_094_172_111.0).shown(), "48094172111");
        assert_eq!(Cell::Number(2.5).shown(), "2.5");
        assert_eq!(Cell::Date(Day::parse("1993-11-19").unwrap()).shown(), "19/11/1993");
        assert_eq!(Cell::text(" \u{A0} "), Cell::Empty);
    }
}
