//! A rent reduction: what a landlord pledged, how far it has come, what was given.

use serde::Serialize;

use crate::kernel::ids::{AreaId, ReductionId, UserId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Dong, Moment};
use crate::landlords::landlord::Landlord;
use crate::landlords::rent_line::RentLine;

text_enum! {
    /// How far a reduction has come.
    pub enum ReductionStatus {
        /// Đăng ký giảm: the landlord said so.
        Pledged = "pledged",
        /// Xác minh: the neighbourhood head saw that it is so. Counts.
        Verified = "verified",
        /// The tenants got it. Counts, with what was given in the end.
        Confirmed = "confirmed",
        /// Not so.
        Rejected = "rejected",
        /// Taken back by the landlord before it was verified.
        Withdrawn = "withdrawn",
    }
}

/// A rent reduction with its totals.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Reduction {
    /// Its id.
    pub id: ReductionId,
    /// What the landlord was given to ask about it.
    #[schema(example = "K7QX-2M4P")]
    pub reference: String,
    /// How far it has come.
    pub status: ReductionStatus,
    /// The area whose head verifies it; null where nobody said.
    pub area_id: Option<AreaId>,
    /// Who cuts the rent.
    pub landlord: Landlord,
    /// What the landlord added.
    pub note: String,
    /// Distinct rooms.
    #[schema(example = 7)]
    pub rooms: i64,
    /// Room-months.
    #[schema(example = 21)]
    pub room_months: i64,
    /// What tenants save, in đồng: as confirmed, or else as pledged.
    #[schema(value_type = i64, example = 10_500_000)]
    pub amount: Dong,
    /// What the landlord pledged to forgo, in đồng.
    #[schema(value_type = i64, example = 10_500_000)]
    pub pledged: Dong,
    /// What was given in the end, in đồng; null until confirmed.
    #[schema(value_type = Option<i64>)]
    pub confirmed: Option<Dong>,
    /// The list it came with, if it came with one.
    pub import_id: Option<uuid::Uuid>,
    /// Who entered it; null for the public form.
    pub submitted_by: Option<UserId>,
    /// When it was entered.
    pub submitted_at: Moment,
    /// Who verified it.
    pub verified_by: Option<UserId>,
    /// When it was verified.
    pub verified_at: Option<Moment>,
    /// Who confirmed it.
    pub confirmed_by: Option<UserId>,
    /// When it was confirmed.
    pub confirmed_at: Option<Moment>,
    /// Who rejected it.
    pub rejected_by: Option<UserId>,
    /// When it was rejected.
    pub rejected_at: Option<Moment>,
    /// Why it was rejected.
    pub reject_reason: Option<String>,
    /// When the landlord took it back.
    pub withdrawn_at: Option<Moment>,
    /// Each room's each month; only when one reduction is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<RentLine>>,
}
