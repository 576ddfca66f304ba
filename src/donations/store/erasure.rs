//! The SQL of erasing a donor.

use crate::db::{Conn, Tx};
use crate::donations::donor::{ANONYMOUS, DonorKind};
use crate::kernel::ids::{DonationId, DonorId};
use crate::kernel::{Clock, ERASED_TEXT, Moment};

/// A donor as kept.
#[derive(Clone, sqlx::FromRow)]
pub struct StoredDonor {
    pub id: DonorId,
    pub name: String,
    pub kind: DonorKind,
    pub anonymous: bool,
    pub created_at: Moment,
    pub erased_at: Option<Moment>,
}

/// One donor.
pub async fn donor(conn: &mut Conn, id: DonorId) -> Result<Option<StoredDonor>, sqlx::Error> {
    conn.sql("select id, name, kind, anonymous, created_at, erased_at from donors where id = $1")
        .bind(id)
        .optional()
        .await
}

/// Locks a donor until the transaction ends.
pub async fn lock(tx: &mut Tx, id: DonorId) -> Result<(), sqlx::Error> {
    let _: Option<(DonorId,)> = tx.sql("select id from donors where id = $1 {for update}").bind(id).optional().await?;
    Ok(())
}

/// The conditions that a donor's gifts came with.
pub async fn conditions(conn: &mut Conn, id: DonorId) -> Result<Vec<(DonationId, String)>, sqlx::Error> {
    conn.sql("select id, condition from donations where donor_id = $1 and condition <> '' order by id")
        .bind(id)
        .all()
        .await
}

/// Takes a condition's text out.
pub async fn empty_condition(tx: &mut Tx, id: DonationId) -> Result<u64, sqlx::Error> {
    tx.sql("update donations set condition = $2 where id = $1").bind(id).bind(ERASED_TEXT.to_owned()).execute().await
}

/// Leaves an anonymous shell: what was given, when and what it was worth stays.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: DonorId) -> Result<u64, sqlx::Error> {
    tx.sql("update donors set name = $2, name_key = $3, anonymous = true, erased_at = $4 where id = $1")
        .bind(id)
        .bind(ANONYMOUS.to_owned())
        // Nobody is called so, and shells stay apart.
        .bind(id.0.simple().to_string())
        .bind(clock.now())
        .execute()
        .await
}

/// Names a donor no more.
pub async fn hide(tx: &mut Tx, id: DonorId) -> Result<u64, sqlx::Error> {
    tx.sql("update donors set anonymous = true where id = $1").bind(id).execute().await
}
