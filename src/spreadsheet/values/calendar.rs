//! Days, months and years of birth.

use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::fold;
use crate::kernel::{Day, Month};
use crate::spreadsheet::Cell;

const NOT_A_DAY: Invalid = Invalid::fixed(
    "not_a_day",
    "Ngày phải theo dạng ngày/tháng/năm và có thật, ví dụ 05/08/2021.",
    "A day is written day/month/year and must exist, for example 05/08/2021.",
);

/// A day: `05/08/2021`, `5-8-21`, `2021-08-05`, a date cell, or the serial number of one.
///
/// Two-digit years are the last hundred years up to `today`'s.
pub fn day(cell: &Cell, today: Day) -> Result<Option<Day>, Invalid> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Date(day) => Ok(Some(*day)),
        // Serials of the years 1954 on; smaller numbers are years or slips.
        Cell::Number(serial) if (20_000.0..110_000.0).contains(serial) => {
            Cell::day_of_serial(*serial).map(Some).ok_or(NOT_A_DAY)
        }
        Cell::Text(_) => {
            let text = cell.shown();
            if let Ok(serial) = text.parse::<f64>()
                && (20_000.0..110_000.0).contains(&serial)
            {
                return Cell::day_of_serial(serial).map(Some).ok_or(NOT_A_DAY);
            }
            day_of_text(&text, today).map(Some).ok_or(NOT_A_DAY)
        }
        _ => Err(NOT_A_DAY),
    }
}

/// The numbers of a text; nothing when anything but words for day, month and year stands between them.
fn date_numbers(text: &str) -> Option<Vec<(usize, i32)>> {
    let mut numbers = Vec::new();
    for word in fold(text).split(' ') {
        if matches!(word, "ngay" | "thang" | "nam" | "t") {
            continue;
        }
        let digits = word.strip_prefix('t').filter(|rest| !rest.is_empty()).unwrap_or(word);
        if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        numbers.push((digits.len(), digits.parse().ok()?));
    }
    Some(numbers)
}

fn day_of_text(text: &str, today: Day) -> Option<Day> {
    // A time of day after the date, as exported tables have it.
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let text = if time.contains(':') { date } else { text };
    let (year, month, day) = match date_numbers(text)?.as_slice() {
        [(4, year), (_, month), (_, day)] => (*year, *month, *day),
        [(1..=2, day), (1..=2, month), (4, year)] => (*year, *month, *day),
        [(1..=2, day), (1..=2, month), (2, year)] => (full_year(*year, today), *month, *day),
        [(8, number)] => (number % 10_000, number / 10_000 % 100, number / 1_000_000),
        _ => return None,
    };
    Day::from_ymd(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

fn full_year(two_digits: i32, today: Day) -> i32 {
    let this_year = i32::from(today.date().year());
    let year = this_year / 100 * 100 + two_digits;
    if year > this_year { year - 100 } else { year }
}

/// A year of birth, and whether it was read out of something odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BirthYear {
    pub year: i16,
    /// What is odd about how it was written.
    pub odd: Option<Invalid>,
}

/// A year of birth: the year alone, a day in any form [`day`] reads, or `1953 (68 tuổi)`. From 1900 to `today`.
pub fn birth_year(cell: &Cell, today: Day) -> Result<Option<BirthYear>, Invalid> {
    let plain = |year: i64| BirthYear { year: i16::try_from(year).unwrap_or(i16::MAX), odd: None };
    let found = match cell {
        Cell::Empty => return Ok(None),
        // A year typed into a cell with a date format: 1953 shows as 06/05/1905.
        Cell::Date(day) if (1900..=2100).contains(&Cell::serial_of_day(*day)) => BirthYear {
            odd: Some(Invalid::fixed(
                "year_shown_as_day",
                "Ô năm sinh bị định dạng thành ngày; đã đọc lại thành năm. Xem lại.",
                "The year was formatted as a day; it was read as the year. Check it.",
            )),
            ..plain(Cell::serial_of_day(*day))
        },
        Cell::Date(day) => plain(i64::from(day.date().year())),
        Cell::Number(number) if number.fract() == 0.0 && (1000.0..=9999.0).contains(number) => plain(*number as i64),
        Cell::Number(_) => plain(i64::from(day(cell, today).ok().flatten().ok_or(NOT_A_YEAR)?.date().year())),
        Cell::Text(_) => year_of_text(&cell.shown(), today).ok_or(NOT_A_YEAR).map(|year| plain(i64::from(year)))?,
        Cell::Bool(_) | Cell::Error(_) => return Err(NOT_A_YEAR),
    };
    let this_year = today.date().year();
    let future = matches!(cell, Cell::Date(day) if *day > today && found.odd.is_none());
    if !(1900..=this_year).contains(&found.year) || future {
        return Err(Invalid::new(
            "out_of_range",
            Message::new(
                format!("Năm sinh phải từ 1900 đến {this_year}. Sửa lại hoặc để trống."),
                format!("A year of birth is from 1900 to {this_year}. Correct it or leave it out."),
            ),
        ));
    }
    Ok(Some(found))
}

const NOT_A_YEAR: Invalid = Invalid::fixed(
    "not_a_year",
    "Năm sinh phải là năm (1953) hoặc ngày/tháng/năm (19/11/1953). Sửa lại hoặc để trống.",
    "A year of birth is a year (1953) or day/month/year (19/11/1953). Correct it or leave it out.",
);

fn year_of_text(text: &str, today: Day) -> Option<i16> {
    if let Ok(number) = text.parse::<f64>() {
        if number.fract() == 0.0 && (1000.0..=9999.0).contains(&number) {
            return Some(number as i16);
        }
        return day(&Cell::Number(number), today).ok().flatten().map(|day| day.date().year());
    }
    if let Some(day) = day_of_text(text, today) {
        return Some(day.date().year());
    }
    // `00/00/1953`, `.../1953`, `8/1953`, `1953 (68 tuổi)`, `sinh năm 1953`: the one number that is a year.
    let words = fold(text);
    let mut years = words.split(' ').filter(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit()));
    let year = years.next()?.parse().ok()?;
    let others = words.split(' ').filter(|w| w.bytes().any(|b| b.is_ascii_digit())).count();
    let known = |word: &str| {
        word.bytes().all(|b| b.is_ascii_digit()) && word.len() <= 4
            || matches!(word, "sinh" | "nam" | "nu" | "ngay" | "thang" | "tuoi" | "sn" | "ns" | "khoang")
    };
    (years.next().is_none() && others <= 3 && words.split(' ').all(known)).then_some(year)
}

