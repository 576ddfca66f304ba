//! The SQL of enrolled phones.

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::kernel::ids::{DeviceId, PointId, UserId};
use crate::kernel::{Clock, Moment, Within};

/// A phone to be enrolled.
#[derive(Debug)]
pub struct NewDeviceRow {
    pub name: String,
    /// The points it serves.
    pub point_ids: Vec<PointId>,
    /// Who invites it.
    pub created_by: UserId,
    /// Hash of its enrolment code.
    pub enrol_hash: Vec<u8>,
    /// When the code ends.
    pub enrol_expires_at: Moment,
}

/// A phone, as coordinators see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub name: String,
    /// Who carries it, as they said when they enrolled; may be empty.
    pub volunteer: String,
    /// When it was invited.
    pub created_at: Moment,
    /// When its enrolment code ends.
    pub enrol_expires_at: Moment,
    /// When it was enrolled.
    pub enrolled_at: Option<Moment>,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// What became of an enrolment code.
#[derive(Debug, sqlx::FromRow)]
pub struct EnrolCode {
    /// Whose code it is.
    pub id: DeviceId,
    /// When it was used.
    pub enrolled_at: Option<Moment>,
}

/// Stores a phone that may enrol.
pub async fn insert(tx: &mut Tx, clock: &Clock, device: NewDeviceRow) -> Result<DeviceId, sqlx::Error> {
    let id = DeviceId::new(clock);
    tx.sql(
        "insert into devices (id, name, volunteer, created_by, created_at, enrol_hash, enrol_expires_at)
         values ($1, $2, '', $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(device.name)
    .bind(device.created_by)
    .bind(clock.now())
    .bind(device.enrol_hash)
    .bind(device.enrol_expires_at)
    .execute()
    .await?;
    tx.sql("insert into device_points (device_id, point_id) select $1, r.id from rows($2: id uuid) as r")
        .bind(id)
        .bind_rows(&id_rows(&device.point_ids))
        .execute()
        .await?;
    Ok(id)
}

/// Enrols the phone that shows this code, once: false when the code is unknown, used, over or revoked.
pub async fn enrol(
    tx: &mut Tx,
    enrol_hash: &[u8],
    token_hash: &[u8],
    volunteer: String,
    now: Moment,
) -> Result<bool, sqlx::Error> {
    let enrolled = tx
        .sql(
            "update devices set token_hash = $2, token_since = $3, volunteer = $4, enrolled_at = $3, last_seen_at = $3
             where enrol_hash = $1 and enrolled_at is null and revoked_at is null and enrol_expires_at > $3",
        )
        .bind(enrol_hash.to_vec())
        .bind(token_hash.to_vec())
        .bind(now)
        .bind(volunteer)
        .execute()
        .await?;
    Ok(enrolled == 1)
}

/// The phone a code belongs to, used or not.
pub async fn by_enrol_hash(conn: &mut Conn, enrol_hash: &[u8]) -> Result<Option<EnrolCode>, sqlx::Error> {
    conn.sql("select id, enrolled_at from devices where enrol_hash = $1").bind(enrol_hash.to_vec()).optional().await
}

/// A token that a phone had before.
#[derive(Debug, sqlx::FromRow)]
pub struct EndedToken {
    /// Whose it was.
    pub device_id: DeviceId,
    pub ended_at: Moment,
    /// When it was first shown after that.
    pub shown_again_at: Option<Moment>,
}

/// Stores the token that follows the one that a phone has, unless one does already.
pub async fn follow(tx: &mut Tx, id: DeviceId, token_hash: &[u8], next_hash: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update devices set next_token_hash = $3
         where id = $1 and token_hash = $2 and next_token_hash is null and revoked_at is null",
    )
    .bind(id)
    .bind(token_hash.to_vec())
    .bind(next_hash)
    .execute()
    .await
}

/// A phone used its next token: that is its token from now on, and the one before has ended.
pub async fn move_on(tx: &mut Tx, id: DeviceId, next_hash: &[u8], now: Moment) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into ended_device_tokens (token_hash, device_id, ended_at)
         select token_hash, id, $3 from devices where id = $1 and next_token_hash = $2
         on conflict (token_hash) do nothing",
    )
    .bind(id)
    .bind(next_hash.to_vec())
    .bind(now)
    .execute()
    .await?;
    tx.sql(
        "update devices set token_hash = next_token_hash, next_token_hash = null, token_since = $3
         where id = $1 and next_token_hash = $2",
    )
    .bind(id)
    .bind(next_hash.to_vec())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// A token that ended.
pub async fn ended_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<EndedToken>, sqlx::Error> {
    conn.sql("select device_id, ended_at, shown_again_at from ended_device_tokens where token_hash = $1")
        .bind(token_hash.to_vec())
        .optional()
        .await
}

/// Notes that an ended token was shown; 1 the first time.
pub async fn note_shown_again(tx: &mut Tx, token_hash: &[u8], now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update ended_device_tokens set shown_again_at = $2 where token_hash = $1 and shown_again_at is null")
        .bind(token_hash.to_vec())
        .bind(now)
        .execute()
        .await
}

/// Revokes a phone; the first revocation's moment stays.
pub async fn revoke(tx: &mut Tx, id: DeviceId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update devices set revoked_at = $2 where id = $1 and revoked_at is null").bind(id).bind(now).execute().await
}

/// Notes that a phone was heard of, unless that was noted after `stale`.
pub async fn seen(tx: &mut Tx, id: DeviceId, now: Moment, stale: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update devices set last_seen_at = $2 where id = $1 and (last_seen_at is null or last_seen_at < $3)")
        .bind(id)
        .bind(now)
        .bind(stale)
        .execute()
        .await
}

