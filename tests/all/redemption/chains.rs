use data_encoding::HEXLOWER;
use lalanh::kernel::Moment;
use lalanh::kernel::ids::{DeviceId, PointId};
use lalanh::redemption::chain::rules::{HASH_LEN, Record};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::{TestApp, text};

/// The hash of a phone's record as it is sent.
pub fn hash_of(device: DeviceId, record: &Value) -> String {
    let previous = HEXLOWER.decode(text(record, "previous_hash").as_bytes()).unwrap();
    let hash = Record {
        device_id: device,
        sequence: record["sequence"].as_i64().unwrap(),
        nonce: text(record, "nonce").parse().unwrap(),
        point_id: PointId(text(record, "point_id").parse::<Uuid>().unwrap()),
        lease_epoch: record["lease_epoch"].as_i64(),
        scanned_at: Moment::parse(&text(record, "scanned_at")).unwrap(),
        units: 1,
        handed_out: true,
        code: &text(record, "code"),
        desk: "",
        collector: None,
    }
    .hash(&previous);
    HEXLOWER.encode(&hash)
}

/// Records of a phone, each chained to the one before.
fn chained(app: &TestApp, device: DeviceId, market: &Market, vouchers: &[usize], after: (i64, String)) -> Vec<Value> {
    let (mut sequence, mut previous) = after;
    vouchers
        .iter()
        .map(|voucher| {
            sequence += 1;
            let mut record = app.record(&market.point, &market.vouchers[*voucher]["code"], sequence);
            record["previous_hash"] = json!(previous);
            previous = hash_of(device, &record);
            record
        })
        .collect()
}

fn zeros() -> (i64, String) {
    (0, "0".repeat(2 * HASH_LEN))
}

impl TestApp {
    async fn chain_conflicts(&self) -> Vec<Value> {
        let conflicts = self.get("/api/v1/conflicts").await;
        let of_chains = |conflict: &&Value| conflict["kind"] == "chain_broken";
        conflicts["items"].as_array().unwrap().iter().filter(of_chains).cloned().collect()
    }
}

on_both! {
    async fn a_chain_that_arrives_whole_twice_and_in_pieces_marks_nobody(app: TestApp) {
        let market = app.open_market(Plan { households: 5, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let records = chained(&app, id, &market, &[0, 1, 2, 3, 4], zeros());
        app.deliver(&phone, &records[..2]).await;
        let again = app.deliver(&phone, &records[..3]).await;
        assert_eq!((&again[0]["replayed"], &again[2]["replayed"]), (&json!(true), &json!(false)));
        app.deliver(&phone, &records).await;
        assert_eq!(app.chain_conflicts().await, [] as [Value; 0]);
        assert_eq!(app.count_scans().await, 5);
    }

    async fn a_reply_that_was_lost_online_leaves_no_gap_in_the_chain(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let records = chained(&app, id, &market, &[0, 1], zeros());
        let scan = json!({ "nonce": records[0]["nonce"], "point_id": market.point, "code": records[0]["code"],
            "scanned_at": records[0]["scanned_at"] });
        assert_eq!(app.scan_with(&phone, scan).await["outcome"], "redeemed");
        let results = app.deliver(&phone, &records).await;
        assert_eq!((&results[0]["replayed"], &results[1]["outcome"]), (&json!(true), &json!("redeemed")));
        assert_eq!(app.chain_conflicts().await, [] as [Value; 0]);
        let chain = json!({ "sequence": 2, "record_hash": hash_of(id, &records[1]) });
        app.take_lease(&phone, json!({ "point_id": market.point, "chain": chain })).await;
    }

    async fn a_rolled_back_storage_is_noticed_and_loses_no_record(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let records = chained(&app, id, &market, &[0, 1], zeros());
        app.deliver(&phone, &records).await;
        // Its storage is as it was after record 1: record 2 is written again, about another voucher.
        let second = chained(&app, id, &market, &[2, 3], (1, hash_of(id, &records[0])));
        let results = app.deliver(&phone, &second).await;
        assert!(results.iter().all(|result| result["outcome"] == "redeemed"), "{results:?}");
        let marks = app.chain_conflicts().await;
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0]["chain"], json!({ "sequence": 2, "problem": "reused" }));
        assert_eq!((&marks[0]["device"]["name"], &marks[0]["other"]["nonce"]), (&json!("Máy 1"), &second[0]["nonce"]));
        app.deliver(&phone, &second).await;
        assert_eq!(app.chain_conflicts().await.len(), 1, "one mark a phone is enough");
        // It goes on from there as if nothing had been: it stops for good, and its lease is a coordinator's to release.
        let end = json!({ "sequence": 3, "record_hash": hash_of(id, &second[1]) });
        let (status, problem) =
            app.send_as(&phone, Method::POST, "/api/v1/leases", &json!({ "point_id": market.point, "chain": end })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("phone_rolled_back")));
        app.books_balance().await;
    }

    async fn a_phone_that_knows_less_than_it_sent_gets_no_lease(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let records = chained(&app, id, &market, &[0, 1], zeros());
        app.deliver(&phone, &records).await;
        let body = json!({ "point_id": market.point, "chain": { "sequence": 1, "record_hash": hash_of(id, &records[0]) } });
        let (status, problem) = app.send_as(&phone, Method::POST, "/api/v1/leases", &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("phone_rolled_back")));
        assert_eq!(app.chain_conflicts().await[0]["chain"], json!({ "sequence": 1, "problem": "behind" }));
        let body = json!({ "point_id": market.point, "chain": { "sequence": 2, "record_hash": "zz" } });
        let (status, problem) = app.send_as(&phone, Method::POST, "/api/v1/leases", &body).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("chain.record_hash")));
    }

    async fn a_skipped_record_and_one_that_does_not_follow_mark_the_phone(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (gap, gap_id) = app.phone("Máy 1", &[&market.point]).await;
        let (forked, forked_id) = app.phone("Máy 2", &[&market.point]).await;
        let records = chained(&app, gap_id, &market, &[0, 1, 2], zeros());
        app.deliver(&gap, &records[..1]).await;
        app.deliver(&gap, &records[2..]).await;
        let records = chained(&app, forked_id, &market, &[3], (0, "ab".repeat(HASH_LEN)));
        app.deliver(&forked, &records).await;
        let marks = app.chain_conflicts().await;
        let told: Vec<(&Value, &Value)> = marks.iter().map(|m| (&m["device"]["name"], &m["chain"]["problem"])).collect();
        assert_eq!(told, [(&json!("Máy 1"), &json!("gap")), (&json!("Máy 2"), &json!("does_not_follow"))]);
        assert_eq!(app.count_scans().await, 3);
        // A coordinator settles it like any other.
        let path = format!("/api/v1/conflicts/{}/resolve", text(&marks[0], "id"));
        app.create(&path, json!({ "resolution": "accepted", "reason": "Máy hết pin" })).await;
        assert_eq!(app.chain_conflicts().await.len(), 1);
    }
}
