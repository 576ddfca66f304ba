//! Lists that somebody works on are handed to somebody else.

use super::store;
use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::ids::{ImportId, UserId};

/// Lists that somebody uploaded, that were not stored, and whose rows are kept.
pub async fn open_of(conn: &mut Conn, by: UserId) -> Result<Vec<ImportId>> {
    Ok(store::open_of(conn, by).await?)
}

/// Gives lists to another to work on.
pub async fn hand_on(tx: &mut Tx, lists: &[ImportId], to: UserId) -> Result<()> {
    store::hand_on(tx, lists, to).await?;
    Ok(())
}

/// Gives those of these lists back that nobody stored since.
pub async fn hand_back(tx: &mut Tx, lists: &[ImportId], (from, to): (UserId, UserId)) -> Result<()> {
    store::hand_back(tx, lists, from, to).await?;
    Ok(())
}
