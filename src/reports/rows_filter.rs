//! Which rows of a figure are asked for.

use serde::Deserialize;

use super::period::Period;
use crate::http::Page;
use crate::kernel::Day;
use crate::kernel::ids::{AreaId, ItemId};

/// Which rows of a figure.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RowsFilter {
    /// The first day.
    pub(super) from: Option<Day>,
    /// The last day.
    pub(super) to: Option<Day>,
    /// Only of this area and all below it; for `packages_handed_out` and `rent`.
    pub(super) area_id: Option<AreaId>,
    /// For `goods`: which item.
    pub(super) item_id: Option<ItemId>,
    /// Rows at most, 1 to 500 (50 when left out).
    pub(super) limit: Option<i64>,
    /// The `next` of the page before.
    pub(super) after: Option<String>,
}

impl RowsFilter {
    /// The same from a page.
    pub(super) fn new(period: Period, item_id: Option<ItemId>, page: Page) -> Self {
        let Period { from, to, area_id } = period;
        Self { from, to, area_id, item_id, limit: page.limit, after: page.after }
    }
}
