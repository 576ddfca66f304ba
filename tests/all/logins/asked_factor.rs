//! The second factor of who calls by program, of who is asked for one by the ward, and of who lost it.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::second_factor::{refused, wrong};
use super::{PASSWORD, cookie_of, header};
use crate::on_both;
use crate::support::text;

on_both! {
    async fn a_programs_token_is_not_asked_and_changes_no_second_factor(app: TestApp) {
        let (user, phone) = app.with_factor("quan.tri", "admin").await;
        let tokens = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let program = text(&app.create(&tokens, json!({ "days": 3 })).await, "token");
        assert_eq!(app.code(&program, "/api/v1/users").await.0, StatusCode::OK);
        for (method, path, body) in [
            (Method::POST, "/api/v1/me/totp", json!({})),
            (Method::DELETE, "/api/v1/me/totp", json!({})),
            (Method::POST, "/api/v1/me/totp/confirm", json!({ "code": phone.code(&app) })),
        ] {
            let answer = app.send_as(&program, method, path, &body).await;
            assert_eq!(refused(&answer), (StatusCode::FORBIDDEN, "session_needed"), "{path}");
        }
        let answer = app.send(Method::POST, "/api/v1/me/totp", &json!({})).await;
        assert_eq!(refused(&answer), (StatusCode::CONFLICT, "no_password"), "a login with tokens only");
    }

    async fn making_an_api_token_asks_for_password_and_code_again(app: TestApp) {
        let (user, phone) = app.with_factor("quan.tri", "admin").await;
        let token = app.session_with("quan.tri", &phone).await;
        app.pass(15 * 60);
        let tokens = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let make = async || app.send_as(&token, Method::POST, &tokens, &json!({ "days": 1 })).await;
        assert_eq!(refused(&make().await), (StatusCode::FORBIDDEN, "password_again"));
        let confirm = async |body: Value| app.send_as(&token, Method::POST, "/api/v1/me/confirm", &body).await;
        assert_eq!(wrong(&confirm(json!({ "password": PASSWORD })).await), "code: second_factor");
        let code = phone.wrong_code(&app);
        assert_eq!(wrong(&confirm(json!({ "password": PASSWORD, "code": code })).await), "code: wrong_code");
        assert_eq!(refused(&make().await), (StatusCode::FORBIDDEN, "password_again"), "the password alone is not enough");
        let code = phone.code(&app);
        assert_eq!(confirm(json!({ "password": PASSWORD, "code": code })).await.0, StatusCode::OK);
        assert_eq!(make().await.0, StatusCode::CREATED);
        assert_eq!(wrong(&confirm(json!({ "password": PASSWORD, "code": code })).await), "code: code_used");
    }

    async fn a_form_that_asks_again_asks_for_the_code_too(app: TestApp) {
        let (_, phone) = app.with_factor("quan.tri", "admin").await;
        let step = app.form("/login", &[("username", "quan.tri"), ("password", PASSWORD)]).send().await.unwrap();
        let code = phone.code(&app);
        let entered = app.browse(Method::POST, "/login/code", &cookie_of(&step)).form(&[("code", &code)]).send().await.unwrap();
        let cookie = cookie_of(&entered);
        app.pass(15 * 60);
        let send = async |more: &[(&str, &str)]| {
            let mut fields = vec![("once", "a"), ("username", "hoa.le"), ("role", "verifier"), ("password", "k7qw-2m4x-pa3d")];
            fields.extend(more);
            let response = app.browse(Method::POST, "/users/new", &cookie).form(&fields).send().await.unwrap();
            (response.status(), response.text().await.unwrap())
        };
        let (status, asked) = send(&[]).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(asked.contains("name=\"password_again_code\""), "{asked}");
        let (status, asked) = send(&[("password_again", PASSWORD)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.contains("#password_again_code") && asked.contains("value=\"hoa.le\""), "{asked}");
        let code = phone.code(&app);
        let (status, made) = send(&[("password_again", PASSWORD), ("password_again_code", &code)]).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
    }

    async fn the_ward_may_ask_for_it_and_who_has_none_can_do_nothing_else(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        app.with_password("thanh", "verifier").await;
        let (cookie, token, verifier) = (app.cookie("lan").await, app.session("lan").await, app.session("thanh").await);
        let tokens = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let program = text(&app.create(&tokens, json!({ "days": 3 })).await, "token");
        let policy = "/api/v1/settings/second-factor";
        assert_eq!(app.get(policy).await, json!({ "required": false }));
        let coordinator = app.send_as(&token, Method::PUT, policy, &json!({ "required": true })).await;
        assert_eq!(coordinator.0, StatusCode::FORBIDDEN);
        assert_eq!(app.send(Method::PUT, policy, &json!({ "required": true })).await.0, StatusCode::OK);
        assert_eq!(app.logged("update").await[0]["detail"], json!({ "second_factor_required": true }));
        for path in ["/api/v1/me", "/api/v1/areas", "/api/v1/households"] {
            let stopped = (StatusCode::FORBIDDEN, "second_factor_required".to_owned());
            assert_eq!(app.code(&token, path).await, stopped, "{path}");
            assert_eq!(app.code(&program, path).await, stopped, "its programs neither: {path}");
            assert_ne!(app.code(&verifier, path).await.1, "second_factor_required", "a verifier is not asked");
            assert_eq!(app.code(&app.admin, path).await.0, StatusCode::OK, "nor is a login without a password");
        }
        for (method, path) in [(Method::GET, "/"), (Method::GET, "/account"), (Method::POST, "/areas/new")] {
            let response = app.browse(method, path, &cookie).send().await.unwrap();
            assert_eq!(header(&response, "location"), "/account/second-factor", "{path}");
        }
        let page = app.browse(Method::GET, "/account/second-factor", &cookie).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("Phường yêu cầu tài khoản của bạn có xác thực hai bước"), "{page}");
        app.pass(15 * 60);
        let (_, again) = app.send_as(&token, Method::POST, "/api/v1/me/confirm", &json!({ "password": PASSWORD })).await;
        assert!(again["until"].is_string(), "what leads there is open: {again}");
        app.set_up(&token).await;
        assert_eq!(app.code(&token, "/api/v1/me").await.0, StatusCode::OK);
        assert_eq!(app.code(&program, "/api/v1/me").await.0, StatusCode::OK);
        let off = app.send_as(&token, Method::DELETE, "/api/v1/me/totp", &json!({})).await;
        assert_eq!(refused(&off), (StatusCode::CONFLICT, "second_factor_required"));
        app.with_password("moi", "admin").await;
        let newcomer = app.session("moi").await;
        assert_eq!(app.code(&newcomer, "/api/v1/me").await.1, "second_factor_required");
        assert_eq!(app.send(Method::PUT, policy, &json!({ "required": false })).await.0, StatusCode::OK);
        assert_eq!(app.code(&newcomer, "/api/v1/me").await.0, StatusCode::OK, "taken back");
    }

    async fn an_administrator_asks_for_it_on_a_page_that_names_who_has_none(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let (user, phone) = app.with_factor("quan.tri", "admin").await;
        let token = app.session_with("quan.tri", &phone).await;
        let own = format!("/users/{}\"", text(&user, "id"));
        let see = async || {
            let request = app.request(Method::GET, "/settings/second-factor", &token).header("accept", "text/html");
            request.send().await.unwrap().text().await.unwrap()
        };
        let page = see().await;
        assert!(page.contains("Không yêu cầu") && page.contains(">lan</a>") && !page.contains(&own), "{page}");
        let send = async |required: &str| {
            let request = app.request(Method::POST, "/settings/second-factor", &token);
            let response = request.form(&[("once", "a"), ("required", required)]).send().await.unwrap();
            header(&response, "location")
        };
        assert_eq!(send("yes").await, "/settings/second-factor?done=saved");
        assert!(see().await.contains("Đang yêu cầu"));
        assert_eq!(send("no").await, "/settings/second-factor?done=saved");
        assert_eq!(app.get("/api/v1/settings/second-factor").await["required"], false);
    }
}

