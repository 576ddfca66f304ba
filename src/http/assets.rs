//! The files that pages need, embedded in the program. Their addresses carry a hash of the content, so that browsers
//! may keep them for good and still see every change.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::core::Core;
use super::error::{Error, Result};
use crate::vault::sha256;

/// One embedded file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
    version: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    [
        ("app.css", "text/css; charset=utf-8", include_bytes!("../../assets/app.css").as_slice()),
        ("import.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/import.js").as_slice()),
        ("live.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/live.js").as_slice()),
        ("desk.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/desk.js").as_slice()),
        ("lines.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/lines.js").as_slice()),
        ("print.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/print.js").as_slice()),
        ("round.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/round.js").as_slice()),
        ("setup.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/setup.js").as_slice()),
        ("copy.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/copy.js").as_slice()),
        ("rent.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/rent.js").as_slice()),
        ("leaf.svg", "image/svg+xml; charset=utf-8", include_bytes!("../../assets/leaf.svg").as_slice()),
    ]
    .into_iter()
    .map(|(name, kind, content)| {
        let version = data_encoding::HEXLOWER.encode(&sha256(content)[..6]);
        Asset { name, kind, content, version }
    })
    .collect()
});

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The address of a file; its bare address when there is no such file, which a test notices.
pub fn url(name: &str) -> String {
    find(name).map_or_else(|| format!("/assets/{name}"), |asset| format!("/assets/{name}?v={}", asset.version))
}

/// `/assets/{name}`.
pub fn router() -> Router<Core> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, uri: axum::http::Uri, headers: HeaderMap) -> Result<Response> {
    let asset = find(&name).ok_or(Error::NotFound)?;
    let versioned = uri.query().is_some_and(|query| query == format!("v={}", asset.version));
    let tag = format!("\"{}\"", asset.version);
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, asset.kind)], asset.content).into_response()
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}
