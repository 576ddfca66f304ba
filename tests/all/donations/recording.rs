use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::inventory::NOBODY;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn goods_cash_and_packages_are_recorded_and_known_packages_enter_stock_as_their_items(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho").await;
        let (rice, eggs) = (app.item("Gạo", "kg", 3).await, app.item("Trứng gà", "quả", 0).await);
        let package = app.package("Suất", &[(&rice, 10_000), (&eggs, 10)], 250_000).await;
        let lines = json!([
            { "kind": "goods", "item_id": rice, "quantity": 500_000, "value": 9_000_000, "expires_on": "2022-01-01" },
            { "kind": "packages", "count": 3, "package_id": package },
            { "kind": "packages", "count": 100, "value": 22_852_400 },
            { "kind": "cash", "amount": 5_000_000 },
        ]);
        let donor = json!({ "name": "Chùa Quang Minh", "kind": "organisation" });
        let body = json!({ "donor": donor, "received_on": "2021-08-05", "lines": lines, "condition": "Cho người thuê trọ" });
        let donation = app.create("/api/v1/donations", body).await;
        assert_eq!(donation["number"], 1);
        assert_eq!(donation["point_id"], store);
        assert_eq!(donation["lines"][1]["value"], 750_000);
        assert_eq!(donation["condition"], "Cho người thuê trọ");
        assert_eq!((app.on_hand(&store, &rice, "").await, app.on_hand(&store, &eggs, "").await), (530_000, 30));
        let entries = app.get(&format!("/api/v1/stock/entries?source_id={}", text(&donation, "id"))).await;
        assert_eq!(entries["items"].as_array().unwrap().len(), 3);
        assert_eq!(app.get(&format!("/api/v1/donations/{}", text(&donation, "id"))).await, donation);
        app.assert_ledger_agrees().await;
    }

    async fn the_same_donor_written_otherwise_is_one_donor(app: TestApp) {
        for name in ["Chùa Quang Minh", "CHÙA  QUANG MINH", "chua quang minh"] {
            let donor = json!({ "name": name, "kind": "organisation" });
            let lines = json!([{ "kind": "cash", "amount": 1_000_000 }]);
            app.create("/api/v1/donations", json!({ "donor": donor, "received_on": "2021-08-01", "lines": lines })).await;
        }
        assert_eq!(app.get("/api/v1/donors").await["items"].as_array().unwrap().len(), 1);
        let donations = app.get("/api/v1/donations").await;
        let numbers: Vec<_> = donations["items"].as_array().unwrap().iter().map(|d| d["number"].clone()).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    async fn goods_without_a_point_need_exactly_one_warehouse(app: TestApp) {
        let ward = app.ward().await;
        let rice = app.item("Gạo", "kg", 3).await;
        let lines = json!([{ "kind": "goods", "item_id": rice, "quantity": 1000, "value": 0 }]);
        let body = json!({ "donor": { "name": "Bà Năm", "kind": "person" }, "received_on": "2021-08-05", "lines": lines });
        for expected in [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CREATED, StatusCode::UNPROCESSABLE_ENTITY] {
            let (status, answer) = app.send(Method::POST, "/api/v1/donations", &body).await;
            assert_eq!(status, expected);
            if status != StatusCode::CREATED {
                assert_eq!(answer["errors"][0]["field"], "point_id");
            }
            app.warehouse(&ward, "Kho").await;
        }
    }

    async fn a_wrong_donation_names_each_wrong_field_and_stores_nothing(app: TestApp) {
        let ward = app.ward().await;
        app.warehouse(&ward, "Kho").await;
        let rice = app.item("Gạo", "kg", 3).await;
        let cases = [
            (json!({ "kind": "goods", "item_id": NOBODY, "quantity": 1, "value": 0 }), "lines[0].item_id"),
            (json!({ "kind": "goods", "item_id": rice, "quantity": -1, "value": 0 }), "lines[0].quantity"),
            (json!({ "kind": "goods", "item_id": rice, "quantity": 1, "value": 0, "expires_on": "2021-08-01" }), "lines[0].expires_on"),
            (json!({ "kind": "packages", "count": 5 }), "lines[0].value"),
            (json!({ "kind": "packages", "count": 0, "value": 1 }), "lines[0].count"),
            (json!({ "kind": "packages", "count": 1, "package_id": NOBODY }), "lines[0].package_id"),
            (json!({ "kind": "cash", "amount": 0 }), "lines[0].amount"),
        ];
        for (line, field) in cases {
            let donor = json!({ "name": "Bà Năm", "kind": "person" });
            let body = json!({ "donor": donor, "received_on": "2021-08-05", "lines": [line] });
            let (status, problem) = app.send(Method::POST, "/api/v1/donations", &body).await;
            assert_eq!((status, problem["errors"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)));
        }
        let body = json!({ "donor": { "name": "", "kind": "person" }, "received_on": "2021-08-06", "lines": [] });
        let (_, problem) = app.send(Method::POST, "/api/v1/donations", &body).await;
        let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| text(e, "field")).collect();
        assert_eq!(fields, ["donor.name", "received_on", "lines"]);
        assert!(app.get("/api/v1/donations").await["items"].as_array().unwrap().is_empty());
        assert!(app.get("/api/v1/donors").await["items"].as_array().unwrap().is_empty());
    }

    async fn an_anonymous_donors_name_is_only_for_those_who_register_donations(app: TestApp) {
        let donor = json!({ "name": "Trần Văn Sáu", "kind": "person", "anonymous": true });
        let lines = json!([{ "kind": "cash", "amount": 1_000_000 }]);
        app.create("/api/v1/donations", json!({ "donor": donor, "received_on": "2021-08-01", "lines": lines })).await;
        assert_eq!(app.get("/api/v1/donors").await["items"][0]["name"], "Trần Văn Sáu");
        let auditor = app.login("giam-sat", Role::Auditor).await;
        for path in ["/api/v1/donors", "/api/v1/donations"] {
            let (status, answer) = app.send_as(&auditor, Method::GET, path, &Value::Null).await;
            assert_eq!(status, StatusCode::OK);
            assert!(!answer.to_string().contains("Trần"), "{answer}");
        }
    }
}
