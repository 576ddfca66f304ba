//! Handing over an officer's duties, and names beside logins.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

/// A list of one household.
const LIST: &str = "STT,Họ và tên,SĐT,Địa chỉ,Số khẩu\n1,Trần Thị Hòa,0905123456,12 Phan Nhu,4\n";

impl TestApp {
    /// A login; its id and an API token.
    async fn officer(&self, username: &str, more: Value) -> (String, String) {
        let mut body = json!({ "username": username, "role": "coordinator" });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let id = text(&self.create("/api/v1/users", body).await, "id");
        let token = self.create(&format!("/api/v1/users/{id}/tokens"), json!({ "days": 30 })).await;
        (id, text(&token, "token"))
    }

    async fn new_neighbourhood(&self, parent: &str, name: &str) -> String {
        let body = json!({ "name": name, "kind": "neighbourhood", "parent_id": parent });
        text(&self.create("/api/v1/areas", body).await, "id")
    }

    async fn hand_over(&self, from: &str, to: &str, disable: bool) -> (StatusCode, Value) {
        let body = json!({ "to": to, "reason": "Nghỉ phép hai tuần", "disable": disable });
        self.send(Method::POST, &format!("/api/v1/users/{from}/hand-over"), &body).await
    }

    async fn is_let_in(&self, token: &str) -> bool {
        self.request(Method::GET, "/api/v1/me", token).send().await.unwrap().status() == StatusCode::OK
    }
}

