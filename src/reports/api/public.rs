//! What is published, and its switch.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::http::{Api, Body, Core, Problems, Result, routes};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::ManagePlaces;
use crate::reports::public::{PublicFigures, published};
use crate::reports::store;

pub(crate) fn router<A: Api>() -> A {
    A::new().routes(routes!(public_summary)).routes(routes!(set_public))
}

/// What is published; only `published: false` while nothing is.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct PublicSummary {
    /// Whether the ward has published its figures.
    published: bool,
    /// The figures.
    #[serde(flatten)]
    figures: Option<PublicFigures>,
}

/// What the ward publishes
#[utoipa::path(get, path = "/public/summary", tag = "reports", security(()),
    responses((status = 200, description = "The figures, or only `published: false`", body = PublicSummary), Problems))]
async fn public_summary(State(core): State<Core>) -> Result<Json<PublicSummary>> {
    let figures = published(&mut core.db.snapshot().await?).await?;
    Ok(Json(PublicSummary { published: figures.is_some(), figures }))
}

/// Whether the figures are published.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"enabled": true}))]
pub(crate) struct PublicSettings {
    /// True publishes them, false takes them back.
    pub(crate) enabled: bool,
}

/// Publish the ward's figures, or take them back
///
/// For coordinators of the whole ward.
#[utoipa::path(put, path = "/public/settings", tag = "reports", request_body = PublicSettings,
    responses((status = 200, description = "As it is now", body = PublicSettings), Problems))]
pub(crate) async fn set_public(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    Body(settings): Body<PublicSettings>,
) -> Result<Json<PublicSettings>> {
    permit.require_unconfined()?;
    let mut tx = core.db.begin().await?;
    store::public::publish(&mut tx, settings.enabled).await?;
    let act = Act::many("publish", "settings", serde_json::json!({ "public_disclosure": settings.enabled }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    Ok(Json(settings))
}
