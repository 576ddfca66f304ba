//! Who has the database alone can't rewrite or cut the log; what the database can't show, paper and folder do.

use lalanh::db::{Db, Tx};
use lalanh::doctor::{Check, State, examine};
use lalanh::kernel::{Clock, Moment};
use lalanh::people::audit_chain::{self, first_broken};
use lalanh::people::audit_entry::Entry;
use lalanh::vault::sha256;
use reqwest::Method;
use serde_json::json;

use crate::backup::said;
use crate::on_both;
use crate::support::{On, TestApp, bare_postgres_database, fresh_dir, postgres_server};

impl TestApp {
    async fn broken_at(&self) -> Option<i64> {
        first_broken(&mut self.core.db.read().await.unwrap()).await.unwrap()
    }

    /// Someone with the database, and nothing else, does something to it.
    async fn insider(&self, does: impl AsyncFnOnce(&mut Tx)) {
        let mut tx = self.core.db.begin().await.unwrap();
        does(&mut tx).await;
        tx.commit().await.unwrap();
    }

    pub async fn log_check(&self) -> Check {
        let checks = examine(&self.core.db, Some(&self.core.vault), &self.dir, &Clock::system()).await;
        checks.into_iter().find(|check| check.name == "audit").unwrap()
    }

    /// The end of the log as the report page prints it.
    async fn printed(&self) -> String {
        let page = self.page("/reports").await;
        let (_, rest) = page.split_once("<code>").unwrap_or_else(|| panic!("no end of the log in {page}"));
        rest.split_once("</code>").unwrap().0.to_owned()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    entry: Entry,
}

/// Rewrites every hash as it was made before there were keys.
async fn rehash_without_keys(tx: &mut Tx) {
    let rows: Vec<Row> = tx
        .sql("select seq, at, actor_kind, actor_id, action, record_kind, record_id, detail from audit_entries order by seq")
        .all()
        .await
        .unwrap();
    let mut previous = Vec::new();
    let mut last = 0;
    for Row { entry } in rows {
        previous = sha256(&entry.hashed(&previous));
        last = entry.seq;
        let set = "update audit_entries set hash = $2 where seq = $1";
        tx.sql(set).bind(entry.seq).bind(previous.clone()).execute().await.unwrap();
    }
    tx.sql("update audit_head set seq = $1, hash = $2 where id = 1").bind(last).bind(previous).execute().await.unwrap();
}

on_both! {
    async fn a_log_rewritten_with_the_database_alone_is_found(app: TestApp) {
        app.household(&app.ward().await, json!({})).await;
        assert_eq!(app.broken_at().await, None);
        app.insider(async |tx| {
            tx.sql("update audit_entries set action = 'view' where seq = 1").execute().await.unwrap();
            rehash_without_keys(tx).await;
        })
        .await;
        assert_eq!(app.broken_at().await, Some(1), "hashes without the log's key are no hashes");
    }

    async fn a_log_that_was_cut_is_found(app: TestApp) {
        app.point(&app.ward().await, "A").await;
        app.insider(async |tx| {
            let cut = "delete from audit_entries where seq = 2";
            tx.sql(cut).execute().await.unwrap();
            let end = "update audit_head set seq = 1, hash = (select hash from audit_entries where seq = 1) where id = 1";
            tx.sql(end).execute().await.unwrap();
        })
        .await;
        assert_eq!(app.broken_at().await, Some(2), "the end is bound too");
    }

    async fn entries_can_not_be_passed_off_as_older_than_the_keys(app: TestApp) {
        app.ward().await;
        app.insider(async |tx| {
            tx.sql("update audit_keys set from_seq = 2").execute().await.unwrap();
        })
        .await;
        let mut conn = app.core.db.read().await.unwrap();
        assert!(audit_chain::read_keys(&mut conn, &app.core.vault).await.is_err(), "a key is sealed with where it begins");
        assert_eq!(app.log_check().await.state, State::Trouble);
    }

    async fn a_log_without_keys_is_not_taken_for_one_of_before_them_once_the_folder_knows_better(app: TestApp) {
        app.ward().await;
        // What a start does; the folder remembers from then on.
        let reopened = TestApp::serve(app.on, app.dir.clone(), app.database.clone()).await;
        assert_eq!(app.log_check().await.state, State::Good, "{:?}", app.log_check().await);
        app.insider(async |tx| {
            for text in ["update audit_entries set action = 'view' where seq = 1", "delete from audit_keys"] {
                tx.catalogue_sql(text.to_owned()).execute().await.unwrap();
            }
            rehash_without_keys(tx).await;
            tx.sql("update audit_head set mac = null").execute().await.unwrap();
        })
        .await;
        // The next start takes it for an upgrade and makes a key.
        let again = TestApp::serve(app.on, app.dir.clone(), app.database.clone()).await;
        assert_eq!(again.broken_at().await, None, "by itself the database looks well");
        let check = again.log_check().await;
        assert_eq!(check.state, State::Trouble);
        assert!(check.say.en.contains("audit.anchor"), "the way out: {}", check.say.en);
        drop(reopened);
    }

    async fn a_printed_end_tells_whether_the_log_still_has_it(app: TestApp) {
        app.ward().await;
        let printed = app.printed().await;
        let program = app.program();
        app.create("/api/v1/campaigns", json!({ "name": "San sẻ", "starts_on": "2021-07-01", "ends_on": "2021-09-30" })).await;
        let stands = program.run(&["doctor", "--audit-head", &printed]);
        assert!(said(&stands).contains("still has the entry"), "{}", said(&stands));
        let report = program.run(&["report"]);
        assert!(said(&report).contains("Nhật ký thao tác đến mục"), "{}", said(&report));
        let (seq, hash) = printed.split_once(':').unwrap();
        let other = format!("{seq}:{}", if hash.starts_with('0') { "1".repeat(16) } else { "0".repeat(16) });
        for (head, says) in [(other, "is not the one printed"), (format!("99:{hash}"), "was cut")] {
            let output = program.run(&["doctor", "--audit-head", &head]);
            assert!(!output.status.success() && said(&output).contains(says), "{head}: {}", said(&output));
        }
        let wrong = program.run(&["doctor", "--audit-head", "ab"]);
        assert!(!wrong.status.success() && said(&wrong).contains("1234:3f9a-12bc-88d0-77ae"), "{}", said(&wrong));
    }
}

/// A database of before there were keys, with a log of two entries.
async fn logged_before(on: On) -> Option<TestApp> {
    let dir = fresh_dir();
    std::fs::create_dir_all(&dir).unwrap();
    let (url, database) = match on {
        On::Sqlite => (format!("sqlite://{}", dir.join("lalanh.db").display()), None),
        On::Postgres => {
            let url = bare_postgres_database(&postgres_server()?).await;
            (url.clone(), Some(url))
        }
    };
    let db = Db::open(&url).await.unwrap();
    db.migrate_to(8).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let mut previous = Vec::new();
    for seq in [1, 2] {
        let entry = Entry {
            seq,
            at: Moment::from_micros(seq),
            actor_kind: "system".to_owned(),
            actor_id: None,
            action: "create".to_owned(),
            record_kind: "area".to_owned(),
            record_id: None,
            detail: "{}".to_owned(),
        };
        previous = sha256(&entry.hashed(&previous));
        tx.sql(
            "insert into audit_entries (seq, at, actor_kind, action, record_kind, detail, hash)
             values ($1, $1, 'system', 'create', 'area', $3, $2)",
        )
        .bind(seq)
        .bind(previous.clone())
        .bind(entry.detail)
        .execute()
        .await
        .unwrap();
    }
    tx.sql("update audit_head set seq = 2, hash = $1 where id = 1").bind(previous).execute().await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    Some(TestApp::serve(on, dir, database).await)
}

async fn an_older_log_is_sealed_as_it_was(on: On) {
    let Some(mut app) = logged_before(on).await else { return };
    app.admin = app.login("admin", lalanh::people::Role::Admin).await;
    app.ward().await;
    assert_eq!(app.broken_at().await, None, "old entries stay verifiable");
    let log = app.get("/api/v1/audit").await;
    let sealed = log["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "seal").unwrap();
    assert_eq!((&sealed["seq"], &sealed["detail"]["before"]), (&json!(3), &json!(2)));
    assert!(app.send(Method::GET, "/api/v1/me", &json!({})).await.0.is_success());
    // The first keyed entry covers what was before it.
    app.insider(async |tx| {
        tx.sql("update audit_entries set action = 'view' where seq = 2").execute().await.unwrap();
        let rows: Vec<Row> = tx
            .sql("select seq, at, actor_kind, actor_id, action, record_kind, record_id, detail from audit_entries where seq < 3 order by seq")
            .all()
            .await
            .unwrap();
        let first = sha256(&rows[0].entry.hashed(&[]));
        let second = sha256(&rows[1].entry.hashed(&first));
        tx.sql("update audit_entries set hash = $1 where seq = 2").bind(second).execute().await.unwrap();
    })
    .await;
    assert_eq!(app.broken_at().await, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_of_before_there_were_keys_is_sealed_on_sqlite() {
    an_older_log_is_sealed_as_it_was(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_of_before_there_were_keys_is_sealed_on_postgres() {
    an_older_log_is_sealed_as_it_was(On::Postgres).await;
}
