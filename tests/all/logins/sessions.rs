//! How long sessions last, the cookies they live in, and the live streams that end with them.

use std::time::Duration;

use lalanh::people::caller::forget_believed;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use super::{PASSWORD, cookie_of, header};
use crate::on_both;
use crate::support::{TestApp, text};

const PLAIN: &str = "lalanh_session=";
const HOST: &str = "__Host-lalanh_session=";

/// Reads a stream until it ends. It must end: a test that hangs has failed.
async fn read_to_its_end(mut stream: Response) {
    let end = async { while stream.chunk().await.is_ok_and(|chunk| chunk.is_some()) {} };
    tokio::time::timeout(Duration::from_secs(60), end).await.expect("the stream ends");
}

/// A live stream that has begun.
async fn stream(app: &TestApp, token: &str) -> Response {
    let mut stream = app.request(Method::GET, "/api/v1/stock/live", token).send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    stream.chunk().await.unwrap().expect("a first event");
    stream
}

on_both! {
    async fn over_https_the_cookie_belongs_to_this_host_alone_and_the_other_name_counts_for_nothing(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let fields = [("username", "lan"), ("password", PASSWORD)];
        let plain = app.form("/login", &fields).send().await.unwrap();
        let secure = app.form("/login", &fields).header("x-forwarded-proto", "https").send().await.unwrap();
        let (plain, whole, secure) = (cookie_of(&plain), header(&secure, "set-cookie"), cookie_of(&secure));
        assert!(plain.starts_with(PLAIN), "{plain}");
        assert!(secure.starts_with(HOST) && whole.contains("; Secure") && whole.contains("; Path=/") && !whole.contains("Domain"));
        let me = async |cookie: &str, proto: &str| {
            let request = app.browse(Method::GET, "/api/v1/me", cookie).header("x-forwarded-proto", proto);
            request.send().await.unwrap().status()
        };
        assert_eq!((me(&plain, "http").await, me(&secure, "https").await), (StatusCode::OK, StatusCode::OK));
        let (as_plain, as_secure) = (secure.replace(HOST, PLAIN), plain.replace(PLAIN, HOST));
        assert_eq!(me(&as_plain, "https").await, StatusCode::UNAUTHORIZED, "a planted cookie");
        assert_eq!(me(&as_secure, "http").await, StatusCode::UNAUTHORIZED);
        assert_eq!(me(&format!("{as_secure}; {plain}"), "https").await, StatusCode::OK, "its own name is read");
    }

    async fn a_token_of_a_program_or_a_phone_is_no_session(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let code = text(&app.invite(&point).await, "enrol_code");
        let phone = text(&app.enrol(&code).await.1, "token");
        for token in [app.admin.clone(), phone] {
            assert_eq!(app.request(Method::GET, "/api/v1/me", &token).send().await.unwrap().status(), StatusCode::OK);
            let by_cookie = app.browse(Method::GET, "/api/v1/me", &format!("{PLAIN}{token}")).send().await.unwrap();
            assert_eq!(by_cookie.status(), StatusCode::UNAUTHORIZED, "not in a cookie, even while it is believed");
        }
    }

    async fn browsers_that_came_by_https_insist_on_it_for_a_year(app: TestApp) {
        for path in ["/login", "/healthz", "/nothing"] {
            let get = || app.client.get(format!("{}{path}", app.base));
            let secure = get().header("x-forwarded-proto", "https").send().await.unwrap();
            assert_eq!(header(&secure, "strict-transport-security"), "max-age=31536000; includeSubDomains");
            assert_eq!(header(&get().send().await.unwrap(), "strict-transport-security"), "", "not over plain http");
        }
    }

    async fn logging_out_clears_what_the_browser_kept_but_never_a_phones_records(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let fields = [("username", "lan"), ("password", PASSWORD)];
        let secure = app.form("/login", &fields).header("x-forwarded-proto", "https").send().await.unwrap();
        let request = app.browse(Method::POST, "/logout", &cookie_of(&secure)).header("x-forwarded-proto", "https");
        let out = request.send().await.unwrap();
        assert_eq!(header(&out, "clear-site-data"), "\"cache\"", "never \"storage\", where unsent records are");
        let cookie = header(&out, "set-cookie");
        assert!(cookie.starts_with(HOST) && cookie.contains("Max-Age=0") && cookie.contains("Secure"), "{cookie}");
    }

    async fn a_session_that_nobody_used_for_two_hours_is_over_and_leads_back_to_its_page(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let (cookie, token) = (app.cookie("lan").await, app.session("lan").await);
        let see = async |path: &str| app.browse(Method::GET, path, &cookie).send().await.unwrap();
        for _ in 0..2 {
            app.pass(2 * 3600 - 1);
            assert_eq!(see("/account").await.status(), StatusCode::OK, "used again and again");
            app.request(Method::GET, "/api/v1/me", &token).send().await.unwrap();
        }
        app.pass(2 * 3600);
        let out = see("/households?q=a").await;
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        let to = header(&out, "location");
        assert_eq!(to, "/login?done=idle&next=%2Fhouseholds%3Fq%3Da");
        let page = see(&to).await.text().await.unwrap();
        assert!(page.contains("lâu không thao tác") && page.contains("value=\"/households?q=a\""), "{page}");
        assert_eq!(app.code(&token, "/api/v1/me").await, (StatusCode::UNAUTHORIZED, "login_idle".to_owned()));
        let sent = app.browse(Method::POST, "/areas/new", &cookie).form(&[("name", "Tổ 9")]).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::UNAUTHORIZED);
        assert!(sent.text().await.unwrap().contains("lâu không thao tác"));
        assert_eq!(app.get("/api/v1/me").await["name"], "admin", "a program's token has no pause");
    }

    async fn a_page_that_nobody_looks_at_keeps_no_session_alive(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        for (name, value) in [("accept", "text/event-stream"), ("x-unattended", "1")] {
            app.pass(3600 - 1);
            let request = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", &cookie).header(name, value);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        }
        // A moment longer: what was just checked is believed for five seconds.
        app.pass(2 + 5);
        let me = app.browse(Method::GET, "/api/v1/me", &cookie).send().await.unwrap();
        assert_eq!(me.status(), StatusCode::UNAUTHORIZED);
    }

    async fn a_new_login_in_a_browser_ends_its_old_session(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let (old, elsewhere) = (app.cookie("lan").await, app.cookie("lan").await);
        let fields = [("username", "lan"), ("password", PASSWORD)];
        let new = app.browse(Method::POST, "/login", &old).form(&fields).send().await.unwrap();
        assert_eq!(new.status(), StatusCode::SEE_OTHER);
        let me = async |cookie: &str| app.browse(Method::GET, "/api/v1/me", cookie).send().await.unwrap().status();
        assert_eq!(me(&old).await, StatusCode::UNAUTHORIZED);
        assert_eq!((me(&cookie_of(&new)).await, me(&elsewhere).await), (StatusCode::OK, StatusCode::OK));
    }

    async fn a_live_stream_ends_with_its_login(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        let token = app.session("lan").await;
        let live = stream(&app, &token).await;
        app.request(Method::POST, "/api/v1/logout", &token).send().await.unwrap();
        read_to_its_end(live).await;
        let token = app.session("lan").await;
        let live = stream(&app, &token).await;
        let change = json!({ "current": PASSWORD, "password": "một cây làm chẳng nên non" });
        let (_, changed) = app.send_as(&token, Method::PUT, "/api/v1/me/password", &change).await;
        read_to_its_end(live).await;
        let live = stream(&app, &text(&changed, "token")).await;
        app.send(Method::PATCH, &path, &json!({ "role": "storekeeper" })).await;
        read_to_its_end(live).await;
        let live = stream(&app, &text(&changed, "token")).await;
        app.send(Method::PATCH, &path, &json!({ "disabled": true })).await;
        read_to_its_end(live).await;
    }

    async fn a_live_stream_ends_when_its_session_is_idle_and_others_go_on(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let token = app.session("lan").await;
        let (live, mut others) = (stream(&app, &token).await, stream(&app, &app.admin).await);
        app.pass(2 * 3600);
        // It looks again every half minute, and whenever logins change.
        forget_believed();
        read_to_its_end(live).await;
        app.ward().await;
        app.core.changed();
        let more = tokio::time::timeout(Duration::from_secs(60), others.chunk()).await;
        assert!(more.expect("it goes on").unwrap().is_some());
    }
}
