//! Logins: which passwords are taken, how long what lasts, what failed tries leave behind, and who is asked again.

mod asked_factor;
mod failures;
mod passwords;
pub mod second_factor;
mod sessions;
mod sign_on;
mod watching;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, text};

/// The password of [`TestApp::with_password`].
pub const PASSWORD: &str = "lá lành đùm lá rách";

impl TestApp {
    /// Tries to log in as a program does; status and answer.
    pub async fn try_login(&self, username: &str, password: &str) -> (StatusCode, Value) {
        self.try_login_from("127.0.0.1", username, password).await
    }

    /// The same from another address, which a proxy on this machine tells.
    pub async fn try_login_from(&self, address: &str, username: &str, password: &str) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}/api/v1/login", self.base)).header("x-forwarded-for", address);
        let response = request.json(&json!({ "username": username, "password": password })).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// A session of a login, as a bearer token.
    pub async fn session(&self, username: &str) -> String {
        let (status, answer) = self.try_login(username, PASSWORD).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        text(&answer, "token")
    }

    /// A request of a browser with this cookie, from our own page.
    pub fn browse(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.header("accept", "text/html").header("sec-fetch-site", "same-origin").header("cookie", cookie)
    }

    /// A code of the answer to a call without a body.
    pub async fn code(&self, token: &str, path: &str) -> (StatusCode, String) {
        let response = self.request(Method::GET, path, token).send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, secs: i64) {
        self.clock.set(self.clock.now().plus_secs(secs));
    }
}

/// A header's text; empty when there is none.
pub fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The cookie that an answer gives, as it is sent back.
pub fn cookie_of(response: &Response) -> String {
    header(response, "set-cookie").split(';').next().unwrap_or_default().to_owned()
}
