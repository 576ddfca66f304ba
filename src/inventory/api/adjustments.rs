//! The JSON API of adjustments (điều chỉnh tồn): goods that spoiled, were lost, or were counted otherwise.

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
use crate::inventory::reason::AdjustmentReason;
use crate::inventory::shortage::{Shortage, shortage};
use crate::inventory::store;
use crate::inventory::store::records::AdjustmentRow;
use crate::kernel::ids::{AdjustmentId, ItemId, PointId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Clock, Moment, Quantity, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{MoveStock, ReadStock};
use crate::places::PointScope;

/// Adjustments.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_adjustment, list_adjustments)).routes(routes!(get_adjustment))
}

/// A change of the stock to book.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reason": "spoiled",
    "note": "Rau dập sau mưa", "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": -12_500}]}))]
pub(crate) struct NewAdjustmentBody {
    /// Where.
    pub(crate) point_id: PointId,
    /// Why.
    pub(crate) reason: AdjustmentReason,
    /// In words, at most 500 characters; best told for `other`.
    pub(crate) note: Option<String>,
    /// 1 to 500 lines. Goods that expired, then those that expire first, go first.
    pub(crate) lines: Vec<LineBody>,
}

/// One item's change.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AdjustmentLineBody)]
pub(crate) struct LineBody {
    /// The item.
    pub(crate) item_id: ItemId,
    /// How much, in its smallest unit: below zero takes away, above zero adds.
    pub(crate) quantity: i64,
}

/// An adjustment.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Adjustment {
    /// Its id.
    pub id: AdjustmentId,
    /// Where.
    pub point_id: PointId,
    /// Why.
    pub reason: AdjustmentReason,
    /// In words.
    pub note: String,
    /// What changed, lot by lot.
    pub lines: Vec<MovedLine>,
    /// Who booked it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

impl NewAdjustmentBody {
    fn check(&self) -> Result<(String, Vec<Line>)> {
        let mut fields = Validation::new();
        let note = fields.take("note", parse_note(self.note.as_deref())).unwrap_or_default();
        fields.check("lines", (1..=MAX_LINES).contains(&self.lines.len()), || {
            Invalid::fixed(
                "out_of_range",
                "Phiếu điều chỉnh có từ 1 đến 500 dòng.",
                "An adjustment has 1 to 500 lines.",
            )
        });
        let lines = self.lines.iter().enumerate().filter_map(|(i, line)| {
            let quantity = fields.take(&format!("lines[{i}].quantity"), Quantity::parse_signed(line.quantity))?;
            Some(Line { item_id: line.item_id, quantity })
        });
        let lines = lines.collect();
        fields.finish()?;
        Ok((note, lines))
    }
}

/// What an adjustment says in words: at most 500 characters.
pub(crate) fn parse_note(note: Option<&str>) -> std::result::Result<String, Invalid> {
    let note = clean(note.unwrap_or(""));
    if note.chars().count() <= 500 {
        Ok(note)
    } else {
        Err(Invalid::fixed("out_of_range", "Ghi chú dài tối đa 500 ký tự.", "A note has at most 500 characters."))
    }
}

/// Adjust the stock of a point
#[utoipa::path(post, path = "/stock/adjustments", tag = "stock", request_body = NewAdjustmentBody,
    responses((status = 201, description = "The adjustment, lot by lot", body = Adjustment), Problems))]
pub(crate) async fn create_adjustment(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewAdjustmentBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let (note, lines) = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let scope = PointScope::of(&permit);
    scope.require_point(&mut tx, "point_id", body.point_id).await?;
    require_items(&mut tx, &lines).await?;
    let id = AdjustmentId::new(&core.clock);
    let cause = PostingCause { reason: body.reason.reason(), source_id: id.0, at: core.clock.now() };
    adjust(&mut tx, &core.clock, body.point_id, &lines, cause).await?;
    let row = AdjustmentRow {
        id,
        point_id: body.point_id,
        reason: body.reason,
        note,
        created_by: Some(permit.id),
        created_at: core.clock.now(),
    };
    store::records::insert_adjustment(&mut tx, &row).await?;
    let adjustment = with_lines(&mut tx, vec![row]).await?.pop().ok_or(Error::NotFound)?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "adjustment", id.0)).await?;
    let response = once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &adjustment).await?;
    core.changed();
    Ok(response)
}

