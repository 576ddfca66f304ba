//! Leases: what one phone alone may hand out while it has no network.
//!
//! Promises: a voucher is leased to one phone at most; a lease ends when its phone gives the voucher back or reports
//! with all its records here, or when a coordinator releases it with a reason, never by time; what is leased elsewhere
//! is recalled from its holder while the holder is heard. `docs/phone-protocol.md` tells the phone's half; the
//! simulation in `tests/all/simulation` checks both halves together.

pub mod api;
pub mod manifest;
mod oversight;
pub mod phones;
pub(super) mod recalls;
pub mod reports;
pub mod rules;
pub mod seal;
pub mod store;
pub mod take;

use serde::{Deserialize, Serialize};

use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, LeaseId, PointId};

pub use rules::LeaseState;

/// Seconds that a phone may use a lease after it took or refreshed it.
pub const USE_SECS: i64 = 12 * 3600;
/// Seconds since a phone was last heard within which it counts as reachable.
pub const HEARD_SECS: i64 = 60;
/// Seconds for which an unanswered recall is repeated to its holder.
pub const RECALL_SECS: i64 = 600;

/// A desk's share of a point's vouchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LeaseShare, example = json!({"desk": 1, "of": 3}))]
pub struct Share {
    /// Bàn 1, bàn 2, …, as it is printed on the paper.
    pub desk: i64,
    /// How many desks share the vouchers.
    pub of: i64,
}

/// A lease as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lease {
    /// Its id.
    pub id: LeaseId,
    /// Its number; grows with every lease.
    pub epoch: i64,
    /// The phone.
    pub device_id: DeviceId,
    /// The point.
    pub point_id: PointId,
    /// Where the phone works, for people.
    pub desk: String,
    /// Its desk's number, when it is a share.
    pub share_desk: Option<i64>,
    /// How many desks share.
    pub share_of: Option<i64>,
    /// When it was taken.
    pub taken_at: Moment,
    /// Until when the phone may use it without being heard.
    pub use_until: Moment,
    /// When the phone last asked for recalls.
    pub heard_at: Option<Moment>,
    /// When it ended.
    pub closed_at: Option<Moment>,
    /// Why a coordinator released it, if one did.
    pub release_reason: Option<String>,
}

impl Lease {
    /// What it is now.
    pub fn state(&self, now: Moment) -> LeaseState {
        rules::state(self.closed_at, self.release_reason.is_some(), self.use_until, now)
    }

    /// Its share; nothing: all of the point.
    pub fn share(&self) -> Option<Share> {
        Some(Share { desk: self.share_desk?, of: self.share_of? })
    }
}
