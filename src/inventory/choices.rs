//! What forms and filters offer to choose from: pairs of a value and what it is called.

use super::item::Item;
use super::store::catalogue::{items_by_name, packages_by_age};
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::Within;
use crate::kernel::ids::PointId;
use crate::places;
use crate::places::store::Place;

/// A value and what it is called.
pub type Choice = (String, String);

/// Those of these points that are open.
pub async fn places(conn: &mut Conn, points: &Within<PointId>) -> Result<Vec<Choice>> {
    Ok(named(places::store::places(conn, points, false).await?))
}

/// Each of these points, also those that closed: for tables of the past.
pub async fn all_places(conn: &mut Conn, points: &Within<PointId>) -> Result<Vec<Choice>> {
    Ok(named(places::store::places(conn, points, true).await?))
}

fn named(places: Vec<Place>) -> Vec<Choice> {
    places.into_iter().map(|place| (place.id.to_string(), place.name)).collect()
}

/// Items, with the unit that a quantity is typed in.
pub async fn items(conn: &mut Conn) -> Result<Vec<Choice>> {
    Ok(items_by_name(conn).await?.iter().map(item).collect())
}

/// One item, with the unit that a quantity is typed in.
pub fn item(item: &Item) -> Choice {
    (item.id.to_string(), format!("{} ({})", item.name, item.unit))
}

/// Packages.
pub async fn packages(conn: &mut Conn) -> Result<Vec<Choice>> {
    let packages = packages_by_age(conn).await?;
    Ok(packages.into_iter().map(|package| (package.id.to_string(), package.name)).collect())
}

/// What a value is called; empty when it is not among the choices.
pub fn name_of<'a>(choices: &'a [Choice], value: &str) -> &'a str {
    choices.iter().find(|(known, _)| known == value).map_or("", |(_, name)| name)
}
