//! Names and free text of scans are dropped. Which rows is read first, apart: who writes keeps no desk waiting.

use uuid::Uuid;

use super::store;
use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::{Day, Moment};

/// Refused scans that were received before this and still hold more than what was decided; so many at most.
pub async fn refused(conn: &mut Conn, before: Moment, limit: i64) -> Result<Vec<Uuid>> {
    Ok(store::refused(conn, before, limit).await?)
}

/// Leaves of these refused scans what was decided, when and where; how many.
pub async fn clear_refused(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64> {
    Ok(store::clear_refused(tx, nonces).await?)
}

/// Handovers with a collector's name, of campaigns whose last day lies before this; those of an open conflict stay.
pub async fn collected(conn: &mut Conn, before: Day, limit: i64) -> Result<Vec<Uuid>> {
    Ok(store::collected(conn, before, limit).await?)
}

/// Leaves of these handovers that somebody collected, and not who; how many.
pub async fn clear_collectors(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64> {
    Ok(store::clear_collectors(tx, nonces).await?)
}

/// Records of revoked phones whose conflict was settled before this, with what the phone sent still sealed beside them.
pub async fn settled(conn: &mut Conn, before: Moment, limit: i64) -> Result<Vec<Uuid>> {
    Ok(store::settled(conn, before, limit).await?)
}

/// Leaves of these records what became of them, and not what the phone sent; how many.
pub async fn clear_settled(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64> {
    Ok(store::clear_settled(tx, nonces).await?)
}
