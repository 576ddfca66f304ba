//! Which records of a handover are taken as fact: not codes that somebody tries out, and of a revoked phone only what it
//! may have handed out before it was revoked.

pub mod store;

use super::{Operator, Presented, Scan, quarantine};
use crate::http::{Core, Error, Result};
use crate::kernel::Moment;

/// Records of a revoked phone that are taken at most, counted from its revocation.
pub const AFTER_REVOCATION_MAX: usize = 200;

/// What is known of a record before it is decided.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Seen {
    /// Whether a voucher has its code.
    pub voucher: bool,
    /// Whether a scan is kept under its nonce.
    pub stored: bool,
    /// Whether its handover is booked already: sent again, it changes nothing.
    pub booked: bool,
    /// Whether it lies in quarantine already.
    pub quarantined: bool,
    /// Whether its phone held the voucher when it handed out.
    pub held: bool,
}

/// Why a record waits for a coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It says that it was made after the phone was revoked.
    MadeAfterRevocation,
    /// The phone did not hold the voucher.
    NotHeld,
    /// Too many came after the revocation.
    TooMany,
}

impl Doubt {
    /// The stored and transmitted name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MadeAfterRevocation => "made_after_revocation",
            Self::NotHeld => "not_held",
            Self::TooMany => "too_many_after_revocation",
        }
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
    let guessed = |(scan, seen): &(&Scan, &Seen)| can_be_guessed(&scan.presented) && !seen.voucher && !seen.stored;
    scans.iter().zip(seen).filter(guessed).count()
}

/// Whether trying such codes could find one: a signed code can't be made up.
pub const fn can_be_guessed(presented: &Presented) -> bool {
    matches!(presented, Presented::Typed(_) | Presented::Foreign)
}

/// How the records of a revoked phone go on, `taken` of them having been taken since it was revoked.
pub fn judge(scans: &[Scan], seen: &[Seen], revoked_at: Moment, mut taken: usize) -> Vec<Way> {
    let mut way = |(scan, seen): (&Scan, &Seen)| {
        if seen.quarantined {
            Way::Quarantined
        } else if seen.booked {
            Way::Decide
        } else if scan.scanned_at > revoked_at {
            Way::Quarantine(Doubt::MadeAfterRevocation)
        } else if !seen.held {
            Way::Quarantine(Doubt::NotHeld)
        } else if taken >= AFTER_REVOCATION_MAX {
            Way::Quarantine(Doubt::TooMany)
        } else {
            taken += 1;
            Way::Decide
        }
    };
    scans.iter().zip(seen).map(&mut way).collect()
}

/// The way of each record of an upload. An upload of a revoked phone with no record that it could have made is refused
/// whole; see `quarantine` for what becomes of the doubtful ones of another.
pub async fn ways(core: &Core, scans: &[Scan], operator: Operator, seen: &[Seen]) -> Result<Vec<Way>> {
    let Operator::Device { id, revoked_at: Some(revoked_at) } = operator else {
        return Ok(vec![Way::Decide; scans.len()]);
    };
    let taken = store::taken_since(&mut core.db.read().await?, id, revoked_at).await?;
    if scans.is_empty() {
        return Ok(Vec::new());
    }
    let ways = judge(scans, seen, revoked_at, usize::try_from(taken).unwrap_or(usize::MAX));
    let doubtful = ways.iter().filter(|way| matches!(way, Way::Quarantine(_))).count();
    if doubtful == ways.len() || (doubtful > 0 && doubtful > quarantine::room(core, id).await?) {
        return Err(nothing_admissible());
    }
    Ok(ways)
}

fn nothing_admissible() -> Error {
    Error::refused(
        "nothing_admissible",
        "Máy này đã bị thu hồi và không giữ các phiếu này. Giữ nguyên máy, không xóa dữ liệu, và đưa máy cho cán bộ phụ \
         trách.",
        "This phone was revoked and did not hold these vouchers. Keep the phone and its data, and bring it to the \
         coordinator.",
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::people::{DeviceId, PointId};
    use crate::redemption::Source;

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

    const HELD: Seen = Seen { voucher: true, stored: false, booked: false, quarantined: false, held: true };

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
    fn only_typed_codes_that_are_new_and_no_vouchers_count_as_tried_out() {
        let unknown = Seen { voucher: false, ..HELD };
        let signed = Presented::Signed { kid: 1, round_number: 1, serial: 1, issue_number: 1 };
        let scans = [record(0), record(0), record(0), Scan { presented: signed, ..record(0) }];
        let seen = [unknown, HELD, Seen { stored: true, ..unknown }, unknown];
        assert_eq!(guesses(&scans, &seen), 1);
    }
}
