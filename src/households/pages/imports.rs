//! What the pages of imported lists of households say.

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::db::Conn;
use crate::households::import::commit::{CommitBody, Counts};
use crate::households::import::preview::{remarks, without_area};
use crate::households::import::{HouseholdRow, Households, Opened};
use crate::households::pages::words::category;
use crate::households::store::undo::{self, Dependant};
use crate::http::{Core, Form, Frame, Result};
use crate::imports::pages::{Blocker, Choices, Fact, ListPages, RowSummary, Words, area_field, part};
use crate::imports::staged::KeptDecision;
use crate::imports::view::Outlook;
use crate::imports::{pages, view};
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::people::rights::WriteHouseholds;
use crate::people::{Permit, Visitor};
use crate::places;
use crate::spreadsheet::{RowIssue, RowStatus};

/// `/households/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route(
            "/households/imports",
            get(pages::earlier::<Households>).post(pages::upload::<Households>).layer(DefaultBodyLimit::disable()),
        )
        .route("/households/imports/progress/{key}", get(pages::progress::<Households>))
        .route("/households/imports/{id}", get(pages::show_page::<Households>))
        .route("/households/imports/{id}/rows", post(pages::save_rows::<Households>))
        .route("/households/imports/{id}/decide", post(pages::decide_all::<Households>))
        .route("/households/imports/{id}/columns", post(pages::choose_columns::<Households>))
        .route("/households/imports/{id}/commit", post(pages::commit::<Households>))
        .route("/households/imports/{id}/errors.xlsx", get(pages::errors::<Households>))
        .route("/households/imports/{id}/undo", get(pages::ask_undo::<Households>).post(pages::undo::<Households>))
}

/// Households shown of those that keep a list from being taken back.
const SHOWN: i64 = 50;

const WORDS: Words = Words {
    above: ("/households", Message::fixed("Sổ hộ gia đình", "Register of households")),
    title: Message::fixed("Nhập danh sách hộ từ Excel", "Import a list of households"),
    intro: Message::fixed(
        "Gửi nguyên tệp mà khu dân cư đã gửi: tiêu đề, dòng cộng và phần ký tên được tự bỏ qua. Chưa ghi gì vào sổ cho \
         đến khi bạn xem lại và bấm ghi.",
        "Send the file as the neighbourhood sent it: titles, totals and signatures are passed over. Nothing is \
         registered before you have looked at it.",
    ),
    storing: Message::fixed("Ghi vào sổ", "Store in the register"),
    store: Message::fixed("Ghi vào sổ", "Store"),
    follow: Some("/households/imports/progress"),
    stored: Message::fixed("Xem các hộ đã ghi", "See the households"),
    next: Some(("/households/duplicates", Message::fixed("Xem nghi trùng", "See possible duplicates"))),
    undoable: Message::fixed(
        "Chưa hộ nào có phiếu và chưa hộ nào được sửa sau khi ghi.",
        "None of them has a voucher and none was changed since.",
    ),
    blocked: Message::fixed(
        "Các hộ sau đã có phiếu, hoặc đã được sửa, gộp hay xóa dữ liệu sau khi ghi. Hãy sửa hoặc gộp từng hộ.",
        "These households have vouchers, or were changed, merged or erased since. Correct or merge single households instead.",
    ),
    way_out: None,
};

#[derive(Template)]
#[template(path = "households/import-commit.html")]
struct CommitFields<'a> {
    frame: &'a Frame,
    form: &'a Form,
    areas: Vec<(String, String)>,
    without_area: usize,
}

