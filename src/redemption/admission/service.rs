//! The ways of an upload's records.

use super::store;
use crate::http::{Core, Error, Result};
use crate::redemption::admission::rules::{Seen, Way, judge};
use crate::redemption::quarantine;
use crate::redemption::scan::{Operator, Scan};

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
    let admissible = |(way, seen): (&Way, &Seen)| match way {
        Way::Decide => seen.voucher_id.is_some(),
        Way::Quarantine(_) => false,
        Way::Quarantined => true,
    };
    if !ways.iter().zip(seen).any(admissible)
        || (doubtful > 0 && doubtful > quarantine::service::room(core, id).await?)
    {
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
