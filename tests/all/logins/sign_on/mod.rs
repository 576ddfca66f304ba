//! Signing on with a provider, which tells the truth, lies, changes its keys, or is down.

mod provider;

use std::collections::BTreeMap;

use lalanh::http::{Config, SignOn};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use self::provider::{CLIENT_ID, CLIENT_SECRET, Provider, Signed};
use super::second_factor::STEP;
use super::{PASSWORD, cookie_of, header};
use crate::on_both;
use crate::support::{On, TestApp, text};

const EMAIL: &str = "lan.tran@example.vn";

/// A service that people sign on to with this provider.
async fn service(on: On, provider: &Provider) -> TestApp {
    let sign_on = SignOn {
        issuer: provider.base.clone(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        name: "VNID".to_owned(),
        ca: None,
    };
    TestApp::start_as(on, Config { sign_on: Some(sign_on), ..Config::default() }).await
}

impl TestApp {
    /// A browser leaves for the provider: what it keeps, and what the address asks.
    async fn leave(&self) -> (String, BTreeMap<String, String>) {
        let gone = self.browse(Method::GET, "/login/sign-on?next=%2Faccount", "").send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::SEE_OTHER, "{}", gone.text().await.unwrap());
        let to = header(&gone, "location");
        let query = to.split_once('?').unwrap().1.to_owned();
        let asked = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        (cookie_of(&gone), asked)
    }

    /// It comes back.
    async fn come_back(&self, kept: &str, query: &str) -> Response {
        let request = self.client.get(format!("{}/login/sign-on/back?{query}", self.base));
        let request = request.header("accept", "text/html").header("sec-fetch-site", "cross-site");
        request.header("cookie", kept).send().await.unwrap()
    }

    /// There and back, with what the provider then says.
    async fn sign_on(&self, provider: &Provider, claims: Value) -> Response {
        let (kept, asked) = self.leave().await;
        provider.will_say(&asked, self.clock.now(), claims);
        self.come_back(&kept, &format!("code=ma&state={}", asked["state"])).await
    }

    /// A login that waits for [`EMAIL`].
    async fn waiting(&self, username: &str) -> Value {
        let user = self.with_password(username, "verifier").await;
        let path = format!("/api/v1/users/{}/sign-on", text(&user, "id"));
        let (status, state) = self.send(Method::PUT, &path, &json!({ "email": "Lan.Tran@Example.vn" })).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        user
    }
}

fn lan() -> Value {
    json!({ "sub": "7", "email": EMAIL, "email_verified": true })
}

