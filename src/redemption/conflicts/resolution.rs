//! How a conflict is settled.

use serde::Deserialize;
use uuid::Uuid;

use crate::http::Result;
use crate::http::schemas::Reason;
use crate::kernel::Validation;
use crate::kernel::message::Invalid;
use crate::people::audit;

/// How a conflict is settled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"resolution": "accepted", "reason": "Hai phiếu của hai hộ cùng nhà, đã xác minh"}))]
pub(in crate::redemption) struct ResolutionBody {
    /// A short word of the committee's own: accepted, recovered, written_off, … Of a `quarantined` one `accepted` or
    /// `rejected`.
    #[schema(min_length = 1, max_length = 60, pattern = r"\S")]
    pub(in crate::redemption) resolution: String,
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub(in crate::redemption) reason: String,
    /// `quarantined`, accepted: which of its records are taken as handovers, all when left out.
    pub(in crate::redemption) nonces: Option<Vec<Uuid>>,
}

/// How a conflict is to be settled, and why.
#[derive(Debug)]
pub(in crate::redemption) struct Resolution {
    pub(super) word: String,
    pub(super) reason: String,
    /// Which records of a phone are taken as handovers; nothing: all.
    pub(super) nonces: Option<Vec<Uuid>>,
}

impl Resolution {
    /// All fields, or all that is wrong with them.
    pub(in crate::redemption) fn parse(body: ResolutionBody) -> Result<Self> {
        let ResolutionBody { resolution, reason, nonces } = body;
        let mut fields = Validation::new();
        let word = resolution.trim().to_owned();
        fields.check("resolution", (1..=60).contains(&word.chars().count()), || {
            Invalid::fixed(
                "required",
                "Chọn cách giải quyết (tối đa 60 ký tự).",
                "Say how it is settled, in at most 60 characters.",
            )
        });
        let reason = fields.take("reason", audit::parse_reason(&reason));
        let (reason,) = fields.all((reason,))?;
        Ok(Self { word, reason, nonces })
    }
}
