//! The plain-http door beside https: sends visitors on, and answers the operator's own questions. Calls of the API are
//! not sent on: what sends a token in the clear is to fail at once, not to go on unnoticed.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::timeout::TimeoutLayer;

use super::router::ready;
use crate::http::{Core, Error};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a host name that is repeated.
const HOST_MAX: usize = 255;

/// What the plain-http door answers.
pub fn router(core: Core, port: u16) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async move |State(core): State<Core>, request: Request| onward(&core, port, &request))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .with_state(core)
}

/// To the same page over https: at the address that the operator gave, else at the host that the visitor asked for.
fn onward(core: &Core, port: u16, request: &Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return Error::NotFound.into_response();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let base = match core.config.public_url.as_deref() {
        Some(url) if url.starts_with("https://") => url.to_owned(),
        _ => match host(request) {
            Some(host) if port == 443 => format!("https://{host}"),
            Some(host) => format!("https://{host}:{port}"),
            None => return Error::NotFound.into_response(),
        },
    };
    match HeaderValue::from_str(&format!("{base}{path}")) {
        Ok(to) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Err(_) => Error::NotFound.into_response(),
    }
}

/// The host without its port, when it looks like one.
fn host(request: &Request) -> Option<&str> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let bare = match host.rsplit_once(':') {
        // An IPv6 address has colons of its own, in brackets.
        Some((before, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => host,
    };
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'[' | b']' | b':');
    (!bare.is_empty() && bare.len() <= HOST_MAX && bare.bytes().all(fine)).then_some(bare)
}
