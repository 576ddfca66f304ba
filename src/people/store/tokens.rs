//! The SQL of API tokens and sessions.

use serde::Serialize;

use crate::db::{Conn, Tx};
use crate::kernel::ids::{TokenId, UserId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Clock, Moment};

text_enum! {
    /// What a token is for.
    pub enum TokenKind {
        /// A script's or a program's.
        Api = "api",
        /// A browser's session.
        Session = "session",
    }
}

/// Stores a token's hash.
pub async fn insert_token(
    tx: &mut Tx,
    clock: &Clock,
    kind: TokenKind,
    user_id: UserId,
    token_hash: Vec<u8>,
    expires_at: Moment,
) -> Result<TokenId, sqlx::Error> {
    let id = TokenId::new(clock);
    tx.sql(
        "insert into tokens (id, kind, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(kind)
    .bind(user_id)
    .bind(token_hash)
    .bind(clock.now())
    .bind(expires_at)
    .execute()
    .await?;
    Ok(id)
}

/// Ends a token.
pub async fn revoke_by_hash(tx: &mut Tx, token_hash: &[u8], now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $1 where token_hash = $2 and revoked_at is null")
        .bind(now)
        .bind(token_hash.to_vec())
        .execute()
        .await
}

/// An API token or a session, without its secret.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// `api`, or `session` for a login with a password.
    pub kind: TokenKind,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// The newest hundred tokens of a login.
pub async fn tokens_of(conn: &mut Conn, id: UserId) -> Result<Vec<TokenRow>, sqlx::Error> {
    conn.sql(
        "select id, kind, created_at, expires_at, revoked_at from tokens where user_id = $1
         order by id desc limit 100",
    )
    .bind(id)
    .all()
    .await
}

/// One token.
pub async fn token(conn: &mut Conn, id: TokenId) -> Result<Option<TokenRow>, sqlx::Error> {
    conn.sql("select id, kind, created_at, expires_at, revoked_at from tokens where id = $1").bind(id).optional().await
}

/// Ends one token.
pub async fn revoke(tx: &mut Tx, id: TokenId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $2 where id = $1 and revoked_at is null").bind(id).bind(now).execute().await
}

/// Ends every session and API token of a login.
pub async fn revoke_all(tx: &mut Tx, id: UserId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $2 where user_id = $1 and revoked_at is null")
        .bind(id)
        .bind(now)
        .execute()
        .await
}

/// How many sessions and API tokens of a login are in force.
pub async fn in_force(conn: &mut Conn, id: UserId, now: Moment) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql("select count(*) from tokens where user_id = $1 and revoked_at is null and expires_at > $2")
        .bind(id)
        .bind(now)
        .one()
        .await?;
    Ok(count)
}

/// Ends every session of a login.
pub async fn revoke_sessions(tx: &mut Tx, id: UserId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $2 where user_id = $1 and kind = 'session' and revoked_at is null")
        .bind(id)
        .bind(now)
        .execute()
        .await
}

/// Ends every session of a login but this one.
pub async fn revoke_other_sessions(tx: &mut Tx, id: UserId, but: TokenId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update tokens set revoked_at = $3
         where user_id = $1 and id <> $2 and kind = 'session' and revoked_at is null",
    )
    .bind(id)
    .bind(but)
    .bind(now)
    .execute()
    .await
}

/// Notes that a session is in use.
pub async fn used(tx: &mut Tx, id: TokenId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $2)")
        .bind(id)
        .bind(now)
        .execute()
        .await
}

/// Notes that the password of a session was shown again.
pub async fn confirmed(tx: &mut Tx, id: TokenId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set confirmed_at = $2 where id = $1").bind(id).bind(now).execute().await
}

/// Drops tokens that ended or were revoked before this, so many at most.
pub async fn drop_ended(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "delete from tokens where id in (
             select id from tokens where expires_at < $1 or revoked_at < $1 order by expires_at limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// How many tokens ended or were revoked before this.
pub async fn ended(conn: &mut Conn, before: Moment) -> Result<i64, sqlx::Error> {
    let (rows,): (i64,) =
        conn.sql("select count(*) from tokens where expires_at < $1 or revoked_at < $1").bind(before).one().await?;
    Ok(rows)
}
