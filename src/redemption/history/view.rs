//! Scans as a page tells of them: with the names of where, who and whose.

use uuid::Uuid;

use crate::db::JsonText;
use crate::http::Frame;
use crate::kernel::ids::PointId;
use crate::kernel::{Day, Moment, Within};
use crate::redemption::outcome::Outcome;
use crate::redemption::scan::Source;

/// A kept scan with names.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ScanView {
    pub nonce: Uuid,
    /// What was decided.
    pub outcome: Outcome,
    pub source: Source,
    /// Units that left; 0 when it was refused.
    pub units: i64,
    /// The point's name.
    pub point: String,
    pub desk: String,
    /// Who handed out: the name of who has the login, or who carries the phone.
    pub who: Option<String>,
    /// The phone's name.
    pub device: Option<String>,
    /// The record's marks.
    pub flags: JsonText<Vec<String>>,
    /// Who collected for the household; empty when the name was kept long enough.
    pub collector_name: Option<String>,
    /// What they are to the household.
    pub collector_relation: Option<String>,
    /// Why a coordinator handed out against a refusal.
    pub override_reason: Option<String>,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// By the server's clock.
    pub received_at: Moment,
    /// When it was undone.
    pub reversed_at: Option<Moment>,
    /// Why it was undone.
    pub reversal_reason: Option<String>,
    /// The voucher, when the code proved to be one.
    pub voucher_id: Option<Uuid>,
    /// The voucher's serial.
    pub serial: Option<i64>,
    /// The round's name.
    pub round: Option<String>,
    pub household_id: Option<Uuid>,
    pub head_name: Option<String>,
}

impl ScanView {
    /// Who handed out, and with which phone.
    pub fn hands(&self) -> String {
        let names: Vec<&str> = [&self.who, &self.device].into_iter().filter_map(Option::as_deref).collect();
        names.join(", ")
    }

    /// Who collected for the household, and what they are to it; nothing when it came itself.
    pub fn collector(&self, frame: &Frame) -> Option<String> {
        let name = self.collector_name.as_deref()?;
        let relation = self.collector_relation.as_deref().filter(|relation| !relation.is_empty());
        Some(match relation {
            _ if name.is_empty() => frame.t("tên đã hết hạn lưu", "name no longer kept").to_owned(),
            Some(relation) => format!("{name} ({relation})"),
            None => name.to_owned(),
        })
    }
}

/// What kind of scans a table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Every one.
    #[default]
    All,
    /// Goods left, and it was not undone.
    HandedOut,
    /// Nothing left.
    Refused,
    /// It was undone.
    Undone,
}

impl Kind {
    /// All of them, in the order screens show.
    pub const ALL: [Self; 4] = [Self::All, Self::HandedOut, Self::Refused, Self::Undone];

    /// Reads the word in an address; what is none shows all.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == word).unwrap_or_default()
    }

    /// The word in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::HandedOut => "handed_out",
            Self::Refused => "refused",
            Self::Undone => "undone",
        }
    }
}

/// Which scans.
#[derive(Clone, Debug, Default)]
pub struct ScanFilter {
    pub kind: Kind,
    /// Only those with this outcome.
    pub outcome: Option<Outcome>,
    /// Only at this point.
    pub point_id: Option<PointId>,
    /// Only of this round.
    pub round_id: Option<Uuid>,
    /// Only those received on this day.
    pub day: Option<Day>,
    /// Only those at these points.
    pub points: Within<PointId>,
}

impl ScanFilter {
    /// The first moment, and the first after the last.
    pub fn span(&self) -> (Moment, Moment) {
        self.day.map_or((Moment::from_micros(0), Moment::from_micros(i64::MAX)), |day| (day.start(), day.end()))
    }
}