on_both! {
    async fn a_lost_phone_is_reset_by_another_administrator_with_a_reason(app: TestApp) {
        let (user, phone) = app.with_factor("lan", "coordinator").await;
        let session = app.session_with("lan", &phone).await;
        let id = text(&user, "id");
        assert!(app.get(&format!("/api/v1/users/{id}")).await["second_factor_since"].is_string());
        let path = format!("/api/v1/users/{id}/totp/reset");
        let reason = json!({ "reason": "Mất điện thoại, đã gặp trực tiếp" });
        let coordinator = app.login("hoa", Role::Coordinator).await;
        assert_eq!(app.send_as(&coordinator, Method::POST, &path, &reason).await.0, StatusCode::FORBIDDEN);
        assert_eq!(wrong(&app.send(Method::POST, &path, &json!({ "reason": "x" })).await), "reason: out_of_range");
        let (status, after) = app.send(Method::POST, &path, &reason).await;
        assert_eq!((status, &after["second_factor_since"]), (StatusCode::OK, &Value::Null));
        assert_eq!(app.code(&session, "/api/v1/me").await.0, StatusCode::UNAUTHORIZED, "whoever has the phone is out");
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK);
        let told = &app.logged("reset_second_factor").await[0];
        assert_eq!((&told["record_id"], &told["detail"]), (&user["id"], &reason));
        assert_eq!(refused(&app.send(Method::POST, &path, &reason).await), (StatusCode::CONFLICT, "no_second_factor"));
        let nobody = format!("/api/v1/users/{}/totp/reset", app.clock.uuid());
        assert_eq!(app.send(Method::POST, &nobody, &reason).await.0, StatusCode::NOT_FOUND);
    }

    async fn an_administrator_resets_a_lost_phone_on_its_logins_page(app: TestApp) {
        let (user, _) = app.with_factor("lan", "coordinator").await;
        let path = format!("/users/{}/second-factor", text(&user, "id"));
        let page = app.request(Method::GET, &path, &app.admin).header("accept", "text/html").send().await.unwrap();
        assert!(page.text().await.unwrap().contains("Hãy gặp trực tiếp"));
        let send = async |reason: &str| {
            let request = app.request(Method::POST, &path, &app.admin).header("accept", "text/html");
            request.form(&[("once", "a"), ("reason", reason)]).send().await.unwrap()
        };
        let wrong = send("x").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("Ghi lý do, từ 3 đến 300 ký tự"));
        let done = send("Mất điện thoại").await;
        assert_eq!(header(&done, "location"), format!("/users/{}?done=factor_reset", text(&user, "id")));
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK);
    }

    async fn the_last_administrator_who_loses_the_phone_has_paper_and_then_the_command_line(app: TestApp) {
        let (user, phone) = app.with_factor("quan.tri", "admin").await;
        let (_, session) = app.try_code("quan.tri", &phone.recovery_codes[0]).await;
        let token = text(&session, "token");
        let own = format!("/api/v1/users/{}/totp/reset", text(&user, "id"));
        let answer = app.send_as(&token, Method::POST, &own, &json!({ "reason": "Mất điện thoại" })).await;
        assert_eq!(refused(&answer), (StatusCode::CONFLICT, "own_second_factor"));
        app.set_up(&token).await;
        let reset = |username: &str, reason: &str| {
            app.program().run(&["user", "reset-factor", "--username", username, "--reason", reason])
        };
        assert!(!reset("quan.tri", "x").status.success(), "a reason is asked for");
        assert!(!reset("khong.co", "Mất điện thoại").status.success());
        let done = reset("quan.tri", "Mất điện thoại và cả mã dự phòng");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(app.try_login("quan.tri", PASSWORD).await.0, StatusCode::OK);
        assert_eq!(app.logged("reset_second_factor").await[0]["actor_kind"], "system");
    }
}
