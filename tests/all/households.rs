use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// What a clerk types for a household; change it as the test needs.
    pub fn household_body(area_id: &str) -> Value {
        json!({
            "head_name": "Trần Thị Hòa", "phone": "0905 123 456", "citizen_id": "048172001234", "birth_year": 1972,
            "area_id": area_id, "address": "K197/27 Trần Cao Vân", "members": 4, "category": "poor", "consent": true,
        })
    }

    /// A household that must be accepted; its id.
    pub async fn household(&self, area_id: &str, change: Value) -> String {
        let mut body = Self::household_body(area_id);
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        text(&self.create("/api/v1/households", body).await, "id")
    }

    /// The names that a search finds, in its order.
    pub async fn found(&self, query: &[(&str, &str)]) -> Vec<String> {
        let url = reqwest::Url::parse_with_params(&format!("{}/api/v1/households", self.base), query).unwrap();
        let request = self.client.get(url).bearer_auth(&self.admin);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["items"].as_array().unwrap_or_else(|| panic!("{answer}")).iter().map(|h| text(h, "head_name")).collect()
    }

    /// How many audit entries there are of an action.
    pub async fn audited(&self, action: &str) -> i64 {
        let (count,): (i64,) = self
            .core
            .db
            .read()
            .await
            .unwrap()
            .sql("select count(*) from audit_entries where action = $1")
            .bind(action.to_owned())
            .one()
            .await
            .unwrap();
        count
    }
}

fn other(name: &str, phone: &str, id: Value) -> Value {
    json!({ "head_name": name, "phone": phone, "citizen_id": id, "address": format!("Nhà {name}"), "allow_duplicate": true })
}

