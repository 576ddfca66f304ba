//! A new master secret: everything goes on, also when it was interrupted.

use std::collections::BTreeMap;

use lalanh::app::Options;
use lalanh::app::rotation::Rotation;
use lalanh::http::Config;
use lalanh::kernel::Clock;
use lalanh::people::audit_chain::first_broken;
use lalanh::vault::Purpose;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::backup::said;
use crate::logins::second_factor::Authenticator;
use crate::on_both;
use crate::redemption::market::Plan;
use crate::support::{TestApp, text};

/// Columns of bytes that are no secret's: hashes of random tokens and of contents, signatures, public keys.
const KEPT: [(&str, &str); 15] = [
    ("audit_entries", "hash"),
    ("audit_head", "hash"),
    ("audit_head", "mac"),
    ("chain_records", "record_hash"),
    ("devices", "enrol_hash"),
    ("devices", "next_token_hash"),
    ("devices", "token_hash"),
    ("ended_device_tokens", "token_hash"),
    ("imports", "file_hash"),
    ("recovery_codes", "code_hash"),
    ("rent_reductions", "link_hash"),
    ("scans", "body_hash"),
    ("signing_keys", "public_key"),
    ("tokens", "token_hash"),
    ("vouchers", "signature"),
];
/// Made with the replay key, which stays.
const KEPT_ANSWERS: [&str; 2] = ["request_hash", "answer"];

impl TestApp {
    fn options(&self) -> Options {
        Options { data_dir: self.dir.clone(), database: self.database.clone(), config: Config::default() }
    }

    /// The service is stopped; its database is nobody's.
    async fn stopped(self) -> Stopped {
        let stopped = Stopped { on: self.on, dir: self.dir.with_extension("stopped"), database: self.database.clone() };
        self.core.stop();
        self.core.db.close().await;
        // The folder goes with the service that is dropped.
        copy_folder(&self.dir, &stopped.dir);
        stopped
    }

    /// Every value of a column of bytes, by table and column.
    async fn sealed_values(&self) -> BTreeMap<(String, String), Vec<Vec<u8>>> {
        let mut conn = self.core.db.read().await.unwrap();
        let columns: Vec<(String, String)> = match self.on {
            crate::support::On::Sqlite => conn
                .catalogue_sql(
                    "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c
                     where m.type = 'table' and lower(c.type) = 'bytea' order by 1, 2"
                        .to_owned(),
                )
                .all()
                .await
                .unwrap(),
            crate::support::On::Postgres => conn
                .catalogue_sql(
                    "select cast(table_name as text), cast(column_name as text) from information_schema.columns
                     where table_schema = current_schema() and data_type = 'bytea'
                         and table_name in (select table_name from information_schema.tables where table_type = 'BASE TABLE')
                     order by 1, 2"
                        .to_owned(),
                )
                .all()
                .await
                .unwrap(),
        };
        let mut values = BTreeMap::new();
        for (table, column) in columns {
            if table.starts_with('_') {
                continue;
            }
            let text = format!("select {column} from {table} where {column} is not null");
            let rows: Vec<(Vec<u8>,)> = conn.catalogue_sql(text).all().await.unwrap();
            values.insert((table, column), rows.into_iter().map(|(value,)| value).collect());
        }
        values
    }
}

/// What a stopped service leaves.
struct Stopped {
    on: crate::support::On,
    dir: std::path::PathBuf,
    database: Option<String>,
}

impl Stopped {
    fn options(&self) -> Options {
        Options { data_dir: self.dir.clone(), database: self.database.clone(), config: Config::default() }
    }

    /// Begins once the connections of the service that stopped are gone.
    async fn begin(&self) -> Rotation {
        for _ in 0..500 {
            match Rotation::begin(&self.options(), Clock::system()).await {
                Err(error) if error.say.en.contains("other connections") => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                begun => return begun.unwrap(),
            }
        }
        panic!("the service that stopped is still connected");
    }

