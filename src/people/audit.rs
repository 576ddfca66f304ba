//! The audit log: who did what to which record, and who read personal data. Append-only and hash-chained.
//!
//! Each entry's hash covers the hash before it and the entry's own fields, so that a changed, removed or reordered entry
//! breaks every later hash. It is keyed (HMAC-SHA-256), and so is what binds the end: see [`super::audit_chain`]. An entry
//! is written in the transaction of the act it tells of.

use serde_json::{Value, json};
use uuid::Uuid;

use super::store::audit as store;
use super::store::audit::Head;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::Clock;
use crate::kernel::ids::{DeviceId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::people::audit_entry::{ActorKind, Entry};

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    User(UserId),
    /// An enrolled phone.
    Device(DeviceId),
    /// The program itself, or the operator at its command line.
    System,
    /// Someone without a login, on a public form.
    Public,
}

impl Actor {
    const fn kind(self) -> ActorKind {
        match self {
            Self::User(_) => ActorKind::User,
            Self::Device(_) => ActorKind::Device,
            Self::System => ActorKind::System,
            Self::Public => ActorKind::Public,
        }
    }

    /// The user or device.
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.0),
            Self::Device(id) => Some(id.0),
            Self::System | Self::Public => None,
        }
    }

    /// The user, when it is one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            _ => None,
        }
    }
}

/// Why something is taken back, refused or merged: 3 to 300 characters, spaces trimmed.
pub fn parse_reason(text: &str) -> std::result::Result<String, Invalid> {
    let reason = clean(text);
    if (3..=300).contains(&reason.chars().count()) {
        Ok(reason)
    } else {
        Err(Invalid::fixed("out_of_range", "Ghi lý do, từ 3 đến 300 ký tự.", "Give a reason of 3 to 300 characters."))
    }
}

/// What was done: a verb and the noun's table. `detail` holds ids, counts and field names, never personal data.
#[derive(Debug)]
pub struct Act<'a> {
    /// The verb: `create`, `update`, `void`, `read_personal`, …
    pub action: &'a str,
    /// The noun: `household`, `voucher`, …
    pub record_kind: &'a str,
    /// Which record, when it is one.
    pub record_id: Option<Uuid>,
    /// More, as JSON.
    pub detail: Value,
}

impl<'a> Act<'a> {
    /// Something done to one record.
    pub fn on(action: &'a str, record_kind: &'a str, record_id: Uuid) -> Self {
        Self { action, record_kind, record_id: Some(record_id), detail: json!({}) }
    }

    /// Something done to many records.
    pub fn many(action: &'a str, record_kind: &'a str, detail: Value) -> Self {
        Self { action, record_kind, record_id: None, detail }
    }

    /// With more detail.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Appends to the log in the transaction of the act. Takes the lock on the chain's end: call it last.
pub async fn append(tx: &mut Tx, clock: &Clock, actor: Actor, act: Act<'_>) -> Result<()> {
    let keys = tx.log_keys();
    let Head { seq, hash: previous, newest_key, .. } = store::lock_head(tx).await?;
    if newest_key.is_none() || newest_key != keys.newest() {
        return Err(Error::internal("the audit log has other keys than this process: was the master secret changed?"));
    }
    let entry = Entry {
        seq: seq + 1,
        at: clock.now(),
        actor_kind: actor.kind().to_string(),
        actor_id: actor.id(),
        action: act.action.to_owned(),
        record_kind: act.record_kind.to_owned(),
        record_id: act.record_id,
        detail: act.detail.to_string(),
    };
    let hash = keys.entry(entry.seq, &entry.hashed(&previous));
    let mac = keys.end(entry.seq, &hash);
    store::append(tx, entry, hash, mac).await?;
    Ok(())
}

/// Logs an act that has no transaction of its own, such as a look at personal data.
pub async fn record(core: &Core, actor: Actor, act: Act<'_>) -> Result<()> {
    core.run(async |tx| append(tx, &core.clock, actor, act).await).await
}
