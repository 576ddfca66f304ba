//! The pages of imported lists of donors: drop a file, see what would become of every row, decide, store.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::api::{self, CommitBody, Decision};
use super::preview::{DonationPreviewRow, Preview, SameGift};
use super::things::DonationLine;
use crate::goods::choices::{self, Choice};
use crate::goods::scope::Scope;
use crate::kernel::money::group_thousands;
use crate::kernel::say::Wrong;
use crate::kernel::{Fields, Quantity};
use crate::lists::staged::{self, Earlier, ImportId, Kind};
use crate::lists::{RowStatus, view};
use crate::people::{Right, Visitor};
use crate::vault::sha256;
use crate::web::{Core, Create, Form, Frame, Id, Once, PAGE_ROWS, Params, Result, Rows, Turn, Upload, see_other, show};

/// Possible duplicates that a page lists to be decided; those after them are left out of what is stored.
const DECIDED_MAX: usize = 500;
/// What the form asks beside the file.
const ASKED: [&str; 3] = ["unit", "campaign_id", "point_id"];

/// `/donations/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route("/donations/imports", get(earlier).post(upload).layer(DefaultBodyLimit::disable()))
        .route("/donations/imports/{id}", get(list))
        .route("/donations/imports/{id}/commit", post(commit))
}

#[derive(Template)]
#[template(path = "goods/imports.html")]
struct ImportsPage {
    frame: Frame,
    form: Form,
    campaigns: Vec<Choice>,
    points: Vec<Choice>,
    rows: Rows<Earlier>,
}

impl ImportsPage {
    fn units(&self) -> [(&'static str, &'static str); 3] {
        [
            ("đồng", self.frame.t("Đồng: 5.000.000", "Đồng: 5.000.000")),
            ("nghìn đồng", self.frame.t("Nghìn đồng: 5.000", "Thousands of đồng: 5.000")),
            ("triệu đồng", self.frame.t("Triệu đồng: 5", "Millions of đồng: 5")),
        ]
    }
}

async fn earlier(State(core): State<Core>, visitor: Visitor, Params(turn): Params<Turn>) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let form = Form::fresh(&core);
    show_imports(&core, visitor, &turn, StatusCode::OK, form).await
}

async fn show_imports(core: &Core, visitor: Visitor, turn: &Turn, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let found = staged::earlier(&mut conn, Kind::Donations, None, turn.limit(), turn.offset()).await?;
    let page = ImportsPage {
        campaigns: choices::campaigns(&mut conn).await?,
        points: choices::places(&mut conn, &scope).await?,
        rows: Rows::new(found, turn, None),
        frame: visitor.frame,
        form,
    };
    show(status, &page)
}

