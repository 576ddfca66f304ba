//! What failed tries leave behind, and whom they keep out.

use futures_util::future::join_all;
use lalanh::http::throttle::ThrottleKind;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::PASSWORD;
use crate::on_both;
use crate::support::{TestApp, text};

const WRONG: &str = "không phải mật khẩu";

impl TestApp {
    /// The audit log's entries of an action, oldest first, once there are so many: they are written beside the requests.
    pub async fn entries(&self, action: &str, count: usize) -> Vec<Value> {
        for _ in 0..500 {
            let page = self.get(&format!("/api/v1/audit?action={action}&limit=500")).await;
            let mut found = page["items"].as_array().unwrap().clone();
            if found.len() >= count {
                found.reverse();
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no {count} entries of {action}");
    }

    /// Logs in on the page, from a browser that shows this cookie, if any.
    async fn log_in_page(&self, username: &str, password: &str, cookie: &str) -> Response {
        let form = self.form("/login", &[("username", username), ("password", password)]);
        form.header("cookie", cookie).send().await.unwrap()
    }

    async fn metric(&self, line: &str) -> bool {
        let metrics = self.client.get(format!("{}/metrics", self.base)).send().await.unwrap().text().await.unwrap();
        metrics.lines().any(|found| found == line)
    }
}

/// The cookie by which a browser is known, as it is sent back.
fn browser_of(response: &Response) -> String {
    let cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let known =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("lalanh_browser="));
    known.expect("the browser is known from now on").to_owned()
}

on_both! {
    async fn a_stranger_who_guesses_locks_nobody_out_elsewhere(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        for _ in 0..10 {
            assert_eq!(app.try_login_from("203.0.113.9", "lan", WRONG).await.0, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(app.try_login_from("203.0.113.9", "lan", PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(app.try_login_from("198.51.100.7", "lan", PASSWORD).await.0, StatusCode::OK);
    }

    async fn a_browser_that_knows_an_account_has_tries_of_its_own(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        app.with_password("hoa", "coordinator").await;
        let first = app.log_in_page("lan", PASSWORD, "").await;
        assert_eq!(first.status(), StatusCode::SEE_OTHER);
        let browser = browser_of(&first);
        for _ in 0..200 {
            app.core.throttle.failed(ThrottleKind::Address, "127.0.0.1", app.clock.now());
        }
        for _ in 0..10 {
            app.try_login("lan", WRONG).await;
        }
        assert_eq!(app.log_in_page("lan", PASSWORD, "").await.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(app.log_in_page("hoa", PASSWORD, &browser).await.status(), StatusCode::TOO_MANY_REQUESTS, "hoa is new here");
        let again = app.log_in_page(" LAN ", PASSWORD, &browser).await;
        assert_eq!(again.status(), StatusCode::SEE_OTHER, "in spite of whoever guesses behind the same address");
        let browser = browser_of(&again);
        for _ in 0..10 {
            assert_eq!(app.log_in_page("lan", WRONG, &browser).await.status(), StatusCode::UNAUTHORIZED);
        }
        assert_eq!(app.log_in_page("lan", PASSWORD, &browser).await.status(), StatusCode::TOO_MANY_REQUESTS, "and no more");
        app.pass(15 * 60 + 1);
        assert_eq!(app.log_in_page("lan", PASSWORD, &browser).await.status(), StatusCode::SEE_OTHER);
    }

    async fn a_browser_knows_several_accounts_and_tells_nobody_which(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        app.with_password("hoa", "coordinator").await;
        let browser = browser_of(&app.log_in_page("lan", PASSWORD, "").await);
        let browser = browser_of(&app.log_in_page("hoa", PASSWORD, &browser).await);
        let value = browser.split_once('=').unwrap().1;
        let plain = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).unwrap();
        assert!(!String::from_utf8_lossy(&plain).contains("hoa"), "sealed");
        for name in ["lan", "hoa"] {
            for _ in 0..10 {
                app.try_login(name, WRONG).await;
            }
            assert_eq!(app.log_in_page(name, PASSWORD, &browser).await.status(), StatusCode::SEE_OTHER, "{name}");
        }
        let forged = format!("lalanh_browser={}", data_encoding::BASE64URL_NOPAD.encode(b"{\"id\":\"1\",\"accounts\":[\"lan\"]}"));
        assert_eq!(app.log_in_page("lan", PASSWORD, &forged).await.status(), StatusCode::TOO_MANY_REQUESTS, "made up");
    }

    async fn very_many_guesses_from_everywhere_close_an_account_but_for_where_it_is_known(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        assert_eq!(app.try_login_from("198.51.100.7", "lan", PASSWORD).await.0, StatusCode::OK);
        let guesses = (0..100).map(|n| (n, format!("203.0.113.{}", n / 9)));
        for chunk in guesses.collect::<Vec<_>>().chunks(10) {
            let tries = chunk.iter().map(|(_, address)| app.try_login_from(address, "lan", WRONG));
            assert!(join_all(tries).await.iter().all(|(status, _)| *status == StatusCode::UNAUTHORIZED));
        }
        assert_eq!(app.try_login_from("192.0.2.1", "lan", PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(app.try_login_from("198.51.100.7", "lan", PASSWORD).await.0, StatusCode::OK, "where it logged in before");
        app.pass(15 * 60 + 1);
        assert_eq!(app.try_login_from("192.0.2.1", "lan", PASSWORD).await.0, StatusCode::OK);
    }

    async fn failed_logins_are_told_with_the_account_and_never_with_an_unknown_name(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        app.try_login("lan", WRONG).await;
        let told = app.entries("login_failed", 1).await;
        assert_eq!((&told[0]["record_id"], &told[0]["actor_kind"]), (&user["id"], &json!("public")));
        assert_eq!(told[0]["detail"], json!({ "outcome": "wrong_password", "count": 1 }));
        app.try_login("mật khẩu của tôi", WRONG).await;
        let told = app.entries("login_failed", 2).await;
        assert_eq!((&told[1]["record_id"], &told[1]["detail"]["outcome"]), (&Value::Null, &json!("unknown_name")));
        let log = app.get("/api/v1/audit?limit=500").await.to_string();
        assert!(!log.contains("mật khẩu của tôi") && !log.contains(WRONG) && !log.contains("127.0.0.1"));
        app.try_login("lan", PASSWORD).await;
        for (outcome, count) in [("wrong_password", 1), ("unknown_name", 1), ("ok", 1)] {
            assert!(app.metric(&format!("lalanh_logins_total{{outcome=\"{outcome}\"}} {count}")).await, "{outcome}");
        }
    }

    async fn a_flood_of_failures_does_not_fill_the_log(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        for _ in 0..25 {
            app.try_login("lan", WRONG).await;
        }
        let told = app.entries("login_failed", 4).await;
        let told: Vec<(String, i64)> =
            told.iter().map(|entry| (text(&entry["detail"], "outcome"), entry["detail"]["count"].as_i64().unwrap())).collect();
        for expected in [("wrong_password", 1), ("wrong_password", 10), ("throttled", 1), ("throttled", 10)] {
            assert!(told.contains(&(expected.0.to_owned(), expected.1)), "{told:?}");
        }
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(app.metric("lalanh_logins_total{outcome=\"throttled\"} 15").await);
        assert!(app.metric("lalanh_refusals_total{code=\"too_many_requests\"} 15").await);
        assert!(app.metric("lalanh_refusals_total{code=\"wrong_login\"} 10").await);
    }

    async fn refusals_are_counted_by_their_reason_and_a_revoked_token_is_told(app: TestApp) {
        let user = app.with_password("lan", "auditor").await;
        let path = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let token = app.create(&path, json!({})).await;
        let body = json!({ "name": "X", "kind": "ward" });
        assert_eq!(app.send_as(&text(&token, "token"), Method::POST, "/api/v1/areas", &body).await.0, StatusCode::FORBIDDEN);
        app.create(&format!("/api/v1/tokens/{}/revoke", text(&token, "id")), json!({})).await;
        for _ in 0..3 {
            assert_eq!(app.code(&text(&token, "token"), "/api/v1/me").await.0, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(app.code("nonsense", "/api/v1/me").await.0, StatusCode::UNAUTHORIZED);
        let told = app.entries("use_revoked", 1).await;
        assert_eq!((told.len(), &told[0]["record_id"]), (1, &token["id"]));
        for (code, count) in [("forbidden", 1), ("token_revoked", 3), ("unauthenticated", 4)] {
            assert!(app.metric(&format!("lalanh_refusals_total{{code=\"{code}\"}} {count}")).await, "{code}");
        }
    }
}
