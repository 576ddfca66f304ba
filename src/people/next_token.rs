//! A phone's next token is told with an answer that it gets anyway; see [`super::device_token`].

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::caller::{Believed, bearer, believed_token, forget_believed};
use super::store::devices;
use crate::http::{Core, Result};
use crate::vault::token_hash;

/// The header that tells a phone its next token.
pub const NEXT_TOKEN: HeaderName = HeaderName::from_static("lalanh-next-token");
/// How old a token is when its successor is told, in seconds.
const MOVES_ON_SECS: i64 = 24 * 3600;
/// The one call that nobody may keep waiting for the sake of this.
const SCAN: &str = "/api/v1/redemptions";

/// Tells a phone its next token with an answer that it gets anyway.
pub async fn tell_next_token(State(core): State<Core>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let may = path.starts_with("/api/") && !(path == SCAN && request.method() == Method::POST);
    let token = bearer(request.headers()).filter(|_| may).map(str::to_owned);
    let mut response = next.run(request).await;
    let Some(token) = token.filter(|_| response.status().is_success()) else { return response };
    if response.headers().contains_key(header::CACHE_CONTROL) {
        return response;
    }
    match next_token(&core, &token).await {
        Ok(Some(next)) => {
            if let Ok(value) = HeaderValue::from_str(&next) {
                response.headers_mut().insert(NEXT_TOKEN, value);
            }
        }
        Ok(None) => {}
        // The token that it has is good for another while.
        Err(error) => tracing::warn!(?error, "a phone's next token was not stored"),
    }
    response
}

async fn next_token(core: &Core, token: &str) -> Result<Option<String>> {
    let (now, hash) = (core.clock.now(), token_hash(token));
    let Some(Believed { token: Some(age), .. }) = believed_token(core, &hash, now) else { return Ok(None) };
    if now.secs_since(age.since) < MOVES_ON_SECS {
        return Ok(None);
    }
    let next = core.replay.next_token(age.device_id.0, token);
    if !age.is_followed {
        let next_hash = token_hash(&next);
        core.run(async |tx| {
            devices::follow(tx, age.device_id, &hash, next_hash).await?;
            tx.after_commit(forget_believed);
            Ok(())
        })
        .await?;
    }
    Ok(Some(next))
}
