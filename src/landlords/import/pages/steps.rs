//! The steps of a list's page: rows mended and decided, other columns, storing it, taking it back.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::list::show_list;
use crate::landlords::import::api::{self, Committed, list_of};
use crate::landlords::import::decisions::CommitBody;
use crate::landlords::import::{VOCABULARY, by_hand, steps_api};
use crate::landlords::pages::words;
use crate::landlords::store::undo::{self as undo_store, Dependant};
use crate::lists::staged::ImportId;
use crate::lists::staged::by_hand::{Decision, every_row};
use crate::lists::{Totals, said, view};
use crate::people::{Right, Visitor};
use crate::web::{Core, Create, Form, Frame, Id, Result, Turn, see_other, show};

/// Reductions shown of those that keep a list from being taken back.
const SHOWN: i64 = 50;

fn page_of(id: ImportId) -> String {
    format!("/rent/imports/{id}")
}

pub(super) async fn save_rows(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    match save(&core, &visitor, id, &form).await {
        Ok(()) => Ok(said::back(&page_of(id), &form, "saved")),
        Err(error) => {
            let status = form.value("status").to_owned();
            let (code, form) = form.refused(error)?;
            show_list(&core, visitor, id, (&Turn::default(), &status), code, form).await
        }
    }
}

/// Keeps what was typed anew and what was decided.
async fn save(core: &Core, visitor: &Visitor, id: ImportId, form: &Form) -> Result<()> {
    let list = by_hand::open(core, &visitor.staff, id).await?;
    let decided = said::decided(form).into_iter().map(|(at, text)| Ok((at, Decision::parse(&text)?)));
    let decisions = decided.collect::<Result<BTreeMap<_, _>>>()?;
    by_hand::correct(core, &list, said::changed(form, &list.reading)).await?;
    by_hand::decide(core, &list, decisions).await?;
    Ok(())
}

pub(super) async fn decide_all(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let decision = Decision::parse(form.value("decision"))?;
    let status = view::status_asked(form.value("status"), Totals::default());
    let list = by_hand::open(&core, &visitor.staff, id).await?;
    by_hand::decide(&core, &list, every_row(&list.reading, status, decision)).await?;
    Ok(said::back(&page_of(id), &form, "decided"))
}

pub(super) async fn choose_columns(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let reread = async {
        let list = by_hand::open(&core, &visitor.staff, id).await?;
        let columns = said::choices(&form, &VOCABULARY, &list.reading.sheets);
        by_hand::reread(&core, &visitor.staff, id, columns).await
    };
    match reread.await {
        Ok(()) => Ok(see_other(&format!("{}?done=reread", page_of(id)))),
        Err(error) => {
            let (code, form) = form.refused(said::in_columns(error))?;
            show_list(&core, visitor, id, (&Turn::default(), ""), code, form).await
        }
    }
}

pub(super) async fn commit(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let body = CommitBody { decisions: BTreeMap::new(), status: form.chosen("status").ok() };
    let create = Create { body, once: form.once() };
    match api::commit_rent_import(State(core.clone()), visitor.staff.clone(), Id(id), create).await {
        Ok(_) => Ok(see_other(&format!("{}?done=imported", page_of(id)))),
        Err(error) => {
            let (code, form) = form.refused(said::by_row(error))?;
            show_list(&core, visitor, id, (&Turn::default(), ""), code, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "rent/import-undo.html")]
struct UndoPage {
    frame: Frame,
    form: Form,
    id: ImportId,
    file_name: String,
    counts: Committed,
    dependants: Vec<Dependant>,
}

impl UndoPage {
    fn status(&self, dependant: &Dependant) -> &'static str {
        words::status(&self.frame, &dependant.status)
    }
}

pub(super) async fn ask_undo(State(core): State<Core>, visitor: Visitor, Id(id): Id<ImportId>) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let form = Form::fresh(&core);
    show_undo(&core, visitor, id, StatusCode::OK, form).await
}

async fn show_undo(core: &Core, visitor: Visitor, id: ImportId, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let list = list_of(&mut conn, &visitor.staff, id).await?;
    if list.committed_at.is_none() || list.undone_at.is_some() {
        return Ok(see_other(&page_of(id)));
    }
    let dependants = undo_store::dependants(&mut conn, id, SHOWN).await?;
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
    visitor.require(Right::WriteRent)?;
    match steps_api::undo_rent_import(State(core.clone()), visitor.staff.clone(), Id(id)).await {
        Ok(_) => Ok(see_other(&format!("{}?done=undone", page_of(id)))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_undo(&core, visitor, id, status, form).await
        }
    }
}
