//! The pages of one phone: what it holds, its release, and revoking it in the same step.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::TestApp;

/// Who gave a phone with a lease of all vouchers, at a market of so many.
async fn lost_phone(app: &TestApp, households: usize) -> (Market, String, String) {
    let market = app.open_market(Plan { households, ..Plan::default() }).await;
    let (token, id) = app.phone("Máy 3", &[&market.point]).await;
    app.take_lease(&token, json!({ "point_id": market.point })).await;
    (market, token, format!("/devices/{id}"))
}

impl TestApp {
    async fn see(&self, path: &str, token: &str) -> (StatusCode, String) {
        let response = self.request(Method::GET, path, token).header("accept", "text/html").send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// The outcome of a voucher at another desk.
    async fn at_another_desk(&self, market: &Market, token: &str, voucher: usize) -> serde_json::Value {
        self.scan_with(token, json!({ "point_id": market.point, "code": market.vouchers[voucher]["code"] })).await
    }
}

on_both! {
    async fn a_phones_page_tells_what_it_holds_and_releases_it(app: TestApp) {
        let (market, holder, path) = lost_phone(&app, 3).await;
        let (other, _) = app.phone("Máy 4", &[&market.point]).await;
        assert_eq!(app.at_another_desk(&market, &holder, 0).await["outcome"], "redeemed");
        let (_, shown) = app.see(&path, &app.admin).await;
        assert!(shown.contains("<strong>2</strong> / 3 phiếu") && shown.contains("Giải phóng 2 phiếu"), "{shown}");
        assert!(shown.contains("Được phát khi mất mạng đến") && shown.contains("name=\"still_in_use\""), "{shown}");
        // The reason is missing: said beside the field, and what was ticked stays.
        let (status, _, shown) = app.submit(&path, &[("reason", " "), ("still_in_use", "yes")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown.contains("id=\"reason-error\">Ghi lý do, từ 3 đến 300 ký tự.") && shown.contains(" checked"), "{shown}");
        let long = "a".repeat(301);
        assert_eq!(app.submit(&path, &[("reason", &long), ("still_in_use", "yes")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        // It may still hand out: only with the tick.
        let (status, _, shown) = app.submit(&path, &[("reason", "Máy mất lúc 9 giờ")]).await;
        assert!(status.is_client_error() && shown.contains("id=\"still_in_use-error\""), "{status} {shown}");
        assert!(shown.contains("value=\"Máy mất lúc 9 giờ\""), "what was typed stays");
        assert_eq!(app.at_another_desk(&market, &other, 1).await["outcome"], "leased_elsewhere");
        let form = [("reason", "Máy mất lúc 9 giờ"), ("still_in_use", "yes")];
        assert_eq!(app.submit(&path, &form).await.1, format!("{path}?done=released"));
        let (_, shown) = app.see(&format!("{path}?done=released"), &app.admin).await;
        assert!(shown.contains("Đã giải phóng phiếu") && !shown.contains("Phiếu máy này đang giữ"), "{shown}");
        assert_eq!(app.at_another_desk(&market, &other, 1).await["outcome"], "redeemed");
        // Once more: nothing is held, and nothing is wrong.
        assert_eq!(app.submit(&path, &form).await.0, StatusCode::SEE_OTHER);
        // The phone was not lost after all: it takes what is left.
        assert_eq!(app.take_lease(&holder, json!({ "point_id": market.point })).await["vouchers"], 1);
    }

    async fn past_its_time_a_phone_is_released_without_the_tick(app: TestApp) {
        let (market, _, path) = lost_phone(&app, 2).await;
        app.clock.set(app.clock.now().plus_secs(12 * 3600 + 1));
        let (_, shown) = app.see(&path, &app.admin).await;
        assert!(shown.contains("đã hết hạn, máy chưa báo kết thúc ca") && !shown.contains("name=\"still_in_use\""), "{shown}");
        assert_eq!(app.submit(&path, &[("reason", "Hết ca, máy hỏng")]).await.0, StatusCode::SEE_OTHER);
        let (other, _) = app.phone("Máy 4", &[&market.point]).await;
        assert_eq!(app.take_lease(&other, json!({ "point_id": market.point })).await["vouchers"], 2);
    }

    async fn revoking_a_lost_phone_releases_its_vouchers_in_the_same_step_or_does_neither(app: TestApp) {
        let (market, _, path) = lost_phone(&app, 3).await;
        let revoke = format!("{path}/revoke");
        let (_, shown) = app.see(&revoke, &app.admin).await;
        assert!(shown.contains("Giải phóng 3 phiếu máy này đang giữ"), "{shown}");
        let without_tick = [("release", "yes"), ("reason", "Máy mất")];
        let (status, _, shown) = app.submit(&revoke, &without_tick).await;
        assert!(status.is_client_error() && shown.contains("id=\"still_in_use-error\""), "{status} {shown}");
        assert!(!app.see(&path, &app.admin).await.1.contains("Thu hồi lúc"), "refused as a whole");
        let whole = [("release", "yes"), ("reason", "Máy mất"), ("still_in_use", "yes")];
        assert_eq!(app.submit(&revoke, &whole).await.1, format!("{path}?done=revoked_released"));
        let (_, shown) = app.see(&path, &app.admin).await;
        assert!(shown.contains("Thu hồi lúc") && !shown.contains("Phiếu máy này đang giữ"), "{shown}");
        let (other, _) = app.phone("Máy 4", &[&market.point]).await;
        assert_eq!(app.take_lease(&other, json!({ "point_id": market.point })).await["vouchers"], 3);
    }

    async fn revoking_alone_releases_nothing_and_its_page_says_how_to(app: TestApp) {
        let (market, _, path) = lost_phone(&app, 3).await;
        assert_eq!(app.submit(&format!("{path}/revoke"), &[]).await.1, format!("{path}?done=revoked"));
        let (_, shown) = app.see(&path, &app.admin).await;
        assert!(shown.contains("Giải phóng 3 phiếu"), "{shown}");
        let (other, _) = app.phone("Máy 4", &[&market.point]).await;
        assert_eq!(app.at_another_desk(&market, &other, 0).await["outcome"], "leased_elsewhere");
    }

    async fn a_phone_of_another_point_is_neither_seen_nor_released_nor_revoked(app: TestApp) {
        let (market, _, path) = lost_phone(&app, 2).await;
        let elsewhere = market.other_point.parse().unwrap();
        let stranger = app.login_within("diem.khac", Role::Coordinator, None, &[elsewhere]).await;
        assert_eq!(app.see(&path, &stranger).await.0, StatusCode::NOT_FOUND);
        for path in [path.clone(), format!("{path}/revoke")] {
            let form = [("release", "yes"), ("reason", "Máy mất"), ("still_in_use", "yes")];
            let request = app.request(Method::POST, &path, &stranger).form(&form);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        }
        let (_, shown) = app.see(&path, &app.admin).await;
        assert!(shown.contains("Giải phóng 2 phiếu") && !shown.contains("Thu hồi lúc"), "{shown}");
    }
}
