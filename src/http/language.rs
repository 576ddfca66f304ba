//! The language of a request, and the cookie that keeps a visitor's choice.

use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use time::Duration;

use super::cookie::set_cookie;
use crate::kernel::message::Lang;

/// The cookie of the choice.
const COOKIE: &str = "lang";
/// How long the choice is kept: a year.
const KEPT: Duration = Duration::days(365);

/// The language of a request: the visitor's choice, else `Accept-Language`, else Vietnamese.
pub fn language_of(headers: &HeaderMap) -> Lang {
    let cookies = CookieJar::from_headers(headers);
    let chosen = cookies.get(COOKIE).map(Cookie::value);
    [Lang::Vi, Lang::En].into_iter().find(|lang| chosen == Some(lang.tag())).unwrap_or_else(|| {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map(Lang::from_accept_language)
            .unwrap_or_default()
    })
}

/// Keeps a visitor's choice in the browser.
pub fn keep_language(response: &mut Response, lang: Lang, secure: bool) {
    let cookie = Cookie::build((COOKIE, lang.tag())).path("/").same_site(SameSite::Lax).max_age(KEPT).secure(secure);
    set_cookie(response, cookie.build());
}
