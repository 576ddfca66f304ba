//! The SQL of who signs on: which login belongs to whom the provider names, and which waits for its first time.

use crate::db::{Conn, Tx};
use crate::kernel::Moment;
use crate::kernel::ids::UserId;

/// A login's link to the provider.
#[derive(Debug, sqlx::FromRow)]
pub struct LinkRow {
    /// Since when it is linked.
    pub linked_at: Option<Moment>,
    /// Since when it waits for somebody with an address.
    pub expected_at: Option<Moment>,
}

/// A login's link.
pub async fn one(conn: &mut Conn, user_id: UserId) -> Result<Option<LinkRow>, sqlx::Error> {
    conn.sql("select linked_at, expected_at from sign_on_links where user_id = $1").bind(user_id).optional().await
}

/// The name of the login that belongs to whom the provider names so, also of one that is disabled.
pub async fn linked(conn: &mut Conn, found: &[u8]) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = conn
        .sql("select u.username from sign_on_links l join users u on u.id = l.user_id where l.found = $1")
        .bind(found.to_vec())
        .optional()
        .await?;
    Ok(row.map(|(username,)| username))
}

/// The login that waits for this address since no longer ago than this, and is linked to nobody.
pub async fn expecting(
    conn: &mut Conn,
    expected: &[u8],
    since: Moment,
) -> Result<Option<(UserId, String)>, sqlx::Error> {
    conn.sql(
        "select u.id, u.username from sign_on_links l join users u on u.id = l.user_id
         where l.expected = $1 and l.expected_at > $2 and l.found is null and u.disabled_at is null",
    )
    .bind(expected.to_vec())
    .bind(since)
    .optional()
    .await
}

/// Lets a login wait for an address, in the place of what it had: keyed hash, sealed.
pub async fn expect(
    tx: &mut Tx,
    user_id: UserId,
    (expected, sealed): (Vec<u8>, Vec<u8>),
    now: Moment,
) -> Result<u64, sqlx::Error> {
    remove(tx, user_id).await?;
    tx.sql("insert into sign_on_links (user_id, expected, expected_sealed, expected_at) values ($1, $2, $3, $4)")
        .bind(user_id)
        .bind(expected)
        .bind(sealed)
        .bind(now)
        .execute()
        .await
}

/// Links a login that waits: from now on the address is of no matter. 0 when somebody else was faster.
pub async fn link(
    tx: &mut Tx,
    user_id: UserId,
    (found, sealed): (Vec<u8>, Vec<u8>),
    now: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update sign_on_links set found = $2, sealed = $3, linked_at = $4,
             expected = null, expected_sealed = null, expected_at = null
         where user_id = $1 and found is null",
    )
    .bind(user_id)
    .bind(found)
    .bind(sealed)
    .bind(now)
    .execute()
    .await
}

/// Takes a login's link away, or what it waits for.
pub async fn remove(tx: &mut Tx, user_id: UserId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from sign_on_links where user_id = $1").bind(user_id).execute().await
}

/// What is sealed of a link.
#[derive(Debug, sqlx::FromRow)]
pub struct SealedLink {
    pub user_id: UserId,
    /// Whom the provider names.
    pub sealed: Option<Vec<u8>>,
    /// The address that is waited for.
    pub expected_sealed: Option<Vec<u8>>,
}

/// Every link.
pub async fn sealed(tx: &mut Tx) -> Result<Vec<SealedLink>, sqlx::Error> {
    tx.sql("select user_id, sealed, expected_sealed from sign_on_links").all().await
}

/// Puts a link under another seal, with other keyed hashes.
pub async fn replace_sealed(
    tx: &mut Tx,
    user_id: UserId,
    link: Option<(Vec<u8>, Vec<u8>)>,
    expected: Option<(Vec<u8>, Vec<u8>)>,
) -> Result<u64, sqlx::Error> {
    let ((sealed, found), (expected_sealed, expected)) = (link.unzip(), expected.unzip());
    tx.sql("update sign_on_links set sealed = $2, found = $3, expected_sealed = $4, expected = $5 where user_id = $1")
        .bind(user_id)
        .bind(sealed)
        .bind(found)
        .bind(expected_sealed)
        .bind(expected)
        .execute()
        .await
}
