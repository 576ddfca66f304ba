use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// Uploads a list of donors; status and preview.
    pub async fn upload_donors(&self, bytes: Vec<u8>, options: Value) -> (StatusCode, Value) {
        let file = Part::bytes(bytes).file_name("ung-ho.xlsx");
        let form = Form::new().part("file", file).text("options", options.to_string());
        let request = self.request(Method::POST, "/api/v1/donations/imports", &self.admin);
        let response = request.multipart(form).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

fn sample() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ung-ho.xlsx")).unwrap()
}

on_both! {
    async fn the_wards_list_gives_the_totals_that_a_careful_clerk_finds(app: TestApp) {
        app.clock.set(lalanh::kernel::Moment::parse("2022-07-01T08:00:00+07:00").unwrap());
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho").await;
        let (status, preview) = app.upload_donors(sample(), json!({ "unit": "đồng" })).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
        assert_eq!((&preview["totals"]["new"], &preview["totals"]["error"]), (&json!(51), &json!(0)), "{preview}");
        assert_eq!((&preview["sums"]["packages"], &preview["sums"]["packages_value"]), (&json!(2540), &json!(580_450_000)));
        assert!(app.get("/api/v1/donations").await["items"].as_array().unwrap().is_empty());
        let path = format!("/api/v1/donations/imports/{}/commit", text(&preview, "id"));
        let done = app.create(&path, json!({})).await;
        assert_eq!((&done["created"], &done["point_id"]), (&json!(51), &json!(store)));
        let stock = app.get(&format!("/api/v1/stock?point_id={store}")).await;
        let on_hand = |name: &str| {
            let rows = stock["items"].as_array().unwrap().iter().filter(|row| row["name"] == name);
            rows.map(|row| row["on_hand"].as_i64().unwrap() / 10_i64.pow(row["decimals"].as_u64().unwrap() as u32)).sum::<i64>()
        };
        let expected = [("Gạo", 2500), ("Mì ăn liền", 300), ("Dầu ăn", 400), ("Trứng gà", 6000), ("Rau xanh", 4000)];
        for (name, quantity) in expected {
            assert_eq!(on_hand(name), quantity, "{name}: {stock}");
        }
        let items = app.get("/api/v1/items").await;
        let greens = items["items"].as_array().unwrap().iter().find(|item| item["name"] == "Rau xanh").unwrap();
        assert_eq!((&greens["perishable"], &greens["decimals"]), (&json!(true), &json!(3)));
        app.assert_ledger_agrees().await;
    }

    async fn a_list_is_committed_once_and_the_same_file_is_recognised(app: TestApp) {
        app.clock.set(lalanh::kernel::Moment::parse("2022-07-01T08:00:00+07:00").unwrap());
        let (_, first) = app.upload_donors(sample(), json!({})).await;
        assert_eq!(first["warnings"][0]["code"], "no_warehouse");
        let path = format!("/api/v1/donations/imports/{}/commit", text(&first, "id"));
        let skipped = first["rows"].as_array().unwrap().iter().find(|row| row["status"] == "new").unwrap();
        let decisions = json!({ "decisions": { text(skipped, "key"): "skip" } });
        assert_eq!(app.create(&path, decisions).await["created"], 50);
        assert!(app.get("/api/v1/stock").await["items"].as_array().unwrap().is_empty());
        let (status, problem) = app.send(Method::POST, &path, &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_committed")));
        let (_, second) = app.upload_donors(sample(), json!({})).await;
        assert!(second["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "same_file"));
        let listed = app.get(&format!("/api/v1/donations/imports/{}", text(&second, "id"))).await;
        assert_eq!(listed, second);
    }

    async fn with_several_warehouses_the_clerk_says_which_and_nothing_is_half_stored(app: TestApp) {
        app.clock.set(lalanh::kernel::Moment::parse("2022-07-01T08:00:00+07:00").unwrap());
        let ward = app.ward().await;
        app.warehouse(&ward, "Kho 1").await;
        let second = app.warehouse(&ward, "Kho 2").await;
        let (_, preview) = app.upload_donors(sample(), json!({})).await;
        let path = format!("/api/v1/donations/imports/{}/commit", text(&preview, "id"));
        let (status, problem) = app.send(Method::POST, &path, &json!({})).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("point_id")));
        assert!(app.get("/api/v1/donors").await["items"].as_array().unwrap().is_empty());
        assert_eq!(app.create(&path, json!({ "point_id": second })).await["created"], 51);
        let (status, problem) = app.upload_donors(b"not a workbook".to_vec(), json!({})).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")));
    }
}
