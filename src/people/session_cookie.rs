//! The session's cookie: given at the login, read with each request, taken away at the end.
//!
//! Over https its name begins with `__Host-`: browsers then take it from this very host alone, over https alone, so that
//! neither a neighbour's subdomain nor somebody on the way can plant one. Over plain http, which browsers refuse that name,
//! it has a plain one. Each way of coming reads its own name and never the other.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use time::Duration;

use crate::http::set_cookie;

/// The cookie of a browser that came by https.
const OVER_HTTPS: &str = "__Host-lalanh_session";
/// The cookie of a browser that came by plain http.
const OVER_HTTP: &str = "lalanh_session";

/// The cookie of a login between its two steps: over https, over plain http.
const STEP: (&str, &str) = ("__Host-lalanh_step", "lalanh_step");

const fn step_name(secure: bool) -> &'static str {
    if secure { STEP.0 } else { STEP.1 }
}

/// What a browser keeps between the two steps of a login.
pub(super) fn read_step(headers: &HeaderMap, secure: bool) -> Option<String> {
    CookieJar::from_headers(headers).get(step_name(secure)).map(|cookie| cookie.value().to_owned())
}

/// Lets the browser keep it for so many seconds; takes it away with none.
pub(super) fn keep_step(response: &mut Response, step: &str, secs: i64, secure: bool) {
    set_cookie(response, cookie(step_name(secure), step.to_owned(), secs, secure));
}

/// The cookie of a browser that is away at the provider.
const AWAY: (&str, &str) = ("__Host-lalanh_away", "lalanh_away");

const fn away_name(secure: bool) -> &'static str {
    if secure { AWAY.0 } else { AWAY.1 }
}

/// What a browser keeps while it is away at the provider.
pub(super) fn read_away(headers: &HeaderMap, secure: bool) -> Option<String> {
    CookieJar::from_headers(headers).get(away_name(secure)).map(|cookie| cookie.value().to_owned())
}

/// Lets the browser keep it for so many seconds; takes it away with none.
pub(super) fn keep_away(response: &mut Response, away: &str, secs: i64, secure: bool) {
    set_cookie(response, cookie(away_name(secure), away.to_owned(), secs, secure));
}

const fn name(secure: bool) -> &'static str {
    if secure { OVER_HTTPS } else { OVER_HTTP }
}

/// The session's token, as the browser shows it.
pub(super) fn read(headers: &HeaderMap, secure: bool) -> Option<String> {
    CookieJar::from_headers(headers).get(name(secure)).map(|cookie| cookie.value().to_owned())
}

/// Gives the browser a session's token for so many seconds.
pub(super) fn give(response: &mut Response, token: &str, secs: i64, secure: bool) {
    set_cookie(response, session(token.to_owned(), secs, secure));
}

/// Takes the session's token from the browser, and what it keeps of our pages. Not `"cookies"`, which would take those of
/// every site below the same domain; and never `"storage"`: there a volunteer's phone has the records it has not sent.
pub(super) fn take_back(response: &mut Response, secure: bool) {
    set_cookie(response, session(String::new(), 0, secure));
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
}

const CLEAR_SITE_DATA: header::HeaderName = header::HeaderName::from_static("clear-site-data");

fn session(token: String, secs: i64, secure: bool) -> Cookie<'static> {
    cookie(name(secure), token, secs, secure)
}

fn cookie(name: &'static str, value: String, secs: i64, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(secs))
        .secure(secure)
        .build()
}
