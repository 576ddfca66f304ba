//! The pages of what a revoked phone tells, and of a handover that was undone.

use reqwest::StatusCode;
use serde_json::json;

use super::market::Plan;
use crate::on_both;
use crate::support::text;
use crate::vouchers::pages::{page, submit};

on_both! {
    async fn a_coordinator_chooses_which_records_of_a_revoked_phone_took_place(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (phone, id) = app.phone("Máy 1", &[&market.point]).await;
        let lease = app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let given = json!({ "vouchers": [
            { "round": 1, "serial": market.vouchers[1]["serial"] }, { "round": 1, "serial": market.vouchers[2]["serial"] }
        ] });
        app.say(&phone, &lease, "returns", given).await;
        app.at("2021-08-05T08:00:00+07:00");
        let records = [1, 2, 3].map(|n| app.record(&market.point, &market.vouchers[n - 1]["code"], n as i64));
        app.create(&format!("/api/v1/devices/{id}/revoke"), json!({})).await;
        app.deliver(&phone, &records).await;
        let list = page(&app, "/conflicts").await;
        assert!(list.contains("Máy đã thu hồi gửi lượt phát") && list.contains("Máy 1"), "{list}");
        let conflict = text(&app.get("/api/v1/conflicts").await["items"][0], "id");
        let path = format!("/conflicts/{conflict}");
        let device = page(&app, &format!("/devices/{id}")).await;
        assert!(device.contains("2 lượt phát chưa được tính") && device.contains(&path), "{device}");
        let shown = page(&app, &path).await;
        assert!(shown.contains("máy không giữ phiếu này") && shown.contains("Thái Hữu Sơn 1") && !shown.contains(" checked"), "{shown}");
        // None is ticked, or the reason is missing: said, and what was chosen stays.
        let (status, _, shown) = submit(&app, &path, &[("resolution", "accepted"), ("reason", "Đã hỏi")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("Chọn ít nhất một lượt"), "{shown}");
        let one = text(&records[1], "nonce");
        let chosen = [("resolution", "accepted"), ("nonces", one.as_str()), ("reason", "")];
        let (_, _, shown) = submit(&app, &path, &chosen).await;
        assert_eq!(shown.matches("name=\"nonces\"").count(), 2);
        assert!(shown.contains(&format!("value=\"{one}\" checked")), "{shown}");
        assert_eq!(app.level(&market.point, &market.rice).await, 90_000, "nothing was booked so far");
        let chosen = [("resolution", "accepted"), ("nonces", one.as_str()), ("reason", "Đã hỏi người cầm máy")];
        assert_eq!(submit(&app, &path, &chosen).await.0, StatusCode::SEE_OTHER);
        assert_eq!(app.level(&market.point, &market.rice).await, 80_000);
        assert!(!page(&app, &format!("/devices/{id}")).await.contains("/conflicts/"), "nothing waits any more");
        let shown = page(&app, &path).await;
        assert!(shown.contains("Đã tính là đã phát") && shown.contains("Không tính"), "{shown}");
        assert!(shown.contains("Đã phát thật các lượt được chọn"), "{shown}");
    }

    async fn an_old_desk_form_of_a_handover_that_was_undone_is_not_green(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let path = format!("/desk?point_id={}&desk=2", market.point);
        let code = text(&market.vouchers[0], "typed_code");
        let form = [("once", "1"), ("code", code.as_str())];
        let (_, _, shown) = submit(&app, &path, &form).await;
        assert!(shown.contains("verdict green"), "{shown}");
        let nonce = text(&app.get("/api/v1/redemptions").await["items"][0], "nonce");
        app.create(&format!("/api/v1/redemptions/{nonce}/reversal"), json!({ "reason": "Chưa trao" })).await;
        let (_, _, shown) = submit(&app, &path, &form).await;
        assert!(shown.contains("ĐÃ HOÀN TÁC") && shown.contains("verdict red"), "{shown}");
    }
}
