//! The committee's totals: what was mobilised and handed out, rent forgone, goods, rounds; and what the law publishes.
//!
//! Promises: reads only; every figure names the listing of the rows it is the sum of; the public page holds totals
//! and the names of organisations, never personal data.

pub mod api;
pub mod charts;
pub mod pages;
pub mod prose;
pub mod public;
pub mod store;
pub mod workbook;

use serde::Serialize;

use crate::db::Conn;
use crate::http;
use crate::kernel::ids::{AreaId, ItemId, RoundId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Dong, Month, Quantity};

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
    fn query(self, more: &[(&str, String)]) -> String {
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
    fn bounds(self) -> Bounds {
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
    first_day: String,
    last_day: String,
    since: i64,
    until: i64,
    first_month: String,
    last_month: String,
    area_id: Option<AreaId>,
}

/// Packages or đồng, and where their rows are.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Counted {
    /// Packages.
    #[schema(example = 2540)]
    pub count: i64,
    /// What they are worth, in đồng.
    #[schema(value_type = i64, example = 580_450_000)]
    pub value: Dong,
    /// The listing whose rows add up to this.
    #[schema(example = "/api/v1/reports/rows/packages_mobilised?from=2021-07-01")]
    pub rows: String,
}

/// Ready-made packages in and out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Packages {
    /// Given by donors, by the day received.
    pub mobilised: Counted,
    /// Handed to households, by the day handed over; what was undone is left out. Value: units times the package's.
    pub handed_out: Counted,
}

/// Rent reductions of one status.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct RentOfStatus {
    /// Reductions.
    pub reductions: i64,
    /// Distinct rooms.
    pub rooms: i64,
    /// Room-months.
    pub room_months: i64,
    /// Đồng forgone.
    #[schema(value_type = i64)]
    pub amount: Dong,
}

/// Rent reductions by status, whether they count or not.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct RentByStatus {
    /// Đăng ký giảm.
    pub pledged: RentOfStatus,
    /// Đã xác minh.
    pub verified: RentOfStatus,
    /// Đã xác nhận.
    pub confirmed: RentOfStatus,
    /// Đã từ chối.
    pub rejected: RentOfStatus,
    /// Chủ nhà trọ đã rút.
    pub withdrawn: RentOfStatus,
}

/// Rent forgone: verified and confirmed, by the months that the period touches.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Rent {
    /// Landlords.
    pub landlords: i64,
    /// Distinct rooms.
    #[schema(example = 916)]
    pub rooms: i64,
    /// Room-months.
    pub room_months: i64,
    /// Đồng forgone: as confirmed, or else as pledged.
    #[schema(value_type = i64, example = 1_286_010_000)]
    pub amount: Dong,
    /// All statuses.
    pub by_status: RentByStatus,
    /// The listing whose rows add up to this.
    pub rows: String,
}

/// One item's flow, in its smallest unit.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct GoodsFigure {
    /// Which item.
    pub item_id: ItemId,
    /// Its name.
    #[schema(example = "Rau xanh")]
    pub name: String,
    /// Its unit.
    #[schema(example = "kg")]
    pub unit: String,
    /// Decimals of the unit: 3 on a kg item, whose quantities are grams.
    pub decimals: i64,
    /// Given by donors in the period: loose, and inside packages of known content.
    #[schema(value_type = i64)]
    pub received: Quantity,
    /// The loose part of `received`.
    #[schema(value_type = i64)]
    pub received_loose: Quantity,
    /// Handed out in the period, less what was undone.
    #[schema(value_type = i64)]
    pub handed_out: Quantity,
    /// Spoiled in the period.
    #[schema(value_type = i64)]
    pub spoiled: Quantity,
    /// Counted, lost and other corrections in the period; negative takes away.
    #[schema(value_type = i64)]
    pub adjusted: Quantity,
    /// In stock now, whatever the period.
    #[schema(value_type = i64)]
    pub on_hand: Quantity,
    /// The listing of this item's rows.
    #[sqlx(skip)]
    pub rows: String,
}

