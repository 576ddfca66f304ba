//! The steps of a list's page: rows mended and decided, other columns, storing it, taking it back.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::list::show_list;
use crate::goods::import::api::{self, CommitBody, Committed};
use crate::goods::import::opened::{Opened, find, reread};
use crate::goods::import::{VOCABULARY, steps_api, undo as taking_back};
use crate::lists::staged::ImportId;
use crate::lists::staged::by_hand::{Decision, every_row};
use crate::lists::{Totals, said, view};
use crate::people::{Right, Visitor};
use crate::web::{Core, Create, Form, Frame, Id, Result, Turn, see_other, show};

fn page_of(id: ImportId) -> String {
    format!("/donations/imports/{id}")
}

pub(super) async fn save_rows(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    match save(&core, id, &form).await {
        Ok(()) => Ok(said::back(&page_of(id), &form, "saved")),
        Err(error) => {
            let status = form.value("status").to_owned();
            let (code, form) = form.refused(error)?;
            show_list(&core, visitor, id, (&Turn::default(), &status), code, form).await
        }
    }
}

/// Keeps what was typed anew and what was decided.
async fn save(core: &Core, id: ImportId, form: &Form) -> Result<()> {
    let list = Opened::find(core, id).await?;
    let decided = said::decided(form).into_iter().map(|(at, text)| Ok((at, Decision::parse(&text)?)));
    let decisions = decided.collect::<Result<BTreeMap<_, _>>>()?;
    list.correct(core, said::changed(form, &list.reading)).await?;
    list.decide(core, decisions).await?;
    Ok(())
}

pub(super) async fn decide_all(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let decision = Decision::parse(form.value("decision"))?;
    let status = view::status_asked(form.value("status"), Totals::default());
    let list = Opened::find(&core, id).await?;
    list.decide(&core, every_row(&list.reading, status, decision)).await?;
    Ok(said::back(&page_of(id), &form, "decided"))
}

pub(super) async fn choose_columns(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let again = async {
        let list = Opened::find(&core, id).await?;
        let columns = said::choices(&form, &VOCABULARY, &list.reading.sheets);
        reread(&core, &visitor.staff, id, columns).await
    };
    match again.await {
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
    visitor.require(Right::WriteGoods)?;
    let body = CommitBody { decisions: BTreeMap::new(), point_id: form.chosen("point_id").ok() };
    let create = Create { body, once: form.once() };
    match api::commit_donation_import(State(core.clone()), visitor.staff.clone(), Id(id), create).await {
        Ok(_) => Ok(see_other(&format!("{}?done=imported", page_of(id)))),
        Err(error) => {
            let (code, form) = form.refused(said::by_row(error))?;
            show_list(&core, visitor, id, (&Turn::default(), ""), code, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "goods/import-undo.html")]
struct UndoPage {
    frame: Frame,
    form: Form,
    id: ImportId,
    file_name: String,
    counts: Option<Committed>,
    /// Items that are no longer where the list put them, with how much of each.
    in_the_way: Vec<String>,
}

pub(super) async fn ask_undo(State(core): State<Core>, visitor: Visitor, Id(id): Id<ImportId>) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let form = Form::fresh(&core);
    show_undo(&core, visitor, id, StatusCode::OK, form).await
}

async fn show_undo(core: &Core, visitor: Visitor, id: ImportId, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let list = find(&mut conn, id).await?;
    if list.committed_at.is_none() || list.undone_at.is_some() {
        return Ok(see_other(&page_of(id)));
    }
    drop(conn);
    let in_the_way = taking_back::in_the_way(core, id).await?;
    let counts = list.counts.as_deref().and_then(|counts| serde_json::from_str(counts).ok());
    show(status, &UndoPage { frame: visitor.frame, form, id, file_name: list.file_name, counts, in_the_way })
}

pub(super) async fn undo(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    match steps_api::undo_donation_import(State(core.clone()), visitor.staff.clone(), Id(id)).await {
        Ok(_) => Ok(see_other(&format!("{}?done=undone", page_of(id)))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_undo(&core, visitor, id, status, form).await
        }
    }
}
