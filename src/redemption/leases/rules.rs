//! The rules of leases: pure functions that the server and the simulation both use.

use serde::{Deserialize, Serialize};

use super::share::Share;
use crate::kernel::Moment;
use crate::kernel::text_enum::text_enum;
use crate::vouchers::voucher::desk_of;

text_enum! {
    /// What a lease is.
    pub enum LeaseState {
        /// The phone may use it.
        Open = "open",
        /// Its use is over and the phone did not report: whether its vouchers were handed out is not known.
        InDoubt = "in_doubt",
        /// The phone reported; all its records are here.
        Closed = "closed",
        /// A coordinator accepted the risk.
        Released = "released",
    }
}

impl LeaseState {
    /// Whether its vouchers are still the phone's alone.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Open | Self::InDoubt)
    }
}

/// A lease's state. Time alone never ends it.
pub fn state(closed_at: Option<Moment>, released: bool, use_until: Moment, now: Moment) -> LeaseState {
    match closed_at {
        Some(_) if released => LeaseState::Released,
        Some(_) => LeaseState::Closed,
        None if now >= use_until => LeaseState::InDoubt,
        None => LeaseState::Open,
    }
}

/// Whether a serial is of a desk's share.
pub const fn is_of_share(serial: i64, share: Share) -> bool {
    desk_of(serial, share.of) == share.desk
}

/// What a voucher is to a phone that asks for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it could be handed out now: issued, of an open round, not used up.
    pub outstanding: bool,
    /// Whether some phone holds it.
    pub held: bool,
    /// Whether it was of this very lease and given back.
    pub given_back: bool,
}

/// Whether a voucher joins the lease that is asked for. What was given back under a lease never comes back under it: its
/// phone would not take it, and the voucher would be nobody's to hand out.
pub const fn joins(standing: Standing) -> bool {
    standing.outstanding && !standing.held && !standing.given_back
}

/// Whether a coordinator may release a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// They may.
    Allowed,
    /// The phone may still use it; they must say that they know.
    StillInUse,
    /// It ended before.
    Ended,
}

/// Decides a release.
pub const fn may_release(state: LeaseState, knows_in_use: bool) -> Release {
    match state {
        LeaseState::Closed | LeaseState::Released => Release::Ended,
        LeaseState::Open if !knows_in_use => Release::StillInUse,
        LeaseState::Open | LeaseState::InDoubt => Release::Allowed,
    }
}

/// What a closing report comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// All records are here: the lease ends.
    Accepted,
    /// These are not here: the lease stays.
    Missing(Vec<(i64, i64)>),
    /// The phone's last record is not the last one that is here: its storage was rolled back, or an old copy of its
    /// report came late. The lease stays.
    RolledBack,
}

/// Decides a closing report.
pub fn report(missing: Vec<(i64, i64)>, fits: bool) -> Report {
    if !missing.is_empty() {
        Report::Missing(missing)
    } else if fits {
        Report::Accepted
    } else {
        Report::RolledBack
    }
}

/// Whether a phone can be asked for a voucher back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecallState)]
pub enum Recall {
    /// Its holder is heard and was asked: try again with a new nonce in a moment.
    Asked,
    /// Its holder is not heard: send the person to that desk.
    Unreachable,
}

/// Whether the holder, last heard at a moment, is reachable.
pub fn recall(heard_at: Option<Moment>, now: Moment) -> Recall {
    match heard_at {
        Some(heard_at) if now.secs_since(heard_at) <= super::limits::HEARD_SECS => Recall::Asked,
        _ => Recall::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment::from_micros(1_628_139_600_000_000);

    #[test]
    fn time_alone_puts_a_lease_in_doubt_and_never_ends_it() {
        let until = NOON.plus_secs(60);
        assert_eq!(state(None, false, until, NOON), LeaseState::Open);
        for secs in [60, 3600, 86_400 * 365] {
            let state = state(None, false, until, NOON.plus_secs(secs));
            assert_eq!(state, LeaseState::InDoubt);
            assert!(state.holds());
        }
        assert!(!state(Some(NOON), false, until, NOON).holds());
        assert_eq!(state(Some(NOON), true, until, NOON), LeaseState::Released);
    }

    #[test]
    fn each_serial_is_of_exactly_one_desks_share() {
        for of in 1..8 {
            for serial in 1..100 {
                assert_eq!((1..=of).filter(|desk| is_of_share(serial, Share { desk: *desk, of })).count(), 1);
            }
        }
        assert!(is_of_share(1, Share { desk: 1, of: 3 }) && is_of_share(5, Share { desk: 2, of: 3 }));
    }

    #[test]
    fn only_what_nobody_holds_and_nobody_gave_back_joins() {
        for outstanding in [false, true] {
            for held in [false, true] {
                for given_back in [false, true] {
                    let standing = Standing { outstanding, held, given_back };
                    assert_eq!(
                        joins(standing),
                        standing == Standing { outstanding: true, held: false, given_back: false }
                    );
                }
            }
        }
    }

    #[test]
    fn a_lease_in_use_is_released_only_by_those_who_say_they_know() {
        assert_eq!(may_release(LeaseState::Open, false), Release::StillInUse);
        assert_eq!(may_release(LeaseState::Open, true), Release::Allowed);
        assert_eq!(may_release(LeaseState::InDoubt, false), Release::Allowed);
        assert_eq!(may_release(LeaseState::Closed, true), Release::Ended);
    }

    #[test]
    fn a_report_with_missing_records_is_never_accepted() {
        assert_eq!(report(vec![(2, 3)], true), Report::Missing(vec![(2, 3)]));
        assert_eq!(report(vec![], false), Report::RolledBack);
        assert_eq!(report(vec![], true), Report::Accepted);
    }

    #[test]
    fn a_holder_is_asked_only_while_it_is_heard() {
        assert_eq!(recall(None, NOON), Recall::Unreachable);
        assert_eq!(recall(Some(NOON.plus_secs(-60)), NOON), Recall::Asked);
        assert_eq!(recall(Some(NOON.plus_secs(-61)), NOON), Recall::Unreachable);
    }
}
