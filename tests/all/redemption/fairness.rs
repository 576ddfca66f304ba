//! Nobody keeps those who stand at a desk from their answer.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::market::Plan;
use crate::on_both;

/// Uploads at the same time, each of [`RECORDS`].
const UPLOADS: usize = 16;
const RECORDS: usize = 1000;
/// Until a scan is answered at the latest, on a machine that runs every other test meanwhile.
const SOON: Duration = Duration::from_secs(10);

on_both! {
    async fn a_scan_is_answered_while_a_crowd_of_long_uploads_waits(app: TestApp) {
        let market = app.open_market(Plan { households: 30, packages: 30_000, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let desk = app.login("ban.1", lalanh::people::Role::Coordinator).await;
        // The same records in every upload, as from a phone that does not hear the answers: all of them take their turn.
        let items: Vec<Value> = (0..RECORDS)
            .map(|n| {
                let voucher = &market.vouchers[n % (market.vouchers.len() - 1) + 1];
                app.record(&market.point, &voucher["code"], i64::try_from(n).unwrap() + 1)
            })
            .collect();
        let body = json!({ "items": items });
        let mut uploads = JoinSet::new();
        for _ in 0..UPLOADS {
            let request = app.request(Method::POST, "/api/v1/redemptions/batch", &phone).json(&body);
            uploads.spawn(async move { request.send().await.unwrap().status() });
        }
        // Until the uploads have filled what they may.
        while app.count_scans().await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut done = Vec::new();
        for n in 0..5 {
            let scan = json!({ "point_id": market.point, "code": market.vouchers[0]["code"] });
            let (status, answer) = tokio::time::timeout(SOON, app.try_scan(&desk, scan)).await.expect("answered soon");
            assert_eq!(status, StatusCode::OK, "{answer}");
            assert_eq!(answer["outcome"], if n == 0 { "redeemed" } else { "already_redeemed" });
            while let Some(status) = uploads.try_join_next() {
                done.push(status.unwrap());
            }
            assert!(n > 0 || done.len() < UPLOADS, "the uploads were not done yet");
        }
        while let Some(status) = uploads.join_next().await {
            done.push(status.unwrap());
        }
        assert!(done.len() == UPLOADS && done.iter().all(|status| *status == StatusCode::OK), "{done:?}");
        assert_eq!(app.count_scans().await, i64::try_from(RECORDS).unwrap() + 5, "each record is kept once");
        app.books_balance().await;
    }
}
