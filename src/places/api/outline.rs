//! The JSON API of several areas at once, from a list as people write it.

use axum::extract::State;

use crate::http::{Answer, Api, Core, CreateBody, Problems, Result, routes};
use crate::people::Permit;
use crate::people::rights::ManagePlaces;
use crate::places::service::outline as service;
use crate::places::service::outline::{OutlineAnswer, OutlineBody};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_areas))
}

/// Register several areas from a list
///
/// All or none. Areas that are there already, by name and place, are left as they are.
#[utoipa::path(post, path = "/areas/outline", tag = "places", request_body = OutlineBody,
    responses((status = 201, description = "What was made, or would be", body = OutlineAnswer), Problems))]
async fn create_areas(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    create: CreateBody<OutlineBody>,
) -> Result<Answer> {
    service::create(&core, &permit, create).await
}
