//! Handovers that contradict a rule or each other, to be settled by a coordinator.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use crate::kernel::Fields;
use crate::kernel::say::Wrong;
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::redemption::ConflictId;
use crate::redemption::conflicts::{ConflictView, reached, store};
use crate::web::{Api, Body, Core, Error, Id, Listing, Page, Params, Problems, Result, routes};

pub(super) fn router<A: Api>() -> A {
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
    staff: Staff,
    Params(filter): Params<ConflictFilter>,
) -> Result<Json<Listing<ConflictView>>> {
    staff.require(Right::ReadRedemptions)?;
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let open_only = filter.open.unwrap_or(true);
    let items = store::page(&mut core.db.read().await?, &staff.scope.points, open_only, cursor).await?;
    Ok(Json(Listing::new(items, cursor, |conflict| conflict.id.0)))
}

/// How a conflict is settled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"resolution": "accepted", "reason": "Hai phiếu của hai hộ cùng nhà, đã xác minh"}))]
pub(in crate::redemption) struct ResolutionBody {
    /// A short word of the committee's own: accepted, recovered, written_off, …
    pub(in crate::redemption) resolution: String,
    /// Why, 3 to 500 characters.
    pub(in crate::redemption) reason: String,
}

/// Settle a conflict
///
/// For who reaches every point that it is about.
#[utoipa::path(post, path = "/conflicts/{id}/resolve", tag = "redemption", params(("id" = ConflictId, Path)),
    request_body = ResolutionBody,
    responses((status = 200, description = "The conflict as it is now", body = ConflictView), Problems))]
pub(in crate::redemption) async fn resolve_conflict(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ConflictId>,
    Body(body): Body<ResolutionBody>,
) -> Result<Json<ConflictView>> {
    staff.require(Right::Override)?;
    let mut fields = Fields::new();
    let resolution = body.resolution.trim().to_owned();
    fields.check("resolution", (1..=60).contains(&resolution.chars().count()), || {
        Wrong::fixed(
            "required",
            "Ghi cách giải quyết, tối đa 60 ký tự.",
            "Say how it is settled, in at most 60 characters.",
        )
    });
    let reason = fields.take("reason", audit::parse_reason(&body.reason)).unwrap_or_default();
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    if !reached(&mut tx, &staff, id).await? {
        return Err(Error::Forbidden);
    }
    let settled = store::resolve(&mut tx, id, &resolution, &reason, staff.id, core.clock.now()).await?;
    let view = store::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !settled {
        return Err(Error::conflict(
            "already_resolved",
            "Trường hợp này đã được giải quyết rồi.",
            "This conflict was settled before.",
        ));
    }
    let act = Act::on("resolve", "conflict", id.0).with(json!({ "resolution": resolution }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(view))
}
