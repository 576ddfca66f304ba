//! The signing keys that are stored: one signs, older ones verify, withdrawn ones count for nothing.
//!
//! Private halves are sealed with the data folder's secret and leave the database only to sign.

use super::keys::{KeyRing, KeyState, PublicKey, SigningKey};
use super::store::keys as store;
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::Moment;
use crate::vault::{MasterChange, Purpose};

/// How long a new key is published before it signs, in seconds: a phone on duty asks for the keys more often.
const PUBLISHED_BEFORE_SIGNING_SECS: i64 = 3600;

/// A stored key, as anyone may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Byte 1 of each code it signs, 1 to 255.
    pub kid: u8,
    /// The public half.
    pub public_key: [u8; 32],
    /// When it was made.
    pub created_at: Moment,
    /// From when on it signs.
    pub active_from: Moment,
    /// From when on it signs no more; it still verifies.
    pub retired_at: Option<Moment>,
    /// Since when nothing that it signed counts.
    pub withdrawn_at: Option<Moment>,
}

impl Key {
    /// What it may still do.
    pub const fn state(&self) -> KeyState {
        match (self.withdrawn_at, self.retired_at) {
            (Some(_), _) => KeyState::Withdrawn,
            (None, Some(_)) => KeyState::Retired,
            (None, None) => KeyState::Active,
        }
    }

    fn of(row: store::KeyRow) -> Result<Self> {
        let not_a_key = || Error::internal(format!("signing key {} is not stored as it was made", row.kid));
        Ok(Self {
            kid: u8::try_from(row.kid).map_err(|_| not_a_key())?,
            public_key: row.public_key.as_slice().try_into().map_err(|_| not_a_key())?,
            created_at: row.created_at,
            active_from: row.active_from,
            retired_at: row.retired_at,
            withdrawn_at: row.withdrawn_at,
        })
    }
}

/// Every key there ever was, by id; at most 255.
pub async fn all(conn: &mut Conn) -> Result<Vec<Key>> {
    store::all(conn).await?.into_iter().map(Key::of).collect()
}

/// All keys, ready to verify codes of this deployment with.
pub async fn ring(conn: &mut Conn, core: &Core) -> Result<KeyRing> {
    let mut ring = KeyRing::new(*core.instance_id.as_bytes());
    for key in all(conn).await? {
        let public = PublicKey::from_bytes(&key.public_key).map_err(|error| Error::Internal(Box::new(error)))?;
        ring.insert(key.kid, public, key.state());
    }
    Ok(ring)
}

/// The key that signs. The first is made at the first need; when the one that signed was withdrawn, a key that was
/// published already takes its place before a new one is made.
pub async fn active(tx: &mut Tx, core: &Core) -> Result<SigningKey> {
    for attempt in 0..4 {
        if let Some((kid, sealed)) = store::active(tx, core.clock.now()).await? {
            let seed = core.vault.open(Purpose::SigningKey, &sealed)?;
            let kid = u8::try_from(kid).map_err(|error| Error::Internal(Box::new(error)))?;
            return SigningKey::from_seed(kid, &seed).map_err(|error| Error::Internal(Box::new(error)));
        }
        // The one that was just withdrawn by somebody else has a successor that the next look sees.
        if attempt > 0 && store::bring_forward(tx, core.clock.now()).await? == 0 {
            make(tx, core, core.clock.now()).await?;
        }
    }
    Err(Error::Busy)
}

/// Makes sure that there is a key that signs, so that phones can learn it before the first voucher.
pub async fn ensure(core: &Core) -> Result<()> {
    if all(&mut core.db.read().await?).await?.iter().any(|key| key.state() == KeyState::Active) {
        return Ok(());
    }
    core.run(async |tx| active(tx, core).await.map(drop)).await
}

/// Makes a new key. It signs in an hour, when phones know it, and until then the older one does; at once when that is
/// asked for or when no key signs. From then on the older ones only verify. Gives its id.
pub async fn rotate(tx: &mut Tx, core: &Core, at_once: bool) -> Result<u8> {
    store::lock_all(tx).await?;
    let now = core.clock.now();
    let signs = store::active(tx, now).await?.is_some();
    let from = if at_once || !signs { now } else { now.plus_secs(PUBLISHED_BEFORE_SIGNING_SECS) };
    let kid = make(tx, core, from).await?;
    store::retire_others(tx, kid, from).await?;
    Ok(kid)
}

/// Withdraws a key, at once and for good; a new one is made when it was the one that signs. Withdrawing it again
/// changes nothing. Gives how many issued vouchers must be reissued.
pub async fn withdraw(tx: &mut Tx, core: &Core, kid: u8, reason: String) -> Result<i64> {
    store::lock_all(tx).await?;
    store::one(tx, kid).await?.ok_or(Error::NotFound)?;
    store::withdraw(tx, kid, reason, core.clock.now()).await?;
    active(tx, core).await?;
    Ok(store::issued_with(tx, kid).await?)
}

/// Seals every private half anew: the master secret changes.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    for (kid, sealed) in store::secrets(tx).await? {
        store::replace_secret(tx, kid, change.reseal(Purpose::SigningKey, &sealed)?).await?;
    }
    Ok(())
}

async fn make(tx: &mut Tx, core: &Core, active_from: Moment) -> Result<u8> {
    for _ in 0..4 {
        let kid = u8::try_from(store::next_kid(tx).await?).map_err(|_| {
            Error::conflict(
                "keys_used_up",
                "Đã dùng hết 255 khóa ký của hệ thống này. Hãy liên hệ người quản trị để lập hệ thống mới.",
                "All 255 signing keys of this deployment were used. Ask the administrator to set up a new one.",
            )
        })?;
        let key = SigningKey::generate(kid, &core.clock);
        let sealed = core.vault.seal(Purpose::SigningKey, &key.seed());
        if store::insert(tx, kid, key.public_bytes(), sealed, (core.clock.now(), active_from)).await? {
            return Ok(kid);
        }
    }
    Err(Error::Busy)
}
