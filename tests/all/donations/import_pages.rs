//! The pages of a ward's list of donors: the unit is asked for, the preview adds up, the list is stored once.

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::{TestApp, text};

/// Right, with a quantity that is none, and with a day that is none. Money in a unit that the titles do not say.
const LIST: &str = "STT,Đơn vị/cá nhân,Hiện vật,ĐVT,Số lượng,Tiền mặt,Ngày\n1,Công ty Hải Vân,Gạo,kg,100,,1/8/2021\n\
    2,Lê Thị Đào,Gạo,kg,nhiều,,2/8/2021\n3,Hà Thị Nga,,,,500,40/8/2021\n";

impl TestApp {
    /// Drops the ward's sample list on the page; the status, where it leads, and the page.
    async fn drop_donors(&self, unit: &str) -> (StatusCode, String, String) {
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ung-ho.xlsx")).unwrap();
        self.drop_file_of_donors(Part::bytes(bytes).file_name("ung-ho.xlsx"), unit).await
    }

    /// Drops a list given as text.
    async fn drop_list(&self, list: &str, unit: &str) -> (StatusCode, String, String) {
        self.drop_file_of_donors(Part::bytes(list.as_bytes().to_vec()).file_name("ung-ho.csv"), unit).await
    }

    /// What a point has of all its items.
    async fn all_on_hand(&self, point: &str) -> i64 {
        let stock = self.get(&format!("/api/v1/stock?point_id={point}")).await;
        stock["items"].as_array().unwrap().iter().map(|row| row["on_hand"].as_i64().unwrap()).sum()
    }

    async fn drop_file_of_donors(&self, file: Part, unit: &str) -> (StatusCode, String, String) {
        let form = Form::new().part("file", file).text("unit", unit.to_owned());
        let request = self.request(Method::POST, "/donations/imports", &self.admin).header("accept", "text/html");
        let response = request.multipart(form).send().await.unwrap();
        let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        (response.status(), to, response.text().await.unwrap())
    }
}

