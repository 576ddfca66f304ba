//! Merging two households: which one stays, and why.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::compare::Compared;
use super::name;
use crate::db::Conn;
use crate::households::AreaScope;
use crate::households::api::Household;
use crate::households::api::cleaning::{self, MergeBody};
use crate::households::api::records::{in_scope, require_active};
use crate::households::search::Search;
use crate::households::store::listed::{self, Listed, Wanted};
use crate::households::store::{self, Filter};
use crate::http::{Body, Core, Error, Form, Frame, Id, Params, Result, see_other, show};
use crate::kernel::ids::HouseholdId;
use crate::people::{Right, Visitor};

/// Households offered to merge with.
const OFFERED: i64 = 20;

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

/// With whom.
#[derive(Default, Deserialize)]
pub(super) struct With {
    #[serde(default)]
    with: String,
    #[serde(default)]
    q: String,
}

pub(super) async fn ask(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<HouseholdId>,
    Params(with): Params<With>,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    if let Ok(other) = with.with.parse() {
        let form = Form::fresh(&core).with("with", other);
        return show_pair(&core, visitor, id, other, StatusCode::OK, form).await;
    }
    let mut conn = core.db.read().await?;
    let scope = AreaScope::of(&visitor.staff);
    let stored = in_scope(store::household(&mut conn, id).await?, &scope)?;
    require_active(&stored)?;
    let found = candidates(&mut conn, &core, scope, id, &with.q).await?;
    drop(conn);
    let household = Household::of(&core.vault, stored, false)?;
    show(StatusCode::OK, &MergeWithPage { frame: visitor.frame, household, q: with.q, found })
}

/// Active households that a search finds, without this one.
async fn candidates(conn: &mut Conn, core: &Core, scope: AreaScope, id: HouseholdId, q: &str) -> Result<Vec<Listed>> {
    let Search::Words { folded, marked } = Search::parse(&core.vault, q) else { return Ok(Vec::new()) };
    if q.trim().is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { scope, category: String::new(), status: "active".to_owned() };
    let wanted = Wanted { folded: *folded, marked: *marked, filter, import_id: None, order: "found" };
    let found = listed::listed(conn, &wanted, OFFERED, 0).await?;
    Ok(found.into_iter().filter(|listed| listed.stored.id != id).collect())
}

async fn show_pair(
    core: &Core,
    visitor: Visitor,
    id: HouseholdId,
    other: HouseholdId,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = AreaScope::of(&visitor.staff);
    let mut both = listed::some(&mut conn, &[id, other]).await?;
    drop(conn);
    // The older one first: it is the one that usually stays.
    both.sort_by_key(|listed| listed.stored.id);
    let [a, b]: [Listed; 2] = both.try_into().map_err(|_| Error::NotFound)?;
    for listed in [&a, &b] {
        in_scope(Some(listed.stored.clone()), &scope)?;
        require_active(&listed.stored)?;
    }
    let form = if form.is_sent("stays") { form } else { form.with("stays", a.stored.id) };
    let pair = Compared::of(&visitor.frame, &core.vault, a, b, &[])?;
    show(status, &MergePage { frame: visitor.frame, form, pair })
}

pub(super) async fn merge(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<HouseholdId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    let other: HouseholdId = form.chosen("with").map_err(|wrong| Error::from(wrong.at("with")))?;
    let merged = match form.chosen::<HouseholdId>("stays") {
        Ok(stays) if stays == id || stays == other => {
            let goes = if stays == id { other } else { id };
            let body = MergeBody { into_id: stays, reason: form.value("reason").to_owned() };
            let merged = cleaning::merge(State(core.clone()), visitor.staff.clone(), Id(goes), Body(body)).await;
            merged.map(|_| stays)
        }
        Ok(_) => Err(Error::NotFound),
        Err(wrong) => Err(wrong.at("stays").into()),
    };
    match merged {
        Ok(stays) => Ok(see_other(&format!("/households/{stays}?done=merged"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_pair(&core, visitor, id, other, status, form).await
        }
    }
}
