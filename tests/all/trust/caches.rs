//! What is kept in memory is right, and spares the database.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::{TestApp, text};

/// Visitors at one moment.
const VISITORS: usize = 60;

impl TestApp {
    async fn published(&self) -> Value {
        let response = self.client.get(format!("{}/api/v1/public/summary", self.base)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["cache-control"], "public, max-age=15");
        response.json().await.unwrap()
    }

    async fn publish(&self, enabled: bool) {
        let (status, _) = self.send(Method::PUT, "/api/v1/public/settings", &json!({ "enabled": enabled })).await;
        assert_eq!(status, StatusCode::OK);
    }
}

on_both! {
    async fn many_visitors_at_one_moment_cost_one_computation(app: TestApp) {
        app.open_market(Plan { households: 3, ..Plan::default() }).await;
        app.publish(true).await;
        let before = app.core.db.statements();
        app.published().await;
        let one = app.core.db.statements() - before;
        app.clock.set(app.clock.now().plus_secs(31));
        let before = app.core.db.statements();
        let visits = (0..VISITORS).map(|_| app.published());
        futures_util::future::join_all(visits).await;
        let all = app.core.db.statements() - before;
        // One computes; each of the others asks only whether something was logged since.
        let most = one + u64::try_from(VISITORS).unwrap();
        assert!(all <= most, "{VISITORS} visits took {all} statements, one takes {one}");
    }

    async fn published_figures_follow_handovers_within_half_a_minute_and_corrections_at_once(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        assert_eq!(app.published().await, json!({ "published": false }));
        app.publish(true).await;
        let handed_out = |figures: &Value| figures["packages"]["handed_out"]["count"].as_i64().unwrap();
        let first = app.published().await;
        assert_eq!(handed_out(&first), 0);
        assert_eq!(first["as_of"], json!(app.clock.now()));
        let scanned = app.scan(&market.point, &market.vouchers[0]["code"]).await;
        app.clock.set(app.clock.now().plus_secs(30));
        assert_eq!(handed_out(&app.published().await), 1);
        let undo = json!({ "reason": "Chưa trao" });
        app.create(&format!("/api/v1/redemptions/{}/reversal", text(&scanned, "nonce")), undo).await;
        assert_eq!(handed_out(&app.published().await), 0, "undone, at once");
        app.publish(false).await;
        assert_eq!(app.published().await, json!({ "published": false }), "taken back, at once");
    }

    async fn invented_codes_do_not_make_the_database_read_the_keys_for_each(app: TestApp) {
        let market = app.open_market(Plan { households: 1, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let code = text(&market.vouchers[0], "code");
        let invented = unknown_key(&code);
        let one = app.record(&market.point, &json!(invented), 1);
        app.deliver(&phone, std::slice::from_ref(&one)).await;
        let mut sent = Vec::new();
        let mut took = Vec::new();
        for count in [2, 80] {
            let items: Vec<Value> = (0..count).map(|n| app.record(&market.point, &json!(invented), 100 * count + n)).collect();
            let before = app.core.db.statements();
            let results = app.deliver(&phone, &items).await;
            took.push(app.core.db.statements() - before);
            assert!(results.iter().all(|result| result["outcome"] == "bad_signature"), "{results:?}");
            sent.push(count);
        }
        assert!(took[1] <= took[0] + 10, "{sent:?} records took {took:?} statements");
        // A genuine one is still told from them, and so is one of a key that was made meanwhile.
        app.create("/api/v1/keys", json!({ "now": true })).await;
        let households = [app.household(&market.area, json!({})).await];
        let round = app.open_round(&market, &json!({ "name": "Chợ sau" })).await;
        let voucher = app.issue_to(&round, &households, &market.point, 1).await;
        assert_eq!(app.scan_with(&phone, json!({ "code": voucher[0]["code"], "point_id": market.point })).await["outcome"], "redeemed");
        assert_eq!(app.scan_with(&phone, json!({ "code": code, "point_id": market.point })).await["outcome"], "redeemed");
    }
}

/// The same code, naming a key that never was.
fn unknown_key(code: &str) -> String {
    use data_encoding::BASE32_NOPAD;
    let (head, body) = code.split_once(':').unwrap();
    let mut bytes = BASE32_NOPAD.decode(body.as_bytes()).unwrap();
    bytes[1] = 250;
    format!("{head}:{}", BASE32_NOPAD.encode(&bytes))
}
