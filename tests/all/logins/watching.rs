//! Who may look without acting: at the metrics, and an auditor at vouchers.

use lalanh::app::router;
use lalanh::http::{Config, Core};
use lalanh::people::Role;
use lalanh::vault::{REPLAY_KEY_LEN, ReplayKey, Vault};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::on_both;
use crate::support::TestApp;

/// What a service with this token answers who asks for its metrics from an address with these headers.
async fn metrics(app: &TestApp, from: &str, headers: &[(&str, &str)]) -> StatusCode {
    let config = Config { metrics_token: Some("mot-ma-dai-kho-doan".to_owned()), ..app.core.config.clone() };
    let keys = (Vault::new([7; 32], app.clock.clone()), ReplayKey::new(&[7; REPLAY_KEY_LEN]));
    let core = Core::new(app.core.db.clone(), app.clock.clone(), keys, app.core.instance_id, config);
    let mut request = axum::http::Request::get("/metrics").body(axum::body::Body::empty()).unwrap();
    let remote: std::net::SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(remote));
    for (name, value) in headers {
        let name = axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().insert(name, axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    router(core).oneshot(request).await.unwrap().status()
}

on_both! {
    async fn metrics_are_for_this_machine_and_for_who_shows_their_token(app: TestApp) {
        let (ok, hidden) = (StatusCode::OK, StatusCode::NOT_FOUND);
        assert_eq!(metrics(&app, "127.0.0.1:5000", &[]).await, ok);
        assert_eq!(metrics(&app, "[::ffff:127.0.0.1]:5000", &[]).await, ok);
        assert_eq!(metrics(&app, "192.0.2.1:5000", &[]).await, hidden);
        assert_eq!(metrics(&app, "192.0.2.1:5000", &[("x-forwarded-for", "127.0.0.1")]).await, hidden);
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            assert_eq!(metrics(&app, "127.0.0.1:5000", &[(name, "127.0.0.1")]).await, hidden, "a proxy of this machine: {name}");
        }
        let staff = format!("Bearer {}", app.admin);
        for (shown, status) in [("Bearer mot-ma-dai-kho-doan", ok), ("Bearer nonsense", hidden), ("Bearer ", hidden), (&staff, hidden)] {
            assert_eq!(metrics(&app, "192.0.2.1:5000", &[("authorization", shown)]).await, status, "{shown}");
        }
    }

    async fn an_auditor_sees_vouchers_and_can_collect_on_none(app: TestApp) {
        let market = app.market(None).await;
        app.households(&market.areas[0], 2).await;
        let round = app.round(&market, json!({})).await;
        app.issue(&round, json!({ "area_ids": [market.areas[0]] })).await;
        let voucher = app.vouchers(&round).await[0].clone();
        let (code, typed) = (voucher["code"].as_str().unwrap(), voucher["typed_code"].as_str().unwrap());
        let (id, auditor) = (voucher["id"].as_str().unwrap(), app.login("giam.sat", Role::Auditor).await);
        let see = async |path: String| {
            let response = app.request(Method::GET, &path, &auditor).header("accept", "text/html").send().await.unwrap();
            (response.status(), response.text().await.unwrap())
        };
        for path in [
            format!("/api/v1/rounds/{round}/vouchers"),
            format!("/api/v1/vouchers?typed_code={typed}"),
            format!("/api/v1/vouchers/{id}"),
            format!("/vouchers/{id}"),
            format!("/rounds/{round}"),
            format!("/rounds/{round}/vouchers"),
        ] {
            let (status, seen) = see(path.clone()).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(!seen.contains(code) && !seen.contains(typed) && !seen.contains("qr.svg"), "{path}: {seen}");
            assert!(!seen.contains("/print"), "{path} offers no paper");
        }
        let (_, seen) = see(format!("/api/v1/vouchers/{id}")).await;
        let seen: Value = serde_json::from_str(&seen).unwrap();
        assert_eq!((&seen["serial"], &seen["code"], &seen["typed_code"]), (&voucher["serial"], &Value::Null, &Value::Null));
        for path in [
            format!("/api/v1/rounds/{round}/vouchers.pdf"),
            format!("/api/v1/rounds/{round}/vouchers.pdf?layout=roster&point_id={}", market.points[0]),
            format!("/api/v1/vouchers/{id}/qr.svg"),
            format!("/api/v1/vouchers/{id}/qr.png"),
            format!("/rounds/{round}/print"),
        ] {
            assert_eq!(see(path.clone()).await.0, StatusCode::FORBIDDEN, "{path}");
        }
    }
}
