//! Undoing a committed list: asked once, and refused with what depends on it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::list_pages::{Blocker, Fact, ListPages, Words, page_of};
use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::imports::scope::find;
use crate::imports::service;
use crate::kernel::ids::ImportId;
use crate::people::Visitor;

#[derive(Template)]
#[template(path = "imports/undo.html")]
struct UndoPage {
    frame: Frame,
    form: Form,
    words: &'static Words,
    above: &'static str,
    page: String,
    file_name: String,
    facts: Vec<Fact>,
    blockers: Vec<Blocker>,
}

/// Asks before a list is undone.
pub async fn ask_undo<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    let form = Form::fresh(&core);
    show_page::<K>(&core, visitor, id, StatusCode::OK, form).await
}

async fn show_page<K: ListPages>(
    core: &Core,
    visitor: Visitor<K::Right>,
    id: ImportId,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let list = find::<K>(&mut conn, Some(&visitor.permit), id).await?;
    drop(conn);
    if list.committed_at.is_none() || list.undone_at.is_some() {
        return Ok(see_other(&page_of::<K>(id)));
    }
    let frame = visitor.frame;
    let page = UndoPage {
        words: K::WORDS,
        above: K::PAGE,
        page: page_of::<K>(id),
        facts: list.counts()?.map(|counts| K::undoing(&frame, &counts)).unwrap_or_default(),
        blockers: K::blockers(core, &frame, &visitor.permit, id).await?,
        file_name: list.file_name,
        form,
        frame,
    };
    show(status, &page)
}

pub async fn undo<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    match core.run(async |tx| service::undo::<K>(tx, &core, &visitor.permit, id).await).await {
        Ok(_) => Ok(see_other(&format!("{}?done=undone", page_of::<K>(id)))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_page::<K>(&core, visitor, id, status, form).await
        }
    }
}
