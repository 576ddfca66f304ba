use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use futures_util::future::join_all;
use lalanh::people::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::fields;
use crate::on_both;
use crate::support::{market_morning, text};

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

    async fn a_new_key_is_known_to_phones_for_an_hour_before_it_signs(app: TestApp) {
        let market = app.market(None).await;
        let households = app.households(&market.areas[0], 3).await;
        let round = app.round(&market, json!({})).await;
        let issue = async |n: usize| app.issue(&round, json!({ "household_ids": [households[n]] })).await;
        let made = app.create("/api/v1/keys", json!({})).await;
        assert_eq!((&made["kid"], &made["retired_at"]), (&json!(2), &json!(null)));
        let keys = app.get("/api/v1/keys").await;
        assert_eq!(keys["keys"][0]["retired_at"], "2021-08-05T01:00:00Z", "said beforehand");
        issue(0).await;
        app.at("2021-08-05T07:59:59+07:00");
        issue(1).await;
        app.at("2021-08-05T08:00:00+07:00");
        issue(2).await;
        let kids: Vec<_> = app.vouchers(&round).await.iter().map(|v| v["kid"].clone()).collect();
        assert_eq!(kids, [1, 1, 2]);
    }

    async fn a_new_key_signs_at_once_when_that_is_asked_for(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.create("/api/v1/keys", json!({ "now": true })).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(app.vouchers(&round).await[0]["kid"], 2);
    }

    async fn a_published_key_takes_the_place_of_one_that_is_withdrawn(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.create("/api/v1/keys", json!({})).await;
        app.create("/api/v1/keys/1/withdraw", json!({ "reason": "Máy chủ bị sao chép" })).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        assert_eq!(app.vouchers(&round).await[0]["kid"], 2);
        assert_eq!(app.get("/api/v1/keys").await["keys"].as_array().unwrap().len(), 2);
    }

    async fn administrators_who_rotate_at_once_each_get_a_key_and_one_signs_in_the_end(app: TestApp) {
        let made = join_all((0..8).map(|_| app.create("/api/v1/keys", json!({})))).await;
        let mut kids: Vec<i64> = made.iter().map(|key| key["kid"].as_i64().unwrap()).collect();
        kids.sort_unstable();
        assert_eq!(kids, [2, 3, 4, 5, 6, 7, 8, 9]);
        let keys = app.get("/api/v1/keys").await;
        let lasting = keys["keys"].as_array().unwrap().iter().filter(|key| key["retired_at"].is_null());
        assert_eq!(lasting.map(|key| key["kid"].clone()).collect::<Vec<_>>(), [9]);
    }

    async fn all_vouchers_of_a_withdrawn_key_get_new_papers_together(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 5).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let before = app.vouchers(&round).await;
        app.hand_out(&before[0], market_morning()).await;
        app.create(&format!("/api/v1/vouchers/{}/void", text(&before[1], "id")), json!({ "reason": "Chuyển đi" })).await;
        let path = "/api/v1/keys/1/reissue";
        let reason = json!({ "reason": "Khóa cũ đã thu hồi" });
        let (status, problem) = app.send(Method::POST, path, &reason).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("key_not_withdrawn")));
        let withdrawn = app.create("/api/v1/keys/1/withdraw", json!({ "reason": "Máy chủ bị sao chép" })).await;
        assert_eq!(withdrawn["vouchers_to_reissue"], 3, "one was received, one is void");
        assert_eq!(app.create(path, reason.clone()).await, json!({ "reissued": 3, "left_out": 0 }));
        let after = app.vouchers(&round).await;
        for (old, new) in before.iter().zip(&after).skip(2) {
            assert_eq!((&new["issue_number"], &new["kid"], &new["serial"]), (&json!(2), &json!(2), &old["serial"]));
            let found = app.get(&format!("/api/v1/vouchers?typed_code={}", text(old, "typed_code"))).await;
            assert_eq!(found["items"][0]["superseded"], true);
            let answer = app.scan(&market.points[0], &old["code"]).await;
            assert_eq!(answer["outcome"], "revoked_key");
            let answer = app.scan(&market.points[0], &new["code"]).await;
            assert_eq!(answer["outcome"], "out_of_stock", "its signature is good: {answer}");
        }
        assert_eq!((&after[0]["code"], &after[1]["code"]), (&before[0]["code"], &before[1]["code"]));
        assert_eq!(app.create(path, reason).await, json!({ "reissued": 0, "left_out": 0 }));
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
        assert_eq!(app.send(Method::POST, "/api/v1/keys/9/withdraw", &json!({ "reason": "Không rõ" })).await.0, StatusCode::NOT_FOUND);
    }

    async fn only_administrators_touch_keys(app: TestApp) {
        let coordinator = app.login("phuong", Role::Coordinator).await;
        let reason = json!({ "reason": "thử" });
        for path in ["/api/v1/keys", "/api/v1/keys/1/withdraw", "/api/v1/keys/1/reissue"] {
            assert_eq!(app.send_as(&coordinator, Method::POST, path, &reason).await.0, StatusCode::FORBIDDEN);
        }
    }
}
