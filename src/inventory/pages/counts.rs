//! Stock takes (kiểm kê): a sheet to count by, the differences to the books, one adjustment.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::db::Conn;
use crate::http::{Core, Error, Form, Frame, Id, Result, at_rows, see_other, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::count::{CountedBody, NewCount, NewCountBody};
use crate::inventory::item::Item;
use crate::inventory::level::fit_levels;
use crate::inventory::service::counts as service;
use crate::inventory::store::catalogue::items_by_name;
use crate::inventory::{choices, quantities};
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Quantity, Validation, Within};
use crate::people::Visitor;
use crate::people::rights::MoveStock;

/// `/stock/count`.
pub(crate) fn router() -> Router<Core> {
    Router::new().route("/stock/count", get(points)).route("/stock/count/{id}", get(sheet).post(count))
}

#[derive(Template)]
#[template(path = "inventory/count-points.html")]
struct PointsPage {
    frame: Frame,
    points: Vec<Choice>,
}

async fn points(State(core): State<Core>, visitor: Visitor<MoveStock>) -> Result<Response> {
    let points = choices::places(&mut core.db.read().await?, &visitor.permit.scope.points).await?;
    show(StatusCode::OK, &PointsPage { frame: visitor.frame, points })
}

/// One item to count, in its row of the form.
#[derive(Debug)]
struct Line {
    row: usize,
    item: Item,
    /// What the books say.
    book: Quantity,
    /// What was counted, once it is typed and can be read.
    counted: Option<Quantity>,
}

impl Line {
    fn field(&self, name: &str) -> String {
        format!("lines[{}].{name}", self.row)
    }

    fn difference(&self) -> Option<Quantity> {
        self.counted.map(|counted| Quantity(counted.0 - self.book.0))
    }
}

#[derive(Template)]
#[template(path = "inventory/count.html")]
struct CountPage {
    frame: Frame,
    form: Form,
    point: String,
    lines: Vec<Line>,
    today: Day,
    /// Whether what was counted is shown beside the books, to be booked.
    comparing: bool,
}

impl CountPage {
    fn signed(&self, quantity: &Quantity, line: &Line) -> String {
        let sign = if quantity.0 > 0 { "+" } else { "" };
        format!("{sign}{}", self.frame.amount(quantity, line.item.decimals))
    }

    fn uncounted(&self) -> usize {
        self.lines.iter().filter(|line| line.counted.is_none()).count()
    }
}

/// The open point that a sheet is for.
async fn point_of(conn: &mut Conn, own: &Within<PointId>, id: PointId) -> Result<String> {
    let points = choices::places(conn, own).await?;
    Some(name_of(&points, &id.to_string()).to_owned()).filter(|name| !name.is_empty()).ok_or(Error::NotFound)
}

/// Every item that is at the point by the books, then all others.
async fn lines(conn: &mut Conn, core: &Core, own: &Within<PointId>, point: PointId, form: &Form) -> Result<Vec<Line>> {
    let items = items_by_name(conn).await?;
    let stock = fit_levels(conn, &core.clock, point, own).await?;
    let book_of = |id: ItemId| stock.iter().find(|row| row.level.item_id == id).map(|row| row.level.on_hand);
    let rows = quantities::rows_of(form, "lines", items.iter().map(|item| item.id));
    let line = |(row, item): (usize, Item)| {
        let name = format!("lines[{row}].counted");
        let counted = form.quantity(&name, u8::try_from(item.decimals).unwrap_or(0)).ok();
        Line { row, book: book_of(item.id).unwrap_or_default(), counted, item }
    };
    let mut lines: Vec<Line> = rows.into_iter().zip(items).map(line).collect();
    lines.sort_by_key(|line| line.book.0 == 0);
    Ok(lines)
}

async fn sheet(State(core): State<Core>, visitor: Visitor<MoveStock>, Id(id): Id<PointId>) -> Result<Response> {
    let form = Form::fresh(&core);
    show_sheet(&core, visitor, StatusCode::OK, id, form, false).await
}

async fn show_sheet(
    core: &Core,
    visitor: Visitor<MoveStock>,
    status: StatusCode,
    id: PointId,
    form: Form,
    comparing: bool,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let own = &visitor.permit.scope.points;
    let point = point_of(&mut conn, own, id).await?;
    let lines = lines(&mut conn, core, own, id, &form).await?;
    show(status, &CountPage { frame: visitor.frame, form, point, lines, today: core.clock.today(), comparing })
}

/// Shows the differences of what was counted; books them once they were looked at.
async fn count(
    State(core): State<Core>,
    visitor: Visitor<MoveStock>,
    Id(id): Id<PointId>,
    form: Form,
) -> Result<Response> {
    let rows = form.filled_rows("lines", &["counted"]);
    let items = items_by_name(&mut core.db.read().await?).await?;
    let mut fields = Validation::new();
    let counted = quantities::quantities(&form, &mut fields, ("lines", "counted"), &rows, &items);
    fields.check("lines", !rows.is_empty(), || {
        Invalid::fixed(
            "required",
            "Ghi số đếm được của ít nhất một mặt hàng.",
            "Write what you counted of one item at least.",
        )
    });
    if let Err(errors) = fields.finish() {
        let (status, form) = form.refused(errors.into())?;
        return show_sheet(&core, visitor, status, id, form, false).await;
    }
    if form.value("step") != "book" {
        return show_sheet(&core, visitor, StatusCode::OK, id, form, true).await;
    }
    let lines = rows.iter().zip(counted).map(|(row, (item_id, counted))| CountedBody {
        item_id,
        book: form.value(&format!("lines[{row}].book")).parse().unwrap_or(0),
        counted: counted.0,
    });
    let body = NewCountBody { point_id: id, note: form.text("note"), lines: lines.collect() };
    let booked = async {
        let count = NewCount::parse(body)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core, &visitor.permit, count).await
        })
        .await
    };
    match booked.await {
        Ok(answer) => Ok(see_other(&format!("/stock/adjustments/{}?done=counted", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(at_rows(error, "lines", &rows))?;
            show_sheet(&core, visitor, status, id, form, true).await
        }
    }
}
