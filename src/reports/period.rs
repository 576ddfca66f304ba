//! The days a report covers.

use crate::kernel::ids::AreaId;
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Month};
use crate::landlords::store::totals::Span;

/// The days a report covers, both counted. Nothing: as far as there is anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
    /// Only what households and landlords of this area, and of all below it, received and gave: packages handed out,
    /// rounds, rent. Donations and goods belong to the whole ward.
    pub area_id: Option<AreaId>,
}

impl Period {
    /// A period that does not end before it starts.
    pub fn new(from: Option<Day>, to: Option<Day>) -> Result<Self, Invalid> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(Invalid::fixed(
                "to_before_from",
                "Ngày cuối kỳ không được trước ngày đầu kỳ. Đổi lại hai ngày.",
                "The last day can't come before the first. Swap the two days.",
            )),
            _ => Ok(Self { from, to, area_id: None }),
        }
    }

    /// The same days in one area.
    #[must_use]
    pub const fn within(self, area_id: Option<AreaId>) -> Self {
        Self { area_id, ..self }
    }

    /// The query part of an address, such as `?from=2021-07-01&to=2021-09-30`; empty for all time.
    pub fn query(self, more: &[(&str, String)]) -> String {
        let days = [
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("area_id", self.area_id.map(|area_id| area_id.to_string())),
        ];
        let days = days.into_iter().filter_map(|(name, day)| Some((name, day?)));
        let parts: Vec<String> =
            more.iter().cloned().chain(days).map(|(name, value)| format!("{name}={value}")).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The bounds that SQL compares with.
    pub fn bounds(self) -> Bounds {
        Bounds {
            first_day: self.from.map_or_else(|| "0000-01-01".to_owned(), |day| day.to_string()),
            last_day: self.to.map_or_else(|| "9999-12-31".to_owned(), |day| day.to_string()),
            since: self.from.map_or(i64::MIN, |day| day.start().micros()),
            until: self.to.map_or(i64::MAX, |day| day.end().micros()),
            first_month: self.from.and_then(Month::of).map_or_else(|| "0000-01".to_owned(), |m| m.to_string()),
            last_month: self.to.and_then(Month::of).map_or_else(|| "9999-12".to_owned(), |m| m.to_string()),
            area_id: self.area_id,
        }
    }
}

/// A period as SQL compares it: days and months both counted, moments up to but not at `until`. A month is in when
/// any of its days is.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub first_day: String,
    pub last_day: String,
    pub since: i64,
    pub until: i64,
    pub first_month: String,
    pub last_month: String,
    pub area_id: Option<AreaId>,
}

impl Bounds {
    /// The months and the area of rent reductions.
    pub fn rent(&self) -> Span {
        Span { first_month: self.first_month.clone(), last_month: self.last_month.clone(), area_id: self.area_id }
    }
}
