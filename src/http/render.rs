//! The edge: errors become problem+json for the API and a page for people, in the visitor's language.

use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use tower_http::request_id::RequestId;

use super::error::{Error, ErrorView, Problem, ProblemField};
use super::frame::Frame;
use super::language::language_of;
use crate::kernel::message::Lang;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    status: u16,
    message: &'a str,
    request_id: Option<&'a str>,
}

/// Middleware, outermost: gives every error its body.
pub async fn render_problems(request: Request, next: Next) -> Response {
    let lang = language_of(request.headers());
    let path = request.uri().path();
    let wants_page = !path.starts_with("/api/")
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
    let frame = Frame::of(request.headers(), request.uri());
    let request_id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let view = match response.extensions().get::<ErrorView>() {
        Some(view) => view.clone(),
        // Something below the handlers refused: the router, a size limit, a time-out.
        None if response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")) =>
        {
            plain_refusal(status)
        }
        None => return response,
    };
    let rendered = if wants_page {
        page(frame, status, &view, request_id.as_deref())
    } else {
        problem(lang, status, &view, request_id)
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let (rendered_parts, body) = rendered.into_parts();
    parts.headers.extend(rendered_parts.headers);
    Response::from_parts(parts, body)
}

fn plain_refusal(status: StatusCode) -> ErrorView {
    let error = match status {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Error::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(super::body::too_large()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Error::Busy,
        _ => Error::internal("refused below the handlers"),
    };
    ErrorView { code: error.code(), say: error.say(), fields: Vec::new() }
}

fn problem(lang: Lang, status: StatusCode, view: &ErrorView, request_id: Option<String>) -> Response {
    let problem = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        code: view.code,
        detail: view.say.in_lang(lang).to_owned(),
        errors: view
            .fields
            .iter()
            .map(|error| ProblemField {
                field: error.field.clone(),
                code: error.code,
                message: error.say.in_lang(lang).to_owned(),
            })
            .collect(),
        request_id,
    };
    let body = serde_json::to_vec(&problem).expect("a problem is plain text and numbers");
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    response
}

fn page(frame: Frame, status: StatusCode, view: &ErrorView, request_id: Option<&str>) -> Response {
    let lang = frame.lang;
    let page = ErrorPage { frame, status: status.as_u16(), message: view.say.in_lang(lang), request_id };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "the error page does not render");
            view.say.in_lang(lang).to_owned().into_response()
        }
    }
}
