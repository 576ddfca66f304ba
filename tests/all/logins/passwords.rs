//! Temporary passwords, passwords that are guessed first, and showing one's own again.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, cookie_of, header};
use crate::on_both;
use crate::support::{TestApp, text};

/// What somebody chooses for themselves.
const OWN: &str = "một cây làm chẳng nên non";

impl TestApp {
    /// A login whose password the administrator chose.
    async fn with_temporary_password(&self, username: &str) -> Value {
        let body =
            json!({ "username": username, "role": "coordinator", "password": PASSWORD, "password_temporary": true });
        self.create("/api/v1/users", body).await
    }
}

/// The code of the only wrong field.
fn wrong(answer: &(StatusCode, Value)) -> String {
    assert_eq!(answer.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.1);
    format!("{}: {}", text(&answer.1["errors"][0], "field"), text(&answer.1["errors"][0], "code"))
}

on_both! {
    async fn an_administrator_is_never_confined_to_a_part_of_the_ward(app: TestApp) {
        let area = app.create("/api/v1/areas", json!({ "name": "Khu dân cư 9", "kind": "neighbourhood" })).await;
        let body = json!({ "username": "kdc.9", "role": "admin", "area_id": area["id"] });
        let refused = app.send(Method::POST, "/api/v1/users", &body).await;
        assert_eq!(wrong(&refused), "area_id: admin_is_unconfined");
        let body = json!({ "username": "kdc.9", "role": "coordinator", "area_id": area["id"] });
        let user = format!("/api/v1/users/{}", text(&app.create("/api/v1/users", body).await, "id"));
        let refused = app.send(Method::PATCH, &user, &json!({ "role": "admin" })).await;
        assert_eq!(wrong(&refused), "area_id: admin_is_unconfined");
        assert_eq!(app.get(&user).await["role"], "coordinator");
        let (status, changed) = app.send(Method::PATCH, &user, &json!({ "role": "admin", "area_id": null })).await;
        assert_eq!((status, &changed["role"]), (StatusCode::OK, &json!("admin")));
    }
}

