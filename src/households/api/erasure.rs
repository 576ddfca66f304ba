//! The JSON API of erasing a household's personal data.

use axum::Json;
use axum::extract::State;

use crate::households::service::erasure;
use crate::households::view::Household;
use crate::http::{Api, Core, Id, Problems, Result, routes};
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::rights::WriteHouseholds;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(erase))
}

/// Erase a household's personal data
///
/// Name, phone, id number, address, note and consent are gone for good, also those of households merged into it; an
/// anonymous shell keeps area, members and category for the totals.
#[utoipa::path(post, path = "/households/{id}/erase", tag = "households", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "The anonymous shell", body = Household), Problems))]
async fn erase(
    State(core): State<Core>,
    permit: Permit<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
) -> Result<Json<Household>> {
    core.run(async |tx| erasure::erase(tx, &core, &permit, id).await).await.map(Json)
}
