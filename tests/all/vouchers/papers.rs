use futures_util::{StreamExt, stream};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::on_both;
use crate::support::{market_morning, text};

on_both! {
    async fn a_void_voucher_stays_void_with_its_reason_and_frees_the_household(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let path = format!("/api/v1/vouchers/{}", text(&app.vouchers(&round).await[0], "id"));
        for reason in ["Hộ đã chuyển đi", "bấm lần nữa"] {
            let voided = app.create(&format!("{path}/void"), json!({ "reason": reason })).await;
            assert_eq!((&voided["status"], &voided["void_reason"]), (&json!("void"), &json!("Hộ đã chuyển đi")));
        }
        let (status, problem) = app.send(Method::POST, &format!("{path}/reissue"), &json!({ "reason": "mất" })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("void")));
        assert_eq!(app.issue(&round, json!({ "area_ids": [market.ward] })).await["issued"], 1);
        let count = async |status: &str| {
            let list = app.get(&format!("/api/v1/rounds/{round}/vouchers?status={status}")).await;
            list["items"].as_array().unwrap().len()
        };
        assert_eq!((count("void").await, count("issued").await, count("redeemed").await), (1, 1, 0));
    }

    async fn what_was_handed_out_can_neither_be_voided_nor_reissued(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let voucher = app.vouchers(&round).await[0].clone();
        app.hand_out(&voucher, market_morning()).await;
        let path = format!("/api/v1/vouchers/{}", text(&voucher, "id"));
        assert_eq!(app.get(&path).await["status"], "redeemed");
        for action in ["void", "reissue"] {
            let (status, problem) = app.send(Method::POST, &format!("{path}/{action}"), &json!({ "reason": "thử" })).await;
            assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_redeemed")));
        }
    }

    async fn a_reissued_paper_has_new_codes_and_the_old_one_is_known_as_replaced(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 1).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let before = app.vouchers(&round).await[0].clone();
        let path = format!("/api/v1/vouchers/{}/reissue", text(&before, "id"));
        let after = app.create(&path, json!({ "reason": "Mất phiếu" })).await;
        assert_eq!((&after["issue_number"], &after["serial"]), (&json!(2), &before["serial"]));
        assert_ne!(after["code"], before["code"]);
        assert_ne!(after["typed_code"], before["typed_code"]);
        assert_eq!(after["replaced_papers"][0]["reason"], "Mất phiếu");
        for (paper, superseded) in [(&before, true), (&after, false)] {
            let typed = text(paper, "typed_code").to_lowercase().replace('-', "%20");
            let found = app.get(&format!("/api/v1/vouchers?typed_code={typed}")).await;
            assert_eq!(found["items"][0]["id"], before["id"]);
            assert_eq!(found["items"][0]["superseded"], superseded);
        }
        let (status, _) = app.send(Method::GET, "/api/v1/vouchers?typed_code=00000-00001", &json!(null)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut tx = app.core.db.begin().await.unwrap();
        tx.sql("update vouchers set issue_number = 255").execute().await.unwrap();
        tx.commit().await.unwrap();
        let (status, problem) = app.send(Method::POST, &path, &json!({ "reason": "Mất phiếu" })).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("reissued_too_often")));
    }

    async fn the_list_is_paged_by_serial_and_filtered_by_point(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 3).await;
        app.households(&market.areas[1], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let mut serials = Vec::new();
        let mut after = String::new();
        loop {
            let page = app.get(&format!("/api/v1/rounds/{round}/vouchers?limit=2{after}")).await;
            serials.extend(page["items"].as_array().unwrap().iter().map(|v| v["serial"].as_i64().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(serials, [1, 2, 3, 4, 5]);
        let there = app.get(&format!("/api/v1/rounds/{round}/vouchers?point_id={}", market.points[1])).await;
        assert_eq!(there["items"].as_array().unwrap().len(), 2);
    }

    async fn a_voucher_is_voided_or_handed_out_but_never_both(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 60).await;
        app.stock(&market.ward, &market.points[0], &[(&market.item, 60 * 10_000)]).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.ward] })).await;
        let vouchers = app.vouchers(&round).await;
        let reason = json!({ "reason": "Đã chuyển đi" });
        let races = vouchers.iter().map(async |voucher| {
            let path = format!("/api/v1/vouchers/{}/void", text(voucher, "id"));
            let (void, scan) = tokio::join!(
                app.send(Method::POST, &path, &reason),
                app.scan(&market.points[0], &voucher["code"]),
            );
            (void.0, text(&scan, "outcome"))
        });
        // A few at a time, so that now one and now the other comes first.
        let results: Vec<(StatusCode, String)> = stream::iter(races).buffered(6).collect().await;
        for ((status, outcome), voucher) in results.iter().zip(&vouchers) {
            let now = app.get(&format!("/api/v1/vouchers/{}", text(voucher, "id"))).await;
            let expected = match outcome.as_str() {
                "redeemed" => (StatusCode::CONFLICT, 1, "redeemed"),
                "void" => (StatusCode::OK, 0, "void"),
                other => panic!("{other}"),
            };
            let seen = (*status, now["units_redeemed"].as_i64().unwrap(), now["status"].as_str().unwrap());
            assert_eq!(seen, expected, "{outcome}");
        }
        let handed_out = results.iter().filter(|(_, outcome)| outcome == "redeemed").count() as i64;
        assert_eq!(app.level(&market.points[0], &market.item).await, (60 - handed_out) * 10_000);
        app.books_balance().await;
    }
}
