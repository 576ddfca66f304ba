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
use crate::kernel::{FieldError, Say};
use crate::lists::staged::ImportId;
use crate::lists::staged::steps::Typed;
use crate::lists::{RowAt, Totals, view};
use crate::people::{Right, Visitor};
use crate::web::{Core, Create, Error, Form, Id, Result, Turn, see_other};

/// Back to the rows that were shown.
fn back(id: ImportId, form: &Form, done: &str) -> Response {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for name in ["status", "page"] {
        if let Some(value) = form.text(name) {
            out.append_pair(name, &value);
        }
    }
    out.append_pair("done", done);
    see_other(&format!("/households/imports/{id}?{}", out.finish()))
}

pub(super) async fn save_rows(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteHouseholds)?;
    match save(&core, &visitor, id, &form).await {
        Ok(()) => Ok(back(id, &form, "saved")),
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
    let decisions = decisions(&opened, view::decided(form))?;
    let typed: BTreeMap<RowAt, Typed> = view::typed(form)
        .into_iter()
        .map(|(at, typed)| (at, changed(&opened, at, typed)))
        .filter(|(_, typed)| !typed.is_empty())
        .collect();
    if !typed.is_empty() {
        deciding::correct(core, &opened, typed).await?;
    }
    if !decisions.is_empty() {
        deciding::decide(core, &importer, &opened, About::Rows(decisions)).await?;
    }
    Ok(())
}

/// The cells whose text is another than the one that was shown. A wrong cell left as it is stays wrong.
fn changed(opened: &Opened, at: RowAt, typed: Typed) -> Typed {
    let shown = |field: &str| {
        let row = &opened.reading.rows[opened.place(at)?];
        row.errors.iter().find(|issue| issue.field == field).map(|issue| issue.value.as_str())
    };
    typed.into_iter().filter(|(field, text)| shown(field) != Some(text)).collect()
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
    Ok(back(id, &form, if decided.impossible > 0 { "decided_some" } else { "decided" }))
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
        let columns = view::choices(&form, &VOCABULARY, &opened.reading.sheets);
        deciding::reread(&core, &importer, id, columns, None).await
    };
    match reread.await {
        Ok(()) => Ok(see_other(&format!("/households/imports/{id}?done=reread"))),
        Err(error) => {
            let (code, form) = form.refused(in_columns(error))?;
            show_list(&core, visitor, id, &Turn::default(), "", code, form).await
        }
    }
}

/// What is said of the file is here the fault of the columns.
fn in_columns(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => Error::Invalid(
            errors.into_iter().map(|error| FieldError { field: "columns".to_owned(), ..error }).collect(),
        ),
        other => other,
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
        Ok(_) => Ok(see_other(&format!("/households/imports/{id}?done=imported"))),
        Err(error) => {
            let (code, form) = form.refused(by_row(error))?;
            show_list(&core, visitor, id, &Turn::default(), "", code, form).await
        }
    }
}

/// An error of a row's decision says which row.
fn by_row(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let named = errors.into_iter().map(|error| match error.field.strip_prefix("decisions.") {
        Some(key) => {
            let say = Say::new(format!("Dòng {key}: {}", error.say.vi), format!("Row {key}: {}", error.say.en));
            FieldError { field: String::new(), say, ..error }
        }
        None => error,
    });
    Error::Invalid(named.collect())
}
