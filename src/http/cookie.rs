//! Cookies of answers.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use axum_extra::extract::cookie::Cookie;

/// Gives the browser a cookie.
pub fn set_cookie(response: &mut Response, cookie: Cookie<'static>) {
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
