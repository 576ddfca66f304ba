//! The pages of items, packages, campaigns, and the donor's paper.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::text;

on_both! {
    async fn an_item_is_made_and_corrected_in_its_own_unit(app: TestApp) {
        let fields = [("once", "a"), ("name", "Gạo"), ("unit", "kg"), ("decimals", "3"), ("low_stock", "12,5")];
        let (status, _, page) = app.submit("/items/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let item = app.get("/api/v1/items").await["items"][0].clone();
        assert_eq!((&item["low_stock"], &item["decimals"], &item["perishable"]), (&json!(12_500), &json!(3), &json!(false)));
        let path = format!("/items/{}", text(&item, "id"));
        assert!(app.page(&path).await.contains("value=\"12,5\""));
        let (status, _, page) = app.submit(&path, &[("name", "Gạo tẻ"), ("unit", "kg"), ("perishable", "yes"), ("low_stock", "")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let item = app.get("/api/v1/items").await["items"][0].clone();
        assert_eq!((&item["name"], &item["low_stock"], &item["perishable"]), (&json!("Gạo tẻ"), &json!(null), &json!(true)));
        app.item("Nếp", "kg", 3).await;
        let (status, _, page) = app.submit(&path, &[("name", "nếp"), ("unit", "KG")]).await;
        assert_eq!(status, StatusCode::CONFLICT, "{page}");
        assert!(page.contains("Đã có mặt hàng cùng tên"), "{page}");
    }

    async fn an_items_change_keeps_what_is_left_out(app: TestApp) {
        let item = app.create("/api/v1/items", json!({ "name": "Gạo", "unit": "kg", "decimals": 3, "low_stock": 50_000 })).await;
        let path = format!("/api/v1/items/{}", text(&item, "id"));
        let (status, changed) = app.send(Method::PATCH, &path, &json!({ "perishable": true })).await;
        assert_eq!((status, &changed["name"], &changed["low_stock"]), (StatusCode::OK, &json!("Gạo"), &json!(50_000)));
        let (_, changed) = app.send(Method::PATCH, &path, &json!({ "low_stock": null })).await;
        assert_eq!(changed["low_stock"], json!(null));
        let (status, problem) = app.send(Method::PATCH, &path, &json!({ "name": "" })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")));
    }

    async fn a_package_is_put_together_by_page_and_tells_how_many_can_be_packed(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa 3").await;
        let (rice, eggs) = (app.item("Gạo", "kg", 3).await, app.item("Trứng gà", "quả", 0).await);
        app.give(&point, &rice, 55_000, None).await;
        app.give(&point, &eggs, 30, None).await;
        let mut fields = vec![
            ("once", "a"), ("name", "Suất 10 kg gạo, 10 trứng"), ("value", "250.000"),
            ("items[0].item_id", rice.as_str()), ("items[0].quantity", "10"),
            ("items[1].item_id", ""), ("items[1].quantity", ""),
            ("items[2].item_id", &rice), ("items[2].quantity", "10"),
        ];
        let (status, _, page) = app.submit("/packages/new", &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("id=\"items[2].item_id-error\""), "{page}");
        fields[7].1 = &eggs;
        let (status, _, page) = app.submit("/packages/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = app.page("/packages").await;
        assert!(page.contains("10 kg Gạo, 10 quả Trứng gà") && page.contains(">3<") && page.contains("250.000 đ"), "{page}");
    }

    async fn a_campaign_is_made_and_corrected(app: TestApp) {
        let fields = [("once", "a"), ("name", "San sẻ yêu thương"), ("starts_on", "2021-08-01"), ("ends_on", "2021-07-01"), ("interval_days", "14")];
        let (status, _, page) = app.submit("/campaigns/new", &fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("id=\"ends_on-error\""), "{page}");
        let mut fields = fields.to_vec();
        fields[3].1 = "2021-08-31";
        let (status, _, page) = app.submit("/campaigns/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let id = text(&app.get("/api/v1/campaigns").await["items"][0], "id");
        fields[3].1 = "2021-09-30";
        fields[4].1 = "";
        let (status, _, page) = app.submit(&format!("/campaigns/{id}"), &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let campaign = app.get(&format!("/api/v1/campaigns/{id}")).await;
        assert_eq!((&campaign["ends_on"], &campaign["interval_days"]), (&json!("2021-09-30"), &json!(null)));
        assert!(app.page("/campaigns").await.contains("01/08/2021 – 30/09/2021"));
    }

    async fn the_donors_paper_says_the_amount_in_words(app: TestApp) {
        let ward = app.ward().await;
        let (store, rice) = (app.warehouse(&ward, "Kho phường").await, app.item("Gạo", "kg", 3).await);
        let lines = json!([{ "kind": "goods", "item_id": rice, "quantity": 500_000, "value": 9_000_000 }, { "kind": "cash", "amount": 1_005_000 }]);
        let donor = json!({ "name": "Chùa Quang Minh", "kind": "organisation" });
        let body = json!({ "donor": donor, "received_on": "2021-08-05", "point_id": store, "lines": lines });
        let donation = text(&app.create("/api/v1/donations", body).await, "id");
        let paper = app.page(&format!("/donations/{donation}/receipt")).await;
        for shown in ["Giấy xác nhận ủng hộ", "18.000", "10.005.000", "Mười triệu không trăm linh năm nghìn đồng", "Chùa Quang Minh"] {
            assert!(paper.contains(shown), "{shown} in {paper}");
        }
        let cash = json!({ "donor": donor, "received_on": "2021-08-05", "lines": [{ "kind": "cash", "amount": 500_000 }] });
        let donation = text(&app.create("/api/v1/donations", cash).await, "id");
        assert!(app.page(&format!("/donations/{donation}/receipt")).await.contains("Phiếu thu"));
    }
}
