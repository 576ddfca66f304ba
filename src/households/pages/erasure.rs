//! Erasing a household on request: asked once, on a page that says what stays and what goes.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::words::name;
use crate::households::lookup::{reachable, require_active};
use crate::households::service::erasure;
use crate::households::store::{self, table};
use crate::households::view::Household;
use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::kernel::Within;
use crate::kernel::ids::HouseholdId;
use crate::people::Visitor;
use crate::people::rights::WriteHouseholds;

pub fn router() -> Router<Core> {
    Router::new().route("/households/{id}/erase", get(ask).post(erase))
}

#[derive(Template)]
#[template(path = "households/erase.html")]
struct ErasePage {
    frame: Frame,
    form: Form,
    household: Household,
    unused_vouchers: i64,
    merged: usize,
}

impl ErasePage {
    fn name(&self) -> &str {
        name(&self.frame, &self.household)
    }
}

async fn ask(State(core): State<Core>, visitor: Visitor<WriteHouseholds>, Id(id): Id<HouseholdId>) -> Result<Response> {
    let form = Form::fresh(&core);
    show_page(&core, visitor, id, StatusCode::OK, form).await
}

async fn show_page(
    core: &Core,
    visitor: Visitor<WriteHouseholds>,
    id: HouseholdId,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let stored = reachable(&mut conn, &visitor.permit.scope.areas, id).await?;
    require_active(&stored)?;
    let unused_vouchers = store::unused_vouchers(&mut conn, id).await?;
    // Those go too, wherever they belong.
    let merged = table::merged_into(&mut conn, &Within::All, id).await?.len();
    drop(conn);
    let household = Household::masked(&core.vault, stored)?;
    show(status, &ErasePage { frame: visitor.frame, form, household, unused_vouchers, merged })
}

async fn erase(
    State(core): State<Core>,
    visitor: Visitor<WriteHouseholds>,
    Id(id): Id<HouseholdId>,
    form: Form,
) -> Result<Response> {
    match core.run(async |tx| erasure::erase(tx, &core, &visitor.permit, id).await).await {
        Ok(_) => Ok(see_other(&format!("/households/{id}?done=erased"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_page(&core, visitor, id, status, form).await
        }
    }
}
