//! The pages by which a ward is set up and looked after: areas, points, logins, phones.

use lalanh::people::Role;
use lalanh::people::audit::{self, Act, Actor};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

/// A page as the administrator sees it.
async fn page(app: &TestApp, path: &str) -> String {
    let response = app.request(Method::GET, path, &app.admin).header("accept", "text/html").send().await.unwrap();
    let status = response.status();
    let html = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "GET {path}: {html}");
    html
}

/// A form that the administrator sends: the status, where it leads, and the page it shows again.
async fn submit(app: &TestApp, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let request = app.request(Method::POST, path, &app.admin).header("accept", "text/html");
    let response = request.form(fields).send().await.unwrap();
    let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status(), to, response.text().await.unwrap())
}

/// The names of all areas.
async fn areas(app: &TestApp) -> Vec<String> {
    let areas = app.get("/api/v1/areas?limit=500").await;
    areas["items"].as_array().unwrap().iter().map(|area| text(area, "name")).collect()
}

on_both! {
    async fn a_pasted_list_is_looked_at_before_its_areas_are_made(app: TestApp) {
        let ward = app.ward().await;
        let empty = page(&app, "/areas/paste").await;
        assert!(empty.contains(&format!("value=\"{ward}\" selected")), "the only ward is chosen");
        let list = "Khu dân cư số 3: Tổ 31, Tổ 32\nKhu dân cư số 4\n  Tổ 41-43";
        let fields = |step| [("once", "a"), ("text", list), ("parent_id", ward.as_str()), ("step", step)];
        let (status, _, looked) = submit(&app, "/areas/paste", &fields("look")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(looked.contains("Tổ 42") && looked.contains("Tạo 7 khu vực"), "{looked}");
        assert_eq!(areas(&app).await.len(), 1, "a look makes nothing");
        for _ in 0..2 {
            let (status, to, _) = submit(&app, "/areas/paste", &fields("make")).await;
            assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/areas?done=created"));
        }
        assert_eq!(areas(&app).await.len(), 8, "sent twice, made once");
        let (_, _, again) = submit(&app, "/areas/paste", &[("once", "b"), ("text", list), ("parent_id", &ward)]).await;
        assert!(again.contains("Tất cả đã có sẵn"), "{again}");
        let tree = page(&app, "/areas").await;
        let at = |name: &str| tree.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("{name}: {tree}"));
        assert!(at("Khu dân cư số 3") < at("Tổ 31") && at("Tổ 32") < at("Khu dân cư số 4"));
    }

    async fn a_file_of_areas_becomes_a_list_to_correct(app: TestApp) {
        app.ward().await;
        let csv = "STT,Khu dân cư,Tổ\n1,KDC 1,Tổ 1\n2,KDC 1,Tổ 2\n3,KDC 2,Tổ 3\n";
        let file = Part::bytes(csv.as_bytes().to_vec()).file_name("khu-vuc.csv");
        let request = app.request(Method::POST, "/areas/paste/file", &app.admin).header("accept", "text/html");
        let html = request.multipart(Form::new().part("file", file)).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("KDC 1\n  Tổ 1\n  Tổ 2\nKDC 2\n  Tổ 3\n"), "{html}");
        assert!(html.contains("Tạo 5 khu vực"), "{html}");
    }

    async fn a_redrawn_area_is_closed_with_those_that_took_its_place(app: TestApp) {
        let ward = app.ward().await;
        let make = async |name: &str, parent: &str, kind: &str| {
            text(&app.create("/api/v1/areas", json!({ "name": name, "kind": kind, "parent_id": parent })).await, "id")
        };
        let old = make("KDC 7", &ward, "neighbourhood").await;
        let group = make("Tổ 71", &old, "group").await;
        let new = make("KDC 8", &ward, "neighbourhood").await;
        let close = format!("/areas/{old}/close");
        let fields = [("once", "c"), ("ends_on", "2021-08-05"), ("successor_ids", new.as_str())];
        let (status, _, refused) = submit(&app, &close, &fields).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(refused.contains("Hãy chuyển hoặc đóng chúng trước") && refused.contains("value=\"2021-08-05\""));
        let moved = json!({ "parent_id": new });
        app.send(Method::PATCH, &format!("/api/v1/areas/{group}"), &moved).await;
        assert_eq!(submit(&app, &close, &fields).await.0, StatusCode::SEE_OTHER);
        assert!(!page(&app, "/areas").await.contains(">KDC 7</a>"));
        assert!(page(&app, "/areas?closed=1").await.contains(">KDC 7</a>"));
        let shown = page(&app, &format!("/areas/{old}")).await;
        assert!(shown.contains("Nay thuộc") && shown.contains(&format!("/areas/{new}")));
        submit(&app, &format!("/areas/{old}/reopen"), &[]).await;
        assert_eq!(app.get(&format!("/api/v1/areas/{old}")).await["ends_on"], Value::Null);
    }

    async fn a_point_is_corrected_and_closes_only_when_it_is_empty(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let path = format!("/points/{point}");
        let wrong = [("name", "Nhà văn hóa 3"), ("area_id", ward.as_str()), ("address", "12 Yên Khê"), ("desks", "ba")];
        let (status, _, shown) = submit(&app, &path, &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("value=\"12 Yên Khê\"") && shown.contains("id=\"desks-error\""), "{shown}");
        let right = [("name", "Nhà văn hóa 3"), ("area_id", ward.as_str()), ("address", "12 Yên Khê"), ("desks", "3")];
        assert_eq!(submit(&app, &path, &right).await.0, StatusCode::SEE_OTHER);
        let stored = app.get(&format!("/api/v1/points/{point}")).await;
        assert_eq!((&stored["name"], &stored["desks"], &stored["number"]), (&json!("Nhà văn hóa 3"), &json!(3), &json!(1)));
        let item = app.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 0, "perishable": false })).await;
        let donation = json!({
            "donor": { "name": "Bà Hoa", "kind": "person" }, "received_on": "2021-08-05", "point_id": point,
            "lines": [{ "kind": "goods", "item_id": item["id"], "quantity": 10, "value": 0 }],
        });
        app.create("/api/v1/donations", donation).await;
        let (status, _, refused) = submit(&app, &format!("{path}/close"), &[]).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(refused.contains("Điểm này còn hàng"));
        let other = app.point(&ward, "Điểm thừa").await;
        assert_eq!(submit(&app, &format!("/points/{other}/close"), &[]).await.1, "/points?done=closed");
        assert!(!page(&app, "/points").await.contains("Điểm thừa"));
        assert!(page(&app, "/points?closed=1").await.contains("Điểm thừa"));
        submit(&app, &format!("/points/{other}/reopen"), &[]).await;
        assert!(page(&app, "/points").await.contains("Điểm thừa"));
    }

    async fn a_new_login_chooses_its_own_password_before_anything_else(app: TestApp) {
        let ward = app.ward().await;
        let form = page(&app, "/users/new").await;
        let suggested = form.split("name=\"password\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
        let suggested = suggested.split('"').next().unwrap().to_owned();
        assert_eq!(suggested.len(), 14);
        let (status, _, shown) = submit(&app, "/users/new", &[("username", "Hoa Lê"), ("password", &suggested)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("value=\"Hoa Lê\"") && shown.contains("Hãy chọn một mục"), "{shown}");
        let fields = [("once", "u"), ("username", "Hoa.Le"), ("role", "verifier"), ("area_id", &ward), ("password", &suggested)];
        let (status, _, told) = submit(&app, "/users/new", &fields).await;
        assert_eq!(status, StatusCode::CREATED);
        assert!(told.contains("hoa.le") && told.contains(&suggested));
        let login = app.form("/login", &[("username", "hoa.le"), ("password", &suggested)]).send().await.unwrap();
        let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let visit = async |path: &str, cookie: &str| {
            let request = app.client.get(format!("{}{path}", app.base)).header("cookie", cookie.to_owned());
            let response = request.send().await.unwrap();
            let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            (response.status(), to)
        };
        assert_eq!(visit("/account", &cookie).await.1.as_deref(), Some("/account/password"));
        assert_eq!(visit("/account/password", &cookie).await.0, StatusCode::OK);
        let change = async |current: &str, again: &str| {
            let fields = [("current", current), ("password", "một câu của riêng tôi"), ("again", again)];
            app.form("/account/password", &fields).header("cookie", &cookie).send().await.unwrap()
        };
        let wrong = change("không phải", "một câu của riêng tôi").await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().await.unwrap().contains("Mật khẩu hiện tại chưa đúng"));
        assert!(change(&suggested, "khác").await.text().await.unwrap().contains("Hai lần nhập mật khẩu khác nhau"));
        let changed = change(&suggested, "một câu của riêng tôi").await;
        assert_eq!(changed.status(), StatusCode::SEE_OTHER);
        let fresh = changed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(visit("/account", &fresh).await.0, StatusCode::OK);
        assert_eq!(visit("/account", &cookie).await.0, StatusCode::SEE_OTHER, "the session before is over");
    }

    async fn a_login_is_corrected_disabled_and_let_in_again(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Điểm 1").await;
        let user = text(&app.create("/api/v1/users", json!({ "username": "lan", "role": "volunteer" })).await, "id");
        let path = format!("/users/{user}");
        assert!(page(&app, "/users?q=LAN").await.contains(&path));
        assert!(page(&app, "/users?role=auditor").await.contains("Không có tài khoản nào khớp"));
        let change = [("role", "storekeeper"), ("area_id", ""), ("point_ids", point.as_str())];
        assert_eq!(submit(&app, &path, &change).await.0, StatusCode::SEE_OTHER);
        let stored = app.get(&format!("/api/v1{path}")).await;
        assert_eq!((&stored["role"], &stored["point_ids"]), (&json!("storekeeper"), &json!([point])));
        assert!(page(&app, &path).await.contains(&format!("value=\"{point}\" checked")));
        let (_, _, token) = submit(&app, &format!("{path}/tokens"), &[("once", "t"), ("days", "30")]).await;
        let token = token.split("<pre>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let me = app.request(Method::GET, "/api/v1/me", &token).send().await.unwrap();
        assert_eq!(me.json::<Value>().await.unwrap()["name"], "lan");
        assert_eq!(submit(&app, &format!("{path}/disable"), &[]).await.1, "/users?done=disabled");
        assert_eq!(app.request(Method::GET, "/api/v1/me", &token).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        submit(&app, &format!("{path}/enable"), &[]).await;
        let (status, _, told) = submit(&app, &format!("{path}/password"), &[("password", "k7qw-2m4x-pa3d")]).await;
        assert_eq!(status, StatusCode::OK);
        assert!(told.contains("k7qw-2m4x-pa3d"));
        let me = text(&app.get("/api/v1/me").await, "id");
        let (status, _, refused) = submit(&app, &format!("/users/{me}/disable"), &[]).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(refused.contains("quản trị viên cuối cùng"));
    }

    async fn logging_out_everywhere_ends_every_session(app: TestApp) {
        app.with_password("lan", "auditor").await;
        let (here, there) = (app.cookie("lan").await, app.cookie("lan").await);
        let out = app.form("/account/logout-everywhere", &[]).header("cookie", &here).send().await.unwrap();
        assert_eq!(out.headers()["location"], "/login");
        for cookie in [here, there] {
            let me = app.client.get(format!("{}/api/v1/me", app.base)).header("cookie", cookie).send().await.unwrap();
            assert_eq!(me.status(), StatusCode::UNAUTHORIZED);
        }
    }

    async fn a_phone_is_invited_with_a_picture_seen_and_revoked(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let (status, _, shown) = submit(&app, "/devices/new", &[("name", "Máy của Lan")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("value=\"Máy của Lan\"") && shown.contains("Chọn từ 1 đến 100 điểm phát"));
        let fields = [("once", "d"), ("name", "Máy của Lan"), ("point_ids", point.as_str())];
        let (status, _, invited) = submit(&app, "/devices/new", &fields).await;
        assert_eq!(status, StatusCode::CREATED);
        assert!(invited.contains("<svg class=\"qr\"") && invited.contains("chỉ mở được trên chính máy này"));
        let code = invited.split("Mã gõ tay").nth(1).unwrap().split("told\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(page(&app, "/devices").await.contains("Chờ kết nối"));
        let (status, enrolled) = app.enrol(code).await;
        assert_eq!(status, StatusCode::OK);
        let list = page(&app, "/devices").await;
        assert!(list.contains("Có mạng") && list.contains("Nhà văn hóa"), "{list}");
        app.clock.set(app.clock.now().plus_secs(600));
        assert!(page(&app, "/devices").await.contains("Mất mạng hoặc tắt máy"));
        let path = format!("/devices/{}", text(&enrolled, "device_id"));
        assert_eq!(submit(&app, &format!("{path}/revoke"), &[]).await.1, format!("{path}?done=revoked"));
        assert!(page(&app, "/devices").await.contains("Chưa có điện thoại nào"));
        assert!(page(&app, "/devices?revoked=1").await.contains("Đã thu hồi"));
        let auditor = app.login("giam.sat", Role::Auditor).await;
        let refused = app.request(Method::GET, "/devices", &auditor).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    }

    async fn the_audit_log_is_searched_exported_and_checked(app: TestApp) {
        let ward = app.ward().await;
        let shown = page(&app, "/audit").await;
        assert!(shown.contains("Tạo") && shown.contains(&format!("/areas/{ward}")), "{shown}");
        assert!(page(&app, "/audit?action=erase").await.contains("Không có mục nào khớp"));
        assert!(page(&app, &format!("/audit?record_id={ward}")).await.contains("Chỉ các việc trên một hồ sơ"));
        assert!(page(&app, "/audit?check=1").await.contains("Nhật ký nguyên vẹn"));
        let workbook = app.request(Method::GET, "/audit/export.xlsx?action=create", &app.admin).send().await.unwrap();
        assert_eq!(workbook.status(), StatusCode::OK);
        assert!(page(&app, "/audit").await.contains("Tải về"), "who exported it is in it");
        let point = app.point(&ward, "Nhà văn hóa").await;
        let act = Act::many("print", "round", json!({ "layout": "eight", "vouchers": 1_700, "point_id": point, "kid": null }));
        audit::record(&app.core, Actor::System, act).await.unwrap();
        let shown = page(&app, "/audit").await;
        assert!(shown.contains(">mẫu in: 8 phiếu một trang; số phiếu: 1.700<"), "words, and no ids: {shown}");
        let auditor = app.login("giam.sat", Role::Auditor).await;
        let (_, shown) = app.page_as(&auditor, "/audit").await;
        assert!(shown.contains("Khu vực") && !shown.contains("href=\"/areas/"), "no link to a page they may not see");
        let mut tx = app.core.db.begin().await.unwrap();
        tx.sql("update audit_entries set action = 'erase' where seq = 1").execute().await.unwrap();
        tx.commit().await.unwrap();
        assert!(page(&app, "/audit?check=1").await.contains("Nhật ký đã bị động vào"));
    }

    async fn the_first_steps_follow_each_other_and_stay_listed_until_they_are_done(app: TestApp) {
        let list = page(&app, "/start").await;
        assert!(list.contains("Tên phường") && list.contains("Chưa làm") && !list.contains("state enough"), "{list}");
        let (status, to, _) = submit(&app, "/start/ward", &[("once", "w"), ("name", "Phường Thanh Khê")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/areas/paste?start=1"));
        let fields = [("once", "p"), ("start", "1"), ("text", "KDC 1: Tổ 1"), ("step", "make")];
        assert_eq!(submit(&app, "/areas/paste", &fields).await.1, "/points/new?start=1&done=created");
        let area = app.get("/api/v1/areas").await["items"][0]["id"].as_str().unwrap().to_owned();
        let point = [("once", "q"), ("start", "1"), ("kind", "distribution"), ("name", "Nhà văn hóa"), ("area_id", &area), ("desks", "1")];
        let warehouse = [("once", "k"), ("start", "1"), ("kind", "warehouse"), ("name", "Kho"), ("area_id", &area), ("desks", "1"), ("step", "another")];
        assert_eq!(submit(&app, "/points/new", &warehouse).await.1, "/points/new?start=1&done=created");
        assert_eq!(page(&app, "/start").await.matches("state enough").count(), 2, "nobody comes to a warehouse");
        assert_eq!(submit(&app, "/points/new", &point).await.1, "/start/phones?done=created");
        let phones = page(&app, "/start/phones").await;
        assert!(phones.contains("/kiem-tra-may") && phones.contains("--tls-domain"), "{phones}");
        assert_eq!(page(&app, "/start").await.matches("state enough").count(), 3);
        assert!(page(&app, "/settings").await.contains("Phường Thanh Khê"));
    }
}
