//! Taking a committed list back: asked once, and refused with the households that depend on it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::households::import::commit::Counts;
use crate::households::import::preview::of_importer;
use crate::households::import::{api, steps_api};
use crate::households::store::undo::{self, Dependant};
use crate::lists::staged::ImportId;
use crate::people::{Right, Visitor};
use crate::web::{Core, Form, Frame, Id, Result, see_other, show};

/// Households shown of those that depend on the list.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "households/import-undo.html")]
struct UndoPage {
    frame: Frame,
    form: Form,
    id: ImportId,
    file_name: String,
    counts: Counts,
    dependants: Vec<Dependant>,
}

pub(super) async fn ask(State(core): State<Core>, visitor: Visitor, Id(id): Id<ImportId>) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    let form = Form::fresh(&core);
    show_page(&core, visitor, id, StatusCode::OK, form).await
}

async fn show_page(core: &Core, visitor: Visitor, id: ImportId, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let importer = api::importer(&mut conn, &visitor.staff).await?;
    let list = of_importer(&mut conn, &importer, id).await?;
    if list.committed_at.is_none() || list.undone_at.is_some() {
        return Ok(see_other(&format!("/households/imports/{id}")));
    }
    let dependants = undo::dependants(&mut conn, id, SHOWN).await?;
    drop(conn);
    let counts = list.counts.as_deref().and_then(|counts| serde_json::from_str(counts).ok()).unwrap_or_default();
    show(status, &UndoPage { frame: visitor.frame, form, id, file_name: list.file_name, counts, dependants })
}

pub(super) async fn undo(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    match steps_api::undo_household_import(State(core.clone()), visitor.staff.clone(), Id(id)).await {
        Ok(_) => Ok(see_other(&format!("/households/imports/{id}?done=undone"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_page(&core, visitor, id, status, form).await
        }
    }
}
