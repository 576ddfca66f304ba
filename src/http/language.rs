//! The language of a request.

use axum::http::{HeaderMap, header};

use crate::kernel::message::Lang;

/// The language of a request: the visitor's choice (cookie `lang`), else `Accept-Language`, else Vietnamese.
pub fn language_of(headers: &HeaderMap) -> Lang {
    let cookie = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookies| {
        cookies.split(';').find_map(|cookie| match cookie.trim() {
            "lang=vi" => Some(Lang::Vi),
            "lang=en" => Some(Lang::En),
            _ => None,
        })
    });
    cookie.unwrap_or_else(|| {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map(Lang::from_accept_language)
            .unwrap_or_default()
    })
}
