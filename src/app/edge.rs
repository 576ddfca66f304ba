//! What surrounds every request: its span and log line, its metrics, compression of texts, https for good, and the end of
//! live streams.
//!
//! A log line tells method, route pattern, status, time and request id. Never the path's values, the query, a header
//! or a body: they may hold personal data.

use std::net::SocketAddr;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use tower_http::compression::predicate::Predicate;
use tower_http::request_id::{MakeRequestId, RequestId};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::http::{Core, Error, ErrorView, Peer, Result};
use crate::jobs;
use crate::kernel::Clock;
use crate::people::caller::{Credential, bearer, until_over};
use crate::vault::token_hash;

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Bytes below which compressing costs more than it saves.
const WORTH_COMPRESSING: u64 = 1024;

/// Gives each request its id.
#[derive(Clone)]
pub struct Ids(pub Clock);

impl MakeRequestId for Ids {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&self.0.uuid().to_string()).ok().map(RequestId::new)
    }
}

/// Outermost: a request id that came with the request is kept only when it is a UUID (a proxy's, say), because it
/// goes into the log, where a stranger's text has no place.
pub async fn distrust_request_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).map(|id| id.to_str().is_ok_and(|id| Uuid::try_parse(id).is_ok()));
    if given == Some(false) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// Logs and counts each request.
pub async fn observe(State(core): State<Core>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("");
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    // A method is the client's own text: only known ones are repeated.
    let method = known_method(request.method().as_str());
    let span = tracing::info_span!("request", method, route, id);
    let response = next.run(request).instrument(span.clone()).await;
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    core.metrics.answered(method, &route, status, took);
    if matches!(status, 401 | 403 | 429) {
        core.metrics.refused(response.extensions().get().map_or("other", ErrorView::code));
    }
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let quiet = matches!(route.as_str(), "/healthz" | "/readyz" | "/metrics");
    span.in_scope(|| {
        if quiet {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
    });
    response
}

fn known_method(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// Which answers are compressed: texts. Pictures and PDF are compressed already, live streams must not wait.
#[derive(Clone, Copy, Debug)]
pub struct Texts;

impl Predicate for Texts {
    fn should_compress<B>(&self, response: &axum::http::Response<B>) -> bool
    where
        B: axum::body::HttpBody,
    {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let text = (kind.starts_with("text/") && !kind.starts_with("text/event-stream"))
            || kind.starts_with("application/json")
            || kind.starts_with("application/problem+json")
            || kind.starts_with("application/javascript")
            || kind.starts_with("application/manifest+json")
            || kind.starts_with("application/wasm")
            || kind.starts_with("image/svg+xml");
        text && response.body().size_hint().upper().is_none_or(|bytes| bytes >= WORTH_COMPRESSING)
    }
}

/// Ends live streams when the service stops, which they would keep from stopping, and when the login is over that they were
/// opened with.
pub async fn end_streams(State(core): State<Core>, request: Request, next: Next) -> Response {
    let credential = Credential::of(&core, request.headers(), request.extensions());
    let response = next.run(request).await;
    let live = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if !live {
        return response;
    }
    let (parts, body) = response.into_parts();
    let over = async move {
        let login = async {
            match credential {
                Some(credential) => until_over(core.clone(), credential).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = core.stopped() => {}
            () = login => {}
        }
    };
    Response::from_parts(parts, Body::from_stream(body.into_data_stream().take_until(Box::pin(over))))
}

/// Whoever came by https is to come by https for the year to come, here and at what lies below this name.
pub async fn insist_on_https(State(core): State<Core>, request: Request, next: Next) -> Response {
    let https = Peer::of_request(&core, request.headers(), request.extensions()).https;
    let mut response = next.run(request).await;
    if https {
        let a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    response
}

/// What a proxy adds to a request that it passes on.
const PASSED_ON: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// `GET /metrics`: for this machine, unless a proxy on it passes on what somebody else asks, and for whoever shows
/// `--metrics-token`. Everybody else is told that there is nothing.
pub async fn metrics(State(core): State<Core>, request: Request) -> Result<impl IntoResponse> {
    let headers = request.headers();
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_local = socket.is_some_and(|ConnectInfo(remote)| remote.ip().to_canonical().is_loopback())
        && !PASSED_ON.iter().any(|name| headers.contains_key(*name));
    // Hashes are compared, so that how long it takes tells nothing of the token.
    let shown = bearer(headers).map(token_hash);
    let is_shown = core.config.metrics_token.as_deref().is_some_and(|token| shown == Some(token_hash(token)));
    if !is_local && !is_shown {
        return Err(Error::NotFound);
    }
    jobs::measures::refresh(&core).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], core.metrics.text(&core.db)))
}
