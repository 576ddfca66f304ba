//! Consents are given, taken back, and left without their person as evidence.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::traces::HOA;
use crate::landlords::waived;
use crate::on_both;
use crate::support::{TestApp, text};

impl TestApp {
    async fn consents(&self, what: &str, id: &str) -> Vec<Value> {
        self.get(&format!("/api/v1/{what}/{id}/consents")).await["items"].as_array().unwrap().clone()
    }
}

on_both! {
    async fn a_consent_is_kept_with_its_text_channel_and_who_took_it_and_never_assumed(app: TestApp) {
        let ward = app.ward().await;
        let silent = app.household(&ward, json!({ "consent": false, "consent_channel": "paper" })).await;
        assert_eq!(app.consents("households", &silent).await, Vec::<Value>::new(), "a channel alone is no consent");
        let new = json!({ "head_name": HOA, "citizen_id": null, "phone": null, "address": "5 Hà Khê", "consent": true, "consent_channel": "paper" });
        let id = app.household(&ward, new).await;
        let kept = app.consents("households", &id).await.remove(0);
        assert_eq!((&kept["purpose"], &kept["channel"], &kept["text_version"], &kept["given_by"]),
            (&json!("keep_data"), &json!("paper"), &json!(1), &json!("admin")));
        let page = app.page("/households/new").await;
        assert!(page.contains("name=\"consent\"") && !page.contains(" checked"), "never pre-ticked");
        let withdraw = json!({ "purpose": "keep_data", "channel": "phone_call", "reason": "gọi điện xin rút" });
        let path = format!("/api/v1/households/{id}/consents");
        let (status, after) = app.send(Method::POST, &format!("{path}/withdraw"), &withdraw).await;
        assert_eq!(status, StatusCode::OK, "{after}");
        assert_eq!((&after["items"][0]["withdrawn_channel"], &after["items"][0]["withdraw_reason"]),
            (&json!("phone_call"), &json!("gọi điện xin rút")));
        assert_eq!(app.get(&format!("/api/v1/households/{id}")).await["consent_at"], Value::Null);
        let (status, problem) = app.send(Method::POST, &format!("{path}/withdraw"), &withdraw).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("no_consent")));
        let short = json!({ "purpose": "keep_data", "channel": "paper", "reason": "x" });
        assert_eq!(app.send(Method::POST, &format!("{path}/withdraw"), &short).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = json!({ "purpose": "be_named", "channel": "paper" });
        let (status, problem) = app.send(Method::POST, &path, &wrong).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("purpose")));
        assert!(app.send(Method::POST, &path, &json!({ "purpose": "keep_data", "channel": "page" })).await.0.is_success());
        assert_eq!(app.consents("households", &id).await.len(), 2, "a new consent is a new record");
        assert_ne!(app.get(&format!("/api/v1/households/{id}")).await["consent_at"], Value::Null);
    }

    async fn consent_is_taken_back_by_page_too(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "consent": true })).await;
        let path = format!("/households/{id}/consents");
        assert!(app.page(&path).await.contains("Lưu thông tin để hỗ trợ"));
        let (status, _, again) = app.submit(&format!("{path}/withdraw"), &[("withdraw_purpose", "keep_data")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.contains("Chọn cách người dân báo"), "{again}");
        let fields = [("withdraw_purpose", "keep_data"), ("withdraw_channel", "paper"), ("reason", "đến nộp đơn")];
        let (status, to, _) = app.submit(&format!("{path}/withdraw"), &fields).await;
        assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=saved")));
        assert!(app.page(&path).await.contains("đến nộp đơn"));
        let (status, _, _) = app.submit(&path, &[("purpose", "keep_data"), ("channel", "paper")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }

    async fn evidence_is_left_without_the_person_and_found_by_the_paper_at_hand(app: TestApp) {
        let ward = app.ward().await;
        let new = json!({ "head_name": HOA, "phone": "0905 123 456", "citizen_id": "048172001234", "consent": true, "consent_channel": "paper" });
        let id = app.household(&ward, new).await;
        app.erase("households", &id, json!({})).await;
        let of_paper = async |body: Value| {
            let answer = app.create("/api/v1/consents/of-paper", body).await;
            answer["items"].as_array().unwrap().clone()
        };
        let found = of_paper(json!({ "name": "trần thị hoà nhớ", "citizen_id": "048172001234" })).await;
        assert_eq!((found.len(), &found[0]["channel"]), (1, &json!("paper")));
        assert_eq!(of_paper(json!({ "name": HOA, "phone": "+84 905 123 456" })).await.len(), 1);
        for other in [json!({ "name": HOA }), json!({ "name": "Lê Văn Tám", "phone": "0905 123 456" }), json!({ "name": HOA, "phone": "0905 123 457" })] {
            assert_eq!(of_paper(other.clone()).await, Vec::<Value>::new(), "{other}");
        }
    }

    async fn landlords_and_donors_agree_and_take_it_back(app: TestApp) {
        let landlord = json!({ "name": "Mai Mỹ Trâm", "phone": "0905 420 430" });
        let body = json!({ "landlord": landlord, "rooms": [waived("1", "2021-07")], "consent": true });
        let (status, pledged) = app.pledge_as_anyone(&body).await;
        assert_eq!(status, StatusCode::CREATED, "{pledged}");
        let landlord = text(&app.get(&format!("/api/v1/rent-reductions/{}", text(&pledged, "id"))).await["landlord"], "id");
        let kept = app.consents("landlords", &landlord).await.remove(0);
        assert_eq!((&kept["purpose"], &kept["channel"], &kept["given_by"]), (&json!("pledge_rent"), &json!("page"), &Value::Null));
        let gift = json!({ "donor": { "name": "Phạm Văn Chín", "kind": "person" }, "received_on": "2021-08-01",
            "lines": [{ "kind": "cash", "amount": 500_000 }] });
        let donor = text(&app.create("/api/v1/donations", gift).await["donor"], "id");
        let path = format!("/api/v1/donors/{donor}/consents");
        assert!(app.send(Method::POST, &path, &json!({ "purpose": "be_named", "channel": "paper" })).await.0.is_success());
        let back = json!({ "purpose": "be_named", "channel": "paper", "reason": "không muốn nêu tên" });
        assert!(app.send(Method::POST, &format!("{path}/withdraw"), &back).await.0.is_success());
        assert_eq!(app.get(&format!("/api/v1/donors/{donor}")).await["anonymous"], true, "named no more");
    }

    async fn consents_follow_a_merge_and_go_with_a_list_that_is_taken_back(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({ "consent": true })).await;
        let twin = json!({ "citizen_id": null, "phone": null, "allow_duplicate": true, "consent": true });
        let twin = app.household(&ward, twin).await;
        app.create(&format!("/api/v1/households/{twin}/merge"), json!({ "into_id": id, "reason": "một hộ" })).await;
        assert_eq!(app.consents("households", &id).await.len(), 2);
        let list = "Họ và tên,SĐT,Địa chỉ,Số khẩu\nLê Văn Phúc,0905123457,5 Hà Khê,2\n";
        let (_, preview) = app.upload("ds.csv", list.into(), None).await;
        assert_eq!(app.commit(&preview, json!({ "consent": true })).await.0, StatusCode::OK);
        let count = async || {
            let mut conn = app.core.db.read().await.unwrap();
            let (count,): (i64,) = conn.sql("select count(*) from consents where channel = 'list'").one().await.unwrap();
            count
        };
        assert_eq!(count().await, 1);
        let undo = format!("/api/v1/households/imports/{}/undo", text(&preview, "id"));
        let (status, answer) = app.send(Method::POST, &undo, &json!({})).await;
        assert!(status.is_success(), "{answer}");
        assert_eq!(count().await, 0);
    }
}
