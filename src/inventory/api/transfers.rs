//! The JSON API of transfers (chuyển kho).

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::http::{Answer, Api, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::lines::{Line, MAX_LINES, MovedLine, require_items};
use crate::inventory::locked_stock::{Freshness, LockedStock, PostingCause};
use crate::inventory::reason::Reason;
use crate::inventory::shortage::shortage;
use crate::inventory::store;
use crate::inventory::store::numbers::{Numbered, take_numbers};
use crate::inventory::store::records::TransferRow;
use crate::kernel::ids::{ItemId, PointId, TransferId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Moment, Quantity, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{MoveStock, ReadStock};
use crate::places::PointScope;

/// Transfers.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_transfer, list_transfers)).routes(routes!(get_transfer))
}

/// Goods to move from one point to another.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"from_point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "to_point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91",
    "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": 500_000}]}))]
pub(crate) struct NewTransferBody {
    /// Where the goods leave.
    pub(crate) from_point_id: PointId,
    /// Where they come.
    pub(crate) to_point_id: PointId,
    /// 1 to 500 lines. Goods that expire first go first; expired goods stay.
    pub(crate) lines: Vec<LineBody>,
}

/// One item to move.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = TransferLineBody)]
pub(crate) struct LineBody {
    /// The item.
    pub(crate) item_id: ItemId,
    /// How much, in its smallest unit.
    pub(crate) quantity: i64,
}

/// A transfer.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// Its number on paper, from 1.
    #[schema(example = 1)]
    pub number: i64,
    /// Where the goods left.
    pub from_point_id: PointId,
    /// Where they came.
    pub to_point_id: PointId,
    /// What was moved, lot by lot.
    pub lines: Vec<MovedLine>,
    /// Who moved it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

impl NewTransferBody {
    fn check(&self) -> Result<Vec<Line>> {
        let mut fields = Validation::new();
        fields.check("to_point_id", self.from_point_id != self.to_point_id, || {
            Invalid::fixed(
                "same_point",
                "Nơi đến phải khác nơi đi.",
                "Goods move to another point than the one they leave.",
            )
        });
        fields.check("lines", (1..=MAX_LINES).contains(&self.lines.len()), || {
            Invalid::fixed("out_of_range", "Phiếu chuyển kho có từ 1 đến 500 dòng.", "A transfer has 1 to 500 lines.")
        });
        let lines = self.lines.iter().enumerate().filter_map(|(i, line)| {
            let quantity = fields.take(&format!("lines[{i}].quantity"), Quantity::parse_positive(line.quantity))?;
            Some(Line { item_id: line.item_id, quantity })
        });
        let lines = lines.collect();
        fields.finish()?;
        Ok(lines)
    }
}

/// Transfer goods between two points
#[utoipa::path(post, path = "/stock/transfers", tag = "stock", request_body = NewTransferBody,
    responses((status = 201, description = "The transfer, lot by lot", body = Transfer), Problems))]
pub(crate) async fn create_transfer(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewTransferBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let lines = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let scope = PointScope::of(&permit);
    scope.require_point(&mut tx, "from_point_id", body.from_point_id).await?;
    scope.require_point(&mut tx, "to_point_id", body.to_point_id).await?;
    require_items(&mut tx, &lines).await?;
    let id = TransferId::new(&core.clock);
    move_goods(&mut tx, &core.clock, id, (body.from_point_id, body.to_point_id), &lines).await?;
    let row = TransferRow {
        id,
        number: take_numbers(&mut tx, Numbered::Transfer, 1).await?,
        from_point_id: body.from_point_id,
        to_point_id: body.to_point_id,
        created_by: Some(permit.id),
        created_at: core.clock.now(),
    };
    store::records::insert_transfer(&mut tx, &row).await?;
    let transfer = with_lines(&mut tx, vec![row]).await?.pop().ok_or(Error::NotFound)?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "transfer", id.0)).await?;
    let response = once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &transfer).await?;
    core.changed();
    Ok(response)
}

/// Moves goods first-expired-first; each keeps its expiry. All of it, or an error that names what is short.
async fn move_goods(
    tx: &mut Tx,
    clock: &Clock,
    id: TransferId,
    (from, to): (PointId, PointId),
    lines: &[Line],
) -> Result<()> {
    let places: Vec<_> = lines.iter().flat_map(|line| [(from, line.item_id), (to, line.item_id)]).collect();
    let mut shelf = LockedStock::lock(tx, clock.today(), &places).await?;
    let cause = PostingCause { reason: Reason::Transfer, source_id: id.0, at: clock.now() };
    match shelf.take(from, lines, Freshness::Unexpired, cause) {
        Err(shorts) => return Err(shortage(tx, &shorts).await?),
        Ok(taken) => taken.iter().for_each(|t| shelf.put(to, t.item_id, t.lot, t.quantity, cause)),
    }
    Ok(shelf.write(tx, clock).await?)
}

/// Transfers with their lines.
pub(crate) async fn with_lines(conn: &mut Conn, rows: Vec<TransferRow>) -> Result<Vec<Transfer>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut by_id: HashMap<Uuid, Vec<MovedLine>> = HashMap::new();
    for line in store::records::moved_lines(conn, &ids).await? {
        by_id.entry(line.source_id).or_default().push(line);
    }
    let full = rows.into_iter().map(|row| Transfer {
        lines: by_id.remove(&row.id.0).unwrap_or_default(),
        id: row.id,
        number: row.number,
        from_point_id: row.from_point_id,
        to_point_id: row.to_point_id,
        created_by: row.created_by,
        created_at: row.created_at,
    });
    Ok(full.collect())
}

/// All transfers
#[utoipa::path(get, path = "/stock/transfers", tag = "stock", params(Page),
    responses((status = 200, description = "A page of transfers", body = Listing<Transfer>), Problems))]
async fn list_transfers(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Transfer>>> {
    let cursor = page.cursor()?;
    let mut conn = core.db.snapshot().await?;
    let scope = PointScope::of(&permit);
    let rows = store::records::transfers(&mut conn, &scope.rows(), scope.is_everything(), cursor).await?;
    let transfers = with_lines(&mut conn, rows).await?;
    Ok(Json(Listing::new(transfers, cursor, |transfer| transfer.id.0)))
}

/// One transfer
#[utoipa::path(get, path = "/stock/transfers/{id}", tag = "stock", params(("id" = TransferId, Path)),
    responses((status = 200, description = "The transfer", body = Transfer), Problems))]
pub(crate) async fn get_transfer(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<TransferId>,
) -> Result<Json<Transfer>> {
    let mut conn = core.db.snapshot().await?;
    let scope = PointScope::of(&permit);
    let row = store::records::transfer(&mut conn, id).await?.ok_or(Error::NotFound)?;
    if !scope.sees(row.from_point_id) && !scope.sees(row.to_point_id) {
        return Err(Error::NotFound);
    }
    with_lines(&mut conn, vec![row]).await?.pop().map(Json).ok_or(Error::NotFound)
}
