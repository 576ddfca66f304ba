//! What was kept long enough is dropped, in small transactions, or only counted; a ward chooses how long.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::rule::Rule;
use super::store::{self, RuleRow};
use super::view::Due;
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result, replay};
use crate::imports::staged::retention as lists;
use crate::jobs::{Counts, JobName, Lease};
use crate::kernel::Moment;
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::rights::ManagePeople;
use crate::people::service::pruning;
use crate::redemption::retention::service as scans;

/// Between two transactions: whoever waits for the writer comes first.
const BREATH: Duration = Duration::from_millis(50);
/// Rows that one transaction drops.
const BATCH: i64 = 500;
/// Lists that one transaction forgets: each has thousands of rows.
const LISTS: i64 = 5;
/// Rows that a dry run counts at most where they are read one by one.
const COUNTED_MAX: i64 = 100_000;
/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// Rules in the order of the page.
pub(super) async fn rules(conn: &mut Conn) -> Result<Vec<RuleRow>> {
    let mut rows = store::rules(conn).await?;
    rows.sort_by_key(|row| Rule::ALL.iter().position(|rule| *rule == row.rule));
    Ok(rows)
}

/// Carries out the rules of a job, one after the other; what was counted.
pub async fn carry_out(core: &Core, lease: &Lease) -> Result<Counts> {
    let mut counts = Counts::new();
    for row in rules(&mut core.db.read().await?).await? {
        if row.rule.job() == lease.name() {
            let dropped = drop_all(core, lease, row.rule, row.rule.days(row.days)).await?;
            *counts.entry("dropped".to_owned()).or_default() += dropped;
            *counts.entry("rules".to_owned()).or_default() += 1;
        }
    }
    Ok(counts)
}

async fn drop_all(core: &Core, lease: &Lease, rule: Rule, days: i64) -> Result<i64> {
    let now = core.clock.now();
    let mut all = 0;
    loop {
        let found = chosen(core, rule, now, days, BATCH).await?;
        let dropped = lease.run(async |tx| drop_some(tx, rule, now.plus_secs(-days * DAY_SECS), &found).await).await?;
        all += i64::try_from(dropped).unwrap_or(0);
        if dropped == 0 {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    lease.run(async |tx| note(tx, core, rule, now, all).await).await?;
    Ok(all)
}

async fn note(tx: &mut Tx, core: &Core, rule: Rule, now: Moment, dropped: i64) -> Result<()> {
    store::ran(tx, rule, now, dropped).await?;
    // What ends every day by itself would fill the log.
    if dropped > 0 && rule.job() == JobName::Retain {
        let act = Act::many("drop", "retention", json!({ "rule": rule, "rows": dropped }));
        audit::append(tx, &core.clock, Actor::System, act).await?;
    }
    Ok(())
}

/// The rows that a rule drops, where they are chosen before the transaction: reading many scans takes its time.
async fn chosen(core: &Core, rule: Rule, now: Moment, days: i64, limit: i64) -> Result<Vec<Uuid>> {
    let before = now.plus_secs(-days * DAY_SECS);
    let mut conn = core.db.read().await?;
    match rule {
        Rule::RefusedScans => scans::refused(&mut conn, before, limit).await,
        Rule::CollectorNames => scans::collected(&mut conn, before.day(), limit).await,
        Rule::SettledRecords => scans::settled(&mut conn, before, limit).await,
        Rule::KeptAnswers
        | Rule::EndedLogins
        | Rule::EnrolCodes
        | Rule::PhoneTokens
        | Rule::OpenLists
        | Rule::CommittedLists => Ok(Vec::new()),
    }
}

/// Drops so many rows as one transaction may; how many.
async fn drop_some(tx: &mut Tx, rule: Rule, before: Moment, chosen: &[Uuid]) -> Result<u64> {
    match rule {
        Rule::KeptAnswers => replay::drop_answers(tx, before, BATCH).await,
        Rule::EndedLogins => pruning::drop_logins(tx, before, BATCH).await,
        Rule::EnrolCodes => pruning::drop_enrol_codes(tx, before, BATCH).await,
        Rule::PhoneTokens => pruning::drop_phone_tokens(tx, before, BATCH).await,
        Rule::OpenLists => lists::forget_open(tx, before, LISTS).await,
        Rule::CommittedLists => lists::forget_committed(tx, before, LISTS).await,
        Rule::RefusedScans | Rule::CollectorNames | Rule::SettledRecords if chosen.is_empty() => Ok(0),
        Rule::RefusedScans => scans::clear_refused(tx, chosen).await,
        Rule::CollectorNames => scans::clear_collectors(tx, chosen).await,
        Rule::SettledRecords => scans::clear_settled(tx, chosen).await,
    }
}

/// What each rule would drop now; changes nothing.
pub(super) async fn dry_run(core: &Core) -> Result<Vec<Due>> {
    let now = core.clock.now();
    let rows = rules(&mut core.db.read().await?).await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        let days = row.rule.days(row.days);
        due.push(Due { rule: row.rule, rows: would_drop(core, row.rule, now, days).await? });
    }
    Ok(due)
}

async fn would_drop(core: &Core, rule: Rule, now: Moment, days: i64) -> Result<i64> {
    let before = now.plus_secs(-days * DAY_SECS);
    if matches!(rule, Rule::RefusedScans | Rule::CollectorNames | Rule::SettledRecords) {
        let found = chosen(core, rule, now, days, COUNTED_MAX).await?;
        return Ok(i64::try_from(found.len()).unwrap_or(COUNTED_MAX));
    }
    let mut conn = core.db.read().await?;
    match rule {
        Rule::KeptAnswers => replay::old_answers(&mut conn, before).await,
        Rule::EndedLogins => pruning::ended_logins(&mut conn, before).await,
        Rule::EnrolCodes => pruning::ended_codes(&mut conn, before).await,
        Rule::PhoneTokens => pruning::ended_phone_tokens(&mut conn, before).await,
        Rule::OpenLists => lists::old_open(&mut conn, before).await,
        Rule::CommittedLists => lists::old_committed(&mut conn, before).await,
        Rule::RefusedScans | Rule::CollectorNames | Rule::SettledRecords => Ok(0),
    }
}

/// Gives a rule another period, from its next run on. What it dropped before does not come back.
pub(super) async fn choose(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePeople>,
    rule: Rule,
    days: Option<i64>,
) -> Result<RuleRow> {
    store::choose(tx, rule, days).await?;
    let act = Act::many("update", "retention", json!({ "rule": rule, "days": rule.days(days) }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    let rows = store::rules(tx).await?;
    rows.into_iter().find(|row| row.rule == rule).ok_or(Error::NotFound)
}
