//! The second factor: set up, asked for, lost, and asked for by the ward.

use data_encoding::BASE32_NOPAD;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::Builder;

use super::{PASSWORD, cookie_of, header};
use crate::on_both;
use crate::support::{TestApp, text};

/// Until the app shows another code.
pub const STEP: i64 = 30;

/// An authenticator app, and the paper beside it.
pub struct Authenticator {
    secret: Vec<u8>,
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    pub fn of(told: &Value) -> Self {
        let codes = told["recovery_codes"].as_array().unwrap();
        Self {
            secret: BASE32_NOPAD.decode(text(told, "secret").as_bytes()).unwrap(),
            recovery_codes: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// What it shows.
    pub fn code(&self, app: &TestApp) -> String {
        self.code_off(app, 0)
    }

    /// What it shows when its clock is so many seconds fast.
    fn code_off(&self, app: &TestApp, secs: i64) -> String {
        let at = app.clock.now().plus_secs(secs).micros() / 1_000_000;
        let totp = Builder::new().with_secret(self.secret.as_slice()).build_noncompliant();
        totp.generate(at.cast_unsigned()).to_string()
    }

    /// Digits that it does not show now, nor near.
    pub fn wrong_code(&self, app: &TestApp) -> String {
        let near: Vec<String> = (-12..=12).map(|step| self.code_off(app, step * STEP)).collect();
        (0..1_000_000).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

impl TestApp {
    /// A login of this role with a second factor; its next code is not used yet. The login, and its app.
    pub async fn with_factor(&self, username: &str, role: &str) -> (Value, Authenticator) {
        let user = self.with_password(username, role).await;
        let token = self.session(username).await;
        let app = self.set_up(&token).await;
        self.pass(STEP);
        (user, app)
    }

    /// Sets up a second factor with a session.
    pub async fn set_up(&self, token: &str) -> Authenticator {
        let (status, told) = self.send_as(token, Method::POST, "/api/v1/me/totp", &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let app = Authenticator::of(&told);
        let code = json!({ "code": app.code(self) });
        let (status, state) = self.send_as(token, Method::POST, "/api/v1/me/totp/confirm", &code).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        app
    }

    /// Tries to log in with a code as a program does; status and answer.
    pub async fn try_code(&self, username: &str, code: &str) -> (StatusCode, Value) {
        self.try_code_from("127.0.0.1", username, code).await
    }

    async fn try_code_from(&self, address: &str, username: &str, code: &str) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}/api/v1/login", self.base)).header("x-forwarded-for", address);
        let body = json!({ "username": username, "password": PASSWORD, "code": code });
        let response = request.json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// A session of a login that has a second factor, as a bearer token.
    pub async fn session_with(&self, username: &str, app: &Authenticator) -> String {
        let (status, answer) = self.try_code(username, &app.code(self)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.pass(STEP);
        text(&answer, "token")
    }

    pub async fn logged(&self, action: &str) -> Vec<Value> {
        self.get(&format!("/api/v1/audit?action={action}&limit=500")).await["items"].as_array().unwrap().clone()
    }
}

/// Status and code of a refusal.
pub fn refused(answer: &(StatusCode, Value)) -> (StatusCode, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// The code of the only wrong field.
pub fn wrong(answer: &(StatusCode, Value)) -> String {
    assert_eq!(answer.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.1);
    format!("{}: {}", text(&answer.1["errors"][0], "field"), text(&answer.1["errors"][0], "code"))
}

on_both! {
    async fn a_login_with_a_second_factor_asks_for_its_code(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        let asked = app.try_login("lan", PASSWORD).await;
        assert_eq!(refused(&asked), (StatusCode::UNAUTHORIZED, "second_factor"));
        assert_eq!(refused(&app.try_login("lan", "không phải mật khẩu").await), (StatusCode::UNAUTHORIZED, "wrong_login"));
        for nothing in [phone.wrong_code(&app), String::new(), "28708".to_owned(), "chợ".to_owned()] {
            let answer = app.try_code("lan", &nothing).await;
            assert_eq!(refused(&answer), (StatusCode::UNAUTHORIZED, "wrong_code"), "{nothing}");
        }
        let code = phone.code(&app);
        let (status, session) = app.try_code("lan", &format!("{} {}", &code[..3], &code[3..])).await;
        assert_eq!(status, StatusCode::OK, "{session}");
        assert_eq!(app.code(&text(&session, "token"), "/api/v1/me").await.0, StatusCode::OK);
        assert_eq!(app.logged("login").await[0]["detail"], json!({ "second_factor": "app" }));
    }

    async fn a_code_opens_once_also_when_it_comes_many_times_at_one_moment(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        let code = phone.code(&app);
        let tries = join_all((0..8).map(|_| app.try_code("lan", &code))).await;
        let opened = tries.iter().filter(|(status, _)| status.is_success()).count();
        assert_eq!(opened, 1, "{tries:?}");
        for answer in tries.iter().filter(|(status, _)| !status.is_success()) {
            assert_eq!(refused(answer), (StatusCode::UNAUTHORIZED, "code_used"));
        }
        app.pass(STEP);
        assert_eq!(refused(&app.try_code("lan", &code).await), (StatusCode::UNAUTHORIZED, "code_used"), "nor a step later");
        assert_eq!(app.try_code("lan", &phone.code(&app)).await.0, StatusCode::OK, "the next one opens");
    }

    async fn a_code_a_step_early_or_late_opens_and_closes_those_before_it(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        app.pass(STEP);
        let (late, now, early) = (phone.code_off(&app, -STEP), phone.code(&app), phone.code_off(&app, STEP));
        assert_eq!(app.try_code("lan", &late).await.0, StatusCode::OK);
        assert_eq!(app.try_code("lan", &early).await.0, StatusCode::OK);
        assert_eq!(refused(&app.try_code("lan", &now).await), (StatusCode::UNAUTHORIZED, "code_used"));
    }

    async fn a_clock_three_minutes_off_is_told_and_its_code_opens_nothing_later(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        let slow = app.try_code("lan", &phone.code_off(&app, -180)).await;
        assert_eq!(refused(&slow), (StatusCode::UNAUTHORIZED, "clock_off"));
        assert!(text(&slow.1, "detail").contains("chậm khoảng 3 phút"), "{}", slow.1);
        let ahead = phone.code_off(&app, 180);
        let fast = app.try_code("lan", &ahead).await;
        assert!(text(&fast.1, "detail").contains("nhanh khoảng 3 phút"), "{}", fast.1);
        assert!(text(&fast.1, "detail").contains("Bật ngày giờ tự động"), "{}", fast.1);
        app.pass(180);
        assert_eq!(refused(&app.try_code("lan", &ahead).await), (StatusCode::UNAUTHORIZED, "code_used"), "whoever guessed it");
        app.pass(STEP);
        assert_eq!(app.try_code("lan", &phone.code(&app)).await.0, StatusCode::OK, "the owner, once the clock is right");
    }

    async fn guessing_codes_ends_after_ten_tries_from_everywhere_but_where_the_login_is_known(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        assert_eq!(app.try_code_from("198.51.100.7", "lan", &phone.code(&app)).await.0, StatusCode::OK);
        app.pass(STEP);
        for n in 0..10 {
            let answer = app.try_code_from(&format!("203.0.113.{}", n % 3), "lan", &phone.wrong_code(&app)).await;
            assert_eq!(refused(&answer), (StatusCode::UNAUTHORIZED, "wrong_code"));
        }
        let closed = app.try_code_from("192.0.2.1", "lan", &phone.code(&app)).await;
        assert_eq!(closed.0, StatusCode::TOO_MANY_REQUESTS, "also with the right one, from anywhere");
        assert_eq!(app.try_code_from("198.51.100.7", "lan", &phone.code(&app)).await.0, StatusCode::OK);
        assert_eq!(app.entries("login_failed", 1).await[0]["detail"]["outcome"], "wrong_code");
        app.pass(15 * 60 + 1);
        assert_eq!(app.try_code_from("192.0.2.1", "lan", &phone.code(&app)).await.0, StatusCode::OK);
    }

    async fn a_right_password_before_each_guess_starts_no_new_count(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        for _ in 0..10 {
            app.try_login_from("203.0.113.9", "lan", PASSWORD).await;
            let answer = app.try_code_from("203.0.113.9", "lan", &phone.wrong_code(&app)).await;
            assert_eq!(refused(&answer), (StatusCode::UNAUTHORIZED, "wrong_code"));
        }
        assert_eq!(app.try_login_from("203.0.113.9", "lan", PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS);
    }
}

on_both! {
    async fn the_login_page_asks_for_the_code_on_a_second_step_without_the_password(app: TestApp) {
        let (user, phone) = app.with_factor("lan", "coordinator").await;
        let first = async || {
            let fields = [("username", "lan"), ("password", PASSWORD), ("next", "/households?q=a")];
            let response = app.form("/login", &fields).send().await.unwrap();
            assert_eq!((response.status(), header(&response, "location").as_str()),
                (StatusCode::SEE_OTHER, "/login/code?next=%2Fhouseholds%3Fq%3Da"));
            cookie_of(&response)
        };
        let step = first().await;
        assert!(step.starts_with("lalanh_step="), "{step}");
        let me = app.browse(Method::GET, "/api/v1/me", &step).send().await.unwrap();
        assert_eq!(me.status(), StatusCode::UNAUTHORIZED, "half open is not open");
        let page = app.browse(Method::GET, "/login/code?next=%2Fhouseholds%3Fq%3Da", &step).send().await.unwrap();
        let page = page.text().await.unwrap();
        assert!(page.contains("value=\"/households?q=a\"") && page.contains("one-time-code") && !page.contains("password\""), "{page}");
        let second = async |step: &str, fields: &[(&str, &str)]| {
            app.browse(Method::POST, "/login/code", step).form(fields).send().await.unwrap()
        };
        let answer = second(&step, &[("code", &phone.wrong_code(&app)), ("next", "/households?q=a")]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let answer = answer.text().await.unwrap();
        assert!(answer.contains("Mã xác thực chưa đúng") && answer.contains("value=\"/households?q=a\""), "{answer}");
        let code = phone.code(&app);
        let answer = second(&step, &[("code", &code), ("next", "/households?q=a")]).await;
        assert_eq!(header(&answer, "location"), "/households?q=a");
        let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
        let given = |name: &str| cookies.iter().any(|cookie| cookie.starts_with(name));
        assert!(given("lalanh_session=") && given("lalanh_step=;") && given("lalanh_browser="), "{cookies:?}");
        let again = second(&step, &[("code", &code)]).await;
        assert!(again.text().await.unwrap().contains("Mã này đã dùng rồi"));
        let by_paper = second(&step, &[("code", ""), ("recovery", &phone.recovery_codes[0])]).await;
        assert_eq!(header(&by_paper, "location"), "/");
        app.pass(5 * 60);
        for answer in [
            app.browse(Method::GET, "/login/code", &step).send().await.unwrap(),
            second(&step, &[("code", &phone.code(&app))]).await,
            second("lalanh_step=nonsense", &[("code", &phone.code(&app))]).await,
        ] {
            assert_eq!(header(&answer, "location"), "/login?done=step_over");
        }
        let step = first().await;
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        app.send(Method::PATCH, &path, &json!({ "password": "phượng nở đỏ góc sân" })).await;
        let answer = second(&step, &[("code", &phone.code(&app))]).await;
        assert_eq!(header(&answer, "location"), "/login?done=step_over", "the password is another one by now");
        let foreign = app.client.post(format!("{}/login/code", app.base)).header("cookie", &step).header("sec-fetch-site", "cross-site");
        assert_eq!(foreign.form(&[("code", "1")]).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    }

    async fn setting_it_up_by_page_shows_a_code_to_scan_and_asks_for_one_back(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let (cookie, elsewhere) = (app.cookie("lan").await, app.cookie("lan").await);
        let see = async |path: &str| app.browse(Method::GET, path, &cookie).send().await.unwrap().text().await.unwrap();
        let send = async |path: &str, fields: &[(&str, &str)]| {
            let response = app.browse(Method::POST, path, &cookie).form(fields).send().await.unwrap();
            (response.status(), header(&response, "location"), response.text().await.unwrap())
        };
        assert!(see("/account/second-factor").await.contains("Bật xác thực hai bước"));
        app.pass(15 * 60);
        let (status, _, asked) = send("/account/second-factor", &[("once", "a")]).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(asked.contains("password_again") && !asked.contains("<svg class=\"qr\""), "a browser that was left open: {asked}");
        let (status, _, page) = send("/account/second-factor", &[("once", "a"), ("password_again", PASSWORD)]).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let between = |from: &str, to: &str| page.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned();
        let codes: Vec<Value> = page.split("name=\"recovery_codes\" value=\"").skip(1).map(|rest| json!(&rest[..29])).collect();
        let secret = between("<code class=\"list\">", "</code>").replace(' ', "");
        assert!(page.contains("<svg class=\"qr\"") && codes.len() == 8, "{page}");
        let phone = Authenticator::of(&json!({ "secret": secret, "recovery_codes": codes }));
        let fields = |code: &str| {
            let kept = phone.recovery_codes.iter().map(|code| ("recovery_codes".to_owned(), code.clone()));
            kept.chain([("code".to_owned(), code.to_owned())]).collect::<Vec<_>>()
        };
        let path = "/account/second-factor/confirm";
        let wrong = app.browse(Method::POST, path, &cookie).form(&fields(&phone.wrong_code(&app))).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = wrong.text().await.unwrap();
        assert!(wrong.contains("Mã xác thực chưa đúng") && wrong.contains(&between("<code class=\"list\">", "</code>")), "{wrong}");
        assert!(wrong.contains(&phone.recovery_codes[7]) && wrong.contains("<svg class=\"qr\""), "nothing is lost: {wrong}");
        let done = app.browse(Method::POST, path, &cookie).form(&fields(&phone.code(&app))).send().await.unwrap();
        assert_eq!(header(&done, "location"), "/account?done=factor_on");
        assert!(see("/account?done=factor_on").await.contains("Đã bật xác thực hai bước"));
        let out = app.browse(Method::GET, "/account", &elsewhere).send().await.unwrap();
        assert_eq!(header(&out, "location"), "/login?next=%2Faccount", "sessions that began without it end");
        app.pass(STEP);
        let (status, to, _) = send("/account/second-factor/off", &[("once", "b")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/account?done=factor_off"));
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK, "undone: the password is enough again");
    }

    async fn nothing_changes_until_a_code_is_confirmed_within_an_hour(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let token = app.session("lan").await;
        let call = async |method: Method, path: &str, body: Value| app.send_as(&token, method, path, &body).await;
        let none = call(Method::POST, "/api/v1/me/totp/confirm", json!({ "code": "123456" })).await;
        assert_eq!(refused(&none), (StatusCode::CONFLICT, "second_factor_not_begun"));
        let (_, told) = call(Method::POST, "/api/v1/me/totp", json!({})).await;
        assert!(text(&told, "otpauth_url").starts_with("otpauth://totp/"), "{told}");
        let phone = Authenticator::of(&told);
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK, "no code is asked for yet");
        let answer = app.try_code("lan", &phone.recovery_codes[0]).await;
        assert_eq!(answer.0, StatusCode::OK, "a code where none is asked for is no matter");
        assert_eq!(call(Method::DELETE, "/api/v1/me/totp", json!({})).await.0, StatusCode::CONFLICT);
        let code = phone.wrong_code(&app);
        let answer = call(Method::POST, "/api/v1/me/totp/confirm", json!({ "code": code })).await;
        assert_eq!(wrong(&answer), "code: wrong_code");
        let answer = call(Method::POST, "/api/v1/me/totp/confirm", json!({ "code": phone.code_off(&app, -180) })).await;
        assert_eq!(wrong(&answer), "code: clock_off");
        app.pass(3600);
        let late = call(Method::POST, "/api/v1/me/totp/confirm", json!({ "code": phone.code(&app) })).await;
        assert_eq!(refused(&late), (StatusCode::CONFLICT, "second_factor_not_begun"));
        let state = app.request(Method::GET, "/api/v1/me/totp", &token).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(state, json!({ "since": null, "recovery_codes_left": 0, "required": false }));
    }

    async fn another_phone_takes_the_place_of_the_first_and_of_its_paper(app: TestApp) {
        let (_, old) = app.with_factor("lan", "coordinator").await;
        let token = app.session_with("lan", &old).await;
        let (_, told) = app.send_as(&token, Method::POST, "/api/v1/me/totp", &json!({})).await;
        let new = Authenticator::of(&told);
        assert_eq!(refused(&app.try_code("lan", &new.recovery_codes[0]).await), (StatusCode::UNAUTHORIZED, "wrong_code"));
        assert_eq!(app.try_code("lan", &old.code(&app)).await.0, StatusCode::OK, "the first one is good until then");
        let confirm = json!({ "code": new.code(&app) });
        assert_eq!(app.send_as(&token, Method::POST, "/api/v1/me/totp/confirm", &confirm).await.0, StatusCode::OK);
        app.pass(STEP);
        assert_eq!(refused(&app.try_code("lan", &old.code(&app)).await), (StatusCode::UNAUTHORIZED, "wrong_code"));
        assert_eq!(refused(&app.try_code("lan", &old.recovery_codes[0]).await), (StatusCode::UNAUTHORIZED, "wrong_code"));
        assert_eq!(app.try_code("lan", &new.code(&app)).await.0, StatusCode::OK);
    }

    async fn a_recovery_code_opens_once_however_it_is_typed(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        let typed = phone.recovery_codes[3].to_lowercase().replace('-', " ");
        let tries = join_all((0..4).map(|_| app.try_code("lan", &typed))).await;
        assert_eq!(tries.iter().filter(|(status, _)| status.is_success()).count(), 1, "{tries:?}");
        assert_eq!(refused(&app.try_code("lan", &typed).await), (StatusCode::UNAUTHORIZED, "code_used"));
        let (_, session) = app.try_code("lan", &phone.recovery_codes[0]).await;
        let state = app.request(Method::GET, "/api/v1/me/totp", &text(&session, "token")).send().await.unwrap();
        assert_eq!(state.json::<Value>().await.unwrap()["recovery_codes_left"], 6);
        assert_eq!(app.logged("use_recovery_code").await.len(), 2);
        let (_, other) = app.with_factor("hoa", "coordinator").await;
        assert_eq!(refused(&app.try_code("lan", &other.recovery_codes[0]).await).1, "wrong_code", "somebody else's");
    }

    async fn secrets_are_sealed_and_recovery_codes_hashed(app: TestApp) {
        let (_, phone) = app.with_factor("lan", "coordinator").await;
        let mut conn = app.core.db.read().await.unwrap();
        let (sealed,): (Vec<u8>,) = conn.sql("select sealed from second_factors").one().await.unwrap();
        assert!(!sealed.windows(phone.secret.len()).any(|window| window == phone.secret));
        let hashes: Vec<(Vec<u8>,)> = conn.sql("select code_hash from recovery_codes").all().await.unwrap();
        assert!(hashes.iter().all(|(hash,)| hash.len() == 32) && hashes.len() == 8);
        drop(conn);
        let log = app.get("/api/v1/audit?limit=500").await.to_string();
        assert!(!log.contains(&BASE32_NOPAD.encode(&phone.secret)) && !log.contains(&phone.recovery_codes[0]));
    }
}
