//! The JSON API of households that might be registered twice.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::households::duplicates::Reason;
use crate::households::household_body::{Distinct, DistinctBody};
use crate::households::service::duplicates::{self, suspicions};
use crate::households::store::pairs;
use crate::households::view::{Household, shown};
use crate::http::{Api, Body, Core, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::rights::{ReadHouseholds, WriteHouseholds};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(possible_duplicates)).routes(routes!(tell_apart))
}

/// A household with those that might be the same.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Suspicion {
    /// The household registered first.
    pub(in crate::households) household: Household,
    /// Later ones that might be the same, 20 at most.
    pub(in crate::households) others: Vec<Suspect>,
}

/// A household that might be the same.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Suspect {
    /// The household.
    pub(in crate::households) household: Household,
    /// Why.
    pub(in crate::households) reasons: Vec<Reason>,
}

/// Households that might be registered twice
#[utoipa::path(get, path = "/households/duplicates", tag = "households", params(Page),
    responses((status = 200, description = "A page of suspicions", body = Listing<Suspicion>), Problems))]
async fn possible_duplicates(
    State(core): State<Core>,
    permit: Permit<ReadHouseholds>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Suspicion>>> {
    let cursor = page.cursor()?;
    let most = usize::try_from(cursor.fetch - 1).unwrap_or(0);
    let mut conn = core.db.read().await?;
    let reach = &permit.scope.areas;
    let (found, next) = suspicions(&mut conn, reach, cursor.after, most).await?;
    let ids: Vec<HouseholdId> =
        found.iter().flat_map(|(id, others)| std::iter::once(*id).chain(others.iter().map(|(id, _)| *id))).collect();
    let stored = pairs::some(&mut conn, reach, &ids).await?;
    drop(conn);
    let known: std::collections::HashMap<HouseholdId, Household> =
        shown(&core, &permit, stored).await?.into_iter().map(|household| (household.id, household)).collect();
    let items = found
        .into_iter()
        .filter_map(|(id, others)| {
            let suspect = |(id, reasons)| Some(Suspect { household: known.get(&id)?.clone(), reasons });
            let others = others.into_iter().filter_map(suspect).collect();
            Some(Suspicion { household: known.get(&id)?.clone(), others })
        })
        .collect();
    Ok(Json(Listing { items, next: next.map(|id| id.to_string()) }))
}

/// That a decision is kept.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Kept {
    /// Always true.
    kept: bool,
}

/// Remember that two households are not the same
#[utoipa::path(post, path = "/households/duplicates/distinct", tag = "households", request_body = DistinctBody,
    responses((status = 200, description = "Remembered; the pair is not shown again", body = Kept), Problems))]
async fn tell_apart(
    State(core): State<Core>,
    permit: Permit<WriteHouseholds>,
    Body(body): Body<DistinctBody>,
) -> Result<Json<Kept>> {
    let pair = Distinct::parse(&body)?;
    core.run(async |tx| duplicates::tell_apart(tx, &core.clock, &permit, pair).await).await?;
    Ok(Json(Kept { kept: true }))
}
