//! One list: every row by its status, how its columns were understood, and what storing it will do.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::goods::choices::{self, Choice};
use crate::goods::import::api::{self, Committed};
use crate::goods::import::opened::{Opened, find};
use crate::goods::import::preview::{self, SameGift, Sums, preview_row};
use crate::goods::import::{DonationLine, DonationRow, VOCABULARY};
use crate::goods::scope::Scope;
use crate::kernel::money::group_thousands;
use crate::kernel::{Moment, Quantity};
use crate::lists::staged::by_hand::Outlook;
use crate::lists::staged::{ImportId, StagedList};
use crate::lists::{ListRow, RowStatus, view};
use crate::people::{Right, Visitor};
use crate::web::{Core, Form, Frame, Id, Params, Result, Rows, Turn, show};

#[derive(Template)]
#[template(path = "goods/import.html")]
struct ListPage {
    frame: Frame,
    form: Form,
    id: ImportId,
    file_name: String,
    created_at: Moment,
    /// Said of the file as a whole.
    warnings: Vec<String>,
    tabs: Vec<view::Tab>,
    status: &'static str,
    rows: Rows<view::Row>,
    sheets: Vec<view::Sheet>,
    /// Cells that were typed and rows that were decided.
    steps: usize,
    outlook: Outlook,
    sums: Sums,
    points: Vec<Choice>,
}

impl ListPage {
    /// Decisions that can be taken about all rows of the shown status.
    fn for_all(&self) -> Vec<(&'static str, &'static str)> {
        view::store_or_skip_all(&self.frame, self.status)
    }
}

/// A list that was stored, taken back, or is no longer kept.
#[derive(Template)]
#[template(path = "goods/import-done.html")]
struct DonePage {
    frame: Frame,
    id: ImportId,
    file_name: String,
    created_at: Moment,
    committed_at: Option<Moment>,
    undone_at: Option<Moment>,
    counts: Option<Committed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    status: String,
}

pub(super) async fn show_page(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    Params(asked): Params<Asked>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let form = Form::fresh(&core);
    show_list(&core, visitor, id, (&turn, &asked.status), StatusCode::OK, form).await
}

/// The page of a list, with a form that may have been refused.
pub(super) async fn show_list(
    core: &Core,
    visitor: Visitor,
    id: ImportId,
    (turn, status): (&Turn, &str),
    code: StatusCode,
    form: Form,
) -> Result<Response> {
    let frame = visitor.frame;
    let mut conn = core.db.read().await?;
    let list = find(&mut conn, id).await?;
    if list.committed_at.is_some() || list.staged.is_none() {
        return show(code, &done(frame, list));
    }
    let list = Opened::of(&mut conn, core, list).await?;
    let warnings = preview::warnings(&mut conn, &list, frame.lang).await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let points = choices::places(&mut conn, &scope).await?;
    drop(conn);
    let totals = list.reading.totals();
    let status = view::status_asked(status, totals);
    let page = ListPage {
        id,
        file_name: list.list.file_name.clone(),
        created_at: list.list.created_at,
        warnings: warnings.into_iter().map(|warning| warning.message).collect(),
        tabs: view::tabs(&frame, totals, status),
        status: view::status_words(&frame, status).0,
        rows: view::places(&list.reading, status, turn).map(|place| row(&frame, &list, place)),
        sheets: view::sheets(&VOCABULARY, &list.reading.sheets),
        steps: list.steps.corrections.len() + list.steps.decisions.len(),
        outlook: Outlook::of(&list.reading, &list.steps),
        sums: Sums::of(list.reading.data().filter(|row| is_stored(&list, row)).filter_map(|row| row.parsed.as_ref())),
        points,
        form,
        frame,
    };
    show(code, &page)
}

/// Whether a row is stored, as it was decided so far.
fn is_stored(list: &Opened, row: &ListRow<DonationRow>) -> bool {
    let decision = list.steps.decisions.get(&row.at).map(String::as_str);
    match row.status {
        RowStatus::New => decision != Some("skip"),
        RowStatus::Duplicate => decision == Some("new"),
        RowStatus::Update | RowStatus::Error | RowStatus::Skipped => false,
    }
}

fn done(frame: Frame, list: StagedList) -> DonePage {
    let counts = list.counts.as_deref().and_then(|counts| serde_json::from_str(counts).ok());
    let StagedList { id, file_name, created_at, committed_at, undone_at, .. } = list;
    DonePage { frame, id, file_name, created_at, committed_at, undone_at, counts }
}

fn row(frame: &Frame, list: &Opened, place: usize) -> view::Row {
    let row = &list.reading.rows[place];
    let preview = preview_row(list, place, frame.lang);
    let same = preview.duplicate_of.map(|same| match same {
        SameGift::Donation(id) => {
            (format!("/donations/{id}"), frame.t("Khoản đã ghi", "The stored donation").to_owned())
        }
        SameGift::Row(number) => (String::new(), format!("{} {number}", frame.t("Trùng dòng", "Same as row"))),
    });
    let choices = view::store_or_skip(frame, row.status, preview.decision.as_deref());
    let anonymous = || frame.t("Ẩn danh", "Anonymous").to_owned();
    view::Row {
        number: row.at.row,
        sheet: view::sheet_of_row(&list.reading, row.at),
        name: preview.donor.map(|name| if name.is_empty() { anonymous() } else { name }).unwrap_or_default(),
        says: row.parsed.as_ref().map(|parsed| says(frame, parsed)).unwrap_or_default(),
        fixes: view::fixes(row.at, &row.errors, frame.lang),
        remarks: view::remarks(frame, row),
        same,
        decide: if choices.is_empty() { String::new() } else { view::decide_name(row.at) },
        choices,
        corrected: preview.corrected,
    }
}

/// What a row says beside the name, in one line.
fn says(frame: &Frame, row: &DonationRow) -> String {
    let mut parts: Vec<String> = row.lines.iter().map(|line| what(frame, line)).collect();
    parts.extend(row.received_on.map(|day| frame.day(&day)));
    parts.extend(row.condition.clone());
    parts.join(" · ")
}

/// A thing of the list, in words.
fn what(frame: &Frame, line: &DonationLine) -> String {
    match line {
        DonationLine::Goods { item, unit, thousandths, value } => {
            let worth = if value.0 > 0 { format!(", {value}") } else { String::new() };
            format!("{} {unit} {item}{worth}", Quantity(*thousandths).in_unit(3))
        }
        DonationLine::Packages { count, value, .. } => {
            format!("{} {}, {value}", group_thousands(*count), frame.t("suất quà", "packages"))
        }
        DonationLine::Cash { amount } => format!("{} {amount}", frame.t("Tiền", "Cash")),
    }
}

/// The bad rows as a workbook.
pub(super) async fn errors(
    State(core): State<Core>,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    api::donation_import_errors(State(core), visitor.staff, headers, Id(id)).await
}
