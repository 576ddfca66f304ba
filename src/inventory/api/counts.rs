//! The JSON API of stock takes (kiểm kê): what was counted at a point becomes one adjustment.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::adjustments::{Adjustment, book, parse_note, with_lines};
use crate::http::{Answer, Api, Claim, Core, CreateBody, Error, Problems, Result, routes};
use crate::inventory::lines::{Line, MAX_LINES, require_items};
use crate::inventory::locked_stock::{LockedStock, PostingCause};
use crate::inventory::reason::{AdjustmentReason, Reason};
use crate::inventory::shortage::shortage;
use crate::inventory::store;
use crate::inventory::store::records::AdjustmentRow;
use crate::kernel::ids::{AdjustmentId, ItemId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Quantity, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::MoveStock;
use crate::places::PointScope;

/// Stock takes.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_count))
}

/// What was counted at a point.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "note": "Kiểm kê cuối ngày",
    "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "book": 500_000, "counted": 498_500}]}))]
pub(crate) struct NewCountBody {
    /// Where.
    pub(crate) point_id: PointId,
    /// Why the books differ, in words, at most 500 characters.
    pub(crate) note: Option<String>,
    /// 1 to 500 items, none twice.
    pub(crate) lines: Vec<CountedBody>,
}

/// One item that was counted. Quantities are in its smallest unit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CountedBody {
    /// The item.
    pub(crate) item_id: ItemId,
    /// What the books said when it was counted. The books must still say so, otherwise nothing is booked.
    pub(crate) book: i64,
    /// What is really there.
    pub(crate) counted: i64,
}

impl NewCountBody {
    fn check(&self) -> Result<String> {
        let (mut fields, mut seen) = (Validation::new(), HashSet::new());
        let note = fields.take("note", parse_note(self.note.as_deref()));
        fields.check("lines", (1..=MAX_LINES).contains(&self.lines.len()), || {
            Invalid::fixed("out_of_range", "Phiếu kiểm kê có từ 1 đến 500 dòng.", "A stock take has 1 to 500 lines.")
        });
        for (i, line) in self.lines.iter().enumerate() {
            fields.check(&format!("lines[{i}].counted"), (0..=Quantity::MAX_FIELD).contains(&line.counted), || {
                Invalid::fixed(
                    "out_of_range",
                    "Số đếm được từ 0 đến 1.000.000.000.000 đơn vị nhỏ nhất.",
                    "What was counted is from 0 to 1,000,000,000,000 of the smallest unit.",
                )
            });
            fields.check(&format!("lines[{i}].item_id"), seen.insert(line.item_id), || {
                Invalid::fixed(
                    "repeated",
                    "Mặt hàng này đã có ở dòng khác. Hãy cộng vào một dòng.",
                    "This item stands in another line already. Add both up in one line.",
                )
            });
        }
        fields.finish()?;
        Ok(note.unwrap_or_default())
    }

    /// What the books must change by.
    fn differences(&self) -> Vec<Line> {
        let line = |counted: &CountedBody| {
            let quantity = Quantity(counted.counted - counted.book);
            Line { item_id: counted.item_id, quantity }
        };
        self.lines.iter().map(line).filter(|line| line.quantity.0 != 0).collect()
    }
}

/// Book a stock take
///
/// One adjustment brings the books to what was counted; it has no lines when everything was there. 409 `stock_moved`
/// when goods moved since the books were looked at: count those items again.
#[utoipa::path(post, path = "/stock/counts", tag = "stock", request_body = NewCountBody,
    responses((status = 201, description = "The adjustment, lot by lot", body = Adjustment), Problems))]
pub(crate) async fn create_count(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewCountBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let note = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let scope = PointScope::of(&permit);
    scope.require_point(&mut tx, "point_id", body.point_id).await?;
    let line = |counted: &CountedBody| Line { item_id: counted.item_id, quantity: Quantity(counted.counted) };
    require_items(&mut tx, &body.lines.iter().map(line).collect::<Vec<_>>()).await?;
    let id = AdjustmentId::new(&core.clock);
    let cause = PostingCause { reason: Reason::Counted, source_id: id.0, at: core.clock.now() };
    let places: Vec<_> = body.lines.iter().map(|line| (body.point_id, line.item_id)).collect();
    let mut shelf = LockedStock::lock(&mut tx, core.clock.today(), &places).await?;
    if body.lines.iter().any(|line| shelf.on_hand(body.point_id, line.item_id) != Quantity(line.book)) {
        return Err(Error::conflict(
            "stock_moved",
            "Hàng đã nhập hoặc xuất từ lúc xem sổ. Số trên sổ đã được cập nhật: hãy xem lại chênh lệch, đếm lại nếu cần.",
            "Goods moved since the books were looked at. Look at the differences again, and count again if needed.",
        ));
    }
    if let Err(shorts) = book(&mut shelf, body.point_id, &body.differences(), cause) {
        return Err(shortage(&mut tx, &shorts).await?);
    }
    shelf.write(&mut tx, &core.clock).await?;
    let row = AdjustmentRow {
        id,
        point_id: body.point_id,
        reason: AdjustmentReason::Counted,
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
