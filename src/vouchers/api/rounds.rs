//! Rounds: made, listed, paused, resumed, closed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::RoundId;
use crate::people::rights::{ReadPlans, WriteVouchers};
use crate::people::{Caller, Permit};
use crate::vouchers::new_round::{NewRound, NewRoundBody};
use crate::vouchers::round::RoundView;
use crate::vouchers::service::rounds as service;

pub(crate) fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_round, list_rounds))
        .routes(routes!(get_round))
        .routes(routes!(pause_round))
        .routes(routes!(resume_round))
        .routes(routes!(close_round))
}

/// Make a round
///
/// A login that is confined makes rounds of its own points.
#[utoipa::path(post, path = "/rounds", tag = "vouchers", params(IdempotencyKey), request_body = NewRoundBody,
    responses((status = 201, description = "The round with its number", body = RoundView), Problems))]
async fn create_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    create: CreateBody<NewRoundBody>,
) -> Result<Answer> {
    let new = NewRound::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core, &permit, new).await
    })
    .await
}

/// Rounds
///
/// Those of which the caller reaches a point.
#[utoipa::path(get, path = "/rounds", tag = "vouchers", params(Page),
    responses((status = 200, description = "A page of rounds", body = Listing<RoundView>), Problems))]
async fn list_rounds(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<RoundView>>> {
    let cursor = page.cursor()?;
    let rounds = service::page(&mut core.db.read().await?, &permit.points(), cursor).await?;
    Ok(Json(Listing::new(rounds, cursor, |view| view.round.id.0)))
}

/// One round
#[utoipa::path(get, path = "/rounds/{id}", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round", body = RoundView), Problems))]
async fn get_round(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    service::reachable(&mut core.db.read().await?, &permit.points(), id).await.map(Json)
}

/// Pause a round: its vouchers answer `round_closed` until it is resumed
#[utoipa::path(post, path = "/rounds/{id}/pause", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
async fn pause_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    core.run(async |tx| service::pause(tx, &core, &permit, id).await).await.map(Json)
}

/// Resume a paused round
#[utoipa::path(post, path = "/rounds/{id}/resume", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
async fn resume_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    core.run(async |tx| service::resume(tx, &core, &permit, id).await).await.map(Json)
}

/// Close a round for good
#[utoipa::path(post, path = "/rounds/{id}/close", tag = "vouchers", params(("id" = RoundId, Path)),
    responses((status = 200, description = "The round as it is now", body = RoundView), Problems))]
async fn close_round(
    State(core): State<Core>,
    permit: Permit<WriteVouchers>,
    Id(id): Id<RoundId>,
) -> Result<Json<RoundView>> {
    core.run(async |tx| service::close(tx, &core, &permit, id).await).await.map(Json)
}
