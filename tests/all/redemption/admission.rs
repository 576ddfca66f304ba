//! What is taken as fact, and what is not: too many units, codes that are tried out, and what a revoked phone says.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    /// Uploads records; status and body.
    async fn send_records(&self, token: &str, items: &[Value]) -> (StatusCode, Value) {
        self.send_as(token, Method::POST, "/api/v1/redemptions/batch", &json!({ "items": items })).await
    }

    async fn open_conflicts(&self) -> Vec<Value> {
        self.get("/api/v1/conflicts").await["items"].as_array().unwrap().clone()
    }

    fn records(&self, market: &Market) -> Vec<Value> {
        let record = |(voucher, n): (&Value, i64)| self.record(&market.point, &voucher["code"], n);
        market.vouchers.iter().zip(1..).map(record).collect()
    }
}

/// A typed code with wrong check symbols, or with right ones that nobody was given.
fn made_up(n: usize) -> String {
    format!("{n:08}AA")
}

on_both! {
    async fn more_units_than_a_voucher_has_left_are_booked_and_a_coordinator_hears_of_it(app: TestApp) {
        let market = app.open_market(Plan { households: 2, packages: 30, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["units"] = json!(20);
        let told = &app.deliver(&phone, &[record.clone()]).await[0];
        assert_eq!((&told["outcome"], &told["flags"]), (&json!("redeemed"), &json!(["units_exceeded"])));
        let conflicts = app.open_conflicts().await;
        assert_eq!((conflicts.len(), &conflicts[0]["kind"]), (1, &json!("units_exceeded")));
        assert_eq!(conflicts[0]["other"]["units"], 20);
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
        app.books_balance().await;
        // Two hundred are no count that a hand could make.
        let mut absurd = app.record(&market.point, &market.vouchers[1]["code"], 2);
        absurd["units"] = json!(200);
        let refused = &app.deliver(&phone, &[absurd]).await[0];
        assert_eq!(refused["error"]["errors"][0]["field"], "units");
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
    }

    async fn codes_that_do_not_exist_close_the_upload_as_they_close_the_scanner(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let guess = |n: usize| app.record(&market.point, &json!(made_up(n)), i64::try_from(n).unwrap());
        let many: Vec<Value> = (1..=1000).map(guess).collect();
        let (status, problem) = app.send_records(&phone, &many).await;
        assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")));
        assert_eq!(app.count_scans().await, 0, "a guess that was not answered leaves no trace");
        // From now on nothing is told of typed codes, not even whether one exists. A signed one can't be guessed.
        let signed = app.record(&market.point, &market.vouchers[1]["code"], 2);
        assert_eq!(app.send_records(&phone, &[signed]).await.1["results"][0]["outcome"], "redeemed");
        let real = app.record(&market.point, &market.vouchers[0]["typed_code"], 1);
        assert_eq!(app.send_records(&phone, std::slice::from_ref(&real)).await.0, StatusCode::TOO_MANY_REQUESTS);
        let asked = json!({ "point_id": market.point, "code": market.vouchers[0]["typed_code"] });
        assert_eq!(app.try_scan(&phone, asked).await.0, StatusCode::TOO_MANY_REQUESTS);
        app.at("2021-08-05T07:16:00+07:00");
        assert_eq!(app.send_records(&phone, &[real]).await.1["results"][0]["outcome"], "redeemed");
    }

    async fn a_few_wrong_codes_among_records_are_answered_and_counted_once(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let wrong: Vec<Value> =
            (1..=20).map(|n| app.record(&market.point, &json!(made_up(n)), i64::try_from(n).unwrap())).collect();
        for _ in 0..5 {
            let (status, told) = app.send_records(&phone, &wrong).await;
            assert_eq!((status, &told["results"][0]["outcome"]), (StatusCode::OK, &json!("unknown")));
        }
        let (status, _) = app.send_records(&phone, &[app.record(&market.point, &market.vouchers[0]["code"], 21)]).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn many_guesses_at_one_moment_are_no_way_around_the_limit(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        let tries = (0..120).map(|n| {
            let body = json!({ "point_id": market.point, "code": made_up(n) });
            let (app, phone) = (&app, &phone);
            async move { app.try_scan(phone, body).await.0 }
        });
        let statuses = futures_util::future::join_all(tries).await;
        let answered = statuses.iter().filter(|status| **status == StatusCode::OK).count();
        assert!(answered <= 30, "{answered} of 120 tries were answered");
    }

    async fn a_paper_list_of_made_up_codes_is_refused_whole(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let coordinator = app.login("hoa", Role::Coordinator).await;
        let codes: Vec<String> = (0..100).map(made_up).collect();
        let body = json!({ "point_id": market.point, "codes": codes });
        let (status, _) = app.send_as(&coordinator, Method::POST, "/api/v1/redemptions/roster", &body).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(app.count_scans().await, 0);
    }

    async fn staff_tell_of_handovers_only_by_their_right_to_override_and_at_their_points(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let there = [market.other_point.parse().unwrap()];
        let volunteer = app.login_within("lan", Role::Volunteer, None, &[market.point.parse().unwrap()]).await;
        let nowhere = app.login("mai", Role::Volunteer).await;
        let elsewhere = app.login_within("hoa", Role::Coordinator, None, &there).await;
        let records = app.records(&market);
        for token in [&volunteer, &nowhere] {
            let (status, problem) = app.send_records(token, &records).await;
            assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("not_a_phone")));
        }
        let (_, told) = app.send_records(&elsewhere, &records).await;
        assert_eq!(told["results"][0]["error"]["code"], "forbidden");
        assert_eq!(app.count_scans().await, 0);
        let (_, told) = app.send_records(&app.admin, &records).await;
        assert_eq!(told["results"][2]["outcome"], "redeemed");
    }

    async fn a_phones_fact_of_a_point_that_it_does_not_serve_is_a_conflict(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, _) = app.phone("Máy 1", &[&market.other_point]).await;
        let told = &app.deliver(&phone, &app.records(&market)).await[0];
        assert_eq!((&told["outcome"], &told["flags"]), (&json!("redeemed"), &json!(["not_allowed", "not_leased"])));
        assert_eq!(app.open_conflicts().await[0]["against"], json!(["not_allowed"]));
    }

    async fn a_revoked_phone_that_held_nothing_is_refused_whole(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let (status, problem) = app.send_records(&phone, &app.records(&market)).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("nothing_admissible")));
        assert_eq!(app.count_scans().await, 0);
        assert!(app.open_conflicts().await.is_empty());
        assert_eq!(app.level(&market.point, &market.rice).await, 100_000);
    }

    async fn doubtful_records_of_a_revoked_phone_wait_until_a_coordinator_accepts_them(app: TestApp) {
        let market = app.open_market(Plan { households: 4, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let given = json!({ "vouchers": [{ "round": 1, "serial": market.vouchers[1]["serial"] }] });
        app.say(&phone, &lease, "returns", given).await;
        app.at("2021-08-05T08:00:00+07:00");
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let mut records = app.records(&market);
        for (record, at) in records.iter_mut().zip(["07:30", "07:31", "08:01", "08:02"]) {
            record["scanned_at"] = json!(format!("2021-08-05T{at}:00+07:00"));
        }
        let told = app.deliver(&phone, &records).await;
        assert_eq!(told[0]["flags"], json!(["device_revoked"]));
        for doubtful in &told[1..] {
            assert_eq!(doubtful["outcome"], "not_allowed");
            assert_eq!(doubtful["flags"], json!(["quarantined", "device_revoked"]));
        }
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000, "only the first is booked");
        // Sent again: nothing changes, and each gets its answer.
        assert_eq!(app.deliver(&phone, &records[1..]).await[0]["flags"], json!(["quarantined", "device_revoked"]));
        let conflicts = app.open_conflicts().await;
        assert_eq!((conflicts.len(), &conflicts[0]["kind"]), (1, &json!("quarantined")));
        let whys: Vec<&Value> =
            conflicts[0]["records"].as_array().unwrap().iter().map(|record| &record["why"]).collect();
        assert_eq!(whys, ["not_held", "made_after_revocation", "made_after_revocation"]);
        let path = format!("/api/v1/conflicts/{}/resolve", text(&conflicts[0], "id"));
        let other = json!({ "resolution": "written_off", "reason": "Đã hỏi người cầm máy" });
        let (status, problem) = app.send(Method::POST, &path, &other).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("resolution")));
        let none = json!({ "resolution": "accepted", "reason": "Đã hỏi người cầm máy", "nonces": [] });
        let (status, problem) = app.send(Method::POST, &path, &none).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("nonces")));
        let two = json!([records[1]["nonce"], records[2]["nonce"]]);
        let body = json!({ "resolution": "accepted", "reason": "Đã hỏi người cầm máy", "nonces": two });
        let settled = app.create(&path, body.clone()).await;
        let accepted: Vec<&Value> =
            settled["records"].as_array().unwrap().iter().map(|record| &record["accepted"]).collect();
        assert_eq!(accepted, [&json!(true), &json!(true), &json!(false)]);
        assert_eq!(app.level(&market.point, &market.rice).await, 70_000);
        assert_eq!(app.send(Method::POST, &path, &body).await.0, StatusCode::CONFLICT);
        assert_eq!(app.level(&market.point, &market.rice).await, 70_000);
        // Accepted, it is a handover like any other; not accepted, it stays none.
        let again = app.deliver(&phone, &records).await;
        assert_eq!((&again[1]["outcome"], &again[1]["replayed"]), (&json!("redeemed"), &json!(true)));
        assert_eq!(again[3]["outcome"], "not_allowed");
        app.books_balance().await;
    }

    async fn records_of_another_point_are_accepted_only_by_who_reaches_that_point(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        app.at("2021-08-05T08:00:00+07:00");
        let held = app.record(&market.point, &market.vouchers[0]["code"], 1);
        let elsewhere = app.record(&market.other_point, &market.vouchers[1]["code"], 2);
        let mut before = held.clone();
        before["scanned_at"] = json!("2021-08-05T06:59:00+07:00");
        app.deliver(&phone, &[before, elsewhere]).await;
        let here = app.login_within("hoa", Role::Coordinator, None, &[market.point.parse().unwrap()]).await;
        let path = format!("/api/v1/conflicts/{}/resolve", text(&app.open_conflicts().await[0], "id"));
        let body = json!({ "resolution": "accepted", "reason": "Đã hỏi người cầm máy" });
        assert_eq!(app.send_as(&here, Method::POST, &path, &body).await.0, StatusCode::FORBIDDEN);
        assert_eq!(app.level(&market.other_point, &market.rice).await, 0, "nothing is booked there");
        app.create(&path, body).await;
        assert_eq!(app.level(&market.other_point, &market.rice).await, -10_000);
    }

    async fn a_revoked_phone_books_no_more_units_than_its_vouchers_are_good_for(app: TestApp) {
        let market = app.open_market(Plan { households: 2, packages: 30, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let code = &market.vouchers[0]["code"];
        let mut records: Vec<Value> = (1..=4).map(|n| app.record(&market.point, code, n)).collect();
        records[0]["units"] = json!(20);
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let told = app.deliver(&phone, &records).await;
        let booked = told.iter().filter(|told| told["outcome"] == "redeemed").count();
        assert_eq!((booked, app.level(&market.point, &market.rice).await), (1, 290_000), "{told:?}");
        let waiting = app.open_conflicts().await[0]["records"].as_array().unwrap().clone();
        assert!(waiting.iter().all(|record| record["why"] == "too_many_units" && record["serial"] == 1), "{waiting:?}");
        assert_eq!(waiting.len(), 3);
    }

    async fn a_revoked_phone_has_two_hundred_records_and_no_more_are_booked(app: TestApp) {
        let market = app.open_market(Plan { households: 1, packages: 400, units: 250, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let code = &market.vouchers[0]["code"];
        let records: Vec<Value> = (1..=250).map(|n| app.record(&market.point, code, n)).collect();
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let (early, late) = records.split_at(120);
        app.deliver(&phone, early).await;
        let told = app.deliver(&phone, late).await;
        let booked = told.iter().filter(|result| result["outcome"] == "redeemed").count();
        assert_eq!((booked, told.len()), (80, 130));
        assert_eq!(app.level(&market.point, &market.rice).await, 4_000_000 - 200 * 10_000);
        assert_eq!(app.open_conflicts().await[0]["records"].as_array().unwrap().len(), 50);
    }
}
