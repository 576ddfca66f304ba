//! A lost phone must not lock its desk: what it holds is seen, and freed by those who may.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::chains::hash_of;
use super::market::Plan;
use crate::on_both;

on_both! {
    async fn a_lost_phones_vouchers_are_freed_in_the_step_that_revokes_it(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (lost, id) = app.phone("Máy 1", &[&market.point]).await;
        let (new, _) = app.phone("Máy 2", &[&market.point]).await;
        app.take_lease(&lost, json!({ "point_id": market.point, "desk": "Bàn 2" })).await;
        app.scan_with(&lost, json!({ "point_id": market.point, "code": market.vouchers[0]["code"] })).await;
        let path = format!("/api/v1/devices/{id}/revoke");
        // Revoking alone releases nothing; the new phone hears who holds what.
        app.create(&path, json!({})).await;
        let shown = app.get(&format!("/api/v1/devices/{id}/leases")).await;
        assert_eq!((&shown["vouchers"], &shown["unserved"]), (&json!(3), &json!(2)));
        assert_eq!(shown["until"], "2021-08-05T12:00:00Z");
        let lease = app.take_lease(&new, json!({ "point_id": market.point, "desk": "Bàn 2" })).await;
        assert_eq!((&lease["vouchers"], &lease["held_elsewhere"]), (&json!(0), &json!(2)));
        let holder = &lease["holders"][0];
        assert_eq!((&holder["device"], &holder["desk"]), (&json!("Máy 1"), &json!("Bàn 2")));
        assert_eq!((&holder["vouchers"], &holder["revoked"]), (&json!(2), &json!(true)));
        let refused = app.scan_with(&new, json!({ "point_id": market.point, "code": market.vouchers[1]["code"] })).await;
        assert_eq!((&refused["outcome"], &refused["held_by"]), (&json!("leased_elsewhere"), &json!("Máy 1")));
        assert_eq!((&refused["held_revoked"], &refused["recall"]), (&json!(true), &json!("unreachable")));
        assert!(crate::support::text(&refused, "message").contains("đã bị thu hồi"), "{refused}");
        // It may still hand out, so that somebody must say that they know.
        let (status, problem) =
            app.send(Method::POST, &path, &json!({ "release": { "reason": "Mất máy lúc 9 giờ" } })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("still_in_use")));
        let (status, problem) = app.send(Method::POST, &path, &json!({ "release": { "reason": "x" } })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], "release.reason");
        let release = json!({ "release": { "reason": "Mất máy lúc 9 giờ", "still_in_use": true } });
        app.create(&path, release).await;
        assert_eq!(app.get(&format!("/api/v1/devices/{id}/leases")).await["unserved"], 0);
        let lease = app.take_lease(&new, json!({ "point_id": market.point, "desk": "Bàn 2" })).await;
        assert_eq!((&lease["vouchers"], &lease["holders"]), (&json!(2), &json!([])));
    }

    async fn what_a_phone_holds_is_released_once_and_answered_each_time(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let body = |still: bool| json!({ "device_id": id, "reason": "Máy hỏng", "still_in_use": still });
        let release = async |body: Value| app.send(Method::POST, "/api/v1/leases/release", &body).await;
        let (status, problem) = release(body(false)).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("still_in_use")));
        assert_eq!(release(body(true)).await, (StatusCode::OK, json!({ "released": 3 })));
        assert_eq!(release(body(false)).await, (StatusCode::OK, json!({ "released": 0 })));
        let stranger = json!({ "device_id": app.clock.uuid(), "reason": "Máy hỏng" });
        assert_eq!(release(stranger).await.0, StatusCode::NOT_FOUND);
        // Past its use nobody need say that it may still hand out.
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        app.at("2021-08-05T19:00:01+07:00");
        assert_eq!(release(body(false)).await, (StatusCode::OK, json!({ "released": 3 })));
    }

    async fn only_who_may_override_and_serves_the_point_releases(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let there = [market.other_point.parse().unwrap()];
        let elsewhere = app.login_within("hoa", Role::Coordinator, None, &there).await;
        let auditor = app.login("mai", Role::Auditor).await;
        let body = json!({ "device_id": id, "reason": "Máy hỏng", "still_in_use": true });
        let expected = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN];
        for (token, expected) in [&elsewhere, &auditor, &phone].into_iter().zip(expected) {
            let (status, _) = app.send_as(token, Method::POST, "/api/v1/leases/release", &body).await;
            assert_eq!(status, expected);
        }
        assert_eq!(app.get(&format!("/api/v1/devices/{id}/leases")).await["unserved"], 1);
    }

    async fn a_revoked_phone_may_still_upload_and_report_and_nothing_else(app: TestApp) {
        let market = app.open_market(Plan { households: 2, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let mut record = app.record(&market.point, &market.vouchers[0]["code"], 1);
        record["lease_epoch"] = lease["epoch"].clone();
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        let ask = json!({ "point_id": market.point });
        let (status, problem) = app.send_as(&phone, Method::POST, "/api/v1/leases", &ask).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("device_revoked")));
        assert_eq!(app.deliver(&phone, std::slice::from_ref(&record)).await[0]["flags"], json!(["device_revoked"]));
        let report = json!({ "last_sequence": 1, "last_record_hash": hash_of(id, &record) });
        assert_eq!(app.say(&phone, &lease, "report", report).await.1["ended"], 2);
    }
}
