//! The session's cookie: given at the login, taken away at the end.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::http::{Core, Peer, see_other};
use crate::people::caller::SESSION_COOKIE;
use crate::people::service::login::{SESSION_SECS, Session};

/// Takes the session's cookie from the browser.
pub(super) fn forget_session(response: &mut Response, secure: bool) {
    set_cookie(response, &session_cookie("", 0, secure));
}

/// On to a page, with a new session's cookie.
pub(super) fn enter(core: &Core, peer: &Peer, session: &Session, to: &str) -> Response {
    let mut response = see_other(to);
    set_cookie(&mut response, &session_cookie(&session.token, SESSION_SECS, peer.secure(core)));
    response
}

fn session_cookie(token: &str, max_age_secs: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_secs}{secure}")
}

pub(super) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
