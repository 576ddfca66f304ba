//! The report's pages, and what the ward publishes.

use lalanh::people::Role;
use reqwest::StatusCode;
use serde_json::json;

use crate::landlords::waived;
use crate::on_both;

on_both! {
    async fn the_report_keeps_pledged_verified_and_confirmed_apart_and_opens_to_its_rows(app: TestApp) {
        app.pledged(None, &[waived("9", "2021-08")]).await;
        let verified = app.pledged(None, &[waived("1", "2021-07"), waived("2", "2021-07")]).await;
        app.step(&verified, "verify", json!({})).await;
        let html = app.page("/reports?from=2021-07-01&to=2021-09-30").await;
        assert!(html.contains("/reports/rows/rent?from=2021-07-01&#38;to=2021-09-30")
            || html.contains("/reports/rows/rent?from=2021-07-01&amp;to=2021-09-30"), "{html}");
        assert!(html.contains("2.000.000 đ") && html.contains("1.000.000 đ"), "verified and pledged, each by itself");
        assert!(html.contains("2 phòng trọ với tổng số tiền được giảm 2.000.000 đồng"), "the text to copy");
        assert!(html.contains("<svg class=\"bars\""));
        let rows = app.page("/reports/rows/rent?from=2021-07-01&to=2021-09-30").await;
        assert_eq!(rows.matches(&format!("/rent/{verified}")).count(), 2);
        let storekeeper = app.login("thu.kho", Role::Storekeeper).await;
        let (_, rows) = app.page_as(&storekeeper, "/reports/rows/rent?from=2021-07-01&to=2021-09-30").await;
        assert!(rows.contains("1.000.000 đ") && !rows.contains("href=\"/rent/"), "no link to a page they may not see");
    }

    async fn a_period_that_ends_before_it_starts_comes_back_as_it_was_typed(app: TestApp) {
        let (status, html) = app.page_as(&app.admin, "/reports?from=2021-09-30&to=2021-07-01").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.contains("value=\"2021-09-30\"") && html.contains("id=\"to-error\""));
    }

    async fn the_report_of_an_area_counts_its_rent_alone(app: TestApp) {
        let ward = app.ward().await;
        let area = json!({ "name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": ward });
        let area = crate::support::text(&app.create("/api/v1/areas", area).await, "id");
        for (area, room) in [(Some(area.as_str()), "1"), (None, "2")] {
            let id = app.pledged(area, &[waived(room, "2021-07")]).await;
            app.step(&id, "verify", json!({})).await;
        }
        let of_area = app.get(&format!("/api/v1/reports/summary?area_id={area}")).await;
        assert_eq!(of_area["rent"]["rooms"], 1);
        assert_eq!(of_area["rent"]["by_status"]["verified"]["amount"], 1_000_000);
        assert_eq!(app.get("/api/v1/reports/summary").await["rent"]["rooms"], 2);
        let rows = app.get(&format!("/api/v1/reports/rows/rent?area_id={area}")).await;
        assert_eq!(rows["items"].as_array().unwrap().len(), 1);
        assert!(app.page(&format!("/reports?area_id={area}")).await.contains("1.000.000 đ"));
    }

    async fn nothing_is_public_until_a_coordinator_has_seen_it_and_switched_it_on(app: TestApp) {
        let ward = app.ward().await;
        let area = json!({ "name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": ward });
        let area = crate::support::text(&app.create("/api/v1/areas", area).await, "id");
        let id = app.pledged(Some(&area), &[waived("1", "2021-07")]).await;
        app.step(&id, "verify", json!({})).await;
        assert!(app.anyones_page("/cong-khai").await.body.contains("chưa công khai"));
        assert!(app.page("/reports/public").await.contains("1.000.000 đ"), "a preview");
        let (status, to, _) = app.submit("/reports/public", &[("enabled", "yes")]).await;
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/reports/public?done=published"));
        let public = app.anyones_page("/cong-khai").await.body;
        assert!(public.contains("1.000.000 đ") && !public.contains("Mai Mỹ Trâm"));
        assert!(!public.contains("Khu dân cư số 3"), "one landlord alone would be recognised by the neighbours");
        app.submit("/reports/public", &[("enabled", "no")]).await;
        assert!(!app.anyones_page("/cong-khai").await.body.contains("1.000.000 đ"));
    }
}
