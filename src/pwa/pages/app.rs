//! `/quet` (the scanner), `/enrol` (a phone joins), `/kiem-tra-may` (what a phone lacks), and the files behind them.

use std::io::Read as _;

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::http::{Core, Error, Frame, Result, show};
use crate::pwa::files;

/// What the app's pages may do: run the code reader's WebAssembly, show pictures they drew themselves; nothing from
/// or to anywhere else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'self'; object-src 'none'",
);
/// Everything below the app's own folder never changes.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The app's pages and files.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/quet", get(scanner))
        .route("/enrol", get(enrol))
        .route("/kiem-tra-may", get(check))
        .route("/sw.js", get(worker))
        .route("/manifest.webmanifest", get(manifest))
        .route("/app/{version}/{file}", get(file))
}

/// The shell: the same for everyone. The app fills it.
#[derive(Template)]
#[template(path = "pwa/shell.html")]
struct Shell {
    /// Whether the page names the app that phones install. Not on `/enrol`: an iPhone's home screen then opens that
    /// very page, code included, in the storage of its own that it gives each app.
    installable: bool,
}

impl Shell {
    fn file(&self, name: &str) -> String {
        files::url(name)
    }
}

#[derive(Template)]
#[template(path = "pwa/check.html")]
struct CheckPage {
    frame: Frame,
    reader: bool,
}

impl CheckPage {
    fn file(&self, name: &str) -> String {
        files::url(name)
    }
}

fn of_the_app(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response.headers_mut().insert(header::CACHE_CONTROL, ASK_AGAIN);
    response
}

async fn scanner() -> Result<Response> {
    Ok(of_the_app(show(StatusCode::OK, &Shell { installable: true })?))
}

async fn enrol() -> Result<Response> {
    Ok(of_the_app(show(StatusCode::OK, &Shell { installable: false })?))
}

async fn check(frame: Frame) -> Result<Response> {
    Ok(of_the_app(show(StatusCode::OK, &CheckPage { frame, reader: !files::reader().is_empty() })?))
}

/// The service worker, with the list of what it keeps. Its text changes with every file, which is how phones notice.
async fn worker() -> Response {
    let list = json!({ "version": *files::VERSION, "kept": files::kept(), "reader": files::reader() });
    let text = format!("const APP = {list};\n{}", files::WORKER);
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    of_the_app(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn manifest() -> Response {
    let icon = |name: &str, size: &str, purpose: &str| -> Value {
        json!({ "src": files::url(name), "sizes": size, "type": "image/png", "purpose": purpose })
    };
    let manifest = json!({
        "id": "/quet",
        "name": "Lá Lành · Quét phiếu",
        "short_name": "Lá Lành",
        "description": "Quét phiếu nhận hàng tại điểm phát quà, cả khi mất mạng.",
        "lang": "vi",
        "start_url": "/quet",
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0d1512",
        "theme_color": "#0d1512",
        "icons": [icon("icon-192.png", "192x192", "any"), icon("icon-512.png", "512x512", "any"),
                  icon("icon-512.png", "512x512", "maskable")],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    of_the_app(([(header::CONTENT_TYPE, kind)], Json(manifest).into_response().into_body()).into_response())
}

async fn file(Path((version, name)): Path<(String, String)>, asked: HeaderMap) -> Result<Response> {
    // Another version's file under this version's name would mix two apps.
    if version != *files::VERSION {
        return Err(Error::NotFound);
    }
    let (kind, content) = files::find(&name).ok_or(Error::NotFound)?;
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    let response = match content {
        files::Content::Plain(content) => (kind, content).into_response(),
        files::Content::Packed(content) if takes_gzip(&asked) => {
            let packed = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
            let varies = [(header::VARY, HeaderValue::from_static("accept-encoding"))];
            (kind, packed, varies, content).into_response()
        }
        files::Content::Packed(content) => {
            let mut plain = Vec::new();
            GzDecoder::new(content).read_to_end(&mut plain).map_err(|error| Error::Internal(Box::new(error)))?;
            (kind, plain).into_response()
        }
    };
    let mut response = of_the_app(response);
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_GOOD);
    Ok(response)
}

/// Whether a request takes gzip (RFC 9110 §12.5.3); every browser does, and says so by name.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let named = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}
