//! One of each kind of person is written wherever such a person can be written, erased, and then looked for everywhere.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::spellings;
use crate::landlords::waived;
use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::{TestApp, text};

pub const HOA: &str = "Trần Thị Hòa Nhớ";
const PHONE: &str = "0905123456";
const CITIZEN: &str = "048172001234";
const ADDRESS: &str = "K197/27 Trần Cao Vân";

impl TestApp {
    /// Erases somebody, who must be there.
    pub async fn erase(&self, what: &str, id: &str, body: Value) -> Value {
        let (status, answer) = self.send(Method::POST, &format!("/api/v1/{what}/{id}/erase"), &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    async fn create_once(&self, key: &str, path: &str, body: &Value) -> Value {
        let request = self.request(Method::POST, path, &self.admin).header("Idempotency-Key", key).json(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json().await.unwrap()
    }
}

/// A reason that names her.
fn because(what: &str) -> Value {
    json!({ "reason": format!("{what} cho bà {HOA}, gọi {PHONE}") })
}

/// A household that collected, had a voucher voided and another reissued, and is on lists; the household's id.
async fn household_everywhere(app: &TestApp) -> String {
    let market = app.open_market(Plan { households: 2, packages: 20, ..Plan::default() }).await;
    let mut body = TestApp::household_body(&market.area);
    for (field, value) in [("head_name", HOA), ("phone", PHONE), ("citizen_id", CITIZEN), ("address", ADDRESS)] {
        body[field] = json!(value);
    }
    body["note"] = json!(format!("{HOA} hay đau ốm"));
    let id = text(&app.create_once("register", "/api/v1/households", &body).await, "id");
    let twin =
        json!({ "head_name": format!("{HOA} (vợ)"), "phone": null, "citizen_id": null, "allow_duplicate": true });
    let twin = app.household(&market.area, twin).await;
    let merge = json!({ "into_id": id, "reason": format!("{HOA} ghi hai lần") });
    app.create(&format!("/api/v1/households/{twin}/merge"), merge).await;

    let back = json!({ "purpose": "keep_data", "channel": "paper", "reason": format!("{HOA} xin rút") });
    app.create(&format!("/api/v1/households/{id}/consents/withdraw"), back).await;

    let changes = json!({ "collector_required": false });
    let rounds = [
        app.open_round(&market, &changes).await,
        app.open_round(&market, &changes).await,
        app.open_round(&market, &changes).await,
    ];
    let own = std::slice::from_ref(&id);
    let mut vouchers = Vec::new();
    for round in &rounds {
        vouchers.push(app.issue_to(round, own, &market.point, 1).await.remove(0));
    }
    let [void, reissued, collected] = [0, 1, 2].map(|n| vouchers[n].clone());
    app.create(&format!("/api/v1/vouchers/{}/void", text(&void, "id")), because("Hủy")).await;
    app.scan(&market.point, &void["code"]).await;
    app.create(&format!("/api/v1/vouchers/{}/reissue", text(&reissued, "id")), because("Cấp lại")).await;
    let collector = json!({ "name": format!("{HOA} con"), "relation": format!("con bà {HOA}") });
    let body = json!({ "point_id": market.point, "code": collected["code"], "collector": collector });
    let answer = app.scan_with(&app.admin, body.clone()).await;
    app.create(&format!("/api/v1/redemptions/{}/reversal", text(&answer, "nonce")), because("Hoàn tác")).await;
    let mut again = body;
    again["override_reason"] = json!(format!("bà {HOA} đã đến"));
    again["point_id"] = json!(market.other_point);
    app.try_scan(&app.admin, again).await;

    // Two lists: one waits, one was committed and waits to be corrected.
    let rows = format!(
        "Họ và tên,SĐT,CCCD,Địa chỉ,Số khẩu\n{HOA},{PHONE},{CITIZEN},{ADDRESS},3\nLê Văn Phúc,0905123457,,5 Hà Khê,2\n\
         {},,048172001234,{ADDRESS},99\n",
        HOA.to_uppercase()
    );
    let (status, waits) = app.upload(&format!("ds {HOA}.csv"), rows.clone().into_bytes(), None).await;
    assert_eq!(status, StatusCode::CREATED, "{waits}");
    let wrong = waits["rows"].as_array().unwrap().iter().find(|row| row["status"] == "error").unwrap().clone();
    let typed = json!({ "rows": { text(&wrong, "key"): { "members": "4", "head_name": format!("{HOA} ") } } });
    let path = format!("/api/v1/households/imports/{}/rows", text(&waits, "id"));
    assert!(app.send(Method::PATCH, &path, &typed).await.0.is_success());
    let (_, done) = app.upload("bo-sung.csv", rows.into_bytes(), None).await;
    assert_eq!(app.commit(&done, json!({})).await.0, StatusCode::OK);
    id
}

on_both! {
    async fn an_erased_household_is_found_nowhere_in_the_database(app: TestApp) {
        let id = household_everywhere(&app).await;
        let words = spellings(&[HOA, PHONE, CITIZEN]);
        let before = app.columns_with(&words).await;
        for column in [
            "households.head_name", "households.phone_sealed", "households.citizen_sealed", "households.search_key",
            "households.note_sealed", "vouchers.void_reason", "replaced_papers.reason", "reversals.reason", "scans.collector_name",
            "scans.collector_relation", "scans.detail", "imports.staged", "imports.file_name", "import_files.sealed",
            "import_steps.corrected", "consents.withdraw_reason",
        ] {
            assert!(before.contains(&column.to_owned()), "she is written in {column} first: {before:?}");
        }
        let figures = app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await;
        app.erase("households", &id, because("Xóa")).await;
        assert_eq!(app.columns_with(&words).await, Vec::<String>::new(), "and nowhere afterwards");
        assert_eq!(app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await, figures, "totals stay");
        app.books_balance().await;
        assert_eq!(app.get(&format!("/api/v1/households/{id}")).await["status"], "erased");
    }

    async fn others_stay_on_the_list_that_an_erased_household_was_on(app: TestApp) {
        let id = household_everywhere(&app).await;
        app.erase("households", &id, json!({})).await;
        let lists = app.get("/api/v1/households/imports").await;
        let waits = lists["items"].as_array().unwrap().iter().find(|list| list["committed_at"].is_null()).unwrap().clone();
        let waits = app.get(&format!("/api/v1/households/imports/{}", text(&waits, "id"))).await;
        let people = waits["rows"].as_array().unwrap().iter().filter(|row| row["status"] != "skipped");
        assert_eq!(people.count(), 1, "only the neighbour's row is left: {waits}");
        assert_eq!(app.commit(&waits, json!({})).await.0, StatusCode::OK);
    }

    async fn a_create_whose_answer_was_erased_is_not_done_twice(app: TestApp) {
        let ward = app.ward().await;
        let body = TestApp::household_body(&ward);
        let made = app.create_once("again", "/api/v1/households", &body).await;
        app.erase("households", &text(&made, "id"), json!({})).await;
        let request = app.request(Method::POST, "/api/v1/households", &app.admin).header("Idempotency-Key", "again");
        let response = request.json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "answer_erased");
        assert!(app.found(&[]).await.is_empty());
    }

    async fn an_erased_landlord_and_the_tenants_are_found_nowhere(app: TestApp) {
        let ward = app.ward().await;
        let mut lines = [waived("1", "2021-07"), waived("Phòng bà Mai Mỹ Trâm", "2021-07"), waived("3", "2021-07")];
        lines[0]["tenant"] = json!("Lê Văn Tám");
        let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905 420 430", "address": "K101/41 Phù Đổng" });
        let body = json!({ "landlord": landlord, "area_id": ward, "rooms": lines, "note": "Mai Mỹ Trâm giảm cho Lê Văn Tám" });
        let pledged = app.create_once("pledge", "/api/v1/rent-reductions", &body).await;
        let id = text(&pledged, "id");
        let correction = json!({ "reason": "bà Mai Mỹ Trâm báo nhầm", "note": "Mai Mỹ Trâm, Lê Văn Tám" });
        let (status, answer) = app.send(Method::PATCH, &format!("/api/v1/rent-reductions/{id}"), &correction).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(app.step(&id, "verify", json!({})).await.0, StatusCode::OK);
        let list = "STT,Chủ nhà trọ,SĐT,Địa chỉ,Phòng,Người thuê,Tháng,Tiền thuê,Mức giảm\n\
            1,Mai Mỹ Trâm,0905420430,K101/41 Phù Đổng,9,Lê Văn Tám,08/2021,1000000,50%\n";
        let (status, waits) = app.upload_landlords(&app.admin, list.into(), Some(&ward)).await;
        assert_eq!(status, StatusCode::CREATED, "{waits}");
        let landlord = text(&app.get(&format!("/api/v1/rent-reductions/{id}")).await["landlord"], "id");
        let words = spellings(&["Mai Mỹ Trâm", "0905420430", "Lê Văn Tám"]);
        let before = app.columns_with(&words).await;
        for column in ["landlords.name", "landlords.phone_sealed", "rooms.label", "rent_lines.tenant", "rent_reductions.note",
            "rent_corrections.reason", "imports.staged"] {
            assert!(before.contains(&column.to_owned()), "{column}: {before:?}");
        }
        let figures = app.get("/api/v1/reports/summary?from=2021-07-01&to=2021-08-31").await;
        let shell = app.erase("landlords", &landlord, json!({ "reason": "Mai Mỹ Trâm yêu cầu" })).await;
        assert_eq!(shell["status"], "erased");
        assert_eq!(app.columns_with(&words).await, Vec::<String>::new());
        assert_eq!(app.get("/api/v1/reports/summary?from=2021-07-01&to=2021-08-31").await, figures, "totals stay");
        let link = format!("/api/v1/public/rent-reductions/{}", text(&pledged, "token"));
        assert_eq!(app.client.get(format!("{}{link}", app.base)).send().await.unwrap().status(), StatusCode::NOT_FOUND);
        // Whoever comes again is a new landlord.
        let again = app.create("/api/v1/rent-reductions", body).await;
        let again = app.get(&format!("/api/v1/rent-reductions/{}", text(&again, "id"))).await;
        assert_ne!(text(&again["landlord"], "id"), landlord);
    }

    async fn an_erased_donor_is_found_nowhere_and_the_gifts_stay(app: TestApp) {
        let donor = json!({ "name": "Phạm Văn Chín", "kind": "person" });
        let body = json!({ "donor": donor, "received_on": "2021-08-01", "condition": "Anh Phạm Văn Chín xin phát cho người già",
            "lines": [{ "kind": "cash", "amount": 500_000 }] });
        let given = app.create_once("gift", "/api/v1/donations", &body).await;
        let id = text(&given["donor"], "id");
        let list = "STT,Họ tên,Tiền,Ngày\n1,Phạm Văn Chín,200000,02/08/2021\n2,Lê Thị Ba,100000,02/08/2021\n";
        let (status, waits) = app.upload_donors(list.into(), json!({ "unit": "đồng" })).await;
        assert_eq!(status, StatusCode::CREATED, "{waits}");
        let words = spellings(&["Phạm Văn Chín"]);
        let before = app.columns_with(&words).await;
        for column in ["donors.name", "donors.name_key", "donations.condition", "imports.staged"] {
            assert!(before.contains(&column.to_owned()), "{column}: {before:?}");
        }
        let figures = app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await;
        app.erase("donors", &id, json!({ "reason": "Phạm Văn Chín yêu cầu" })).await;
        assert_eq!(app.columns_with(&words).await, Vec::<String>::new());
        assert_eq!(app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await, figures, "totals stay");
        let kept = app.get(&format!("/api/v1/donations/{}", text(&given, "id"))).await;
        assert_eq!((&kept["donor"]["anonymous"], &kept["lines"][0]["amount"]), (&json!(true), &json!(500_000)));
    }

    async fn erased_volunteers_are_found_nowhere_and_what_they_did_stays(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let device = app.create("/api/v1/devices", json!({ "name": "Máy của Lan Chi", "point_ids": [market.point] })).await;
        let enrol = json!({ "enrol_code": device["enrol_code"], "volunteer": "Đỗ Lan Chi" });
        let enrolled = app.create("/api/v1/devices/enrol", enrol).await;
        let (token, id) = (text(&enrolled, "token"), text(&enrolled, "device_id"));
        app.lease(&market.vouchers[1], id.parse().unwrap(), &market.point, 7).await;
        app.scan_with(&token, json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "desk": "Bàn Đỗ Lan Chi" })).await;
        // Another desk is told who holds the voucher.
        app.scan(&market.point, &market.vouchers[1]["code"]).await;
        let release = json!({ "device_id": id, "reason": "Đỗ Lan Chi đã về", "still_in_use": true });
        app.create("/api/v1/leases/release", release).await;
        let words = spellings(&["Đỗ Lan Chi", "Lan Chi"]);
        let before = app.columns_with(&words).await;
        for column in ["devices.name", "devices.volunteer", "scans.desk", "scans.detail", "leases.release_reason"] {
            assert!(before.contains(&column.to_owned()), "{column}: {before:?}");
        }
        let (status, problem) = app.send(Method::POST, &format!("/api/v1/devices/{id}/erase"), &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("still_enrolled")));
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        app.erase("devices", &id, json!({ "reason": "Đỗ Lan Chi yêu cầu" })).await;
        assert_eq!(app.columns_with(&words).await, Vec::<String>::new());
        assert_eq!(app.count_scans().await, 2);

