//! What was erased is gone from the database's own files too: from free pages, the log, and old versions of rows.

use lalanh::db::Scrub;
use lalanh::privacy::scrub;
use serde_json::json;

use super::world::spellings;
use crate::on_both;
use crate::support::{On, TestApp};

const NAME: &str = "Huỳnh Thị Ngọc Diễm";
const ADDRESS: &str = "K888/77 Nguyễn Phước Nguyên";

impl TestApp {
    /// The files of the database, as they lie on the disk.
    async fn raw_files(&self) -> Vec<(String, Vec<u8>)> {
        if self.on == On::Sqlite {
            let files = ["lalanh.db", "lalanh.db-wal"];
            return files
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), std::fs::read(self.dir.join(name)).ok()?)))
                .collect();
        }
        use sqlx::{Connection, Row};
        let mut conn = sqlx::PgConnection::connect(self.database.as_ref().unwrap()).await.unwrap();
        // What the server keeps in memory goes to the files first.
        sqlx::query("checkpoint").execute(&mut conn).await.unwrap();
        let rows = sqlx::query(
            "select cast(c.relname as text) as name, pg_read_binary_file(pg_relation_filepath(c.oid), 0, 1 << 28, true) as bytes
             from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'i')
             union all
             select 'toast of ' || c.relname, pg_read_binary_file(pg_relation_filepath(c.reltoastrelid), 0, 1 << 28, true)
             from pg_class c where c.relnamespace = current_schema()::regnamespace and c.reltoastrelid <> 0",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        conn.close().await.unwrap();
        rows.iter().map(|row| (row.get("name"), row.get::<Option<Vec<u8>>, _>("bytes").unwrap_or_default())).collect()
    }

    /// The files in which one of these words still stands.
    async fn files_with(&self, words: &[String]) -> Vec<String> {
        let holds =
            |bytes: &[u8]| words.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()));
        self.raw_files().await.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
    }
}

on_both! {
    async fn nothing_of_an_erased_name_is_left_in_the_databases_files(app: TestApp) {
        let ward = app.ward().await;
        let mut ids = Vec::new();
        // Many around it, so that pages of the tables and indexes fill, split and are written anew.
        for n in 0..160 {
            let change = if n == 80 {
                json!({ "head_name": NAME, "phone": "0905888777", "citizen_id": "048172888777", "address": ADDRESS,
                        "note": format!("{NAME} {}", "ghi chú dài ".repeat(120)) })
            } else {
                json!({ "head_name": format!("Lê Văn Số {n}"), "phone": null, "citizen_id": null, "address": format!("{n} Hà Khê"),
                        "note": "ghi chú ".repeat(n) })
            };
            ids.push(app.household(&ward, change).await);
        }
        let words = spellings(&[NAME, "0905888777", "048172888777", ADDRESS]);
        app.core.db.checkpoint().await.unwrap();
        assert!(!app.files_with(&words).await.is_empty(), "the search finds what is there");
        // Corrected as well: an old version of the row.
        let path = format!("/api/v1/households/{}", ids[80]);
        app.send(reqwest::Method::PATCH, &path, &json!({ "address": format!("{ADDRESS}/2"), "members": 7 })).await;
        app.erase("households", &ids[80], json!({})).await;
        if app.on == On::Postgres {
            // What needs every table's lock is done at night: docs/backup.md.
            assert!(scrub::whole(&app.core).await.unwrap());
        }
        assert_eq!(app.files_with(&words).await, Vec::<String>::new());
        let (left,): (i64,) = app.core.db.read().await.unwrap()
            .sql("select count(*) from erasures where scrubbed_at is null").one().await.unwrap();
        assert_eq!(left, 0, "and that is known");
    }

    async fn scrubbing_waits_for_the_night_only_where_it_would_keep_people_waiting(app: TestApp) {
        let ward = app.ward().await;
        let id = app.household(&ward, json!({})).await;
        app.erase("households", &id, json!({})).await;
        let unscrubbed = async || {
            let mut conn = app.core.db.read().await.unwrap();
            let (count,): (i64,) =
                conn.sql("select count(*) from erasures where scrubbed_at is null").one().await.unwrap();
            count
        };
        assert_eq!(unscrubbed().await, i64::from(app.on == On::Postgres));
        assert!(!scrub::what_is_left(&app.core).await.unwrap(), "in the morning of a market nobody is kept waiting");
        app.at("2021-08-06T03:10:00+07:00");
        assert_eq!(scrub::what_is_left(&app.core).await.unwrap(), app.on == On::Postgres);
        assert_eq!(unscrubbed().await, 0);
        assert!(app.core.db.scrub(&["households"], Scrub::Quick).await.is_ok());
    }
}
