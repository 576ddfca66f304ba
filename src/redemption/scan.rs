//! One scan: what was shown, where, by whom, and how it reached us.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::presented::Presented;
use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, PointId, UserId};
use crate::kernel::text_enum::text_enum;
use crate::people::Caller;

text_enum! {
    /// How a scan reached us.
    #[schema(as = ScanSource)]
    pub enum Source {
        /// Asked before the handover.
        Online = "online",
        /// Told after the handover, by a phone that had no network.
        Offline = "offline",
        /// Told after the handover, keyed in from the paper roster.
        Roster = "roster",
        /// A coordinator handed over against a refusal.
        Override = "override",
    }
}

impl Source {
    /// Whether the goods have left already: such a record is a fact, not a question.
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::Offline | Self::Roster)
    }
}

/// Who holds the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A member of staff at a desk.
    User(UserId),
    /// An enrolled phone.
    Device {
        /// Which.
        id: DeviceId,
        /// When it was revoked, if it was: it may only upload.
        revoked_at: Option<Moment>,
    },
}

impl From<&Caller> for Operator {
    fn from(caller: &Caller) -> Self {
        match caller {
            Caller::Staff(staff) => Self::User(staff.id),
            Caller::Device(device) => Self::Device { id: device.id, revoked_at: device.revoked_at },
        }
    }
}

impl Operator {
    /// The phone, when it is one.
    pub const fn device_id(self) -> Option<DeviceId> {
        match self {
            Self::User(_) => None,
            Self::Device { id, .. } => Some(id),
        }
    }

    /// As scans keep who it was: without what became of a phone since.
    #[must_use]
    pub const fn as_kept(self) -> Self {
        match self {
            Self::Device { id, .. } => Self::Device { id, revoked_at: None },
            user @ Self::User(_) => user,
        }
    }

    /// The member of staff, when it is one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Device { .. } => None,
        }
    }
}

/// Who collects for the household (người nhận thay).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nguyễn Thị Bông", "relation": "hàng xóm"}))]
pub struct Collector {
    /// Their name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: String,
    /// What they are to the household.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub relation: String,
}

/// One scan, checked at the door, ready to be decided.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Chosen by the phone; one scan, one nonce, for the whole campaign.
    pub nonce: Uuid,
    /// What was held before the camera or typed.
    pub presented: Presented,
    /// Where.
    pub point_id: PointId,
    /// At which desk.
    pub desk: String,
    /// How many units.
    pub units: i64,
    /// The phone's clock.
    pub scanned_at: Moment,
    /// Who collects, when it is not the household.
    pub collector: Option<Collector>,
    /// How it reached us.
    pub source: Source,
    /// Who holds the scanner.
    pub operator: Operator,
    /// Whether they serve that point.
    pub serves_point: bool,
    /// A coordinator's reason for handing over against a refusal.
    pub override_reason: Option<String>,
    /// Place in the phone's queue.
    pub sequence: Option<i64>,
    /// The lease under which it was handed out.
    pub lease_epoch: Option<i64>,
    /// Hash of everything that makes this scan what it is: the same nonce must come with the same hash.
    pub body_hash: Vec<u8>,
}

impl Scan {
    /// The nonce under which a handover is kept when this very scan was first asked online and refused: the refusal
    /// keeps its own row, and the fact gets one too. Derived, so that a second upload finds it again.
    pub fn fact_nonce(&self) -> Option<Uuid> {
        self.source.is_fact().then(|| fact_nonce_of(self.nonce))
    }
}

/// Where the handover of a nonce is kept when the nonce itself holds a refusal.
pub fn fact_nonce_of(nonce: Uuid) -> Uuid {
    let digest = crate::vault::sha256(&[b"lalanh-fact-v1".as_slice(), nonce.as_bytes()].concat());
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
