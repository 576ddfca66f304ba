//! The bytes of what was erased, out of the database's files: an erased row alone is not gone from them.
//!
//! SQLite overwrites what it deletes (`secure_delete`) and its log is carried over and cut, at once. On PostgreSQL old
//! versions of rows are given free at once (`vacuum`); their bytes stay in the tables' files until these are written anew
//! (`vacuum full`), which locks each table for as long as it takes and so is done at night. What
//! remains in the server's own log and in back-ups is told in docs/backup.md.

use super::store::erasures;
use crate::db::{Flavour, Scrub};
use crate::http::{Core, Result};
use crate::kernel::Moment;

/// Every table in which an erasure changes something.
const TABLES: &[&str] = &[
    "users",
    "second_factors",
    "recovery_codes",
    "sign_on_links",
    "hand_overs",
    "devices",
    "idempotency_keys",
    "imports",
    "import_files",
    "import_steps",
    "households",
    "import_fills",
    "landlords",
    "rooms",
    "rent_reductions",
    "rent_lines",
    "rent_corrections",
    "donors",
    "donations",
    "vouchers",
    "replaced_papers",
    "scans",
    "reversals",
    "conflicts",
    "quarantined_records",
    "leases",
    "consents",
];
/// The hours of the night, in the ward's time, at which tables are written anew.
const NIGHT: std::ops::Range<i64> = 2..5;

/// What can be done while people work, right after an erasure. What fails is tried again.
pub async fn after_erasure(core: &Core) {
    if let Err(error) = scrub(core, Scrub::Quick).await {
        tracing::warn!(?error, "the bytes of what was erased are not out of the database's files yet");
    }
}

/// What is left to do, if anything: at once where it disturbs nobody, else at night.
pub async fn what_is_left(core: &Core) -> Result<bool> {
    if !erasures::any_unscrubbed(&mut core.db.read().await?).await? {
        return Ok(false);
    }
    let how = match core.db.flavour() {
        Flavour::Sqlite => Scrub::Quick,
        Flavour::Postgres if NIGHT.contains(&hour(core.clock.now())) => Scrub::Whole,
        Flavour::Postgres => return Ok(false),
    };
    scrub(core, how).await
}

/// Writes all that may hold such bytes anew, whatever it takes; true once they are gone.
pub async fn whole(core: &Core) -> Result<bool> {
    scrub(core, Scrub::Whole).await
}

async fn scrub(core: &Core, how: Scrub) -> Result<bool> {
    let begun = core.clock.now();
    if !core.db.scrub(TABLES, how).await? {
        return Ok(false);
    }
    core.run(async |tx| Ok(erasures::scrubbed(tx, begun, core.clock.now()).await?)).await?;
    Ok(true)
}

/// The hour of a day in Asia/Ho_Chi_Minh.
fn hour(now: Moment) -> i64 {
    (now.micros() / 1_000_000 / 3_600 + 7).rem_euclid(24)
}
