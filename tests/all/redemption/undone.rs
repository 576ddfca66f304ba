//! A handover that was undone before its phone heard the answer: it is not green again, and nothing is booked unseen.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    async fn undo(&self, record: &Value) {
        let path = format!("/api/v1/redemptions/{}/reversal", text(record, "nonce"));
        self.create(&path, json!({ "reason": "Người dân báo chưa nhận" })).await;
    }

    /// What a phone asks online with a record's nonce.
    fn asked(record: &Value) -> Value {
        json!({
            "nonce": record["nonce"], "code": record["code"], "point_id": record["point_id"],
            "scanned_at": record["scanned_at"]
        })
    }

    async fn kinds(&self) -> Vec<Value> {
        let conflicts = self.get("/api/v1/conflicts").await;
        conflicts["items"].as_array().unwrap().iter().map(|conflict| conflict["kind"].clone()).collect()
    }

    async fn rice(&self, market: &Market) -> i64 {
        self.books_balance().await;
        self.level(&market.point, &market.rice).await
    }
}

on_both! {
    async fn a_replay_and_a_look_say_that_the_handover_was_undone_since(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let first = app.scan_with(&phone, TestApp::asked(&record)).await;
        assert_eq!((&first["outcome"], &first["reversed_at"]), (&json!("redeemed"), &Value::Null));
        app.at("2021-08-05T07:10:00+07:00");
        app.undo(&record).await;
        let again = app.scan_with(&phone, TestApp::asked(&record)).await;
        assert_eq!((&again["replayed"], &again["reversed_at"]), (&json!(true), &json!("2021-08-05T00:10:00Z")));
        assert!(text(&again, "message").contains("hoàn tác"), "{again}");
        let looked = app.get(&format!("/api/v1/redemptions/{}", text(&record, "nonce"))).await;
        assert_eq!(looked["reversed_at"], "2021-08-05T00:10:00Z");
    }

    async fn a_fact_of_a_handover_that_was_undone_and_given_to_another_is_told_as_twice(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.scan_with(&phone, TestApp::asked(&record)).await;
        app.undo(&record).await;
        let body = json!({ "point_id": market.point, "code": market.vouchers[0]["code"], "override_reason": "Máy 1 mất mạng" });
        assert_eq!(app.scan_with(&app.admin, body).await["outcome"], "redeemed");
        assert_eq!(app.rice(&market).await, 90_000);
        let told = app.deliver(&phone, std::slice::from_ref(&record)).await;
        assert!(told[0]["conflict_id"].is_string(), "{told:?}");
        assert_eq!((app.kinds().await, app.rice(&market).await), (vec![json!("handed_out_twice")], 80_000));
        // Sent again, it is the same fact.
        let again = app.deliver(&phone, std::slice::from_ref(&record)).await;
        assert_eq!((&again[0]["replayed"], &again[0]["reversed_at"]), (&json!(true), &Value::Null));
        assert_eq!((app.kinds().await.len(), app.rice(&market).await), (1, 80_000));
    }

    async fn a_fact_of_a_handover_that_was_undone_is_a_conflict_even_when_nobody_else_was_served(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.scan_with(&phone, TestApp::asked(&record)).await;
        app.undo(&record).await;
        app.deliver(&phone, std::slice::from_ref(&record)).await;
        assert_eq!((app.kinds().await, app.rice(&market).await), (vec![json!("handed_out_after_undo")], 90_000));
        // The voucher is used up now, and the fact can be undone by the phone's own nonce.
        let scan = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        assert_eq!(scan["outcome"], "already_redeemed");
        app.undo(&record).await;
        assert_eq!(app.rice(&market).await, 100_000);
        let path = format!("/api/v1/redemptions/{}/reversal", text(&record, "nonce"));
        let (status, _) = app.send(Method::POST, &path, &json!({ "reason": "Bấm lần nữa" })).await;
        assert_eq!((status, app.rice(&market).await), (StatusCode::OK, 100_000));
    }

    async fn a_fact_of_an_undone_handover_is_kept_even_when_it_says_something_else(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.scan_with(&phone, TestApp::asked(&record)).await;
        record["desk"] = json!("Bàn 7");
        let mismatch = &app.deliver(&phone, std::slice::from_ref(&record)).await[0];
        assert_eq!(mismatch["error"]["code"], "nonce_mismatch");
        app.undo(&record).await;
        let told = app.deliver(&phone, std::slice::from_ref(&record)).await;
        assert!(told[0]["conflict_id"].is_string(), "{told:?}");
        assert_eq!((app.kinds().await, app.rice(&market).await), (vec![json!("handed_out_after_undo")], 90_000));
        assert_eq!(app.deliver(&phone, &[record]).await[0]["replayed"], true);
        assert_eq!((app.kinds().await.len(), app.rice(&market).await), (1, 90_000));
    }

    async fn a_late_copy_of_an_upload_whose_handover_was_undone_afterwards_changes_nothing(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let records = [1, 2].map(|n| app.record(&market.point, &market.vouchers[n - 1]["code"], n as i64));
        // One was asked first and its answer lost, one was made offline.
        app.scan_with(&phone, TestApp::asked(&records[0])).await;
        app.deliver(&phone, &records).await;
        app.undo(&records[0]).await;
        app.undo(&records[1]).await;
        let late = app.deliver(&phone, &records).await;
        assert!(late.iter().all(|told| told["replayed"] == true && told["reversed_at"].is_string()), "{late:?}");
        assert!(app.kinds().await.is_empty());
        assert_eq!(app.rice(&market).await, 100_000);
    }
}
