//! The stock: what is where, on hand, promised, available, now or at the end of any past day.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::db::Conn;
use crate::http::workbook::{Cell, Export};
use crate::http::{Core, Frame, PAGE_ROWS, Params, Result, Rows, Turn, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::level::{Enough, StockFilter, StockLevel};
use crate::inventory::{choices, level};
use crate::kernel::vietnamese::fold;
use crate::kernel::{Clock, Day};
use crate::people::rights::ReadStock;
use crate::people::{Right, Staff, Visitor};

/// `/stock` and what lies below it.
pub fn router() -> Router<Core> {
    Router::new().route("/stock", get(stock)).route("/stock/export.xlsx", get(export_stock))
}

/// What the table is filtered by, as the address says it; what can't be read filters nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
    item: String,
    state: String,
    at: String,
}

/// One row of the table.
#[derive(Debug)]
struct Row {
    level: StockLevel,
    point: String,
}

/// The day that is asked for, when it is over.
fn past_day(at: &str, clock: &Clock) -> Option<Day> {
    Day::parse(at).ok().filter(|day| *day < clock.today())
}

/// The rows by point, as points stand in the list of choices, and by item.
async fn rows(conn: &mut Conn, core: &Core, staff: &Staff, wanted: &ListQuery) -> Result<(Vec<Row>, Vec<Choice>)> {
    let own = &staff.scope.points;
    let before = past_day(&wanted.at, &core.clock).map(Day::end);
    let filter = StockFilter { point_id: wanted.point_id.parse().ok(), item_id: None, before };
    let points = choices::all_places(conn, own).await?;
    let (item, place) = (fold(&wanted.item), |id: &str| points.iter().position(|(known, _)| known == id));
    let levels = level::levels(conn, filter, own).await?.items.into_iter();
    let mut rows: Vec<Row> = levels
        .filter(|level| fold(&level.name).contains(&item))
        .filter(|level| wanted.state.is_empty() || level.state().name() == wanted.state)
        .map(|level| Row { point: name_of(&points, &level.point_id.to_string()).to_owned(), level })
        .collect();
    rows.sort_by_cached_key(|row| (place(&row.level.point_id.to_string()), fold(&row.level.name)));
    Ok((rows, points))
}

#[derive(Template)]
#[template(path = "inventory/stock.html")]
struct StockPage {
    frame: Frame,
    rows: Rows<Row>,
    points: Vec<Choice>,
    past: Option<Day>,
    today: Day,
    filtered: bool,
    may_write: bool,
}

impl StockPage {
    fn states(&self) -> [(&'static str, String); 4] {
        let said = |state: Enough| (state.name(), self.frame.say(&state.say()).to_owned());
        [Enough::Shortage, Enough::Out, Enough::Low, Enough::Enough].map(said)
    }

    /// Rows of the same point stand under one heading.
    fn begins_point(&self, index: &usize) -> bool {
        let point = |at: usize| self.rows.items.get(at).map(|row| row.level.point_id);
        index.checked_sub(1).and_then(point) != point(*index)
    }
}

async fn stock(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let (rows, points) = rows(&mut core.db.snapshot().await?, &core, &visitor.permit, &wanted).await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(turn.offset()).unwrap_or(usize::MAX);
    let shown = usize::try_from(PAGE_ROWS + 1).unwrap_or(usize::MAX);
    let page = StockPage {
        rows: Rows::new(rows.into_iter().skip(skipped).take(shown).collect(), &turn, Some(total)),
        points,
        past: past_day(&wanted.at, &core.clock),
        today: core.clock.today(),
        filtered: visitor.frame.here.contains('='),
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

/// The columns: Vietnamese, English, width in characters.
const COLUMNS: [(&str, &str, f64); 7] = [
    ("Điểm hoặc kho", "Point", 30.0),
    ("Mặt hàng", "Item", 30.0),
    ("Đơn vị tính", "Unit", 10.0),
    ("Tồn kho", "On hand", 14.0),
    ("Chờ phát theo phiếu", "Promised", 14.0),
    ("Còn lại", "Available", 14.0),
    ("Tình trạng", "State", 12.0),
];

async fn export_stock(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
) -> Result<Response> {
    let (rows, _) = rows(&mut core.db.snapshot().await?, &core, &visitor.permit, &wanted).await?;
    let frame = visitor.frame;
    let mut export = Export::new(frame.lang, frame.t("Tồn kho", "Stock"), &COLUMNS)?;
    for Row { level, point } in rows {
        let cell = |quantity| Cell::amount(quantity, level.decimals);
        let state = frame.say(&level.state().say()).to_owned();
        export.row(&[
            point.into(),
            level.name.into(),
            level.unit.into(),
            cell(level.on_hand),
            cell(level.promised),
            cell(level.available),
            state.into(),
        ])?;
    }
    export.answer("ton-kho.xlsx")
}
