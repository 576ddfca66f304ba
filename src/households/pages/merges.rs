//! Merging two households: which one stays, and why. Redemption takes the form: it knows their vouchers.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::comparison::Compared;
use super::words::name;
use crate::db::Conn;
use crate::households::HouseholdStatus;
use crate::households::lookup::{reachable, require_active};
use crate::households::search::Search;
use crate::households::store::Filter;
use crate::households::store::table::{self, Listed, TableFilter};
use crate::households::stored_category::CategoryFilter;
use crate::households::view::Household;
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, show};
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::people::Visitor;
use crate::people::rights::WriteHouseholds;

/// Households offered to merge with.
const OFFERED: i64 = 20;

pub fn router() -> Router<Core> {
    Router::new().route("/households/{id}/merge", get(ask))
}

#[derive(Template)]
#[template(path = "households/merge.html")]
struct MergePage {
    frame: Frame,
    form: Form,
    pair: Compared,
}

#[derive(Template)]
#[template(path = "households/merge-with.html")]
struct MergeWithPage {
    frame: Frame,
    household: Household,
    q: String,
    found: Vec<Listed>,
}

impl MergeWithPage {
    fn name(&self) -> &str {
        name(&self.frame, &self.household)
    }
}

/// With whom, and what was searched for.
#[derive(Default, Deserialize)]
pub(super) struct MergeQuery {
    #[serde(default)]
    with: String,
    #[serde(default)]
    q: String,
}

async fn ask(
    State(core): State<Core>,
    visitor: Visitor<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    Params(query): Params<MergeQuery>,
) -> Result<Response> {
    if let Ok(other) = query.with.parse() {
        let form = Form::fresh(&core).with("with", other);
        return show_pair(&core, visitor, id, other, StatusCode::OK, form).await;
    }
    let mut conn = core.db.read().await?;
    let reach = &visitor.permit.scope.areas;
    let stored = reachable(&mut conn, reach, id).await?;
    require_active(&stored)?;
    let found = candidates(&mut conn, &core, reach, id, &query.q).await?;
    drop(conn);
    let household = Household::masked(&core.vault, stored)?;
    show(StatusCode::OK, &MergeWithPage { frame: visitor.frame, household, q: query.q, found })
}

/// Active households that a search finds, without this one.
async fn candidates(
    conn: &mut Conn,
    core: &Core,
    reach: &Within<AreaId>,
    id: HouseholdId,
    q: &str,
) -> Result<Vec<Listed>> {
    let Search::Words { folded, marked } = Search::parse(&core.vault, q) else { return Ok(Vec::new()) };
    if q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let filter =
        Filter { scope: reach.clone(), category: CategoryFilter::default(), status: Some(HouseholdStatus::Active) };
    let table_filter = TableFilter { folded: *folded, marked: *marked, filter, import_id: None, order: "found" };
    let found = table::listed(conn, &table_filter, OFFERED, 0).await?;
    Ok(found.into_iter().filter(|listed| listed.stored.id != id).collect())
}

/// Asks which of two households stays.
pub async fn show_pair(
    core: &Core,
    visitor: Visitor<WriteHouseholds>,
    id: HouseholdId,
    other: HouseholdId,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let mut both = table::some(&mut conn, &visitor.permit.scope.areas, &[id, other]).await?;
    drop(conn);
    // The older one first: it is the one that usually stays.
    both.sort_by_key(|listed| listed.stored.id);
    let [a, b]: [Listed; 2] = both.try_into().map_err(|_| Error::NotFound)?;
    for listed in [&a, &b] {
        require_active(&listed.stored)?;
    }
    let form = if form.is_sent("stays") { form } else { form.with("stays", a.stored.id) };
    let pair = Compared::of(&visitor.frame, &core.vault, a, b, &[])?;
    show(status, &MergePage { frame: visitor.frame, form, pair })
}
