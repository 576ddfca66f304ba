//! The JSON API of a landlord's private link.

use axum::Json;
use axum::extract::State;

use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::landlords::correction::{NewTerms, OwnCorrectionBody};
use crate::landlords::own_reduction::OwnReduction;
use crate::landlords::service::private_link;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(own_reduction, correct_own_reduction)).routes(routes!(withdraw_own_reduction))
}

/// The pledge of a landlord's private link
#[utoipa::path(get, path = "/public/rent-reductions/{token}", tag = "rent", params(("token" = String, Path)), security(()),
    responses((status = 200, description = "The pledge, without personal data", body = OwnReduction), Problems))]
async fn own_reduction(State(core): State<Core>, Id(token): Id<String>) -> Result<Json<OwnReduction>> {
    let mut conn = core.db.read().await?;
    let holder = private_link::holder(&mut conn, &token).await?;
    private_link::own(&mut conn, &core, holder).await.map(Json)
}

/// Correct one's own pledge until it is verified
#[utoipa::path(patch, path = "/public/rent-reductions/{token}", tag = "rent", params(("token" = String, Path)),
    request_body = OwnCorrectionBody, security(()),
    responses((status = 200, description = "The pledge as it is now", body = OwnReduction), Problems))]
async fn correct_own_reduction(
    State(core): State<Core>,
    Id(token): Id<String>,
    Body(body): Body<OwnCorrectionBody>,
) -> Result<Json<OwnReduction>> {
    let terms = NewTerms::parse_own(body, core.clock.today())?;
    let holder = private_link::holder(&mut core.db.read().await?, &token).await?;
    core.run(async |tx| private_link::correct(tx, &core, holder, terms).await).await.map(Json)
}

/// Withdraw one's own pledge until it is verified
#[utoipa::path(post, path = "/public/rent-reductions/{token}/withdraw", tag = "rent", params(("token" = String, Path)),
    security(()), responses((status = 200, description = "The pledge, withdrawn", body = OwnReduction), Problems))]
async fn withdraw_own_reduction(State(core): State<Core>, Id(token): Id<String>) -> Result<Json<OwnReduction>> {
    let holder = private_link::holder(&mut core.db.read().await?, &token).await?;
    core.run(async |tx| private_link::withdraw(tx, &core, holder).await).await.map(Json)
}
