//! What the pages of imported lists of landlords say.

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::words;
use crate::db::Conn;
use crate::http::{Core, Form, Frame, Result};
use crate::imports::pages;
use crate::imports::pages::{Blocker, Fact, ListPages, RowSummary, Words, area_field, part};
use crate::imports::view::Outlook;
use crate::kernel::ids::ImportId;
use crate::kernel::{Dong, Message};
use crate::landlords::import::commit::{CommitBody, Counts};
use crate::landlords::import::rows::Whole;
use crate::landlords::import::{Opened, ReductionRow, RentReductions};
use crate::landlords::store::undo;
use crate::people::rights::WriteRent;
use crate::people::{Permit, Visitor};
use crate::places;

/// `/rent/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route(
            "/rent/imports",
            get(pages::earlier::<RentReductions>)
                .post(pages::upload::<RentReductions>)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/rent/imports/{id}", get(pages::show_page::<RentReductions>))
        .route("/rent/imports/{id}/rows", post(pages::save_rows::<RentReductions>))
        .route("/rent/imports/{id}/decide", post(pages::decide_all::<RentReductions>))
        .route("/rent/imports/{id}/columns", post(pages::choose_columns::<RentReductions>))
        .route("/rent/imports/{id}/commit", post(pages::commit::<RentReductions>))
        .route("/rent/imports/{id}/errors.xlsx", get(pages::errors::<RentReductions>))
        .route("/rent/imports/{id}/undo", get(pages::ask_undo::<RentReductions>).post(pages::undo::<RentReductions>))
}

/// Reductions shown of those that keep a list from being taken back.
const SHOWN: i64 = 50;

const WORDS: Words = Words {
    above: ("/rent", Message::fixed("Giảm tiền thuê trọ", "Rent reductions")),
    title: Message::fixed("Nhập danh sách giảm tiền thuê từ Excel", "Import a list of landlords"),
    intro: Message::fixed(
        "Gửi nguyên tệp của phường hoặc khu dân cư. Mỗi dòng ghi chủ nhà trọ, số phòng, giá thuê, mức giảm (30%, số \
         tiền mỗi phòng, hoặc Miễn), từ tháng, đến tháng. Chưa ghi gì vào sổ cho đến khi bạn xem lại và bấm ghi.",
        "Send the ward's or neighbourhood's file as it is. Each row names a landlord, rooms, rent, the cut (30%, an \
         amount per room, or Miễn for a waiver), first and last month. Nothing is stored before you have looked at it.",
    ),
    storing: Message::fixed("Ghi vào sổ", "Store in the register"),
    store: Message::fixed("Ghi vào sổ", "Store"),
    follow: None,
    stored: Message::fixed("Xem các khoản đã ghi", "See the reductions"),
    next: None,
    undoable: Message::fixed("Chưa khoản nào thay đổi sau khi ghi.", "None of them was changed since."),
    blocked: Message::fixed(
        "Các khoản sau đã được xác minh, sửa, từ chối hoặc xác nhận sau khi ghi. Hãy từ chối từng khoản không đúng.",
        "These reductions were verified, corrected, rejected or confirmed since. Reject the wrong ones one by one.",
    ),
    way_out: None,
};

#[derive(Template)]
#[template(path = "landlords/import-commit.html")]
struct CommitFields<'a> {
    frame: &'a Frame,
    form: &'a Form,
}

impl CommitFields<'_> {
    fn statuses(&self) -> [(&'static str, &'static str); 3] {
        let t = |vi, en| self.frame.t(vi, en);
        [
            ("verified", t("Đã xác minh: chủ nhà trọ đã ký vào danh sách", "Verified: the landlords signed the list")),
            ("pledged", t("Chờ xác minh: trưởng ban xác minh từng khoản", "Pledged: the heads verify each of them")),
            ("confirmed", t("Đã xác nhận: người thuê đã được giảm thật", "Confirmed: the tenants were given it")),
        ]
    }
}

