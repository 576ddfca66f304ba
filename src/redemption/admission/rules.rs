//! Which records of a revoked phone are believed: pure.

use std::collections::HashMap;

use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::text_enum::text_enum;
use crate::redemption::Presented;
use crate::redemption::scan::Scan;

/// Records of a revoked phone that are taken at most, counted from its revocation.
pub const AFTER_REVOCATION_MAX: usize = 200;

/// What is known of a record before it is decided.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Seen {
    /// The voucher that has its code.
    pub voucher_id: Option<Uuid>,
    /// Units that the voucher is good for.
    pub units: Option<i64>,
    /// Units of it that this phone told of before.
    pub told: i64,
    /// Whether a scan is kept under its nonce.
    pub stored: bool,
    /// Whether its handover is booked already: sent again, it changes nothing.
    pub booked: bool,
    /// Whether it lies in quarantine, or a coordinator did not accept it.
    pub quarantined: bool,
    /// Whether its phone held the voucher when it handed out.
    pub held: bool,
}

text_enum! {
    /// Why a record waits for a coordinator.
    #[schema(as = QuarantineDoubt)]
    pub enum Doubt {
        /// It says that it was made after the phone was revoked.
        MadeAfterRevocation = "made_after_revocation",
        /// The phone did not hold the voucher.
        NotHeld = "not_held",
        /// With it the phone would have handed out more units than the voucher is good for.
        TooManyUnits = "too_many_units",
        /// Too many came after the revocation.
        TooMany = "too_many_after_revocation",
    }
}

/// How each record of an upload goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the engine.
    Decide,
    /// To the quarantine.
    Quarantine(Doubt),
    /// It is in quarantine.
    Quarantined,
}

/// How many of these codes were typed, are no voucher's, and are not the repetition of an earlier scan.
pub fn guesses(scans: &[Scan], seen: &[Seen]) -> usize {
    let guessed =
        |(scan, seen): &(&Scan, &Seen)| can_be_guessed(&scan.presented) && seen.voucher_id.is_none() && !seen.stored;
    scans.iter().zip(seen).filter(guessed).count()
}

/// Whether trying such codes could find one: a signed code can't be made up.
pub const fn can_be_guessed(presented: &Presented) -> bool {
    matches!(presented, Presented::Typed(_) | Presented::Foreign)
}

/// How the records of a revoked phone go on, `taken` of them having been taken since it was revoked. A code that is no
/// voucher's is answered as ever: it books nothing.
pub fn judge(scans: &[Scan], seen: &[Seen], revoked_at: Moment, mut taken: usize) -> Vec<Way> {
    let mut told: HashMap<Uuid, i64> = HashMap::new();
    let mut way = |(scan, seen): (&Scan, &Seen)| {
        let Some(voucher_id) = seen.voucher_id else { return Way::Decide };
        let before = *told.entry(voucher_id).or_insert(seen.told);
        if seen.booked {
            Way::Decide
        } else if seen.quarantined {
            Way::Quarantined
        } else if scan.scanned_at > revoked_at {
            Way::Quarantine(Doubt::MadeAfterRevocation)
        } else if !seen.held {
            Way::Quarantine(Doubt::NotHeld)
        } else if before + scan.units > seen.units.unwrap_or_default() {
            Way::Quarantine(Doubt::TooManyUnits)
        } else if taken >= AFTER_REVOCATION_MAX {
            Way::Quarantine(Doubt::TooMany)
        } else {
            taken += 1;
            told.insert(voucher_id, before + scan.units);
            Way::Decide
        }
    };
    scans.iter().zip(seen).map(&mut way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{DeviceId, PointId};
    use crate::redemption::scan::Operator;
    use crate::redemption::scan::Source;

    const REVOKED: Moment = Moment::from_micros(1_628_139_600_000_000);

    fn record(secs: i64) -> Scan {
        Scan {
            nonce: Uuid::nil(),
            presented: Presented::Typed("0000000000".into()),
            point_id: PointId(Uuid::nil()),
            desk: String::new(),
            units: 1,
            scanned_at: REVOKED.plus_secs(secs),
            collector: None,
            source: Source::Offline,
            operator: Operator::Device { id: DeviceId(Uuid::nil()), revoked_at: Some(REVOKED) },
            serves_point: true,
            override_reason: None,
            sequence: None,
            lease_epoch: None,
            body_hash: Vec::new(),
        }
    }

    const HELD: Seen = Seen {
        voucher_id: Some(Uuid::nil()),
        units: Some(300),
        told: 0,
        stored: false,
        booked: false,
        quarantined: false,
        held: true,
    };

    #[test]
    fn a_revoked_phone_is_believed_what_it_held_and_made_before() {
        let scans = [record(0), record(-1), record(1)];
        let seen = [HELD, Seen { held: false, ..HELD }, HELD];
        let doubts = [Way::Decide, Way::Quarantine(Doubt::NotHeld), Way::Quarantine(Doubt::MadeAfterRevocation)];
        assert_eq!(judge(&scans, &seen, REVOKED, 0), doubts);
    }

    #[test]
    fn a_revoked_phone_is_believed_two_hundred_records_and_what_it_sent_before() {
        let scans = [record(-3), record(-2), record(-1)];
        let seen = [HELD, HELD, Seen { booked: true, ..HELD }];
        let ways = judge(&scans, &seen, REVOKED, AFTER_REVOCATION_MAX - 1);
        assert_eq!(ways, [Way::Decide, Way::Quarantine(Doubt::TooMany), Way::Decide]);
    }

    #[test]
    fn a_revoked_phone_is_believed_no_more_units_than_a_voucher_is_good_for() {
        let scans = [record(-3), Scan { units: 2, ..record(-2) }, record(-1)];
        let seen = [Seen { units: Some(2), ..HELD }; 3];
        let ways = judge(&scans, &seen, REVOKED, 0);
        assert_eq!(ways, [Way::Decide, Way::Quarantine(Doubt::TooManyUnits), Way::Decide]);
        let told = [Seen { units: Some(2), told: 2, ..HELD }; 3];
        assert!(judge(&scans, &told, REVOKED, 0).iter().all(|way| *way == Way::Quarantine(Doubt::TooManyUnits)));
    }

    #[test]
    fn only_typed_codes_that_are_new_and_no_vouchers_count_as_tried_out() {
        let unknown = Seen { voucher_id: None, ..HELD };
        let signed = Presented::Signed { kid: 1, round_number: 1, serial: 1, issue_number: 1 };
        let scans = [record(0), record(0), record(0), Scan { presented: signed, ..record(0) }];
        let seen = [unknown, HELD, Seen { stored: true, ..unknown }, unknown];
        assert_eq!(guesses(&scans, &seen), 1);
    }
}
