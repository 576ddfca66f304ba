//! [`TestApp`]: the whole service on a free port, with one verb per action.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use lalanh::app::connections::{self, Door, Register};
use lalanh::app::{Options, open, router};
use lalanh::http::{Config, Core};
use lalanh::kernel::ids::{AreaId, PointId};
use lalanh::kernel::{Clock, Moment};
use lalanh::people::store::{TokenKind, insert_token, insert_user};
use lalanh::people::{NewUser, Role};
use lalanh::vault::{new_token, token_hash};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Makes each `async fn name(app: TestApp)` two tests: `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test names something of its file")]
            use super::*;
            $(#[$meta])*
            async fn check($app: $crate::support::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                check($crate::support::TestApp::start($crate::support::On::Sqlite).await.expect("SQLite is built in")).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(app) = $crate::support::TestApp::start($crate::support::On::Postgres).await {
                    check(app).await;
                }
            }
        }
    )+};
}

/// The morning of the market at which every test's clock stands: 05/08/2021, 07:00 in Asia/Ho_Chi_Minh.
pub fn market_morning() -> Moment {
    Moment::parse("2021-08-05T07:00:00+07:00").unwrap()
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The service under test.
pub struct TestApp {
    pub core: Core,
    pub clock: Clock,
    pub base: String,
    pub on: On,
    pub client: reqwest::Client,
    pub dir: PathBuf,
    pub database: Option<String>,
    pub admin: String,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The PostgreSQL that `.ci/postgres` started, or nothing where there is none and nobody insists.
pub fn postgres_server() -> Option<String> {
    match std::env::var("LALANH_TEST_POSTGRES") {
        Ok(url) => Some(url),
        Err(_) if std::env::var_os("CI").is_some() => panic!("CI must test on PostgreSQL: set LALANH_TEST_POSTGRES"),
        Err(_) => {
            eprintln!("SKIPPED on PostgreSQL: LALANH_TEST_POSTGRES is not set (`make test` sets it)");
            None
        }
    }
}

async fn run_on_server(server: &str, statement: String) {
    use sqlx::Connection;
    let mut conn = sqlx::PgConnection::connect(server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// Drops what test processes left on a server that is used again and again: each leaves gigabytes. Whether a process has
/// ended is known where there is `/proc`.
async fn drop_databases_of_ended_tests(server: &str) {
    use sqlx::Connection;
    let mut conn = sqlx::PgConnection::connect(server).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database").fetch_all(&mut conn).await.unwrap();
    for name in names {
        let mut parts = name.split('_');
        let ours = matches!(parts.next(), Some("test" | "bare" | "template"));
        let Some(process) = parts.next().filter(|word| ours && word.parse::<u32>().is_ok()) else { continue };
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
            // Another process may be dropping it too.
            let drop = sqlx::AssertSqlSafe(format!("drop database if exists {name}"));
            let _ = sqlx::query(drop).execute(&mut conn).await;
        }
    }
    conn.close().await.unwrap();
}

/// A fresh PostgreSQL database with nothing in it, not even the schema.
pub async fn bare_postgres_database(server: &str) -> String {
    let name = format!("bare_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    run_on_server(server, format!("create database {name}")).await;
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

/// A folder of a test's own, which is not there yet.
pub fn fresh_dir() -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("lalanh-test-{}-{number}", std::process::id()))
}

/// A fresh PostgreSQL database with the schema, copied from a template made once.
pub async fn postgres_database(server: &str) -> String {
    let url = |name: &str| format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let template = TEMPLATE
        .get_or_init(async || {
            drop_databases_of_ended_tests(server).await;
            let name = format!("template_{}", std::process::id());
            run_on_server(server, format!("create database {name}")).await;
            let db = lalanh::db::Db::open(&url(&name)).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await;
            name
        })
        .await;
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    run_on_server(server, format!("create database {name} template {template}")).await;
    url(&name)
}

impl TestApp {
    /// Starts the service on an empty database with one administrator. Nothing where PostgreSQL is missing.
    pub async fn start(on: On) -> Option<Self> {
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(postgres_database(&postgres_server()?).await),
        };
        let mut app = Self::serve(on, fresh_dir(), database).await;
        app.admin = app.login("admin", Role::Admin).await;
        Some(app)
    }

    /// Starts the service on a data folder and a database as they are, which may hold something. No token of anybody.
    pub async fn serve(on: On, dir: PathBuf, database: Option<String>) -> Self {
        Self::serve_as(on, dir, database, Config::default()).await
    }

    /// A second service like [`Self::start`]'s, with what its operator chose.
    pub async fn start_as(on: On, config: Config) -> Self {
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(postgres_database(&postgres_server().unwrap()).await),
        };
        let mut app = Self::serve_as(on, fresh_dir(), database, config).await;
        app.admin = app.login("admin", Role::Admin).await;
        app
    }

    async fn serve_as(on: On, dir: PathBuf, database: Option<String>, config: Config) -> Self {
        let clock = Clock::fixed_unpredictable(market_morning());
        // Lists are read by the program itself, as in the service: this one is the tests'.
        let config = Config { list_reader: Some(env!("CARGO_BIN_EXE_lalanh").into()), ..config };
        let options = Options { data_dir: dir.clone(), database: database.clone(), config };
        let core = open(&options, clock.clone()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let door = Door { listener, routes: router(core.clone()), tls: None };
        let server = tokio::spawn(connections::serve(core.clone(), Register::new(&core), door));
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { core, clock, base, on, client, dir, database, admin: String::new(), server }
    }

    /// A member of staff with an API token, which is returned.
    pub async fn login(&self, username: &str, role: Role) -> String {
        self.login_within(username, role, None, &[]).await
    }

    /// A member of staff confined to an area or to points, with an API token.
    pub async fn login_within(
        &self,
        username: &str,
        role: Role,
        area_id: Option<AreaId>,
        points: &[PointId],
    ) -> String {
        let token = new_token(&self.clock);
        let mut tx = self.core.db.begin().await.unwrap();
        let user = NewUser {
            username: username.to_owned(),
            full_name: None,
            role,
            area_id,
            point_ids: points.to_vec(),
            password_hash: None,
            password_temporary: false,
        };
        let id = insert_user(&mut tx, &self.clock, user).await.unwrap();
        let ends = self.clock.now().plus_secs(50 * 365 * 86_400);
        insert_token(&mut tx, &self.clock, TokenKind::Api, id, token_hash(&token), ends).await.unwrap();
        tx.commit().await.unwrap();
        token
    }

    /// A request with a token.
    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(token)
    }

    /// Sends JSON as the administrator; status and body.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        self.send_as(&self.admin, method, path, body).await
    }

    /// Sends JSON with a token; status and body.
    pub async fn send_as(&self, token: &str, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self.request(method, path, token).json(body).send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Creates something that must be accepted.
    pub async fn create(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(Method::POST, path, &body).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Reads something that must be there.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path, &self.admin).send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "GET {path}: {answer}");
        answer
    }

    /// A ward; its id.
    pub async fn ward(&self) -> String {
        let ward = self.create("/api/v1/areas", json!({ "name": "Phường Thanh Khê Tây", "kind": "ward" })).await;
        text(&ward, "id")
    }

    /// A distribution point in an area; its id.
    pub async fn point(&self, area_id: &str, name: &str) -> String {
        let body = json!({ "name": name, "kind": "distribution", "area_id": area_id, "address": "120 Trần Cao Vân" });
        text(&self.create("/api/v1/points", body).await, "id")
    }
}

/// A text field that must be there.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}
