//! The pages of a ward's list of donors: the unit is asked for, the preview adds up, the list is stored once.

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};

use crate::on_both;
use crate::support::TestApp;

impl TestApp {
    /// Drops the ward's sample list on the page; the status, where it leads, and the page.
    async fn drop_donors(&self, unit: &str) -> (StatusCode, String, String) {
        let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ung-ho.xlsx")).unwrap();
        let form = Form::new().part("file", Part::bytes(bytes).file_name("ung-ho.xlsx")).text("unit", unit.to_owned());
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
        assert!(page.contains("Nghi trùng: chỉ ghi dòng được chọn") && page.contains("Khoản đã ghi"), "{page}");
        let (_, key) = page.split_once("name=\"store\" value=\"").unwrap();
        let key = key.split('"').next().unwrap().to_owned();
        let (status, _, page) = app.submit(&format!("{again}/commit"), &[("once", "b"), ("store", &key)]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert!(app.page("/donations").await.contains("52 khoản"));
        assert!(app.page("/donations/imports").await.contains("ung-ho.xlsx"));
    }
}
