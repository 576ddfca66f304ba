use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::text;

on_both! {
    async fn points_are_numbered_from_one_in_the_order_they_are_made(app: TestApp) {
        let ward = app.ward().await;
        for expected in 1..=3 {
            let body = json!({ "name": format!("Điểm {expected}"), "kind": "distribution", "area_id": ward });
            let point = app.create("/api/v1/points", body).await;
            assert_eq!(point["number"], expected);
        }
    }

    async fn the_same_create_sent_twice_makes_one_record(app: TestApp) {
        let body = json!({ "name": "Phường Thanh Khê Tây", "kind": "ward" });
        let send = async || {
            let request = app.request(Method::POST, "/api/v1/areas", &app.admin).header("Idempotency-Key", "once");
            let response = request.json(&body).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::CREATED);
            response.json::<serde_json::Value>().await.unwrap()
        };
        let (first, second) = (send().await, send().await);
        assert_eq!(first, second);
        assert_eq!(app.get("/api/v1/areas").await["items"].as_array().unwrap().len(), 1);
        let other = app
            .request(Method::POST, "/api/v1/areas", &app.admin)
            .header("Idempotency-Key", "once")
            .json(&json!({ "name": "Khác", "kind": "ward" }))
            .send()
            .await
            .unwrap();
        assert_eq!(other.status(), StatusCode::CONFLICT);
    }

    async fn an_area_cannot_lie_inside_itself(app: TestApp) {
        let ward = app.ward().await;
        let child = app.create("/api/v1/areas", json!({ "name": "Tổ 1", "kind": "group", "parent_id": ward })).await;
        let change = json!({ "parent_id": text(&child, "id") });
        let (status, problem) = app.send(Method::PATCH, &format!("/api/v1/areas/{ward}"), &change).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "parent_id");
    }

    async fn a_point_in_an_unknown_area_is_refused_with_the_fields_name(app: TestApp) {
        let body = json!({ "name": "Điểm", "kind": "distribution", "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90" });
        let (status, problem) = app.send(Method::POST, "/api/v1/points", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "area_id");
        assert_eq!(problem["errors"][0]["code"], "unknown");
        assert!(app.get("/api/v1/points").await["items"].as_array().unwrap().is_empty());
    }
}