impl ListPages for RentReductions {
    const PAGE: &'static str = "/rent/imports";
    const WORDS: &'static Words = &WORDS;
    const UPLOAD_FIELDS: &'static [&'static str] = &["area_id"];

    async fn upload_fields(conn: &mut Conn, visitor: &Visitor<WriteRent>, form: &Form) -> Result<String> {
        area_field(&visitor.frame, form, places::area_choices(conn, &visitor.permit.scope.areas).await?)
    }

    async fn commit_fields(
        _conn: &mut Conn,
        visitor: &Visitor<WriteRent>,
        _list: &Opened,
        form: &Form,
    ) -> Result<String> {
        let at_first = (!form.is_sent("status")).then_some("verified");
        part(&CommitFields { frame: &visitor.frame, form: &form.clone().with_some("status", at_first) })
    }

    fn commit_body(form: &Form) -> CommitBody {
        CommitBody { status: form.chosen("status").ok(), ..CommitBody::default() }
    }

    fn summary(frame: &Frame, list: &Opened, place: usize) -> RowSummary {
        let Some(row) = &list.reading.rows[place].parsed else { return RowSummary::default() };
        let same =
            list.matches.get(&place).map(|id| (format!("/rent/{id}"), frame.t("Khoản đã có", "The known reduction")));
        RowSummary { name: row.landlord_name.clone(), text: says(frame, row), same, ..RowSummary::default() }
    }

    fn outlook(frame: &Frame, list: &Opened, outlook: Outlook) -> Vec<Fact> {
        let (mut rooms, mut amount) = (0, Dong(0));
        for whole in list.stored().filter_map(Whole::of) {
            rooms += i64::from(whole.rooms);
            amount.0 = amount.0.saturating_add(whole.row.total.unwrap_or_default().0);
        }
        vec![
            (frame.t("Khoản giảm sẽ ghi", "Reductions to be stored"), frame.number(outlook.store)),
            (frame.t("Phòng trọ", "Rooms"), frame.number(rooms)),
            (frame.t("Tổng tiền giảm", "Saved in all"), frame.money(&amount)),
        ]
    }

    fn counted(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        vec![
            (frame.t("Khoản giảm", "Reductions"), frame.number(counts.new)),
            (frame.t("Chủ nhà trọ", "Landlords"), frame.number(counts.landlords)),
            (frame.t("Phòng trọ", "Rooms"), frame.number(counts.rooms)),
            (frame.t("Tổng tiền giảm", "Saved in all"), frame.money(&counts.amount)),
            (frame.t("Bỏ qua vì trùng", "Left out as duplicates"), frame.number(counts.duplicate)),
            (frame.t("Lỗi, không ghi", "With errors, not stored"), frame.number(counts.error)),
        ]
    }

    fn undoing(frame: &Frame, counts: &Counts) -> Vec<Fact> {
        let leave =
            frame.t("Số khoản giảm sẽ bị bỏ khỏi sổ và báo cáo:", "Reductions that leave the register and the report:");
        let amount = frame.t("Tổng tiền giảm của các khoản đó:", "What they save in all:");
        vec![(leave, frame.number(counts.new)), (amount, frame.money(&counts.amount))]
    }

    async fn blockers(core: &Core, frame: &Frame, permit: &Permit<WriteRent>, id: ImportId) -> Result<Vec<Blocker>> {
        let dependants = undo::dependants(&mut core.db.read().await?, &permit.scope.areas, id, SHOWN).await?;
        let elsewhere = || frame.t("(khoản giảm của khu vực khác)", "(reduction of another area)").to_owned();
        let one = |dependant: undo::Dependant| Blocker {
            href: dependant.id.map_or_else(String::new, |id| format!("/rent/{id}")),
            name: if dependant.id.is_some() { dependant.landlord } else { elsewhere() },
            why: words::status(frame, dependant.status).to_owned(),
        };
        Ok(dependants.into_iter().map(one).collect())
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
