//! A desk's share of a point's vouchers.

use serde::{Deserialize, Serialize};

/// A desk's share of a point's vouchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LeaseShare, example = json!({"desk": 1, "of": 3}))]
pub struct Share {
    /// Bàn 1, bàn 2, …, as it is printed on the paper.
    pub desk: i64,
    /// How many desks share the vouchers.
    pub of: i64,
}
