//! Areas as a form offers them: as a tree, those of a login's own part of the ward.

use super::{store, tree};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::kernel::Within;
use crate::kernel::ids::AreaId;
use crate::people::Staff;

/// Value and label of each area that exists and lies in the scope, each below the one it lies in.
pub async fn area_choices(
    conn: &mut Conn,
    scope: &Within<AreaId>,
) -> std::result::Result<Vec<(String, String)>, sqlx::Error> {
    Ok(tree::choices(store::open_areas(conn, scope).await?))
}

/// Areas of a login to choose from: value and label.
pub async fn own_area_choices(core: &Core, staff: &Staff) -> Result<Vec<(String, String)>> {
    Ok(area_choices(&mut core.db.read().await?, &staff.scope.areas).await?)
}
