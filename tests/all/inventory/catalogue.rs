use reqwest::{Method, StatusCode};
use serde_json::json;

use super::NOBODY;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn packages_are_numbered_from_one_and_show_what_is_in_them(app: TestApp) {
        let rice = app.item("Gạo", "kg", 3).await;
        let eggs = app.item("Trứng gà", "quả", 0).await;
        for number in 1..=2 {
            let items = json!([{ "item_id": rice, "quantity": 10_000 }, { "item_id": eggs, "quantity": 10 }]);
            let package = app.create("/api/v1/packages", json!({ "name": "Suất", "value": 250_000, "items": items })).await;
            assert_eq!(package["number"], number);
            assert_eq!(package["items"][0]["name"], "Gạo");
            let path = format!("/api/v1/packages/{}", text(&package, "id"));
            assert_eq!(app.get(&path).await, package);
        }
        assert_eq!(app.get("/api/v1/packages").await["items"].as_array().unwrap().len(), 2);
    }

    async fn packages_made_at_the_same_moment_all_get_their_own_number(app: TestApp) {
        let rice = app.item("Gạo", "kg", 3).await;
        let body = json!({ "name": "Suất", "value": 1, "items": [{ "item_id": rice, "quantity": 1 }] });
        let made = futures_util::future::join_all((0..12).map(|_| app.create("/api/v1/packages", body.clone()))).await;
        let mut numbers: Vec<i64> = made.iter().map(|package| package["number"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    }

    async fn a_package_of_nothing_or_of_an_unknown_or_repeated_item_is_refused(app: TestApp) {
        let rice = app.item("Gạo", "kg", 3).await;
        let line = |id: &str| json!({ "item_id": id, "quantity": 5 });
        for (items, field, code) in [
            (json!([]), "items", "out_of_range"),
            (json!([line(&rice), line(NOBODY)]), "items[1].item_id", "unknown"),
            (json!([line(&rice), line(&rice)]), "items[1].item_id", "repeated"),
            (json!([{ "item_id": rice, "quantity": 0 }]), "items[0].quantity", "out_of_range"),
        ] {
            let body = json!({ "name": "Suất", "value": 1, "items": items });
            let (status, problem) = app.send(Method::POST, "/api/v1/packages", &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!((problem["errors"][0]["field"].as_str(), problem["errors"][0]["code"].as_str()), (Some(field), Some(code)));
        }
        assert!(app.get("/api/v1/packages").await["items"].as_array().unwrap().is_empty());
    }

    async fn the_same_item_written_otherwise_is_told_with_the_known_ones_id(app: TestApp) {
        let oil = app.item("Dầu ăn", "chai", 0).await;
        let body = json!({ "name": "DẦU  ĂN", "unit": "Chai" });
        let (status, problem) = app.send(Method::POST, "/api/v1/items", &body).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(text(&problem, "detail").contains(&oil));
        app.item("Dầu ăn", "lít", 3).await;
    }

    async fn a_campaign_that_ends_before_it_starts_is_refused(app: TestApp) {
        let body = json!({ "name": "San sẻ", "starts_on": "2021-08-05", "ends_on": "2021-08-04" });
        let (status, problem) = app.send(Method::POST, "/api/v1/campaigns", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "ends_on");
        let body = json!({ "name": "San sẻ", "starts_on": "2021-08-05", "ends_on": "2021-08-05", "interval_days": 14 });
        let campaign = app.create("/api/v1/campaigns", body).await;
        assert_eq!(app.get(&format!("/api/v1/campaigns/{}", text(&campaign, "id"))).await, campaign);
    }
}
