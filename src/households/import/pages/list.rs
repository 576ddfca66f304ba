//! One list: every row by its status, how its columns were understood, and what storing it will do.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::db::Conn;
use crate::households::Scope;
use crate::households::import::commit::Counts;
use crate::households::import::opened::Opened;
use crate::households::import::preview::{DuplicateOf, of_importer};
use crate::households::import::{HouseholdRow, Importer, VOCABULARY, api};
use crate::households::pages::category;
use crate::kernel::Moment;
use crate::lists::staged::{ImportId, StagedList};
use crate::lists::{ListRow, RowIssue, RowStatus, Totals, view};
use crate::people::audit::{self, Act};
use crate::people::{Right, Visitor};
use crate::places;
use crate::web::{Core, Form, Frame, Id, Params, Result, Rows, Turn, show};

#[derive(Template)]
#[template(path = "households/import.html")]
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
    areas: Vec<(String, String)>,
}

/// What storing the list will do.
#[derive(Clone, Copy, Debug, Default)]
struct Outlook {
    store: usize,
    fill: usize,
    leave: usize,
    errors: usize,
    homeless: usize,
}

impl Outlook {
    fn of(opened: &Opened) -> Self {
        let mut outlook = Self { homeless: opened.homeless(), ..Self::default() };
        for row in opened.reading.data() {
            let decision = opened.steps.decisions.get(&row.at).map(String::as_str);
            *match (row.status, decision) {
                (RowStatus::Error, _) => &mut outlook.errors,
                (_, Some("skip")) | (RowStatus::Duplicate, None) => &mut outlook.leave,
                (RowStatus::New, None) | (_, Some("new")) => &mut outlook.store,
                _ => &mut outlook.fill,
            } += 1;
        }
        outlook
    }
}

impl ImportPage {
    /// Decisions that can be taken about all rows of the shown status.
    fn for_all(&self) -> Vec<(&'static str, &'static str)> {
        let t = |vi, en| self.frame.t(vi, en);
        let skip = ("skip", t("Bỏ qua tất cả", "Leave all out"));
        let new = ("new", t("Ghi tất cả thành hộ mới", "Register all as new"));
        let merge = ("merge", t("Gộp tất cả vào hộ đã có", "Merge all into the known ones"));
        let back = ("", t("Trở lại như ban đầu", "As it was at first"));
        match self.status {
            "duplicate" | "update" => vec![merge, new, skip, back],
            "new" => vec![skip, back],
            _ => Vec::new(),
        }
    }
}

/// A list that was committed, taken back, or is no longer kept.
#[derive(Template)]
#[template(path = "households/import-done.html")]
struct DonePage {
    frame: Frame,
    form: Form,
    id: ImportId,
    file_name: String,
    created_at: Moment,
    committed_at: Option<Moment>,
    undone_at: Option<Moment>,
    counts: Option<Counts>,
    rows: Rows<view::Row>,
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
    visitor.require(Right::WriteHouseholds)?;
    let form = Form::fresh(&core);
    show_list(&core, visitor, id, &turn, &asked.status, StatusCode::OK, form).await
}

/// The page of a list, with a form that may have been refused.
pub(super) async fn show_list(
    core: &Core,
    visitor: Visitor,
    id: ImportId,
    turn: &Turn,
    status: &str,
    code: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let importer = api::importer(&mut conn, &visitor.staff).await?;
    let list = of_importer(&mut conn, &importer, id).await?;
    if list.committed_at.is_some() || list.staged.is_none() {
        return show_done(core, conn, visitor, importer, list, code, form).await;
    }
    let opened = Opened::of(&mut conn, core, &importer, list).await?;
    let same_file = opened.list.same_file(&mut conn).await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let areas = places::area_choices(&mut conn, &scope).await?;
    drop(conn);
    audit::record(core, visitor.staff.actor(), Act::on("read_personal", "household_import", id.0)).await?;
    let totals: Totals = opened.totals();
    let status = view::status_asked(status, totals);
    let frame = visitor.frame;
    let lang = frame.lang;
    let mut warnings: Vec<String> =
        RowIssue::all(&opened.reading.warnings, lang).into_iter().map(|warning| warning.message).collect();
    warnings.extend(same_file.map(|warning| warning.message(lang).to_owned()));
    let form = match opened.options.area_id {
        Some(area_id) if !form.is_sent("area_id") => form.with("area_id", area_id),
        _ => form,
    };
    let page = ImportPage {
        id,
        file_name: opened.list.file_name.clone(),
        created_at: opened.list.created_at,
        warnings,
        tabs: view::tabs(&frame, totals, status),
        status: view::status_words(&frame, status).0,
        rows: rows(&frame, &opened, &importer, status, turn),
        sheets: view::sheets(&VOCABULARY, &opened.reading.sheets),
        steps: opened.steps.corrections.len() + opened.steps.decisions.len(),
        outlook: Outlook::of(&opened),
        areas,
        form,
        frame,
    };
    show(code, &page)
}

