//! `/rounds/{id}/vouchers`: a round's vouchers as a table, those of people who did not come among them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use super::words::became;
use crate::http::workbook::{Cell, EXPORT_ROWS, Export};
use crate::http::{Core, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::kernel::ids::RoundId;
use crate::people::Visitor;
use crate::people::audit::{self, Act};
use crate::people::rights::ReadVouchers;
use crate::vouchers::reach::seen_round;
use crate::vouchers::round::Round;
use crate::vouchers::store::listings as store;
use crate::vouchers::store::listings::{ListedVoucher, PointOfRound, Shown, VoucherFilter};

pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/rounds/{id}/vouchers", get(vouchers))
        .route("/rounds/{id}/vouchers/export.xlsx", get(export))
        .route("/rounds/{id}/absent", get(absent))
}

/// Which vouchers.
#[derive(Debug, Default, Deserialize)]
struct Filter {
    #[serde(default)]
    show: String,
    #[serde(default)]
    point_id: String,
}

fn wanted(visitor: &Visitor<ReadVouchers>, filter: &Filter, turn: &Turn) -> VoucherFilter {
    let (column, down) = turn.order(&["serial", "name"]);
    VoucherFilter {
        shown: Shown::parse(&filter.show),
        point_id: filter.point_id.parse().ok(),
        areas: visitor.permit.scope.areas.clone(),
        points: visitor.permit.named_points(),
        by_name: column == "name",
        down,
    }
}

#[derive(Template)]
#[template(path = "vouchers/round-vouchers.html")]
struct VouchersPage {
    frame: Frame,
    round: Round,
    points: Vec<PointOfRound>,
    rows: Rows<ListedVoucher>,
    wanted: VoucherFilter,
    export: String,
}

fn slot(voucher: &ListedVoucher) -> String {
    match voucher.slot_at.zip(voucher.slot_ends_at) {
        Some((at, ends_at)) => format!("{}–{} {}", at.clock_time(), ends_at.clock_time(), at.day().for_people()),
        None => String::new(),
    }
}

impl VouchersPage {
    fn became(&self, voucher: &ListedVoucher) -> &'static str {
        became(&self.frame, &voucher.status, voucher.received, voucher.units)
    }

    fn slot(&self, voucher: &ListedVoucher) -> String {
        slot(voucher)
    }

    fn shown(&self) -> [(&'static str, &'static str); 4] {
        [
            ("", self.frame.t("Tất cả", "All")),
            (Shown::Absent.name(), self.frame.t("Chưa nhận", "Not yet received")),
            (Shown::Served.name(), self.frame.t("Đã nhận", "Received")),
            (Shown::Void.name(), self.frame.t("Đã hủy", "Void")),
        ]
    }

    fn is_point(&self, point: &PointOfRound) -> bool {
        point.point_id.is_some() && point.point_id == self.wanted.point_id
    }

    fn shows(&self, name: &str) -> bool {
        self.wanted.shown.name() == name
    }
}

async fn vouchers(
    State(core): State<Core>,
    visitor: Visitor<ReadVouchers>,
    Id(id): Id<RoundId>,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let (seen, wanted) = (&visitor.permit.scope.points, wanted(&visitor, &filter, &turn));
    let round = seen_round(&mut conn, seen, id).await?;
    let points = store::points_of_round(&mut conn, seen, id).await?;
    let found = store::vouchers(&mut conn, id, &wanted, turn.limit(), turn.offset()).await?;
    let total = store::count_vouchers(&mut conn, id, &wanted).await?;
    let query = visitor.frame.here.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let page = VouchersPage {
        frame: visitor.frame,
        export: format!("/rounds/{id}/vouchers/export.xlsx{query}"),
        rows: Rows::new(found, &turn, Some(total)),
        round,
        points,
        wanted,
    };
    show(StatusCode::OK, &page)
}

/// Who did not come.
async fn absent(State(core): State<Core>, visitor: Visitor<ReadVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    seen_round(&mut core.db.read().await?, &visitor.permit.scope.points, id).await?;
    Ok(see_other(&format!("/rounds/{id}/vouchers?show={}&sort=name", Shown::Absent.name())))
}

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadVouchers>,
    Id(id): Id<RoundId>,
    Params(turn): Params<Turn>,
    Params(filter): Params<Filter>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    seen_round(&mut conn, &visitor.permit.scope.points, id).await?;
    let wanted = wanted(&visitor, &filter, &turn);
    let found = store::vouchers(&mut conn, id, &wanted, EXPORT_ROWS, 0).await?;
    drop(conn);
    let detail = json!({ "rows": found.len(), "show": wanted.shown.name() });
    audit::record(&core, visitor.permit.actor(), Act::on("export", "round", id.0).with(detail)).await?;
    let frame = &visitor.frame;
    let columns = [
        ("Số phiếu", "Serial", 10.0),
        ("Họ tên", "Name", 28.0),
        ("Địa chỉ", "Address", 32.0),
        ("Khu vực", "Area", 20.0),
        ("Số khẩu", "Members", 8.0),
        ("Điểm phát quà", "Point", 28.0),
        ("Khung giờ", "Slot", 22.0),
        ("Số suất", "Packages", 8.0),
        ("Đã nhận (suất)", "Received", 10.0),
        ("Tình trạng", "State", 16.0),
    ];
    let mut export = Export::new(frame.lang, frame.t("Phiếu", "Vouchers"), &columns)?;
    for row in found {
        let (state, slot) = (became(frame, &row.status, row.received, row.units), slot(&row));
        export.row(&[
            row.serial.into(),
            row.head_name.into(),
            row.address.into(),
            row.area.into(),
            row.members.into(),
            row.point.into(),
            Cell::Text(slot),
            row.units.into(),
            row.received.into(),
            state.into(),
        ])?;
    }
    export.answer("phieu.xlsx")
}
