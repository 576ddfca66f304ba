//! What surrounds every request: errors in both languages, request ids, headers, logins and their limits, the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use lalanh::people::Role;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, LOCATION, ORIGIN, RETRY_AFTER, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::on_both;
use crate::support::{On, TestApp, text};

/// A password of a login in these tests.
const PASSWORD: &str = "lá lành đùm lá rách";

impl TestApp {
    /// A login with [`PASSWORD`].
    pub async fn with_password(&self, username: &str, role: &str) -> Value {
        self.create("/api/v1/users", json!({ "username": username, "role": role, "password": PASSWORD })).await
    }

    /// A form as a browser sends it from our own page.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base)).header("sec-fetch-site", "same-origin").form(fields)
    }

    /// Logs in by page; the cookie to send back.
    pub async fn cookie(&self, username: &str) -> String {
        let response = self.form("/login", &[("username", username), ("password", PASSWORD)]).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = header(response.headers(), SET_COOKIE.as_str());
        cookie.split(';').next().unwrap().to_owned()
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn problem(response: Response) -> Value {
    assert_eq!(header(response.headers(), CONTENT_TYPE.as_str()), "application/problem+json");
    let id = header(response.headers(), "x-request-id");
    let status = response.status().as_u16();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["request_id"], id.as_str());
    assert_eq!(problem["status"], status);
    problem
}

