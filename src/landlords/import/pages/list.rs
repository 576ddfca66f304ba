//! One list: every row by its status, how its columns were understood, and what storing it will do.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::kernel::{Dong, Moment};
use crate::landlords::import::api::{self, Committed};
use crate::landlords::import::preview::{Original, preview_row};
use crate::landlords::import::stage::{Staged, Whole};
use crate::landlords::import::{ReductionRow, VOCABULARY};
use crate::landlords::pages::words;
use crate::lists::staged::by_hand::Outlook;
use crate::lists::staged::{ImportId, StagedList};
use crate::lists::{RowIssue, RowStatus, view};
use crate::people::audit::{self, Act};
use crate::people::{Right, Visitor};
use crate::web::{Core, Form, Frame, Id, Params, Result, Rows, Turn, show};

#[derive(Template)]
#[template(path = "rent/import.html")]
struct ImportPage {
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
}

impl ImportPage {
    fn statuses(&self) -> [(&'static str, &'static str); 3] {
        let t = |vi, en| self.frame.t(vi, en);
        [
            ("verified", t("Đã xác minh: chủ nhà trọ đã ký vào danh sách", "Verified: the landlords signed the list")),
            ("pledged", t("Chờ xác minh: trưởng ban xác minh từng khoản", "Pledged: the heads verify each of them")),
            ("confirmed", t("Đã xác nhận: người thuê đã được giảm thật", "Confirmed: the tenants were given it")),
        ]
    }

    /// Decisions that can be taken about all rows of the shown status.
    fn for_all(&self) -> Vec<(&'static str, &'static str)> {
        view::store_or_skip_all(&self.frame, self.status)
    }
}

/// What the rows to be stored add up to.
#[derive(Clone, Copy, Default)]
struct Sums {
    rooms: i64,
    amount: Dong,
}

impl Sums {
    fn of(list: &Staged) -> Self {
        let mut sums = Self::default();
        for row in list.reading.data() {
            let decision = list.steps.decisions.get(&row.at).map(String::as_str);
            let stored = match row.status {
                RowStatus::New => decision != Some("skip"),
                RowStatus::Duplicate => decision == Some("new"),
                _ => false,
            };
            if let (true, Some(whole)) = (stored, row.parsed.as_ref().and_then(Whole::of)) {
                sums.rooms += i64::from(whole.rooms);
                sums.amount.0 = sums.amount.0.saturating_add(whole.row.total.unwrap_or_default().0);
            }
        }
        sums
    }
}

/// A list that was stored, taken back, or is no longer kept.
#[derive(Template)]
#[template(path = "rent/import-done.html")]
struct DonePage {
    frame: Frame,
    id: ImportId,
    file_name: String,
    created_at: Moment,
    committed_at: Option<Moment>,
    undone_at: Option<Moment>,
    counts: Option<Committed>,
}

/// Which rows.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    status: String,
}

pub(super) async fn show_page(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ImportId>,
    Params(turn): Params<Turn>,
    Params(asked): Params<Asked>,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let form = Form::fresh(&core).with("status", "verified");
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
    let mut conn = core.db.read().await?;
    let list = api::list_of(&mut conn, &visitor.staff, id).await?;
    let frame = visitor.frame;
    if list.committed_at.is_some() || list.staged.is_none() {
        return show(code, &done(frame, list));
    }
    let list = Staged::open(&mut conn, core, list).await?;
    let same_file = list.list.same_file(&mut conn).await?;
    drop(conn);
    audit::record(core, visitor.staff.actor(), Act::on("read_personal", "rent_import", id.0)).await?;
    let totals = list.reading.totals();
    let status = view::status_asked(status, totals);
    let warnings = RowIssue::all(&list.reading.warnings, frame.lang).into_iter().map(|warning| warning.message);
    let page = ImportPage {
        id,
        file_name: list.list.file_name.clone(),
        created_at: list.list.created_at,
        warnings: warnings.chain(same_file.map(|warning| warning.message(frame.lang).to_owned())).collect(),
        tabs: view::tabs(&frame, totals, status),
        status: view::status_words(&frame, status).0,
        rows: view::places(&list.reading, status, turn).map(|place| row(&frame, &list, place)),
        sheets: view::sheets(&VOCABULARY, &list.reading.sheets),
        steps: list.steps.corrections.len() + list.steps.decisions.len(),
        outlook: Outlook::of(&list.reading, &list.steps),
        sums: Sums::of(&list),
        form,
        frame,
    };
    show(code, &page)
}

fn done(frame: Frame, list: StagedList) -> DonePage {
    let counts = list.counts.as_deref().and_then(|counts| serde_json::from_str(counts).ok());
    let StagedList { id, file_name, created_at, committed_at, undone_at, .. } = list;
    DonePage { frame, id, file_name, created_at, committed_at, undone_at, counts }
}

fn row(frame: &Frame, list: &Staged, place: usize) -> view::Row {
    let row = &list.reading.rows[place];
    let preview = preview_row(list, place, frame.lang);
    let same = preview.duplicate_of.map(|same| match same {
        Original::Record(id) => (format!("/rent/{id}"), frame.t("Khoản đã có", "The known reduction").to_owned()),
        Original::Row(number) => (String::new(), format!("{} {number}", frame.t("Trùng dòng", "Same as row"))),
    });
    let choices = view::store_or_skip(frame, row.status, preview.decision.as_deref());
    view::Row {
        number: row.at.row,
        sheet: view::sheet_of_row(&list.reading, row.at),
        name: preview.name.unwrap_or_default(),
        says: row.parsed.as_ref().map(|parsed| says(frame, parsed)).unwrap_or_default(),
        fixes: view::fixes(row.at, &row.errors, frame.lang),
        remarks: view::remarks(frame, row),
        same,
        decide: if choices.is_empty() { String::new() } else { view::decide_name(row.at) },
        choices,
        corrected: preview.corrected,
    }
}

/// What a row says beside the name, in one line; the phone masked as everywhere.
fn says(frame: &Frame, row: &ReductionRow) -> String {
    let parts = [
        row.address.clone(),
        row.area_text.clone(),
        row.phone.as_ref().map(|phone| phone.masked()),
        row.rooms.map(|rooms| format!("{rooms} {}", frame.t("phòng", "rooms"))),
        row.from.zip(row.to).map(|(from, to)| words::months(from, to)),
        row.total.map(|total| format!("{} {}", frame.t("giảm", "cut by"), frame.money(&total))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The bad rows as a workbook.
pub(super) async fn errors(
    State(core): State<Core>,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    api::rent_import_errors(State(core), visitor.staff, headers, Id(id)).await
}
