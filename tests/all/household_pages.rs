//! The registry's pages, as a clerk uses them.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::TestApp;

impl TestApp {
    /// A page as a login's browser shows it: status and HTML.
    pub async fn page_as(&self, token: &str, path: &str) -> (StatusCode, String) {
        let response = self.request(Method::GET, path, token).header("accept", "text/html").send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// A page that must open for the administrator.
    pub async fn page(&self, path: &str) -> String {
        let (status, html) = self.page_as(&self.admin, path).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {html}");
        html
    }

    /// Sends a form as the administrator: status, where it leads, and the HTML.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
        let request = self.request(Method::POST, path, &self.admin).header("accept", "text/html").form(fields);
        let response = request.send().await.unwrap();
        let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        (response.status(), to, response.text().await.unwrap())
    }
}

fn fields<'a>(area: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("once", ""),
        ("head_name", name),
        ("phone", "0905 123 456"),
        ("citizen_id", ""),
        ("birth_year", "1972"),
        ("members", "4"),
        ("area_id", area),
        ("address", "K197/27 Trần Cao Vân"),
        ("category", "poor"),
        ("note", "ốm"),
    ]
}

on_both! {
    async fn a_household_is_registered_corrected_and_shown_masked(app: TestApp) {
        let ward = app.ward().await;
        assert!(app.page("/households").await.contains("Chưa có hộ nào trong sổ"));
        let (status, to, html) = app.submit("/households/new", &fields(&ward, "Trần Thị Hòa")).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        let path = to.strip_suffix("?done=created").unwrap().to_owned();
        let shown = app.page(&path).await;
        assert!(shown.contains("Trần Thị Hòa") && shown.contains("456") && shown.contains("Chưa có"), "{shown}");
        assert!(!shown.contains("0905123456") && !shown.contains("ốm"), "a page masks what is secret");
        assert_eq!(app.audited("read_personal").await, 0);
        let (status, _, full) = app.submit(&format!("{path}/full"), &[]).await;
        assert!(status == StatusCode::OK && full.contains("0905123456") && full.contains("ốm"), "{full}");
        assert_eq!(app.audited("read_personal").await, 1);
        assert!(full.contains("Xem đầy đủ số điện thoại"), "the look itself is told on the page");
        let edit = app.page(&format!("{path}/edit")).await;
        let since = edit.split("name=\"unchanged_since\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut changed = fields(&ward, "Trần Thị Hòa");
        changed.extend([("consent", "given"), ("unchanged_since", since)]);
        changed[5].1 = "5";
        app.clock.set(app.clock.now().plus_secs(60));
        let (status, to, html) = app.submit(&format!("{path}/edit"), &changed).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=saved")), "{html}");
        let (status, _, html) = app.submit(&format!("{path}/edit"), &changed).await;
        assert!(status == StatusCode::CONFLICT && html.contains("Vừa có người khác sửa"), "{html}");
    }

    async fn what_is_wrong_comes_back_beside_its_field_as_it_was_typed(app: TestApp) {
        let ward = app.ward().await;
        let mut wrong = fields(&ward, "Lê <b>Văn</b> Tám");
        wrong[2].1 = "12345";
        wrong[5].1 = "99";
        let (status, _, html) = app.submit("/households/new", &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("value=\"12345\"") && html.contains("id=\"phone-error\"") && html.contains("id=\"members-error\""), "{html}");
        assert!(html.contains("Lê &#60;b&#62;Văn") && !html.contains("<b>Văn"), "{html}");
        let (status, _, html) = app.submit("/households/new", &[("members", "bốn")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("id=\"area_id-error\"") && html.contains("id=\"category-error\""), "{html}");
    }

    async fn a_household_that_seems_known_is_registered_only_when_the_clerk_insists(app: TestApp) {
        let ward = app.ward().await;
        let known = app.household(&ward, json!({ "citizen_id": null })).await;
        let (status, _, html) = app.submit("/households/new", &fields(&ward, "TRAN THI HOA")).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(html.contains(&format!("/households/{known}")) && html.contains("allow_duplicate"), "{html}");
        let mut insists = fields(&ward, "TRAN THI HOA");
        insists.push(("allow_duplicate", "yes"));
        assert_eq!(app.submit("/households/new", &insists).await.0, StatusCode::SEE_OTHER);
    }

    async fn a_number_is_found_without_ever_standing_in_the_address(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        let (status, to, html) = app.submit("/households/find", &[("q", "+84 905 123 456")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::OK, ""));
        assert!(html.contains(&id), "{html}");
        let (_, _, html) = app.submit("/households/find", &[("q", "048172001234")]).await;
        assert!(html.contains(&id), "{html}");
        let (status, to, _) = app.submit("/households/find", &[("q", "hoà trần"), ("category", "poor")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/households?q=ho%C3%A0+tr%E1%BA%A7n&category=poor"));
        assert!(app.page(&to).await.contains(&id));
        let (status, _) = app.page_as(&app.admin, "/households?q=0905123456").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "a number in the address is taken out again");
    }

    async fn the_register_filters_sorts_and_forgives_spelling(app: TestApp) {
        let ward = app.ward().await;
        let group = app.create("/api/v1/areas", json!({ "name": "Tổ 32", "kind": "group", "parent_id": ward })).await;
        let group = crate::support::text(&group, "id");
        let other = |name: &str, area: &str, members: i64, category: &str| json!({ "head_name": name, "phone": null, "citizen_id": null,
            "address": format!("Nhà {name}"), "area_id": area, "members": members, "category": category });
        app.household(&ward, other("Nguyễn Thị Hạnh", &ward, 2, "poor")).await;
        app.household(&ward, other("Lý Quốc Ân", &group, 5, "tenant")).await;
        app.household(&ward, other("Trần Văn Đào", &group, 3, "poor")).await;
        let order = |html: &str, names: &[&str]| names.windows(2).all(|two| html.find(two[0]).unwrap() < html.find(two[1]).unwrap());
        assert!(order(&app.page("/households").await, &["Lý Quốc Ân", "Trần Văn Đào", "Nguyễn Thị Hạnh"]));
        assert!(order(&app.page("/households?sort=-members").await, &["Lý Quốc Ân", "Trần Văn Đào", "Nguyễn Thị Hạnh"]));
        assert!(order(&app.page("/households?sort=-name").await, &["Nguyễn Thị Hạnh", "Trần Văn Đào", "Lý Quốc Ân"]));
        assert!(app.page(&format!("/households?area_id={ward}")).await.contains("3 hộ"));
        assert!(app.page(&format!("/households?area_id={group}")).await.contains("2 hộ"));
        assert!(app.page("/households?category=tenant").await.contains("1 hộ"));
        let near = app.page("/households?q=nguyen+thi+hanhh").await;
        assert!(near.contains("Tên gần giống") && near.contains("Nguyễn Thị Hạnh"), "{near}");
        let sql = app.page("/households?q=%27%20or%201%3D1%20--&sort=;drop&page=-9&category=x&area_id=y&status=z").await;
        assert!(sql.contains("Không có hộ nào khớp"), "{sql}");
    }

    async fn the_register_is_exported_as_filtered_and_masked_by_role(app: TestApp) {
        let ward = app.ward().await;
        app.household(&ward, json!({ "head_name": "=SUM(A1:A9)" })).await;
        let auditor = app.login("giam.sat", Role::Auditor).await;
        for (token, masked) in [(&app.admin, false), (&auditor, true)] {
            let request = app.request(Method::GET, "/households/export.xlsx?category=poor", token);
            let bytes = request.send().await.unwrap().bytes().await.unwrap();
            let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
            let range = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
            assert_eq!(range.get((1, 0)).unwrap().to_string(), "=SUM(A1:A9)");
            assert_eq!(*range.get((1, 3)).unwrap() == "0905123456", !masked);
        }
        assert_eq!(app.audited("export").await, 2);
    }

    async fn two_households_are_merged_or_told_apart_by_pages(app: TestApp) {
        let ward = app.ward().await;
        let wife = app.household(&ward, json!({})).await;
        let husband = app.household(&ward, json!({ "head_name": "Lê Văn Phúc", "citizen_id": null, "allow_duplicate": true })).await;
        let child = app.household(&ward, json!({ "head_name": "Lê Thị Mai", "citizen_id": null, "address": "5 Hà Khê", "allow_duplicate": true })).await;
        let page = app.page("/households/duplicates").await;
        assert!(page.contains("cùng số điện thoại") && page.contains("≠") && !page.contains("0905123456"), "{page}");
        let apart = [("first_id", wife.as_str()), ("second_id", child.as_str())];
        assert_eq!(app.submit("/households/duplicates/distinct", &apart).await.0, StatusCode::SEE_OTHER);
        assert!(app.page(&format!("/households/{husband}/merge?with={wife}")).await.contains("Giữ lại hộ nào?"));
        let merge = format!("/households/{husband}/merge");
        let (status, _, html) = app.submit(&merge, &[("with", wife.as_str()), ("stays", wife.as_str()), ("reason", " ")]).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("id=\"reason-error\""), "{html}");
        let (status, to, _) = app.submit(&merge, &[("with", wife.as_str()), ("stays", wife.as_str()), ("reason", "vợ chồng")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/households/{wife}?done=merged")));
        assert!(app.page(&format!("/households/{wife}")).await.contains("Lê Văn Phúc"));
        assert!(app.page(&format!("/households/{husband}")).await.contains("đã được gộp vào"));
        assert!(app.page("/households/duplicates").await.contains("Không có hộ nào nghi trùng"));
    }

    async fn erasing_is_asked_once_and_leaves_a_shell(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        let ask = app.page(&format!("/households/{id}/erase")).await;
        assert!(ask.contains("Mất hẳn") && ask.contains("Còn lại"), "{ask}");
        let (status, to, _) = app.submit(&format!("/households/{id}/erase"), &[("once", ""), ("sure", "yes")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/households/{id}?done=erased")));
        let shell = app.page(&format!("/households/{id}")).await;
        assert!(!shell.contains("Trần Thị Hòa") && !shell.contains("Trần Cao Vân") && shell.contains("đã được xóa"), "{shell}");
    }

    async fn a_head_sees_the_own_area_alone(app: TestApp) {
        let ward = app.ward().await;
        let group = app.create("/api/v1/areas", json!({ "name": "Tổ 32", "kind": "group", "parent_id": ward })).await;
        let group = crate::support::text(&group, "id");
        let foreign = app.household(&ward, json!({})).await;
        let own = app.household(&group, json!({ "head_name": "Lê Thị Mai", "citizen_id": null, "phone": null, "address": "x" })).await;
        let head = app.login_within("khu", Role::Verifier, Some(group.parse().unwrap()), &[]).await;
        let (_, list) = app.page_as(&head, "/households").await;
        assert!(list.contains(&own) && !list.contains(&foreign), "{list}");
        for path in ["", "/edit", "/merge"] {
            assert_eq!(app.page_as(&head, &format!("/households/{foreign}{path}")).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        let (status, _) = app.page_as(&head, &format!("/households/{own}/merge?with={foreign}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
