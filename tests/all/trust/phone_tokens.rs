//! A phone's token moves on while it is in use.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::TestApp;

const NEXT: &str = "lalanh-next-token";
const DAY_SECS: i64 = 86_400;

impl TestApp {
    /// A call that the phone makes anyway: status, answer, next token.
    async fn called(&self, token: &str) -> (StatusCode, Value, Option<String>) {
        let response = self.request(Method::GET, "/api/v1/devices/me", token).send().await.unwrap();
        let next = response.headers().get(NEXT).map(|value| value.to_str().unwrap().to_owned());
        (response.status(), response.json().await.unwrap(), next)
    }

    /// The next token, once it is told: whatever another test makes this process forget, the next call tells it.
    async fn next_of(&self, token: &str) -> String {
        for _ in 0..50 {
            if let (StatusCode::OK, _, Some(next)) = self.called(token).await {
                return next;
            }
        }
        panic!("no next token was told");
    }

    async fn days_later(&self, days: i64) {
        self.clock.set(self.clock.now().plus_secs(days * DAY_SECS));
    }
}

on_both! {
    async fn a_token_that_is_a_day_old_is_followed_and_ends_once_the_next_was_used(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let (first, id) = app.phone("Máy 1", &[&point]).await;
        assert_eq!(app.called(&first).await.2, None, "a fresh token is not followed");
        app.days_later(1).await;
        let second = app.next_of(&first).await;
        assert_ne!(second, first);
        assert_eq!(app.next_of(&first).await, second, "a lost answer, another tab: the same one again");
        assert_eq!(app.called(&first).await.0, StatusCode::OK, "good until the next one was used");
        let (status, me, next) = app.called(&second).await;
        assert_eq!((status, &me["id"], next), (StatusCode::OK, &json!(id), None));
        let (status, answer, _) = app.called(&first).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!("token_ended")));
        assert_eq!(app.called(&first).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(app.called(&second).await.0, StatusCode::OK, "the phone is not locked");
        let log = app.get(&format!("/api/v1/audit?record_id={id}&action=token_reused")).await;
        let entries = log["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "told once: {log}");
        assert!(app.page("/audit").await.contains("Mã truy cập cũ của máy bị dùng lại"));
        app.days_later(1).await;
        assert_ne!(app.next_of(&second).await, second);
    }

    async fn a_phone_that_was_away_for_weeks_loses_nothing(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (token, _) = app.phone("Máy 1", &[&market.point]).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.days_later(40).await;
        let results = app.deliver(&token, std::slice::from_ref(&record)).await;
        assert_eq!(results[0]["outcome"], "redeemed", "{results:?}");
        // It never took the next one up, and goes on with the one it has.
        app.next_of(&token).await;
        app.days_later(40).await;
        let results = app.deliver(&token, &[record]).await;
        assert_eq!((&results[0]["outcome"], &results[0]["replayed"]), (&json!("redeemed"), &json!(true)));
    }

    async fn a_revoked_phone_with_either_token_still_tells_what_it_handed_out(app: TestApp) {
        let market = app.open_market(Plan { households: 1, ..Plan::default() }).await;
        let (first, id) = app.phone("Máy 1", &[&market.point]).await;
        app.lease(&market.vouchers[0], id, &market.point, 1).await;
        let record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        app.days_later(1).await;
        let second = app.next_of(&first).await;
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let (status, answer, next) = app.called(&first).await;
        assert_eq!((status, &answer["code"], next), (StatusCode::UNAUTHORIZED, &json!("device_revoked"), None));
        let results = app.deliver(&second, &[record]).await;
        assert_eq!(results[0]["outcome"], "redeemed", "{results:?}");
    }

    async fn many_calls_at_one_moment_with_the_next_token_move_on_once(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let (first, _) = app.phone("Máy 1", &[&point]).await;
        app.days_later(1).await;
        let second = app.next_of(&first).await;
        let calls = (0..12).map(|_| app.called(&second));
        assert!(futures_util::future::join_all(calls).await.iter().all(|(status, ..)| *status == StatusCode::OK));
        let mut conn = app.core.db.read().await.unwrap();
        let (ended,): (i64,) = conn.sql("select count(*) from ended_device_tokens").one().await.unwrap();
        assert_eq!(ended, 1);
    }
}
