//! What a login or a phone may be confined to, as forms offer it.

use crate::db::Conn;
use crate::http::Result;
use crate::kernel::vietnamese::natural_key;
use crate::people::store::places;

/// Areas and points to choose from: value and label each.
pub(super) struct Choices {
    pub(super) areas: Vec<(String, String)>,
    pub(super) points: Vec<(String, String)>,
}

pub(super) async fn read(conn: &mut Conn) -> Result<Choices> {
    let mut areas = places::areas(conn).await?;
    areas.sort_by_cached_key(|(_, label)| natural_key(label));
    let points = places::points(conn).await?;
    Ok(Choices {
        areas: areas.into_iter().map(|(id, label)| (id.to_string(), label)).collect(),
        points: points.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
    })
}
