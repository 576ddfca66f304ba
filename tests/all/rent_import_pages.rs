//! The pages of imported lists of landlords, as a clerk uses them.

use lalanh::people::Role;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::landlords::{REDUCTIONS, list};
use crate::on_both;
use crate::support::{TestApp, text};

/// Right, with a total that is not, and without rooms.
const ROWS: [&str; 3] = [
    "1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,4,900000,50%,7/2021,9/2021,5.400.000",
    "2,Lê Thị Đào,0935258056,K426 Đinh Đạt,7,1,900000,50%,7/2021,7/2021,450.001",
    "3,Hà Thị Nga,0389818706,68 Bàu Trảng,7,,900000,50%,7/2021,7/2021,450.000",
];

impl TestApp {
    /// Drops a list of landlords on the page: the path of its own page.
    async fn dropped_landlords(&self, bytes: Vec<u8>) -> String {
        let part = Part::bytes(bytes).file_name("giam.csv");
        let form = Form::new().text("once", "").text("area_id", "").part("file", part);
        let request = self.request(Method::POST, "/rent/imports", &self.admin).header("accept", "text/html");
        let response = request.multipart(form).send().await.unwrap();
        let to = response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", response.text().await.unwrap());
        to
    }

    async fn rent_counted(&self) -> Value {
        let rent = self.get("/api/v1/reports/summary").await["rent"].clone();
        json!([rent["rooms"], rent["amount"]])
    }

    async fn count_of(&self, table: &'static str) -> i64 {
        let mut conn = self.core.db.read().await.unwrap();
        let query = match table {
            "landlords" => conn.sql("select count(*) from landlords"),
            _ => conn.sql("select count(*) from rooms"),
        };
        let (count,): (i64,) = query.one().await.unwrap();
        count
    }
}

