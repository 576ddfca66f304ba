//! Who is to get vouchers.

use serde::Deserialize;

use crate::households::Category;
use crate::http::{Result, or_left_out};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, HouseholdId, PointId};
use crate::kernel::message::Invalid;

/// Which households get a voucher. What is given narrows; at least one of the three lists must be given.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"area_ids": ["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"], "categories": ["poor", "near_poor"]}))]
pub(super) struct IssueBody {
    /// Just these households.
    #[serde(default, deserialize_with = "or_left_out")]
    pub(super) household_ids: Vec<HouseholdId>,
    /// Households of these areas and of all areas in them.
    #[serde(default, deserialize_with = "or_left_out")]
    pub(super) area_ids: Vec<AreaId>,
    /// Households of these categories.
    #[serde(default, deserialize_with = "or_left_out")]
    #[schema(value_type = Vec<Category>)]
    pub(super) categories: Vec<String>,
    /// Where their vouchers count; the round's point nearest to each when left out.
    pub(super) point_id: Option<PointId>,
    /// Packages each voucher is good for, 1 to 255; 1 when left out.
    #[schema(minimum = 1, maximum = 255)]
    pub(super) units: Option<i64>,
}

/// Who is to get vouchers: every field is what it may be, and not everybody is meant by mistake.
#[derive(Debug)]
pub struct Selection {
    pub household_ids: Vec<HouseholdId>,
    pub area_ids: Vec<AreaId>,
    pub categories: Vec<Category>,
    pub point_id: Option<PointId>,
    pub units: u8,
}

impl Selection {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: IssueBody) -> Result<Self> {
        let IssueBody { household_ids, area_ids, categories, point_id, units } = body;
        let mut fields = Validation::new();
        let any = !(household_ids.is_empty() && area_ids.is_empty() && categories.is_empty());
        fields.check("household_ids", any, || {
            Invalid::fixed(
                "required",
                "Chọn phát phiếu cho ai: từng hộ, ít nhất một khu vực hoặc một diện hỗ trợ.",
                "Say who gets vouchers: single households, at least one area or one category.",
            )
        });
        let units = fields.take("units", parse_units(units.unwrap_or(1)));
        let categories = categories.iter().enumerate();
        let categories = categories
            .filter_map(|(i, name)| fields.take(&format!("categories[{i}]"), Category::parse(name.trim())))
            .collect();
        let (units,) = fields.all((units,))?;
        Ok(Self { household_ids, area_ids, categories, point_id, units })
    }
}

fn parse_units(units: i64) -> std::result::Result<u8, Invalid> {
    u8::try_from(units).ok().filter(|units| *units > 0).ok_or_else(|| {
        Invalid::fixed("out_of_range", "Mỗi phiếu từ 1 đến 255 suất.", "A voucher is good for 1 to 255 packages.")
    })
}
