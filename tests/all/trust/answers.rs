//! Kept answers, and what is dropped of them and of logins.

use lalanh::db::Db;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::landlords::waived;
use crate::on_both;
use crate::support::{On, TestApp, bare_postgres_database, fresh_dir, postgres_server, text};

impl TestApp {
    /// Sends a create with an `Idempotency-Key`.
    async fn once(&self, key: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.request(Method::POST, path, &self.admin).header("Idempotency-Key", key).json(body);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn count(&self, text: &'static str) -> i64 {
        let (count,): (i64,) = self.core.db.read().await.unwrap().sql(text).one().await.unwrap();
        count
    }

    /// So much later.
    fn later(&self, secs: i64) {
        self.clock.set(self.clock.now().plus_secs(secs));
    }
}

on_both! {
    async fn a_retry_gets_its_secret_again_and_nobody_else_can_read_it(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let user = app.create("/api/v1/users", json!({ "username": "lan", "role": "auditor" })).await;
        let creates = [
            (format!("/api/v1/users/{}/tokens", text(&user, "id")), json!({ "days": 3 }), "token"),
            ("/api/v1/devices".to_owned(), json!({ "name": "Máy 1", "point_ids": [point] }), "enrol_code"),
            (
                "/api/v1/rent-reductions".to_owned(),
                json!({ "landlord": { "name": "Mai Mỹ Trâm", "phone": "0905 420 430" }, "rooms": [waived("1", "2021-08")] }),
                "token",
            ),
        ];
        for (n, (path, body, secret)) in creates.iter().enumerate() {
            let key = format!("key-{n}");
            let (first, second) = (app.once(&key, path, body).await, app.once(&key, path, body).await);
            assert_eq!(first.0, StatusCode::CREATED, "{}", first.1);
            assert_eq!(first, second, "a retry is answered as before");
            assert!(!text(&first.1, secret).is_empty());
            let mut other = body.clone();
            match other["name"].is_null() {
                true => other["days"] = json!(4),
                false => other["name"] = json!("Máy 2"),
            }
            assert_eq!(app.once(&key, path, &other).await.0, StatusCode::CONFLICT, "another request");
        }
        let mut conn = app.core.db.read().await.unwrap();
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> =
            conn.sql("select key, request_hash, answer from idempotency_keys").all().await.unwrap();
        assert_eq!(rows.len(), creates.len());
        for (name, request, answer) in rows {
            assert!(!name.contains("key-"), "the caller's own key is not kept: {name}");
            for (path, body, _) in &creates {
                let said = [path.as_bytes(), &[0], body.to_string().as_bytes()].concat();
                assert_ne!(request, lalanh::vault::sha256(&said), "a hash that anybody can try requests against");
            }
            for purpose in [lalanh::vault::Purpose::ReplayKey, lalanh::vault::Purpose::Import] {
                assert!(app.core.vault.open(purpose, &answer).is_err(), "the data folder's secret alone opens it");
            }
        }
    }

    async fn an_answer_is_kept_for_two_days_and_then_its_key_is_free(app: TestApp) {
        let path = "/api/v1/campaigns";
        let (key, body) = ("kept", json!({ "name": "San sẻ", "starts_on": "2021-07-01", "ends_on": "2021-09-30" }));
        let (_, kept) = app.once(key, path, &body).await;
        app.later(48 * 3600);
        app.run_job("prune").await;
        assert_eq!(app.once(key, path, &body).await.1, kept, "still the first answer");
        app.later(1);
        assert_eq!(app.would_drop("kept_answers").await, 1);
        app.run_job("prune").await;
        assert_eq!(app.dropped_by("kept_answers").await, 1);
        assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
        assert_ne!(app.once(key, path, &body).await.1["id"], kept["id"], "the key is free again");
    }

    async fn what_ended_long_ago_is_dropped_and_what_is_needed_stays(app: TestApp) {
        let ward = app.ward().await;
        let point = app.point(&ward, "Nhà văn hóa").await;
        let user = app.create("/api/v1/users", json!({ "username": "lan", "role": "auditor" })).await;
        let tokens = format!("/api/v1/users/{}/tokens", text(&user, "id"));
        let short = app.create(&tokens, json!({ "days": 1 })).await;
        let revoked = app.create(&tokens, json!({ "days": 3650 })).await;
        let long = app.create(&tokens, json!({ "days": 3650 })).await;
        app.create(&format!("/api/v1/tokens/{}/revoke", text(&revoked, "id")), json!({})).await;
        let unused = app.invite(&point).await;
        let (phone, _) = app.phone("Máy 2", &[&point]).await;
        assert_eq!(app.run_job("prune").await["counts"]["dropped"], 0, "nothing ended long ago");
        app.later(8 * 86_400 + 1);
        assert_eq!(app.would_drop("enrol_codes").await, 2);
        app.run_job("prune").await;
        assert_eq!(app.dropped_by("enrol_codes").await, 2);
        let (status, answer) = app.enrol(&text(&unused, "enrol_code")).await;
        assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown")));
        let list = app.get("/api/v1/devices").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "the phones stay in the list: {list}");
        app.later(24 * 86_400);
        assert_eq!(app.would_drop("ended_logins").await, 2);
        app.run_job("prune").await;
        assert_eq!((app.dropped_by("ended_logins").await, app.dropped_by("enrol_codes").await), (2, 0));
        let listed = app.get(&tokens).await;
        let ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(|token| text(token, "id")).collect();
        assert_eq!(ids, [text(&long, "id")]);
        for token in [text(&long, "token"), phone] {
            let path = if token == text(&long, "token") { "/api/v1/me" } else { "/api/v1/devices/me" };
            assert_eq!(app.request(Method::GET, path, &token).send().await.unwrap().status(), StatusCode::OK);
        }
        let log = app.get(&format!("/api/v1/audit?record_id={}", text(&short, "id"))).await;
        assert_eq!(log["items"][0]["action"], "create", "the log still tells of a token that is gone: {log}");
    }
}

/// A database of before, with an answer kept as it was then.
async fn kept_before(on: On) -> Option<Db> {
    let url = match on {
        On::Sqlite => {
            let dir = fresh_dir();
            std::fs::create_dir_all(&dir).unwrap();
            format!("sqlite://{}", dir.join("lalanh.db").display())
        }
        On::Postgres => bare_postgres_database(&postgres_server()?).await,
    };
    let db = Db::open(&url).await.unwrap();
    db.migrate_to(8).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.sql(
        "insert into idempotency_keys (actor_id, key, request_hash, status, answer, created_at)
         values ($1, 'mot', $2, 201, $2, 0)",
    )
    .bind(uuid::Uuid::nil())
    .bind(vec![1_u8; 32])
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Some(db)
}

#[tokio::test]
async fn answers_that_were_kept_before_are_forgotten_with_the_upgrade() {
    for on in [On::Sqlite, On::Postgres] {
        let Some(db) = kept_before(on).await else { continue };
        db.migrate().await.unwrap();
        let mut conn = db.read().await.unwrap();
        let (kept,): (i64,) = conn.sql("select count(*) from idempotency_keys").one().await.unwrap();
        assert_eq!(kept, 0, "{on:?}");
    }
}
