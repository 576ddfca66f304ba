//! Erasing on purpose what is in use, what was erased, what somebody else looks after.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::traces::HOA;
use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::text;

on_both! {
    async fn erasing_twice_gives_the_same_answer_and_one_entry(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "head_name": HOA })).await;
        let (first, second) = (app.erase("households", &id, json!({})).await, app.erase("households", &id, json!({})).await);
        assert_eq!(first, second);
        assert_eq!(app.audited("erase").await, 1);
        let wrong = app.send(Method::POST, &format!("/api/v1/households/{id}/erase"), &json!({ "reason": "x" })).await;
        assert_eq!((wrong.0, &wrong.1["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason")));
    }

    async fn an_erased_household_is_merged_with_nobody(app: TestApp) {
        let ward = app.ward().await;
        let erased = app.household(&ward, json!({})).await;
        let change = json!({ "head_name": "Lê Văn Tám", "phone": null, "citizen_id": null, "address": "5 Hà Khê" });
        let other = app.household(&ward, change).await;
        app.erase("households", &erased, json!({})).await;
        for (id, into) in [(&erased, &other), (&other, &erased)] {
            let body = json!({ "into_id": into, "reason": "một hộ" });
            let (status, problem) = app.send(Method::POST, &format!("/api/v1/households/{id}/merge"), &body).await;
            assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_active")), "{problem}");
        }
        assert_eq!(app.get(&format!("/api/v1/households/{other}")).await["head_name"], "Lê Văn Tám");
    }

    async fn a_household_whose_voucher_a_phone_holds_is_erased_and_the_phone_may_still_hand_out(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (token, device) = app.phone("Máy 1", &[&market.point]).await;
        app.lease(&market.vouchers[0], device, &market.point, 7).await;
        let household = text(&market.vouchers[0]["household"], "id");
        app.erase("households", &household, json!({})).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["lease_epoch"] = json!(7);
        record["previous_hash"] = json!("0".repeat(64));
        record["collector"] = json!({ "name": "Thái Hữu Sơn 0", "relation": "con" });
        let results = app.deliver(&token, &[record]).await;
        assert_eq!(results[0]["outcome"], "redeemed", "{results:?}");
        app.books_balance().await;
    }

    async fn an_unresolved_conflict_of_an_erased_household_can_still_be_settled(app: TestApp) {
        let market = app.open_market(Plan { packages: 20, ..Plan::default() }).await;
        let (first, _) = app.phone("Máy 1", &[&market.point]).await;
        let (second, _) = app.phone("Máy 2", &[&market.point]).await;
        for token in [&first, &second] {
            let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
            record["previous_hash"] = json!("0".repeat(64));
            record["collector"] = json!({ "name": "Thái Hữu Sơn 0", "relation": "chính chủ" });
            app.deliver(token, &[record]).await;
        }
        let conflicts = app.get("/api/v1/conflicts").await["items"].as_array().unwrap().clone();
        let twice = conflicts.iter().find(|conflict| conflict["kind"] == "handed_out_twice").unwrap().clone();
        let figures = app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await;
        app.erase("households", &text(&market.vouchers[0]["household"], "id"), json!({})).await;
        assert_eq!(app.get("/api/v1/reports/summary?from=2021-08-01&to=2021-08-31").await, figures);
        let left = app.get("/api/v1/conflicts").await.to_string();
        assert!(left.contains(&text(&twice, "id")) && !left.contains("Thái Hữu Sơn"), "{left}");
        let settle = json!({ "resolution": "accepted", "reason": "đã hỏi hai bàn" });
        let path = format!("/api/v1/conflicts/{}/resolve", text(&twice, "id"));
        assert!(app.send(Method::POST, &path, &settle).await.0.is_success());
    }

    async fn only_who_answers_for_a_person_erases_and_is_told(app: TestApp) {
        let ward = app.ward().await;
        let other = text(&app.create("/api/v1/areas", json!({ "name": "Khu 2", "kind": "neighbourhood", "parent_id": ward })).await, "id");
        let here = text(&app.create("/api/v1/areas", json!({ "name": "Khu 1", "kind": "neighbourhood", "parent_id": ward })).await, "id");
        let id = app.household(&here, json!({ "head_name": HOA })).await;
        let confined = app.login_within("khu2", Role::Coordinator, Some(other.parse().unwrap()), &[]).await;
        for (method, path) in [(Method::POST, "erase"), (Method::GET, "export")] {
            let path = format!("/api/v1/households/{id}/{path}");
            let (status, _) = app.send_as(&confined, method.clone(), &path, &json!({})).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "a clerk of another area is told of nobody");
            for role in [Role::Verifier, Role::Volunteer, Role::Storekeeper, Role::Auditor] {
                let token = app.login_within(&format!("{role}-{method}").to_lowercase(), role, None, &[]).await;
                let (status, _) = app.send_as(&token, method.clone(), &path, &json!({})).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{role}");
            }
        }
        let donor = json!({ "donor": { "name": "Ông Ba", "kind": "person" }, "received_on": "2021-08-01",
            "lines": [{ "kind": "cash", "amount": 1_000 }] });
        let donor = text(&app.create("/api/v1/donations", donor).await["donor"], "id");
        let (status, _) = app.send_as(&confined, Method::POST, &format!("/api/v1/donors/{donor}/erase"), &json!({})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "donors belong to the ward as a whole");
        assert_eq!(app.get(&format!("/api/v1/households/{id}")).await["head_name"], HOA);
        let mine = app.login_within("khu1", Role::Coordinator, Some(here.parse().unwrap()), &[]).await;
        let (status, _) = app.send_as(&mine, Method::POST, &format!("/api/v1/households/{id}/erase"), &json!({})).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn the_page_says_that_there_is_no_way_back_and_asks_for_a_tick(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "head_name": HOA })).await;
        let path = format!("/households/{id}/erase");
        let ask = app.page(&path).await;
        assert!(ask.contains("không lấy lại được") && ask.contains(HOA) && !ask.contains("checked"), "{ask}");
        let (status, _, again) = app.submit(&path, &[("reason", "theo đơn")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.contains("Đánh dấu vào ô này") && again.contains("theo đơn"), "what was typed stays: {again}");
        assert_eq!(app.get(&format!("/api/v1/households/{id}")).await["head_name"], HOA);
        let (status, to, _) = app.submit(&path, &[("reason", "theo đơn"), ("sure", "yes")]).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/households/{id}?done=erased")));
        let (status, _) = app.page_as(&app.admin, &path).await;
        assert_eq!(status, StatusCode::CONFLICT, "there is nothing left to ask about");
        let (status, _, _) = app.submit(&path, &[("sure", "yes")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "sent again it is the same");
    }
}
