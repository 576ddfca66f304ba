//! `/settings`: what this installation is, how phones reach it, and how it is kept safe.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::dashboard::store;
use crate::db::Flavour;
use crate::http::{Core, Frame, Peer, Reach, Result, show};
use crate::kernel::ids::AreaId;
use crate::people::rights::ManagePlaces;
use crate::people::{Right, Visitor};

/// `/settings`.
pub fn router() -> Router<Core> {
    Router::new().route("/settings", get(settings))
}

#[derive(Template)]
#[template(path = "app/settings.html")]
struct SettingsPage {
    frame: Frame,
    ward: Option<(AreaId, String)>,
    reach: Reach,
    instance: String,
    database: &'static str,
    version: &'static str,
    https: bool,
    is_admin: bool,
}

async fn settings(State(core): State<Core>, peer: Peer, visitor: Visitor<ManagePlaces>) -> Result<Response> {
    let ward = store::ward(&mut core.db.read().await?).await?;
    let page = SettingsPage {
        ward,
        reach: peer.reach(&core),
        instance: core.instance_id.to_string(),
        database: match core.db.flavour() {
            Flavour::Sqlite => "SQLite",
            Flavour::Postgres => "PostgreSQL",
        },
        version: env!("CARGO_PKG_VERSION"),
        https: core.config.https,
        is_admin: visitor.may(Right::ManagePeople),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}
