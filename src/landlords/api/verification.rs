//! The JSON API of the steps after a pledge: verified, rejected, confirmed.

use axum::Json;
use axum::extract::State;

use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::kernel::ids::ReductionId;
use crate::landlords::reduction::Reduction;
use crate::landlords::service::verification;
use crate::landlords::step::{ConfirmBody, ReasonBody};
use crate::people::Permit;
use crate::people::audit::parse_reason;
use crate::people::rights::VerifyRent;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(verify_reduction)).routes(routes!(reject_reduction)).routes(routes!(confirm_reduction))
}

/// Verify a pledge: it is so, and counts from now on
#[utoipa::path(post, path = "/rent-reductions/{id}/verify", tag = "rent", params(("id" = ReductionId, Path)),
    responses((status = 200, description = "The reduction, verified", body = Reduction), Problems))]
async fn verify_reduction(
    State(core): State<Core>,
    permit: Permit<VerifyRent>,
    Id(id): Id<ReductionId>,
) -> Result<Json<Reduction>> {
    core.run(async |tx| verification::verify(tx, &core, &permit, id).await).await.map(Json)
}

/// Reject a pledged or verified reduction
#[utoipa::path(post, path = "/rent-reductions/{id}/reject", tag = "rent", params(("id" = ReductionId, Path)),
    request_body = ReasonBody,
    responses((status = 200, description = "The reduction, rejected", body = Reduction), Problems))]
async fn reject_reduction(
    State(core): State<Core>,
    permit: Permit<VerifyRent>,
    Id(id): Id<ReductionId>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<Reduction>> {
    let reason = parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    core.run(async |tx| verification::reject(tx, &core, &permit, id, reason).await).await.map(Json)
}

/// Confirm a verified reduction as actually given
#[utoipa::path(post, path = "/rent-reductions/{id}/confirm", tag = "rent", params(("id" = ReductionId, Path)),
    request_body = ConfirmBody,
    responses((status = 200, description = "The reduction, confirmed; pledged and confirmed figures side by side",
        body = Reduction), Problems))]
async fn confirm_reduction(
    State(core): State<Core>,
    permit: Permit<VerifyRent>,
    Id(id): Id<ReductionId>,
    Body(body): Body<ConfirmBody>,
) -> Result<Json<Reduction>> {
    core.run(async |tx| verification::confirm(tx, &core, &permit, id, body).await).await.map(Json)
}
