//! The JSON API of several areas at once, from a list as people write it.

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Core, CreateBody, IdempotencyKey, Problems, Result, routes};
use crate::people::Permit;
use crate::people::rights::ManagePlaces;
use crate::places::outline_body::{NewAreas, OutlineAnswer, OutlineBody};
use crate::places::service::outline as service;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_areas))
}

/// Register several areas from a list
///
/// All or none. Areas that are there already, by name and place, are left as they are.
#[utoipa::path(post, path = "/areas/outline", tag = "places", params(IdempotencyKey), request_body = OutlineBody,
    responses((status = 201, description = "What was made, or would be", body = OutlineAnswer), Problems))]
async fn create_areas(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    create: CreateBody<OutlineBody>,
) -> Result<Answer> {
    let new = NewAreas::parse(&permit, &create.body)?;
    if new.dry_run {
        // Nothing is written, and the same key may still be sent to make them.
        let looked = service::look(&mut core.db.read().await?, &core.clock, new).await?;
        return Answer::new(StatusCode::CREATED, &looked);
    }
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}
