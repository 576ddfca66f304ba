//! Handovers that contradict a rule or each other, to be settled by a coordinator.

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;

use crate::http::{Api, Body, Core, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::ConflictId;
use crate::people::Permit;
use crate::people::rights::{Override, ReadRedemptions};
use crate::redemption::conflicts::{ConflictView, Resolution, ResolutionBody, service, store};
use crate::redemption::intake::ScanIntake;

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

/// Settle a conflict
///
/// For who reaches every point that it is about. The records of a `quarantined` one are booked when the resolution is
/// `accepted`, and are not when it is `rejected`.
#[utoipa::path(post, path = "/conflicts/{id}/resolve", tag = "redemption", params(("id" = ConflictId, Path)),
    request_body = ResolutionBody,
    responses((status = 200, description = "The conflict as it is now", body = ConflictView), Problems))]
async fn resolve_conflict(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<Override>,
    Id(id): Id<ConflictId>,
    Body(body): Body<ResolutionBody>,
) -> Result<Json<ConflictView>> {
    let resolution = Resolution::parse(body)?;
    service::resolve(&core, &redemption, &permit, id, resolution).await.map(Json)
}
