//! Lists that nobody works on any more are forgotten: their rows, their files, what was typed and decided. That there was
//! such a list stays.

use super::store;
use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::Moment;
use crate::kernel::ids::ImportId;

/// Forgets lists that were uploaded before this and never committed, so many at most; how many.
pub async fn forget_open(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    let lists = store::lock_old(tx, false, before, limit).await?;
    forget(tx, &lists).await
}

/// How many were uploaded before this and never committed.
pub async fn old_open(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(store::old(conn, false, before).await?)
}

/// Forgets what is left of lists that were committed before this: rows that nobody corrected.
pub async fn forget_committed(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    let lists = store::lock_old(tx, true, before, limit).await?;
    forget(tx, &lists).await
}

/// How many were committed before this and have something left.
pub async fn old_committed(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(store::old(conn, true, before).await?)
}

async fn forget(tx: &mut Tx, lists: &[ImportId]) -> Result<u64> {
    for id in lists {
        store::forget_file(tx, *id).await?;
        store::forget_steps(tx, *id).await?;
        store::forget_rows(tx, *id).await?;
    }
    Ok(lists.len() as u64)
}
