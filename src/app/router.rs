//! All routes in one place, and what surrounds every request.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use super::edge::{self, Ids, Texts};
use super::{docs, pace, settings};
use crate::http::{Api, BODY_LIMIT, Core, Error, assets, render_problems};
use crate::redemption::intake::ScanIntake;
use crate::{
    campaigns, dashboard, donations, duties, households, inventory, jobs, landlords, people, places, privacy, pwa,
    redemption, reports, retention, vouchers,
};

/// The JSON API, with redemption's part of it.
pub(super) fn api<A: Api>(redemption: A) -> A {
    A::new()
        .merge(people::routes::api())
        .merge(duties::routes::api())
        .merge(jobs::routes::api())
        .merge(retention::routes::api())
        .merge(places::routes::api())
        .merge(households::routes::api())
        .merge(campaigns::routes::api())
        .merge(inventory::routes::api())
        .merge(donations::routes::api())
        .merge(landlords::routes::api())
        .merge(reports::routes::api())
        .merge(vouchers::routes::api())
        .merge(pwa::routes::api())
        .merge(dashboard::routes::api())
        .merge(privacy::routes::api())
        .merge(redemption)
}

/// Everything the service answers.
pub fn router(core: Core) -> Router {
    // One writer serves the API and the pages.
    let redemption = ScanIntake::start(&core);
    jobs::measures::register(&core);
    let routes = Router::new()
        .nest("/api/v1", api(redemption::routes::api::<Router<Core>>().sharing(redemption.clone())))
        .merge(docs::router())
        .merge(people::routes::pages())
        .merge(duties::routes::pages())
        .merge(jobs::routes::pages())
        .merge(retention::routes::pages())
        .merge(places::routes::pages())
        .merge(campaigns::routes::pages())
        .merge(inventory::routes::pages())
        .merge(donations::routes::pages())
        .merge(landlords::routes::pages())
        .merge(reports::routes::pages())
        .merge(households::routes::pages())
        .merge(dashboard::routes::pages())
        .merge(privacy::routes::pages())
        .merge(pwa::routes::pages())
        .merge(settings::router())
        .merge(vouchers::routes::pages())
        .merge(redemption::routes::pages().layer(axum::Extension(redemption)))
        .merge(assets::router())
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(edge::metrics));
    surround(routes, core)
}

/// What every request passes on its way to the routes: limits, problems, headers, compression, log, request id.
pub fn surround(routes: Router<Core>, core: Core) -> Router {
    let ids = Ids(core.clock.clone());
    routes
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(core.clone())
        .layer(axum::middleware::from_fn_with_state(core.clone(), people::next_token::tell_next_token))
        .layer(axum::middleware::from_fn_with_state(core.clone(), pace::pace))
        .layer(CatchPanicLayer::custom(panicked))
        // Below the problems, which repeat the id.
        .layer(PropagateRequestIdLayer::new(edge::REQUEST_ID))
        .layer(axum::middleware::from_fn(render_problems))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(self), microphone=(), geolocation=()"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
            ),
        ))
        .layer(axum::middleware::from_fn_with_state(core.clone(), edge::insist_on_https))
        .layer(axum::middleware::from_fn_with_state(core.clone(), edge::end_streams))
        .layer(CompressionLayer::new().gzip(true).compress_when(Texts))
        .layer(axum::middleware::from_fn_with_state(core, edge::observe))
        .layer(SetRequestIdLayer::new(edge::REQUEST_ID, ids))
        .layer(axum::middleware::from_fn(edge::distrust_request_id))
}

/// A panic is a defect: the visitor gets the internal error's page, the log its place. The message may hold data.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> axum::response::Response {
    Error::internal("a handler panicked").into_response()
}

/// Ready: the database answers and is migrated.
pub(super) async fn ready(State(core): State<Core>) -> Result<Json<serde_json::Value>, Error> {
    let mut conn = core.db.read().await.map_err(|_| Error::Busy)?;
    people::store::count_users(&mut conn).await.map_err(|_| Error::Busy)?;
    Ok(Json(serde_json::json!({ "ready": true })))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_answers_500_and_tells_nothing_of_itself() {
        let app = Router::new()
            .route("/api/boom", get(async || -> &'static str { panic!("0905123456") }))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(axum::middleware::from_fn(render_problems));
        let response = app.oneshot(Request::get("/api/boom").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["code"], "internal");
        assert!(!problem.to_string().contains("0905123456"));
    }
}
