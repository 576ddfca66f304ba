//! Duties that are handed over, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::duties::hand_over::{HandBackBody, HandOverBody, NewHandOver};
use crate::duties::view::{HandOverView, HandedBackView, MovedView};
use crate::duties::{service, store};
use crate::http::{
    Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::{HandOverId, UserId};
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePeople};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(preview_hand_over, hand_over)).routes(routes!(list_hand_overs)).routes(routes!(hand_back))
}

/// To whom.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PreviewParams {
    /// The login that takes over.
    to: UserId,
    /// Whether the login that is left ends.
    disable: Option<bool>,
}

/// What would be handed over
///
/// Changes nothing.
#[utoipa::path(get, path = "/users/{id}/hand-over", tag = "people", params(("id" = UserId, Path), PreviewParams),
    responses((status = 200, description = "What would move", body = MovedView), Problems))]
async fn preview_hand_over(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(id): Id<UserId>,
    Params(params): Params<PreviewParams>,
) -> Result<Json<MovedView>> {
    let disable = params.disable.unwrap_or(false);
    service::preview(&core, &permit, (id, params.to), disable).await.map(Json)
}

/// Hand over what a login works on
///
/// In one step: how far it reaches (who takes over reaches what both did), the lists it works on, the phones it invited. With
/// `disable` the login ends, with all its tokens and sessions; the last administrator's can't. Handed back as one by
/// `POST /hand-overs/{id}/undo`.
#[utoipa::path(post, path = "/users/{id}/hand-over", tag = "people", params(("id" = UserId, Path), IdempotencyKey),
    request_body = HandOverBody,
    responses((status = 201, description = "What was handed over", body = HandOverView), Problems))]
async fn hand_over(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    create: CreateBody<HandOverBody>,
) -> Result<Answer> {
    let new = NewHandOver::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::hand_over(tx, &core, &permit, id, new).await
    })
    .await
}

/// Duties that were handed over
#[utoipa::path(get, path = "/hand-overs", tag = "people", params(Page),
    responses((status = 200, description = "A page of them, those handed back too", body = Listing<HandOverView>), Problems))]
async fn list_hand_overs(
    State(core): State<Core>,
    _permit: Permit<ManagePeople>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<HandOverView>>> {
    let cursor = page.cursor()?;
    let rows = store::page(&mut core.db.read().await?, cursor).await?;
    let views: Vec<HandOverView> = rows.into_iter().map(HandOverView::from).collect();
    Ok(Json(Listing::new(views, cursor, |view| view.id.0)))
}

/// Hand duties back
///
/// The login that was left gets its lists and phones again, and is let in where it was disabled; tokens and sessions that ended
/// stay so. Who had taken over reaches what they did before, unless that was changed meanwhile.
#[utoipa::path(post, path = "/hand-overs/{id}/undo", tag = "people", params(("id" = HandOverId, Path)),
    request_body = HandBackBody,
    responses((status = 200, description = "What was handed back", body = HandedBackView), Problems))]
async fn hand_back(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<HandOverId>,
    Body(body): Body<HandBackBody>,
) -> Result<Json<HandedBackView>> {
    let reason = body.parse()?;
    core.run(async |tx| service::hand_back(tx, &core, &permit, id, reason).await).await.map(Json)
}
