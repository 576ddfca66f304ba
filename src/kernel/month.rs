//! A calendar month: rent is cut month by month.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::message::Invalid;
use super::moment::Day;
use super::text_column::{text_bound, text_column};

/// A calendar month of the years 1900–9999. In JSON and in the databases: `YYYY-MM`, which sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, example = "2021-07")]
pub struct Month(
    /// Months since January of the year 0.
    i32,
);

impl Month {
    /// A month from its numbers, or nothing when there is no such month.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1900..=9999).contains(&year) && (1..=12).contains(&month))
            .then(|| Self(i32::from(year) * 12 + i32::from(month) - 1))
    }

    /// The month in which a day falls, or nothing outside the years 1900–9999.
    pub fn of(day: Day) -> Option<Self> {
        Self::new(day.date().year(), day.date().month())
    }

    /// The year.
    pub const fn year(self) -> i16 {
        (self.0 / 12) as i16
    }

    /// The month of the year, 1–12.
    pub const fn month(self) -> i8 {
        (self.0 % 12) as i8 + 1
    }

    /// The first day of the month.
    pub fn first_day(self) -> Day {
        Day::from_ymd(self.year(), self.month(), 1).expect("every month has a first day")
    }

    /// How many months there are from this one to `last`, both counted: 7/2021 to 9/2021 are 3. Zero or less when
    /// `last` is earlier.
    pub fn months_through(self, last: Self) -> i32 {
        last.0 - self.0 + 1
    }

    /// The month so many later, or nothing past the year 9999.
    pub fn plus(self, months: i32) -> Option<Self> {
        let ordinal = self.0.checked_add(months)?;
        Self::new(i16::try_from(ordinal.div_euclid(12)).ok()?, i8::try_from(ordinal.rem_euclid(12)).ok()? + 1)
    }

    /// `7/2021`, as people write it.
    pub fn for_people(self) -> String {
        format!("{}/{}", self.month(), self.year())
    }

    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let parsed = text.trim().split_once('-').and_then(|(year, month)| {
            (year.len() == 4 && month.len() == 2).then(|| Self::new(year.parse().ok()?, month.parse().ok()?)).flatten()
        });
        parsed.ok_or(Invalid::fixed(
            "not_a_month",
            "Tháng phải theo dạng NĂM-THÁNG, ví dụ 2021-07.",
            "A month is written YYYY-MM, for example 2021-07.",
        ))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::parse(s)
    }
}

text_column!(Month, |text| Self::parse(text).map_err(|wrong| wrong.say.en));
text_bound!(Month);

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.say.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_span_of_months_count() {
        let july = Month::parse("2021-07").unwrap();
        let next_february = Month::new(2022, 2).unwrap();
        assert_eq!(july.months_through(july), 1);
        assert_eq!(july.months_through(next_february), 8);
        assert_eq!(next_february.months_through(july), -6);
        assert_eq!(july.plus(7), Some(next_february));
        assert_eq!(july.to_string(), "2021-07");
        assert_eq!(july.for_people(), "7/2021");
    }

    #[test]
    fn months_that_do_not_exist_are_refused() {
        for text in ["2021-13", "2021-00", "07/2021", "2021-7", "", "20211-1", "+021-07"] {
            assert!(Month::parse(text).is_err(), "{text}");
        }
    }
}
