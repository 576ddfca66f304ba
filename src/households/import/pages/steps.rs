//! The steps of a list's page: rows mended and decided, other columns, storing it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;

use super::list::show_list;
use crate::households::import::commit::CommitBody;
use crate::households::import::deciding::{self, About, Decision};
use crate::households::import::opened::Opened;
use crate::households::import::steps_api::opened;
use crate::households::import::{VOCABULARY, api};
use crate::lists::staged::ImportId;
use crate::lists::{RowAt, Totals, said, view};
use crate::people::{Right, Visitor};
use crate::web::{Core, Create, Error, Form, Id, Result, Turn, see_other};

fn page_of(id: ImportId) -> String {
    format!("/households/imports/{id}")
}

pub(super) async fn save_rows(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    match save(&core, &visitor, id, &form).await {
        Ok(()) => Ok(said::back(&page_of(id), &form, "saved")),
        Err(error) => {
            let status = form.value("status").to_owned();
            let (code, form) = form.refused(error)?;
            show_list(&core, visitor, id, &Turn::default(), &status, code, form).await
        }
    }
}

/// Keeps what was typed anew and decided anew; what the page showed already is left alone.
async fn save(core: &Core, visitor: &Visitor, id: ImportId, form: &Form) -> Result<()> {
    let (importer, opened) = opened(core, &visitor.staff, id).await?;
    let decisions = decisions(&opened, said::decided(form))?;
    let typed = said::changed(form, &opened.reading);
    if !typed.is_empty() {
        deciding::correct(core, &opened, typed).await?;
    }
    if !decisions.is_empty() {
        deciding::decide(core, &importer, &opened, About::Rows(decisions)).await?;
    }
    Ok(())
}

fn decisions(opened: &Opened, decided: BTreeMap<RowAt, String>) -> Result<BTreeMap<RowAt, Decision>> {
    let mut out = BTreeMap::new();
    for (at, text) in decided {
        let before = opened.steps.decisions.get(&at).map_or("", String::as_str);
        let decision = Decision::parse(&text).ok_or(Error::NotFound)?;
        if decision != Decision::Back || !before.is_empty() {
            out.insert(at, decision);
        }
    }
    Ok(out)
}

pub(super) async fn decide_all(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    let decision = Decision::parse(form.value("decision")).ok_or(Error::NotFound)?;
    let status = view::status_asked(form.value("status"), Totals::default());
    let (importer, opened) = opened(&core, &visitor.staff, id).await?;
    let decided = deciding::decide(&core, &importer, &opened, About::Every(status, decision)).await?;
    Ok(said::back(&page_of(id), &form, if decided.impossible > 0 { "decided_some" } else { "decided" }))
}

pub(super) async fn choose_columns(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    let reread = async {
        let (importer, opened) = opened(&core, &visitor.staff, id).await?;
        let columns = said::choices(&form, &VOCABULARY, &opened.reading.sheets);
        deciding::reread(&core, &importer, id, columns, None).await
    };
    match reread.await {
        Ok(()) => Ok(see_other(&format!("{}?done=reread", page_of(id)))),
        Err(error) => {
            let (code, form) = form.refused(said::in_columns(error))?;
            show_list(&core, visitor, id, &Turn::default(), "", code, form).await
        }
    }
}

pub(super) async fn commit(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    let body = CommitBody {
        decisions: BTreeMap::new(),
        area_id: form.chosen("area_id").ok(),
        consent: form.ticked("consent"),
        progress: form.value("progress").to_owned(),
    };
    let create = Create { body, once: form.once() };
    match api::commit_household_import(State(core.clone()), visitor.staff.clone(), Id(id), create).await {
        Ok(_) => Ok(see_other(&format!("{}?done=imported", page_of(id)))),
        Err(error) => {
            let (code, form) = form.refused(said::by_row(error))?;
            show_list(&core, visitor, id, &Turn::default(), "", code, form).await
        }
    }
}