    async fn serve(self, admin: &str) -> TestApp {
        let mut app = TestApp::serve(self.on, self.dir, self.database).await;
        app.admin = admin.to_owned();
        app
    }

    fn secret(&self) -> String {
        std::fs::read_to_string(self.dir.join("secret.key")).unwrap()
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// A ward with something sealed in every way; what it goes on with.
struct Ward {
    admin: String,
    point: String,
    code: Value,
    phone: String,
    retried: (Value, Value),
    authenticator: Authenticator,
}

const HOUSEHOLD: &str = "048150123456";

async fn ward(app: &TestApp) -> Ward {
    let market = app.open_market(Plan { households: 1, ..Plan::default() }).await;
    app.household(
        &market.area,
        json!({ "citizen_id": HOUSEHOLD, "phone": "0905123456", "note": "Đang điều trị", "category": "sick" }),
    )
    .await;
    app.pledged(None, &[crate::landlords::waived("1", "2021-07")]).await;
    let list = "STT,Họ và tên,SĐT,CCCD,Địa chỉ,Số khẩu\n1,Trần Văn Tám,0905123457,048150123457,12 Lê Độ,3\n";
    app.upload("ho.csv", list.as_bytes().to_vec(), Some(&market.area)).await;
    let (phone, _) = app.phone("Máy 1", &[&market.point]).await;
    let body = json!({ "name": "Chương trình", "starts_on": "2021-07-01", "ends_on": "2021-09-30" });
    let kept = once(app, &app.admin, &body).await;
    let (_, authenticator) = app.with_factor("hai.buoc", "coordinator").await;
    Ward {
        admin: app.admin.clone(),
        point: market.point,
        code: market.vouchers[0]["code"].clone(),
        phone,
        retried: (body, kept),
        authenticator,
    }
}

async fn once(app: &TestApp, token: &str, body: &Value) -> Value {
    let request = app.request(Method::POST, "/api/v1/campaigns", token).header("Idempotency-Key", "mot").json(body);
    request.send().await.unwrap().json().await.unwrap()
}

/// Everything that was there is there, opens, and counts.
async fn goes_on(app: &TestApp, ward: &Ward) {
    assert_eq!(app.found(&[("q", HOUSEHOLD)]).await.len(), 1, "found by the keyed hash of its number");
    let mut conn = app.core.db.read().await.unwrap();
    let opened: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = conn
        .sql("select phone_sealed, citizen_sealed, note_sealed from households where citizen_sealed is not null")
        .all()
        .await
        .unwrap();
    let [(phone, citizen_id, note)] = &opened[..] else { panic!("one household has numbers") };
    assert_eq!(app.core.vault.open_text(Purpose::Phone, phone).unwrap(), "0905123456");
    assert_eq!(app.core.vault.open_text(Purpose::CitizenId, citizen_id).unwrap(), HOUSEHOLD);
    assert_eq!(app.core.vault.open_text(Purpose::Note, note).unwrap(), "Đang điều trị");
    assert_eq!(app.found(&[("category", "sick")]).await.len(), 1);
    let (landlord,): (Vec<u8>,) = conn.sql("select phone_sealed from landlords").one().await.unwrap();
    assert_eq!(app.core.vault.open_text(Purpose::Phone, &landlord).unwrap(), "0905420430");
    drop(conn);
    let lists = app.get("/api/v1/households/imports").await;
    let list = app.get(&format!("/api/v1/households/imports/{}", text(&lists["items"][0], "id"))).await;
    assert!(list.to_string().contains("Trần Văn Tám"), "{list}");
    assert_eq!(app.scan(&ward.point, &ward.code).await["outcome"], "redeemed");
    let me = app.request(Method::GET, "/api/v1/devices/me", &ward.phone).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::OK, "phones go on with their tokens");
    assert_eq!(once(app, &ward.admin, &ward.retried.0).await, ward.retried.1, "a retry is answered as before");
    assert_eq!(first_broken(&mut app.core.db.read().await.unwrap()).await.unwrap(), None);
    app.pass(86_400);
    let code = ward.authenticator.code(app);
    assert_eq!(app.try_code("hai.buoc", &code).await.0, StatusCode::OK, "a second factor's codes are the same");
}

on_both! {
    async fn a_new_master_secret_seals_everything_anew_and_everything_goes_on(app: TestApp) {
        let ward = ward(&app).await;
        let before = app.sealed_values().await;
        let old = app.core.vault.master().to_owned();
        let stopped = app.stopped().await;
        let rotation = stopped.begin().await;
        rotation.seal_anew().await.unwrap();
        rotation.finish().await.unwrap();
        let app = stopped.serve(&ward.admin).await;
        assert_ne!(*app.core.vault.master(), old);
        for ((table, column), values) in app.sealed_values().await {
            let name = (table.as_str(), column.as_str());
            let kept = KEPT.contains(&name) || table == "idempotency_keys" && KEPT_ANSWERS.contains(&name.1);
            if kept {
                continue;
            }
            let earlier = &before[&(table.clone(), column.clone())];
            assert!(values.iter().all(|value| !earlier.contains(value)), "{table}.{column} is still the old secret's");
            assert!(values.len() >= earlier.len(), "{table}.{column} lost something");
        }
        goes_on(&app, &ward).await;
        let check = app.log_check().await;
        assert_eq!(check.state, lalanh::doctor::State::Good, "{check:?}");
        let log = app.get("/api/v1/audit?action=rotate").await;
        assert_eq!(log["items"][0]["record_kind"], "master_secret");
    }

    async fn interrupted_before_its_commit_the_old_secret_stays(app: TestApp) {
        let ward = ward(&app).await;
        let stopped = app.stopped().await;
        let old = stopped.secret();
        drop(stopped.begin().await);
        assert!(stopped.dir.join("secret.key.new").exists(), "written, and never committed to");
        // It can be tried again, and the service starts either way.
        assert_eq!(stopped.secret(), old);
        let app = stopped.serve(&ward.admin).await;
        goes_on(&app, &ward).await;
        assert_eq!(std::fs::read_to_string(app.dir.join("secret.key")).unwrap(), old);
    }

    async fn interrupted_after_its_commit_the_next_start_finishes(app: TestApp) {
        let ward = ward(&app).await;
        let stopped = app.stopped().await;
        let old = stopped.secret();
        let rotation = stopped.begin().await;
        rotation.seal_anew().await.unwrap();
        drop(rotation);
        assert_eq!(stopped.secret(), old, "the file is still the old one");
        let app = stopped.serve(&ward.admin).await;
        assert_ne!(std::fs::read_to_string(app.dir.join("secret.key")).unwrap(), old);
        assert!(!app.dir.join("secret.key.new").exists());
        goes_on(&app, &ward).await;
    }

    async fn a_secret_of_another_database_is_refused(app: TestApp) {
        let stopped = app.stopped().await;
        std::fs::write(stopped.dir.join("secret.key"), "0".repeat(64)).unwrap();
        let refused = lalanh::app::open(&stopped.options(), Clock::system()).await.unwrap_err();
        assert!(refused.say.en.contains("not this database's"), "{}", refused.say.en);
    }

    async fn the_secret_is_not_changed_under_a_running_service(app: TestApp) {
        let program = app.program();
        let running = program.serve(&[], "warn");
        let refused = program.run(&["key", "rotate"]);
        assert!(!refused.status.success() && said(&refused).contains("Lỗi:"), "{}", said(&refused));
        assert!(!app.dir.join("secret.key.new").exists());
        drop(running);
        let options = app.options();
        if app.database.is_some() {
            // The tests' own service is still connected to the server.
            let refused = Rotation::begin(&options, Clock::system()).await.unwrap_err();
            assert!(refused.say.en.contains("other connections"), "{}", refused.say.en);
        }
    }
}
