//! Handovers that contradict a rule or each other, to be settled by a coordinator.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::uploads::record;
use crate::http::{Api, Body, Core, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::ConflictId;
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{Override, ReadRedemptions};
use crate::people::{Caller, Permit};
use crate::redemption::conflicts::service::reached;
use crate::redemption::conflicts::{ConflictView, store};
use crate::redemption::intake::ScanIntake;
use crate::redemption::quarantine;

/// The resolution that takes the records of a `quarantined` conflict as handovers.
const ACCEPTED: &str = "accepted";
/// The resolution that takes none of them.
const REJECTED: &str = "rejected";

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(list_conflicts)).routes(routes!(resolve_conflict))
}

/// Which conflicts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ConflictFilter {
    /// `true` (when left out): only open ones.
    open: Option<bool>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Conflicts, both handovers side by side
///
/// Those about a point that the login reaches.
#[utoipa::path(get, path = "/conflicts", tag = "redemption", params(ConflictFilter),
    responses((status = 200, description = "A page of conflicts", body = Listing<ConflictView>), Problems))]
async fn list_conflicts(
    State(core): State<Core>,
    permit: Permit<ReadRedemptions>,
    Params(filter): Params<ConflictFilter>,
) -> Result<Json<Listing<ConflictView>>> {
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let open_only = filter.open.unwrap_or(true);
    let items = store::page(&mut core.db.read().await?, &permit.scope.points, open_only, cursor).await?;
    Ok(Json(Listing::new(items, cursor, |conflict| conflict.id.0)))
}

/// How a conflict is settled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"resolution": "accepted", "reason": "Hai phiếu của hai hộ cùng nhà, đã xác minh"}))]
pub(crate) struct ResolutionBody {
    /// A short word of the committee's own: accepted, recovered, written_off, … Of a `quarantined` one `accepted` or
    /// `rejected`.
    pub(crate) resolution: String,
    /// Why, 3 to 300 characters.
    pub(crate) reason: String,
    /// `quarantined`, accepted: which of its records are taken as handovers, all when left out.
    pub(crate) nonces: Option<Vec<Uuid>>,
}

/// Settle a conflict
///
/// For who reaches every point that it is about. The records of a `quarantined` one are booked when the resolution is
/// `accepted`, and are not when it is `rejected`.
#[utoipa::path(post, path = "/conflicts/{id}/resolve", tag = "redemption", params(("id" = ConflictId, Path)),
    request_body = ResolutionBody,
    responses((status = 200, description = "The conflict as it is now", body = ConflictView), Problems))]
pub(crate) async fn resolve_conflict(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<Override>,
    Id(id): Id<ConflictId>,
    Body(body): Body<ResolutionBody>,
) -> Result<Json<ConflictView>> {
    let mut fields = Validation::new();
    let resolution = body.resolution.trim().to_owned();
    fields.check("resolution", (1..=60).contains(&resolution.chars().count()), || {
        Invalid::fixed(
            "required",
            "Chọn cách giải quyết (tối đa 60 ký tự).",
            "Say how it is settled, in at most 60 characters.",
        )
    });
    let reason = fields.take("reason", audit::parse_reason(&body.reason)).unwrap_or_default();
    fields.finish()?;
    if !reached(&mut core.db.read().await?, &permit, id).await? {
        return Err(Error::Forbidden);
    }
    let _turn = redemption.in_turn().await;
    let accepted = book_quarantined(&core, &redemption, id, &resolution, body.nonces.as_deref()).await?;
    let mut tx = core.db.begin().await?;
    let settled = store::resolve(&mut tx, id, &resolution, &reason, permit.id, core.clock.now()).await?;
    let view = store::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !settled {
        return Err(Error::conflict(
            "already_resolved",
            "Trường hợp này đã được giải quyết rồi.",
            "This conflict was settled before.",
        ));
    }
    let records = quarantine::store::decide(&mut tx, id, &accepted).await?;
    let view = if records > 0 { store::one(&mut tx, id).await?.ok_or(Error::NotFound)? } else { view };
    let act = Act::on("resolve", "conflict", id.0)
        .with(json!({ "resolution": resolution, "records": records, "accepted": accepted.len() }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(view))
}

/// Takes what a revoked phone told as handovers, when a coordinator accepts it; the nonces of what was taken. Done before
/// the conflict is settled: whatever stops it in between, settling it again books nothing twice.
async fn book_quarantined(
    core: &Core,
    redemption: &ScanIntake,
    id: ConflictId,
    resolution: &str,
    chosen: Option<&[Uuid]>,
) -> Result<Vec<Uuid>> {
    let Some(device) = store::quarantined_device(&mut core.db.read().await?, id).await? else { return Ok(Vec::new()) };
    match resolution {
        ACCEPTED => {}
        REJECTED => return Ok(Vec::new()),
        _ => {
            let say = Message::fixed(
                "Chọn: các lượt được chọn đã phát thật (accepted), hay không lượt nào có thật (rejected).",
                "Say whether the chosen records took place (accepted) or none did (rejected).",
            );
            return Err(Error::field("resolution", "unknown", say));
        }
    }
    if chosen.is_some_and(<[Uuid]>::is_empty) {
        let say = Message::fixed(
            "Chọn ít nhất một lượt đã phát thật, hoặc chọn «không lượt nào có thật».",
            "Choose at least one that took place, or say that none did.",
        );
        return Err(Error::field("nonces", "required", say));
    }
    let caller = Caller::Device(device);
    let items = quarantine::service::items(core, id, chosen).await?;
    let mut nonces = Vec::with_capacity(items.len());
    let mut scans = Vec::with_capacity(items.len());
    for (nonce, item) in items {
        nonces.push(nonce);
        scans.push(record(core, redemption, &caller, &item).await?.0);
    }
    for decided in redemption.engine.decide_all(scans).await {
        // What can't be decided (there is no such point) is settled with the rest.
        let _ = decided?;
    }
    Ok(nonces)
}