on_both! {
    async fn a_temporary_password_opens_nothing_but_the_choice_of_another(app: TestApp) {
        let user = app.with_temporary_password("lan").await;
        let token = app.session("lan").await;
        for path in ["/api/v1/me", "/api/v1/areas", "/api/v1/households", "/api/v1/stock/live"] {
            assert_eq!(app.code(&token, path).await, (StatusCode::FORBIDDEN, "password_temporary".to_owned()), "{path}");
        }
        let (status, answer) = app.send_as(&token, Method::POST, "/api/v1/areas", &json!({ "name": "X", "kind": "ward" })).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("password_temporary")));
        let pledge = json!({ "landlord": { "name": "Bà Hoa", "phone": "0905123456", "address": "1 A" }, "rooms": [] });
        let (status, answer) = app.send_as(&token, Method::POST, "/api/v1/rent-reductions", &pledge).await;
        assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("password_temporary")), "an open form too");
        let tokens = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let program = text(&app.create(&tokens, json!({ "days": 3 })).await, "token");
        assert_eq!(app.code(&program, "/api/v1/me").await.1, "password_temporary", "its programs neither");
        let other = app.session("lan").await;
        let out = app.request(Method::POST, "/api/v1/logout", &other).send().await.unwrap();
        assert_eq!(out.status(), StatusCode::NO_CONTENT, "leaving is open to everybody");
        assert_eq!(app.code(&other, "/api/v1/me").await.0, StatusCode::UNAUTHORIZED);
        let change = json!({ "current": PASSWORD, "password": OWN });
        let (status, changed) = app.send_as(&token, Method::PUT, "/api/v1/me/password", &change).await;
        assert_eq!(status, StatusCode::OK, "{changed}");
        assert_eq!(app.code(&text(&changed, "token"), "/api/v1/me").await.0, StatusCode::OK);
        assert_eq!(app.code(&program, "/api/v1/me").await.0, StatusCode::OK);
    }

    async fn pages_lead_somebody_with_a_temporary_password_to_the_choice_of_another(app: TestApp) {
        app.with_temporary_password("lan").await;
        let cookie = app.cookie("lan").await;
        for (method, path) in [(Method::GET, "/"), (Method::GET, "/households"), (Method::POST, "/areas/new")] {
            let response = app.browse(method, path, &cookie).send().await.unwrap();
            assert_eq!((response.status(), header(&response, "location").as_str()), (StatusCode::SEE_OTHER, "/account/password"));
        }
        let page = app.browse(Method::GET, "/account/password", &cookie).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("Mật khẩu này do quản trị viên đặt"), "{page}");
        let fields = [("current", PASSWORD), ("password", OWN), ("again", OWN)];
        let changed = app.browse(Method::POST, "/account/password", &cookie).form(&fields).send().await.unwrap();
        assert_eq!(header(&changed, "location"), "/account?done=password");
        let account = app.browse(Method::GET, "/account", &cookie_of(&changed)).send().await.unwrap();
        assert_eq!(account.status(), StatusCode::OK);
    }

    async fn a_temporary_password_is_over_after_72_hours_until_the_administrator_sets_another(app: TestApp) {
        let user = app.with_temporary_password("lan").await;
        app.pass(72 * 3600 - 60);
        let token = app.session("lan").await;
        app.pass(60);
        let (status, refused) = app.try_login("lan", PASSWORD).await;
        assert_eq!((status, &refused["code"]), (StatusCode::UNAUTHORIZED, &json!("password_over")));
        assert!(text(&refused, "detail").contains("Nhờ quản trị viên đặt mật khẩu mới"), "{refused}");
        assert_eq!(app.try_login("lan", "không phải mật khẩu").await.1["code"], "wrong_login", "told to its owner alone");
        let change = json!({ "current": PASSWORD, "password": OWN });
        let late = app.send_as(&token, Method::PUT, "/api/v1/me/password", &change).await;
        assert_eq!((late.0, &late.1["code"]), (StatusCode::UNAUTHORIZED, &json!("password_over")));
        let page = app.form("/login", &[("username", "lan"), ("password", PASSWORD)]).send().await.unwrap();
        assert!(page.text().await.unwrap().contains("đã quá 72 giờ"));
        let again = json!({ "password": "phượng nở đỏ góc sân", "password_temporary": true });
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        assert_eq!(app.send(Method::PATCH, &path, &again).await.0, StatusCode::OK);
        assert_eq!(app.try_login("lan", "phượng nở đỏ góc sân").await.0, StatusCode::OK);
    }

    async fn a_password_that_is_guessed_first_is_refused_wherever_one_is_chosen(app: TestApp) {
        app.ward().await;
        let made = async |password: &str| {
            let body = json!({ "username": "hoa.le", "role": "auditor", "password": password });
            app.send(Method::POST, "/api/v1/users", &body).await
        };
        for easy in ["matkhau12345", "P@ssw0rd1234", "Lá Lành 2021!", "hoa.le.202108", "Thanh Khê Tây 2021", "123456789012"] {
            assert_eq!(wrong(&made(easy).await), "password: easy_to_guess", "{easy}");
        }
        assert_eq!(wrong(&made("mười một ký").await), "password: out_of_range");
        let long = "Mỗi cây mỗi hoa, mỗi nhà mỗi cảnh; bầu ơi thương lấy bí cùng, tuy rằng khác giống nhưng chung một giàn; \
                    một miếng khi đói bằng một gói khi no.";
        assert!(long.chars().count() >= 128);
        assert_eq!(made(long).await.0, StatusCode::CREATED, "a sentence of any length");
        let user = app.with_password("lan", "coordinator").await;
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        let changed = app.send(Method::PATCH, &path, &json!({ "password": "lan-2021-2021" })).await;
        assert_eq!(wrong(&changed), "password: easy_to_guess");
        let token = app.session("lan").await;
        let change = json!({ "current": PASSWORD, "password": "phuongthanhkhetay1" });
        let changed = app.send_as(&token, Method::PUT, "/api/v1/me/password", &change).await;
        assert_eq!(wrong(&changed), "password: easy_to_guess");
        let fields = [("current", PASSWORD), ("password", "quantrivien2021"), ("again", "quantrivien2021")];
        let page = app.browse(Method::POST, "/account/password", &app.cookie("lan").await).form(&fields).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().await.unwrap().contains("trong số bị dò đầu tiên"));
    }

    async fn what_gives_somebody_a_way_in_asks_for_the_password_again_after_a_quarter_of_an_hour(app: TestApp) {
        app.with_password("quan.tri", "admin").await;
        let token = app.session("quan.tri").await;
        let user = json!({ "username": "moi", "role": "auditor" });
        let (status, made) = app.send_as(&token, Method::POST, "/api/v1/users", &user).await;
        assert_eq!(status, StatusCode::CREATED, "right after the login: {made}");
        app.pass(15 * 60);
        let path = format!("/api/v1/users/{}", text(&made, "id"));
        let asking = [
            (Method::POST, "/api/v1/users".to_owned(), json!({ "username": "khac", "role": "auditor" })),
            (Method::PATCH, path.clone(), json!({ "role": "admin" })),
            (Method::POST, format!("{path}/tokens"), json!({ "days": 1 })),
            (Method::POST, "/api/v1/keys".to_owned(), json!({ "now": false })),
            (Method::POST, "/api/v1/keys/1/withdraw".to_owned(), json!({ "reason": "thử xem sao" })),
        ];
        for (method, path, body) in &asking {
            let (status, refused) = app.send_as(&token, method.clone(), path, body).await;
            assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("password_again")), "{path}");
            let status = app.send(method.clone(), path, body).await.0;
            assert_ne!(status, StatusCode::FORBIDDEN, "a program's token has none to show: {path}");
        }
        assert_eq!(app.code(&token, "/api/v1/users").await.0, StatusCode::OK, "looking asks for nothing");
        let confirm = async |password: &str| {
            app.send_as(&token, Method::POST, "/api/v1/me/confirm", &json!({ "password": password })).await
        };
        assert_eq!(wrong(&confirm("không phải mật khẩu").await), "password: wrong_password");
        let (status, confirmed) = confirm(PASSWORD).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(text(&confirmed, "until"), app.clock.now().plus_secs(15 * 60).to_string());
        let (status, _) = app.send_as(&token, Method::PATCH, &path, &json!({ "role": "coordinator" })).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn guessing_the_password_within_an_open_session_ends_after_ten_tries(app: TestApp) {
        app.with_password("quan.tri", "admin").await;
        let token = app.session("quan.tri").await;
        let confirm = async |password: &str| {
            app.send_as(&token, Method::POST, "/api/v1/me/confirm", &json!({ "password": password })).await.0
        };
        for n in 0..10 {
            assert_eq!(confirm(&format!("đoán mò lần thứ {n}")).await, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(confirm(PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(app.try_login("quan.tri", PASSWORD).await.0, StatusCode::OK, "its owner is not locked out by it");
    }

    async fn a_form_that_asks_for_the_password_again_goes_on_with_what_was_typed(app: TestApp) {
        app.with_password("quan.tri", "admin").await;
        let cookie = app.cookie("quan.tri").await;
        app.pass(15 * 60);
        let typed = [("once", "a"), ("username", "hoa.le"), ("role", "verifier"), ("password", "k7qw-2m4x-pa3d")];
        let send = async |again: Option<&str>| {
            let mut fields = typed.to_vec();
            fields.extend(again.map(|password| ("password_again", password)));
            let response = app.browse(Method::POST, "/users/new", &cookie).form(&fields).send().await.unwrap();
            (response.status(), response.text().await.unwrap())
        };
        let (status, asked) = send(None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(asked.contains("Nhập lại mật khẩu của bạn"), "{asked}");
        for (name, value) in typed {
            assert!(asked.contains(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")), "{name}: {asked}");
        }
        let (status, wrong) = send(Some("không phải mật khẩu")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.contains("Mật khẩu hiện tại chưa đúng") && wrong.contains("value=\"hoa.le\""), "{wrong}");
        let (status, made) = send(Some(PASSWORD)).await;
        assert_eq!(status, StatusCode::CREATED);
        assert!(made.contains("k7qw-2m4x-pa3d"), "{made}");
        assert_eq!(send(None).await.0, StatusCode::CREATED, "sent again within the quarter of an hour: the same login");
        let users = app.get("/api/v1/users").await;
        let named = users["items"].as_array().unwrap().iter().filter(|user| user["username"] == "hoa.le").count();
        assert_eq!(named, 1);
    }

    async fn a_coordinator_is_refused_and_not_asked_for_a_password(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        app.pass(15 * 60);
        let response = app.browse(Method::POST, "/keys/new", &cookie).form(&[("once", "a")]).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(!response.text().await.unwrap().contains("password_again"));
        let token = app.login("hoa", Role::Coordinator).await;
        let (status, refused) = app.send_as(&token, Method::POST, "/api/v1/keys", &json!({})).await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
    }
}
