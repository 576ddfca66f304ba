//! What is told of keys, and what is asked for.

use serde::{Deserialize, Serialize};

use super::keyring::Key;
use crate::http::schemas::Reason;
use crate::kernel::Moment;

/// A key that signs vouchers, or did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyView {
    /// Byte 1 of each code it signs.
    #[schema(example = 1)]
    kid: u8,
    /// The Ed25519 public key: 32 bytes in base64.
    #[schema(example = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    public_key: String,
    /// When it was made.
    created_at: Moment,
    /// From when on it signs no more; it still verifies. Lies ahead while the key's successor is being published.
    retired_at: Option<Moment>,
    /// Since when nothing that it signed counts.
    withdrawn_at: Option<Moment>,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            kid: key.kid,
            public_key: data_encoding::BASE64.encode(&key.public_key),
            created_at: key.created_at,
            retired_at: key.retired_at,
            withdrawn_at: key.withdrawn_at,
        }
    }
}

/// A withdrawn key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WithdrawnView {
    /// The key.
    pub key: KeyView,
    /// Issued vouchers that answer `revoked_key` until they are reissued.
    pub vouchers_to_reissue: i64,
}

/// A new key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({}))]
pub(super) struct NewKeyBody {
    /// Sign with it at once, before phones know it: their camera refuses such vouchers until they ask for the keys.
    #[serde(default)]
    pub(super) now: bool,
}

/// Why a key is withdrawn, or its vouchers are reissued.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Máy chủ bị sao chép trái phép"}))]
pub(super) struct KeyReasonBody {
    /// 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
}
