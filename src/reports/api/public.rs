//! What is published, and its switch.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::Serialize;

use crate::http::{Api, Body, Core, Problems, Result, routes};
use crate::kernel::Moment;
use crate::people::Permit;
use crate::people::rights::ManagePlaces;
use crate::reports::public::{PublicFigures, PublicSettings};
use crate::reports::published::{MAX_AGE_SECS, published};
use crate::reports::service;

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
    /// When the figures were computed; they are half a minute old at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Moment>,
}

/// What the ward publishes
#[utoipa::path(get, path = "/public/summary", tag = "reports", security(()),
    responses((status = 200, description = "The figures, or only `published: false`", body = PublicSummary), Problems))]
async fn public_summary(State(core): State<Core>) -> Result<([(HeaderName, String); 1], Json<PublicSummary>)> {
    let published = published(&core).await?;
    let (figures, as_of) = published.map(|kept| (kept.figures.clone(), kept.as_of)).unzip();
    let keep = [(header::CACHE_CONTROL, format!("public, max-age={MAX_AGE_SECS}"))];
    Ok((keep, Json(PublicSummary { published: figures.is_some(), figures, as_of })))
}

/// Publish the ward's figures, or take them back
///
/// For coordinators of the whole ward.
#[utoipa::path(put, path = "/public/settings", tag = "reports", request_body = PublicSettings,
    responses((status = 200, description = "As it is now", body = PublicSettings), Problems))]
async fn set_public(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    Body(settings): Body<PublicSettings>,
) -> Result<Json<PublicSettings>> {
    core.run(async |tx| service::publish(tx, &core.clock, &permit, settings).await).await.map(Json)
}
