//! What is handed over, and what is asked for.

use serde::{Deserialize, Serialize};

use crate::http::Result;
use crate::http::schemas::Reason;
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, DeviceId, ImportId, PointId, UserId};
use crate::people::audit;

/// How far a login reaches, as it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The area whose subtree it is confined to; nothing: the whole ward.
    pub area_id: Option<AreaId>,
    /// The points it is confined to, in the order of their ids; none: all, except for volunteers.
    pub point_ids: Vec<PointId>,
}

/// What moved from one login to another, as it is kept to be handed back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Moved {
    /// How far who took over reached before.
    pub before: Reach,
    /// How far they reach since.
    pub after: Reach,
    /// Lists that were worked on.
    pub lists: Vec<ImportId>,
    /// Phones that were invited.
    pub phones: Vec<DeviceId>,
    /// Whether the login that was left was disabled by it.
    pub disabled: bool,
}

/// Duties to hand over.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NewHandOver, example = json!({"to": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "reason": "Nghỉ phép hai tuần",
    "disable": true}))]
pub(super) struct HandOverBody {
    /// The login that takes over: of the same role, or an administrator.
    pub(super) to: UserId,
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
    /// Whether the login that is left ends, with all its tokens and sessions.
    #[serde(default)]
    pub(super) disable: bool,
}

/// Duties to hand over, every field what it may be.
#[derive(Debug)]
pub(super) struct NewHandOver {
    pub(super) to: UserId,
    pub(super) reason: String,
    pub(super) disable: bool,
}

impl NewHandOver {
    pub(super) fn parse(body: HandOverBody) -> Result<Self> {
        let mut fields = Validation::new();
        let reason = fields.take("reason", audit::parse_reason(&body.reason));
        let (reason,) = fields.all((reason,))?;
        Ok(Self { to: body.to, reason, disable: body.disable })
    }
}

/// Why duties are handed back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = HandBack, example = json!({"reason": "Đã đi làm lại"}))]
pub(super) struct HandBackBody {
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
}

impl HandBackBody {
    pub(super) fn parse(self) -> Result<String> {
        let mut fields = Validation::new();
        let reason = fields.take("reason", audit::parse_reason(&self.reason));
        let (reason,) = fields.all((reason,))?;
        Ok(reason)
    }
}
