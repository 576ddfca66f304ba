//! What a transfer (chuyển kho) is, and what makes one.

use serde::{Deserialize, Serialize};

use super::lines::{Line, MAX_LINES, MovedLine};
use crate::http::Result;
use crate::http::schemas::SomeQuantity;
use crate::kernel::ids::{ItemId, PointId, TransferId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Moment, Quantity, Validation};

/// A transfer.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
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
    #[sqlx(skip)]
    pub lines: Vec<MovedLine>,
    /// Who moved it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

/// Goods to move from one point to another.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"from_point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "to_point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91",
    "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": 500_000}]}))]
pub(super) struct NewTransferBody {
    /// Where the goods leave.
    pub(super) from_point_id: PointId,
    /// Where they come.
    pub(super) to_point_id: PointId,
    /// 1 to 500 lines. Goods that expire first go first; expired goods stay.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<TransferLineBody>,
}

/// One item to move.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct TransferLineBody {
    /// The item.
    pub(super) item_id: ItemId,
    /// How much, in its smallest unit.
    #[schema(value_type = SomeQuantity)]
    pub(super) quantity: i64,
}

/// Goods to move; every field is what it may be.
#[derive(Debug)]
pub struct NewTransfer {
    pub from_point_id: PointId,
    pub to_point_id: PointId,
    pub lines: Vec<Line>,
}

impl NewTransfer {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewTransferBody) -> Result<Self> {
        let NewTransferBody { from_point_id, to_point_id, lines } = body;
        let mut fields = Validation::new();
        fields.check("to_point_id", from_point_id != to_point_id, || {
            Invalid::fixed(
                "same_point",
                "Nơi đến phải khác nơi đi.",
                "Goods move to another point than the one they leave.",
            )
        });
        fields.check("lines", (1..=MAX_LINES).contains(&lines.len()), || {
            Invalid::fixed("out_of_range", "Phiếu chuyển kho có từ 1 đến 500 dòng.", "A transfer has 1 to 500 lines.")
        });
        let lines = lines.iter().enumerate().filter_map(|(i, line)| {
            let quantity = fields.take(&format!("lines[{i}].quantity"), Quantity::parse_positive(line.quantity))?;
            Some(Line { item_id: line.item_id, quantity })
        });
        let lines = lines.collect();
        fields.finish()?;
        Ok(Self { from_point_id, to_point_id, lines })
    }
}
