//! Households that might be registered twice, side by side: merge them, or say that they are two.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use uuid::Uuid;

use super::comparison::Compared;
use crate::households::household_body::{Distinct, DistinctBody};
use crate::households::service::duplicates;
use crate::households::store::table::{self, Listed};
use crate::http::{Core, Form, Frame, Params, Result, see_other, show};
use crate::kernel::Validation;
use crate::kernel::ids::HouseholdId;
use crate::people::rights::{ReadHouseholds, WriteHouseholds};
use crate::people::{Right, Visitor};

/// Households with suspicions on one page.
const SHOWN: usize = 10;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/households/duplicates", get(show_page))
        .route("/households/duplicates/distinct", post(tell_apart))
}

#[derive(Template)]
#[template(path = "households/duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    pairs: Vec<Compared>,
    after: Uuid,
    next: Option<Uuid>,
    may_write: bool,
}

/// Where a page begins.
#[derive(Default, Deserialize)]
pub(super) struct DuplicatesQuery {
    #[serde(default)]
    after: String,
}

async fn show_page(
    State(core): State<Core>,
    visitor: Visitor<ReadHouseholds>,
    Params(query): Params<DuplicatesQuery>,
) -> Result<Response> {
    let after = query.after.parse().unwrap_or(Uuid::nil());
    let mut conn = core.db.read().await?;
    let reach = &visitor.permit.scope.areas;
    let (found, next) = duplicates::suspicions(&mut conn, reach, after, SHOWN).await?;
    let ids: Vec<HouseholdId> =
        found.iter().flat_map(|(id, others)| std::iter::once(*id).chain(others.iter().map(|(id, _)| *id))).collect();
    let known: HashMap<HouseholdId, Listed> =
        table::some(&mut conn, reach, &ids).await?.into_iter().map(|listed| (listed.stored.id, listed)).collect();
    drop(conn);
    let mut pairs = Vec::new();
    for (id, others) in found {
        for (other, reasons) in others {
            if let (Some(a), Some(b)) = (known.get(&id), known.get(&other)) {
                pairs.push(Compared::of(&visitor.frame, &core.vault, a.clone(), b.clone(), &reasons)?);
            }
        }
    }
    let may_write = visitor.may(Right::WriteHouseholds);
    show(StatusCode::OK, &DuplicatesPage { frame: visitor.frame, pairs, after, next, may_write })
}

async fn tell_apart(State(core): State<Core>, visitor: Visitor<WriteHouseholds>, form: Form) -> Result<Response> {
    let mut fields = Validation::new();
    let first_id = fields.take("first_id", form.chosen("first_id"));
    let second_id = fields.take("second_id", form.chosen("second_id"));
    let (first_id, second_id) = fields.all((first_id, second_id))?;
    let pair = Distinct::parse(&DistinctBody { first_id, second_id })?;
    core.run(async |tx| duplicates::tell_apart(tx, &core.clock, &visitor.permit, pair).await).await?;
    let after = form.chosen::<Uuid>("after").ok().filter(|after| !after.is_nil());
    let back = after.map_or_else(String::new, |after| format!("after={after}&"));
    Ok(see_other(&format!("/households/duplicates?{back}done=told_apart")))
}
