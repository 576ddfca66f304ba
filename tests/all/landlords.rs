use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

pub const REDUCTIONS: &str = "/api/v1/rent-reductions";

/// A line: a room's month at 1.000.000 đ, waived.
pub fn waived(room: &str, month: &str) -> Value {
    json!({ "room": room, "month": month, "rent": 1_000_000, "kind": "waiver" })
}

impl TestApp {
    /// A pledge on the public form, without a login; status and body.
    pub async fn pledge_as_anyone(&self, body: &Value) -> (StatusCode, Value) {
        let response = self.client.post(format!("{}{REDUCTIONS}", self.base)).json(body).send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// An accepted pledge of Mai Mỹ Trâm's rooms; its id.
    pub async fn pledged(&self, area_id: Option<&str>, rooms: &[Value]) -> String {
        let body = json!({
            "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng" },
            "area_id": area_id, "rooms": rooms,
        });
        text(&self.create(REDUCTIONS, body).await, "id")
    }

    /// Uploads a list of landlords as a login; status and preview.
    pub async fn upload_landlords(&self, token: &str, file: Vec<u8>, area_id: Option<&str>) -> (StatusCode, Value) {
        let part = reqwest::multipart::Part::bytes(file).file_name("giam-tien-tro.xlsx");
        let mut form = reqwest::multipart::Form::new().part("file", part);
        if let Some(area_id) = area_id {
            form = form.text("area_id", area_id.to_owned());
        }
        let request = self.request(Method::POST, &format!("{REDUCTIONS}/imports"), token).multipart(form);
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Commits a staged list as the administrator; status and counts.
    pub async fn commit_landlords(&self, preview: &Value, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, &format!("{REDUCTIONS}/imports/{}/commit", text(preview, "id")), &body).await
    }

    /// Takes a step as the administrator; status and body.
    pub async fn step(&self, id: &str, step: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, &format!("{REDUCTIONS}/{id}/{step}"), &body).await
    }
}

/// The ward's list of the samples.
fn sample() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/giam-tien-tro.xlsx")).unwrap()
}

/// A list as text, one row a line after the header.
pub fn list(rows: &[&str]) -> Vec<u8> {
    let head = "STT,Họ tên chủ trọ,Điện thoại,Địa chỉ,KDC,Số phòng,Giá thuê,Mức giảm,Từ tháng,Đến tháng,Tổng tiền giảm";
    format!("{head}\n{}\n", rows.join("\n")).into_bytes()
}

