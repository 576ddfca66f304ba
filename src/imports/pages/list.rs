//! One list: every row by its status, how its columns were understood, and what storing it will do.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::list_pages::{Fact, ListPages, Words, counts_of, page_of};
use crate::db::Conn;
use crate::http::{Core, Form, Frame, Id, Params, Result, Rows, Turn, show};
use crate::imports::opened::Opened;
use crate::imports::scope::find;
use crate::imports::staged::{self, StagedList};
use crate::imports::{service, view};
use crate::kernel::Moment;
use crate::kernel::ids::ImportId;
use crate::people::Visitor;
use crate::spreadsheet::RowStatus;

#[derive(Template)]
#[template(path = "imports/preview.html")]
struct PreviewPage {
    frame: Frame,
    form: Form,
    words: &'static Words,
    above: &'static str,
    /// Where this page is.
    page: String,
    file_name: String,
    created_at: Moment,
    /// About the file as a whole.
    warnings: Vec<String>,
    tabs: Vec<view::Tab>,
    status: &'static str,
    rows: Rows<view::Row>,
    for_all: Vec<(&'static str, &'static str)>,
    sheets: Vec<view::Sheet>,
    /// Cells that were typed and rows that were decided.
    steps: usize,
    outlook: view::Outlook,
    facts: Vec<Fact>,
    /// What is asked when the list is stored, as HTML.
    fields: String,
}

/// A list that was stored, undone, or is no longer kept.
#[derive(Template)]
#[template(path = "imports/done.html")]
struct DonePage {
    frame: Frame,
    form: Form,
    words: &'static Words,
    above: &'static str,
    page: String,
    id: ImportId,
    file_name: String,
    created_at: Moment,
    committed_at: Option<Moment>,
    undone_at: Option<Moment>,
    facts: Vec<Fact>,
    /// Those with errors, which were not stored.
    rows: Rows<view::Row>,
}

/// Which rows.
#[derive(Default, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    status: String,
}

/// The page of a list.
pub async fn show_page<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
    Params(turn): Params<Turn>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let form = Form::fresh(&core);
    show_list::<K>(&core, visitor, id, (&turn, &query.status), StatusCode::OK, form).await
}

/// The page of a list, with a form that may have been refused.
pub(super) async fn show_list<K: ListPages>(
    core: &Core,
    visitor: Visitor<K::Right>,
    id: ImportId,
    (turn, status): (&Turn, &str),
    code: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let list = find::<K>(&mut conn, Some(&visitor.permit), id).await?;
    if list.committed_at.is_some() || list.staged.is_none() {
        return show_done::<K>(core, conn, visitor, list, (code, form)).await;
    }
    let list = Opened::<K>::of(&mut conn, core, Some(&visitor.permit), list).await?;
    let warnings = list.warnings(&mut conn, visitor.frame.lang).await?;
    let fields = K::commit_fields(&mut conn, &visitor, &list, &form).await?;
    drop(conn);
    service::seen::<K>(core, &visitor.permit, id).await?;
    let (totals, frame) = (list.reading.totals(), visitor.frame);
    let status = view::status_of_query(status, totals);
    let outlook = view::Outlook::of(&list.reading, &list.steps);
    let page = PreviewPage {
        words: K::WORDS,
        above: K::PAGE,
        page: page_of::<K>(id),
        warnings: warnings.into_iter().map(|warning| warning.message).collect(),
        tabs: view::tabs(&frame, totals, status),
        status: view::status_words(&frame, status).0,
        rows: rows(&frame, &list, status, turn),
        for_all: K::choices_for_all(&frame, status),
        sheets: view::sheets(K::VOCABULARY, &list.reading.sheets),
        steps: list.steps.corrections.len() + list.steps.decisions.len(),
        facts: K::outlook(&frame, &list, outlook),
        file_name: list.list.file_name,
        created_at: list.list.created_at,
        outlook,
        fields,
        form,
        frame,
    };
    show(code, &page)
}

async fn show_done<K: ListPages>(
    core: &Core,
    mut conn: Conn,
    visitor: Visitor<K::Right>,
    mut list: StagedList,
    (code, form): (StatusCode, Form),
) -> Result<Response> {
    let Visitor { permit, frame } = visitor;
    let page = DonePage {
        words: K::WORDS,
        above: K::PAGE,
        page: page_of::<K>(list.id),
        id: list.id,
        file_name: std::mem::take(&mut list.file_name),
        created_at: list.created_at,
        committed_at: list.committed_at,
        undone_at: list.undone_at,
        facts: counts_of::<K>(&list).map(|counts| K::counted(&frame, &counts)).unwrap_or_default(),
        rows: if list.staged.is_some() && list.totals().error > 0 {
            let list = Opened::<K>::of(&mut conn, core, Some(&permit), list).await?;
            rows(&frame, &list, RowStatus::Error, &Turn::default())
        } else {
            Rows::new(Vec::new(), &Turn::default(), Some(0))
        },
        form,
        frame,
    };
    drop(conn);
    if !page.rows.items.is_empty() {
        service::seen::<K>(core, &permit, page.id).await?;
    }
    show(code, &page)
}

/// One page of the rows of a status.
fn rows<K: ListPages>(frame: &Frame, list: &Opened<K>, status: RowStatus, turn: &Turn) -> Rows<view::Row> {
    view::places(&list.reading, status, turn).map(|place| row(frame, list, place))
}

fn row<K: ListPages>(frame: &Frame, list: &Opened<K>, place: usize) -> view::Row {
    let row = &list.reading.rows[place];
    let summary = K::summary(frame, list, place);
    let choices = K::choices(frame, list, place);
    let mut remarks = view::remarks(frame, row);
    remarks.extend(summary.remarks);
    let same_row = |number| (String::new(), format!("{} {number}", frame.t("Trùng dòng", "Same as row")));
    view::Row {
        number: row.at.row,
        sheet: view::sheet_of_row(&list.reading, row.at),
        name: summary.name,
        text: summary.text,
        fixes: view::fixes(row.at, &row.errors, frame.lang),
        remarks,
        same: match row.duplicate_of_row {
            Some(at) => Some(same_row(at.row)),
            None => summary.same.map(|(href, words)| (href, words.to_owned())),
        },
        decide: if choices.is_empty() { String::new() } else { view::decide_name(row.at) },
        choices,
        corrected: list.corrected(row.at),
    }
}

/// The bad rows as a workbook.
pub async fn errors<K: ListPages>(
    State(core): State<Core>,
    visitor: Visitor<K::Right>,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    let Visitor { permit, frame } = visitor;
    let list = Opened::<K>::find(&mut core.db.read().await?, &core, Some(&permit), id).await?;
    service::seen::<K>(&core, &permit, id).await?;
    staged::errors_download(list.reading, frame.lang).await
}
