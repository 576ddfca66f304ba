//! The figures of the report.

use serde::Serialize;

use crate::kernel::ids::{ItemId, RoundId};
use crate::kernel::{Day, Dong, Quantity};

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