on_both! {
    async fn anyone_may_pledge_and_learns_nothing_but_a_reference(app: TestApp) {
        let body = json!({
            "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng" },
            "rooms": [{ "room": "Phòng 1", "tenant": "Lê Văn Tám", "month": "2021-07", "rent": 1_400_001,
                        "kind": "percent", "percent": 33.33 }],
        });
        let (status, answer) = app.pledge_as_anyone(&body).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "reference", "status", "token"]);
        assert_eq!(answer["status"], "pledged");
        assert_eq!(text(&answer, "reference").len(), 9);
        let stored = app.get(&format!("{REDUCTIONS}/{}", text(&answer, "id"))).await;
        assert_eq!(stored["lines"][0]["reduced"], 466_620, "33,33% of 1.400.001 is 466.620,33");
        assert_eq!(stored["submitted_by"], Value::Null);
        assert_eq!(stored["landlord"]["phone"], "0905420430");
        let log: Vec<(String, String)> = app.core.db.read().await.unwrap()
            .sql("select actor_kind, action from audit_entries where record_kind = 'rent_reduction' order by seq")
            .all().await.unwrap();
        assert_eq!(log[0], ("public".to_owned(), "create".to_owned()));
        assert_eq!(log[1], ("user".to_owned(), "read_personal".to_owned()));
    }

    async fn the_same_landlord_is_recognised_by_another_spelling(app: TestApp) {
        let pledge = async |name: &str, phone: Option<&str>, address: &str, month: &str| {
            let landlord = json!({ "name": name, "phone": phone, "address": address });
            let (status, answer) =
                app.pledge_as_anyone(&json!({ "landlord": landlord, "rooms": [waived("P.1", month)] })).await;
            assert_eq!(status, StatusCode::CREATED, "{answer}");
            let stored = app.get(&format!("{REDUCTIONS}/{}", text(&answer, "id"))).await;
            (text(&stored["landlord"], "id"), text(&stored["lines"][0], "room_id"))
        };
        let first = pledge("Trần Thị Hoà", Some("0905 420 430"), "K101/41 Phù Đổng", "2021-07").await;
        assert_eq!(pledge("TRẦN THỊ HÒA", Some("+84905420430"), "", "2021-08").await, first);
        assert_ne!(pledge("Trần Thị Hòa", Some("0905420431"), "", "2021-08").await.0, first.0);
        let by_address = pledge("Trần Thị Hòa", None, "Kiệt 101/41 Phù Đổng", "2021-07").await;
        assert_ne!(by_address.0, first.0);
        assert_eq!(pledge("Trần Thị Hòa", None, "K101/41, đường Phù Đổng", "2021-09").await, by_address);
    }

    async fn every_wrong_field_of_a_pledge_is_named(app: TestApp) {
        let room = |change: Value| {
            let mut room = json!({ "room": "1", "month": "2021-07", "rent": 1_000_000, "kind": "amount", "amount": 1 });
            for (key, value) in change.as_object().unwrap() {
                room[key] = value.clone();
            }
            room
        };
        let refused = async |rooms: Value| -> (String, String) {
            let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905420430", "address": "" });
            let (status, problem) = app.pledge_as_anyone(&json!({ "landlord": landlord, "rooms": rooms })).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
            (text(&problem["errors"][0], "field"), text(&problem["errors"][0], "code"))
        };
        let cases = [
            (json!([room(json!({ "amount": 1_000_001 }))]), "rooms[0].amount", "out_of_range"),
            (json!([room(json!({ "amount": null }))]), "rooms[0].amount", "required"),
            (json!([room(json!({ "amount": 0 }))]), "rooms[0].amount", "out_of_range"),
            (json!([room(json!({ "rent": 0 }))]), "rooms[0].rent", "out_of_range"),
            (json!([room(json!({ "month": "7/2021" }))]), "rooms[0].month", "not_a_month"),
            (json!([room(json!({ "month": "2035-07" }))]), "rooms[0].month", "out_of_range"),
            (json!([room(json!({ "kind": "percent", "amount": null, "percent": 12.345 }))]), "rooms[0].percent",
                "out_of_range"),
            (json!([room(json!({ "kind": "percent", "amount": 400_000, "percent": 50 }))]), "rooms[0].amount",
                "contradicts"),
            (json!([room(json!({})), room(json!({ "room": "Phòng 01" }))]), "rooms[1]", "repeated"),
            (json!([]), "rooms", "out_of_range"),
            (Value::Array((0..501).map(|n| room(json!({ "room": n.to_string() }))).collect()), "rooms", "out_of_range"),
        ];
        for (rooms, field, code) in cases {
            assert_eq!(refused(rooms).await, (field.to_owned(), code.to_owned()));
        }
        let nobody = json!({ "landlord": { "name": "Mai Mỹ Trâm" }, "rooms": [room(json!({}))] });
        let (status, problem) = app.pledge_as_anyone(&nobody).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "landlord.phone");
        assert!(app.get(REDUCTIONS).await["items"].as_array().unwrap().is_empty());
    }

    async fn a_token_that_is_over_does_not_become_an_anonymous_pledge(app: TestApp) {
        let body = json!({ "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905420430" }, "rooms": [waived("1", "2021-07")] });
        let (status, _) = app.send_as("no-such-token", Method::POST, REDUCTIONS, &body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }

    async fn a_neighbourhood_may_share_one_address_but_a_flood_is_stopped(app: TestApp) {
        let body = json!({ "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905420430" }, "rooms": [] });
        for _ in 0..300 {
            assert_eq!(app.pledge_as_anyone(&body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(app.pledge_as_anyone(&body).await.0, StatusCode::TOO_MANY_REQUESTS);
        app.pledged(None, &[waived("1", "2021-07")]).await;
    }

    async fn a_reduction_goes_from_pledged_to_verified_to_confirmed_and_never_back(app: TestApp) {
        let id = app.pledged(None, &[waived("Phòng 1", "2021-07"), waived("Phòng 2", "2021-07")]).await;
        assert_eq!(app.step(&id, "confirm", json!({})).await.0, StatusCode::CONFLICT);
        let (status, verified) = app.step(&id, "verify", json!({})).await;
        assert_eq!((status, &verified["status"]), (StatusCode::OK, &json!("verified")));
        assert!(verified["verified_by"].is_string() && verified["verified_at"].is_string());
        assert_eq!(app.step(&id, "verify", json!({})).await.0, StatusCode::CONFLICT);
        let given = json!({ "lines": [{ "room": "P2", "month": "2021-07", "amount": 600_000 }] });
        let (status, confirmed) = app.step(&id, "confirm", given).await;
        assert_eq!((status, &confirmed["status"]), (StatusCode::OK, &json!("confirmed")));
        assert_eq!(confirmed["amount"], 1_600_000);
        assert_eq!(confirmed["lines"][1]["reduced"], 1_000_000, "the pledge stays beside what was given");
        assert_eq!(confirmed["lines"][1]["confirmed"], 600_000);
        assert_eq!(app.step(&id, "reject", json!({ "reason": "nhầm" })).await.0, StatusCode::CONFLICT);
    }

    async fn a_rejected_reduction_frees_its_room_months(app: TestApp) {
        let first = app.pledged(None, &[waived("1", "2021-07")]).await;
        let second = app.pledged(None, &[waived("Phòng 1", "2021-07"), waived("2", "2021-07")]).await;
        assert_eq!(app.step(&first, "verify", json!({})).await.0, StatusCode::OK);
        let (status, problem) = app.step(&second, "verify", json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_counted")));
        assert!(text(&problem, "detail").contains("1 tháng 7/2021"), "{problem}");
        assert_eq!(app.step(&first, "reject", json!({})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(app.step(&first, "reject", json!({ "reason": "trùng" })).await.0, StatusCode::OK);
        assert_eq!(app.step(&second, "verify", json!({})).await.0, StatusCode::OK);
    }

    async fn two_heads_verifying_the_same_room_months_at_once_count_them_once(app: TestApp) {
        for month in ["2021-07", "2021-08", "2021-09"] {
            let first = app.pledged(None, &[waived("1", month), waived("2", month), waived("3", month)]).await;
            let second = app.pledged(None, &[waived("3", month), waived("2", month), waived("4", month)]).await;
            let (one, two) = tokio::join!(app.step(&first, "verify", json!({})), app.step(&second, "verify", json!({})));
            let mut statuses = [one.0, two.0];
            statuses.sort();
            assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{} {}", one.1, two.1);
        }
    }

    async fn a_pledge_is_corrected_with_a_reason_until_it_is_verified(app: TestApp) {
        let id = app.pledged(None, &[waived("1", "2021-07"), waived("2", "2021-07")]).await;
        let path = format!("{REDUCTIONS}/{id}");
        let rooms = json!([{ "room": "1", "month": "2021-08", "rent": 900_000, "kind": "percent", "percent": 30 }]);
        let (status, _) = app.send(Method::PATCH, &path, &json!({ "rooms": rooms })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let change = json!({ "reason": "báo nhầm tháng", "rooms": rooms, "note": "đã gọi lại" });
        let (status, corrected) = app.send(Method::PATCH, &path, &change).await;
        assert_eq!(status, StatusCode::OK, "{corrected}");
        assert_eq!((&corrected["rooms"], &corrected["amount"]), (&json!(1), &json!(270_000)));
        let other = json!({ "reason": "sai tên", "landlord": { "name": "Mai Mỹ Trân", "phone": "0905420431" } });
        let (status, moved) = app.send(Method::PATCH, &path, &other).await;
        assert_eq!(status, StatusCode::OK, "{moved}");
        assert_eq!(moved["landlord"]["name"], "Mai Mỹ Trân");
        assert_ne!(moved["lines"][0]["room_id"], corrected["lines"][0]["room_id"]);
        assert_eq!(app.step(&id, "verify", json!({})).await.0, StatusCode::OK);
        assert_eq!(app.send(Method::PATCH, &path, &change).await.0, StatusCode::CONFLICT);
    }

    async fn a_head_sees_and_verifies_the_own_area_only(app: TestApp) {
        let ward = app.ward().await;
        let mut areas = Vec::new();
        for name in ["Khu dân cư số 3", "Khu dân cư số 4"] {
            let area = json!({ "name": name, "kind": "neighbourhood", "parent_id": ward });
            areas.push(text(&app.create("/api/v1/areas", area).await, "id"));
        }
        let head = app.login_within("kdc3", Role::Verifier, Some(areas[0].parse().unwrap()), &[]).await;
        let own = app.pledged(Some(&areas[0]), &[waived("1", "2021-07")]).await;
        let others = app.pledged(Some(&areas[1]), &[waived("2", "2021-07")]).await;
        let nowhere = app.pledged(None, &[waived("3", "2021-07")]).await;
        let (_, list) = app.send_as(&head, Method::GET, REDUCTIONS, &Value::Null).await;
        let seen: Vec<&str> = list["items"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!(seen, [own.as_str()]);
        assert_eq!(list["items"][0]["landlord"]["phone"], "••••••• 430");
        for hidden in [&others, &nowhere] {
            for (method, path) in [(Method::GET, ""), (Method::POST, "/verify")] {
                let (status, _) = app.send_as(&head, method, &format!("{REDUCTIONS}/{hidden}{path}"), &json!({})).await;
                assert_eq!(status, StatusCode::NOT_FOUND);
            }
        }
        let (status, _) = app.send_as(&head, Method::POST, &format!("{REDUCTIONS}/{own}/verify"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        let landlord = json!({ "name": "Lê Thị Đào", "phone": "0935258056" });
        let body = json!({ "landlord": landlord, "area_id": areas[1], "rooms": [waived("1", "2021-07")] });
        assert_eq!(app.send_as(&head, Method::POST, REDUCTIONS, &body).await.0, StatusCode::FORBIDDEN);
        let body = json!({ "landlord": landlord, "rooms": [waived("1", "2021-07")] });
        let (_, made) = app.send_as(&head, Method::POST, REDUCTIONS, &body).await;
        assert_eq!(app.get(&format!("{REDUCTIONS}/{}", text(&made, "id"))).await["area_id"], areas[0].as_str());
        assert_eq!(app.get(&format!("{REDUCTIONS}?area_id={ward}&status=verified")).await["items"][0]["id"], own.as_str());
    }

    async fn an_auditor_reads_masked_phones_and_changes_nothing(app: TestApp) {
        let auditor = app.login("giamsat", Role::Auditor).await;
        let id = app.pledged(None, &[waived("1", "2021-07")]).await;
        let path = format!("{REDUCTIONS}/{id}");
        let (status, seen) = app.send_as(&auditor, Method::GET, &path, &Value::Null).await;
        assert_eq!((status, &seen["landlord"]["phone"]), (StatusCode::OK, &json!("••••••• 430")));
        let (status, _) = app.send_as(&auditor, Method::POST, &format!("{path}/verify"), &json!({})).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }

    async fn the_wards_list_gives_the_committees_totals_and_is_a_duplicate_the_second_time(app: TestApp) {
        let (status, preview) = app.upload_landlords(&app.admin, sample(), None).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
        assert_eq!(preview["totals"]["new"], 141);
        assert_eq!((&preview["rooms"], &preview["amount"]), (&json!(916), &json!(1_286_010_000)));
        assert_eq!(preview["warnings"][0]["code"], "areas_unknown", "the areas are still to be made: {preview}");
        assert!(app.get(REDUCTIONS).await["items"].as_array().unwrap().is_empty(), "nothing is stored yet");
        let (status, counts) = app.commit_landlords(&preview, json!({})).await;
        assert_eq!(status, StatusCode::OK, "{counts}");
        assert_eq!([&counts["new"], &counts["landlords"], &counts["rooms"]], [141, 140, 916]);
        let report = app.get("/api/v1/reports/summary?from=2021-07-01&to=2021-09-30").await;
        let rent = &report["rent"];
        assert_eq!([&rent["landlords"], &rent["rooms"], &rent["amount"]], [140, 916, 1_286_010_000_i64]);
        assert!(text(&report, "text_vi").contains("916 phòng trọ với tổng số tiền được giảm 1.286.010.000 đồng"));
        assert_eq!(app.commit_landlords(&preview, json!({})).await.0, StatusCode::CONFLICT);
        let (_, again) = app.upload_landlords(&app.admin, sample(), None).await;
        assert_eq!((&again["totals"]["new"], &again["totals"]["duplicate"]), (&json!(0), &json!(141)));
        assert_eq!(again["warnings"][0]["code"], "same_file");
        let (_, counts) = app.commit_landlords(&again, json!({})).await;
        assert_eq!((&counts["new"], &counts["duplicate"]), (&json!(0), &json!(141)));
        assert_eq!(app.get("/api/v1/reports/summary").await["rent"]["amount"], 1_286_010_000);
    }

    async fn two_previews_of_one_list_committed_at_once_store_it_once(app: TestApp) {
        let (_, first) = app.upload_landlords(&app.admin, sample(), None).await;
        let (_, second) = app.upload_landlords(&app.admin, sample(), None).await;
        let (one, two) = tokio::join!(app.commit_landlords(&first, json!({})), app.commit_landlords(&second, json!({})));
        assert!(one.0 == StatusCode::OK || two.0 == StatusCode::OK, "{} {}", one.1, two.1);
        let rent = &app.get("/api/v1/reports/summary").await["rent"];
        assert_eq!([&rent["rooms"], &rent["amount"]], [916, 1_286_010_000_i64]);
    }

    async fn rows_of_one_landlord_are_rooms_of_their_own_and_later_lists_name_them_again(app: TestApp) {
        let rows = [
            "1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,4,900000,50%,7/2021,9/2021,5.400.000",
            "2,MAI MỸ TRÂM,0905 420 430,K101 Phù Đổng,7,1,1000000,Miễn,9/2021,9/2021,1.000.000",
        ];
        let (_, preview) = app.upload_landlords(&app.admin, list(&rows), None).await;
        let (status, counts) = app.commit_landlords(&preview, json!({})).await;
        assert_eq!((status, &counts["rooms"]), (StatusCode::OK, &json!(5)), "{preview} {counts}");
        let later = ["1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,5,900000,30%,10/2021,10/2021,1.350.000"];
        let (_, preview) = app.upload_landlords(&app.admin, list(&later), None).await;
        app.commit_landlords(&preview, json!({})).await;
        let rent = &app.get("/api/v1/reports/summary").await["rent"];
        assert_eq!([&rent["landlords"], &rent["rooms"], &rent["room_months"], &rent["amount"]], [1, 5, 18, 7_750_000]);
    }

    async fn rows_are_given_to_the_neighbourhood_that_the_list_names(app: TestApp) {
        let ward = app.ward().await;
        let hood = json!({ "name": "Khu dân cư số 7", "kind": "neighbourhood", "parent_id": ward });
        let hood = text(&app.create("/api/v1/areas", hood).await, "id");
        let rows = [
            "1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,1,900000,50%,7/2021,7/2021,450.000",
            "2,Lê Thị Đào,0935258056,K426 Đinh Đạt,12,1,900000,50%,7/2021,7/2021,450.000",
        ];
        let (_, preview) = app.upload_landlords(&app.admin, list(&rows), Some(&ward)).await;
        app.commit_landlords(&preview, json!({})).await;
        let seen = app.get(REDUCTIONS).await;
        assert_eq!((&seen["items"][0]["area_id"], &seen["items"][1]["area_id"]), (&json!(hood), &json!(ward)));
    }

    async fn a_row_whose_total_differs_is_an_error_and_is_left_out(app: TestApp) {
        let rows = [
            "1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,4,900000,50%,7/2021,9/2021,5.400.001",
            "2,Lê Thị Đào,0935258056,K426 Đinh Đạt,7,1,900000,50%,7/2021,7/2021,450.000",
            "3,Hà Thị Nga,0389818706,68 Bàu Trảng,7,1,900000,50%,7/2021,7/2021,450.000",
        ];
        let (_, preview) = app.upload_landlords(&app.admin, list(&rows), None).await;
        let bad = &preview["rows"].as_array().unwrap().iter().find(|row| row["status"] == "error").unwrap().clone();
        assert_eq!((&bad["row"], &bad["errors"][0]["code"]), (&json!(2), &json!("total_differs")));
        let (status, problem) = app.commit_landlords(&preview, json!({ "decisions": { "2": "new" } })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("decisions.2")));
        let body = json!({ "decisions": { "4": "skip" }, "status": "pledged" });
        let (status, counts) = app.commit_landlords(&preview, body).await;
        assert_eq!(status, StatusCode::OK, "{counts}");
        assert_eq!((&counts["new"], &counts["error"]), (&json!(1), &json!(1)));
        let seen = app.get(REDUCTIONS).await;
        assert_eq!(seen["items"].as_array().unwrap().len(), 1);
        assert_eq!(seen["items"][0]["status"], "pledged");
        assert_eq!(app.get("/api/v1/reports/summary").await["rent"]["rooms"], 0);
    }

    async fn what_is_no_workbook_is_refused_and_a_staged_list_stays_with_its_clerk(app: TestApp) {
        let (status, problem) = app.upload_landlords(&app.admin, b"\x00\x01\x02not a list".to_vec(), None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "file");
        let ward = app.ward().await;
        let (_, preview) = app.upload_landlords(&app.admin, sample(), None).await;
        let path = format!("{REDUCTIONS}/imports/{}", text(&preview, "id"));
        assert_eq!(app.get(&path).await["rows"], preview["rows"]);
        let head = app.login_within("kdc3", Role::Verifier, Some(ward.parse().unwrap()), &[]).await;
        assert_eq!(app.send_as(&head, Method::GET, &path, &Value::Null).await.0, StatusCode::NOT_FOUND);
        let auditor = app.login("giamsat", Role::Auditor).await;
        assert_eq!(app.upload_landlords(&auditor, sample(), None).await.0, StatusCode::FORBIDDEN);
        let sealed: Vec<(Vec<u8>,)> =
            app.core.db.read().await.unwrap().sql("select staged from imports").all().await.unwrap();
        assert!(!sealed[0].0.windows(10).any(|bytes| bytes == b"0905420430"));
    }
}
