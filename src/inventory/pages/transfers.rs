//! Transfers: the table, a new one with what is there and what is missing elsewhere, and one with its paper.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::moved::{booked_by, summary};
use super::offers::{Offer, begun_with, offers, point_of};
use crate::db::Conn;
use crate::http::{Core, Form, Frame, Id, Params, Result, Rows, Turn, at_rows, see_other, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::level::{StockFilter, levels};
use crate::inventory::lines::MovedLine;
use crate::inventory::service::transfers as service;
use crate::inventory::store::catalogue::items_by_name;
use crate::inventory::store::records;
use crate::inventory::suggest::Suggestion;
use crate::inventory::transfer::{NewTransfer, NewTransferBody, Transfer, TransferLineBody};
use crate::inventory::{Item, choices, quantities, suggest};
use crate::kernel::ids::{PointId, TransferId};
use crate::kernel::{Day, Quantity, Validation, Within};
use crate::people::rights::{MoveStock, ReadStock};
use crate::people::{Right, Visitor};
use crate::places;

/// `/stock/transfers`.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/stock/transfers", get(transfers))
        .route("/stock/transfers/new", get(new_transfer).post(create_transfer))
        .route("/stock/transfers/{id}", get(transfer))
        .route("/stock/transfers/{id}/paper", get(paper))
}

#[derive(Template)]
#[template(path = "inventory/transfers.html")]
struct TransfersPage {
    frame: Frame,
    rows: Rows<Transfer>,
    /// Those to filter by.
    own: Vec<Choice>,
    /// Every one: goods come from and go to points of others too.
    points: Vec<Choice>,
    filtered: bool,
    may_move: bool,
}

impl TransfersPage {
    fn point(&self, id: &PointId) -> &str {
        name_of(&self.points, &id.to_string())
    }