on_both! {
    async fn duties_move_in_one_step_and_are_handed_back_as_one(app: TestApp) {
        let ward = app.ward().await;
        let (north, south) = (app.point(&ward, "Nhà văn hóa").await, app.point(&ward, "Trường học").await);
        let (hoa, hoas) = app.officer("hoa.le", json!({ "point_ids": [north] })).await;
        let (lan, lans) = app.officer("lan.tran", json!({ "point_ids": [south], "full_name": "Trần Thị Lan" })).await;
        let phone = json!({ "name": "Máy 1", "point_ids": [north] });
        assert_eq!(app.send_as(&hoas, Method::POST, "/api/v1/devices", &phone).await.0, StatusCode::CREATED);
        let form = reqwest::multipart::Form::new().part("file", reqwest::multipart::Part::bytes(LIST.as_bytes()).file_name("ds.csv"));
        let list = app.request(Method::POST, "/api/v1/households/imports", &hoas).multipart(form).send().await.unwrap();
        assert_eq!(list.status(), StatusCode::CREATED, "{}", list.text().await.unwrap());
        let path = format!("/api/v1/users/{hoa}/hand-over");
        let told = app.get(&format!("{path}?to={lan}&disable=true")).await;
        assert_eq!((&told["points"], &told["lists"], &told["phones"], &told["tokens"]), (&json!(1), &json!(1), &json!(1), &json!(1)));
        assert!(app.is_let_in(&hoas).await, "so far nothing changed");
        let (status, done) = app.hand_over(&hoa, &lan, true).await;
        assert_eq!((status, &done["moved"]), (StatusCode::CREATED, &told), "what was told: {done}");
        assert_eq!(done["to_name"], "Trần Thị Lan");
        assert!(!app.is_let_in(&hoas).await, "who left is out at once");
        let mut points: Vec<Value> = vec![json!(north), json!(south)];
        points.sort_by_key(Value::to_string);
        let me = app.request(Method::GET, "/api/v1/me", &lans).send().await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(me["point_ids"], json!(points), "{me}");
        let lists = app.request(Method::GET, "/api/v1/households/imports", &lans).send().await.unwrap();
        let lists = lists.json::<Value>().await.unwrap();
        assert_eq!(lists["items"][0]["created_by"], "Trần Thị Lan", "{lists}");
        let shown = app.page("/devices").await;
        assert!(shown.contains("Trần Thị Lan"), "{shown}");

        let undo = format!("/api/v1/hand-overs/{}/undo", text(&done, "id"));
        let (status, back) = app.send(Method::POST, &undo, &json!({ "reason": "Đã đi làm lại" })).await;
        assert_eq!((status, &back["reach_restored"]), (StatusCode::OK, &json!(true)), "{back}");
        let login = app.get(&format!("/api/v1/users/{lan}")).await;
        assert_eq!(login["point_ids"], json!([south]));
        let login = app.get(&format!("/api/v1/users/{hoa}")).await;
        assert_eq!((&login["disabled_at"], &login["point_ids"]), (&json!(null), &json!([north])));
        assert!(!app.is_let_in(&hoas).await, "a token that ended stays so");
        let told = app.get(&format!("{path}?to={lan}")).await;
        assert_eq!((&told["lists"], &told["phones"]), (&json!(1), &json!(1)), "they are hers again: {told}");
        let (status, again) = app.send(Method::POST, &undo, &json!({ "reason": "Đã đi làm lại" })).await;
        assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("already_undone")));
        let log = app.get("/api/v1/audit").await.to_string();
        assert!(log.contains("hand_over") && log.contains("hand_back") && !log.contains("Nghỉ phép"), "{log}");
    }

    async fn who_takes_over_reaches_what_both_did_and_no_more(app: TestApp) {
        let ward = app.ward().await;
        let (a, b) = (app.new_neighbourhood(&ward, "Khu dân cư 1").await, app.new_neighbourhood(&ward, "Khu dân cư 2").await);
        let (first, _) = app.officer("mot", json!({ "area_id": a })).await;
        let (second, _) = app.officer("hai", json!({ "area_id": b })).await;
        let (whole, _) = app.officer("ba", json!({})).await;
        let (status, refused) = app.hand_over(&first, &second, false).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("areas_apart")));
        let area = async |id: &str| app.get(&format!("/api/v1/users/{id}")).await["area_id"].clone();
        assert_eq!(area(&second).await, json!(b), "and nothing moved");
        assert_eq!(app.hand_over(&first, &whole, false).await.0, StatusCode::CREATED);
        assert_eq!((area(&whole).await, area(&first).await), (json!(null), json!(a)), "who leaves keeps theirs");
        let (_, done) = app.hand_over(&whole, &second, true).await;
        assert_eq!((area(&second).await, &done["moved"]["area_changes"]), (json!(null), &json!(true)), "{done}");
        // Changed meanwhile by hand: it stays.
        app.send(Method::PATCH, &format!("/api/v1/users/{second}"), &json!({ "area_id": a })).await;
        let undo = format!("/api/v1/hand-overs/{}/undo", text(&done, "id"));
        let (_, back) = app.send(Method::POST, &undo, &json!({ "reason": "Nhầm người" })).await;
        assert_eq!((area(&second).await, &back["reach_restored"]), (json!(a), &json!(false)), "{back}");
    }

    async fn duties_go_to_somebody_of_the_role_who_can_log_in_and_the_last_administrator_stays(app: TestApp) {
        let (hoa, _) = app.officer("hoa.le", json!({})).await;
        let (kho, _) = app.officer("kho", json!({ "role": "storekeeper" })).await;
        let (out, _) = app.officer("nghi", json!({})).await;
        app.send(Method::PATCH, &format!("/api/v1/users/{out}"), &json!({ "disabled": true })).await;
        let nobody = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";
        for (to, code) in [(kho.as_str(), "other_role"), (&out, "disabled"), (&hoa, "same"), (nobody, "unknown")] {
            let (status, refused) = app.hand_over(&hoa, to, false).await;
            let error = &refused["errors"][0];
            assert_eq!((status, &error["field"], &error["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to"), &json!(code)));
        }
        assert_eq!(app.hand_over(nobody, &hoa, false).await.0, StatusCode::NOT_FOUND);
        let short = json!({ "to": kho, "reason": "x" });
        let (status, refused) = app.send(Method::POST, &format!("/api/v1/users/{hoa}/hand-over"), &short).await;
        assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason")));
        let me = text(&app.get("/api/v1/me").await, "id");
        let (admin, _) = app.officer("quan.tri", json!({ "role": "admin" })).await;
        assert_eq!(app.hand_over(&hoa, &me, false).await.0, StatusCode::CREATED, "an administrator may take anything over");
        app.send(Method::PATCH, &format!("/api/v1/users/{admin}"), &json!({ "disabled": true })).await;
        let (status, refused) = app.hand_over(&me, &hoa, true).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("other_role")), "{refused}");
        assert_eq!(app.hand_over(&me, &admin, true).await.0, StatusCode::UNPROCESSABLE_ENTITY, "the last administrator stays");
        let coordinator = app.login("can.bo", Role::Coordinator).await;
        let body = json!({ "to": me, "reason": "Nghỉ phép" });
        let tried = app.send_as(&coordinator, Method::POST, &format!("/api/v1/users/{hoa}/hand-over"), &body).await;
        assert_eq!(tried.0, StatusCode::FORBIDDEN);
    }

    async fn duties_are_handed_over_on_their_page_which_says_before_what_will_move(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let (minh, _) = app.officer("minh", json!({ "role": "volunteer", "point_ids": [point] })).await;
        let (tam, _) = app.officer("tam", json!({ "role": "volunteer", "full_name": "Phan Thanh Tâm" })).await;
        let path = format!("/users/{minh}/hand-over");
        let shown = app.page(&path).await;
        assert!(shown.contains("Phan Thanh Tâm (tam)") && shown.contains("Xem sẽ chuyển những gì"), "{shown}");
        let shown = app.page(&format!("{path}?to={tam}&disable=yes")).await;
        assert!(shown.contains("Sẽ chuyển sang Phan Thanh Tâm") && shown.contains("Nhà văn hóa"), "{shown}");
        let (status, _, shown) = app.submit(&path, &[("to", &tam), ("disable", "yes"), ("reason", "")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("Ghi lý do"), "{shown}");
        let (status, to, _) = app.submit(&path, &[("to", &tam), ("disable", "yes"), ("reason", "Chuyển công tác")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=handed_over")));
        let shown = app.page(&path).await;
        assert!(shown.contains("Chuyển công tác") && shown.contains("Bàn giao lại…"), "{shown}");
        let undo = shown.split("href=\"").find(|rest| rest.starts_with("/hand-overs/")).unwrap();
        let undo = undo.split('"').next().unwrap().to_owned();
        assert!(app.page(&undo).await.contains("Bàn giao lại cho minh?"));
        let (status, to, _) = app.submit(&undo, &[("reason", "Đã về")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=handed_back")));
        assert_eq!(app.get(&format!("/api/v1/users/{tam}")).await["point_ids"], json!([]));
    }
}
