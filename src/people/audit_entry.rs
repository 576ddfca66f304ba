//! One stored entry of the audit log, and what its hash in the chain covers.

use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// What kind of actor acted.
    pub enum ActorKind {
        User = "user",
        Device = "device",
        System = "system",
        Public = "public",
    }
}

/// One stored entry, as it is hashed: nothing of it is parsed, so that a changed one is found at its own place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    /// Place in the chain, from 1.
    pub seq: i64,
    pub at: Moment,
    /// An [`ActorKind`]'s name.
    pub actor_kind: String,
    /// The user or device.
    pub actor_id: Option<Uuid>,
    /// The verb.
    pub action: String,
    /// The noun.
    pub record_kind: String,
    pub record_id: Option<Uuid>,
    /// More, as JSON.
    pub detail: String,
}

impl Entry {
    /// What this entry's hash covers after `previous`. Every field is preceded by its length.
    pub fn hashed(&self, previous: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut put = |field: &[u8]| {
            bytes.extend_from_slice(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(field);
        };
        put(previous);
        put(&self.seq.to_be_bytes());
        put(&self.at.micros().to_be_bytes());
        put(self.actor_kind.as_bytes());
        put(self.actor_id.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
        put(self.action.as_bytes());
        put(self.record_kind.as_bytes());
        put(self.record_id.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
        put(self.detail.as_bytes());
        bytes
    }
}