on_both! {
    async fn a_list_of_donors_is_dropped_looked_at_and_stored_once(app: TestApp) {
        app.clock.set(lalanh::kernel::Moment::parse("2022-07-01T08:00:00+07:00").unwrap());
        let ward = app.ward().await;
        app.warehouse(&ward, "Kho phường").await;
        let (status, _, page) = app.drop_donors("").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert!(page.contains("Chọn đơn vị của các cột tiền"), "{page}");
        let (status, list, page) = app.drop_donors("đồng").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = app.page(&list).await;
        assert!(page.contains("2.540, 580.450.000 đ") && page.contains("Chưa ghi gì"), "{page}");
        assert!(app.get("/api/v1/donations").await["items"].as_array().unwrap().is_empty());
        let (status, to, page) = app.submit(&format!("{list}/commit"), &[("once", "a")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert!(app.page(&to).await.contains("Xem các khoản đã ghi"));
        let id = list.rsplit('/').next().unwrap();
        assert!(app.page(&format!("/donations?import_id={id}")).await.contains("51 khoản"));
        // The same file again: every row is known, none is stored unless it is chosen.
        let (_, again, _) = app.drop_donors("đồng").await;
        let page = app.page(&again).await;
        assert!(page.contains("Khoản đã ghi") && page.contains("Ghi các khoản ủng hộ (0)"), "{page}");
        let (_, row) = page.split_once("name=\"decide[").unwrap();
        let field = format!("decide[{}", row.split('"').next().unwrap());
        let (status, _, page) = app.submit(&format!("{again}/rows"), &[("status", "duplicate"), (&field, "new")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let (status, _, page) = app.submit(&format!("{again}/commit"), &[("once", "b")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert!(app.page("/donations").await.contains("52 khoản"));
        assert!(app.page("/donations/imports").await.contains("ung-ho.xlsx"));
    }

    async fn a_list_of_donors_is_mended_stored_and_taken_back_by_pages(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho phường").await;
        let (status, list, page) = app.drop_list(LIST, "nghìn đồng").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = app.page(&list).await;
        assert!(page.contains("name=\"fix[1:3].quantity\" value=\"nhiều\"") && page.contains("fix[1:4].date"), "{page}");
        let rows = format!("{list}/rows");
        let mended = [("status", "error"), ("fix[1:3].quantity", "20"), ("fix[1:4].date", "32/8/2021")];
        assert_eq!(app.submit(&rows, &mended).await.0, StatusCode::SEE_OTHER);
        let page = app.page(&list).await;
        assert!(!page.contains("fix[1:3]") && page.contains("name=\"fix[1:4].date\" value=\"32/8/2021\""), "{page}");
        assert_eq!(app.submit(&rows, &[("status", "error"), ("fix[1:4].date", "")]).await.0, StatusCode::SEE_OTHER);
        let page = app.page(&format!("{list}?status=new")).await;
        assert!(page.contains("Ghi các khoản ủng hộ (3)") && page.contains("500.000 đ"), "in thousands still: {page}");
        let (status, to, page) = app.submit(&format!("{list}/commit"), &[("once", "a")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert!(app.page(&to).await.contains("Hoàn tác cả danh sách"));
        assert_eq!(app.all_on_hand(&store).await, 120_000);
        assert!(app.page(&format!("{list}/undo")).await.contains("Hoàn tác cả danh sách này?"));
        assert_eq!(app.all_on_hand(&store).await, 120_000, "asking changes nothing");
        let (status, to, page) = app.submit(&format!("{list}/undo"), &[("once", "")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{list}?done=undone")), "{page}");
        assert_eq!(app.all_on_hand(&store).await, 0);
        assert!(app.get("/api/v1/donations").await["items"].as_array().unwrap().is_empty());
        assert!(app.get("/api/v1/donors").await["items"].as_array().unwrap().is_empty(), "who gave nothing else goes too");
        assert!(app.page("/stock/entries").await.contains("danh sách đã hoàn tác"));
        let mut conn = app.core.db.read().await.unwrap();
        assert!(lalanh::inventory::store::ledger::mismatches(&mut conn).await.unwrap().is_empty(), "the ledger agrees");
        drop(conn);
        let (_, again, _) = app.drop_list(LIST, "nghìn đồng").await;
        assert!(!app.page(&again).await.contains("Tệp này đã được ghi"), "a list that was taken back may come again");
    }

    async fn a_list_whose_goods_moved_on_is_not_taken_back(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho phường").await;
        let (_, list, _) = app.drop_list(LIST, "đồng").await;
        assert_eq!(app.submit(&format!("{list}/commit"), &[("once", "a")]).await.0, StatusCode::SEE_OTHER);
        let page = app.page(&list).await;
        assert!(page.contains("Các dòng lỗi chưa ghi") && page.contains("Lê Thị Đào"), "to be corrected and sent again: {page}");
        let item = text(&app.get(&format!("/api/v1/stock?point_id={store}")).await["items"][0], "item_id");
        let spoiled = json!({ "point_id": store, "reason": "spoiled", "lines": [{ "item_id": item, "quantity": -7_500 }] });
        app.create("/api/v1/stock/adjustments", spoiled).await;
        let ask = app.page(&format!("{list}/undo")).await;
        assert!(ask.contains("Không hoàn tác được") && ask.contains("Gạo: 7,5 kg"), "{ask}");
        let (status, _, page) = app.submit(&format!("{list}/undo"), &[]).await;
        assert!(status == StatusCode::CONFLICT && page.contains("Gạo: 7,5 kg"), "{page}");
        assert_eq!(app.all_on_hand(&store).await, 92_500);
        assert_eq!(app.get("/api/v1/donations").await["items"].as_array().unwrap().len(), 1);
    }

    async fn the_steps_of_a_list_of_donors_are_calls_of_the_api_too(app: TestApp) {
        app.ward().await;
        let (_, list, _) = app.drop_list(LIST, "đồng").await;
        let path = format!("/api/v1{list}");
        let body = json!({ "rows": { "3": { "quantity": "20" } } });
        let (status, rows) = app.send(Method::PATCH, &format!("{path}/rows"), &body).await;
        assert_eq!((status, &rows[0]["status"], &rows[0]["corrected"]), (StatusCode::OK, &json!("new"), &json!(true)), "{rows}");
        let (status, problem) = app.send(Method::PATCH, &format!("{path}/rows"), &json!({ "rows": { "2": { "note": "x" } } })).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")), "{problem}");
        let (status, decided) = app.send(Method::POST, &format!("{path}/decisions"), &json!({ "decisions": { "2": "skip", "4": "skip" } })).await;
        assert_eq!((status, decided), (StatusCode::OK, json!({ "decided": 1, "impossible": 1 })));
        let (status, again) = app.send(Method::PATCH, &path, &json!({})).await;
        assert_eq!((status, &again["totals"]["error"]), (StatusCode::OK, &json!(2)), "what was corrected is forgotten");
        assert_eq!(app.get("/api/v1/donations/imports").await["items"][0]["file_name"], json!("ung-ho.csv"));
        let (status, problem) = app.send(Method::POST, &format!("{path}/undo"), &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_committed")));
        let errors = app.request(Method::GET, &format!("{list}/errors.xlsx"), &app.admin).send().await.unwrap();
        assert!(errors.status().is_success() && !errors.bytes().await.unwrap().is_empty());
    }
}
