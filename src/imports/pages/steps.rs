//! The steps of a list's page: rows corrected and decided, other columns, storing it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;

use super::list::show_list;
use super::list_pages::{ListPages, page_of};
use crate::http::{Core, Error, Form, Id, Result, Turn, see_other};
use crate::imports::opened::Opened;
use crate::imports::staged::by_hand::{Decided, every_row};
use crate::imports::{file, form, service, view};
use crate::kernel::ids::ImportId;
use crate::people::Visitor;
use crate::spreadsheet::{RowAt, Totals};

/// Takes in what was typed and decided about rows.
pub async fn save_rows<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    match save::<K>(&core, &visitor, id, &form).await {
        Ok(()) => Ok(form::back(&page_of::<K>(id), &form, "saved")),
        Err(error) => {
            let status = form.value("status").to_owned();
            refused::<K>(&core, visitor, id, &status, form, error).await
        }
    }
}

/// The page of a list again, with what is wrong in a form.
async fn refused<K: ListPages>(
    core: &Core,
    visitor: Visitor<K::Right>,
    id: ImportId,
    status: &str,
    form: Form,
    error: Error,
) -> Result<Response> {
    let (code, form) = form.refused(error)?;
    show_list::<K>(core, visitor, id, (&Turn::default(), status), code, form).await
}

/// Keeps what was typed anew and decided anew; what the page showed already is left alone.
async fn save<K: ListPages>(core: &Core, visitor: &Visitor<K::Right>, id: ImportId, form: &Form) -> Result<()> {
    let list = Opened::<K>::find(&mut core.db.read().await?, core, Some(&visitor.permit), id).await?;
    let mut decisions: BTreeMap<RowAt, K::Decision> = BTreeMap::new();
    for (at, text) in form::decided(form) {
        let decision = K::parse_decision(&text).ok_or(Error::NotFound)?;
        if !text.is_empty() || list.decision(at).is_some() {
            decisions.insert(at, decision);
        }
    }
    let typed = form::changed(form, &list.reading);
    if typed.is_empty() && decisions.is_empty() {
        return Ok(());
    }
    core.run(async |tx| {
        service::correct(tx, core, &list, typed).await?;
        service::decide(tx, &list, decisions).await.map(drop)
    })
    .await
}

/// Decides about all rows of a status.
pub async fn decide_all<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    let decision = K::parse_decision(form.value("decision")).ok_or(Error::NotFound)?;
    let status = view::status_of_query(form.value("status"), Totals::default());
    let list = Opened::<K>::find(&mut core.db.read().await?, &core, Some(&visitor.permit), id).await?;
    let rows = every_row(&list.reading, status, decision);
    let Decided { impossible, .. } = core.run(async |tx| service::decide(tx, &list, rows).await).await?;
    Ok(form::back(&page_of::<K>(id), &form, if impossible > 0 { "decided_some" } else { "decided" }))
}

/// Reads the file again with other columns.
pub async fn choose_columns<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    let reread = async {
        let permit = &visitor.permit;
        let list = Opened::<K>::find(&mut core.db.read().await?, &core, Some(permit), id).await?;
        let columns = form::choices(&form, K::VOCABULARY, &list.reading.sheets);
        let file = file::reread::<K>(&core, Some(permit), id, columns, |_| ()).await?;
        core.run(async |tx| service::reread(tx, &core, permit, id, file).await).await
    };
    match reread.await {
        Ok(()) => Ok(see_other(&format!("{}?done=reread", page_of::<K>(id)))),
        Err(error) => refused::<K>(&core, visitor, id, "", form, form::in_columns(error)).await,
    }
}

/// Stores the list.
pub async fn commit<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    let committed = async {
        let (permit, body) = (&visitor.permit, K::commit_body(&form));
        K::allow(permit, &body)?;
        core.run_once(&form.once(), permit.id.0, K::COMMITTED, async |tx| {
            service::commit::<K>(tx, &core, Some(permit), id, body).await
        })
        .await
    };
    match committed.await {
        Ok(_) => Ok(see_other(&format!("{}?done=imported", page_of::<K>(id)))),
        Err(error) => refused::<K>(&core, visitor, id, "", form, form::by_row(error)).await,
    }
}
