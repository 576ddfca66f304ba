//! Upgrades: a filled database of each released version is brought up to date, and everything in it goes on.
//!
//! `tests/upgrade/<version>/` has the program's own back-up of a market in progress, and beside it what must hold of it
//! afterwards. `make upgrade-sample` makes the present version's, see [`sample`].

mod frozen;
mod sample;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lalanh::backup::{self, Header, Sink};
use lalanh::db::Db;
use lalanh::doctor::{State, examine};
use lalanh::households::Category;
use lalanh::http::Core;
use lalanh::kernel::Clock;
use lalanh::people::Role;
use lalanh::reports::{Period, summary};
use serde_json::{Value, json};

use crate::support::{On, TestApp, bare_postgres_database, fresh_dir, postgres_server, text};

/// Where the samples are, each in a folder named after its version.
const SAMPLES: &str = "tests/upgrade";
/// A sample's back-up.
const BACKUP: &str = "ward.backup";
/// What must hold of it: the report, and a voucher that is still to be redeemed.
const EXPECTED: &str = "expected.json";

/// Every released version's sample, oldest schema first.
fn samples() -> Vec<(PathBuf, Header)> {
    let folders = std::fs::read_dir(SAMPLES).unwrap().map(|entry| entry.unwrap().path());
    let mut samples: Vec<_> = folders.map(|folder| (folder.clone(), header(&folder))).collect();
    samples.sort_by_key(|(_, header)| header.schema);
    samples
}

fn header(sample: &Path) -> Header {
    backup::open(std::io::Cursor::new(std::fs::read(sample.join(BACKUP)).unwrap()), None).unwrap().header
}

fn expected(sample: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(sample.join(EXPECTED)).unwrap()).unwrap()
}

/// The service on a sample's database: filled at the sample's own version, then opened by the present program. Nothing
/// where PostgreSQL is missing.
async fn upgraded(sample: &Path, on: On) -> Option<TestApp> {
    let database = match on {
        On::Sqlite => None,
        On::Postgres => Some(bare_postgres_database(&postgres_server()?).await),
    };
    let dir = fresh_dir();
    std::fs::create_dir_all(&dir).unwrap();
    let file = std::fs::read(sample.join(BACKUP)).unwrap();
    let restoring = backup::open(&file[..], None).unwrap();
    let header = restoring.header.clone();
    std::fs::write(dir.join("secret.key"), &header.secret).unwrap();
    let db = Db::open(&url(&dir, database.as_deref())).await.unwrap();
    db.migrate_to(header.schema).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    backup::restore(&mut tx, restoring).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(Db::schema(&mut db.read().await.unwrap()).await.unwrap(), Some(header.schema));
    db.close().await;
    let mut app = TestApp::serve(on, dir, database).await;
    assert_eq!(app.core.instance_id, header.instance_id, "printed vouchers stay valid");
    app.at(&text(&expected(sample), "at"));
    app.admin = app.login("after.the.upgrade", Role::Admin).await;
    Some(app)
}

/// The database of a data folder, as the service finds it.
fn url(dir: &Path, database: Option<&str>) -> String {
    database.map_or_else(|| format!("sqlite://{}", dir.join("lalanh.db").display()), str::to_owned)
}

/// The figures of the report of all time; not its prose or its links, which later versions may word otherwise.
async fn figures(core: &Core) -> Value {
    let summary = summary(&mut core.db.snapshot().await.unwrap(), Period::new(None, None).unwrap()).await.unwrap();
    let mut figures = serde_json::to_value(summary).unwrap();
    without_links(&mut figures);
    for prose in ["text_vi", "text_en"] {
        figures.as_object_mut().unwrap().remove(prose);
    }
    figures
}

fn without_links(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("rows");
            fields.values_mut().for_each(without_links);
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}

/// What was recorded and is otherwise now. What later versions tell beside it doesn't matter.
fn differences(recorded: &Value, now: &Value, at: &str) -> Vec<String> {
    match (recorded, now) {
        (Value::Object(recorded), Value::Object(now)) => recorded
            .iter()
            .flat_map(|(field, value)| {
                differences(value, now.get(field).unwrap_or(&Value::Null), &format!("{at}.{field}"))
            })
            .collect(),
        (Value::Array(recorded), Value::Array(now)) if recorded.len() == now.len() => recorded
            .iter()
            .zip(now)
            .enumerate()
            .flat_map(|(n, (recorded, now))| differences(recorded, now, &format!("{at}[{n}]")))
            .collect(),
        _ if recorded == now => Vec::new(),
        _ => vec![format!("{at}: {recorded} became {now}")],
    }
}

/// The report says what it said, the doctor finds nothing wrong but what is named, a voucher of before is good once.
async fn goes_on(app: &TestApp, sample: &Path, known: &[&str]) {
    let expected = expected(sample);
    let sample = sample.display();
    let differ = differences(&expected["report"], &figures(&app.core).await, "report");
    assert_eq!(differ, Vec::<String>::new(), "{sample}");
    let checks = examine(&app.core.db, Some(&app.core.vault), &app.dir, &Clock::system()).await;
    let wrong = |check: &&lalanh::doctor::Check| check.state == State::Trouble && !known.contains(&check.name);
    let wrong: Vec<_> = checks.iter().filter(wrong).collect();
    assert!(wrong.is_empty(), "{sample}: {wrong:?}");
    let (point, code) = (text(&expected, "point_id"), &expected["code"]);
    assert_eq!(app.scan(&point, code).await["outcome"], "redeemed", "{sample}");
    assert_eq!(app.scan(&point, code).await["outcome"], "already_redeemed", "{sample}");
}

