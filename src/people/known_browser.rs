//! A browser that an account was logged in from before. Its tries are counted by themselves, so that nobody else's guesses
//! keep its people out, not even those from behind the same address (OWASP, "Device cookies").
//!
//! Its cookie holds a random number and who logged in there, sealed. It gives nobody a way in: only tries of their own.

use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::http::{Core, set_cookie};
use crate::vault::Purpose;

/// Its name over https: see `session_cookie`.
const OVER_HTTPS: &str = "__Host-lalanh_browser";
const OVER_HTTP: &str = "lalanh_browser";
/// How long it is kept after the last login.
const KEPT: Duration = Duration::days(180);
/// Accounts that one browser knows; the one that was away longest is forgotten first.
const ACCOUNTS_MAX: usize = 8;

/// What a browser's cookie says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownBrowser {
    id: String,
    accounts: Vec<String>,
}

impl KnownBrowser {
    /// What the browser shows; a new one when it shows nothing of ours.
    pub(super) fn read(core: &Core, headers: &HeaderMap, secure: bool) -> Self {
        let jar = CookieJar::from_headers(headers);
        jar.get(name(secure)).and_then(|cookie| Self::open(core, cookie.value())).unwrap_or_default()
    }

    /// What tries on an account are counted under, if it was logged in from here; `account` is folded.
    pub(super) fn key(&self, account: &str) -> Option<String> {
        self.accounts.iter().any(|known| known == account).then(|| format!("{} {account}", self.id))
    }

    /// Gives the browser the cookie after an account was logged in from it.
    pub(super) fn give(mut self, core: &Core, response: &mut Response, account: &str, secure: bool) {
        if self.id.is_empty() {
            self.id = core.clock.uuid().to_string();
        }
        self.accounts.retain(|known| known != account);
        self.accounts.push(account.to_owned());
        let over = self.accounts.len().saturating_sub(ACCOUNTS_MAX);
        self.accounts.drain(..over);
        let cookie = Cookie::build((name(secure), self.sealed(core))).path("/").http_only(true);
        set_cookie(response, cookie.same_site(SameSite::Lax).max_age(KEPT).secure(secure).build());
    }

    fn sealed(&self, core: &Core) -> String {
        let plain = serde_json::to_vec(self).expect("a list of texts is JSON");
        data_encoding::BASE64URL_NOPAD.encode(&core.vault.seal(Purpose::KnownBrowser, &plain))
    }

    fn open(core: &Core, value: &str) -> Option<Self> {
        let sealed = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        serde_json::from_slice(&core.vault.open(Purpose::KnownBrowser, &sealed).ok()?).ok()
    }
}

const fn name(secure: bool) -> &'static str {
    if secure { OVER_HTTPS } else { OVER_HTTP }
}