on_both! {
    async fn a_list_of_landlords_is_mended_decided_stored_and_taken_back_by_pages(app: TestApp) {
        let page = app.dropped_landlords(list(&ROWS)).await;
        let preview = app.page(&page).await;
        assert!(preview.contains("fix[1:3].total") && preview.contains("fix[1:4].rooms"), "{preview}");
        let (rows, status) = (format!("{page}/rows"), ("status", "error"));
        let mended = [status, ("fix[1:3].total", "450.000"), ("fix[1:4].rooms", "0")];
        assert_eq!(app.submit(&rows, &mended).await.0, StatusCode::SEE_OTHER);
        let again = app.page(&page).await;
        assert!(!again.contains("fix[1:3].total") && again.contains("name=\"fix[1:4].rooms\" value=\"0\""), "{again}");
        assert_eq!(app.submit(&rows, &[status, ("fix[1:4].rooms", "1")]).await.0, StatusCode::SEE_OTHER);
        let new = app.page(&format!("{page}?status=new")).await;
        assert!(new.contains("(đã sửa)") && new.contains("Ghi vào sổ (3)") && new.contains("6.300.000 đ"), "{new}");
        assert!(!new.contains("0905420430"), "phones are masked");
        let (status, to, _) = app.submit(&rows, &[("status", "new"), ("decide[1:4]", "skip")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{page}?status=new&done=saved")));
        let (status, to, html) = app.submit(&format!("{page}/commit"), &[("once", "x"), ("status", "verified")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{page}?done=imported")), "{html}");
        assert_eq!(app.rent_counted().await, json!([5, 5_850_000]));
        let id = page.rsplit('/').next().unwrap();
        assert!(app.page(&format!("/rent?import_id={id}")).await.contains("2 khoản"));
        assert!(app.page(&format!("{page}/undo")).await.contains("Hoàn tác cả danh sách này?"));
        let (status, to, html) = app.submit(&format!("{page}/undo"), &[("once", "")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{page}?done=undone")), "{html}");
        assert_eq!(app.rent_counted().await, json!([0, 0]));
        assert_eq!((app.count_of("landlords").await, app.count_of("rooms").await), (0, 0), "nothing of it is left");
        assert!(app.page("/rent/imports").await.contains("Đã hoàn tác"));
        let again = app.dropped_landlords(list(&ROWS)).await;
        assert!(!app.page(&again).await.contains("Tệp này đã được ghi"), "a list that was taken back may come again");
    }

    async fn a_list_of_which_a_reduction_was_changed_is_not_taken_back(app: TestApp) {
        let page = app.dropped_landlords(list(&ROWS[..1])).await;
        let stored = [("once", "x"), ("status", "pledged")];
        assert_eq!(app.submit(&format!("{page}/commit"), &stored).await.0, StatusCode::SEE_OTHER);
        let id = text(&app.get(REDUCTIONS).await["items"][0], "id");
        app.clock.set(app.clock.now().plus_secs(60));
        assert_eq!(app.step(&id, "verify", json!({})).await.0, StatusCode::OK);
        let ask = app.page(&format!("{page}/undo")).await;
        assert!(ask.contains("Không hoàn tác được") && ask.contains(&format!("/rent/{id}")), "{ask}");
        let (status, _, html) = app.submit(&format!("{page}/undo"), &[]).await;
        assert!(status == StatusCode::CONFLICT && html.contains("1 khoản đã được xác minh"), "{html}");
        assert_eq!(app.rent_counted().await, json!([4, 5_400_000]));
    }

    async fn what_a_landlord_had_before_a_list_stays_when_the_list_is_taken_back(app: TestApp) {
        let (_, earlier) = app.upload_landlords(&app.admin, list(&ROWS[..1]), None).await;
        app.commit_landlords(&earlier, json!({})).await;
        let later = ["1,Mai Mỹ Trâm,0905420430,K101 Phù Đổng,7,5,900000,30%,10/2021,10/2021,1.350.000"];
        let (_, preview) = app.upload_landlords(&app.admin, list(&later), None).await;
        app.commit_landlords(&preview, json!({})).await;
        assert_eq!(app.count_of("rooms").await, 5);
        let undone = app.create(&format!("{REDUCTIONS}/imports/{}/undo", text(&preview, "id")), json!({})).await;
        assert_eq!(undone, json!({ "removed": 1 }));
        assert_eq!(app.rent_counted().await, json!([4, 5_400_000]));
        assert_eq!((app.count_of("landlords").await, app.count_of("rooms").await), (1, 4));
    }

    async fn columns_of_landlords_are_chosen_by_hand_and_possible_duplicates_decided_in_one_go(app: TestApp) {
        let page = app.dropped_landlords(list(&[ROWS[0], ROWS[0]])).await;
        let (status, to, _) = app.submit(&format!("{page}/decide"), &[("status", "duplicate"), ("decision", "new")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{page}?status=duplicate&done=decided")));
        assert!(app.page(&page).await.contains("Ghi vào sổ (2)"));
        let shown = app.page(&page).await;
        assert!(shown.contains("Đọc lại sẽ bỏ các ô đã sửa"), "{shown}");
        let (status, to, html) = app.submit(&format!("{page}/columns"), &[("sheets[0].columns.phone", "")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{page}?done=reread")), "{html}");
        let again = app.page(&format!("{page}?status=new")).await;
        assert!(!again.contains("•") && again.contains("Ghi vào sổ (1)"), "no phone is read, no decision is left: {again}");
    }

    async fn the_steps_of_a_list_of_landlords_are_calls_of_the_api_too(app: TestApp) {
        let (_, preview) = app.upload_landlords(&app.admin, list(&ROWS), None).await;
        let path = format!("{REDUCTIONS}/imports/{}", text(&preview, "id"));
        let body = json!({ "rows": { "4": { "rooms": "2", "total": null } } });
        let (status, rows) = app.send(Method::PATCH, &format!("{path}/rows"), &body).await;
        assert_eq!((status, &rows[0]["status"], &rows[0]["amount"]), (StatusCode::OK, &json!("new"), &json!(900_000)), "{rows}");
        for body in [json!({ "rows": { "77": {} } }), json!({ "rows": { "3": { "shoe_size": "42" } } })] {
            let (status, problem) = app.send(Method::PATCH, &format!("{path}/rows"), &body).await;
            assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")), "{problem}");
        }
        let body = json!({ "every": { "status": "new", "decision": "skip" } });
        let (status, decided) = app.send(Method::POST, &format!("{path}/decisions"), &body).await;
        assert_eq!((status, decided), (StatusCode::OK, json!({ "decided": 2, "impossible": 0 })));
        let (status, again) = app.send(Method::PATCH, &path, &json!({ "sheets": [] })).await;
        assert_eq!((status, &again["totals"]["error"]), (StatusCode::OK, &json!(2)), "what was corrected is forgotten");
        assert_eq!(app.get(&format!("{REDUCTIONS}/imports")).await["items"][0]["file_name"], json!("giam-tien-tro.xlsx"));
        let head = app.login_within("kdc3", Role::Verifier, Some(app.ward().await.parse().unwrap()), &[]).await;
        assert_eq!(app.send_as(&head, Method::POST, &format!("{path}/undo"), &json!({})).await.0, StatusCode::NOT_FOUND);
    }
}
