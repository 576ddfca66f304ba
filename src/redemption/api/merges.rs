//! The JSON API of merging households, whose vouchers go with them.

use axum::Json;
use axum::extract::State;

use crate::households::{Household, Merge, MergeBody};
use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::rights::WriteHouseholds;
use crate::redemption::merges::service;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(merge))
}

/// Merge a household into another
///
/// The one that stays keeps its details and gets what it lacks of the other's; vouchers and history go with it.
#[utoipa::path(post, path = "/households/{id}/merge", tag = "households", params(("id" = HouseholdId, Path)),
    request_body = MergeBody,
    responses((status = 200, description = "The household that stays", body = Household), Problems))]
async fn merge(
    State(core): State<Core>,
    permit: Permit<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    Body(body): Body<MergeBody>,
) -> Result<Json<Household>> {
    let merge = Merge::parse(id, &body)?;
    core.run(async |tx| service::merge(tx, &core, &permit, merge).await).await.map(Json)
}