async fn upload(State(core): State<Core>, visitor: Visitor, request: Request) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut form = Form::fresh(&core);
    let uploaded = match Upload::from_request(request, &core).await {
        Ok(mut upload) => {
            for name in ASKED {
                form = form.with(name, upload.fields.get(name).map_or("", String::as_str));
            }
            upload.once = once(&upload, &path);
            send(&core, &visitor, headers, upload).await
        }
        Err(error) => Err(error),
    };
    match uploaded {
        Ok(id) => Ok(see_other(&format!("/donations/imports/{id}"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_imports(&core, visitor, &Turn::default(), status, form).await
        }
    }
}

/// Nobody guesses whether a list's figures are đồng or thousands of them: the clerk says.
async fn send(core: &Core, visitor: &Visitor, headers: HeaderMap, upload: Upload) -> Result<uuid::Uuid> {
    let mut fields = Fields::new();
    fields.check("unit", upload.fields.get("unit").is_some_and(|unit| !unit.is_empty()), || {
        Wrong::fixed(
            "required",
            "Chọn đơn vị của các cột tiền trong tệp.",
            "Choose the unit of the file's columns of money.",
        )
    });
    fields.finish()?;
    api::upload_donations(State(core.clone()), visitor.staff.clone(), headers, upload).await?.id()
}

/// The same form with the same file counts once.
fn once(upload: &Upload, path: &str) -> Once {
    let mut said: Vec<(String, String)> = upload.fields.clone().into_iter().collect();
    said.push(("file".to_owned(), HEXLOWER.encode(&sha256(&upload.bytes))));
    Once::of_form(upload.fields.get("once").map_or("", String::as_str), path, &said)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    status: String,
}

#[derive(Template)]
#[template(path = "goods/import.html")]
struct ListPage {
    frame: Frame,
    form: Form,
    preview: Preview,
    tabs: Vec<view::Tab>,
    rows: Rows<DonationPreviewRow>,
    duplicates: Vec<DonationPreviewRow>,
    points: Vec<Choice>,
}

impl ListPage {
    /// Rows that are stored as they stand.
    fn storable(&self) -> usize {
        self.preview.totals.new
    }

    fn what(&self, row: &DonationPreviewRow) -> String {
        row.lines.iter().map(|line| what(&self.frame, line)).collect::<Vec<_>>().join("; ")
    }

    /// What a row is the same as: where that is shown, and its words.
    fn same(&self, row: &DonationPreviewRow) -> Option<(String, String)> {
        Some(match row.duplicate_of.as_ref()? {
            SameGift::Donation(id) => {
                (format!("/donations/{id}"), self.frame.t("Khoản đã ghi", "The stored donation").to_owned())
            }
            SameGift::Row(number) => (String::new(), format!("{} {number}", self.frame.t("Trùng dòng", "Same as row"))),
        })
    }
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

async fn list(
    State(core): State<Core>,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Params(asked): Params<Asked>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let form = Form::fresh(&core);
    show_list(&core, visitor, headers, id, (&turn, &asked.status), StatusCode::OK, form).await
}

async fn show_list(
    core: &Core,
    visitor: Visitor,
    headers: HeaderMap,
    id: ImportId,
    (turn, status): (&Turn, &str),
    code: StatusCode,
    form: Form,
) -> Result<Response> {
    let Json(mut preview) =
        api::get_donation_import(State(core.clone()), visitor.staff.clone(), headers, Id(id)).await?;
    let status = view::status_asked(status, preview.totals);
    let (duplicates, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut preview.rows).into_iter().partition(|row| row.status == RowStatus::Duplicate);
    let shown: Vec<DonationPreviewRow> = others.into_iter().filter(|row| row.status == status).collect();
    let total = i64::try_from(shown.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(turn.offset()).unwrap_or(usize::MAX);
    let limit = usize::try_from(PAGE_ROWS + 1).unwrap_or(usize::MAX);
    let mut conn = core.db.read().await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let page = ListPage {
        tabs: view::tabs(&visitor.frame, preview.totals, status),
        rows: Rows::new(shown.into_iter().skip(skipped).take(limit).collect(), turn, Some(total)),
        duplicates: duplicates.into_iter().take(DECIDED_MAX).collect(),
        points: choices::places(&mut conn, &scope).await?,
        frame: visitor.frame,
        preview,
        form,
    };
    show(code, &page)
}

async fn commit(
    State(core): State<Core>,
    visitor: Visitor,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::WriteGoods)?;
    let stored = form.all("store").map(|key| (key.to_owned(), Decision::New));
    let decisions: BTreeMap<String, Decision> = stored.collect();
    let body = CommitBody { decisions, point_id: form.chosen("point_id").ok() };
    let create = Create { body, once: form.once() };
    let committed = api::commit_donation_import(State(core.clone()), visitor.staff.clone(), Id(id), create).await;
    match committed {
        Ok(_) => Ok(see_other(&format!("/donations/imports/{id}?done=imported"))),
        Err(error) => {
            let (code, form) = form.refused(error)?;
            show_list(&core, visitor, headers, id, (&Turn::default(), ""), code, form).await
        }
    }
}
