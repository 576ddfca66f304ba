//! What is dropped when it was kept long enough, and what stays true all the same.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both;
use crate::redemption::market::{Market, Plan};
use crate::support::{TestApp, text};

/// A list with a row that is stored and one that is not.
const LIST: &str = "STT,Họ và tên,CCCD,SĐT,Địa chỉ,Số khẩu\n1,Trần Thị Hòa,048172001234,0905123456,12 Phan Nhu,4\n\
    2,Ngô Thị Nga,,123,6 Hà Khê,2\n";
/// A day in seconds.
const DAY: i64 = 86_400;

impl TestApp {
    fn days_on(&self, days: i64) {
        self.clock.set(self.clock.now().plus_secs(days * DAY));
    }

    async fn counted_rows(&self, text: &'static str) -> i64 {
        let (count,): (i64,) = self.core.db.read().await.unwrap().sql(text).one().await.unwrap();
        count
    }

    /// Scans with a nonce of its own; what was sent, and the answer.
    async fn asked_at_desk(&self, market: &Market, voucher: usize, more: Value) -> (Value, Value) {
        let mut body = json!({ "point_id": market.point, "code": market.vouchers[voucher]["code"],
            "nonce": self.clock.uuid(), "scanned_at": self.clock.now() });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        (body.clone(), self.scan_with(&self.admin, body).await)
    }

    /// The totals of the report, and what the doctor finds.
    async fn account(&self) -> (Value, Vec<String>) {
        let mut summary = self.get("/api/v1/reports/summary?from=2021-07-01&to=2021-12-31").await;
        let fields = summary.as_object_mut().unwrap();
        // In words, with the moment and the log's end.
        fields.retain(|name, _| !matches!(name.as_str(), "text_vi" | "text_en"));
        (summary, self.trouble().await)
    }
}

/// The word of an answer, without what explains it.
fn decided(answer: &Value) -> (&Value, &Value) {
    (&answer["outcome"], &answer["nonce"])
}