on_both! {
    async fn every_refusal_is_a_problem_in_the_language_asked_for(app: TestApp) {
        let large = "x".repeat(3 * 1024 * 1024);
        let refusals: [(Method, &str, String, &str, &str); 4] = [
            (Method::GET, "/api/v1/nothing", String::new(), "not_found", "Not found."),
            (Method::DELETE, "/api/v1/areas", String::new(), "method_not_allowed", "This address does not take that method."),
            (Method::POST, "/api/v1/areas", format!("{{\"name\":\"{large}\"}}"), "too_large",
             "The body is too large. Split it and send the parts."),
            (Method::POST, "/api/v1/areas", "{".to_owned(), "invalid", "The body is not valid JSON."),
        ];
        for (method, path, body, code, english) in refusals {
            let send = async |language: &str| {
                let request = app.request(method.clone(), path, &app.admin).header(ACCEPT_LANGUAGE, language);
                problem(request.header(CONTENT_TYPE, "application/json").body(body.clone()).send().await.unwrap()).await
            };
            let (vi, en) = (send("vi-VN,vi;q=0.9,en;q=0.5").await, send("en-GB,en;q=0.9").await);
            assert_eq!((vi["code"].as_str(), en["code"].as_str()), (Some(code), Some(code)));
            assert_eq!(en["detail"], english);
            assert_ne!(vi["detail"], en["detail"]);
        }
    }

    async fn a_wrong_token_is_told_like_none(app: TestApp) {
        for token in ["", "nonsense", "' or 1=1 --"] {
            let response = app.request(Method::GET, "/api/v1/me", token).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(problem(response).await["code"], "unauthenticated");
        }
    }

    async fn every_answer_carries_its_request_id_and_guards_the_browser(app: TestApp) {
        for path in ["/login", "/api/v1/me", "/healthz", "/api/docs", "/nothing"] {
            let response = app.client.get(format!("{}{path}", app.base)).send().await.unwrap();
            let headers = response.headers();
            assert!(header(headers, "x-request-id").parse::<uuid::Uuid>().is_ok(), "{path}");
            assert_eq!(header(headers, "x-content-type-options"), "nosniff");
            assert_eq!(header(headers, "cache-control"), "no-store");
            assert_eq!(header(headers, "referrer-policy"), "same-origin");
            let policy = header(headers, "content-security-policy");
            assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        }
    }

    async fn a_page_that_is_not_there_is_a_page_for_a_browser(app: TestApp) {
        let request = app.client.get(format!("{}/nothing", app.base)).header("accept", "text/html,*/*");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let page = response.text().await.unwrap();
        assert!(page.contains("<html lang=\"vi\">") && page.contains("Không tìm thấy."));
    }

    async fn stylesheets_are_kept_for_good_under_an_address_that_changes_with_them(app: TestApp) {
        let page = app.client.get(format!("{}/login", app.base)).send().await.unwrap().text().await.unwrap();
        let at = page.find("/assets/app.css?v=").expect("the page names its stylesheet with a version");
        let address = &page[at..at + page[at..].find('"').unwrap()];
        let response = app.client.get(format!("{}{address}", app.base)).send().await.unwrap();
        assert!(header(response.headers(), "cache-control").contains("immutable"));
        assert!(header(response.headers(), "content-type").starts_with("text/css"));
        let response = app.client.get(format!("{}/assets/app.css", app.base)).send().await.unwrap();
        assert_eq!(header(response.headers(), "cache-control"), "no-cache");
        let response = app.client.get(format!("{}/assets/..%2f..%2fCargo.toml", app.base)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }

    async fn a_session_changes_things_only_from_our_own_pages(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        let send = |name: &'static str, value: String| {
            let body = json!({ "name": "Phường Thanh Khê", "kind": "ward" });
            let request = app.client.post(format!("{}/api/v1/areas", app.base)).header("cookie", &cookie);
            request.header(name, value).json(&body).send()
        };
        for (name, value) in [
            ("x-nothing", String::new()),
            ("sec-fetch-site", "cross-site".to_owned()),
            ("sec-fetch-site", "same-site".to_owned()),
            (ORIGIN.as_str(), "https://evil.example".to_owned()),
            (ORIGIN.as_str(), "null".to_owned()),
        ] {
            assert_eq!(send(name, value).await.unwrap().status(), StatusCode::FORBIDDEN);
        }
        let ours = [("sec-fetch-site", "same-origin".to_owned()), (ORIGIN.as_str(), app.base.clone())];
        for (name, value) in ours {
            assert_eq!(send(name, value).await.unwrap().status(), StatusCode::CREATED);
        }
        let me = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(me.json::<Value>().await.unwrap()["name"], "lan");
    }

    async fn a_login_from_another_site_is_refused(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let request = app.client.post(format!("{}/login", app.base)).header("sec-fetch-site", "cross-site");
        let response = request.form(&[("username", "lan"), ("password", PASSWORD)]).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(response.headers().get(SET_COOKIE).is_none());
    }

    async fn logging_out_ends_the_session_at_once(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        let me = async || {
            let request = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", &cookie);
            request.send().await.unwrap().status()
        };
        assert_eq!(me().await, StatusCode::OK);
        let response = app.form("/logout", &[]).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(header(response.headers(), LOCATION.as_str()), "/login");
        assert!(header(response.headers(), SET_COOKIE.as_str()).contains("Max-Age=0"));
        assert_eq!(me().await, StatusCode::UNAUTHORIZED);
    }

    async fn a_session_ends_after_twelve_hours(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        let me = async || {
            let request = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", &cookie);
            request.send().await.unwrap().status()
        };
        for _ in 0..11 {
            app.pass(3600);
            assert_eq!(me().await, StatusCode::OK);
        }
        app.pass(3600 - 1);
        assert_eq!(me().await, StatusCode::OK);
        app.pass(60);
        assert_eq!(me().await, StatusCode::UNAUTHORIZED);
    }

    async fn a_login_goes_on_to_our_own_pages_only(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        for (next, to) in [("/account", "/account"), ("//evil.example", "/"), ("https://evil.example", "/"), ("", "/")] {
            let fields = [("username", "lan"), ("password", PASSWORD), ("next", next)];
            let response = app.form("/login", &fields).send().await.unwrap();
            assert_eq!(header(response.headers(), LOCATION.as_str()), to);
            let cookie = header(response.headers(), SET_COOKIE.as_str());
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"));
        }
        let fields = [("username", "lan"), ("password", PASSWORD)];
        let response = app.form("/login", &fields).header("x-forwarded-proto", "https").send().await.unwrap();
        assert!(header(response.headers(), SET_COOKIE.as_str()).contains("; Secure"));
    }

    async fn the_language_switch_comes_back_to_our_own_pages_only(app: TestApp) {
        for (back, to) in [("/login", "/login"), ("//evil.example", "/"), ("/\\evil.example", "/")] {
            let response = app.form("/lang", &[("to", "en"), ("back", back)]).send().await.unwrap();
            assert_eq!(header(response.headers(), LOCATION.as_str()), to);
            assert!(header(response.headers(), SET_COOKIE.as_str()).starts_with("lang=en;"));
        }
        let request = app.client.get(format!("{}/login", app.base)).header("cookie", "lang=en");
        assert!(request.header(ACCEPT_LANGUAGE, "vi").send().await.unwrap().text().await.unwrap().contains("Log in"));
    }

    async fn after_ten_wrong_passwords_an_account_waits_and_others_do_not(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        app.with_password("hoa", "coordinator").await;
        let log_in = async |username: &str, password: &str| {
            let body = json!({ "username": username, "password": password });
            app.client.post(format!("{}/api/v1/login", app.base)).json(&body).send().await.unwrap()
        };
        for _ in 0..10 {
            let response = log_in("lan", "sai mật khẩu rồi").await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(problem(response).await["code"], "wrong_login");
        }
        let response = log_in("lan", PASSWORD).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(header(response.headers(), RETRY_AFTER.as_str()).parse::<u64>().is_ok_and(|secs| secs <= 900));
        assert_eq!(log_in("hoa", PASSWORD).await.status(), StatusCode::OK);
        app.clock.set(app.clock.now().plus_secs(15 * 60 + 1));
        assert_eq!(log_in("LAN ", PASSWORD).await.status(), StatusCode::OK);
    }

    async fn a_name_nobody_has_is_told_like_a_wrong_password(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        app.login("token.only", Role::Auditor).await;
        let mut told = Vec::new();
        for username in ["lan", "nobody", "token.only"] {
            let body = json!({ "username": username, "password": "sai mật khẩu rồi" });
            let request = app.client.post(format!("{}/api/v1/login", app.base)).json(&body);
            let mut problem = problem(request.send().await.unwrap()).await;
            problem["request_id"] = Value::Null;
            told.push(problem);
        }
        assert!(told.iter().all(|problem| *problem == told[0]), "{told:?}");
    }
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Listens to every test of this program that runs meanwhile: none may log what this one must not.
#[tokio::test]
async fn the_log_has_request_ids_and_no_personal_data_or_secrets() {
    let kept = Kept::default();
    let filter: Targets = "warn,lalanh=trace,tower_http=trace,axum=trace".parse().unwrap();
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(kept.clone());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(filter).with(lines)).unwrap();
    let app = TestApp::start(On::Sqlite).await.unwrap();
    app.with_password("lan", "coordinator").await;
    let mut secrets =
        vec!["0905123456".to_owned(), "048301000123".to_owned(), "Trần Thị Lan".to_owned(), PASSWORD.to_owned()];
    secrets.extend([app.admin.clone(), app.cookie("lan").await.split_once('=').unwrap().1.to_owned()]);
    let ward = app.ward().await;
    let point = app.point(&ward, "Điểm").await;
    let invitation = app.create("/api/v1/devices", json!({ "name": "Máy", "point_ids": [point] })).await;
    secrets.push(text(&invitation, "enrol_code"));
    let enrolled = app.create("/api/v1/devices/enrol", json!({ "enrol_code": text(&invitation, "enrol_code") })).await;
    secrets.push(text(&enrolled, "token"));
    let refused = [
        ("/api/v1/login", json!({ "username": "0905123456", "password": "048301000123" })),
        ("/api/v1/areas?phone=0905123456", json!({ "name": "Trần Thị Lan", "kind": "0905123456" })),
        ("/api/v1/0905123456", json!({ "phone": "0905123456", "citizen_id": "048301000123" })),
    ];
    for (path, body) in &refused {
        assert!(app.send(Method::POST, path, body).await.0.is_client_error());
    }
    let me = app.request(Method::GET, "/api/v1/me?citizen_id=048301000123", &app.admin).send().await.unwrap();
    let id = header(me.headers(), "x-request-id");
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains(&id), "the request's id is in the log");
    for secret in secrets {
        let leak = log.lines().find(|line| line.contains(&secret));
        assert!(leak.is_none(), "the log has {secret}: {}", leak.unwrap());
    }
}
