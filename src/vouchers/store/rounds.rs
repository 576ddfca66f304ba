//! The SQL of rounds.

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::kernel::ids::{CampaignId, PackageId, PointId, RoundId};
use crate::kernel::{Clock, Day, Within};
use crate::vouchers::new_round::NewRound;
use crate::vouchers::round::{Round, RoundStatus};

/// Stores a round under the next free number; nothing when that number was taken at the same moment, so that asking
/// again helps.
pub async fn insert(tx: &mut Tx, clock: &Clock, round: &NewRound) -> Result<Option<RoundId>, sqlx::Error> {
    let id = RoundId::new(clock);
    let inserted = tx
        .sql(
            "insert into rounds (id, number, campaign_id, package_id, name, starts_at, ends_at, slot_minutes,
             slot_capacity, enforce_slots, any_point, collector_required, offline, amber_in_a_row, amber_hours, status,
             created_at)
         select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $15, 'open', $13
         from rounds where true on conflict (number) do nothing",
        )
        .bind(id)
        .bind(round.campaign_id)
        .bind(round.package_id)
        .bind(round.name.clone())
        .bind(round.starts_at)
        .bind(round.ends_at)
        .bind(round.slots.map(|(minutes, _)| minutes))
        .bind(round.slots.map(|(_, capacity)| capacity))
        .bind(round.enforce_slots)
        .bind(round.any_point)
        .bind(round.collector_required)
        .bind(round.offline)
        .bind(clock.now())
        .bind(round.amber.in_a_row)
        .bind(round.amber.hours)
        .execute()
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    tx.sql("insert into round_points (round_id, point_id) select $2, p.id from rows($1: id uuid) as p")
        .bind_rows(&id_rows(&round.point_ids))
        .bind(id)
        .execute()
        .await?;
    Ok(Some(id))
}

/// One round of which one of these points is one.
pub async fn one(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<Option<Round>, sqlx::Error> {
    conn.sql(
        "select id, number, campaign_id, package_id, name, starts_at, ends_at, slot_minutes, slot_capacity,
             enforce_slots, any_point, collector_required, offline, amber_in_a_row, amber_hours, status, created_at
         from rounds
         where id = $1 and ($2 or exists (select 1 from round_points p
             where p.round_id = rounds.id and {in $2: p.point_id}))",
    )
    .bind(id)
    .within(points)
    .optional()
    .await
}

/// The same, locked until the transaction ends: issuing and closing wait for each other, scans do not wait.
pub async fn lock(tx: &mut Tx, points: &Within<PointId>, id: RoundId) -> Result<Option<Round>, sqlx::Error> {
    tx.sql(
        "select id, number, campaign_id, package_id, name, starts_at, ends_at, slot_minutes, slot_capacity,
             enforce_slots, any_point, collector_required, offline, amber_in_a_row, amber_hours, status, created_at
         from rounds
         where id = $1 and ($2 or exists (select 1 from round_points p
             where p.round_id = rounds.id and {in $2: p.point_id})) {for no key update}",
    )
    .bind(id)
    .within(points)
    .optional()
    .await
}

/// Whether there is such a round, whatever its points: told as forbidden, not as missing.
pub async fn exists(conn: &mut Conn, id: RoundId) -> Result<bool, sqlx::Error> {
    let found: Option<(RoundId,)> = conn.sql("select id from rounds where id = $1").bind(id).optional().await?;
    Ok(found.is_some())
}

/// A page of the rounds of which one of these points is one.
pub async fn page(conn: &mut Conn, points: &Within<PointId>, cursor: Cursor) -> Result<Vec<Round>, sqlx::Error> {
    conn.sql(
        "select id, number, campaign_id, package_id, name, starts_at, ends_at, slot_minutes, slot_capacity,
             enforce_slots, any_point, collector_required, offline, amber_in_a_row, amber_hours, status, created_at
         from rounds
         where id > $1 and ($3 or exists (select 1 from round_points p
             where p.round_id = rounds.id and {in $3: p.point_id}))
         order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .within(points)
    .all()
    .await
}

/// The points of rounds, by their numbers.
pub async fn points_of(conn: &mut Conn, ids: &[RoundId]) -> Result<Vec<(RoundId, PointId)>, sqlx::Error> {
    conn.sql(
        "select rp.round_id, rp.point_id
         from round_points rp join rows($1: id uuid) as r on r.id = rp.round_id
         join points p on p.id = rp.point_id order by rp.round_id, p.number",
    )
    .bind_rows(&id_rows(ids))
    .all()
    .await
}

/// Sets whether a round gives out.
pub async fn set_status(tx: &mut Tx, id: RoundId, status: RoundStatus) -> Result<u64, sqlx::Error> {
    tx.sql("update rounds set status = $2 where id = $1").bind(id).bind(status).execute().await
}

/// A campaign's first and last day, and its interval in days.
pub async fn campaign(conn: &mut Conn, id: CampaignId) -> Result<Option<(Day, Day, Option<i64>)>, sqlx::Error> {
    conn.sql("select starts_on, ends_on, interval_days from campaigns where id = $1").bind(id).optional().await
}

/// Whether there is such a package.
pub async fn package_exists(conn: &mut Conn, id: PackageId) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = conn.sql("select number from packages where id = $1").bind(id).optional().await?;
    Ok(found.is_some())
}