        app.login("nguyen.van.hai", Role::Coordinator).await;
        let users = app.get("/api/v1/users").await;
        let hai = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "nguyen.van.hai").unwrap().clone();
        app.login("ke.nhiem", Role::Coordinator).await;
        let after = app.get("/api/v1/users").await;
        let after = after["items"].as_array().unwrap().iter().find(|user| user["username"] == "ke.nhiem").unwrap().clone();
        let path = format!("/api/v1/users/{}", text(&hai, "id"));
        let (status, named) = app.send(Method::PATCH, &path, &json!({ "full_name": "nguyen van hai" })).await;
        assert_eq!(status, StatusCode::OK, "{named}");
        let leaves = json!({ "to": after["id"], "reason": "anh nguyen van hai nghỉ phép" });
        let (status, left) = app.send(Method::POST, &format!("{path}/hand-over"), &leaves).await;
        assert!(status.is_success(), "{left}");
        let words = ["nguyen.van.hai".to_owned(), "nguyen van hai".to_owned()];
        let before = app.columns_with(&words).await;
        for column in ["users.username", "users.full_name", "hand_overs.reason"] {
            assert!(before.contains(&column.to_owned()), "{column}: {before:?}");
        }
        app.erase("users", &text(&hai, "id"), json!({ "reason": "anh nguyen van hai nghỉ" })).await;
        assert_eq!(app.columns_with(&words).await, Vec::<String>::new());
        let me = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "admin").unwrap().clone();
        let (status, problem) = app.send(Method::POST, &format!("/api/v1/users/{}/erase", text(&me, "id")), &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("last_admin")));
    }
}

