//! The pages of areas, distribution points and warehouses.

mod areas;
mod paste;
mod points;
mod ward;

use axum::Router;
use serde::Deserialize;

use super::{AreaScope, choices};
use crate::http::{Core, Result, Turn};
use crate::people::Staff;

/// `/areas`, `/points` and what lies below them.
pub fn router() -> Router<Core> {
    Router::new().merge(areas::router()).merge(paste::router()).merge(points::router()).merge(ward::router())
}

/// Which rows of a list are asked for.
#[derive(Debug, Default, Deserialize)]
struct Shown {
    #[serde(flatten)]
    turn: Turn,
    /// `1`: closed ones too.
    #[serde(default)]
    closed: String,
}

impl Shown {
    fn closed(&self) -> bool {
        self.closed == "1"
    }
}

/// Whether a page is a step of the first set-up: then the next step follows it.
#[derive(Debug, Default, Deserialize)]
struct First {
    #[serde(default)]
    start: String,
}

impl First {
    fn start(&self) -> Option<&'static str> {
        (self.start == "1").then_some("1")
    }
}

/// Areas of a login to choose from: value and label.
async fn area_choices(core: &Core, staff: &Staff) -> Result<Vec<(String, String)>> {
    Ok(choices::area_choices(&mut core.db.read().await?, &AreaScope::of(staff)).await?)
}
