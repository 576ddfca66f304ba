//! A signed paper list (danh sách ký nhận), as it is keyed in.

use serde::Deserialize;

use super::upload::ITEMS_MAX;
use crate::http::Result;
use crate::http::schemas::{DeskName, VoucherCode};
use crate::kernel::ids::PointId;
use crate::kernel::message::Invalid;
use crate::kernel::{Moment, Validation};

/// A paper list (danh sách ký nhận) to key in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "handed_out_at": "2021-08-05T09:00:00+07:00",
    "codes": ["7G4K2-M9QXR", "2K8TT-0PWA3"]}))]
pub(super) struct RosterBody {
    /// Where it was signed.
    pub(super) point_id: PointId,
    /// When people signed, roughly; now when left out.
    pub(super) handed_out_at: Option<Moment>,
    /// The typed codes of the lines that are signed, at most 1,000.
    #[schema(value_type = Vec<VoucherCode>, min_items = 1, max_items = 1000)]
    pub(super) codes: Vec<String>,
    /// The desk.
    #[schema(value_type = Option<DeskName>)]
    pub(super) desk: Option<String>,
}

/// A list that may be keyed in.
#[derive(Debug)]
pub(super) struct Roster {
    pub(super) point_id: PointId,
    pub(super) handed_out_at: Option<Moment>,
    pub(super) codes: Vec<String>,
    pub(super) desk: Option<String>,
}

impl Roster {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: RosterBody) -> Result<Self> {
        let RosterBody { point_id, handed_out_at, codes, desk } = body;
        let mut fields = Validation::new();
        fields.check("codes", (1..=ITEMS_MAX).contains(&codes.len()), || {
            Invalid::fixed("out_of_range", "Nhập từ 1 đến 1.000 mã mỗi lần.", "Key in 1 to 1,000 codes at a time.")
        });
        fields.finish()?;
        Ok(Self { point_id, handed_out_at, codes, desk })
    }
}
