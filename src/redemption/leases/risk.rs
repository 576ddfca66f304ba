//! The risk that a coordinator accepts who takes vouchers from a phone: it may have handed them out.

use serde::Deserialize;

use crate::http::schemas::Reason;
use crate::kernel::ids::DeviceId;
use crate::kernel::message::Invalid;
use crate::people::audit;

/// Whose vouchers are released, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"device_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "reason": "Máy rơi mất lúc 9 giờ, tình nguyện viên đã báo", "still_in_use": true}))]
pub(in crate::redemption) struct PhoneRelease {
    /// The phone.
    pub(in crate::redemption) device_id: DeviceId,
    #[serde(flatten)]
    #[schema(inline)]
    pub(in crate::redemption) risk: RiskBody,
}

/// Why a coordinator takes a phone's vouchers from it.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ReleaseRisk, example = json!({"reason": "Máy rơi mất lúc 9 giờ", "still_in_use": true}))]
pub(in crate::redemption) struct RiskBody {
    /// 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(in crate::redemption) reason: String,
    /// Must be true while the phone may still hand out offline.
    #[serde(default)]
    pub(in crate::redemption) still_in_use: bool,
}

/// How a phone is revoked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"release": {"reason": "Máy rơi mất lúc 9 giờ", "still_in_use": true}}))]
pub(in crate::redemption) struct RevokeBody {
    /// Release what it holds, in the same step. Left out: nothing is released, and its vouchers stay its alone.
    pub(in crate::redemption) release: Option<RiskBody>,
}

/// Why a coordinator accepts the risk.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Máy rơi hỏng lúc 9 giờ, tình nguyện viên xác nhận chưa phát phiếu nào"}))]
pub(in crate::redemption) struct ReleaseBody {
    /// 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(in crate::redemption) reason: String,
    /// Must be true while the phone may still be using the lease.
    #[serde(default)]
    pub(in crate::redemption) still_in_use: bool,
}

/// Why a coordinator takes vouchers from a phone, and whether they know that it may still hand them out.
#[derive(Clone, Debug)]
pub struct Risk {
    /// The reason, for the record.
    pub reason: String,
    /// That the phone may still be handing out.
    pub still_in_use: bool,
}

impl Risk {
    /// The risk, or what is wrong with the reason.
    pub(in crate::redemption) fn parse(reason: &str, still_in_use: bool) -> Result<Self, Invalid> {
        Ok(Self { reason: audit::parse_reason(reason)?, still_in_use })
    }
}
