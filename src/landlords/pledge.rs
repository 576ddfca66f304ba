//! A pledge as a landlord or staff send it, and what its sender gets for it.

use serde::{Deserialize, Serialize};

use super::landlord::{LandlordBody, NewLandlord};
use super::reduction::ReductionStatus;
use super::room::{NewLines, RoomBody};
use super::rules::parse_note;
use crate::http::Result;
use crate::kernel::ids::{AreaId, ReductionId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Validation};

/// A pledge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "landlord": {"name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng"},
    "rooms": [{"room": "Phòng 1", "tenant": "Lê Văn Tám", "month": "2021-07", "rent": 1_400_000,
               "kind": "percent", "percent": 50}],
    "note": "Giảm cho đến hết dịch"
}))]
pub(super) struct NewReductionBody {
    /// Who cuts the rent.
    pub(super) landlord: LandlordBody,
    /// The area whose head will verify it.
    pub(super) area_id: Option<AreaId>,
    /// 1 to 500 lines, each one room in one month.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) rooms: Vec<RoomBody>,
    /// Up to 2000 characters.
    #[schema(max_length = 2000)]
    pub(super) note: Option<String>,
    /// Whether the landlord agreed to be registered; the public page asks for it. False is refused.
    pub(super) consent: Option<bool>,
}

/// What a pledge says beside its rooms.
#[derive(Debug)]
pub(super) struct PledgeTerms {
    pub(super) landlord: LandlordBody,
    pub(super) area_id: Option<AreaId>,
    pub(super) note: Option<String>,
    pub(super) consent: Option<bool>,
}

/// A pledge that may be stored.
#[derive(Debug)]
pub(super) struct NewPledge {
    pub(super) landlord: NewLandlord,
    pub(super) area_id: Option<AreaId>,
    pub(super) lines: NewLines,
    pub(super) note: String,
    /// Whether the landlord agreed to be registered; nobody asked where staff write down what was signed.
    pub(super) consented: bool,
}

impl NewPledge {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewReductionBody, today: Day) -> Result<Self> {
        let NewReductionBody { landlord, area_id, rooms, note, consent } = body;
        let terms = PledgeTerms { landlord, area_id, note, consent };
        Self::of(terms, |fields| NewLines::check(fields, &rooms, today))
    }

    /// The same of rooms that were checked already.
    pub(super) fn with_lines(terms: PledgeTerms, lines: NewLines) -> Result<Self> {
        Self::of(terms, |_| Some(lines))
    }

    fn of(terms: PledgeTerms, lines: impl FnOnce(&mut Validation) -> Option<NewLines>) -> Result<Self> {
        let PledgeTerms { landlord, area_id, note, consent } = terms;
        let mut fields = Validation::new();
        let landlord = NewLandlord::check(&mut fields, "landlord", &landlord);
        let lines = lines(&mut fields);
        let note = fields.take("note", parse_note(note.as_deref().unwrap_or("")));
        fields.check("consent", consent != Some(false), || {
            Invalid::fixed(
                "required",
                "Cần sự đồng ý của chủ nhà trọ để đăng ký. Hãy đánh dấu vào ô đồng ý.",
                "The landlord's agreement is needed to register. Tick the box.",
            )
        });
        let (landlord, lines, note) = fields.all((landlord, lines, note))?;
        Ok(Self { landlord, area_id, lines, note, consented: consent.is_some() })
    }
}

/// What a landlord gets for a pledge: nothing that tells of anybody else.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reference": "K7QX-2M4P", "status": "pledged",
    "token": "mW1bq1o3Wc8b7yX3w0oJ5m3d8m3qk1h2Jw9tq0Zr4sE"}))]
pub(super) struct Pledged {
    /// The reduction's id.
    pub(super) id: ReductionId,
    /// Eight symbols to read out when asking about it.
    pub(super) reference: String,
    /// Always `pledged`.
    pub(super) status: ReductionStatus,
    /// The secret of the landlord's private link, `/giam-tien-tro/{token}`: to correct or withdraw the pledge until it
    /// is verified. It is told once.
    pub(super) token: String,
}