on_both! {
    async fn who_was_linked_by_a_verified_address_is_known_by_their_subject_from_then_on(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        let user = app.waiting("lan").await;
        let first = app.sign_on(&provider, lan()).await;
        assert_eq!(header(&first, "location"), "/account");
        let me = app.browse(Method::GET, "/api/v1/me", &cookie_of(&first)).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!((&me["name"], &me["role"]), (&json!("lan"), &json!("verifier")), "roles stay ours");
        let again = app.sign_on(&provider, json!({ "sub": "7", "email": "another@example.vn", "email_verified": false })).await;
        assert_eq!(header(&again, "location"), "/account", "the address is of no matter any more");
        let other = app.sign_on(&provider, json!({ "sub": "8", "email": EMAIL, "email_verified": true })).await;
        assert_eq!(other.status(), StatusCode::UNAUTHORIZED, "who has the address after her");
        assert!(other.text().await.unwrap().contains("chưa gắn với tài khoản nào"));
        let path = format!("/api/v1/users/{}/sign-on", text(&user, "id"));
        assert!(app.get(&path).await["linked_at"].is_string());
        let session = cookie_of(&again);
        assert_eq!(app.send(Method::DELETE, &path, &json!({})).await.0, StatusCode::NO_CONTENT);
        let me = app.browse(Method::GET, "/api/v1/me", &session).send().await.unwrap();
        assert_eq!(me.status(), StatusCode::UNAUTHORIZED, "unlinked, its sessions end");
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK);
        let log = app.get("/api/v1/audit?limit=500").await.to_string();
        assert!(log.contains("link_sign_on") && !log.to_lowercase().contains(EMAIL), "{log}");
    }

    async fn nobody_is_made_or_let_in_whom_no_administrator_awaits(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        let before = app.get("/api/v1/users").await["items"].as_array().unwrap().len();
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(app.get("/api/v1/users").await["items"].as_array().unwrap().len(), before);
        let user = app.waiting("lan").await;
        for unverified in [json!({ "sub": "7", "email": EMAIL, "email_verified": false }), json!({ "sub": "7", "email": EMAIL }), json!({ "sub": "7" })] {
            assert_eq!(app.sign_on(&provider, unverified.clone()).await.status(), StatusCode::UNAUTHORIZED, "{unverified}");
        }
        app.pass(72 * 3600);
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::UNAUTHORIZED, "too late");
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        app.send(Method::PUT, &format!("{path}/sign-on"), &json!({ "email": EMAIL })).await;
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::SEE_OTHER);
        app.send(Method::PATCH, &path, &json!({ "disabled": true })).await;
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::UNAUTHORIZED, "disabled");
    }

    async fn a_provider_that_lies_lets_nobody_in_and_passwords_go_on(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        app.waiting("lan").await;
        let past = app.clock.now().plus_secs(-3600).micros() / 1_000_000;
        let with = |name: &str, value: Value| {
            let mut claims = lan();
            claims[name] = value;
            (claims, Signed::Well)
        };
        let lies = [
            ("aud", with("aud", json!("another-client"))),
            ("iss", with("iss", json!("https://id.example"))),
            ("nonce", with("nonce", json!("another-browser"))),
            ("exp", with("exp", json!(past))),
            ("none", (lan(), Signed::Not)),
            ("HS256", (lan(), Signed::WithTheSecret)),
            ("foreign key", (lan(), Signed::ByAnother)),
            ("no token", (lan(), Signed::NoToken)),
        ];
        for (name, (claims, signed)) in lies {
            provider.sign(signed);
            let answer = app.sign_on(&provider, claims).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
            let page = answer.text().await.unwrap();
            assert!(page.contains("Câu trả lời của VNID không tin được") && page.contains("name=\"password\""), "{name}: {page}");
            assert!(!page.contains(EMAIL), "{name}");
        }
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK);
        provider.sign(Signed::Well);
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::SEE_OTHER, "the truth opens");
    }

    async fn a_provider_that_changes_its_keys_is_believed_by_the_new_ones(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        app.waiting("lan").await;
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::SEE_OTHER);
        app.pass(120);
        provider.change_keys();
        assert_eq!(app.sign_on(&provider, lan()).await.status(), StatusCode::SEE_OTHER);
    }

    async fn a_provider_that_is_down_is_told_and_passwords_go_on(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        app.waiting("lan").await;
        let (kept, asked) = app.leave().await;
        provider.stop();
        let answer = app.come_back(&kept, &format!("code=ma&state={}", asked["state"])).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        app.pass(3600);
        let gone = app.browse(Method::GET, "/login/sign-on", "").send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::SERVICE_UNAVAILABLE);
        let page = gone.text().await.unwrap();
        assert!(page.contains("VNID đang không trả lời") && page.contains("name=\"password\""), "{page}");
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK);
    }

    async fn an_answer_belongs_to_the_browser_that_asked(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        app.waiting("lan").await;
        let (kept, asked) = app.leave().await;
        assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));
        assert_eq!(asked["redirect_uri"], format!("{}/login/sign-on/back", app.base));
        provider.will_say(&asked, app.clock.now(), lan());
        let query = format!("code=ma&state={}", asked["state"]);
        let (other, _) = app.leave().await;
        for (kept, query) in [("", query.as_str()), (other.as_str(), query.as_str()), (kept.as_str(), "code=ma&state=x"), (kept.as_str(), "code=ma")] {
            let answer = app.come_back(kept, query).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{query}");
            assert!(answer.text().await.unwrap().contains("quá 10 phút hoặc bắt đầu ở trình duyệt khác"));
        }
        let cancelled = app.come_back(&kept, &format!("error=access_denied&state={}", asked["state"])).await;
        assert!(cancelled.text().await.unwrap().contains("VNID báo chưa đăng nhập"));
        let back = app.come_back(&kept, &query).await;
        assert_eq!(header(&back, "location"), "/account");
        let cookies: Vec<_> = back.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
        assert!(cookies[1].starts_with("lalanh_away=;"), "{cookies:?}");
        let forged = app.client.get(format!("{}/login/sign-on", app.base)).header("sec-fetch-site", "cross-site");
        assert_eq!(header(&forged.send().await.unwrap(), "location"), "/login", "another site begins nothing");
        app.pass(10 * 60);
        assert_eq!(app.come_back(&kept, &query).await.status(), StatusCode::UNAUTHORIZED);
    }

    async fn a_logins_own_second_factor_is_asked_for_all_the_same(app: TestApp) {
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        let user = app.waiting("lan").await;
        let phone = app.set_up(&app.session("lan").await).await;
        app.pass(STEP);
        let mut claims = lan();
        claims["amr"] = json!(["pwd", "otp"]);
        let half = app.sign_on(&provider, claims).await;
        assert_eq!(header(&half, "location"), "/login/code?next=%2Faccount");
        let step = cookie_of(&half);
        assert_eq!(app.browse(Method::GET, "/api/v1/me", &step).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        let fields = [("code", phone.code(&app)), ("next", "/account".to_owned())];
        let whole = app.browse(Method::POST, "/login/code", &step).form(&fields).send().await.unwrap();
        let me = app.browse(Method::GET, "/api/v1/me", &cookie_of(&whole)).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(me["id"], user["id"]);
    }

    async fn linking_is_an_administrators_and_needs_a_provider(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        let path = format!("/api/v1/users/{}/sign-on", text(&user, "id"));
        let body = json!({ "email": EMAIL });
        assert_eq!(app.send(Method::PUT, &path, &body).await.0, StatusCode::NOT_FOUND, "no provider");
        let login = app.browse(Method::GET, "/login", "").send().await.unwrap().text().await.unwrap();
        assert!(!login.contains("/login/sign-on"), "off by default: {login}");
        let provider = Provider::start().await;
        let app = service(app.on, &provider).await;
        let login = app.browse(Method::GET, "/login?next=%2Fareas", "").send().await.unwrap().text().await.unwrap();
        assert!(login.contains("href=\"/login/sign-on?next=%2Fareas\"") && login.contains("Đăng nhập bằng VNID"), "{login}");
        let user = app.with_password("lan", "coordinator").await;
        let path = format!("/api/v1/users/{}/sign-on", text(&user, "id"));
        let session = app.session("lan").await;
        assert_eq!(app.send_as(&session, Method::PUT, &path, &body).await.0, StatusCode::FORBIDDEN);
        for wrong in ["", "lan", "lan@", "@example.vn", "a b@example.vn"] {
            let (status, answer) = app.send(Method::PUT, &path, &json!({ "email": wrong })).await;
            assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_an_email")), "{wrong}");
        }
        assert_eq!(app.send(Method::PUT, &path, &body).await.0, StatusCode::OK);
        let other = app.with_password("hoa", "coordinator").await;
        let (status, taken) = app.send(Method::PUT, &format!("/api/v1/users/{}/sign-on", text(&other, "id")), &body).await;
        assert_eq!((status, &taken["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("taken")));
        let page = format!("/users/{}/sign-on", text(&user, "id"));
        let see = app.request(Method::GET, &page, &app.admin).header("accept", "text/html").send().await.unwrap();
        assert!(see.text().await.unwrap().contains("Đang chờ người đó đăng nhập lần đầu"));
        let send = async |path: &str, email: &str| {
            let request = app.request(Method::POST, path, &app.admin).header("accept", "text/html");
            request.form(&[("once", "a"), ("email", email)]).send().await.unwrap()
        };
        assert_eq!(send(&page, "lan").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(header(&send(&page, EMAIL).await, "location"), format!("{page}?done=saved"));
        assert_eq!(header(&send(&format!("{page}/unlink"), "").await, "location"), format!("{page}?done=unlinked"));
        assert_eq!(app.get(&path).await, json!({ "linked_at": null, "waits_until": null }));
    }
}