impl ListPages for Households {
    const PAGE: &'static str = "/households/imports";
    const WORDS: &'static Words = &WORDS;
    const UPLOAD_FIELDS: &'static [&'static str] = &["area_id"];

    async fn upload_fields(conn: &mut Conn, visitor: &Visitor<WriteHouseholds>, form: &Form) -> Result<String> {
        area_field(&visitor.frame, form, places::area_choices(conn, &visitor.permit.scope.areas).await?)
    }

    async fn commit_fields(
        conn: &mut Conn,
        visitor: &Visitor<WriteHouseholds>,
        list: &Opened,
        form: &Form,
    ) -> Result<String> {
        let areas = places::area_choices(conn, &visitor.permit.scope.areas).await?;
        let at_first = list.options.area_id.filter(|_| !form.is_sent("area_id"));
        let form = &form.clone().with_some("area_id", at_first);
        part(&CommitFields { frame: &visitor.frame, form, areas, without_area: without_area(list) })
    }

    fn commit_body(form: &Form) -> CommitBody {
        CommitBody {
            area_id: form.chosen("area_id").ok(),
            consent: form.ticked("consent"),
            progress: form.value("progress").to_owned(),
            ..CommitBody::default()
        }
    }

    fn summary(frame: &Frame, list: &Opened, place: usize) -> RowSummary {
        let row = &list.reading.rows[place];
        let remarks = RowIssue::all(&remarks(list, place), frame.lang);
        let known = frame.t("Hộ đã có trong sổ", "The known household");
        RowSummary {
            name: row.parsed.as_ref().map(|parsed| parsed.head_name.clone()).unwrap_or_default(),
            text: row.parsed.as_ref().map(|parsed| says(frame, parsed)).unwrap_or_default(),
            remarks: remarks.into_iter().map(view::remark).collect(),
            same: list.matches.same(place).map(|found| (format!("/households/{}", found.id), known)),
        }
    }

    fn choices(frame: &Frame, list: &Opened, place: usize) -> Choices {
        choices(frame, list, place)
    }

    fn choices_for_all(frame: &Frame, status: RowStatus) -> Vec<(&'static str, &'static str)> {
        let new = ("new", frame.t("Ghi tất cả thành hộ mới", "Register all as new"));
        let merge = ("merge", frame.t("Gộp tất cả vào hộ đã có", "Merge all into the known ones"));
        match status {
            RowStatus::Duplicate | RowStatus::Update => vec![merge, new, view::skip_all(frame), view::back(frame)],
            _ => view::store_or_skip_all(frame, status),
        }
    }

    fn outlook(frame: &Frame, _list: &Opened, outlook: Outlook) -> Vec<Fact> {
        vec![
            (frame.t("Hộ mới", "New households"), frame.number(outlook.store)),
            (frame.t("Bổ sung cho hộ đã có", "Added to known ones"), frame.number(outlook.fill)),
        ]
    }

    fn counted(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        vec![
            (frame.t("Hộ mới", "New households"), frame.number(counts.new)),
            (frame.t("Bổ sung cho hộ đã có", "Added to known ones"), frame.number(counts.updated)),
            (frame.t("Bỏ qua", "Left out"), frame.number(counts.skipped)),
            (frame.t("Lỗi, không ghi", "With errors, not stored"), frame.number(counts.errors)),
        ]
    }

    fn undoing(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        let leave = frame.t("Số hộ sẽ được đưa ra khỏi sổ:", "Households that leave the register:");
        let lose =
            frame.t("Số hộ mất phần bổ sung từ danh sách này:", "Households that lose what this list told of them:");
        vec![(leave, frame.number(counts.new)), (lose, frame.number(counts.updated))]
    }

    async fn blockers(
        core: &Core,
        frame: &Frame,
        permit: &Permit<WriteHouseholds>,
        id: ImportId,
    ) -> Result<Vec<Blocker>> {
        let dependants = undo::dependants(&mut core.db.read().await?, &permit.scope.areas, id, SHOWN).await?;
        Ok(dependants.into_iter().map(|dependant| blocker(frame, dependant)).collect())
    }
}

fn blocker(frame: &Frame, dependant: Dependant) -> Blocker {
    let why = [
        (dependant.vouchers, frame.t("Đã có phiếu nhận hàng", "Has vouchers")),
        (dependant.changed, frame.t("Đã thay đổi sau khi ghi", "Changed since")),
    ];
    let why: Vec<&str> = why.into_iter().filter(|(count, _)| *count > 0).map(|(_, why)| why).collect();
    let name = match &dependant.id {
        None => frame.t("(hộ thuộc khu vực khác)", "(household of another area)").to_owned(),
        Some(_) if dependant.head_name.is_empty() => frame.t("(đã xóa dữ liệu)", "(erased)").to_owned(),
        Some(_) => dependant.head_name,
    };
    let href = dependant.id.map_or_else(String::new, |id| format!("/households/{id}"));
    Blocker { href, name, why: why.join("; ") }
}

/// What a row says beside the name, in one line; the phone masked as everywhere.
fn says(frame: &Frame, row: &HouseholdRow) -> String {
    let parts = [
        row.address.clone(),
        row.area_text.clone(),
        row.phone.as_ref().map(|phone| phone.masked()),
        row.birth_year.map(|year| format!("{} {year}", frame.t("sinh", "born"))),
        row.members.map(|members| format!("{members} {}", frame.t("nhân khẩu", "members"))),
        row.category.map(|known| category(frame, known)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What may become of a row: value, label, whether chosen.
fn choices(frame: &Frame, list: &Opened, place: usize) -> Choices {
    let t = |vi: &'static str, en: &'static str| frame.t(vi, en).to_owned();
    let row = &list.reading.rows[place];
    let (skip, new) = (t("Bỏ qua", "Leave out"), t("Ghi thành hộ mới", "Register as new"));
    let merge = t("Gộp vào hộ đã có", "Merge into the known one");
    let known = list.matches.same(place).is_some();
    let mut offered = match row.status {
        RowStatus::New => vec![("", new), ("skip", skip)],
        RowStatus::Update => {
            vec![("", t("Bổ sung vào hộ đã có", "Add to the known one")), ("new", new), ("skip", skip)]
        }
        RowStatus::Duplicate if known => vec![("", skip), ("new", new), ("merge", merge)],
        RowStatus::Duplicate => vec![("", skip), ("new", new)],
        RowStatus::Error | RowStatus::Skipped => return Vec::new(),
    };
    if list.matches.is_taken(place) {
        offered.retain(|(value, _)| *value != "new");
    }
    let chosen = match list.decision(row.at) {
        None => "",
        Some(KeptDecision::Skip) if row.status == RowStatus::Duplicate => "",
        Some(KeptDecision::Skip) => "skip",
        Some(KeptDecision::New) => "new",
        Some(KeptDecision::Into(_)) if row.status == RowStatus::Update => "",
        Some(KeptDecision::Into(_)) => "merge",
    };
    offered.into_iter().map(|(value, label)| (value.to_owned(), label, value == chosen)).collect()
}
