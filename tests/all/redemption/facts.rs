use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::market::Plan;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn a_clean_offline_upload_is_taken_whole(app: TestApp) {
        let market = app.open_market(Plan { households: 5, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let items: Vec<Value> =
            market.vouchers.iter().zip(1..).map(|(v, n)| app.record(&market.point, &v["code"], n)).collect();
        app.at("2021-08-05T11:00:00+07:00");
        let results = app.deliver(&phone, &items).await;
        assert!(results.iter().all(|result| result["outcome"] == "redeemed"), "{results:?}");
        assert_eq!(app.level(&market.point, &market.rice).await, 50_000);
        assert!(app.get("/api/v1/conflicts").await["items"].as_array().unwrap().is_empty());
        app.books_balance().await;
    }

    async fn an_offline_duplicate_of_an_online_redemption_is_kept_as_a_conflict(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let online = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        let results = app.deliver(&phone, std::slice::from_ref(&record)).await;
        assert_eq!(results[0]["outcome"], "already_redeemed");
        // Both handovers took their goods from the shelf, and both are shown side by side.
        assert_eq!(app.level(&market.point, &market.rice).await, 80_000);
        let conflicts = app.get("/api/v1/conflicts").await;
        let conflict = &conflicts["items"][0];
        assert_eq!(conflict["kind"], "handed_out_twice");
        assert_eq!(conflict["winner"]["nonce"], online["nonce"]);
        assert_eq!(conflict["other"]["nonce"], record["nonce"]);
        assert_eq!(conflict["other"]["device"], "Máy 1");
        let path = format!("/api/v1/conflicts/{}/resolve", text(conflict, "id"));
        let (status, _) = app.send(Method::POST, &path, &json!({ "resolution": "accepted", "reason": "Đã xác minh" })).await;
        assert_eq!(status, StatusCode::OK);
        assert!(app.get("/api/v1/conflicts").await["items"].as_array().unwrap().is_empty());
        let (status, _) = app.send(Method::POST, &path, &json!({ "resolution": "again", "reason": "Đã xác minh" })).await;
        assert_eq!(status, StatusCode::CONFLICT);
        app.books_balance().await;
    }

    async fn of_two_phones_with_one_voucher_the_lease_holder_counts(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (first, _) = app.phone("Máy 1", &[&market.point]).await;
        let (holder, holder_id) = app.phone("Máy 2", &[&market.point]).await;
        let at = |n: usize, sequence: i64| app.record(&market.point, &market.vouchers[n]["code"], sequence);
        // Without a lease the first received counts.
        let (early, late) = (at(0, 1), at(0, 1));
        assert_eq!(app.deliver(&first, std::slice::from_ref(&early)).await[0]["outcome"], "redeemed");
        assert_eq!(app.deliver(&holder, &[late]).await[0]["outcome"], "already_redeemed");
        // With one, its holder does, whoever is received first.
        app.lease(&market.vouchers[1], holder_id, &market.point, 7).await;
        let early = at(1, 2);
        assert_eq!(app.deliver(&first, &[early]).await[0]["flags"], json!(["leased_elsewhere"]));
        let conflicts = app.get("/api/v1/conflicts").await;
        let kinds: Vec<&str> =
            conflicts["items"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["handed_out_twice", "handed_out_against_rule"]);
        assert_eq!(conflicts["items"][0]["winner"]["device"], "Máy 1");
        assert_eq!(app.level(&market.point, &market.rice).await, 70_000);
        app.books_balance().await;
    }

    async fn a_voucher_voided_after_it_was_handed_out_offline_is_kept_and_flagged(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let path = format!("/api/v1/vouchers/{}/void", text(&market.vouchers[0], "id"));
        let (status, _) = app.send(Method::POST, &path, &json!({ "reason": "Chuyển đi nơi khác" })).await;
        assert!(status.is_success());
        let results = app.deliver(&phone, &[record]).await;
        assert_eq!(results[0]["outcome"], "redeemed");
        assert_eq!(results[0]["flags"], json!(["void", "not_leased"]));
        assert_eq!(app.get("/api/v1/conflicts").await["items"][0]["kind"], "handed_out_against_rule");
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000);
    }

    async fn a_malformed_record_is_told_and_the_others_are_taken(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let mut broken = app.record(&market.point, &market.vouchers[1]["code"], 2);
        broken["scanned_at"] = json!("yesterday");
        let items = [app.record(&market.point, &market.vouchers[0]["code"], 1), broken.clone(), json!("nonsense")];
        let results = app.deliver(&phone, &items).await;
        assert_eq!(results[0]["outcome"], "redeemed");
        assert_eq!(results[1]["nonce"], broken["nonce"]);
        assert_eq!(results[1]["error"]["errors"][0]["field"], "scanned_at");
        assert!(results[2]["error"].is_object());
        let stranger = json!({ "nonce": app.clock.uuid(), "code": "x", "point_id": app.clock.uuid(), "scanned_at": app.clock.now() });
        let results = app.deliver(&phone, &[stranger, app.record(&market.point, &market.vouchers[1]["code"], 3)]).await;
        assert_eq!(results[0]["error"]["errors"][0]["field"], "point_id");
        assert_eq!(results[1]["outcome"], "redeemed");
    }

    async fn an_upload_sent_twice_changes_nothing(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let items: Vec<Value> =
            market.vouchers.iter().zip(1..).map(|(v, n)| app.record(&market.point, &v["code"], n)).collect();
        app.deliver(&phone, &items).await;
        let again = app.deliver(&phone, &items).await;
        assert!(again.iter().all(|result| result["replayed"] == true && result["outcome"] == "redeemed"));
        assert_eq!(app.count_scans().await, 3);
        assert_eq!(app.level(&market.point, &market.rice).await, 70_000);
    }

    async fn what_was_refused_online_and_handed_out_all_the_same_is_two_records(app: TestApp) {
        let market = app.open_market(Plan { packages: 0, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let online = json!({
            "nonce": record["nonce"], "code": record["code"], "point_id": record["point_id"], "scanned_at": record["scanned_at"]
        });
        assert_eq!(app.scan_with(&phone, online.clone()).await["outcome"], "out_of_stock");
        for replayed in [false, true] {
            let results = app.deliver(&phone, std::slice::from_ref(&record)).await;
            assert_eq!((&results[0]["outcome"], &results[0]["replayed"]), (&json!("redeemed"), &json!(replayed)));
        }
        assert_eq!(app.count_scans().await, 2);
        // An offline fact may take stock below zero: it shows, and is noted.
        assert_eq!(app.level(&market.point, &market.rice).await, -10_000);
        assert_eq!(app.get("/api/v1/conflicts").await["items"][0]["kind"], "stock_short");
        assert_eq!(app.scan_with(&phone, online).await["outcome"], "out_of_stock");
        app.books_balance().await;
        // Goods that come later settle the debt before anybody else gets any.
        app.stock(&market.area, &market.point, &[(&market.rice, 15_000), (&market.eggs, 30)]).await;
        assert_eq!(app.level(&market.point, &market.rice).await, 5_000);
    }

    async fn records_that_arrive_late_take_their_place_in_the_history(app: TestApp) {
        let market = app.open_market(Plan { units: 3, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let code = &market.vouchers[0]["code"];
        let mut early = app.record(&market.point, code, 1);
        early["scanned_at"] = json!("2021-08-05T07:01:00+07:00");
        let mut late = app.record(&market.point, code, 2);
        late["scanned_at"] = json!("2021-08-05T07:20:00+07:00");
        app.at("2021-08-05T10:00:00+07:00");
        app.deliver(&phone, &[late.clone()]).await;
        app.deliver(&phone, &[early.clone()]).await;
        let history = app.get(&format!("/api/v1/vouchers/{}/scans", text(&market.vouchers[0], "id"))).await;
        let nonces: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|scan| &scan["nonce"]).collect();
        assert_eq!(nonces, [&early["nonce"], &late["nonce"]]);
    }

    async fn a_phone_revoked_between_scan_and_upload_still_delivers_and_is_flagged(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let (status, _) = app.send(Method::POST, &format!("/api/v1/devices/{id}/revoke"), &json!({})).await;
        assert!(status.is_success());
        let results = app.deliver(&phone, &[record]).await;
        assert_eq!(results[0]["outcome"], "redeemed");
        assert_eq!(results[0]["flags"], json!(["device_revoked"]));
        let online = json!({ "point_id": market.point, "code": market.vouchers[1]["code"] });
        assert_eq!(app.try_scan(&phone, online).await.0, StatusCode::UNAUTHORIZED);
    }

    async fn a_phones_wrong_clock_is_shown_and_loses_nothing(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let ahead = json!("2021-08-06T07:00:00+07:00");
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "scanned_at": ahead });
        let online = app.scan_with(&phone, body).await;
        assert_eq!((&online["outcome"], &online["clock_skew_secs"]), (&json!("redeemed"), &json!(86_400)));
        let mut record = app.record(&market.point, &market.vouchers[1]["code"], 1);
        record["scanned_at"] = ahead;
        let results = app.deliver(&phone, &[record]).await;
        assert_eq!((&results[0]["outcome"], &results[0]["flags"]), (&json!("redeemed"), &json!(["not_leased", "clock_skew"])));
    }

    async fn a_paper_list_is_keyed_in_with_an_answer_for_each_code(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let typed = |n: usize| text(&market.vouchers[n], "typed_code");
        app.scan(&market.point, &market.vouchers[2]["code"]).await;
        let codes = json!([typed(0), typed(1).to_lowercase(), typed(0), typed(2), "ZZZZZ-ZZZZZ"]);
        let body = json!({ "point_id": market.point, "codes": codes });
        let answer = app.create("/api/v1/redemptions/roster", body).await;
        let outcomes: Vec<&str> =
            answer["results"].as_array().unwrap().iter().map(|result| result["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["redeemed", "redeemed", "already_redeemed", "already_redeemed", "unknown"]);
        // The line keyed in twice is one handover; the voucher that was also scanned is two, and told.
        assert!(answer["results"][2]["conflict_id"].is_null());
        assert!(answer["results"][3]["conflict_id"].is_string());
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000 - 4 * 10_000);
        app.books_balance().await;
    }

    async fn a_line_keyed_in_again_with_another_time_is_the_same_handover_whatever_came_before_it(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let code = text(&market.vouchers[0], "typed_code");
        app.scan(&market.point, &market.vouchers[0]["code"]).await;
        let first = &app.key_in(&market.point, "2021-08-05T09:00:00+07:00", &[&code, &code]).await;
        assert!(first[0]["conflict_id"].is_string(), "scanned and signed is two handovers, and told: {first:?}");
        assert!(first[1]["conflict_id"].is_null());
        app.deliver(&phone, &[app.record(&market.point, &market.vouchers[0]["code"], 1)]).await;
        let again = &app.key_in(&market.point, "2021-08-05T09:30:00+07:00", &[&code.to_lowercase()]).await[0];
        assert_eq!((&again["outcome"], &again["conflict_id"]), (&json!("already_redeemed"), &Value::Null));
        assert_eq!(app.get("/api/v1/conflicts").await["items"].as_array().unwrap().len(), 2);
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000 - 3 * 10_000);
        app.books_balance().await;
    }

    async fn two_points_lists_tell_two_handovers_and_each_only_once(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let code = text(&market.vouchers[0], "typed_code");
        for (time, told) in [("09:00", true), ("09:30", false)] {
            let at = format!("2021-08-05T{time}:00+07:00");
            let here = &app.key_in(&market.point, &at, &[&code]).await[0];
            assert_eq!(here["outcome"], if told { "redeemed" } else { "already_redeemed" });
            let there = &app.key_in(&market.other_point, &at, &[&code]).await[0];
            assert_eq!((&there["outcome"], there["conflict_id"].is_string()), (&json!("already_redeemed"), told));
        }
        assert_eq!(app.get("/api/v1/conflicts").await["items"].as_array().unwrap().len(), 1);
        app.books_balance().await;
    }

    async fn a_line_that_was_undone_is_a_handover_when_it_is_keyed_in_anew(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let code = text(&market.vouchers[0], "typed_code");
        let wrong = &app.key_in(&market.point, "2021-08-05T09:00:00+07:00", &[&code]).await[0];
        let undo = format!("/api/v1/redemptions/{}/reversal", text(wrong, "nonce"));
        app.create(&undo, json!({ "reason": "Nhập nhầm dòng" })).await;
        app.scan(&market.point, &market.vouchers[0]["code"]).await;
        let signed = &app.key_in(&market.point, "2021-08-05T10:00:00+07:00", &[&code]).await[0];
        assert!(signed["conflict_id"].is_string(), "{signed}");
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000 - 2 * 10_000);
        app.books_balance().await;
    }
}
