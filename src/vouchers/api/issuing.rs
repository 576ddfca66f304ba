//! Issuing vouchers of a round to households.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Problems, Result, routes};
use crate::kernel::ids::RoundId;
use crate::people::Permit;
use crate::people::rights::WriteVouchers;
use crate::vouchers::issuing_plan::Issued;
use crate::vouchers::preview::IssuePreview;
use crate::vouchers::selection::{IssueBody, Selection};
use crate::vouchers::service::issuing as service;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(issue_vouchers)).routes(routes!(preview_vouchers))
}

/// Issue vouchers to households
///
/// One per household and round. A household that gets none is told with the reason; issuing again gives vouchers only
/// to those who have none. A login that is confined issues to households of its areas, at its own points.
#[utoipa::path(post, path = "/rounds/{id}/vouchers", tag = "vouchers", params(("id" = RoundId, Path), IdempotencyKey),
    request_body = IssueBody,
    responses((status = 201, description = "How many were issued, and who got none", body = Issued), Problems))]
async fn issue_vouchers(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
    create: CreateBody<IssueBody>,
) -> Result<Answer> {
    let selection = Selection::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::issue(tx, &core, &permit, id, selection).await
    })
    .await
}

/// See what issuing would do, without issuing
///
/// The same decisions as `POST /rounds/{id}/vouchers` with the same body, and what each point has for them.
#[utoipa::path(post, path = "/rounds/{id}/vouchers/preview", tag = "vouchers", params(("id" = RoundId, Path)),
    request_body = IssueBody,
    responses((status = 200, description = "Who would get a voucher, and who not", body = IssuePreview), Problems))]
async fn preview_vouchers(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
    Body(body): Body<IssueBody>,
) -> Result<Json<IssuePreview>> {
    let selection = Selection::parse(body)?;
    service::preview(&mut core.db.snapshot().await?, &core, &permit, id, selection).await.map(Json)
}
