//! What is corrected about a pledge, by staff or through the private link.

use serde::Deserialize;

use super::landlord::{LandlordBody, NewLandlord};
use super::room::{NewLines, RoomBody};
use super::rules::parse_note;
use crate::http::Result;
use crate::http::schemas::Reason;
use crate::kernel::ids::AreaId;
use crate::kernel::{Day, Validation};
use crate::people::audit;

/// What is corrected about a pledge; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Chủ nhà trọ báo nhầm tháng",
    "rooms": [{"room": "Phòng 1", "month": "2021-08", "rent": 1_400_000, "kind": "waiver"}]}))]
pub(super) struct CorrectionBody {
    /// Why, for the log.
    #[schema(value_type = Reason)]
    pub(super) reason: String,
    /// Who cuts the rent.
    pub(super) landlord: Option<LandlordBody>,
    /// The area whose head verifies it.
    pub(super) area_id: Option<AreaId>,
    /// All lines, instead of those there are.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) rooms: Option<Vec<RoomBody>>,
    /// The landlord's note.
    #[schema(max_length = 2000)]
    pub(super) note: Option<String>,
}

/// What a landlord corrects; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"rooms": [{"room": "Phòng 1", "month": "2021-08", "rent": 1_400_000, "kind": "waiver"}]}))]
pub(super) struct OwnCorrectionBody {
    /// All lines, instead of those there are.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) rooms: Option<Vec<RoomBody>>,
    /// The landlord's note.
    #[schema(max_length = 2000)]
    pub(super) note: Option<String>,
}

/// What changes about a pledge; what is nothing stays.
#[derive(Debug)]
pub(super) struct NewTerms {
    pub(super) landlord: Option<NewLandlord>,
    pub(super) area_id: Option<AreaId>,
    pub(super) lines: Option<NewLines>,
    pub(super) note: Option<String>,
}

impl NewTerms {
    /// What a landlord changes, or all that is wrong with it.
    pub(super) fn parse_own(body: OwnCorrectionBody, today: Day) -> Result<Self> {
        let OwnCorrectionBody { rooms, note } = body;
        let mut fields = Validation::new();
        let lines = rooms.and_then(|rooms| NewLines::check(&mut fields, &rooms, today));
        let note = fields.take_optional("note", note, |note| parse_note(&note));
        fields.finish()?;
        Ok(Self { landlord: None, area_id: None, lines, note })
    }
}

/// What staff change, and why.
#[derive(Debug)]
pub(super) struct Correction {
    pub(super) reason: String,
    pub(super) terms: NewTerms,
}

impl Correction {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: CorrectionBody, today: Day) -> Result<Self> {
        let CorrectionBody { reason, landlord, area_id, rooms, note } = body;
        let mut fields = Validation::new();
        let reason = fields.take("reason", audit::parse_reason(&reason));
        let landlord = landlord.and_then(|landlord| NewLandlord::check(&mut fields, "landlord", &landlord));
        let lines = rooms.and_then(|rooms| NewLines::check(&mut fields, &rooms, today));
        let note = fields.take_optional("note", note, |note| parse_note(&note));
        let (reason,) = fields.all((reason,))?;
        Ok(Self { reason, terms: NewTerms { landlord, area_id, lines, note } })
    }
}
