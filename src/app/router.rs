//! All routes in one place, and what surrounds every request.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use super::docs;
use crate::kernel::Clock;
use crate::redemption::door::Redemption;
use crate::web::{Core, Error, assets, render_problems};
use crate::{goods, households, landlords, people, places, redemption, reports, vouchers};

/// Bytes that a body has at most, where a route does not say otherwise.
const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// How long a request may take; imports and prints stream and stay below it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// The document's frame; every route adds itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Lá Lành",
        description = "Relief work of a Vietnamese ward: households, rent reductions, donated goods, vouchers that are \
                       redeemed exactly once. Ids are UUIDs; money is whole đồng; quantities are integers in the \
                       item's smallest unit; times are RFC 3339; days are days in Asia/Ho_Chi_Minh.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(crate::web::Problem)),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct ApiDoc;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token of staff (`lalanh token add`) or of an enrolled phone"))
            .build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The JSON API with its document.
pub fn api(core: &Core) -> (Router<Core>, utoipa::openapi::OpenApi) {
    let routes = OpenApiRouter::new()
        .merge(people::api::router())
        .merge(places::api::router())
        .merge(households::api::router())
        .merge(goods::router())
        .merge(landlords::api::router())
        .merge(reports::api::router())
        .merge(vouchers::api::router())
        .merge(redemption::api::router().layer(axum::Extension(Redemption::start(core))));
    OpenApiRouter::with_openapi(ApiDoc::openapi()).nest("/api/v1", routes).split_for_parts()
}

/// Everything the service answers.
pub fn router(core: Core) -> Router {
    let (api, document) = api(&core);
    let docs = docs::router(&serde_json::to_value(&document).expect("the document is plain JSON"));
    let document = document.to_pretty_json().expect("the document is plain JSON");
    let ids = Ids(core.clock.clone());
    let request_id = HeaderName::from_static("x-request-id");
    Router::new()
        .merge(api)
        .merge(docs)
        .merge(people::pages::router())
        .merge(assets::router())
        .route(
            "/api/v1/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
        )
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(core)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn(render_problems))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
            ),
        ))
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(request_id, ids))
}

/// A request's span: method, route and id. Never the query, a header or a body: they may hold personal data.
fn span(request: &Request<axum::body::Body>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("");
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("", axum::extract::MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route, id)
}

#[derive(Clone)]
struct Ids(Clock);

impl MakeRequestId for Ids {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&self.0.uuid().to_string()).ok().map(RequestId::new)
    }
}

/// A panic is a defect: the visitor gets the internal error's page, the log its place. The message may hold data.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> axum::response::Response {
    Error::internal("a handler panicked").into_response()
}

/// Ready: the database answers and is migrated.
async fn ready(State(core): State<Core>) -> Result<Json<serde_json::Value>, Error> {
    let mut conn = core.db.read().await.map_err(|_| Error::Busy)?;
    people::store::count_users(&mut conn).await.map_err(|_| Error::Busy)?;
    Ok(Json(serde_json::json!({ "ready": true })))
}
