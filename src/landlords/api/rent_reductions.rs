//! The JSON API of rent reductions: pledged by anybody, verified and confirmed by staff.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, Throttled, routes,
};
use crate::kernel::ids::{AreaId, LandlordId, ReductionId};
use crate::landlords::correction::{Correction, CorrectionBody};
use crate::landlords::pledge::{NewPledge, NewReductionBody, Pledged};
use crate::landlords::reduction::{Reduction, ReductionStatus};
use crate::landlords::service::{correction, pledge, reading};
use crate::landlords::store::{self, ReductionFilter};
use crate::landlords::submitter::Submitter;
use crate::people::Permit;
use crate::people::rights::{ReadRent, VerifyRent};

/// Rent reductions.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_reduction, list_reductions)).routes(routes!(get_reduction, correct_reduction))
}

/// Pledge a rent reduction
///
/// Open to the public form: no login needed. One address may send some 300 pledges a quarter of an hour.
#[utoipa::path(post, path = "/rent-reductions", tag = "rent", params(IdempotencyKey), request_body = NewReductionBody,
    security((), ("bearer" = [])),
    responses((status = 201, description = "Pledged; verified by the neighbourhood head next", body = Pledged), Problems,
        Throttled))]
async fn create_reduction(
    State(core): State<Core>,
    submitter: Submitter,
    create: CreateBody<NewReductionBody>,
) -> Result<Answer> {
    submitter.throttle(&core)?;
    let new = NewPledge::parse(create.body, core.clock.today())?;
    submitter.throttle_landlord(&core, &new.landlord)?;
    core.run_once(&create.once, submitter.id(), StatusCode::CREATED, async |tx| {
        pledge::pledge(tx, &core, &submitter, new).await
    })
    .await
}

/// Which reductions to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this status.
    status: Option<ReductionStatus>,
    /// Only of this area and all below it.
    area_id: Option<AreaId>,
    /// Only of this landlord.
    landlord_id: Option<LandlordId>,
    /// Only the one with this reference, as the landlord reads it out.
    reference: Option<String>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Rent reductions
#[utoipa::path(get, path = "/rent-reductions", tag = "rent", params(ListQuery),
    responses((status = 200, description = "A page of reductions, phones masked", body = Listing<Reduction>), Problems))]
async fn list_reductions(
    State(core): State<Core>,
    permit: Permit<ReadRent>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listing<Reduction>>> {
    let cursor = Page { limit: query.limit, after: query.after.clone() }.cursor()?;
    let within = permit.scope.areas.clone();
    if query.area_id.is_some_and(|area_id| !within.holds(area_id)) {
        return Ok(Json(Listing { items: Vec::new(), next: None }));
    }
    let ListQuery { status, area_id, landlord_id, reference, .. } = query;
    let reference = reference.map(|text| text.trim().to_uppercase());
    let filter = ReductionFilter { within, status, area_id, landlord_id, reference };
    let rows = store::reductions(&mut core.db.read().await?, filter, cursor).await?;
    let views = rows.into_iter().map(|row| row.view(&core.vault, false)).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Json(Listing::new(views, cursor, |reduction| reduction.id.0)))
}

/// One rent reduction with its lines
///
/// The landlord's phone is shown in full to logins that need it, and that look is logged.
#[utoipa::path(get, path = "/rent-reductions/{id}", tag = "rent", params(("id" = ReductionId, Path)),
    responses((status = 200, description = "The reduction", body = Reduction), Problems))]
async fn get_reduction(
    State(core): State<Core>,
    permit: Permit<ReadRent>,
    Id(id): Id<ReductionId>,
) -> Result<Json<Reduction>> {
    reading::read_logged(&core, &permit, id).await.map(Json)
}

/// Correct a reduction while it is pledged
#[utoipa::path(patch, path = "/rent-reductions/{id}", tag = "rent", params(("id" = ReductionId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The reduction as it is now", body = Reduction), Problems))]
async fn correct_reduction(
    State(core): State<Core>,
    permit: Permit<VerifyRent>,
    Id(id): Id<ReductionId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Reduction>> {
    let correction = Correction::parse(body, core.clock.today())?;
    core.run(async |tx| correction::correct(tx, &core, &permit, id, correction).await).await.map(Json)
}