/// Every row by its table, as values by their columns.
async fn content(core: &Core) -> BTreeMap<String, Vec<BTreeMap<String, Value>>> {
    let mut snapshot = core.db.snapshot().await.unwrap();
    let (file, _) = backup::write(&mut snapshot, &sample::header(core), Sink::Plain(Vec::new())).await.unwrap();
    let mut lines = String::new();
    flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut lines).unwrap();
    let mut content = BTreeMap::new();
    let mut table = (String::new(), Vec::new());
    for line in lines.lines().skip(1) {
        match serde_json::from_str(line).unwrap() {
            Value::Array(values) => {
                let row = table.1.iter().cloned().zip(values).collect();
                content.entry(table.0.clone()).or_insert_with(Vec::new).push(row);
            }
            line if line["table"].is_string() => {
                table = (text(&line, "table"), serde_json::from_value(line["columns"].clone()).unwrap());
            }
            _ => {}
        }
    }
    content
}

async fn every_released_version_is_upgraded(on: On) {
    for (sample, _) in samples() {
        let Some(app) = upgraded(&sample, on).await else { return };
        goes_on(&app, &sample, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filled_database_of_each_released_version_is_upgraded_on_sqlite() {
    every_released_version_is_upgraded(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filled_database_of_each_released_version_is_upgraded_on_postgres() {
    every_released_version_is_upgraded(On::Postgres).await;
}

/// Notes and categories of households lay in plain until 0.1.0.
async fn what_was_plain_is_sealed(on: On) {
    for (sample, _) in samples() {
        let Some(app) = upgraded(&sample, on).await else { return };
        let names = Category::NAMES.join(" ");
        let (plain,): (i64,) = app
            .core
            .db
            .read()
            .await
            .unwrap()
            .sql("select count(*) from households where note <> '' or $1 like '%' || category || '%'")
            .bind(names)
            .one()
            .await
            .unwrap();
        assert_eq!(plain, 0, "{}", sample.display());
        let households = app.get("/api/v1/households?limit=500").await;
        let known = households["items"].as_array().unwrap().iter().filter(|household| household["category"] == "poor");
        assert!(known.count() > 0, "and is read as before");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_earlier_versions_kept_of_households_in_plain_is_sealed_on_sqlite() {
    what_was_plain_is_sealed(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_earlier_versions_kept_of_households_in_plain_is_sealed_on_postgres() {
    what_was_plain_is_sealed(On::Postgres).await;
}

#[test]
fn what_is_frozen_has_a_sample_and_no_sample_is_of_what_is_not() {
    let newest = samples().last().map(|(_, header)| header.schema);
    assert_eq!(newest, Some(frozen::newest()), "make freeze upgrade-sample");
}

/// A migration that is none of ours.
const FURTHER: &str = "alter table vouchers add column collected_by text;\n\
     create index vouchers_collected_by on vouchers (collected_by) where collected_by is not null;\n";

/// Runs our migrations and one more, as a later program would.
async fn run_further(app: &TestApp) {
    let folder = app.dir.join("migrations");
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir("migrations").unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(folder.join("9999_further.sql"), FURTHER).unwrap();
    let migrator = sqlx::migrate::Migrator::new(folder).await.unwrap();
    let url = url(&app.dir, app.database.as_deref());
    match app.on {
        On::Sqlite => migrator.run(&sqlx::SqlitePool::connect(&url).await.unwrap()).await.unwrap(),
        On::Postgres => migrator.run(&sqlx::PgPool::connect(&url).await.unwrap()).await.unwrap(),
    }
}

async fn a_further_migration_keeps_everything(on: On) {
    let (sample, _) = samples().pop().unwrap();
    let Some(app) = upgraded(&sample, on).await else { return };
    let before = content(&app.core).await;
    run_further(&app).await;
    let mut after = content(&app.core).await;
    for voucher in after.get_mut("vouchers").unwrap() {
        assert_eq!(voucher.remove("collected_by"), Some(Value::Null));
    }
    assert!(before == after, "a row was lost or changed");
    // The doctor says that a newer program wrote the database, and nothing else.
    goes_on(&app, &sample, &["schema"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_and_an_index_more_keep_all_that_a_filled_database_holds_on_sqlite() {
    a_further_migration_keeps_everything(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_and_an_index_more_keep_all_that_a_filled_database_holds_on_postgres() {
    a_further_migration_keeps_everything(On::Postgres).await;
}

#[test]
fn a_figure_that_is_lost_or_changed_is_a_difference_and_a_new_one_is_none() {
    let recorded = json!({ "packages": { "count": 2 }, "goods": [{ "name": "Gạo" }] });
    let same = json!({ "packages": { "count": 2, "value": 5 }, "goods": [{ "name": "Gạo" }], "funds": [] });
    assert_eq!(differences(&recorded, &same, "report"), Vec::<String>::new());
    let other = json!({ "packages": {}, "goods": [{ "name": "Gạo" }, { "name": "Dầu" }] });
    assert_eq!(differences(&recorded, &other, "report").len(), 2);
}
