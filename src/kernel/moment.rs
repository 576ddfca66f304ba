//! Moments and days.
//!
//! A [`Moment`] is stored as whole microseconds since 1970-01-01T00:00:00Z in a `bigint`: the one form that
//! both databases compare, subtract and group by with the same SQL. A [`Day`] is stored as `YYYY-MM-DD` text.
//! Days are days in Asia/Ho_Chi_Minh, which has been UTC+7 without daylight saving since 1975.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::message::{Invalid, Message};
use super::text_column::{text_bound, text_column};

/// Seconds that Asia/Ho_Chi_Minh is ahead of UTC.
pub const ZONE_OFFSET_SECS: i64 = 7 * 3600;

const ZONE: Offset = Offset::constant(7);

/// A point in time, to the microsecond. In JSON: RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, utoipa::ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime, example = "2021-08-05T00:30:00Z")]
pub struct Moment(i64);

impl Moment {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From another library's timestamp, cut to the microsecond.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Date and time of day on a clock in Asia/Ho_Chi_Minh.
    fn civil(self) -> DateTime {
        ZONE.to_datetime(self.timestamp())
    }

    /// The day on which this moment falls in Asia/Ho_Chi_Minh.
    pub fn day(self) -> Day {
        Day(self.civil().date())
    }

    /// `HH:MM` in Asia/Ho_Chi_Minh.
    pub fn clock_time(self) -> String {
        let time = self.civil().time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// `HH:MM dd/mm/yyyy` in Asia/Ho_Chi_Minh, as people write it.
    pub fn for_people(self) -> String {
        format!("{} {}", self.clock_time(), self.day().for_people())
    }

    /// This moment, later by so many seconds (earlier when negative).
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to this moment.
    pub const fn secs_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }

    /// Reads RFC 3339 with an offset, such as `2021-08-05T07:00:00+07:00`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        text.trim().parse::<Timestamp>().map(Self::from_timestamp).map_err(|_| {
            Invalid::fixed(
                "not_a_time",
                "Thời điểm phải theo dạng RFC 3339, ví dụ 2021-08-05T07:00:00+07:00.",
                "A time is written as in RFC 3339, for example 2021-08-05T07:00:00+07:00.",
            )
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.timestamp())
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.say.en))
    }
}

/// A calendar day in Asia/Ho_Chi_Minh. In JSON and in the databases: `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, format = Date, example = "2021-08-05")]
pub struct Day(Date);

/// Day 0 of the two day fields in the code on paper.
const CODE_EPOCH: Date = Date::constant(2020, 1, 1);

impl Day {
    /// A day from its numbers, or nothing when there is no such day.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// The calendar date.
    pub const fn date(self) -> Date {
        self.0
    }

    /// 00:00 of this day in Asia/Ho_Chi_Minh.
    pub fn start(self) -> Moment {
        let start = ZONE.to_timestamp(self.0.to_datetime(Time::midnight())).unwrap_or(Timestamp::UNIX_EPOCH);
        Moment::from_timestamp(start)
    }

    /// 00:00 of the next day: the first moment that is no longer this day.
    pub fn end(self) -> Moment {
        self.plus_days(1).start()
    }

    /// This day, so many days later (earlier when negative).
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.checked_add(Span::new().days(days)).unwrap_or(self.0))
    }

    /// Days from `earlier` to this day.
    pub fn days_since(self, earlier: Self) -> i32 {
        (self.0 - earlier.0).get_days()
    }

    /// Days since 2020-01-01, as the code on paper holds it; clamped to what 16 bits hold.
    pub fn code_days(self) -> u16 {
        let days = (self.0 - CODE_EPOCH).get_days();
        u16::try_from(days.clamp(0, i32::from(u16::MAX))).unwrap_or(0)
    }

    /// The day that a code on paper means.
    pub fn from_code_days(days: u16) -> Self {
        Self(CODE_EPOCH).plus_days(i32::from(days))
    }

    /// `dd/mm/yyyy`, as people write it.
    pub fn for_people(self) -> String {
        format!("{:02}/{:02}/{:04}", self.0.day(), self.0.month(), self.0.year())
    }

    /// Reads `YYYY-MM-DD`, exactly: a time after it, or fewer digits, is no day.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        text.parse::<Date>().ok().filter(|_| shaped).map(Self).ok_or_else(|| {
            Invalid::new(
                "not_a_day",
                Message::fixed(
                    "Ngày phải theo dạng NĂM-THÁNG-NGÀY và có thật, ví dụ 2021-08-05.",
                    "A day is written YYYY-MM-DD and must exist, for example 2021-08-05.",
                ),
            )
        })
    }
}

text_column!(Day, |text| Self::parse(text).map_err(|wrong| wrong.say.en));
text_bound!(Day);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = jiff::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.say.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_ho_chi_minh() {
        let day = Day::parse("2021-08-05").unwrap();
        assert_eq!(day.start().to_string(), "2021-08-04T17:00:00Z");
        assert_eq!(day.start().day(), day);
        assert_eq!(Moment::from_micros(day.start().micros() - 1).day(), day.plus_days(-1));
        assert_eq!(Moment::from_micros(day.end().micros() - 1).day(), day);
    }

    #[test]
    fn code_days_count_from_2020() {
        assert_eq!(Day::parse("2020-01-01").unwrap().code_days(), 0);
        assert_eq!(Day::parse("2021-08-05").unwrap().code_days(), 582);
        assert_eq!(Day::from_code_days(582), Day::parse("2021-08-05").unwrap());
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert!(Day::parse("2021-02-29").is_err());
        for text in ["05/08/2021", "2021-08-05T07:00", "2021-08-05T07:00:00+07:00", "20210805", "2021-8-5", ""] {
            assert!(Day::parse(text).is_err(), "{text}");
        }
    }
}