/// Text columns of tables that refer to a household, each with what becomes of it. A new one needs a line here, and a place
/// in an erasure if it may name somebody.
const HOUSEHOLD_TEXTS: &[&str] = &[
    "households.status: a name of ours",
    "households.category: stays for the totals",
    "households.head_name: emptied",
    "households.name_key: emptied",
    "households.sort_key: emptied",
    "households.search_key: emptied",
    "households.mark_text: emptied",
    "households.address: emptied",
    "households.address_key: emptied",
    "households.note: emptied",
    "vouchers.status: a name of ours",
    "vouchers.valid_from: a day",
    "vouchers.valid_until: a day",
    "vouchers.typed_code: a drawn code",
    "vouchers.void_reason: replaced",
    "replaced_papers.typed_code: a drawn code",
    "replaced_papers.reason: replaced",
    "conflicts.kind: a name of ours",
    "conflicts.detail: names of ours",
    "conflicts.resolution: a name of ours",
    "conflicts.reason: replaced",
    "quarantined_records.desk: of the phone, not of the household",
    "quarantined_records.why: a name of ours",
];

#[test]
fn every_text_of_a_table_that_refers_to_a_household_is_known_to_erasure() {
    let tables = crate::layering::tables();
    let mut about = vec!["households".to_owned()];
    // Whatever refers to a household, or to what does, one step after the other.
    loop {
        let more: Vec<String> = tables
            .iter()
            .filter(|table| !about.contains(&table.name) && table.others.iter().any(|other| about.contains(other)))
            .map(|table| table.name.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        about.extend(more);
    }
    let mut texts = Vec::new();
    for table in tables.iter().filter(|table| about.contains(&table.name)) {
        for line in table.columns.lines() {
            let mut words = line.split_whitespace();
            if let (Some(column), Some("text" | "text,")) = (words.next(), words.next()) {
                texts.push(format!("{}.{column}", table.name));
            }
        }
    }
    for file in std::fs::read_dir("migrations").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("alter table ")) {
            let words: Vec<&str> = line.trim_end_matches(';').split_whitespace().collect();
            if let [table, "add", "column", column, "text", ..] = words.as_slice()
                && about.iter().any(|known| known == table)
            {
                texts.push(format!("{table}.{column}"));
            }
        }
    }
    let known: Vec<&str> = HOUSEHOLD_TEXTS.iter().map(|line| line.split_once(": ").unwrap().0).collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut sorted = known.clone();
    texts.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(texts, sorted, "decide what erasing a household does with each");
}
