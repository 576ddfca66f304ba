use std::time::Duration;

use lalanh::inventory::store::ledger::mismatches;
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::NOBODY;
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// Goods given at a point today.
    pub async fn give(&self, point: &str, item: &str, quantity: i64, expires_on: Option<&str>) -> Value {
        let line =
            json!({ "kind": "goods", "item_id": item, "quantity": quantity, "value": 0, "expires_on": expires_on });
        let donor = json!({ "name": "Chùa Quang Minh", "kind": "organisation" });
        let body = json!({ "donor": donor, "received_on": "2021-08-05", "point_id": point, "lines": [line] });
        self.create("/api/v1/donations", body).await
    }

    /// Moves goods; status and answer.
    pub async fn transfer(&self, from: &str, to: &str, item: &str, quantity: i64) -> (StatusCode, Value) {
        let lines = json!([{ "item_id": item, "quantity": quantity }]);
        let body = json!({ "from_point_id": from, "to_point_id": to, "lines": lines });
        self.send(Method::POST, "/api/v1/stock/transfers", &body).await
    }

    /// Adjusts one item; status and answer.
    pub async fn adjust(&self, point: &str, reason: &str, item: &str, quantity: i64) -> (StatusCode, Value) {
        let lines = json!([{ "item_id": item, "quantity": quantity }]);
        let body = json!({ "point_id": point, "reason": reason, "note": "kiểm kho", "lines": lines });
        self.send(Method::POST, "/api/v1/stock/adjustments", &body).await
    }

    /// What is on hand of an item at a point; `query` is added to the question.
    pub async fn on_hand(&self, point: &str, item: &str, query: &str) -> i64 {
        let stock = self.get(&format!("/api/v1/stock?point_id={point}&item_id={item}{query}")).await;
        stock["items"].as_array().unwrap().iter().map(|row| row["on_hand"].as_i64().unwrap()).sum()
    }

    /// Panics where a level is not the ledger's sum.
    pub async fn assert_ledger_agrees(&self) {
        assert_eq!(mismatches(&mut self.core.db.read().await.unwrap()).await.unwrap(), []);
    }
}

