//! The key behind kept answers and next tokens: made once, kept sealed, opened at the start. And the answers that nobody
//! asks for any more.

use super::error::{Error, Result};
use super::store;
use crate::db::{Conn, Tx};
use crate::kernel::{Clock, Moment};
use crate::vault::{MasterChange, Purpose, REPLAY_KEY_LEN, ReplayKey, Vault};

/// The key of this deployment; made at the first start.
pub async fn load(tx: &mut Tx, vault: &Vault, clock: &Clock) -> Result<ReplayKey> {
    if store::replay_key(tx).await?.is_none() {
        store::put_replay_key(tx, vault.seal(Purpose::ReplayKey, &clock.bytes::<REPLAY_KEY_LEN>())).await?;
    }
    let sealed = store::replay_key(tx).await?.ok_or_else(|| Error::internal("the replay key was not stored"))?;
    let bytes = vault.open(Purpose::ReplayKey, &sealed)?;
    let not_a_key = |_| Error::internal("column sealed of table replay_key is no key");
    Ok(ReplayKey::new(bytes.as_slice().try_into().map_err(not_a_key)?))
}

/// Seals the key anew: the master secret changes.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let Some(sealed) = store::replay_key(tx).await? else { return Ok(()) };
    store::replace_replay_key(tx, change.reseal(Purpose::ReplayKey, &sealed)?).await?;
    Ok(())
}

/// Empties all kept answers: they open with their callers' own keys alone, so nobody can tell whose data is in which.
pub async fn empty_answers(tx: &mut Tx) -> Result<()> {
    store::empty_answers(tx).await?;
    Ok(())
}

/// Drops answers that were kept since before this, so many at most; how many.
pub async fn drop_answers(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(store::drop_answers(tx, before, limit).await?)
}

/// How many answers were kept since before this.
pub async fn old_answers(conn: &mut Conn, before: Moment) -> Result<i64> {
    Ok(store::old_answers(conn, before).await?)
}
