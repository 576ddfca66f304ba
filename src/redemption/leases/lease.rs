//! What a lease is.

use super::rules::{self, LeaseState};
use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, LeaseId, PointId};
use crate::redemption::leases::share::Share;

/// A lease as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lease {
    pub id: LeaseId,
    /// Its number; grows with every lease.
    pub epoch: i64,
    /// The phone.
    pub device_id: DeviceId,
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