on_both! {
    async fn a_registered_household_reads_back_with_its_consent(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        let household = app.get(&format!("/api/v1/households/{id}")).await;
        assert_eq!(household["phone"], "0905123456");
        assert_eq!(household["citizen_id"], "048172001234");
        assert_eq!(household["consent_at"], "2021-08-05T00:00:00Z");
        assert_eq!(household["vouchers"], json!([]));
        let without = app.household(&ward, json!({ "head_name": "Lê Văn Phúc", "phone": null, "citizen_id": null, "consent": false, "address": "1 Phan Nhu" })).await;
        assert_eq!(app.get(&format!("/api/v1/households/{without}")).await["consent_at"], Value::Null);
    }

    async fn each_wrong_field_is_named(app: TestApp) {
        let ward = app.ward().await;
        let mut body = TestApp::household_body(&ward);
        body["head_name"] = json!(" ");
        body["phone"] = json!("12345");
        body["citizen_id"] = json!("12345678901234");
        body["birth_year"] = json!(2035);
        body["members"] = json!(31);
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["head_name", "phone", "citizen_id", "birth_year", "members"]);
        let mut body = TestApp::household_body("0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90");
        body["members"] = json!(1);
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("area_id")));
        assert!(app.found(&[]).await.is_empty());
    }

    async fn an_id_number_belongs_to_one_active_household(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        let mut body = TestApp::household_body(&ward);
        body["head_name"] = json!("Người Khác");
        body["citizen_id"] = json!("048.172.001.234");
        body["allow_duplicate"] = json!(true);
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("duplicate")));
        assert!(text(&problem, "detail").contains(&id));
    }

    async fn the_same_name_and_phone_asks_before_it_registers_again(app: TestApp) {
        let ward = app.ward().await;
        app.household(&ward, json!({})).await;
        let mut body = TestApp::household_body(&ward);
        body["citizen_id"] = json!(null);
        body["head_name"] = json!("TRAN THI HOA");
        body["address"] = json!("Nơi khác");
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("possible_duplicate")));
        body["phone"] = json!(null);
        body["address"] = json!("Kiệt 197/27, đường Trần Cao Vân");
        let (status, problem) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("possible_duplicate")));
        body["allow_duplicate"] = json!(true);
        let (status, _) = app.send(Method::POST, "/api/v1/households", &body).await;
        assert_eq!(status, StatusCode::CREATED);
    }

    async fn search_forgives_marks_order_and_spelling_and_ranks_exact_marks_first(app: TestApp) {
        let ward = app.ward().await;
        app.household(&ward, other("Nguyễn Thị Hoa", "0905000001", Value::Null)).await;
        app.household(&ward, other("Nguyễn Thị Hòa", "0905000002", Value::Null)).await;
        app.household(&ward, other("Lý Quốc Hùng", "0905000003", json!("048038819079"))).await;
        assert_eq!(app.found(&[("q", "hoà nguyễn")]).await, ["Nguyễn Thị Hòa", "Nguyễn Thị Hoa"]);
        assert_eq!(app.found(&[("q", "hoa")]).await, ["Nguyễn Thị Hoa", "Nguyễn Thị Hòa"]);
        assert_eq!(app.found(&[("q", "li quoc")]).await, ["Lý Quốc Hùng"]);
        assert_eq!(app.found(&[("q", "+84 905 000.003")]).await, ["Lý Quốc Hùng"]);
        assert_eq!(app.found(&[("q", "48038819079")]).await, ["Lý Quốc Hùng"]);
        assert!(app.found(&[("q", "%")]).await.len() == 3 && app.found(&[("q", "' or 1=1 --")]).await.is_empty());
        assert_eq!(app.found(&[("category", "tenant")]).await.len(), 0);
    }

    async fn a_list_is_read_page_by_page_without_loss(app: TestApp) {
        let ward = app.ward().await;
        for name in ["An", "Ân", "Ánh", "Bình", "Đào", "Dung", "Yến"] {
            app.household(&ward, other(&format!("Trần Văn {name}"), "", Value::Null)).await;
        }
        let (mut names, mut after) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/api/v1/households?limit=2&q=tran{after}")).await;
            names.extend(page["items"].as_array().unwrap().iter().map(|h| text(h, "head_name")));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let given: Vec<&str> = names.iter().map(|name| name.rsplit(' ').next().unwrap()).collect();
        assert_eq!(given, ["An", "Ánh", "Ân", "Bình", "Dung", "Đào", "Yến"]);
    }

    async fn names_in_nfd_with_emoji_html_and_sql_come_back_as_they_are(app: TestApp) {
        let ward = app.ward().await;
        for (sent, kept) in [
            ("Tra\u{302}\u{300}n Thi\u{323} Y\u{301}", "Trần Thị Ý"),
            ("Bé 🌿 <b>đậm</b>", "Bé 🌿 <b>đậm</b>"),
            ("Robert'); drop table households;--", "Robert'); drop table households;--"),
        ] {
            let id = app.household(&ward, other(sent, "", Value::Null)).await;
            assert_eq!(app.get(&format!("/api/v1/households/{id}")).await["head_name"], kept);
        }
    }

    async fn a_role_without_need_sees_numbers_masked_and_every_look_in_full_is_logged(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "note": "Đang điều trị" })).await;
        let auditor = app.login("giamsat", Role::Auditor).await;
        let (_, seen) = app.send_as(&auditor, Method::GET, &format!("/api/v1/households/{id}"), &json!({})).await;
        assert_eq!(seen["phone"], "••••••• 456");
        assert_eq!(seen["citizen_id"], "••••••••• 234");
        assert_eq!((&seen["note"], &seen["masked"]), (&Value::Null, &json!(true)));
        assert_eq!(app.audited("read_personal").await, 0);
        app.get(&format!("/api/v1/households/{id}")).await;
        app.get("/api/v1/households").await;
        assert_eq!(app.audited("read_personal").await, 2);
        let volunteer = app.login("tinhnguyen", Role::Volunteer).await;
        let (status, _) = app.send_as(&volunteer, Method::GET, "/api/v1/households", &json!({})).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }

    async fn numbers_notes_and_why_a_household_is_helped_lie_sealed_in_the_database(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "note": "Đang điều trị", "category": "sick" })).await;
        let row = || async {
            let row: (Vec<u8>, Vec<u8>, Vec<u8>, String, String) = app.core.db.read().await.unwrap()
                .sql("select phone_sealed, citizen_sealed, note_sealed, note, category from households").one().await.unwrap();
            row
        };
        let (phone, citizen_id, note, plain, category) = row().await;
        assert!(!phone.windows(6).any(|w| w == b"905123") && !citizen_id.windows(6).any(|w| w == b"172001"));
        assert!(!String::from_utf8_lossy(&note).contains("tr"), "sealed");
        assert!(plain.is_empty() && !category.contains("sick"), "{plain} {category}");
        let path = format!("/api/v1/households/{id}");
        let (_, after) = app.send(Method::PATCH, &path, &json!({ "category": "poor", "note": "Đã khỏi" })).await;
        assert_eq!((&after["category"], &after["note"]), (&json!("poor"), &json!("Đã khỏi")));
        assert_ne!(row().await.4, category);
        let (_, cleared) = app.send(Method::PATCH, &path, &json!({ "note": "" })).await;
        assert_eq!(cleared["note"], "");
    }

    async fn an_illness_is_told_to_nobody_without_the_right_and_every_look_is_logged(app: TestApp) {
        let ward = app.ward().await;
        let sick = app.household(&ward, json!({ "category": "sick", "phone": null, "citizen_id": null })).await;
        app.household(&ward, other("Lê Văn Phúc", "0905000001", Value::Null)).await;
        let auditor = app.login("giamsat", Role::Auditor).await;
        let as_auditor = async |path: &str| app.send_as(&auditor, Method::GET, path, &json!({})).await;
        let (_, seen) = as_auditor(&format!("/api/v1/households/{sick}")).await;
        assert_eq!(seen["category"], "other");
        let (_, others) = as_auditor("/api/v1/households?category=other").await;
        assert_eq!(others["items"].as_array().unwrap().len(), 1, "a filter does not tell the ill from the others");
        let (status, refused) = as_auditor("/api/v1/households?category=sick").await;
        assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
        let page = app.page_as(&auditor, "/households?category=sick").await;
        assert_eq!(page.0, StatusCode::FORBIDDEN);
        assert!(!app.page_as(&auditor, "/households").await.1.contains("Người bệnh nặng"), "not offered either");
        assert_eq!(app.audited("read_personal").await, 0);
        assert_eq!(app.get("/api/v1/households?category=sick").await["items"][0]["category"], "sick");
        assert_eq!(app.audited("read_personal").await, 1, "nothing else of it is personal");
        assert!(app.page("/households").await.contains("Diện khác"), "a list is masked for everybody");
        assert_eq!(app.audited("read_personal").await, 1);
        assert!(app.page("/households?category=sick").await.contains("1 hộ"));
        assert_eq!(app.audited("read_personal").await, 2, "a list of the ill tells it of each");
    }

    async fn a_neighbourhood_head_works_in_the_own_area_only(app: TestApp) {
        let ward = app.ward().await;
        let area = async |name: &str| text(&app.create("/api/v1/areas", json!({ "name": name, "kind": "neighbourhood", "parent_id": ward })).await, "id");
        let (mine, theirs) = (area("Khu dân cư 1").await, area("Khu dân cư 2").await);
        let head = app.login_within("truong1", Role::Verifier, Some(mine.parse().unwrap()), &[]).await;
        let foreign = app.household(&theirs, json!({})).await;
        let path = format!("/api/v1/households/{foreign}");
        for (method, path) in [(Method::GET, path.clone()), (Method::PATCH, path.clone())] {
            let (status, _) = app.send_as(&head, method, &path, &json!({})).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
        let mut body = TestApp::household_body(&theirs);
        let (status, _) = app.send_as(&head, Method::POST, "/api/v1/households", &body).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        body["area_id"] = json!(mine);
        let (status, problem) = app.send_as(&head, Method::POST, "/api/v1/households", &body).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(!text(&problem, "detail").contains(&foreign), "an id outside the scope is not told");
        body["citizen_id"] = json!("048172001299");
        body["phone"] = json!("0905999888");
        body["address"] = json!("3 Hà Khê");
        let (status, own) = app.send_as(&head, Method::POST, "/api/v1/households", &body).await;
        assert_eq!(status, StatusCode::CREATED);
        let (_, list) = app.send_as(&head, Method::GET, "/api/v1/households", &json!({})).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let (status, _) = app.send_as(&head, Method::PATCH, &format!("/api/v1/households/{}", text(&own, "id")), &json!({ "area_id": theirs })).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }

    async fn a_correction_changes_what_is_sent_and_null_clears(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        let path = format!("/api/v1/households/{id}");
        let (status, after) = app.send(Method::PATCH, &path, &json!({ "phone": null, "members": 5, "consent": false })).await;
        assert_eq!(status, StatusCode::OK, "{after}");
        assert_eq!((&after["phone"], &after["members"], &after["consent_at"]), (&Value::Null, &json!(5), &Value::Null));
        assert_eq!(after["citizen_id"], "048172001234");
        assert!(app.found(&[("q", "0905123456")]).await.is_empty());
        let second = app.household(&ward, other("Lê Văn Phúc", "0905000001", json!("048090283085"))).await;
        let (status, problem) = app.send(Method::PATCH, &format!("/api/v1/households/{second}"), &json!({ "citizen_id": "048172001234" })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("duplicate")));
    }

    async fn an_erased_household_leaves_an_anonymous_shell(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "note": "riêng tư" })).await;
        let (status, shell) = app.send(Method::POST, &format!("/api/v1/households/{id}/erase"), &json!({})).await;
        assert_eq!(status, StatusCode::OK, "{shell}");
        assert_eq!((&shell["head_name"], &shell["phone"], &shell["address"], &shell["members"]), (&json!(""), &Value::Null, &json!(""), &json!(4)));
        assert_eq!(shell["status"], "erased");
        assert!(app.found(&[("q", "hoa")]).await.is_empty());
        let (status, _) = app.send(Method::PATCH, &format!("/api/v1/households/{id}"), &json!({ "members": 2 })).await;
        assert_eq!(status, StatusCode::CONFLICT);
        app.household(&ward, json!({})).await;
    }

    async fn merging_keeps_one_household_with_what_the_other_knew(app: TestApp) {
        let ward = app.ward().await;
        let keeps = app.household(&ward, json!({ "citizen_id": null })).await;
        let goes = app.household(&ward, other("Nguyễn Văn Chồng", "0905123456", json!("048172001234"))).await;
        let body = json!({ "into_id": keeps, "reason": "Vợ và chồng đăng ký riêng" });
        let (status, merged) = app.send(Method::POST, &format!("/api/v1/households/{goes}/merge"), &body).await;
        assert_eq!(status, StatusCode::OK, "{merged}");
        assert_eq!((&merged["id"], &merged["citizen_id"]), (&json!(keeps), &json!("048172001234")));
        let gone = app.get(&format!("/api/v1/households/{goes}")).await;
        assert_eq!((&gone["status"], &gone["merged_into"]), (&json!("merged"), &json!(keeps)));
        assert_eq!(app.found(&[]).await.len(), 1);
        let (status, _) = app.send(Method::POST, &format!("/api/v1/households/{goes}/merge"), &body).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let erased = app.send(Method::POST, &format!("/api/v1/households/{keeps}/erase"), &json!({})).await;
        assert_eq!(erased.0, StatusCode::OK);
        assert_eq!(app.get(&format!("/api/v1/households/{goes}")).await["head_name"], "", "the merged record is erased with it");
    }

    async fn possible_duplicates_are_shown_until_told_apart(app: TestApp) {
        let ward = app.ward().await;
        let wife = app.household(&ward, json!({})).await;
        let husband = app.household(&ward, other("Nguyễn Văn Chồng", "0905123456", Value::Null)).await;
        app.household(&ward, other("Lê Văn Phúc", "0905000001", Value::Null)).await;
        let list = app.get("/api/v1/households/duplicates").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        let first = &list["items"][0];
        assert_eq!((&first["household"]["id"], &first["others"][0]["household"]["id"]), (&json!(wife), &json!(husband)));
        assert_eq!(first["others"][0]["reasons"], json!(["same_phone", "same_birth_year"]));
        let apart = json!({ "first_id": husband, "second_id": wife });
        for _ in 0..2 {
            let (status, _) = app.send(Method::POST, "/api/v1/households/duplicates/distinct", &apart).await;
            assert_eq!(status, StatusCode::OK);
        }
        assert_eq!(app.get("/api/v1/households/duplicates").await["items"], json!([]));
    }

    async fn two_clerks_with_one_id_number_register_one_household(app: TestApp) {
        let ward = app.ward().await;
        let send = async |name: &str| {
            let mut body = TestApp::household_body(&ward);
            body["head_name"] = json!(name);
            app.send(Method::POST, "/api/v1/households", &body).await.0
        };
        let (a, b, c) = tokio::join!(send("Một"), send("Hai"), send("Ba"));
        let mut statuses = [a, b, c];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT, StatusCode::CONFLICT]);
    }
}
