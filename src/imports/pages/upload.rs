//! Dropping a file, and the lists that came before.

use askama::Template;
use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::list_pages::{ListPages, Words, page_of};
use crate::http::{Core, Error, Form, Frame, Params, Result, Rows, Turn, Upload, see_other, show};
use crate::imports::scope::only_of;
use crate::imports::staged::progress::ProgressCounts;
use crate::imports::staged::{Earlier, progress};
use crate::imports::{file, service, staged};
use crate::kernel::ids::ImportId;
use crate::people::Visitor;

#[derive(Template)]
#[template(path = "imports/upload.html")]
struct UploadPage {
    frame: Frame,
    form: Form,
    words: &'static Words,
    page: &'static str,
    /// What is asked beside the file, as HTML.
    fields: String,
    rows: Rows<Earlier>,
}

/// Where a file is dropped, with the lists that came before.
pub async fn earlier<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let form = Form::fresh(&core);
    show_page::<K>(&core, visitor, &turn, StatusCode::OK, form).await
}

async fn show_page<K: ListPages>(
    core: &Core,
    visitor: Visitor<K::Right>,
    turn: &Turn,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let fields = K::upload_fields(&mut conn, &visitor, &form).await?;
    let only_of = only_of::<K>(Some(&visitor.permit));
    let found = staged::earlier(&mut conn, K::KIND, only_of, turn.limit(), turn.offset()).await?;
    drop(conn);
    let rows = Rows::new(found, turn, None);
    show(status, &UploadPage { frame: visitor.frame, form, words: K::WORDS, page: K::PAGE, fields, rows })
}

/// Takes a file in.
pub async fn upload<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    request: Request,
) -> Result<Response> {
    let path = request.uri().path().to_owned();
    let mut form = Form::fresh(&core);
    let sent = match Upload::from_request(request, &core).await {
        Ok(upload) => {
            for name in K::UPLOAD_FIELDS {
                form = form.with(name, upload.field(name));
            }
            send::<K>(&core, &visitor, upload.of_form(&path)).await
        }
        Err(error) => Err(error),
    };
    match sent {
        Ok(id) => Ok(see_other(&page_of::<K>(id))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_page::<K>(&core, visitor, &Turn::default(), status, form).await
        }
    }
}

async fn send<K: ListPages>(core: &Core, visitor: &Visitor<K::Right>, upload: Upload) -> Result<ImportId> {
    K::check_upload(&upload)?;
    let (permit, lang) = (&visitor.permit, visitor.frame.lang);
    let (once, sent) = file::sent::<K>(core, upload).await?;
    let kept = core.run_once(&once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::upload(tx, core, permit, sent, lang).await
    });
    kept.await?.id().map(ImportId)
}

/// How far the work on a list is, for the page that waits.
pub async fn progress<K: ListPages>(
    State(core): State<Core>,
    _visitor: Visitor<K::Right>,
    Path(key): Path<String>,
) -> Result<Json<ProgressCounts>> {
    progress::counts(&core, &key).map(Json).ok_or(Error::NotFound)
}
