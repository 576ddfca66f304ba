//! Areas as a form offers them: as a tree, those of a login's own part of the ward.

use super::{AreaScope, store, tree};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::people::Staff;

/// Value and label of each area that exists and lies in the scope, each below the one it lies in.
pub async fn area_choices(
    conn: &mut Conn,
    scope: &AreaScope,
) -> std::result::Result<Vec<(String, String)>, sqlx::Error> {
    let areas = store::open_areas(conn).await?;
    Ok(tree::choices(areas.into_iter().filter(|area| scope.holds(area.id)).collect()))
}

/// Areas of a login to choose from: value and label.
pub async fn own_area_choices(core: &Core, staff: &Staff) -> Result<Vec<(String, String)>> {
    Ok(area_choices(&mut core.db.read().await?, &AreaScope::of(staff)).await?)
}
