//! Phones, users, tokens, the first administrator and the audit log.

use std::net::SocketAddr;

use lalanh::people::service::setup;
use lalanh::people::{Role, audit_chain};
use reqwest::header::SET_COOKIE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::logins::PASSWORD;
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// An invitation for a phone at a point.
    pub async fn invite(&self, point_id: &str) -> Value {
        self.create("/api/v1/devices", json!({ "name": "Máy của Lan", "point_ids": [point_id] })).await
    }

    /// Tries to enrol a phone; status and answer.
    pub async fn enrol(&self, code: &str) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}/api/v1/devices/enrol", self.base));
        let response = request.json(&json!({ "enrol_code": code })).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Takes every login away, as on an empty data folder.
    async fn forget_users(&self) {
        let mut tx = self.core.db.begin().await.unwrap();
        tx.sql("delete from tokens").execute().await.unwrap();
        tx.sql("delete from users").execute().await.unwrap();
        tx.commit().await.unwrap();
        lalanh::people::caller::forget_believed();
    }

    async fn status(&self, token: &str, path: &str) -> StatusCode {
        self.request(Method::GET, path, token).send().await.unwrap().status()
    }
}

on_both! {
    async fn of_twenty_tries_with_one_code_exactly_one_enrols_a_phone(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let code = text(&app.invite(&point).await, "enrol_code");
        let tries = futures_util::future::join_all((0..20).map(|_| app.enrol(&code))).await;
        let tokens: Vec<&Value> = tries.iter().filter(|(status, _)| status.is_success()).map(|(_, body)| body).collect();
        assert_eq!(tokens.len(), 1);
        for (status, problem) in tries.iter().filter(|(status, _)| !status.is_success()) {
            assert_eq!((*status, &problem["code"]), (StatusCode::CONFLICT, &json!("enrol_code_used")));
        }
        let me = app.request(Method::GET, "/api/v1/devices/me", tokens[0]["token"].as_str().unwrap());
        let me: Value = me.send().await.unwrap().json().await.unwrap();
        assert_eq!((&me["name"], &me["point_ids"]), (&json!("Máy của Lan"), &json!([point])));
    }

    async fn an_invitation_hides_its_code_in_the_fragment_and_takes_it_as_typed(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let invitation = app.invite(&point).await;
        let code = text(&invitation, "enrol_code");
        assert_eq!(text(&invitation, "enrol_url"), format!("{}/enrol#{code}", app.base));
        let (status, _) = app.enrol(&format!(" {} ", code.to_lowercase().replace('-', " "))).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn an_invitation_ends_after_a_day(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let code = text(&app.invite(&point).await, "enrol_code");
        app.clock.set(app.clock.now().plus_secs(24 * 3600));
        let (status, problem) = app.enrol(&code).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("enrol_code_over")));
    }

    async fn whoever_types_codes_at_random_is_held_up_and_keeps_out_no_phone_of_the_same_hotspot(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        for n in 0..200 {
            let (status, problem) = app.enrol(&format!("SAIMA{n}")).await;
            assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")));
        }
        assert_eq!(app.enrol("SAIMA200").await.0, StatusCode::TOO_MANY_REQUESTS);
        let code = text(&app.invite(&point).await, "enrol_code");
        assert_eq!(app.enrol(&code).await.0, StatusCode::OK, "80 random bits: nobody guessed this one");
        app.with_password("lan", "coordinator").await;
        assert_eq!(app.try_login("lan", PASSWORD).await.0, StatusCode::OK, "passwords are counted apart");
        app.clock.set(app.clock.now().plus_secs(15 * 60 + 1));
        assert_eq!(app.enrol("SAIMA201").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_revoked_phone_is_refused_at_once(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let invitation = app.invite(&point).await;
        let (_, enrolled) = app.enrol(&text(&invitation, "enrol_code")).await;
        let token = text(&enrolled, "token");
        assert_eq!(app.status(&token, "/api/v1/points").await, StatusCode::OK);
        let path = format!("/api/v1/devices/{}/revoke", text(&invitation, "id"));
        let first = app.create(&path, json!({})).await;
        let response = app.request(Method::GET, "/api/v1/points", &token).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "device_revoked");
        app.clock.set(app.clock.now().plus_secs(60));
        assert_eq!(app.create(&path, json!({})).await["revoked_at"], first["revoked_at"]);
        let listed = app.get("/api/v1/devices").await;
        assert_eq!(listed["items"][0]["revoked_at"], first["revoked_at"]);
    }

    async fn an_invitation_that_was_revoked_enrols_nobody(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let invitation = app.invite(&point).await;
        app.create(&format!("/api/v1/devices/{}/revoke", text(&invitation, "id")), json!({})).await;
        assert_eq!(app.enrol(&text(&invitation, "enrol_code")).await.1["code"], "enrol_code_over");
    }

    async fn a_phones_last_contact_is_kept_to_the_minute(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let (_, enrolled) = app.enrol(&text(&app.invite(&point).await, "enrol_code")).await;
        app.clock.set(app.clock.now().plus_secs(3600));
        let now = app.clock.now().to_string();
        app.status(&text(&enrolled, "token"), "/api/v1/points").await;
        // It is noted beside the request: look until it is there.
        for _ in 0..500 {
            if app.get("/api/v1/devices").await["items"][0]["last_seen_at"] == now.as_str() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the phone's last contact was not noted");
    }

    async fn a_phone_cannot_be_invited_to_a_point_that_is_not_there(app: TestApp) {
        for (points, code) in [(json!(["0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"]), "unknown"), (json!([]), "out_of_range")] {
            let body = json!({ "name": "Máy", "point_ids": points });
            let (status, problem) = app.send(Method::POST, "/api/v1/devices", &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("point_ids"), &json!(code)));
        }
    }

    async fn a_coordinator_of_one_point_invites_phones_to_that_point_only(app: TestApp) {
        let ward = app.ward().await;
        let (own, other) = (app.point(&ward, "Điểm 1").await, app.point(&ward, "Điểm 2").await);
        let token = app.login_within("hoa", Role::Coordinator, None, &[own.parse().unwrap()]).await;
        for (point, expected) in [(own, StatusCode::CREATED), (other, StatusCode::FORBIDDEN)] {
            let body = json!({ "name": "Máy", "point_ids": [point] });
            assert_eq!(app.send_as(&token, Method::POST, "/api/v1/devices", &body).await.0, expected);
        }
    }

    async fn a_disabled_user_is_out_at_once_and_may_come_back(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        let token = text(&app.create(&format!("{path}/tokens"), json!({ "days": 1 })).await, "token");
        assert_eq!(app.status(&token, "/api/v1/me").await, StatusCode::OK);
        app.send(Method::PATCH, &path, &json!({ "disabled": true })).await;
        assert_eq!(app.status(&token, "/api/v1/me").await, StatusCode::UNAUTHORIZED);
        let (status, problem) = app.send(Method::POST, &format!("{path}/tokens"), &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("user_disabled")));
        app.send(Method::PATCH, &path, &json!({ "disabled": false })).await;
        assert_eq!(app.status(&token, "/api/v1/me").await, StatusCode::OK);
    }

    async fn what_is_left_out_of_a_change_stays_and_null_takes_the_area_away(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let body = json!({ "username": "Hoa.Le", "role": "verifier", "area_id": ward, "point_ids": [point, point] });
        let user = app.create("/api/v1/users", body).await;
        assert_eq!((&user["username"], &user["point_ids"]), (&json!("hoa.le"), &json!([point])));
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        let change = async |body: Value| app.send(Method::PATCH, &path, &body).await.1;
        let changed = change(json!({ "role": "coordinator" })).await;
        assert_eq!((&changed["area_id"], &changed["point_ids"]), (&json!(ward), &json!([point])));
        let changed = change(json!({ "area_id": null, "point_ids": [] })).await;
        assert_eq!((&changed["role"], &changed["area_id"], &changed["point_ids"]), (&json!("coordinator"), &Value::Null, &json!([])));
        assert_eq!(app.get(&path).await, changed);
    }

    async fn a_username_is_taken_once_in_any_case(app: TestApp) {
        app.with_password("lan", "coordinator").await;
        let (status, problem) = app.send(Method::POST, "/api/v1/users", &json!({ "username": "LAN", "role": "auditor" })).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("taken")));
    }

    async fn a_new_password_ends_the_sessions_before_it(app: TestApp) {
        let user = app.with_password("lan", "coordinator").await;
        let cookie = app.cookie("lan").await;
        let path = format!("/api/v1/users/{}", text(&user, "id"));
        app.send(Method::PATCH, &path, &json!({ "password": "một câu khác hẳn" })).await;
        let me = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", cookie).send().await.unwrap();
        assert_eq!(me.status(), StatusCode::UNAUTHORIZED);
    }

    async fn the_last_administrator_stays(app: TestApp) {
        let me = text(&app.get("/api/v1/me").await, "id");
        let path = format!("/api/v1/users/{me}");
        for change in [json!({ "disabled": true }), json!({ "role": "auditor" })] {
            let (status, problem) = app.send(Method::PATCH, &path, &change).await;
            assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("last_admin")));
        }
    }

    async fn two_administrators_who_disable_each_other_at_once_leave_one(app: TestApp) {
        let first = text(&app.get("/api/v1/me").await, "id");
        let token = app.login("second", Role::Admin).await;
        let me: Value = app.request(Method::GET, "/api/v1/me", &token).send().await.unwrap().json().await.unwrap();
        let (a, b) = (format!("/api/v1/users/{first}"), format!("/api/v1/users/{}", text(&me, "id")));
        let disable = json!({ "disabled": true });
        let (one, two) = tokio::join!(
            app.send_as(&token, Method::PATCH, &a, &disable),
            app.send_as(&app.admin, Method::PATCH, &b, &disable)
        );
        assert_eq!([one.0, two.0].iter().filter(|status| status.is_success()).count(), 1, "{one:?} {two:?}");
    }

    async fn a_revoked_token_ends_at_once(app: TestApp) {
        let user = app.with_password("lan", "auditor").await;
        let path = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let token = app.create(&path, json!({})).await;
        let secret = text(&token, "token");
        assert_eq!(app.status(&secret, "/api/v1/me").await, StatusCode::OK);
        app.create(&format!("/api/v1/tokens/{}/revoke", text(&token, "id")), json!({})).await;
        assert_eq!(app.status(&secret, "/api/v1/me").await, StatusCode::UNAUTHORIZED);
        let listed = app.get(&path).await;
        assert!(listed["items"][0]["revoked_at"].is_string() && !listed.to_string().contains(&secret));
    }

    async fn the_audit_log_names_who_did_what_and_is_read_in_pages(app: TestApp) {
        let ward = app.ward().await;
        app.point(&ward, "Điểm 1").await;
        app.point(&ward, "Điểm 2").await;
        let (mut seqs, mut after) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/api/v1/audit?limit=2{after}")).await;
            for entry in page["items"].as_array().unwrap() {
                assert_eq!((&entry["actor_name"], &entry["action"]), (&json!("admin"), &json!("create")));
                seqs.push(entry["seq"].as_i64().unwrap());
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(seqs, [3, 2, 1]);
        let found = async |query: String| app.get(&format!("/api/v1/audit?{query}")).await["items"].as_array().unwrap().len();
        assert_eq!(found(format!("record_id={ward}")).await, 1);
        assert_eq!(found("action=update".to_owned()).await, 0);
        assert_eq!(found("from=2021-08-05&to=2021-08-05".to_owned()).await, 3);
        assert_eq!(found("to=2021-08-04".to_owned()).await, 0);
        assert_eq!(audit_chain::first_broken(&mut app.core.db.read().await.unwrap()).await.unwrap(), None);
    }

    async fn no_set_up_link_is_offered_once_somebody_can_log_in(app: TestApp) {
        let listening: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(setup::offer(&app.core, listening).await.unwrap(), None);
        let page = app.client.get(format!("{}/setup", app.base)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::SEE_OTHER);
    }

    async fn the_set_up_link_outlives_a_restart_and_makes_one_administrator(app: TestApp) {
        app.forget_users().await;
        let listening: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        let path = setup::offer(&app.core, listening).await.unwrap().unwrap();
        let link = std::fs::read_to_string(&path).unwrap();
        assert!(link.starts_with("http://127.0.0.1:8080/setup#"));
        setup::offer(&app.core, listening).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), link);
        let set_up = async |token: &str, username: &str, again: &str| {
            let fields = [("token", token), ("username", username), ("password", "lá lành đùm lá rách"), ("again", again)];
            app.form("/setup", &fields).send().await.unwrap()
        };
        let wrong = set_up("nonsense", "lan", "lá lành đùm lá rách").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = set_up(&link, "lan", "khác hẳn").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("Hai lần nhập mật khẩu khác nhau."));
        let made = set_up(&link, "lan", "lá lành đùm lá rách").await;
        assert_eq!(made.status(), StatusCode::SEE_OTHER);
        let cookie = made.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let me = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", cookie).send().await.unwrap();
        assert_eq!(me.json::<Value>().await.unwrap()["role"], "admin");
        assert!(!path.exists());
        assert_eq!(set_up(&link, "hoa", "lá lành đùm lá rách").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
