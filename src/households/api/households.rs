//! The JSON API of households: registered, listed, read, corrected.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::households::Category;
use crate::households::HouseholdStatus;
use crate::households::household_body::{HouseholdChange, HouseholdChangeBody, NewHouseholdBody, Registration};
use crate::households::lookup::reachable;
use crate::households::search::Search;
use crate::households::service::{correction, registration};
use crate::households::store::{self, Filter, HandoverPast, VoucherPast};
use crate::households::stored_category::CategoryFilter;
use crate::households::view::{Household, require_may_see, shown, shown_one};
use crate::http::{
    Answer, Api, Body, Core, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::Message;
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::people::rights::{ReadHouseholds, WriteHouseholds};
use crate::people::{Permit, Right};
use crate::places;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(register, list)).routes(routes!(get, change))
}

/// Register a household
#[utoipa::path(post, path = "/households", tag = "households", params(IdempotencyKey), request_body = NewHouseholdBody,
    responses((status = 201, description = "The household", body = Household), Problems))]
async fn register(
    State(core): State<Core>,
    permit: Permit<WriteHouseholds>,
    create: CreateBody<NewHouseholdBody>,
) -> Result<Answer> {
    let new = Registration::parse(&core.clock, create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        registration::register(tx, &core, &permit, new).await
    })
    .await
}

/// Which households to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::households) struct ListQuery {
    /// Words of name or address without regard to marks, case or order; or a phone or id number.
    q: Option<String>,
    /// Only households of this area and the areas below it.
    area_id: Option<AreaId>,
    /// Only this category. One that tells of an illness: 403 without the right to personal data.
    #[param(inline)]
    category: Option<Category>,
    /// `active` (when left out), `merged`, `erased` or `all`.
    #[param(pattern = "^(active|merged|erased|all)$")]
    status: Option<String>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Households, exact-mark matches first, then by given name
#[utoipa::path(get, path = "/households", tag = "households", params(ListQuery),
    responses((status = 200, description = "A page of households", body = Listing<Household>), Problems))]
async fn list(
    State(core): State<Core>,
    permit: Permit<ReadHouseholds>,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listing<Household>>> {
    let cursor = Page { limit: query.limit, after: query.after.clone() }.cursor()?;
    let status = status_of(query.status.as_deref())?;
    require_may_see(&permit, query.category)?;
    let mut conn = core.db.read().await?;
    let mut scope = permit.scope.areas.clone();
    if let Some(area_id) = query.area_id {
        places::require_area(&mut conn, "area_id", area_id).await?;
        scope = scope.narrowed(places::store::subtree(&mut conn, area_id).await?);
    }
    let category = CategoryFilter::of(&core.vault, query.category, permit.role.may(Right::ReadPersonal));
    let filter = Filter { scope, category, status };
    let found = match Search::parse(&core.vault, query.q.as_deref().unwrap_or("")) {
        Search::Words { folded, marked } => store::by_words(&mut conn, *folded, *marked, &filter, cursor).await?,
        Search::Number { phone_index, citizen_index } => {
            store::by_number(&mut conn, phone_index, citizen_index, &filter, cursor).await?
        }
    };
    drop(conn);
    let Listing { items, next } = Listing::new(found, cursor, |stored| stored.id.0);
    Ok(Json(Listing { items: shown(&core, &permit, items).await?, next }))
}

/// Which status is asked for; nothing: all.
fn status_of(asked: Option<&str>) -> Result<Option<HouseholdStatus>> {
    match asked {
        None => Ok(Some(HouseholdStatus::Active)),
        Some("all") => Ok(None),
        Some(name) => HouseholdStatus::from_name(name).map(Some).ok_or_else(|| {
            let say = Message::fixed(
                "status là active, merged, erased hoặc all.",
                "status is active, merged, erased or all.",
            );
            Error::field("status", "unknown_value", say)
        }),
    }
}

/// A household with what it received.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct HouseholdWithHistory {
    #[serde(flatten)]
    pub(in crate::households) household: Household,
    /// Its vouchers and those of households merged into it, newest first.
    pub(in crate::households) vouchers: Vec<VoucherPast>,
    /// What was handed out to it, newest first.
    pub(in crate::households) handovers: Vec<HandoverPast>,
}

/// One household with its history
#[utoipa::path(get, path = "/households/{id}", tag = "households", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "The household", body = HouseholdWithHistory), Problems))]
async fn get(
    State(core): State<Core>,
    permit: Permit<ReadHouseholds>,
    Id(id): Id<HouseholdId>,
) -> Result<Json<HouseholdWithHistory>> {
    let mut conn = core.db.read().await?;
    let stored = reachable(&mut conn, &permit.scope.areas, id).await?;
    let vouchers = store::vouchers_of(&mut conn, id).await?;
    let handovers = store::handovers_of(&mut conn, id).await?;
    drop(conn);
    let household = shown_one(&core, &permit, stored).await?;
    Ok(Json(HouseholdWithHistory { household, vouchers, handovers }))
}

/// Correct a household
#[utoipa::path(patch, path = "/households/{id}", tag = "households", params(("id" = HouseholdId, Path)),
    request_body = HouseholdChangeBody,
    responses((status = 200, description = "The household as it is now", body = Household), Problems))]
async fn change(
    State(core): State<Core>,
    permit: Permit<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    Body(body): Body<HouseholdChangeBody>,
) -> Result<Json<Household>> {
    let change = HouseholdChange::parse(&core.clock, body)?;
    core.run(async |tx| correction::correct(tx, &core, &permit, id, change).await).await.map(Json)
}