    fn summary(&self, lines: &[MovedLine]) -> String {
        summary(&self.frame, lines)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    point_id: String,
}

async fn transfers(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let (own, part) = (&visitor.permit.scope.points, (turn.limit(), turn.offset()));
    let found = records::newest_transfers(&mut conn, own, wanted.point_id.parse().ok(), part).await?;
    let page = TransfersPage {
        rows: Rows::new(found, &turn, None),
        own: choices::all_places(&mut conn, own).await?,
        points: choices::all_places(&mut conn, &Within::All).await?,
        filtered: visitor.frame.here.contains('='),
        may_move: visitor.may(Right::MoveStock),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

/// Shortages of one point that another can mend.
#[derive(Debug)]
struct Mending {
    from: PointId,
    to: PointId,
    goods: String,
}

#[derive(Template)]
#[template(path = "inventory/transfer-new.html")]
struct NewTransferPage {
    frame: Frame,
    form: Form,
    points: Vec<Choice>,
    offers: Vec<Offer>,
    mendings: Vec<Mending>,
}

impl NewTransferPage {
    fn point(&self, id: &PointId) -> &str {
        name_of(&self.points, &id.to_string())
    }

    fn from(&self) -> &str {
        name_of(&self.points, self.form.value("from_point_id"))
    }
}

/// Where a new transfer begins: the points, and whether its quantities are those that mend the shortages there, or one
/// item's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Begun {
    from_point_id: String,
    to_point_id: String,
    suggested: String,
    item_id: String,
    quantity: String,
}

async fn new_transfer(
    State(core): State<Core>,
    visitor: Visitor<MoveStock>,
    Params(begun): Params<Begun>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let own = &visitor.permit.scope.points;
    let mut form =
        Form::fresh(&core).with("from_point_id", &begun.from_point_id).with("to_point_id", &begun.to_point_id);
    if let (Ok(from), Ok(to), "yes") =
        (begun.from_point_id.parse::<PointId>(), begun.to_point_id.parse::<PointId>(), begun.suggested.as_str())
    {
        let here = |suggestion: &Suggestion| suggestion.from == from && suggestion.to == to;
        let everywhere = levels(&mut conn, StockFilter::default(), own).await?.items;
        let suggested = suggest::for_stock(&mut conn, own, &everywhere).await?;
        for (i, found) in suggested.into_iter().filter(here).enumerate() {
            let level = everywhere.iter().find(|level| level.item_id == found.item_id);
            let decimals = level.map_or(0, |level| u8::try_from(level.decimals).unwrap_or(0));
            form = form
                .with(&format!("lines[{i}].item_id"), found.item_id)
                .with(&format!("lines[{i}].quantity"), found.quantity.in_unit(decimals));
        }
    }
    let form = begun_with(form, &begun.item_id, &begun.quantity);
    show_new_transfer(&core, &mut conn, visitor, StatusCode::OK, form).await
}

/// Shortages that can be mended, by where from and where to.
async fn mendings(conn: &mut Conn, points: &Within<PointId>) -> Result<Vec<Mending>> {
    let stock = levels(conn, StockFilter::default(), points).await?.items;
    let mut pairs: BTreeMap<(PointId, PointId), Vec<String>> = BTreeMap::new();
    for found in suggest::for_stock(conn, points, &stock).await? {
        if let Some(level) = stock.iter().find(|level| level.item_id == found.item_id) {
            let amount = found.quantity.in_unit(u8::try_from(level.decimals).unwrap_or(0));
            let goods = format!("{amount} {} {}", level.unit, level.name);
            pairs.entry((found.from, found.to)).or_default().push(goods);
        }
    }
    Ok(pairs.into_iter().map(|((from, to), goods)| Mending { from, to, goods: goods.join("; ") }).collect())
}

async fn show_new_transfer(
    core: &Core,
    conn: &mut Conn,
    visitor: Visitor<MoveStock>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let own = &visitor.permit.scope.points;
    let from = point_of(&form, "from_point_id", own);
    let page = NewTransferPage {
        offers: offers(core, conn, own, &form, from, |row| row.fit.0 > 0).await?,
        mendings: if from.is_none() { mendings(conn, own).await? } else { Vec::new() },
        points: choices::places(conn, own).await?,
        frame: visitor.frame,
        form,
    };
    show(status, &page)
}

fn body_of(form: &Form, rows: &[usize], items: &[Item]) -> Result<NewTransferBody> {
    let mut fields = Validation::new();
    let from = fields.take("from_point_id", form.chosen("from_point_id"));
    let to = fields.take("to_point_id", form.chosen("to_point_id"));
    let lines = quantities::quantities(form, &mut fields, ("lines", "quantity"), rows, items);
    let (from_point_id, to_point_id) = fields.all((from, to))?;
    let line = |(item_id, quantity): (_, Quantity)| TransferLineBody { item_id, quantity: quantity.0 };
    Ok(NewTransferBody { from_point_id, to_point_id, lines: lines.into_iter().map(line).collect() })
}

async fn create_transfer(State(core): State<Core>, visitor: Visitor<MoveStock>, form: Form) -> Result<Response> {
    let rows = form.filled_rows("lines", &["quantity"]);
    let items = items_by_name(&mut core.db.read().await?).await?;
    // The body holds the filled rows only.
    let at = |error| at_rows(error, "lines", &rows);
    let created = async {
        let new = NewTransfer::parse(body_of(&form, &rows, &items)?).map_err(at)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core, &visitor.permit, new).await
        })
        .await
        .map_err(at)
    };
    match created.await {
        Ok(answer) => Ok(see_other(&format!("/stock/transfers/{}?done=moved", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_transfer(&core, &mut core.db.snapshot().await?, visitor, status, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "inventory/transfer.html")]
struct TransferPage {
    frame: Frame,
    transfer: Transfer,
    from: String,
    to: String,
    by: String,
}

#[derive(Template)]
#[template(path = "inventory/transfer-paper.html")]
struct TransferPaper {
    frame: Frame,
    /// Who drew it up.
    by: String,
    transfer: Transfer,
    from: String,
    to: String,
    committee: String,
}

fn expires(line: &MovedLine) -> String {
    line.expires_on.0.map_or_else(String::new, Day::for_people)
}

impl TransferPage {
    fn expires(&self, line: &MovedLine) -> String {
        expires(line)
    }
}

impl TransferPaper {
    fn expires(&self, line: &MovedLine) -> String {
        expires(line)
    }

    /// The two copies, and who keeps each.
    fn copies(&self) -> [&'static str; 2] {
        ["Bản 1: bên giao giữ", "Bản 2: bên nhận giữ"]
    }
}

async fn transfer(State(core): State<Core>, visitor: Visitor<ReadStock>, Id(id): Id<TransferId>) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let transfer = service::reachable(&mut conn, &visitor.permit, id).await?;
    let points = choices::all_places(&mut conn, &Within::All).await?;
    let by = booked_by(&mut conn, transfer.created_by).await?;
    let name = |id: PointId| name_of(&points, &id.to_string()).to_owned();
    let (from, to) = (name(transfer.from_point_id), name(transfer.to_point_id));
    show(StatusCode::OK, &TransferPage { frame: visitor.frame, transfer, from, to, by })
}

async fn paper(State(core): State<Core>, visitor: Visitor<ReadStock>, Id(id): Id<TransferId>) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let transfer = service::reachable(&mut conn, &visitor.permit, id).await?;
    let points = choices::all_places(&mut conn, &Within::All).await?;
    let ward = places::store::ward_name(&mut conn).await?.unwrap_or_default();
    let by = booked_by(&mut conn, transfer.created_by).await?;
    let name = |id: PointId| name_of(&points, &id.to_string()).to_owned();
    let page = TransferPaper {
        frame: visitor.frame,
        by,
        from: name(transfer.from_point_id),
        to: name(transfer.to_point_id),
        committee: places::committee(&ward),
        transfer,
    };
    show(StatusCode::OK, &page)
}
