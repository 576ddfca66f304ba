use std::collections::{HashMap, HashSet};

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fields, reason};
use crate::on_both;
use crate::support::{market_morning, text};

fn households_of(vouchers: &[Value]) -> HashSet<String> {
    vouchers.iter().map(|voucher| text(&voucher["household"], "id")).collect()
}

on_both! {
    async fn every_household_of_an_area_gets_one_voucher_at_its_own_point(app: TestApp) {
        let market = app.market(None).await;
        let here = app.households(&market.areas[0], 3).await;
        let there = app.households(&market.areas[1], 2).await;
        let round = app.round(&market, json!({})).await;
        let answer = app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(answer["issued"], 5);
        assert_eq!(answer["skipped"], json!([]));
        let vouchers = app.vouchers(&round).await;
        let serials: Vec<_> = vouchers.iter().map(|v| v["serial"].as_i64().unwrap()).collect();
        assert_eq!(serials, [1, 2, 3, 4, 5]);
        for voucher in &vouchers {
            let own = if here.contains(&text(&voucher["household"], "id")) { 0 } else { 1 };
            assert_eq!(voucher["point_id"], market.points[own]);
            assert_eq!(voucher["status"], "issued");
            assert_eq!((&voucher["valid_from"], &voucher["valid_until"]), (&json!("2021-08-05"), &json!("2021-08-06")));
        }
        assert_eq!(households_of(&vouchers), here.into_iter().chain(there).collect());
        let typed: HashSet<String> = vouchers.iter().map(|v| text(v, "typed_code")).collect();
        assert_eq!(typed.len(), 5);
    }

    async fn nobody_is_issued_to_by_leaving_everything_out(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        let path = format!("/api/v1/rounds/{round}/vouchers");
        let answer = app.send(Method::POST, &path, &json!({})).await;
        assert_eq!(fields(&answer), [("household_ids".to_owned(), "required".to_owned())]);
        assert!(text(&answer.1["errors"][0], "message").contains("khu vực"), "names the choices: {}", answer.1);
        let unknown = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";
        let answer = app.send(Method::POST, &path, &json!({ "area_ids": [unknown] })).await;
        assert_eq!(fields(&answer), [("area_ids[0]".to_owned(), "unknown".to_owned())]);
        let answer = app.send(Method::POST, &path, &json!({ "area_ids": [market.ward], "point_id": unknown })).await;
        assert_eq!(fields(&answer), [("point_id".to_owned(), "not_in_round".to_owned())]);
        let answer = app.send(Method::POST, &path, &json!({ "area_ids": [market.ward], "units": 256 })).await;
        assert_eq!(fields(&answer), [("units".to_owned(), "out_of_range".to_owned())]);
        let answer = app.send(Method::POST, &path, &json!({ "categories": ["poor", "rich"] })).await;
        assert_eq!(fields(&answer), [("categories[1]".to_owned(), "unknown".to_owned())]);
        assert!(app.vouchers(&round).await.is_empty());
    }

    async fn those_who_get_none_are_told_with_the_reason(app: TestApp) {
        let market = app.market(None).await;
        let ids = app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        let mut tx = app.core.db.begin().await.unwrap();
        tx.sql("update households set status = 'erased' where id = $1")
            .bind(ids[2].parse::<uuid::Uuid>().unwrap())
            .execute()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        app.issue(&round, json!({ "household_ids": [ids[0]] })).await;
        let unknown = "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90";
        let asked = json!([ids[0], ids[1], ids[2], unknown, ids[1]]);
        let answer = app.issue(&round, json!({ "household_ids": asked, "categories": ["poor"] })).await;
        assert_eq!(answer["issued"], 1);
        assert_eq!(answer["skipped"].as_array().unwrap().len(), 3);
        assert_eq!(reason(&answer, &ids[0]), "not_selected");
        assert_eq!(reason(&answer, &ids[2]), "household_inactive");
        assert_eq!(reason(&answer, unknown), "unknown_household");
        let answer = app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!((&answer["issued"], answer["skipped"].as_array().unwrap().len()), (&json!(0), 2));
        assert_eq!(reason(&answer, &ids[0]), "already_has_voucher");
    }

    async fn two_rounds_are_independent_without_an_interval(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        for _ in 0..2 {
            let round = app.round(&market, json!({})).await;
            assert_eq!(app.issue(&round, json!({ "area_ids": [market.ward] })).await["issued"], 2);
            let serials: Vec<_> = app.vouchers(&round).await.iter().map(|v| v["serial"].clone()).collect();
            assert_eq!(serials, [1, 2]);
        }
    }

    async fn a_household_that_received_waits_for_the_campaigns_interval(app: TestApp) {
        let market = app.market(Some(14)).await;
        let ids = app.households(&market.areas[0], 2).await;
        let first = app.round(&market, json!({})).await;
        app.issue(&first, json!({ "household_ids": [ids[0]] })).await;
        app.hand_out(&app.vouchers(&first).await[0], market_morning()).await;
        let too_early = app.round(&market, json!({ "starts_at": "2021-08-18T07:00:00+07:00", "ends_at": "2021-08-18T11:00:00+07:00" })).await;
        let answer = app.issue(&too_early, json!({ "area_ids": [market.ward] })).await;
        assert_eq!((&answer["issued"], reason(&answer, &ids[0]).as_str()), (&json!(1), "too_soon"));
        app.create(&format!("/api/v1/rounds/{too_early}/close"), json!({})).await;
        let after = app.round(&market, json!({ "starts_at": "2021-08-19T07:00:00+07:00", "ends_at": "2021-08-19T11:00:00+07:00" })).await;
        assert_eq!(app.issue(&after, json!({ "area_ids": [market.ward] })).await["issued"], 2);
    }

    async fn a_voucher_of_another_open_round_within_the_interval_counts_too(app: TestApp) {
        let market = app.market(Some(14)).await;
        let ids = app.households(&market.areas[0], 1).await;
        let first = app.round(&market, json!({})).await;
        app.issue(&first, json!({ "area_ids": [market.ward] })).await;
        // The first round's last day is the 6th: the 19th is within 14 days of it, the 20th is not.
        let near = app.round(&market, json!({ "starts_at": "2021-08-19T07:00:00+07:00", "ends_at": "2021-08-19T11:00:00+07:00" })).await;
        let answer = app.issue(&near, json!({ "area_ids": [market.ward] })).await;
        assert_eq!((&answer["issued"], reason(&answer, &ids[0]).as_str()), (&json!(0), "too_soon"));
        let far = app.round(&market, json!({ "starts_at": "2021-08-20T07:00:00+07:00", "ends_at": "2021-08-20T11:00:00+07:00" })).await;
        assert_eq!(app.issue(&far, json!({ "area_ids": [market.ward] })).await["issued"], 1);
    }

    async fn slots_are_filled_in_order_by_neighbours_and_never_beyond_their_capacity(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 9).await;
        let slots = json!({ "slot_minutes": 60, "slot_capacity": 1, "point_ids": [market.points[0]] });
        let round = app.round(&market, slots).await;
        // 4 slots on each of 2 days. The slot of 07:00 has just begun: it is still given out.
        let first = app.issue(&round, json!({ "categories": ["poor"] })).await;
        assert_eq!(first["issued"], 4);
        let answer = app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(answer["issued"], 4);
        let skipped = answer["skipped"].as_array().unwrap();
        assert_eq!(skipped.iter().filter(|skip| skip["reason"] == "no_slot_left").count(), 1);
        let vouchers = app.vouchers(&round).await;
        let mut per_slot: HashMap<String, usize> = HashMap::new();
        for voucher in &vouchers {
            *per_slot.entry(text(voucher, "slot_at")).or_default() += 1;
        }
        assert_eq!(per_slot.len(), 8);
        let addresses: Vec<String> = vouchers.iter().map(|v| text(&v["household"], "address")).collect();
        assert_eq!(addresses[..4], ["2 Trần Cao Vân", "4 Trần Cao Vân", "6 Trần Cao Vân", "8 Trần Cao Vân"]);
        assert!(vouchers[..4].iter().map(|v| text(v, "slot_at")).is_sorted());
        let path = format!("/api/v1/vouchers/{}/void", text(&vouchers[0], "id"));
        app.create(&path, json!({ "reason": "Đã chuyển đi" })).await;
        let again = app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(again["issued"], 1, "a voided voucher frees its place: {again}");
    }

    async fn coordinators_who_issue_at_once_give_each_household_one_voucher_together(app: TestApp) {
        let market = app.market(None).await;
        let ids = app.households(&market.areas[0], 60).await;
        let slots = json!({ "slot_minutes": 60, "slot_capacity": 5, "point_ids": [market.points[0]] });
        let round = app.round(&market, slots).await;
        let body = json!({ "area_ids": [market.ward] });
        let answers = futures_util::future::join_all((0..6).map(|_| app.issue(&round, body.clone()))).await;
        let issued: i64 = answers.iter().map(|answer| answer["issued"].as_i64().unwrap()).sum();
        assert_eq!(issued, 40, "8 slots of 5");
        let vouchers = app.vouchers(&round).await;
        assert_eq!(vouchers.len(), 40);
        assert_eq!(households_of(&vouchers).len(), 40);
        assert!(households_of(&vouchers).iter().all(|id| ids.contains(id)));
        let mut per_slot: HashMap<String, usize> = HashMap::new();
        for voucher in &vouchers {
            *per_slot.entry(text(voucher, "slot_at")).or_default() += 1;
        }
        assert!(per_slot.values().all(|count| *count == 5), "{per_slot:?}");
    }

    async fn a_round_for_any_point_binds_its_vouchers_to_none(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({ "any_point": true, "slot_minutes": 240, "slot_capacity": 1 })).await;
        let answer = app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(answer["issued"], 3, "two points with two slots of one: {answer}");
        assert!(app.vouchers(&round).await.iter().all(|voucher| voucher["point_id"].is_null()));
    }

    async fn stock_that_does_not_suffice_is_told_and_the_vouchers_are_issued(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        let answer = app.issue(&round, json!({ "area_ids": [market.ward], "units": 2 })).await;
        assert_eq!(answer["issued"], 2);
        let expected = json!([{ "code": "stock_short", "point_id": market.points[0], "item_id": market.item,
            "promised": 40_000, "on_hand": 0 }]);
        assert_eq!(answer["warnings"], expected);
    }

    async fn a_local_coordinator_issues_and_sees_only_at_home(app: TestApp) {
        let market = app.market(None).await;
        let here = app.households(&market.areas[0], 2).await;
        let there = app.households(&market.areas[1], 2).await;
        let round = app.round(&market, json!({})).await;
        let area = market.areas[0].parse().unwrap();
        let local = app.login_within("kdc1", Role::Coordinator, Some(area), &[]).await;
        let path = format!("/api/v1/rounds/{round}/vouchers");
        let outside = json!({ "area_ids": [market.ward] });
        assert_eq!(app.send_as(&local, Method::POST, &path, &outside).await.0, StatusCode::FORBIDDEN);
        let both = json!({ "household_ids": [here[0], there[0]] });
        let (status, answer) = app.send_as(&local, Method::POST, &path, &both).await;
        assert_eq!((status, &answer["issued"]), (StatusCode::CREATED, &json!(1)));
        assert_eq!(reason(&answer, &there[0]), "unknown_household");
        app.issue(&round, outside).await;
        let (_, seen) = app.send_as(&local, Method::GET, &path, &json!(null)).await;
        assert_eq!(households_of(seen["items"].as_array().unwrap()), here.into_iter().collect());
    }

    async fn a_repeated_request_with_its_key_issues_once_and_answers_the_same(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        let path = format!("/api/v1/rounds/{round}/vouchers");
        let send = async || {
            let request = app.request(Method::POST, &path, &app.admin).header("Idempotency-Key", "phat-1");
            request.json(&json!({ "area_ids": [market.ward] })).send().await.unwrap().json::<Value>().await.unwrap()
        };
        let (first, second) = (send().await, send().await);
        assert_eq!(first["issued"], 2);
        assert_eq!(first, second);
    }
}
