use futures_util::future::join_all;
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fields, round_body};
use crate::on_both;
use crate::support::text;

on_both! {
    async fn a_round_has_a_number_and_is_as_it_was_made(app: TestApp) {
        let market = app.market(None).await;
        for number in 1..=2 {
            let slots = json!({ "slot_minutes": 20, "slot_capacity": 15, "offline": "amber" });
            let round = app.create("/api/v1/rounds", round_body(&market, slots)).await;
            assert_eq!(round["number"], number);
            assert_eq!(round["status"], "open");
            assert_eq!(round["point_ids"], json!(market.points));
            assert_eq!((&round["enforce_slots"], &round["any_point"]), (&json!(false), &json!(false)));
            assert_eq!(round["offline"], "amber");
            assert_eq!(app.get(&format!("/api/v1/rounds/{}", text(&round, "id"))).await, round);
        }
        assert_eq!(app.get("/api/v1/rounds").await["items"].as_array().unwrap().len(), 2);
    }

    async fn rounds_made_at_the_same_instant_each_get_a_number(app: TestApp) {
        let market = app.market(None).await;
        let made = join_all((0..8).map(|_| app.create("/api/v1/rounds", round_body(&market, json!({}))))).await;
        let mut numbers: Vec<i64> = made.iter().map(|round| round["number"].as_i64().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    async fn what_is_wrong_with_a_round_is_said_field_by_field(app: TestApp) {
        let market = app.market(None).await;
        let warehouse = app.warehouse(&market.ward, "Kho phường").await;
        let unknown = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";
        let wrong: Vec<(Value, &str, &str)> = vec![
            (json!({ "ends_at": "2021-08-05T06:00:00+07:00" }), "ends_at", "before_start"),
            (json!({ "campaign_id": unknown }), "campaign_id", "unknown"),
            (json!({ "package_id": unknown }), "package_id", "unknown"),
            (json!({ "point_ids": [] }), "point_ids", "required"),
            (json!({ "point_ids": [market.points[0], unknown] }), "point_ids[1]", "unknown"),
            (json!({ "point_ids": [warehouse] }), "point_ids[0]", "not_a_distribution_point"),
            (json!({ "slot_minutes": 20 }), "slot_capacity", "required"),
            (json!({ "slot_capacity": 20 }), "slot_minutes", "required"),
            (json!({ "slot_minutes": 0, "slot_capacity": 5 }), "slot_minutes", "out_of_range"),
            (json!({ "slot_minutes": 300, "slot_capacity": 5 }), "slot_minutes", "longer_than_round"),
            (json!({ "enforce_slots": true }), "enforce_slots", "needs_slots"),
            (json!({ "starts_at": "2021-06-30T07:00:00+07:00" }), "starts_at", "outside_campaign"),
            (json!({ "ends_at": "2022-01-01T07:00:00+07:00" }), "ends_at", "outside_campaign"),
            (json!({ "offline": "green" }), "offline", "unknown_value"),
            (json!({ "name": "" }), "name", "out_of_range"),
        ];
        for (change, field, code) in wrong {
            let answer = app.send(Method::POST, "/api/v1/rounds", &round_body(&market, change.clone())).await;
            let found = fields(&answer);
            assert!(found.contains(&(field.to_owned(), code.to_owned())), "{change}: {found:?}");
        }
        assert_eq!(app.get("/api/v1/rounds").await["items"], json!([]));
    }

    async fn a_round_may_end_at_the_midnight_that_ends_the_campaigns_last_day(app: TestApp) {
        let market = app.market(None).await;
        app.round(&market, json!({ "ends_at": "2022-01-01T00:00:00+07:00" })).await;
    }

    async fn a_round_is_paused_resumed_and_closed_for_good(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        let path = |action: &str| format!("/api/v1/rounds/{round}/{action}");
        for (action, status) in [("pause", "paused"), ("pause", "paused"), ("resume", "open"), ("close", "closed")] {
            assert_eq!(app.create(&path(action), json!({})).await["status"], status);
        }
        assert_eq!(app.send(Method::POST, &path("resume"), &json!({})).await.0, StatusCode::CONFLICT);
        let (status, problem) =
            app.send(Method::POST, &path("vouchers"), &json!({ "area_ids": [market.ward] })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("round_closed")));
    }

    async fn only_coordinators_make_rounds_and_only_at_their_own_places(app: TestApp) {
        let market = app.market(None).await;
        let auditor = app.login("giamsat", Role::Auditor).await;
        let body = round_body(&market, json!({}));
        assert_eq!(app.send_as(&auditor, Method::POST, "/api/v1/rounds", &body).await.0, StatusCode::FORBIDDEN);
        let area = market.areas[0].parse().unwrap();
        let local = app.login_within("kdc1", Role::Coordinator, Some(area), &[]).await;
        assert_eq!(app.send_as(&local, Method::POST, "/api/v1/rounds", &body).await.0, StatusCode::FORBIDDEN);
        let own = round_body(&market, json!({ "point_ids": [market.points[0]] }));
        assert_eq!(app.send_as(&local, Method::POST, "/api/v1/rounds", &own).await.0, StatusCode::CREATED);
    }
}
