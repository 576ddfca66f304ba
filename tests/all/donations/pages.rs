//! The pages of goods: what a storekeeper sees, and what a form does.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::text;

on_both! {
    async fn a_donation_typed_into_the_page_is_in_stock_to_the_gram(app: TestApp) {
        let ward = app.ward().await;
        let (store, rice) = (app.warehouse(&ward, "Kho phường").await, app.item("Gạo", "kg", 3).await);
        let kit = app.package("Suất 5 kg", &[(&rice, 5_000)], 100_000).await;
        let (status, to, html) = app.submit("/donations/new", &[
            ("once", "1"), ("donor.name", "Chùa Quang Minh"), ("donor.kind", "organisation"),
            ("received_on", "2021-08-05"), ("point_id", &store), ("condition", "Dành cho người thuê trọ"),
            ("lines[0].kind", "goods"), ("lines[0].item_id", ""), ("lines[0].quantity", ""),
            ("lines[1].kind", "goods"), ("lines[1].item_id", &rice), ("lines[1].quantity", "1.200,5"),
            ("lines[1].value", "20.000.000"), ("lines[1].expires_on", ""),
            ("lines[2].kind", "packages"), ("lines[2].count", "10"), ("lines[2].package_id", &kit), ("lines[2].value", ""),
            ("lines[3].kind", "cash"), ("lines[3].amount", "5.000.000 đ"),
        ]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        assert_eq!(app.on_hand(&store, &rice, "").await, 1_250_500);
        let page = app.page(&to).await;
        for shown in ["1.200,5 kg Gạo", "10 suất quà (Suất 5 kg)", "26.000.000 đ", "Dành cho người thuê trọ", "Kho phường"] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        let table = app.page("/donations?donor=chua+quang&kind=cash&from=2021-08-01").await;
        assert!(table.contains("Chùa Quang Minh") && table.contains("26.000.000 đ"), "{table}");
        assert!(!app.page("/donations?donor=giao+xu").await.contains("Quang Minh"));
    }

    async fn a_wrong_line_comes_back_as_typed_with_the_message_at_its_field(app: TestApp) {
        let ward = app.ward().await;
        let (store, oil) = (app.warehouse(&ward, "Kho phường").await, app.item("Dầu ăn", "chai", 0).await);
        let mut fields = vec![
            ("once", "1"), ("donor.name", "Chùa Quang Minh"), ("donor.kind", "organisation"),
            ("received_on", "2021-08-05"), ("point_id", store.as_str()),
            ("lines[0].kind", "goods"), ("lines[1].kind", "goods"), ("lines[1].item_id", &oil), ("lines[1].quantity", "1,5"),
        ];
        let (status, _, page) = app.submit("/donations/new", &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("id=\"lines[1].quantity-error\"") && page.contains("value=\"1,5\""), "{page}");
        // What only the API sees names the form's row too: an expiry day before the day of receipt.
        fields[8].1 = "15";
        fields.push(("lines[1].expires_on", "2021-08-01"));
        let (_, _, page) = app.submit("/donations/new", &fields).await;
        assert!(page.contains("id=\"lines[1].expires_on-error\""), "{page}");
        assert!(app.get("/api/v1/donations").await["items"].as_array().unwrap().is_empty());
    }

    async fn a_line_is_added_and_taken_away_without_a_script(app: TestApp) {
        let fields = [("donor.name", "Chùa"), ("lines[0].kind", "goods"), ("add", "cash")];
        let (status, _, page) = app.submit("/donations/new", &fields).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("name=\"lines[1].amount\"") && page.contains("value=\"Chùa\""), "{page}");
        let fields = [("lines[0].kind", "goods"), ("lines[1].kind", "cash"), ("lines[1].amount", "7"), ("remove", "0")];
        let (_, _, page) = app.submit("/donations/new", &fields).await;
        assert!(page.contains("name=\"lines[0].amount\" type=\"text\" value=\"7\""), "{page}");
    }

    async fn an_auditor_does_not_learn_who_gave_anonymously_from_pages_or_workbooks(app: TestApp) {
        app.create("/api/v1/donations", json!({
            "donor": { "name": "Nguyễn Văn Kín", "kind": "person", "anonymous": true }, "received_on": "2021-08-05",
            "lines": [{ "kind": "cash", "amount": 1_000_000 }]
        })).await;
        let auditor = app.login("giam.sat", Role::Auditor).await;
        let (_, page) = app.page_as(&auditor, "/donations").await;
        assert!(page.contains("Nhà hảo tâm ẩn danh") && !page.contains("Văn Kín"), "{page}");
        assert!(!app.page_as(&auditor, "/donations?donor=kin").await.1.contains("1.000.000 đ"));
        assert!(app.page("/donations?donor=kin").await.contains("Nguyễn Văn Kín"));
        let export = app.request(Method::GET, "/donations/export.xlsx", &auditor).send().await.unwrap();
        assert_eq!(export.status(), StatusCode::OK);
        assert!(export.bytes().await.unwrap().starts_with(b"PK"));
    }

    async fn the_stock_page_shows_the_past_and_filters_by_state(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho phường").await, app.point(&ward, "Điểm 1").await);
        let (rice, oil) = (app.item("Gạo", "kg", 3).await, app.item("Dầu ăn", "chai", 0).await);
        app.give(&store, &rice, 12_500, None).await;
        app.give(&point, &oil, 7, None).await;
        app.clock.set(app.clock.now().plus_secs(2 * 86_400));
        let (status, _) = app.adjust(&point, "lost", &oil, -7).await;
        assert_eq!(status, StatusCode::CREATED);
        let now = app.page("/stock?state=out").await;
        assert!(now.contains("Dầu ăn") && !now.contains("Gạo</a>"), "{now}");
        let then = app.page("/stock?at=2021-08-05&item=dau").await;
        assert!(then.contains(">7<") && then.contains("Đang xem tồn kho cuối ngày"), "{then}");
        let found = app.get(&format!("/api/v1/stock?point_id={point}")).await;
        assert_eq!(text(&found["items"][0], "name"), "Dầu ăn");
    }
}
