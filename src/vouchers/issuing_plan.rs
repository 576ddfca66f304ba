//! What is asked of an issuing, and what it will do or did.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::{AreaId, HouseholdId, PointId, UserId};
use crate::kernel::{Message, Within};
use crate::vouchers::rules::{Place, Seat};
use crate::vouchers::store::issuing::{Chosen, RoundPoint, StockRow};

/// What is to be issued; everything was checked that needs no look into the database.
#[derive(Debug, Default)]
pub struct Request {
    /// Which households.
    pub chosen: Chosen,
    /// At this point of the round; nothing: the nearest.
    pub point_id: Option<PointId>,
    /// Packages each voucher is good for.
    pub units: u8,
    /// The areas that the issuer reaches.
    pub scope: Within<AreaId>,
    /// The points that the issuer reaches.
    pub own_points: Within<PointId>,
    /// Who issues.
    pub issued_by: Option<UserId>,
}

/// Why a household got no voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It has one of this round, or received on one.
    AlreadyHasVoucher,
    /// The campaign's interval is not over, or would not be: it received, or holds a voucher of another round.
    TooSoon,
    /// It was merged into another or erased.
    HouseholdInactive,
    /// There is none with this id, or not for this login.
    UnknownHousehold,
    /// It is outside of the areas or categories that were given too.
    NotSelected,
    /// Every slot of its point is full.
    NoSlotLeft,
}

impl SkipReason {
    /// All of them, in the order screens show.
    pub const ALL: [Self; 6] = [
        Self::AlreadyHasVoucher,
        Self::TooSoon,
        Self::NoSlotLeft,
        Self::NotSelected,
        Self::HouseholdInactive,
        Self::UnknownHousehold,
    ];

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::AlreadyHasVoucher => Message::fixed("Đã có phiếu của đợt này", "Has a voucher of this round already"),
            Self::TooSoon => Message::fixed(
                "Chưa đủ số ngày giữa hai lần nhận theo chương trình",
                "The campaign's days between two gifts are not over",
            ),
            Self::NoSlotLeft => Message::fixed("Các khung giờ đã đầy", "Every slot is full"),
            Self::NotSelected => {
                Message::fixed("Ngoài khu vực hoặc diện đã chọn", "Outside of the chosen areas or categories")
            }
            Self::HouseholdInactive => Message::fixed("Hộ đã gộp hoặc đã xóa", "Was merged or erased"),
            Self::UnknownHousehold => {
                Message::fixed("Không có hộ này, hoặc ngoài khu vực của bạn", "Unknown, or outside of your area")
            }
        }
    }
}

/// A household that got no voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Skipped {
    /// Which.
    pub household_id: HouseholdId,
    /// Why.
    pub reason: SkipReason,
}

/// How many vouchers a point got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PointCount {
    /// The point; null: any.
    pub point_id: Option<PointId>,
    /// Vouchers issued now.
    pub issued: u64,
}

/// Something to look after; the vouchers were issued all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Warning {
    /// `stock_short`: what is on hand at the point does not suffice for all that vouchers promise there.
    /// `round_over`: the round's end has passed.
    #[schema(example = "stock_short")]
    pub code: &'static str,
    /// Where; null: at all points together.
    pub point_id: Option<PointId>,
    /// Which item.
    pub item_id: Option<uuid::Uuid>,
    /// What all vouchers promise there, in the item's smallest unit.
    pub promised: Option<i64>,
    /// What is there, in the item's smallest unit.
    pub on_hand: Option<i64>,
}

/// What was issued.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Issued {
    /// How many vouchers.
    #[schema(example = 170)]
    pub issued: u64,
    /// Who got none, and why.
    pub skipped: Vec<Skipped>,
    /// How many for each point.
    pub by_point: Vec<PointCount>,
    /// What to look after.
    pub warnings: Vec<Warning>,
}

/// Who would get a voucher where and when, before anything is stored.
#[derive(Debug)]
pub struct Plan {
    pub points: Vec<RoundPoint>,
    pub places: Vec<Place>,
    pub seats: Vec<Seat>,
    /// Room in the slots of each place before this; nothing where there are no slots.
    pub room: Vec<Option<u64>>,
    /// What is on hand and promised at the points.
    pub stock: Vec<StockRow>,
    /// Who gets none, and why.
    pub skipped: Vec<Skipped>,
    /// What to look after.
    pub warnings: Vec<Warning>,
}

impl Plan {
    /// Vouchers for each place.
    pub fn by_point(&self) -> Vec<PointCount> {
        count_by_point(&self.places, &self.seats)
    }

    /// Room in the slots of each place before this, in the order of [`Plan::by_point`].
    pub fn room(&self) -> &[Option<u64>] {
        &self.room
    }
}

pub fn count_by_point(places: &[Place], seats: &[Seat]) -> Vec<PointCount> {
    let mut counts: Vec<PointCount> =
        places.iter().map(|place| PointCount { point_id: place.point_id, issued: 0 }).collect();
    for seat in seats {
        counts[seat.place].issued += 1;
    }
    counts
}
