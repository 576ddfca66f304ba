//! Leases and what became of them, as phones and coordinators are told.

use serde::Serialize;

use super::rules::LeaseState;
use super::share::Share;
use super::store::Holder;
use crate::kernel::Moment;
use crate::kernel::ids::{LeaseId, PointId};

/// A lease as its phone sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LeaseView {
    /// Its id.
    pub id: LeaseId,
    /// Its number, for the records made under it.
    pub epoch: i64,
    /// What it is now.
    pub state: LeaseState,
    /// The point.
    pub point_id: PointId,
    /// Where the phone works, for people.
    pub desk: String,
    /// Its share; null: all of the point.
    pub share: Option<Share>,
    /// When it was taken first.
    pub taken_at: Moment,
    /// Until when the phone may use it without being heard.
    pub use_until: Moment,
    /// The server's clock.
    pub server_time: Moment,
    /// Vouchers that it holds and nobody used up.
    pub vouchers: i64,
    /// Of those, how many joined now.
    pub added: u64,
    /// Such vouchers of the point (or share) that other phones hold.
    pub held_elsewhere: i64,
    /// Who holds those: at most 20 phones. One that is not heard any more keeps them until a coordinator releases them.
    pub holders: Vec<Holder>,
}

/// A voucher that is asked back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::redemption) struct RecallView {
    /// The round's number.
    pub round: i64,
    /// The serial in the round.
    pub serial: i64,
    /// When another desk asked last.
    pub asked_at: Moment,
}

/// What a phone is asked to give back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::redemption) struct Recalls {
    /// Unless `open`, the phone drops the lease or refreshes it.
    pub state: LeaseState,
    /// Until when the phone may use it without being heard.
    pub use_until: Moment,
    /// The server's clock.
    pub server_time: Moment,
    /// At most 200.
    pub recalls: Vec<RecallView>,
}

/// What came of giving back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::redemption) struct Returned {
    /// What the lease is now.
    pub(in crate::redemption) state: LeaseState,
    /// How many of them it still held.
    pub(in crate::redemption) returned: u64,
}

/// How a lease ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ended {
    /// `closed`, or `released` when a coordinator was faster.
    pub state: LeaseState,
    /// When.
    pub closed_at: Option<Moment>,
    /// Vouchers that were free from then on.
    pub ended: u64,
}

/// How many vouchers were freed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::redemption) struct Released {
    /// Vouchers that were not handed out in full and are anybody's again; 0 when the phone held none.
    #[schema(example = 25)]
    pub(in crate::redemption) released: i64,
}