/// Months from the first to the last, both counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthSpan {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

const NOT_A_MONTH: Invalid = Invalid::fixed(
    "not_a_month",
    "Tháng phải theo dạng tháng/năm, ví dụ 7/2021.",
    "A month is written month/year, for example 7/2021.",
);

/// A month: `7/2021`, `07-2021`, `tháng 7/2021`, `tháng 7 năm 2021`, `2021-07`, a date cell. A month without a year is
/// one of `title_year`.
pub fn month(cell: &Cell, title_year: Option<i16>) -> Result<Option<Month>, Invalid> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Date(day) => Month::of(*day).map(Some).ok_or(NOT_A_MONTH),
        Cell::Number(number) if (1.0..=12.0).contains(number) && number.fract() == 0.0 => {
            title_year.and_then(|year| Month::new(year, *number as i8)).map(Some).ok_or(NOT_A_MONTH)
        }
        Cell::Number(serial) if (20_000.0..110_000.0).contains(serial) => {
            Cell::day_of_serial(*serial).and_then(Month::of).map(Some).ok_or(NOT_A_MONTH)
        }
        Cell::Text(_) => month_of_text(&cell.shown(), title_year).map(Some).ok_or(NOT_A_MONTH),
        _ => Err(NOT_A_MONTH),
    }
}

fn month_of_text(text: &str, title_year: Option<i16>) -> Option<Month> {
    let (year, month) = match date_numbers(text)?.as_slice() {
        [(1..=2, month), (4, year)] | [(4, year), (1..=2, month)] => (i16::try_from(*year).ok()?, *month),
        [(1..=2, month), (2, year)] if *year > 12 => (2000 + i16::try_from(*year).ok()?, *month),
        [(1..=2, month)] => (title_year?, *month),
        // A whole day stands for its month; `7-9/2021` is none.
        [(1..=2, _), (1..=2, month), (4, year)] | [(4, year), (1..=2, month), (1..=2, _)] if one_separator(text) => {
            (i16::try_from(*year).ok()?, *month)
        }
        _ => return None,
    };
    Month::new(year, i8::try_from(month).ok()?)
}

/// Whether the same sign stands between all numbers.
fn one_separator(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| !c.is_alphanumeric() && !c.is_whitespace());
    let first = signs.next();
    signs.all(|sign| Some(sign) == first)
}

/// Several months in one cell: `7-9/2021`, `7/2021 - 9/2021`, `tháng 7, 8, 9/2021`, `từ tháng 7 đến tháng 9 năm 2021`;
/// one month is a span of one. Months named one by one must follow one another.
pub fn month_span(cell: &Cell, title_year: Option<i16>) -> Result<Option<MonthSpan>, Invalid> {
    if let Ok(month) = month(cell, title_year) {
        return Ok(month.map(|month| MonthSpan { from: month, to: month }));
    }
    span_of_text(&cell.shown(), title_year).map(Some).ok_or(NOT_A_MONTH)
}

fn span_of_text(text: &str, title_year: Option<i16>) -> Option<MonthSpan> {
    let is_range = text.contains(['-', '–', '→']) || fold(text).split(' ').any(|word| word == "den");
    let mut months: Vec<(i8, Option<i16>)> = Vec::new();
    for word in fold(text).split(' ') {
        if matches!(word, "tu" | "den" | "thang" | "nam" | "va" | "t" | "cac") {
            continue;
        }
        let digits = word.strip_prefix('t').filter(|rest| !rest.is_empty()).unwrap_or(word);
        match (digits.len(), digits.parse::<i16>().ok()?) {
            (4, year) => months.last_mut()?.1 = Some(year),
            (1 | 2, month) => months.push((i8::try_from(month).ok()?, None)),
            _ => return None,
        }
    }
    // A year holds for the months before it, too.
    let mut year = title_year;
    let mut known = Vec::with_capacity(months.len());
    for (month, own) in months.iter().rev() {
        year = own.or(year);
        known.push(Month::new(year?, *month)?);
    }
    known.reverse();
    let (from, to) = (*known.first()?, *known.last()?);
    let in_a_row = known.windows(2).all(|pair| pair[0].plus(1) == Some(pair[1]));
    (in_a_row || is_range && known.len() == 2).then_some(MonthSpan { from, to })
}
