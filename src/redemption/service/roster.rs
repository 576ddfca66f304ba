//! Paper lists that were signed at a point, keyed in afterwards.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::results::of_one;
use crate::http::{Core, Result};
use crate::kernel::Moment;
use crate::people::audit::{self, Act};
use crate::people::rights::Override;
use crate::people::{Caller, Permit};
use crate::redemption::Presented;
use crate::redemption::answer::Answer;
use crate::redemption::intake::{Desk, ScanBody, ScanIntake, Upload};
use crate::redemption::roster::Roster;
use crate::redemption::scan::Source;

/// A line that was keyed in: its code, and its answer or what is wrong with it.
pub(in crate::redemption) struct KeyedIn {
    pub(in crate::redemption) code: String,
    pub(in crate::redemption) answer: Result<Answer>,
}

/// Takes the lines of a list as fact, in their order.
pub(in crate::redemption) async fn key_in(
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Override>,
    roster: Roster,
) -> Result<Vec<KeyedIn>> {
    permit.require_point(roster.point_id)?;
    let caller = Caller::Staff((**permit).clone());
    let scanned_at = roster.handed_out_at.unwrap_or_else(|| core.clock.now());
    let mut scans = Vec::with_capacity(roster.codes.len());
    let mut times: HashMap<Vec<u8>, u32> = HashMap::new();
    for code in &roster.codes {
        let canonical = Presented::canonical(code);
        let nth = times.entry(canonical.clone()).or_default();
        *nth += 1;
        let scan = ScanBody {
            nonce: line_nonce(&roster, scanned_at, &canonical, *nth),
            code: code.clone(),
            point_id: roster.point_id,
            scanned_at,
            units: None,
            collector: None,
            desk: roster.desk.clone().map(Desk::Name),
            override_reason: None,
        };
        scans.push(redemption.scan(core, &caller, scan, Source::Roster, Upload::default()).await?);
    }
    redemption.look_at(core, &caller, &scans).await?;
    let decided = redemption.engine.decide_all(scans).await;
    let lines = decided.into_iter().zip(roster.codes);
    let lines: Vec<KeyedIn> =
        lines.map(|(decided, code)| Ok(KeyedIn { code, answer: of_one(decided)? })).collect::<Result<_>>()?;
    let act = Act::many("key_in_roster", "point", json!({ "point_id": roster.point_id, "codes": lines.len() }));
    audit::record(core, permit.actor(), act).await?;
    Ok(lines)
}

/// A line's nonce: the same list sent again, with the time it was sent with, is the same scans.
fn line_nonce(roster: &Roster, scanned_at: Moment, canonical: &[u8], nth: u32) -> Uuid {
    let desk = roster.desk.as_deref().unwrap_or_default().trim();
    let said = [
        b"lalanh-roster-v1".as_slice(),
        roster.point_id.0.as_bytes(),
        &scanned_at.micros().to_be_bytes(),
        &nth.to_be_bytes(),
        canonical,
        desk.as_bytes(),
    ];
    let bytes = crate::vault::sha256(&said.concat()).first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
