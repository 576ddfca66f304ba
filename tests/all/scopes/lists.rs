//! Lists that were uploaded, and reductions that name the same room: what they tell of other parts of the ward, and what
//! becomes of a list whose clerk works elsewhere by now.

use lalanh::people::Role;
use reqwest::multipart::{Form, Part as FilePart};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::World;
use crate::landlords::waived;
use crate::on_both;
use crate::support::{TestApp, text};

/// A gift that two parts of the ward write down.
const GIFT: &str = "STT,Đơn vị/cá nhân,Hiện vật,ĐVT,Số lượng,Ngày\n1,Công ty Hải Vân,Gạo,kg,100,1/8/2021\n";

impl TestApp {
    /// Uploads a list of donors for a point; the preview.
    async fn upload_gift(&self, token: &str, point: &str) -> Value {
        let list = FilePart::bytes(GIFT.as_bytes().to_vec()).file_name("qua.csv");
        let form = Form::new().part("file", list).text("point_id", point.to_owned());
        let request = self.request(Method::POST, "/api/v1/donations/imports", token).multipart(form);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// What is answered to committing or undoing a list; rent is stored as pledged.
    async fn ends(&self, token: &str, list: &str, how: &str) -> StatusCode {
        self.send_as(token, Method::POST, &format!("/api/v1/{list}/{how}"), &json!({ "status": "pledged" })).await.0
    }

    /// Gives a login another place to work at.
    async fn moves(&self, username: &str, change: Value) {
        let users = self.get("/api/v1/users?limit=500").await;
        let user = users["items"].as_array().unwrap().iter().find(|user| user["username"] == username).unwrap();
        let path = format!("/api/v1/users/{}", text(user, "id"));
        let (status, answer) = self.send_as(&self.admin, Method::PATCH, &path, &change).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
}

/// The records that rows of a preview repeat.
fn repeated(preview: &Value) -> (usize, usize) {
    let rows = preview["rows"].as_array().unwrap_or_else(|| panic!("{preview}"));
    let duplicates = rows.iter().filter(|row| row["status"] == "duplicate");
    let named = rows.iter().filter(|row| row["duplicate_of"].is_string());
    (duplicates.count(), named.count())
}

on_both! {
    async fn a_reduction_of_another_area_with_the_same_room_is_told_and_not_named(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let pledge = |area: &str| json!({ "landlord": { "name": "Phan Chung", "address": "9 đường Chung" },
            "area_id": area, "rooms": [waived("3", "2021-07")] });
        let own = app.create("/api/v1/rent-reductions", pledge(ours.id("area"))).await;
        let other = app.create("/api/v1/rent-reductions", pledge(theirs.id("area"))).await;
        let (id, reference) = (text(&other, "id"), text(&other, "reference"));
        for path in [format!("/rent/{}", text(&own, "id")), "/rent/queue".to_owned()] {
            let page = app.visits(&of_area, &path, None).await.1;
            assert!(page.contains("một khoản của khu vực khác"), "{path} {page}");
            assert!(!page.contains(&id) && !page.contains(&reference), "{path} {page}");
            let page = app.visits(&app.admin, &path, None).await.1;
            assert!(page.contains(&reference) && !page.contains("một khoản của khu vực khác"), "{path} {page}");
        }
    }

    async fn what_a_list_repeats_of_other_parts_is_told_and_not_named(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let list = |part: &str| format!("rent-reductions/imports/{part}");
        assert!(app.ends(&app.admin, &list(theirs.id("rent_import")), "commit").await.is_success());
        let path = format!("/api/v1/{}", list(ours.id("rent_import")));
        let (duplicates, named) = repeated(&app.send_as(&of_area, Method::GET, &path, &Value::Null).await.1);
        assert!(duplicates > 0 && named == 0, "{named} of {duplicates}");
        assert!(repeated(&app.get(&path).await).1 > 0, "an administrator sees which");
        let stored = app.upload_gift(&app.admin, theirs.id("point")).await;
        let stored = format!("donations/imports/{}", text(&stored, "id"));
        assert!(app.ends(&app.admin, &stored, "commit").await.is_success());
        assert_eq!(repeated(&app.upload_gift(&of_area, ours.id("point")).await), (1, 0));
        assert_eq!(repeated(&app.upload_gift(&app.admin, ours.id("point")).await), (1, 1));
    }

    async fn a_list_is_neither_stored_nor_undone_where_its_clerk_works_no_more(app: TestApp) {
        let World { ours, theirs, .. } = app.world().await;
        let clerk = app.login_within("doi.khu", Role::Coordinator, Some(ours.area()), &[]).await;
        let upload = async |word: &str| {
            let mut ids = ours.ids.clone();
            app.lists_of(&mut ids, &clerk, word, word).await;
            [("household_import", "households"), ("rent_import", "rent-reductions")]
                .map(|(key, kind)| format!("{kind}/imports/{}", ids[key]))
        };
        let stored = upload("Đã Ghi").await;
        for list in &stored {
            assert!(app.ends(&clerk, list, "commit").await.is_success(), "{list}");
        }
        let open = upload("Chưa Ghi").await;
        let gift = format!("donations/imports/{}", text(&app.upload_gift(&clerk, ours.id("point")).await, "id"));
        assert!(app.ends(&clerk, &gift, "commit").await.is_success());
        app.moves("doi.khu", json!({ "area_id": theirs.id("area") })).await;
        for list in stored.iter().chain([&gift]) {
            assert_eq!(app.ends(&clerk, list, "undo").await, StatusCode::FORBIDDEN, "{list}");
        }
        for list in &open {
            assert_eq!(app.ends(&clerk, list, "commit").await, StatusCode::FORBIDDEN, "{list}");
        }
        let found = app.get("/api/v1/households?q=Le%20Da%20Ghi").await;
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
        for list in stored.iter().chain([&gift]) {
            assert!(app.ends(&app.admin, list, "undo").await.is_success(), "the whole ward's administrator may: {list}");
        }
    }

    async fn what_keeps_a_list_is_not_named_once_it_belongs_to_another_area(app: TestApp) {
        let World { ours, theirs, of_area, .. } = app.world().await;
        let [people, rent] = ["household_import", "rent_import"].map(|list| ours.id(list));
        assert!(app.ends(&of_area, &format!("households/imports/{people}"), "commit").await.is_success());
        assert!(app.ends(&of_area, &format!("rent-reductions/imports/{rent}"), "commit").await.is_success());
        app.clock.set(app.clock.now().plus_secs(60));
        let one = async |kind: &str, list: &str| {
            let all = app.get(&format!("/api/v1/{kind}?limit=500")).await;
            all["items"].as_array().unwrap().iter().find(|row| row["import_id"] == list).unwrap().clone()
        };
        let (household, reduction) = (one("households", people).await, one("rent-reductions", rent).await);
        let away = json!({ "area_id": theirs.id("area"), "head_name": "Tôn Nữ Dời", "reason": "Đã chuyển khu" });
        for (kind, row) in [("households", &household), ("rent-reductions", &reduction)] {
            let path = format!("/api/v1/{kind}/{}", text(row, "id"));
            let (status, answer) = app.send_as(&app.admin, Method::PATCH, &path, &away).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        let told = [text(&household, "id"), "Tôn Nữ Dời".to_owned(), text(&reduction, "id")];
        for (path, say, all) in [
            (format!("/households/imports/{people}/undo"), "(hộ thuộc khu vực khác)", &told[..2]),
            (format!("/rent/imports/{rent}/undo"), "(khoản giảm của khu vực khác)", &told[2..]),
        ] {
            let page = app.visits(&of_area, &path, None).await.1;
            assert!(page.contains(say) && all.iter().all(|word| !page.contains(word)), "{page}");
            let page = app.visits(&app.admin, &path, None).await.1;
            assert!(!page.contains(say) && all.iter().all(|word| page.contains(word)), "{page}");
        }
    }

    async fn a_list_goes_on_after_its_own_rows_whoever_a_cursor_names(app: TestApp) {
        let World { theirs, of_area, .. } = app.world().await;
        let reads = async |path: &str| app.send_as(&of_area, Method::GET, path, &Value::Null).await.1;
        let after = reads(&format!("/api/v1/households?after={}", theirs.id("fourth"))).await;
        assert_eq!(after, reads("/api/v1/households").await, "where another's household stands is nobody's to know");
    }
}
