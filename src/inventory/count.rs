//! What a stock take (kiểm kê) found.

use std::collections::HashSet;

use serde::Deserialize;

use super::adjustment::parse_note;
use super::lines::{Line, MAX_LINES};
use crate::http::Result;
use crate::http::schemas::AnyQuantity;
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Quantity, Validation};

/// What was counted at a point.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "note": "Kiểm kê cuối ngày",
    "lines": [{"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "book": 500_000, "counted": 498_500}]}))]
pub(super) struct NewCountBody {
    /// Where.
    pub(super) point_id: PointId,
    /// Why the books differ, in words, at most 500 characters.
    #[schema(max_length = 500)]
    pub(super) note: Option<String>,
    /// 1 to 500 items, none twice.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<CountedBody>,
}

/// One item that was counted. Quantities are in its smallest unit.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct CountedBody {
    /// The item.
    pub(super) item_id: ItemId,
    /// What the books said when it was counted. The books must still say so, otherwise nothing is booked.
    pub(super) book: i64,
    /// What is really there.
    #[schema(value_type = AnyQuantity)]
    pub(super) counted: i64,
}

/// What was counted; every field is what it may be, no item stands twice.
#[derive(Debug)]
pub struct NewCount {
    pub point_id: PointId,
    pub note: String,
    pub lines: Vec<Counted>,
}

/// One item that was counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub item_id: ItemId,
    /// What the books said.
    pub book: Quantity,
    /// What is really there.
    pub counted: Quantity,
}

impl NewCount {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewCountBody) -> Result<Self> {
        let (mut fields, mut seen) = (Validation::new(), HashSet::new());
        let note = fields.take("note", parse_note(body.note.as_deref()));
        fields.check("lines", (1..=MAX_LINES).contains(&body.lines.len()), || {
            Invalid::fixed("out_of_range", "Phiếu kiểm kê có từ 1 đến 500 dòng.", "A stock take has 1 to 500 lines.")
        });
        for (i, line) in body.lines.iter().enumerate() {
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
        let (note,) = fields.all((note,))?;
        let counted = |line: &CountedBody| Counted {
            item_id: line.item_id,
            book: Quantity(line.book),
            counted: Quantity(line.counted),
        };
        Ok(Self { point_id: body.point_id, note, lines: body.lines.iter().map(counted).collect() })
    }

    /// What the books must change by, once they are known to say what they said.
    pub(super) fn differences(&self) -> Vec<Line> {
        let line = |line: &Counted| Line { item_id: line.item_id, quantity: Quantity(line.counted.0 - line.book.0) };
        self.lines.iter().map(line).filter(|line| line.quantity.0 != 0).collect()
    }
}