/// Books all lines, what is added before what is taken; or none, with an error that names what is short.
async fn adjust(tx: &mut Tx, clock: &Clock, point_id: PointId, lines: &[Line], cause: PostingCause) -> Result<()> {
    let places: Vec<_> = lines.iter().map(|line| (point_id, line.item_id)).collect();
    let mut shelf = LockedStock::lock(tx, clock.today(), &places).await?;
    if let Err(shorts) = book(&mut shelf, point_id, lines, cause) {
        return Err(shortage(tx, &shorts).await?);
    }
    Ok(shelf.write(tx, clock).await?)
}

/// Changes a locked shelf by all lines, or tells which of them are short.
pub(crate) fn book(
    shelf: &mut LockedStock,
    point_id: PointId,
    lines: &[Line],
    cause: PostingCause,
) -> std::result::Result<(), Vec<Shortage>> {
    for line in lines.iter().filter(|line| line.quantity.0 > 0) {
        shelf.put_found(point_id, *line, cause);
    }
    let (at, less): (Vec<usize>, Vec<Line>) = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.quantity.0 < 0)
        .map(|(i, line)| (i, Line { item_id: line.item_id, quantity: Quantity(-line.quantity.0) }))
        .unzip();
    shelf.take(point_id, &less, Freshness::Any, cause).map(drop).map_err(|mut shorts| {
        shorts.iter_mut().for_each(|short| short.line = at[short.line]);
        shorts
    })
}

/// Adjustments with their lines.
pub(crate) async fn with_lines(conn: &mut Conn, rows: Vec<AdjustmentRow>) -> Result<Vec<Adjustment>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut by_id: HashMap<Uuid, Vec<MovedLine>> = HashMap::new();
    for line in store::records::moved_lines(conn, &ids).await? {
        by_id.entry(line.source_id).or_default().push(line);
    }
    let full = rows.into_iter().map(|row| Adjustment {
        lines: by_id.remove(&row.id.0).unwrap_or_default(),
        id: row.id,
        point_id: row.point_id,
        reason: row.reason,
        note: row.note,
        created_by: row.created_by,
        created_at: row.created_at,
    });
    Ok(full.collect())
}

/// All adjustments
#[utoipa::path(get, path = "/stock/adjustments", tag = "stock", params(Page),
    responses((status = 200, description = "A page of adjustments", body = Listing<Adjustment>), Problems))]
async fn list_adjustments(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Adjustment>>> {
    let cursor = page.cursor()?;
    let mut conn = core.db.snapshot().await?;
    let scope = PointScope::of(&permit);
    let rows = store::records::adjustments(&mut conn, &scope.rows(), scope.is_everything(), cursor).await?;
    let adjustments = with_lines(&mut conn, rows).await?;
    Ok(Json(Listing::new(adjustments, cursor, |adjustment| adjustment.id.0)))
}

/// One adjustment
#[utoipa::path(get, path = "/stock/adjustments/{id}", tag = "stock", params(("id" = AdjustmentId, Path)),
    responses((status = 200, description = "The adjustment", body = Adjustment), Problems))]
pub(crate) async fn get_adjustment(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<AdjustmentId>,
) -> Result<Json<Adjustment>> {
    let mut conn = core.db.snapshot().await?;
    let scope = PointScope::of(&permit);
    let row = store::records::adjustment(&mut conn, id)
        .await?
        .filter(|row| scope.sees(row.point_id))
        .ok_or(Error::NotFound)?;
    with_lines(&mut conn, vec![row]).await?.pop().map(Json).ok_or(Error::NotFound)
}
