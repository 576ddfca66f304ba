//! Who cuts the rent.

use serde::Serialize;

use crate::kernel::ids::LandlordId;

/// A landlord as staff see one.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Landlord {
    /// Whose rooms they are.
    pub id: LandlordId,
    /// Full name.
    #[schema(example = "Mai Mỹ Trâm")]
    pub name: String,
    /// The phone; all but the last digits hidden unless one record is read by somebody who needs it.
    #[schema(example = "••••••• 430")]
    pub phone: Option<String>,
    /// Where the rooms are.
    #[schema(example = "K101/41 Phù Đổng")]
    pub address: String,
}
