//! What came and went within some days (nhập – xuất – tồn), at one point or at all of them.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::http::workbook::{Cell, Export};
use crate::http::{Core, Frame, Params, Result, show};
use crate::inventory::choices::Choice;
use crate::inventory::store::listings::Turnover;
use crate::inventory::{choices, store};
use crate::kernel::{Clock, Day};
use crate::people::rights::ReadStock;
use crate::people::{Staff, Visitor};

/// `/stock/turnover`.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/stock/turnover", get(turnover)).route("/stock/turnover/export.xlsx", get(export))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
    from: String,
    to: String,
}

impl ListQuery {
    /// The days asked for; this month up to today when nothing else is. Days the wrong way round are turned.
    fn days(&self, clock: &Clock) -> (Day, Day) {
        let today = clock.today();
        let to = Day::parse(&self.to).unwrap_or(today);
        let month = || Day::from_ymd(to.date().year(), to.date().month(), 1).unwrap_or(to);
        let from = Day::parse(&self.from).unwrap_or_else(|_| month());
        (from.min(to), from.max(to))
    }

    async fn rows(&self, core: &Core, staff: &Staff) -> Result<(Vec<Turnover>, Vec<Choice>)> {
        let (from, to) = self.days(&core.clock);
        let mut conn = core.db.snapshot().await?;
        let (own, days) = (&staff.scope.points, (from.start(), to.end()));
        let rows = store::listings::turnover(&mut conn, self.point_id.parse().ok(), own, days).await?;
        Ok((rows, choices::all_places(&mut conn, own).await?))
    }
}

#[derive(Template)]
#[template(path = "inventory/turnover.html")]
struct TurnoverPage {
    frame: Frame,
    rows: Vec<Turnover>,
    points: Vec<Choice>,
    from: Day,
    to: Day,
}

async fn turnover(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
) -> Result<Response> {
    let (rows, points) = wanted.rows(&core, &visitor.permit).await?;
    let (from, to) = wanted.days(&core.clock);
    show(StatusCode::OK, &TurnoverPage { frame: visitor.frame, rows, points, from, to })
}

/// The columns: Vietnamese, English, width in characters.
const COLUMNS: [(&str, &str, f64); 10] = [
    ("Mặt hàng", "Item", 30.0),
    ("Đơn vị tính", "Unit", 10.0),
    ("Tồn đầu kỳ", "Opening", 14.0),
    ("Nhập ủng hộ", "Donated", 14.0),
    ("Nhập chuyển kho", "Moved in", 14.0),
    ("Nhập điều chỉnh", "Added", 14.0),
    ("Xuất phát quà", "Handed out", 14.0),
    ("Xuất chuyển kho", "Moved out", 14.0),
    ("Xuất điều chỉnh", "Written off", 14.0),
    ("Tồn cuối kỳ", "Closing", 14.0),
];

async fn export(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
) -> Result<Response> {
    let (rows, _) = wanted.rows(&core, &visitor.permit).await?;
    let frame = visitor.frame;
    let mut export = Export::new(frame.lang, frame.t("Nhập xuất tồn", "Turnover"), &COLUMNS)?;
    for row in rows {
        let cell = |quantity| Cell::amount(quantity, row.decimals);
        export.row(&[
            row.name.as_str().into(),
            row.unit.as_str().into(),
            cell(row.opening),
            cell(row.donated),
            cell(row.moved_in),
            cell(row.added),
            cell(row.handed_out),
            cell(row.moved_out),
            cell(row.written_off),
            cell(row.closing),
        ])?;
    }
    export.answer("nhap-xuat-ton.xlsx")
}
