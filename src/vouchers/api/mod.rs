//! The JSON API of keys, rounds and vouchers.

pub(crate) mod issuing;
pub(crate) mod keys;
pub(crate) mod print;
pub(crate) mod rounds;
pub(crate) mod vouchers;

use crate::db::Conn;
use crate::people::Staff;
use crate::places::{self, Scope};
use crate::web::{Api, Error, Result};

use super::RoundId;

/// Keys, rounds and vouchers.
pub fn router<A: Api>() -> A {
    A::new()
        .merge(keys::router())
        .merge(rounds::router())
        .merge(issuing::router())
        .merge(print::router())
        .merge(vouchers::router())
}

/// A login that is confined to an area or to points changes a round only when all its points are its own.
async fn require_round(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<()> {
    let scope = Scope::of(conn, staff).await?;
    if scope == Scope::All && staff.point_ids.is_empty() {
        return Ok(());
    }
    for (_, point_id) in super::store::rounds::points_of(conn, &[id]).await? {
        staff.require_point(point_id)?;
        let point = places::store::point(conn, point_id).await?.ok_or(Error::NotFound)?;
        scope.require(point.area_id)?;
    }
    Ok(())
}

/// The round gives out never again.
fn round_closed() -> Error {
    Error::conflict(
        "round_closed",
        "Đợt phát này đã kết thúc, không sửa được nữa. Hãy tạo đợt mới.",
        "This round is closed for good. Make a new one.",
    )
}
