//! Pledging a reduction: what the public form and staff have in common.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::http::{Answer, Claim, Core, Error, Idempotency, Result};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, ReductionId};
use crate::kernel::message::Invalid;
use crate::landlords::lookup::area_of_new;
use crate::landlords::reduction::ReductionStatus;
use crate::landlords::rules::{self, LandlordBody, RoomBody};
use crate::landlords::store;
use crate::landlords::store::NewReduction;
use crate::landlords::submitter::Submitter;
use crate::people::audit::{self, Act};
use crate::vault::{new_token, token_hash};

/// A pledge.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "landlord": {"name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng"},
    "rooms": [{"room": "Phòng 1", "tenant": "Lê Văn Tám", "month": "2021-07", "rent": 1_400_000,
               "kind": "percent", "percent": 50}],
    "note": "Giảm cho đến hết dịch"
}))]
pub(in crate::landlords) struct NewReductionBody {
    /// Who cuts the rent.
    pub(in crate::landlords) landlord: LandlordBody,
    /// The area whose head will verify it.
    pub(in crate::landlords) area_id: Option<AreaId>,
    /// 1 to 500 lines, each one room in one month.
    pub(in crate::landlords) rooms: Vec<RoomBody>,
    /// Up to 2000 characters.
    pub(in crate::landlords) note: Option<String>,
    /// Whether the landlord agreed to be registered; the public page asks for it. False is refused.
    pub(in crate::landlords) consent: Option<bool>,
}

/// What a landlord gets for a pledge: nothing that tells of anybody else.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reference": "K7QX-2M4P", "status": "pledged",
    "token": "mW1bq1o3Wc8b7yX3w0oJ5m3d8m3qk1h2Jw9tq0Zr4sE"}))]
pub(in crate::landlords) struct Pledged {
    /// The reduction's id.
    pub(in crate::landlords) id: ReductionId,
    /// Eight symbols to read out when asking about it.
    pub(in crate::landlords) reference: String,
    /// Always `pledged`.
    pub(in crate::landlords) status: ReductionStatus,
    /// The secret of the landlord's private link, `/giam-tien-tro/{token}`: to correct or withdraw the pledge until it
    /// is verified. It is told once.
    pub(in crate::landlords) token: String,
}

/// Stores a pledge once, with its lines; the answer tells the landlord's reference and secret.
pub(in crate::landlords) async fn pledge(
    core: &Core,
    submitter: &Submitter,
    body: NewReductionBody,
    once: Idempotency,
) -> Result<Answer> {
    submitter.throttle(core)?;
    let mut fields = Validation::new();
    let landlord = rules::check_landlord(&mut fields, "landlord", &body.landlord);
    let lines = rules::check_rooms(&mut fields, &body.rooms, core.clock.today());
    let note = fields.take_optional("note", body.note, |note| rules::parse_note(&note)).unwrap_or_default();
    fields.check("consent", body.consent != Some(false), || {
        Invalid::fixed(
            "required",
            "Cần sự đồng ý của chủ nhà trọ để đăng ký. Hãy đánh dấu vào ô đồng ý.",
            "The landlord's agreement is needed to register. Tick the box.",
        )
    });
    fields.finish()?;
    let landlord = landlord.ok_or_else(|| Error::internal("a checked landlord is missing"))?;
    submitter.throttle_landlord(core, &landlord)?;
    let mut tx = match once.begin(core, submitter.id()).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let area_id = area_of_new(&mut tx, submitter.staff().map(|permit| &**permit), body.area_id).await?;
    let landlord_id = store::find_or_insert_landlord(&mut tx, &core.clock, &core.vault, &landlord, area_id).await?;
    let token = new_token(&core.clock);
    let new = NewReduction {
        landlord_id,
        area_id,
        note,
        submitted_by: submitter.staff().map(|staff| staff.id),
        address: Some(landlord.address).filter(|address| !address.is_empty()),
        consented_at: body.consent.and(Some(core.clock.now())),
        link_hash: token_hash(&token),
    };
    let (id, reference) = store::insert_reduction(&mut tx, &core.clock, &new).await?;
    store::insert_lines(&mut tx, &core.clock, id, landlord_id, &lines).await?;
    let act = Act::on("create", "rent_reduction", id.0).with(serde_json::json!({ "lines": lines.len() }));
    audit::append(&mut tx, &core.clock, submitter.actor(), act).await?;
    let answer = Pledged { id, reference, status: ReductionStatus::Pledged, token };
    once.finish(core, tx, submitter.id(), StatusCode::CREATED, &answer).await
}
