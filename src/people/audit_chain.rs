//! The audit log's keys, and the check of the whole chain.
//!
//! Each entry's hash is an HMAC under a random key that is kept sealed with the data folder's secret: who has the database
//! alone can't rewrite an entry. [`store::Head`] is bound by a MAC, so that the log can't be cut, and each key is sealed
//! together with the entry that it begins at, so that it can't be said to begin later. Entries from before there were keys
//! stay as they were; the first keyed one covers their end. A change of the master secret begins a new key, and the older
//! ones stay to check with. What the database alone can't show (it was put back as a whole) is found by what lies
//! elsewhere: [`super::audit_anchor`] in the data folder, and the [`super::audit_head`] on printed reports.

use serde_json::json;

use super::audit::{self, Act, Actor};
use super::store::audit as store;
use super::store::audit::{Chained, Head, StoredKey};
use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::Clock;
use crate::vault::{LOG_KEY_LEN, LogKeys, MasterChange, Purpose, Vault};

/// Bytes of an entry's number before the sealed key.
const SEQ_LEN: usize = 8;

/// Gives the database's transactions the log's keys; the first is made at the first start with keys.
pub async fn load(tx: &mut Tx, vault: &Vault, clock: &Clock) -> Result<()> {
    let keys = read_keys(tx, vault).await?;
    if keys.first().is_some() {
        tx.hold_log_keys(keys);
        return Ok(());
    }
    begin_key(tx, vault, clock).await?;
    // Another process may have been first, while this one waited for the log's end.
    let keys = read_keys(tx, vault).await?;
    tx.hold_log_keys(keys);
    Ok(())
}

/// The stored keys, none where none was made yet.
pub async fn read_keys(conn: &mut Conn, vault: &Vault) -> Result<LogKeys> {
    let stored = store::keys(conn).await?;
    let keys: Vec<_> = stored.iter().map(|key| opened(key, vault)).collect::<Result<_>>()?;
    Ok(LogKeys::new(keys))
}

fn opened(stored: &StoredKey, vault: &Vault) -> Result<(i64, [u8; LOG_KEY_LEN])> {
    let plain = vault.open(Purpose::AuditKey, &stored.sealed)?;
    let (from_seq, key) = plain.split_at_checked(SEQ_LEN).unwrap_or_default();
    match key.try_into() {
        Ok(key) if from_seq == stored.from_seq.to_be_bytes() => Ok((stored.from_seq, key)),
        _ => Err(Error::internal(format!(
            "the audit log's key from entry {} is not stored as it was made",
            stored.from_seq
        ))),
    }
}

fn sealed(vault: &Vault, from_seq: i64, key: &[u8; LOG_KEY_LEN]) -> Vec<u8> {
    vault.seal(Purpose::AuditKey, &[from_seq.to_be_bytes().as_slice(), key].concat())
}

/// Makes the first key, unless somebody else just did.
async fn begin_key(tx: &mut Tx, vault: &Vault, clock: &Clock) -> Result<()> {
    let head = store::lock_head(tx).await?;
    if head.newest_key.is_some() {
        return Ok(());
    }
    put_next_key(tx, &MasterChange { old: vault, new: vault }, clock, &head).await?;
    if head.seq > 0 {
        let act = Act::many("seal", "audit_log", json!({ "before": head.seq }));
        audit::append(tx, clock, Actor::System, act).await?;
    }
    Ok(())
}

/// The entries to come have a new key. The transaction holds it from now on, and so do those of the same database: whoever
/// undoes this starts anew.
async fn put_next_key(tx: &mut Tx, change: &MasterChange<'_>, clock: &Clock, head: &Head) -> Result<()> {
    let key: [u8; LOG_KEY_LEN] = clock.bytes();
    let from_seq = head.seq + 1;
    let mut keys: Vec<_> =
        store::keys(tx).await?.iter().map(|stored| opened(stored, change.old)).collect::<Result<_>>()?;
    store::insert_key(tx, from_seq, clock.now(), sealed(change.new, from_seq, &key)).await?;
    keys.push((from_seq, key));
    let keys = LogKeys::new(keys);
    store::put_head(tx, head.seq, head.hash.clone(), keys.end(head.seq, &head.hash)).await?;
    tx.hold_log_keys(keys);
    Ok(())
}

/// The master secret changes: every key is sealed anew, and the entries to come have a new one that nobody who had the old
/// secret knows.
pub async fn rekey(tx: &mut Tx, change: &MasterChange<'_>, clock: &Clock) -> Result<()> {
    let MasterChange { old, new } = *change;
    let head = store::lock_head(tx).await?;
    let stored = store::keys(tx).await?;
    if stored.last().is_none_or(|newest| newest.from_seq <= head.seq) {
        put_next_key(tx, change, clock, &head).await?;
    }
    for key in &stored {
        let (from_seq, key) = opened(key, old)?;
        store::reseal_key(tx, from_seq, sealed(new, from_seq, &key)).await?;
    }
    audit::append(tx, clock, Actor::System, Act::many("rotate", "master_secret", json!({ "before": head.seq }))).await
}

/// Walks the whole chain; the place of the first entry that does not fit, if any.
pub async fn first_broken(conn: &mut Conn) -> Result<Option<i64>> {
    let keys = conn.log_keys();
    let head = store::head(conn).await?;
    if keys.first().is_none() {
        return Ok((head.seq > 0).then_some(1));
    }
    let (mut previous, mut seq) = (Vec::new(), 0_i64);
    loop {
        let batch = store::chained_after(conn, seq).await?;
        if batch.is_empty() {
            break;
        }
        for Chained { entry, hash } in batch {
            if entry.seq != seq + 1 || keys.entry(entry.seq, &entry.hashed(&previous)) != hash {
                return Ok(Some(seq + 1));
            }
            seq = entry.seq;
            previous = hash;
        }
    }
    let head = if head.seq == seq { head } else { store::head(conn).await? };
    let bound = head.mac.as_deref().is_some_and(|mac| keys.binds(head.seq, &head.hash, mac));
    Ok((head.seq != seq || head.hash != previous || !bound).then_some(seq + 1))
}