async fn show_done(
    core: &Core,
    mut conn: Conn,
    visitor: Visitor,
    importer: Importer,
    list: StagedList,
    code: StatusCode,
    form: Form,
) -> Result<Response> {
    let counts = list.counts.as_deref().and_then(|counts| serde_json::from_str(counts).ok());
    let (id, created_at, committed_at, undone_at) = (list.id, list.created_at, list.committed_at, list.undone_at);
    let file_name = list.file_name.clone();
    let rows = if list.staged.is_some() {
        let opened = Opened::of(&mut conn, core, &importer, list).await?;
        rows(&visitor.frame, &opened, &importer, RowStatus::Error, &Turn::default())
    } else {
        Rows::new(Vec::new(), &Turn::default(), Some(0))
    };
    drop(conn);
    if !rows.items.is_empty() {
        audit::record(core, visitor.staff.actor(), Act::on("read_personal", "household_import", id.0)).await?;
    }
    let frame = visitor.frame;
    show(code, &DonePage { frame, form, id, file_name, created_at, committed_at, undone_at, counts, rows })
}

/// One page of the rows of a status.
fn rows(frame: &Frame, opened: &Opened, importer: &Importer, status: RowStatus, turn: &Turn) -> Rows<view::Row> {
    view::places(&opened.reading, status, turn).map(|place| row(frame, opened, importer, place))
}

fn row(frame: &Frame, opened: &Opened, importer: &Importer, place: usize) -> view::Row {
    let row = &opened.reading.rows[place];
    let preview = opened.row(place, importer, frame.lang);
    let mut remarks: Vec<String> = preview.warnings.into_iter().map(view::remark).collect();
    remarks.extend(row.skipped.map(|why| frame.say(&view::skipped(why)).to_owned()));
    let same = preview.duplicate_of.map(|same| match same {
        DuplicateOf::Household(id) => {
            (format!("/households/{id}"), frame.t("Hộ đã có trong sổ", "The known household").to_owned())
        }
        DuplicateOf::Row(number) => (String::new(), format!("{} {number}", frame.t("Trùng dòng", "Same as row"))),
    });
    let choices = choices(frame, opened, importer, place, preview.decision.as_deref());
    view::Row {
        number: row.at.row,
        sheet: view::sheet_of_row(&opened.reading, row.at),
        name: preview.name,
        says: row.parsed.as_ref().map(|parsed| says(frame, parsed)).unwrap_or_default(),
        fixes: view::fixes(row.at, &row.errors, frame.lang),
        remarks,
        same,
        decide: if choices.is_empty() { String::new() } else { view::decide_name(row.at) },
        choices,
        corrected: preview.corrected,
    }
}

/// What a row says beside the name, in one line; the phone masked as everywhere.
fn says(frame: &Frame, row: &HouseholdRow) -> String {
    let parts = [
        row.address.clone(),
        row.area_text.clone(),
        row.phone.as_ref().map(|phone| phone.masked()),
        row.birth_year.map(|year| format!("{} {year}", frame.t("sinh", "born"))),
        row.members.map(|members| format!("{members} {}", frame.t("nhân khẩu", "members"))),
        row.category.map(|known| category(frame, known.as_str())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What may become of a row: value, label, whether chosen.
fn choices(
    frame: &Frame,
    opened: &Opened,
    importer: &Importer,
    place: usize,
    decision: Option<&str>,
) -> Vec<(String, String, bool)> {
    let t = |vi: &'static str, en: &'static str| frame.t(vi, en).to_owned();
    let row: &ListRow<HouseholdRow> = &opened.reading.rows[place];
    let (skip, new) = (t("Bỏ qua", "Leave out"), t("Ghi thành hộ mới", "Register as new"));
    let merge = t("Gộp vào hộ đã có", "Merge into the known one");
    let known = opened.same(place, importer).is_some();
    let mut offered = match row.status {
        RowStatus::New => vec![("", new), ("skip", skip)],
        RowStatus::Update => {
            vec![("", t("Bổ sung vào hộ đã có", "Add to the known one")), ("new", new), ("skip", skip)]
        }
        RowStatus::Duplicate if known => vec![("", skip), ("new", new), ("merge", merge)],
        RowStatus::Duplicate => vec![("", skip), ("new", new)],
        RowStatus::Error | RowStatus::Skipped => return Vec::new(),
    };
    if opened.is_taken(place) {
        offered.retain(|(value, _)| *value != "new");
    }
    let chosen = match decision {
        None => "",
        Some("skip") if row.status == RowStatus::Duplicate => "",
        Some(word @ ("skip" | "new")) => word,
        Some(_) if row.status == RowStatus::Update => "",
        Some(_) => "merge",
    };
    offered.into_iter().map(|(value, label)| (value.to_owned(), label, value == chosen)).collect()
}

/// The bad rows as a workbook.
pub(super) async fn errors(
    State(core): State<Core>,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    api::household_import_errors(State(core), visitor.staff, headers, Id(id)).await
}
