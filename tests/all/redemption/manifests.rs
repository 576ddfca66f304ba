//! What the list says that a phone takes along.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::leases::{by_code, known_as, named};
use super::market::Plan;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn only_its_own_phone_speaks_for_a_lease(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point, &market.other_point]).await;
        let (elsewhere, _) = app.phone("Máy 3", &[&market.other_point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point })).await;
        assert_eq!(app.say(&other, &lease, "returns", named(&market, 0)).await.0, StatusCode::NOT_FOUND);
        assert_eq!(app.say(&other, &lease, "report", json!({ "last_sequence": 0 })).await.0, StatusCode::NOT_FOUND);
        let id = text(&lease, "id");
        assert_eq!(app.look(&other, &format!("/api/v1/leases/{id}/recalls")).await.0, StatusCode::NOT_FOUND);
        let path = format!("/api/v1/points/{}/manifest", market.point);
        assert_eq!(app.look(&other, &format!("{path}?lease={id}")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(app.look(&elsewhere, &path).await.0, StatusCode::FORBIDDEN);
        let ask = json!({ "point_id": market.point });
        assert_eq!(app.send_as(&elsewhere, Method::POST, "/api/v1/leases", &ask).await.0, StatusCode::FORBIDDEN);
    }

    async fn amber_is_flagged_and_told_with_its_caps(app: TestApp) {
        let round = json!({ "offline": "amber", "amber_in_a_row": 5, "amber_hours": 2 });
        let market = app.open_market(Plan { households: 3, round, ..Plan::default() }).await;
        let (holder, _) = app.phone("Máy 1", &[&market.point]).await;
        let (other, _) = app.phone("Máy 2", &[&market.point]).await;
        let lease = app.take_lease(&holder, json!({ "point_id": market.point })).await;
        app.say(&holder, &lease, "returns", named(&market, 0)).await;
        let manifest = app.manifest(&other, &market.point).await;
        assert_eq!((&manifest["lease"], &manifest["row_count"]), (&Value::Null, &json!(0)));
        assert_eq!(manifest["rounds"][0]["amber"], json!({ "in_a_row": 5, "hours": 2 }));
        assert_eq!((known_as(&manifest, &market.vouchers[0]), known_as(&manifest, &market.vouchers[1])), (None, Some(3)));
        let results = app
            .deliver(&other, &[
                app.record(&market.point, &market.vouchers[0]["code"], 1),
                app.record(&market.point, &market.vouchers[1]["code"], 2),
            ])
            .await;
        assert_eq!(results[0]["flags"], json!(["amber"]));
        // Held by another phone: taken as fact, and a coordinator looks.
        assert_eq!(results[1]["flags"], json!(["leased_elsewhere", "amber"]));
        let conflict = &app.get("/api/v1/conflicts").await["items"][0];
        assert_eq!(conflict["kind"], "handed_out_against_rule");
    }

    async fn a_voucher_that_was_voided_or_reissued_is_not_in_the_manifest(app: TestApp) {
        let market = app.open_market(Plan { households: 3, ..Plan::default() }).await;
        let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
        app.take_lease(&phone, json!({ "point_id": market.point })).await;
        let reason = json!({ "reason": "Chuyển đi" });
        app.create(&format!("/api/v1/vouchers/{}/void", text(&market.vouchers[0], "id")), reason.clone()).await;
        app.create(&format!("/api/v1/vouchers/{}/reissue", text(&market.vouchers[1], "id")), reason).await;
        let manifest = app.manifest(&phone, &market.point).await;
        assert_eq!((by_code(&manifest, &market.vouchers[0]), by_code(&manifest, &market.vouchers[1])), (None, None));
        assert_eq!(known_as(&manifest, &market.vouchers[0]), Some(2));
        let id = text(&market.vouchers[1], "id");
        assert!(by_code(&manifest, &app.get(&format!("/api/v1/vouchers/{id}")).await).is_some());
    }
}