on_both! {
    async fn a_list_that_nobody_stored_is_gone_after_a_week_though_nobody_sends_another(app: TestApp) {
        app.ward().await;
        let (_, preview) = app.upload("ds.csv", LIST.into(), None).await;
        let path = format!("/api/v1/households/imports/{}", text(&preview, "id"));
        app.days_on(7);
        app.run_job("retain").await;
        app.get(&path).await;
        app.clock.set(app.clock.now().plus_secs(1));
        assert_eq!(app.would_drop("open_lists").await, 1);
        app.run_job("retain").await;
        assert_eq!((app.dropped_by("open_lists").await, app.would_drop("open_lists").await), (1, 0));
        let (status, refused) = app.send(Method::GET, &path, &json!({})).await;
        assert!(status.is_client_error(), "{status} {refused}");
        let kept = "select (select count(*) from import_files) + (select count(*) from import_steps)
            + (select count(*) from imports where staged is not null)";
        assert_eq!(app.counted_rows(kept).await, 0);
        let lists = app.get("/api/v1/households/imports").await;
        assert_eq!(lists["items"].as_array().unwrap().len(), 1, "that it was sent stays: {lists}");
    }

    async fn rows_left_of_a_stored_list_are_kept_for_a_week_after_it_was_stored(app: TestApp) {
        app.ward().await;
        let (_, preview) = app.upload("ds.csv", LIST.into(), None).await;
        app.days_on(6);
        let (status, done) = app.commit(&preview, json!({ "consent": true })).await;
        assert!(status.is_success(), "{done}");
        let left = "select count(*) from imports where staged is not null";
        assert_eq!(app.counted_rows(left).await, 1, "the row with an error waits to be corrected");
        app.days_on(5);
        app.run_job("retain").await;
        assert_eq!(app.counted_rows(left).await, 1, "eleven days after it was sent, five after it was stored");
        app.days_on(3);
        app.run_job("retain").await;
        assert_eq!((app.counted_rows(left).await, app.dropped_by("committed_lists").await), (0, 1));
        let households = app.get("/api/v1/households").await;
        assert_eq!(households["items"].as_array().unwrap().len(), 1, "what was stored stays: {households}");
    }

    async fn a_refused_scan_keeps_what_was_decided_and_answers_its_nonce_as_before(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let id = text(&market.vouchers[0], "id");
        app.create(&format!("/api/v1/vouchers/{id}/void"), json!({ "reason": "Bà Hòa đã chuyển nhà" })).await;
        let collector = json!({ "collector": { "name": "Nguyễn Thị Bông", "relation": "hàng xóm" } });
        let (refused, first) = app.asked_at_desk(&market, 0, collector).await;
        assert_eq!((&first["outcome"], &first["reason"]), (&json!("void"), &json!("Bà Hòa đã chuyển nhà")), "{first}");
        let (given, handed) = app.asked_at_desk(&market, 1, json!({})).await;
        let before = app.account().await;
        app.days_on(91);
        assert_eq!(app.would_drop("refused_scans").await, 1);
        app.run_job("retain").await;
        assert_eq!((app.dropped_by("refused_scans").await, app.would_drop("refused_scans").await), (1, 0));
        let again = app.scan_with(&app.admin, refused.clone()).await;
        assert_eq!((decided(&again), &again["replayed"]), (decided(&first), &json!(true)), "{again}");
        assert!(again["reason"].is_null() && !text(&again, "message").is_empty(), "{again}");
        let mut other = refused;
        other["units"] = json!(2);
        assert_eq!(app.try_scan(&app.admin, other).await.0, StatusCode::CONFLICT, "it still is that scan and no other");
        assert_eq!(decided(&app.scan_with(&app.admin, given).await), decided(&handed));
        let kept = "select count(*) from scans where collector_name is not null or collector_relation is not null";
        assert_eq!(app.counted_rows(kept).await, 0);
        assert_eq!(app.account().await, before, "totals, ledger and the doctor's checks");
        app.books_balance().await;
    }

    async fn who_collected_is_forgotten_after_the_campaign_and_that_somebody_did_is_not(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let collector = json!({ "collector": { "name": "Nguyễn Thị Bông", "relation": "hàng xóm" } });
        let (sent, first) = app.asked_at_desk(&market, 0, collector).await;
        assert_eq!(first["outcome"], "redeemed", "{first}");
        let before = app.account().await;
        app.days_on(400);
        app.run_job("retain").await;
        assert_eq!(app.dropped_by("collector_names").await, 0, "the campaign goes on");
        let path = format!("/api/v1/campaigns/{}", market.campaign);
        app.send(Method::PATCH, &path, &json!({ "ends_on": "2022-09-09" })).await;
        app.clock.set(lalanh::kernel::Moment::parse("2023-03-08T12:00:00+07:00").unwrap());
        app.run_job("retain").await;
        assert_eq!(app.dropped_by("collector_names").await, 0, "180 days after its last day");
        app.days_on(1);
        assert_eq!(app.would_drop("collector_names").await, 1);
        app.run_job("retain").await;
        assert_eq!((app.dropped_by("collector_names").await, app.would_drop("collector_names").await), (1, 0));
        assert_eq!(app.counted_rows("select count(*) from scans where collector_name like '%Bông%'").await, 0);
        let replayed = app.scan_with(&app.admin, sent).await;
        assert_eq!(decided(&replayed), decided(&first), "{replayed}");
        let shown = app.page(&format!("/vouchers/{}", text(&market.vouchers[0], "id"))).await;
        assert!(shown.contains("tên đã hết hạn lưu") && !shown.contains("Bông"), "{shown}");
        let (_, second) = app.asked_at_desk(&market, 0, json!({})).await;
        assert_eq!((&second["outcome"], &second["first"]["proxy"]), (&json!("already_redeemed"), &json!(true)), "{second}");
        assert_eq!(app.account().await, before);
    }

    async fn a_collector_of_an_open_conflict_is_kept_until_it_is_settled(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["collector"] = json!({ "name": "Nguyễn Thị Bông", "relation": "con" });
        app.scan(&market.point, &market.vouchers[0]["code"]).await;
        app.deliver(&phone, &[record]).await;
        let conflicts = app.get("/api/v1/conflicts").await;
        let conflict = conflicts["items"][0].clone();
        assert_eq!(conflict["other"]["collector"]["name"], "Nguyễn Thị Bông", "{conflicts}");
        let path = format!("/api/v1/campaigns/{}", market.campaign);
        app.send(Method::PATCH, &path, &json!({ "ends_on": "2021-09-09" })).await;
        app.days_on(400);
        app.run_job("retain").await;
        assert_eq!(app.dropped_by("collector_names").await, 0);
        let settle = json!({ "resolution": "accepted", "reason": "Con đã nhận giúp" });
        app.create(&format!("/api/v1/conflicts/{}/resolve", text(&conflict, "id")), settle).await;
        app.run_job("retain").await;
        assert_eq!(app.dropped_by("collector_names").await, 1);
        let told = app.get("/api/v1/conflicts?all=true").await;
        let told = told["items"].as_array().unwrap().iter().find(|one| one["id"] == conflict["id"]).cloned();
        if let Some(told) = told {
            assert_eq!((&told["other"]["proxy"], &told["other"]["collector"]), (&json!(true), &json!(null)), "{told}");
        }
        assert_eq!(app.trouble().await, Vec::<String>::new());
    }

    async fn what_a_revoked_phone_sent_is_dropped_once_it_was_settled_long_ago(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let given = json!({ "vouchers": [{ "round": 1, "serial": market.vouchers[1]["serial"] }] });
        app.say(&phone, &lease, "returns", given).await;
        app.clock.set(app.clock.now().plus_secs(3_600));
        let records = [0, 1].map(|n| app.record(&market.point, &market.vouchers[n]["code"], n as i64 + 1));
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        app.deliver(&phone, &records).await;
        app.days_on(100);
        app.run_job("retain").await;
        assert_eq!(app.dropped_by("settled_records").await, 0, "a record that waits is kept, however long");
        let conflict = text(&app.get("/api/v1/conflicts").await["items"][0], "id");
        let settle = json!({ "resolution": "rejected", "reason": "Máy đã mất từ trước" });
        app.create(&format!("/api/v1/conflicts/{conflict}/resolve"), settle).await;
        let before = app.account().await;
        app.days_on(91);
        assert_eq!(app.would_drop("settled_records").await, 1);
        app.run_job("retain").await;
        assert_eq!((app.dropped_by("settled_records").await, app.would_drop("settled_records").await), (1, 0));
        app.deliver(&phone, &records).await;
        let open = app.get("/api/v1/conflicts").await;
        assert_eq!(open["items"].as_array().unwrap().len(), 0, "sent again, it asks nobody again: {open}");
        assert_eq!(app.account().await, before);
    }

    async fn a_ward_keeps_some_things_longer_or_shorter_within_bounds(app: TestApp) {
        let path = "/api/v1/retention/collector_names";
        let days = async |days: Value| app.send(Method::PATCH, path, &json!({ "days": days })).await;
        let (status, rule) = days(json!(365)).await;
        assert_eq!((status, &rule["days"]), (StatusCode::OK, &json!(365)), "{rule}");
        for wrong in [json!(0), json!(29), json!(1_096), json!(-1)] {
            let (status, refused) = days(wrong.clone()).await;
            assert_eq!((status, &refused["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("days")), "{wrong}");
        }
        let fixed = app.send(Method::PATCH, "/api/v1/retention/kept_answers", &json!({ "days": 3 })).await;
        assert_eq!((fixed.0, &fixed.1["code"]), (StatusCode::CONFLICT, &json!("fixed_period")));
        let unknown = app.send(Method::PATCH, "/api/v1/retention/audit_entries", &json!({ "days": 30 })).await;
        assert_eq!(unknown.0, StatusCode::NOT_FOUND);
        for role in [Role::Auditor, Role::Coordinator] {
            let token = app.login(&format!("thu.{role}"), role).await;
            let (status, _) = app.send_as(&token, Method::PATCH, path, &json!({ "days": 90 })).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{role}");
        }
        let (_, rule) = days(json!(null)).await;
        assert_eq!(rule["days"], 180, "taken back: {rule}");
        let log = app.get("/api/v1/audit?action=update").await;
        let details: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| entry["detail"].clone()).collect();
        assert_eq!(details, [180, 365].map(|days| json!({ "rule": "collector_names", "days": days })), "{log}");
    }

    async fn a_dry_run_counts_and_drops_nothing(app: TestApp) {
        app.ward().await;
        app.upload("ds.csv", LIST.into(), None).await;
        app.days_on(8);
        for _ in 0..2 {
            assert_eq!(app.would_drop("open_lists").await, 1);
        }
        assert_eq!(app.counted_rows("select count(*) from import_files").await, 1);
        let rules = app.get("/api/v1/retention").await;
        let rule = rules["items"].as_array().unwrap().iter().find(|rule| rule["rule"] == "open_lists").unwrap().clone();
        assert_eq!((&rule["run_at"], &rule["days"]), (&json!(null), &json!(7)), "{rule}");
    }
}
