//! One room's one month of a reduction.

use serde::Serialize;

use crate::kernel::ids::{RentLineId, RoomId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Dong, Month};

text_enum! {
    /// How a month's rent is cut.
    pub enum CutKind {
        /// By so many đồng.
        Amount = "amount",
        /// By a share of the rent.
        Percent = "percent",
        /// Miễn: the whole rent.
        Waiver = "waiver",
    }
}

/// One room's one month.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct RentLine {
    /// Its id.
    pub id: RentLineId,
    /// Which room.
    pub room_id: RoomId,
    /// The room's label.
    #[schema(example = "Phòng 1")]
    pub room: String,
    /// Who lives there, where the landlord said so.
    pub tenant: String,
    /// Which month.
    pub month: Month,
    /// The month's rent, in đồng.
    #[schema(value_type = i64, example = 1_400_000)]
    pub rent: Dong,
    /// `amount`, `percent` or `waiver`.
    pub kind: CutKind,
    /// The share in hundredths of a percent: 3050 is 30.5%.
    pub percent_hundredths: Option<i64>,
    /// What the landlord pledged to forgo, in đồng.
    #[schema(value_type = i64, example = 700_000)]
    pub reduced: Dong,
    /// What was given in the end, in đồng; null until confirmed.
    #[schema(value_type = Option<i64>)]
    pub confirmed: Option<Dong>,
    /// Whether it is part of the totals.
    pub counted: bool,
}