/// One phone that serves one of these points.
pub async fn one(conn: &mut Conn, points: &Within<PointId>, id: DeviceId) -> Result<Option<DeviceRow>, sqlx::Error> {
    conn.sql(
        "select d.id, d.name, d.volunteer, d.created_at, d.enrol_expires_at, d.enrolled_at, d.last_seen_at, d.revoked_at
         from devices d
         where d.id = $1 and ($2 or exists (select 1 from device_points p
             where p.device_id = d.id and {in $2: p.point_id}))",
    )
    .bind(id)
    .within(points)
    .optional()
    .await
}

/// A page of phones that serve one of these points.
pub async fn page(conn: &mut Conn, points: &Within<PointId>, cursor: Cursor) -> Result<Vec<DeviceRow>, sqlx::Error> {
    conn.sql(
        "select d.id, d.name, d.volunteer, d.created_at, d.enrol_expires_at, d.enrolled_at, d.last_seen_at, d.revoked_at
         from devices d
         where d.id > $1 and ($3 or exists (select 1 from device_points p
             where p.device_id = d.id and {in $3: p.point_id}))
         order by d.id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .within(points)
    .all()
    .await
}

/// The points that each of these phones serves.
pub async fn points_of(conn: &mut Conn, ids: &[DeviceId]) -> Result<Vec<(DeviceId, PointId)>, sqlx::Error> {
    conn.sql(
        "select p.device_id, p.point_id from rows($1: id uuid) as r
         join device_points p on p.device_id = r.id order by p.device_id, p.point_id",
    )
    .bind_rows(&id_rows(ids))
    .all()
    .await
}

/// A phone, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedDevice {
    /// The phone.
    #[sqlx(flatten)]
    pub device: DeviceRow,
    /// Who invited it.
    pub invited_by: String,
}

/// Phones that serve one of these points, those last heard of in front: those in use and invited, or with `revoked` all.
pub async fn listed(
    conn: &mut Conn,
    points: &Within<PointId>,
    revoked: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedDevice>, sqlx::Error> {
    conn.sql(
        "select d.id, d.name, d.volunteer, d.created_at, d.enrol_expires_at, d.enrolled_at, d.last_seen_at, d.revoked_at,
             coalesce(u.full_name, u.username) as invited_by
         from devices d join users u on u.id = d.created_by
         where (d.revoked_at is null or $1)
             and ($4 or exists (select 1 from device_points p
                 where p.device_id = d.id and {in $4: p.point_id}))
         order by d.revoked_at is not null, coalesce(d.last_seen_at, d.created_at) desc, d.id limit $2 offset $3",
    )
    .bind(revoked)
    .bind(limit)
    .bind(offset)
    .within(points)
    .all()
    .await
}

/// The names of the points that each of these phones serves. Points lie with places, above.
pub async fn point_names_of(conn: &mut Conn, ids: &[DeviceId]) -> Result<Vec<(DeviceId, String)>, sqlx::Error> {
    conn.sql(
        "select p.device_id, q.name from rows($1: id uuid) as r
         join device_points p on p.device_id = r.id join points q on q.id = p.point_id order by p.device_id, q.number",
    )
    .bind_rows(&id_rows(ids))
    .all()
    .await
}

/// Drops the codes of invitations that ended before this, used or not, so many at most. The phones stay.
pub async fn drop_codes(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update devices set enrol_hash = null where id in (
             select id from devices where enrol_expires_at < $1 and enrol_hash is not null
             order by enrol_expires_at limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// Drops tokens that ended before this, so many at most.
pub async fn drop_ended_tokens(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "delete from ended_device_tokens where token_hash in (
             select token_hash from ended_device_tokens where ended_at < $1 order by ended_at limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// How many enrolment codes ended before this.
pub async fn ended_codes(conn: &mut Conn, before: Moment) -> Result<i64, sqlx::Error> {
    let (rows,): (i64,) = conn
        .sql("select count(*) from devices where enrol_expires_at < $1 and enrol_hash is not null")
        .bind(before)
        .one()
        .await?;
    Ok(rows)
}

/// How many tokens of phones ended before this.
pub async fn ended_tokens(conn: &mut Conn, before: Moment) -> Result<i64, sqlx::Error> {
    let (rows,): (i64,) =
        conn.sql("select count(*) from ended_device_tokens where ended_at < $1").bind(before).one().await?;
    Ok(rows)
}

/// Phones that a login invited and that are not revoked.
pub async fn invited_by(conn: &mut Conn, id: UserId) -> Result<Vec<DeviceId>, sqlx::Error> {
    let rows: Vec<(DeviceId,)> = conn
        .sql("select id from devices where created_by = $1 and revoked_at is null order by id")
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives phones to another who looks after them.
pub async fn hand_on(tx: &mut Tx, phones: &[DeviceId], to: UserId) -> Result<u64, sqlx::Error> {
    tx.sql("update devices set created_by = $2 where id in (select r.id from rows($1: id uuid) as r)")
        .bind_rows(&id_rows(phones))
        .bind(to)
        .execute()
        .await
}

/// Gives those of these phones that `from` looks after to another.
pub async fn hand_back(tx: &mut Tx, phones: &[DeviceId], from: UserId, to: UserId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update devices set created_by = $3
         where id in (select r.id from rows($1: id uuid) as r) and created_by = $2",
    )
    .bind_rows(&id_rows(phones))
    .bind(from)
    .bind(to)
    .execute()
    .await
}
