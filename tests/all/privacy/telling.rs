//! Everything kept of a person is told to that person, and the look is logged.

use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::traces::HOA;
use crate::landlords::waived;
use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::text;

on_both! {
    async fn a_household_is_told_all_that_is_kept_of_it(app: TestApp) {
        let market = app.open_market(Plan::default()).await;
        let change = json!({ "head_name": HOA, "phone": "0905 123 456", "citizen_id": "048172001234", "note": "hay đau ốm" });
        let id = app.household(&market.area, change).await;
        let round = app.open_round(&market, &json!({})).await;
        let voucher = app.issue_to(&round, std::slice::from_ref(&id), &market.point, 1).await.remove(0);
        let collector = json!({ "name": "Lê Văn Tám", "relation": "con" });
        app.scan_with(&app.admin, json!({ "point_id": market.point, "code": voucher["code"], "collector": collector })).await;
        let told = app.get(&format!("/api/v1/households/{id}/export")).await;
        let person = &told["sections"]["person"][0];
        assert_eq!((&person["head_name"], &person["phone"], &person["citizen_id"], &person["note"]),
            (&json!(HOA), &json!("0905123456"), &json!("048172001234"), &json!("hay đau ốm")), "{told}");
        assert_eq!(told["sections"]["vouchers"].as_array().unwrap().len(), 1);
        assert_eq!(told["sections"]["scans"][0]["collector_name"], "Lê Văn Tám");
        assert_eq!(app.audited("tell").await, 1);
        let page = app.page(&format!("/households/{id}/export")).await;
        for word in [HOA, "0905123456", "hay đau ốm", "Lê Văn Tám", "Lượt quét phiếu"] {
            assert!(page.contains(word), "{word}: {page}");
        }
        app.erase("households", &id, json!({})).await;
        let told = app.get(&format!("/api/v1/households/{id}/export")).await;
        assert_eq!(told["erased"], true);
        assert!(!told.to_string().contains(HOA) && !told.to_string().contains("0905123456"), "{told}");
        assert!(app.page(&format!("/households/{id}/export")).await.contains("đã được xóa theo yêu cầu"));
    }

    async fn landlords_donors_and_volunteers_are_told_as_well(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let mut line = waived("1", "2021-07");
        line["tenant"] = json!("Lê Văn Tám");
        let pledge = app.pledged(Some(&ward), &[line]).await;
        let landlord = text(&app.get(&format!("/api/v1/rent-reductions/{pledge}")).await["landlord"], "id");
        let told = app.get(&format!("/api/v1/landlords/{landlord}/export")).await;
        assert_eq!(told["sections"]["person"][0]["phone"], "0905420430");
        assert_eq!(told["sections"]["rent_lines"][0]["tenant"], "Lê Văn Tám");
        let gift = json!({ "donor": { "name": "Phạm Văn Chín", "kind": "person" }, "received_on": "2021-08-01",
            "lines": [{ "kind": "cash", "amount": 500_000 }] });
        let donor = text(&app.create("/api/v1/donations", gift).await["donor"], "id");
        let told = app.get(&format!("/api/v1/donors/{donor}/export")).await;
        assert_eq!((&told["sections"]["person"][0]["name"], &told["sections"]["donations"][0]["value"]),
            (&json!("Phạm Văn Chín"), &json!(500_000)));
        let (_, device) = app.phone("Máy 1", &[&point]).await;
        assert_eq!(app.get(&format!("/api/v1/devices/{}/export", device.0)).await["sections"]["person"][0]["name"], "Máy 1");
        app.login("hai", Role::Coordinator).await;
        let users = app.get("/api/v1/users").await;
        let hai = users["items"].as_array().unwrap().iter().find(|user| user["username"] == "hai").unwrap().clone();
        let hai = text(&hai, "id");
        assert_eq!(app.get(&format!("/api/v1/users/{hai}/export")).await["sections"]["person"][0]["role"], "coordinator");
        for path in [format!("/landlords/{landlord}"), format!("/donors/{donor}"), format!("/devices/{}", device.0), format!("/users/{hai}")] {
            assert!(app.page(&format!("{path}/export")).await.contains("Thông tin trong sổ"), "{path}");
            assert!(app.page(&format!("{path}/erase")).await.contains("Mất hẳn"), "{path}");
        }
        assert_eq!(app.send(Method::GET, &format!("/api/v1/donors/{landlord}/export"), &json!({})).await.0, StatusCode::NOT_FOUND);
    }

    async fn a_landlords_private_link_names_no_tenant_and_keeps_them_when_corrected(app: TestApp) {
        let ward = app.ward().await;
        let mut lines = [waived("Phòng 1", "2021-07"), waived("Phòng 2", "2021-07")];
        lines[0]["tenant"] = json!("Lê Văn Tám");
        let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905 420 430" });
        let pledged = app.create("/api/v1/rent-reductions", json!({ "landlord": landlord, "area_id": ward, "rooms": lines })).await;
        let (id, token) = (text(&pledged, "id"), text(&pledged, "token"));
        let call = format!("/api/v1/public/rent-reductions/{token}");
        let own = app.client.get(format!("{}{call}", app.base)).send().await.unwrap().text().await.unwrap();
        assert!(own.contains("Phòng 1") && !own.contains("Lê Văn Tám"), "{own}");
        for path in [format!("/giam-tien-tro/{token}"), format!("/giam-tien-tro/{token}/correct")] {
            let page = app.anyones_page(&path).await;
            assert!(page.body.contains("Phòng 1") && !page.body.contains("Lê Văn Tám"), "{path}: {}", page.body);
        }
        let body = json!({ "rooms": [waived("P.1", "2021-07"), waived("P.1", "2021-08"), waived("2", "2021-07")] });
        let response = app.client.patch(format!("{}{call}", app.base)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(!response.text().await.unwrap().contains("Lê Văn Tám"));
        let kept = app.get(&format!("/api/v1/rent-reductions/{id}")).await;
        let tenants: Vec<_> = kept["lines"].as_array().unwrap().iter().map(|line| text(line, "tenant")).collect();
        assert_eq!(tenants.iter().filter(|tenant| *tenant == "Lê Văn Tám").count(), 2, "{tenants:?}");
    }
}
