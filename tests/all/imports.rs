use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// Uploads a list of households; status and answer.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>, area_id: Option<&str>) -> (StatusCode, Value) {
        let mut form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
        if let Some(area_id) = area_id {
            form = form.text("area_id", area_id.to_owned());
        }
        let request = self.request(Method::POST, "/api/v1/households/imports", &self.admin).multipart(form);
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Commits an uploaded list.
    pub async fn commit(&self, preview: &Value, body: Value) -> (StatusCode, Value) {
        let path = format!("/api/v1/households/imports/{}/commit", text(preview, "id"));
        self.send(Method::POST, &path, &body).await
    }
}

const LIST: &str = "STT,Họ và tên,CCCD,SĐT,Địa chỉ,Tổ,Số khẩu\n1,Trần Thị Hòa,048172001234,0905123456,12 Phan Nhu,32,4\n\
    2,TRẦN THỊ HOÀ,048172001234,,12 Phan Nhu,32,4\n3,Lê Văn Phúc,,0905123457,5 Hà Khê,99,2\n4,Ngô Thị Nga,,123,6 Hà Khê,32,2\n";

on_both! {
    async fn a_list_is_previewed_then_committed_once(app: TestApp) {
        let ward = app.ward().await;
        let group = text(&app.create("/api/v1/areas", json!({ "name": "Tổ 32", "kind": "group", "parent_id": ward })).await, "id");
        let (status, preview) = app.upload("ds.csv", LIST.into(), None).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
        let totals = (&preview["totals"]["new"], &preview["totals"]["duplicate"], &preview["totals"]["error"]);
        assert_eq!(totals, (&json!(2), &json!(1), &json!(1)), "{preview}");
        let unknown = &preview["warnings"][0];
        assert_eq!(unknown["code"], "areas_unknown");
        assert!(text(unknown, "message").starts_with("1 dòng ghi khu vực chưa có trong hệ thống (99):"), "{unknown}");
        assert!(app.found(&[]).await.is_empty());
        let (a, b) = tokio::join!(app.commit(&preview, json!({})), app.commit(&preview, json!({})));
        let (won, lost) = if a.0 == StatusCode::OK { (a, b) } else { (b, a) };
        assert_eq!(won, (StatusCode::OK, json!({ "new": 2, "updated": 0, "skipped": 1, "errors": 1 })));
        assert_eq!((lost.0, &lost.1["code"]), (StatusCode::CONFLICT, &json!("already_committed")));
        let list = app.get("/api/v1/households").await;
        let items = list["items"].as_array().unwrap();
        assert_eq!((&items[0]["area_id"], &items[1]["area_id"]), (&json!(group), &json!(ward)));
        assert_eq!(items[1]["address"], "5 Hà Khê, tổ 99");
        let (_, again) = app.upload("ds.csv", LIST.into(), None).await;
        assert_eq!((&again["totals"]["new"], &again["totals"]["duplicate"]), (&json!(0), &json!(3)), "{again}");
        assert_eq!(again["warnings"][0]["code"], "same_file");
    }

    async fn stored_households_are_found_wherever_they_stand_on_a_long_list(app: TestApp) {
        app.ward().await;
        let row = |n: usize| format!("Trần Thị Hòa,09{n:08},{n} Phan Nhu\n");
        let list = |rows: &mut dyn Iterator<Item = usize>| format!("Họ và tên,SĐT,Địa chỉ\n{}", rows.map(row).collect::<String>());
        let (_, few) = app.upload("it.csv", list(&mut [3, 9_999, 10_040].into_iter()).into(), None).await;
        assert_eq!(app.commit(&few, json!({})).await.0, StatusCode::OK);
        // Longer than what is looked up at once, so that both connections have a part of it.
        let (_, preview) = app.upload("dai.csv", list(&mut (0..10_050)).into(), None).await;
        assert_eq!((&preview["totals"]["new"], &preview["totals"]["duplicate"]), (&json!(10_047), &json!(3)));
        let known = preview["rows"].as_array().unwrap().iter().filter(|row| row["duplicate_of"].is_string());
        assert_eq!(known.map(|row| row["row"].as_u64().unwrap()).collect::<Vec<_>>(), [5, 10_001, 10_042]);
        let (status, counts) = app.commit(&preview, json!({})).await;
        assert_eq!((status, &counts["new"]), (StatusCode::OK, &json!(10_047)), "{counts}");
    }

    async fn decisions_are_checked_and_kept(app: TestApp) {
        app.ward().await;
        let (_, preview) = app.upload("ds.csv", LIST.into(), None).await;
        for (decisions, code) in [(json!({ "77": "new" }), "unknown"), (json!({ "3": "new" }), "duplicate"), (json!({ "5": "new" }), "row_has_errors")] {
            let (status, problem) = app.commit(&preview, json!({ "decisions": decisions })).await;
            assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)), "{problem}");
        }
        let (status, counts) = app.commit(&preview, json!({ "decisions": { "4": "skip" } })).await;
        assert_eq!((status, &counts["new"]), (StatusCode::OK, &json!(1)));
    }

    async fn what_is_no_list_is_refused_with_the_reason(app: TestApp) {
        app.ward().await;
        for bytes in [b"\x00\x01\x02 not a workbook".to_vec(), b"".to_vec(), "STT,Họ và tên,SĐT\n".as_bytes().to_vec()] {
            let (status, problem) = app.upload("x.xlsx", bytes, None).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")), "{problem}");
        }
        let (status, problem) = app.upload("x.xlsx", vec![b'x'; 30 << 20], None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
        let (status, _) = app.upload("ds.csv", LIST.into(), Some("0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
