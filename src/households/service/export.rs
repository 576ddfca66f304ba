//! Taking the register out as a workbook, which is logged as a look at all that it holds.

use serde_json::json;

use crate::households::store::table::{self, Listed, TableFilter};
use crate::households::{Category, HouseholdStatus};
use crate::http::workbook::EXPORT_ROWS;
use crate::http::{Core, Result};
use crate::kernel::ids::AreaId;
use crate::people::audit::{self, Act};
use crate::people::rights::ReadHouseholds;
use crate::people::{Permit, Right};

/// What the rows were narrowed by, for the log.
pub(in crate::households) struct Narrowed {
    pub(in crate::households) area_id: Option<AreaId>,
    pub(in crate::households) category: Option<Category>,
    pub(in crate::households) searched: bool,
}

/// The rows to take out, logged before they are given.
pub(in crate::households) async fn export(
    core: &Core,
    permit: &Permit<ReadHouseholds>,
    wanted: &TableFilter,
    narrowed: Narrowed,
) -> Result<Vec<Listed>> {
    let found = table::listed(&mut core.db.read().await?, wanted, EXPORT_ROWS, 0).await?;
    let detail = json!({
        "rows": found.len(),
        "personal": permit.role.may(Right::ReadPersonal),
        "category": narrowed.category.map_or("", Category::name),
        "status": wanted.filter.status.map_or("", HouseholdStatus::name),
        "area_id": narrowed.area_id,
        "searched": narrowed.searched,
    });
    audit::record(core, permit.actor(), Act::many("export", "household", detail)).await?;
    Ok(found)
}