/// A round with what it handed out in the period.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct RoundFigure {
    /// Which round.
    pub id: RoundId,
    /// Its number.
    pub number: i64,
    /// Its name.
    #[schema(example = "Chợ 0 đồng 05/08")]
    pub name: String,
    /// Packages handed out.
    #[schema(example = 170)]
    pub packages: i64,
    /// What they are worth, in đồng.
    #[schema(value_type = i64)]
    pub value: Dong,
}

/// Money given.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Cash {
    /// Đồng received in the period.
    #[schema(value_type = i64)]
    pub received: Dong,
    /// The listing whose rows add up to this.
    pub rows: String,
}

/// The committee's report.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// The first day; null: from the beginning.
    pub from: Option<Day>,
    /// The last day; null: until now.
    pub to: Option<Day>,
    /// Packages in and out.
    pub packages: Packages,
    /// Rent forgone.
    pub rent: Rent,
    /// Each item that moved or is in stock.
    pub goods: Vec<GoodsFigure>,
    /// Rounds that were open or handed out in the period.
    pub rounds: Vec<RoundFigure>,
    /// Zero-đồng markets: rounds that handed out in the period.
    pub markets: i64,
    /// Money given.
    pub cash: Cash,
    /// The paragraph of the committee's report.
    pub text_vi: String,
    /// The same in English.
    pub text_en: String,
}

/// Reads the whole report from one connection; give it a snapshot, so that its figures are of one moment.
pub async fn summary(conn: &mut Conn, period: Period) -> http::Result<Summary> {
    let bounds = period.bounds();
    let rows = |figure: Figure| format!("/api/v1/reports/rows/{}{}", figure.name(), period.query(&[]));
    let donated = store::donated(conn, &bounds).await?;
    let mobilised =
        Counted { count: donated.packages, value: donated.packages_value, rows: rows(Figure::PackagesMobilised) };
    let store::HandedOut { packages, value, rounds } = store::handed_out(conn, &bounds).await?;
    let handed_out = Counted { count: packages, value, rows: rows(Figure::PackagesHandedOut) };
    let store::RentFigures { landlords, counted, by_status } = store::rent(conn, &bounds).await?;
    let RentOfStatus { rooms, room_months, amount, .. } = counted;
    let mut goods = store::goods(conn, &bounds).await?;
    for item in &mut goods {
        let query = period.query(&[("item_id", item.item_id.to_string())]);
        item.rows = format!("/api/v1/reports/rows/{}{query}", Figure::Goods.name());
    }
    let mut summary = Summary {
        from: period.from,
        to: period.to,
        packages: Packages { mobilised, handed_out },
        rent: Rent { landlords, rooms, room_months, amount, by_status, rows: rows(Figure::Rent) },
        goods,
        markets: i64::try_from(rounds.iter().filter(|round| round.packages > 0).count()).unwrap_or(i64::MAX),
        rounds,
        cash: Cash { received: donated.cash, rows: rows(Figure::Cash) },
        text_vi: String::new(),
        text_en: String::new(),
    };
    let say = prose::paragraph(&summary);
    (summary.text_vi, summary.text_en) = (say.vi.into_owned(), say.en.into_owned());
    Ok(summary)
}

/// A figure whose rows can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Figure {
    /// Packages given by donors.
    PackagesMobilised,
    /// Packages handed to households.
    PackagesHandedOut,
    /// Room-months of rent forgone.
    Rent,
    /// One item's flow.
    Goods,
    /// Money given.
    Cash,
}

impl Figure {
    /// All figures.
    pub const ALL: [Self; 5] = [Self::PackagesMobilised, Self::PackagesHandedOut, Self::Rent, Self::Goods, Self::Cash];

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PackagesMobilised => "packages_mobilised",
            Self::PackagesHandedOut => "packages_handed_out",
            Self::Rent => "rent",
            Self::Goods => "goods",
            Self::Cash => "cash",
        }
    }
}

impl std::str::FromStr for Figure {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|figure| figure.name() == text).ok_or(())
    }
}