on_both! {
    async fn twelve_equal_creates_at_one_moment_move_goods_once_and_all_get_the_one_answer(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let rice = app.item("Gạo", "kg", 3).await;
        app.give(&store, &rice, 12_000, None).await;
        let lines = json!([{ "item_id": rice, "quantity": 1000 }]);
        let body = json!({ "from_point_id": store, "to_point_id": point, "lines": lines });
        let send = || async {
            let request = app.request(Method::POST, "/api/v1/stock/transfers", &app.admin);
            let response = request.header("Idempotency-Key", "chuyen-1").json(&body).send().await.unwrap();
            (response.status(), response.json::<Value>().await.unwrap())
        };
        let answers = futures_util::future::join_all((0..12).map(|_| send())).await;
        assert_eq!(answers[0].0, StatusCode::CREATED, "{}", answers[0].1);
        assert_eq!(answers[0].1["number"], 1);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!((app.on_hand(&store, &rice, "").await, app.on_hand(&point, &rice, "").await), (11_000, 1000));
        assert_eq!(app.get("/api/v1/stock/transfers").await["items"], json!([answers[0].1]));
        app.assert_ledger_agrees().await;
    }

    async fn a_transfer_moves_goods_that_expire_first_and_keeps_their_day(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let greens = app.item("Rau xanh", "kg", 3).await;
        app.give(&store, &greens, 3000, Some("2021-08-09")).await;
        app.give(&store, &greens, 2000, Some("2021-08-06")).await;
        let (status, transfer) = app.transfer(&store, &point, &greens, 2500).await;
        assert_eq!(status, StatusCode::CREATED, "{transfer}");
        assert_eq!(transfer["number"], 1);
        let lines: Vec<_> = transfer["lines"].as_array().unwrap().iter().map(|l| (text(l, "expires_on"), l["quantity"].clone())).collect();
        assert_eq!(lines, [("2021-08-06".to_owned(), json!(2000)), ("2021-08-09".to_owned(), json!(500))]);
        assert_eq!((app.on_hand(&store, &greens, "").await, app.on_hand(&point, &greens, "").await), (2500, 2500));
        let lots = app.get(&format!("/api/v1/stock/lots?point_id={point}&expiring_before=2021-08-07")).await;
        assert_eq!(lots["items"][0]["quantity"], 2000);
        assert_eq!(lots["items"].as_array().unwrap().len(), 1);
        app.assert_ledger_agrees().await;
    }

    async fn a_transfer_larger_than_the_stock_says_what_is_there_and_moves_nothing(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let (rice, oil) = (app.item("Gạo", "kg", 3).await, app.item("Dầu ăn", "chai", 0).await);
        app.give(&store, &rice, 10_500, None).await;
        app.give(&store, &oil, 5, None).await;
        let lines = json!([{ "item_id": oil, "quantity": 5 }, { "item_id": rice, "quantity": 12_000 }]);
        let body = json!({ "from_point_id": store, "to_point_id": point, "lines": lines });
        let (status, problem) = app.send(Method::POST, "/api/v1/stock/transfers", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
        assert_eq!(problem["errors"][0]["field"], "lines[1].quantity");
        let message = text(&problem["errors"][0], "message");
        assert!(message.contains("Gạo") && message.contains("12 kg") && message.contains("10,5 kg"), "{message}");
        assert_eq!((app.on_hand(&store, &oil, "").await, app.on_hand(&point, &oil, "").await), (5, 0));
        assert_eq!(app.transfer(&store, &store, &rice, 1).await.1["errors"][0]["field"], "to_point_id");
        assert_eq!(app.transfer(&store, NOBODY, &rice, 1).await.1["errors"][0]["field"], "to_point_id");
        assert_eq!(app.transfer(&store, &point, NOBODY, 1).await.1["errors"][0]["field"], "lines[0].item_id");
        app.assert_ledger_agrees().await;
    }

    async fn expired_goods_stay_until_they_are_written_off(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let greens = app.item("Rau xanh", "kg", 3).await;
        app.give(&store, &greens, 1000, Some("2021-08-06")).await;
        app.give(&store, &greens, 1000, Some("2021-08-20")).await;
        app.clock.set(app.clock.now().plus_secs(2 * 86_400));
        assert_eq!(app.transfer(&store, &point, &greens, 1001).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        let (status, adjustment) = app.adjust(&store, "spoiled", &greens, -1000).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(adjustment["lines"][0]["expires_on"], "2021-08-06");
        assert_eq!(app.transfer(&store, &point, &greens, 1000).await.0, StatusCode::CREATED);
        assert_eq!(app.adjust(&store, "spoiled", &greens, -1).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(app.adjust(&store, "counted", &greens, 7).await.0, StatusCode::CREATED);
        assert_eq!(app.adjust(&store, "counted", &greens, 0).await.1["errors"][0]["field"], "lines[0].quantity");
        assert_eq!(app.on_hand(&store, &greens, "").await, 7);
        assert_eq!(app.get("/api/v1/stock/adjustments").await["items"].as_array().unwrap().len(), 2);
        app.assert_ledger_agrees().await;
    }

    async fn stock_can_be_seen_as_it_was_at_any_past_moment(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho").await;
        let rice = app.item("Gạo", "kg", 3).await;
        app.give(&store, &rice, 5000, None).await;
        let noon = app.clock.now();
        app.clock.set(noon.plus_secs(86_400));
        app.adjust(&store, "lost", &rice, -1500).await;
        // Typed in today, received three days before the market.
        let line = json!({ "kind": "goods", "item_id": rice, "quantity": 40, "value": 0 });
        let donor = json!({ "name": "Bà Năm", "kind": "person" });
        app.create("/api/v1/donations", json!({ "donor": donor, "received_on": "2021-08-02", "lines": [line] })).await;
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-01").await, 0);
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-02").await, 40);
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-05").await, 5040);
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-05T07:00:00%2B07:00").await, 5040);
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-05T06:59:59%2B07:00").await, 40);
        assert_eq!(app.on_hand(&store, &rice, "&at=2021-08-06").await, 3540);
        assert_eq!(app.on_hand(&store, &rice, "").await, 3540);
    }

    async fn of_twenty_who_take_the_last_ten_at_once_ten_get_one(app: TestApp) {
        let ward = app.ward().await;
        let (store, point) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let eggs = app.item("Trứng gà", "quả", 0).await;
        app.give(&store, &eggs, 4, Some("2021-08-20")).await;
        app.give(&store, &eggs, 6, Some("2021-08-30")).await;
        let tries = (0..20).map(|_| app.transfer(&store, &point, &eggs, 1));
        let answers = tokio::time::timeout(Duration::from_secs(60), futures_util::future::join_all(tries)).await.unwrap();
        let done = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
        let short = answers.iter().filter(|(status, _)| *status == StatusCode::UNPROCESSABLE_ENTITY).count();
        assert_eq!((done, short), (10, 10));
        assert_eq!((app.on_hand(&store, &eggs, "").await, app.on_hand(&point, &eggs, "").await), (0, 10));
        app.assert_ledger_agrees().await;
    }

    async fn goods_moved_both_ways_at_once_never_wait_for_each_other_forever(app: TestApp) {
        let ward = app.ward().await;
        let (a, b) = (app.warehouse(&ward, "Kho A").await, app.warehouse(&ward, "Kho B").await);
        let (rice, oil) = (app.item("Gạo", "kg", 3).await, app.item("Dầu", "chai", 0).await);
        for point in [&a, &b] {
            app.give(point, &rice, 1000, None).await;
            app.give(point, &oil, 1000, Some("2021-09-01")).await;
        }
        let lines = |x: &str, y: &str| json!([{ "item_id": x, "quantity": 3 }, { "item_id": y, "quantity": 3 }]);
        let bodies = (0..16).map(|i| match i % 2 {
            0 => json!({ "from_point_id": a, "to_point_id": b, "lines": lines(&rice, &oil) }),
            _ => json!({ "from_point_id": b, "to_point_id": a, "lines": lines(&oil, &rice) }),
        });
        futures_util::future::join_all(bodies.map(|body| app.create("/api/v1/stock/transfers", body))).await;
        assert_eq!((app.on_hand(&a, &rice, "").await, app.on_hand(&b, &oil, "").await), (1000, 1000));
        app.assert_ledger_agrees().await;
    }

    async fn the_stock_tells_how_many_packages_it_still_makes(app: TestApp) {
        let ward = app.ward().await;
        let store = app.warehouse(&ward, "Kho").await;
        let (rice, eggs) = (app.item("Gạo", "kg", 3).await, app.item("Trứng gà", "quả", 0).await);
        let package = app.package("Suất", &[(&rice, 10_000), (&eggs, 10)], 250_000).await;
        app.give(&store, &rice, 100_000, None).await;
        app.give(&store, &eggs, 45, None).await;
        let answer = app.get(&format!("/api/v1/packages/{package}/possible?point_id={store}")).await;
        assert_eq!((&answer["items"][0]["possible"], &answer["items"][0]["scarcest_item_id"]), (&json!(4), &json!(eggs)));
    }

    async fn a_login_of_another_area_sees_and_moves_nothing_here(app: TestApp) {
        let ward = app.ward().await;
        let elsewhere = app.create("/api/v1/areas", json!({ "name": "Tổ 9", "kind": "group" })).await;
        let (a, b) = (app.warehouse(&ward, "Kho").await, app.point(&ward, "Điểm").await);
        let rice = app.item("Gạo", "kg", 3).await;
        app.give(&a, &rice, 1000, None).await;
        let keeper = app.login_within("thu-kho-9", Role::Storekeeper, text(&elsewhere, "id").parse().ok(), &[]).await;
        let body = json!({ "from_point_id": a, "to_point_id": b, "lines": [{ "item_id": rice, "quantity": 1 }] });
        assert_eq!(app.send_as(&keeper, Method::POST, "/api/v1/stock/transfers", &body).await.0, StatusCode::FORBIDDEN);
        for path in ["/api/v1/stock", "/api/v1/stock/lots", "/api/v1/stock/entries", "/api/v1/donations"] {
            let (status, answer) = app.send_as(&keeper, Method::GET, path, &Value::Null).await;
            assert_eq!((status, answer["items"].as_array().unwrap().len()), (StatusCode::OK, 0), "{path}");
        }
    }
}
