//! Secrets that are guessed: private links, enrolment codes, the set-up link, passwords, sessions.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::landlords::waived;
use crate::on_both;
use crate::support::text;

/// Until a guess is refused at the latest: sooner than anybody waits for the writer.
const PROMPT: Duration = Duration::from_secs(10);
/// A landlord's form as it may be sent.
const ROW: [(&str, &str); 5] = [
    ("rooms[0].room", "Phòng 1"),
    ("rooms[0].rent", "1.000.000"),
    ("rooms[0].kind", "waiver"),
    ("rooms[0].from", "2021-08"),
    ("rooms[0].to", "2021-08"),
];

on_both! {
    async fn whoever_guesses_secrets_does_not_wait_for_the_writer_nor_hold_it(app: TestApp) {
        // Somebody writes for long.
        let writer = app.core.db.begin().await.unwrap();
        let link = "/api/v1/public/rent-reductions/khong-co-that";
        let refused = [
            (app.client.patch(format!("{}{link}", app.base)).json(&json!({ "note": "" })), 404),
            (app.client.post(format!("{}{link}/withdraw", app.base)), 404),
            (app.form("/giam-tien-tro/khong-co-that/withdraw", &[]), 404),
            (app.form("/giam-tien-tro/khong-co-that/correct", &ROW), 404),
            (app.client.post(format!("{}/api/v1/devices/enrol", app.base)).json(&json!({ "enrol_code": "AAAA" })), 422),
            (app.client.post(format!("{}/api/v1/login", app.base)).json(&json!({ "username": "x", "password": "y" })), 401),
            (app.form("/login", &[("username", "x"), ("password", "y")]), 401),
            (app.form("/setup", &[("token", "x"), ("username", "lan.tran"), ("password", "mật khẩu dài"), ("again", "mật khẩu dài")]), 422),
            (app.form("/logout", &[]).header("cookie", "lalanh_session=x"), 303),
            (app.request(Method::POST, "/api/v1/logout", "nobody"), 401),
        ];
        for (n, (request, status)) in refused.into_iter().enumerate() {
            let answer = tokio::time::timeout(PROMPT, request.send()).await;
            let answer = answer.unwrap_or_else(|_| panic!("call {n} waits for the writer")).unwrap();
            assert_eq!(answer.status().as_u16(), status, "call {n}: {}", answer.text().await.unwrap());
        }
        writer.rollback().await.unwrap();
        // Whoever has the secret still gets what it opens.
        let body = json!({ "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905 420 430" },
            "rooms": [waived("Phòng 1", "2021-08")], "consent": true });
        let (_, pledged) = app.pledge_as_anyone(&body).await;
        let own = format!("{}/api/v1/public/rent-reductions/{}", app.base, text(&pledged, "token"));
        let answer = app.client.post(format!("{own}/withdraw")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
    }
}
