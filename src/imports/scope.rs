//! Which lists a login may see.

use super::kind::{By, ListKind};
use super::staged::{self, StagedList};
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::ids::ImportId;

/// An uploaded list, as far as this login may see it.
pub async fn find<K: ListKind>(conn: &mut Conn, by: By<'_, K>, id: ImportId) -> Result<StagedList> {
    staged::find(conn, K::KIND, id, only_of::<K>(by)).await
}

/// The one whose lists alone a login may see: its own, when it is confined in what the list is about – areas for lists of
/// people, points for lists of goods.
pub(super) fn only_of<K: ListKind>(by: By<'_, K>) -> Option<uuid::Uuid> {
    let staff = by?;
    let confined = if K::PERSONAL { !staff.scope.areas.is_all() } else { !staff.scope.points.is_all() };
    confined.then_some(staff.id.0)
}
