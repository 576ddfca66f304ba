//! What an adjustment (điều chỉnh tồn) is, and what makes one.

use serde::{Deserialize, Serialize};

use super::lines::{Line, MAX_LINES, MovedLine};
use super::reason::AdjustmentReason;
use crate::http::Result;
use crate::http::schemas::QuantityChange;
use crate::kernel::ids::{AdjustmentId, ItemId, PointId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Moment, Quantity, Validation};

/// An adjustment.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
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
    #[sqlx(skip)]
    pub lines: Vec<MovedLine>,
    /// Who booked it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

/// A change of the stock to book.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reason": "spoiled",
    "note": "Rau dập sau mưa", "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "quantity": -12_500}]}))]
pub(super) struct NewAdjustmentBody {
    /// Where.
    pub(super) point_id: PointId,
    /// Why.
    pub(super) reason: AdjustmentReason,
    /// In words, at most 500 characters; best told for `other`.
    #[schema(max_length = 500)]
    pub(super) note: Option<String>,
    /// 1 to 500 lines. Goods that expired, then those that expire first, go first.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<AdjustmentLineBody>,
}

/// One item's change.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct AdjustmentLineBody {
    /// The item.
    pub(super) item_id: ItemId,
    /// How much, in its smallest unit: below zero takes away, above zero adds.
    #[schema(value_type = QuantityChange)]
    pub(super) quantity: i64,
}

/// A change of the stock; every field is what it may be.
#[derive(Debug)]
pub struct NewAdjustment {
    pub point_id: PointId,
    pub reason: AdjustmentReason,
    pub note: String,
    pub lines: Vec<Line>,
}

impl NewAdjustment {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewAdjustmentBody) -> Result<Self> {
        let NewAdjustmentBody { point_id, reason, note, lines } = body;
        let mut fields = Validation::new();
        let note = fields.take("note", parse_note(note.as_deref()));
        fields.check("lines", (1..=MAX_LINES).contains(&lines.len()), || {
            Invalid::fixed(
                "out_of_range",
                "Phiếu điều chỉnh có từ 1 đến 500 dòng.",
                "An adjustment has 1 to 500 lines.",
            )
        });
        let lines = lines.iter().enumerate().filter_map(|(i, line)| {
            let quantity = fields.take(&format!("lines[{i}].quantity"), Quantity::parse_signed(line.quantity))?;
            Some(Line { item_id: line.item_id, quantity })
        });
        let lines = lines.collect();
        let (note,) = fields.all((note,))?;
        Ok(Self { point_id, reason, note, lines })
    }
}

/// What an adjustment says in words: at most 500 characters.
pub(super) fn parse_note(note: Option<&str>) -> std::result::Result<String, Invalid> {
    let note = clean(note.unwrap_or(""));
    if note.chars().count() <= 500 {
        Ok(note)
    } else {
        Err(Invalid::fixed("out_of_range", "Ghi chú dài tối đa 500 ký tự.", "A note has at most 500 characters."))
    }
}
