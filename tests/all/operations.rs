//! The program as an operator meets it: starting, stopping, its log, its metrics.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::backup::{Program, said};
use crate::on_both;
use crate::support::{On, TestApp};

/// A program on an empty folder that is removed afterwards.
struct Place {
    program: Program,
    dir: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("lalanh-operations-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Self { program: Program { data_dir: dir.join("data"), database: None }, dir }
    }

    fn token(&self) -> String {
        let add = self.program.run(&["user", "add", "--username", "can.bo", "--role", "admin"]);
        assert!(add.status.success(), "{}", said(&add));
        let token = self.program.run(&["token", "add", "--username", "can.bo"]);
        String::from_utf8(token.stdout).unwrap().trim().to_owned()
    }

    fn serve(&self, more: &[&str]) -> Running {
        self.program.serve(more, "debug")
    }
}

impl Program {
    /// The service on a free port, with so much of a log.
    pub fn serve(&self, more: &[&str], log: &str) -> Running {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(more).env("RUST_LOG", log).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        // Read from the start, so that a full pipe never stops the program.
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let base = ready.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("the ready line: {ready}"));
        Running { base: base.to_owned(), child, log: Some(log) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The service, as a process of its own.
pub struct Running {
    pub base: String,
    pub child: Child,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    fn address(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    fn terminate(&self) {
        let kill = std::process::Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
    }

    /// Ends it at once; what it logged.
    pub fn killed(mut self) -> String {
        let _ = self.child.kill();
        self.log.take().unwrap().join().unwrap()
    }

    /// Waits for the end; exit code and log.
    fn ended(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        (code, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn started_and_refused(place: &Place, args: &[&str], with: &str) {
    let output = place.program.run(args);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains(with) && said.contains("Lỗi:"), "expected «{with}» in both languages, got: {said}");
}

#[tokio::test]
async fn a_stop_signal_ends_the_program_well_even_with_idle_connections() {
    let place = Place::new("idle");
    let running = place.serve(&[]);
    let client = reqwest::Client::new();
    assert_eq!(client.get(format!("{}/readyz", running.base)).send().await.unwrap().status(), StatusCode::OK);
    assert!(place.program.run(&["health", "--listen", running.address()]).status.success());
    // The client keeps its connection; another never says a word.
    let _silent = TcpStream::connect(running.address()).unwrap();
    running.terminate();
    let address = running.address().to_owned();
    assert_eq!(running.ended().0, Some(0));
    assert!(!place.program.run(&["health", "--listen", &address]).status.success());
}

#[test]
fn a_request_in_flight_is_answered_before_the_program_stops() {
    let place = Place::new("in-flight");
    let token = place.token();
    let running = place.serve(&[]);
    let body = json!({ "name": "Phường", "kind": "ward" }).to_string();
    let (first, second) = body.split_at(10);
    let mut stream = TcpStream::connect(running.address()).unwrap();
    write!(
        stream,
        "POST /api/v1/areas HTTP/1.1\r\nhost: ward\r\nauthorization: Bearer {token}\r\nidempotency-key: one\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{first}",
        body.len()
    )
    .unwrap();
    // Answered elsewhere: the half request before it has arrived, too.
    let mut other = TcpStream::connect(running.address()).unwrap();
    write!(other, "GET /readyz HTTP/1.1\r\nhost: ward\r\nconnection: close\r\n\r\n").unwrap();
    other.read_to_string(&mut String::new()).unwrap();
    running.terminate();
    while TcpStream::connect(running.address()).is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(running.ended().0, Some(0));
}

#[tokio::test]
async fn the_log_carries_request_ids_and_never_personal_data() {
    let place = Place::new("log");
    let token = place.token();
    for format in ["text", "json"] {
        let running = place.serve(&["--log", format]);
        let client = reqwest::Client::new();
        let mut ids = Vec::new();
        let requests = [
            client.get(format!("{}/api/v1/areas?q=0905123456", running.base)),
            client.get(format!("{}/api/v1/areas/Tr%E1%BA%A7n-048123456789", running.base)),
            client
                .post(format!("{}/api/v1/areas", running.base))
                .header("idempotency-key", "0905123456")
                .body(json!({ "name": "Trần Thị Bảy 0905123456", "kind": "ward", "code": "048123456789" }).to_string()),
            client.get(format!("{}/khong-co/0905123456", running.base)),
            client.get(format!("{}/readyz", running.base)).header("x-request-id", "0905123456"),
        ];
        for request in requests {
            let request = request.bearer_auth(&token).header("content-type", "application/json");
            let response = request.header("cookie", "ten=0905123456").send().await.unwrap();
            ids.push(response.headers()["x-request-id"].to_str().unwrap().to_owned());
            let status = response.status();
            let body = response.text().await.unwrap();
            if status.is_client_error() {
                assert!(body.contains(ids.last().unwrap()), "a problem names its request: {body}");
            }
        }
        running.terminate();
        let (code, log) = running.ended();
        assert_eq!(code, Some(0));
        for id in ids {
            assert!(log.contains(&id), "{id} is in the log");
        }
        assert!(log.contains("/api/v1/areas/{id}") && log.contains("answered"), "{log}");
        for personal in ["0905123456", "048123456789", "Trần", "Tr%E1", "Bảy", token.as_str()] {
            assert!(!log.contains(personal), "«{personal}» reached the log");
        }
    }
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let place = Place::new("port");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    started_and_refused(&place, &["serve", "--listen", &address], "--listen");
    assert!(!place.program.data_dir.exists(), "nothing is made before the port is there");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named_with_the_way_out() {
    let mut place = Place::new("folder");
    std::fs::create_dir_all(&place.dir).unwrap();
    let file = place.dir.join("file");
    std::fs::write(&file, b"").unwrap();
    for folder in [file.join("data"), PathBuf::from("/proc/lalanh")] {
        place.program.data_dir = folder;
        started_and_refused(&place, &["serve", "--listen", "127.0.0.1:0"], "--data-dir");
    }
}

#[test]
fn a_second_service_on_the_same_folder_is_refused() {
    let place = Place::new("twice");
    let running = place.serve(&[]);
    started_and_refused(&place, &["serve", "--listen", "127.0.0.1:0"], "Another `lalanh serve`");
    // Other commands go on beside the service.
    assert!(place.program.run(&["doctor"]).status.success());
    running.terminate();
    assert_eq!(running.ended().0, Some(0));
    place.serve(&[]).terminate();
}

#[tokio::test]
async fn after_a_quiet_moment_the_file_alone_holds_all_that_was_written() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let ward = json!({ "name": "Phường Thanh Khê", "kind": "ward" });
    assert_eq!(app.send(Method::POST, "/api/v1/areas", &ward).await.0, StatusCode::CREATED);
    app.core.db.checkpoint().await.unwrap();
    // Without the log that lies beside it.
    let copy = app.dir.join("copy.db");
    std::fs::copy(app.dir.join("lalanh.db"), &copy).unwrap();
    let db = lalanh::db::Db::open(&format!("sqlite://{}", copy.display())).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let (areas,): (i64,) = conn.sql("select count(*) from areas").one().await.unwrap();
    assert_eq!(areas, 1);
}

on_both! {
    async fn a_database_newer_than_the_program_is_refused_untouched(app: TestApp) {
        let mut tx = app.core.db.begin().await.unwrap();
        let newer = "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
                     select 9999, 'later', installed_on, success, checksum, 0 from _sqlx_migrations where version = 1";
        tx.catalogue_sql(newer.to_owned()).execute().await.unwrap();
        tx.commit().await.unwrap();
        let program = app.program();
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["doctor"], &["backup", "--unsealed", "/nowhere/at/all"]] {
            let output = program.run(args);
            assert!(!output.status.success() && said(&output).contains("newer"), "{args:?}: {}", said(&output));
        }
    }

    async fn metrics_count_requests_by_route_without_personal_data(app: TestApp) {
        app.ward().await;
        app.request(Method::GET, "/api/v1/areas?q=0905123456", &app.admin).send().await.unwrap();
        app.request(Method::GET, "/0905123456", &app.admin).send().await.unwrap();
        app.core.metrics.redemptions("redeemed", 2);
        let metrics = app.client.get(format!("{}/metrics", app.base)).send().await.unwrap().text().await.unwrap();
        for line in [
            r#"lalanh_http_requests_total{method="GET",route="/api/v1/areas",status="2xx"} 1"#,
            r#"lalanh_http_requests_total{method="POST",route="/api/v1/areas",status="2xx"} 1"#,
            r#"lalanh_http_requests_total{method="GET",route="",status="4xx"} 1"#,
            r#"lalanh_redemptions_total{outcome="redeemed"} 2"#,
            "lalanh_http_request_duration_seconds_bucket",
            "lalanh_database_statements_total",
            "lalanh_uptime_seconds",
            "lalanh_memory_bytes",
            "lalanh_build_info",
        ] {
            assert!(metrics.contains(line), "{line} in:\n{metrics}");
        }
        assert!(!metrics.contains("0905123456"));
    }

    async fn long_texts_travel_compressed(app: TestApp) {
        let get = |encoding: &str| {
            app.client.get(format!("{}/api/v1/openapi.json", app.base)).header("accept-encoding", encoding.to_owned())
        };
        let (plain, small) = (get("identity").send().await.unwrap(), get("gzip").send().await.unwrap());
        assert_eq!(small.headers()["content-encoding"], "gzip");
        assert!(plain.headers().get("content-encoding").is_none());
        assert!(small.bytes().await.unwrap().len() * 2 < plain.bytes().await.unwrap().len());
        let short = app.client.get(format!("{}/healthz", app.base)).header("accept-encoding", "gzip").send().await.unwrap();
        assert!(short.headers().get("content-encoding").is_none());
    }

    async fn live_streams_end_when_the_service_stops(app: TestApp) {
        let endless = async || {
            let body = axum::body::Body::from_stream(futures_util::stream::pending::<Result<String, std::io::Error>>());
            ([("content-type", "text/event-stream")], body)
        };
        let service = axum::Router::new()
            .route("/live", axum::routing::get(endless))
            .layer(axum::middleware::from_fn_with_state(app.core.clone(), lalanh::app::edge::end_streams));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/live", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, service).await });
        let mut stream = app.client.get(url).send().await.unwrap().bytes_stream();
        app.core.stop();
        assert!(stream.next().await.is_none_or(|end| end.is_err()));
        server.abort();
    }
}

/// The last entry of the audit log that the data folder remembers.
fn remembered(place: &Place) -> i64 {
    let anchor = std::fs::read_to_string(place.dir.join("data").join("audit.anchor")).unwrap();
    anchor.split_whitespace().nth(3).unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_data_folder_remembers_what_was_logged_up_to_the_stop() {
    let place = Place::new("anchor");
    let token = place.token();
    let running = place.serve(&[]);
    let before = remembered(&place);
    let body = json!({ "name": "Phường Thanh Khê Tây", "kind": "ward" });
    let request = reqwest::Client::new().post(format!("{}/api/v1/areas", running.base)).bearer_auth(token).json(&body);
    assert!(request.send().await.unwrap().status().is_success());
    running.terminate();
    assert_eq!(running.ended().0, Some(0));
    assert!(remembered(&place) > before, "{} entries before, now {}", before, remembered(&place));
}
