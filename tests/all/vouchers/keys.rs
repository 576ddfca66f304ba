use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::fields;
use crate::on_both;
use crate::support::text;

on_both! {
    async fn anyone_can_check_a_voucher_with_the_published_key_and_plain_ed25519(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let code = text(&app.vouchers(&round).await[0], "code");
        assert_eq!(code.len(), 139);
        let bytes = data_encoding::BASE32_NOPAD.decode(code.strip_prefix("LL1:").unwrap().as_bytes()).unwrap();
        assert_eq!(bytes.len(), 84);

        // Without a login.
        let keys: serde_json::Value =
            app.client.get(format!("{}/api/v1/keys", app.base)).send().await.unwrap().json().await.unwrap();
        let instance: uuid::Uuid = text(&keys, "instance_id").parse().unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == bytes[1]).unwrap();
        assert_eq!((&key["retired_at"], &key["withdrawn_at"]), (&json!(null), &json!(null)));
        let public = data_encoding::BASE64.decode(text(key, "public_key").as_bytes()).unwrap();
        let message = [b"lalanh-voucher-v1\0".as_slice(), instance.as_bytes(), &bytes[..20]].concat();
        UnparsedPublicKey::new(&ED25519, &public).verify(&message, &bytes[20..]).unwrap();
    }

    async fn a_new_key_signs_while_the_older_one_only_verifies(app: TestApp) {
        let market = app.market(None).await;
        let households = app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "household_ids": [households[0]] })).await;
        let made = app.create("/api/v1/keys", json!({})).await;
        assert_eq!(made["kid"], 2);
        app.issue(&round, json!({ "household_ids": [households[1]] })).await;
        let kids: Vec<_> = app.vouchers(&round).await.iter().map(|v| v["kid"].clone()).collect();
        assert_eq!(kids, [1, 2]);
        let keys = app.get("/api/v1/keys").await;
        assert!(keys["keys"][0]["retired_at"].is_string() && keys["keys"][1]["retired_at"].is_null(), "{keys}");
    }

    async fn a_withdrawn_key_is_followed_by_a_new_one_and_its_vouchers_are_counted(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let path = "/api/v1/keys/1/withdraw";
        let no_reason = app.send(Method::POST, path, &json!({ "reason": " " })).await;
        assert_eq!(fields(&no_reason), [("reason".to_owned(), "out_of_range".to_owned())]);
        for _ in 0..2 {
            let (status, answer) = app.send(Method::POST, path, &json!({ "reason": "Máy chủ bị sao chép" })).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            assert_eq!(answer["vouchers_to_reissue"], 3);
            assert!(answer["key"]["withdrawn_at"].is_string());
        }
        let keys = app.get("/api/v1/keys").await;
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
        let voucher = text(&app.vouchers(&round).await[0], "id");
        let path = format!("/api/v1/vouchers/{voucher}/reissue");
        let (status, reissued) = app.send(Method::POST, &path, &json!({ "reason": "Khóa cũ đã thu hồi" })).await;
        assert_eq!((status, &reissued["kid"]), (StatusCode::OK, &json!(2)));
        assert_eq!(app.send(Method::POST, "/api/v1/keys/9/withdraw", &json!({ "reason": "x" })).await.0, StatusCode::NOT_FOUND);
    }

    async fn only_administrators_touch_keys(app: TestApp) {
        let coordinator = app.login("phuong", Role::Coordinator).await;
        let reason = json!({ "reason": "thử" });
        for path in ["/api/v1/keys", "/api/v1/keys/1/withdraw"] {
            assert_eq!(app.send_as(&coordinator, Method::POST, path, &reason).await.0, StatusCode::FORBIDDEN);
        }
    }
}
