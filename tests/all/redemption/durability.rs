//! What was answered stays answered: through kill -9, a full disk, and a database that goes away under load.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use lalanh::kernel::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::market::{Market, Plan};
use crate::on_both;
use crate::support::{On, TestApp};

/// The real program on a test's database.
struct Program {
    child: Child,
    base: String,
}

impl Program {
    /// Starts it, with a limit on the size of the files it may write, in KiB.
    fn start(app: &TestApp, file_limit_kib: Option<u64>) -> Self {
        Self::start_in(app, &app.dir, file_limit_kib)
    }

    /// Starts another one on the same PostgreSQL: a data folder of its own with the same secret.
    fn start_another(app: &TestApp, name: &str) -> Self {
        let dir = app.dir.join(name);
        std::fs::create_dir(&dir).unwrap();
        std::fs::copy(app.dir.join("secret.key"), dir.join("secret.key")).unwrap();
        Self::start_in(app, &dir, None)
    }

    fn start_in(app: &TestApp, dir: &std::path::Path, file_limit_kib: Option<u64>) -> Self {
        let program = env!("CARGO_BIN_EXE_lalanh");
        let mut command = match file_limit_kib {
            None => Command::new(program),
            Some(kib) => {
                let mut shell = Command::new("bash");
                shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""), program]);
                shell
            }
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir);
        if let Some(database) = &app.database {
            command.args(["--database", database]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, base }
    }

    /// kill -9.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A market whose round is today by the system's clock, which the real program goes by.
async fn market_today(app: &TestApp, households: usize) -> Market {
    let now = Clock::system().now();
    app.clock.set(now);
    let round = json!({ "starts_at": now.plus_secs(-3600), "ends_at": now.plus_secs(86_400) });
    let packages = i64::try_from(households).unwrap();
    app.open_market(Plan { households, packages, round, ..Plan::default() }).await
}

async fn send(app: &TestApp, base: &str, body: &Value) -> Option<(StatusCode, Value)> {
    let request = app.client.post(format!("{base}/api/v1/redemptions")).bearer_auth(&app.admin).json(body);
    let response = request.timeout(Duration::from_secs(20)).send().await.ok()?;
    let status = response.status();
    Some((status, response.json().await.ok()?))
}

fn bodies(app: &TestApp, market: &Market) -> Vec<Value> {
    let scan = |voucher: &Value| {
        json!({
            "nonce": app.clock.uuid(), "code": voucher["code"], "point_id": market.point, "scanned_at": app.clock.now()
        })
    };
    market.vouchers.iter().map(scan).collect()
}

/// Every voucher was handed out exactly once, the shelf is empty and the books balance.
async fn all_handed_out_once(app: &TestApp, market: &Market) {
    let mut conn = app.core.db.read().await.unwrap();
    let (handovers, vouchers): (i64, i64) = conn
        .sql("select count(*), count(distinct voucher_id) from scans where handover is not null")
        .one()
        .await
        .unwrap();
    let expected = i64::try_from(market.vouchers.len()).unwrap();
    assert_eq!((handovers, vouchers), (expected, expected));
    assert_eq!(app.level(&market.point, &market.rice).await, 0);
    app.books_balance().await;
}

on_both! {
    async fn every_answered_redemption_survives_kill_nine_and_none_is_doubled(app: TestApp) {
        let market = market_today(&app, 120).await;
        let bodies = bodies(&app, &market);
        let mut answered: HashSet<usize> = HashSet::new();
        for round in 0..4 {
            let program = Program::start(&app, None);
            let done = AtomicUsize::new(0);
            let stop = AtomicBool::new(false);
            // Four desks, each with its own vouchers, sending until the program dies.
            let desks = (0..4).map(|desk| {
                let (app, bodies, answered, program) = (&app, &bodies, &answered, &program);
                let (done, stop) = (&done, &stop);
                async move {
                    let mut mine = Vec::new();
                    for (i, body) in bodies.iter().enumerate().filter(|(i, _)| i % 4 == desk && !answered.contains(i)) {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        match send(app, &program.base, body).await {
                            Some((StatusCode::OK, answer)) => {
                                assert_eq!(answer["outcome"], "redeemed", "{answer}");
                                mine.push(i);
                                done.fetch_add(1, Ordering::Relaxed);
                            }
                            _ => break,
                        }
                    }
                    mine
                }
            });
            let pid = program.child.id().to_string();
            let killer = async {
                if round < 3 {
                    while done.load(Ordering::Relaxed) < 12 + 7 * round {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    Command::new("kill").args(["-9", &pid]).status().unwrap();
                    stop.store(true, Ordering::Relaxed);
                }
            };
            let (mine, ()) = tokio::join!(futures_util::future::join_all(desks), killer);
            answered.extend(mine.into_iter().flatten());
            program.kill();
        }
        assert_eq!(answered.len(), bodies.len());
        for body in &bodies {
            let stored = app.get(&format!("/api/v1/redemptions/{}", body["nonce"].as_str().unwrap())).await;
            assert_eq!(stored["outcome"], "redeemed");
        }
        all_handed_out_once(&app, &market).await;
    }

    async fn a_full_disk_is_told_clearly_and_leaves_nothing_half_written(app: TestApp) {
        let market = market_today(&app, 60).await;
        let bodies = bodies(&app, &market);
        let program = match app.on {
            // The log may grow by this much and no further.
            On::Sqlite => Program::start(&app, Some(std::fs::metadata(app.dir.join("lalanh.db-wal")).map_or(0, |m| m.len() / 1024) + 400)),
            // The server's disk is its own: it says so with SQLSTATE 53100.
            On::Postgres => {
                refuse_scans_on_postgres(&app, true).await;
                Program::start(&app, None)
            }
        };
        let mut refused = 0;
        for body in &bodies {
            let (status, answer) = send(&app, &program.base, body).await.unwrap();
            if status != StatusCode::OK {
                assert_eq!((status, &answer["code"]), (StatusCode::INSUFFICIENT_STORAGE, &json!("storage_full")), "{answer}");
                refused += 1;
            }
        }
        assert!(refused > 0, "the disk never filled");
        program.kill();
        app.books_balance().await;
        // With room again, the same scans go through, once each.
        if app.on == On::Postgres {
            refuse_scans_on_postgres(&app, false).await;
        }
        let program = Program::start(&app, None);
        for body in &bodies {
            let (status, answer) = send(&app, &program.base, body).await.unwrap();
            assert_eq!((status, &answer["outcome"]), (StatusCode::OK, &json!("redeemed")), "{answer}");
        }
        program.kill();
        all_handed_out_once(&app, &market).await;
    }

    async fn a_database_that_restarts_under_load_loses_and_doubles_nothing(app: TestApp) {
        if app.on == On::Sqlite {
            // An embedded database restarts with the program: see kill -9.
            return;
        }
        let market = market_today(&app, 80).await;
        let bodies = bodies(&app, &market);
        let cutter = async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_millis(15)).await;
                cut_connections(&app).await;
            }
        };
        let desks = futures_util::future::join_all(bodies.iter().map(|body| async {
            for _ in 0..50 {
                match send(&app, &app.base, body).await {
                    Some((StatusCode::OK, answer)) => return assert_eq!(answer["outcome"], "redeemed", "{answer}"),
                    Some((status, answer)) => assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}"),
                    None => {}
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("never answered");
        }));
        tokio::join!(cutter, desks);
        all_handed_out_once(&app, &market).await;
    }
}

async fn on_server(app: &TestApp, statements: &[&'static str]) {
    use sqlx::Connection;
    let mut conn = sqlx::PgConnection::connect(app.database.as_ref().unwrap()).await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

async fn refuse_scans_on_postgres(app: &TestApp, refuse: bool) {
    if refuse {
        on_server(
            app,
            &[
                "create function full_disk() returns trigger language plpgsql as
                 $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
                "create trigger full_disk before insert on scans for each row execute function full_disk()",
            ],
        )
        .await;
    } else {
        on_server(app, &["drop trigger full_disk on scans"]).await;
    }
}

async fn cut_connections(app: &TestApp) {
    on_server(
        app,
        &["select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()"],
    )
    .await;
}

#[tokio::test]
async fn two_services_on_one_postgres_hand_out_each_voucher_once() {
    let Some(app) = TestApp::start(On::Postgres).await else { return };
    let market = market_today(&app, 40).await;
    let (one, two) = (Program::start_another(&app, "one"), Program::start_another(&app, "two"));
    // Every voucher is scanned at both services at the same moment.
    let scans = market.vouchers.iter().flat_map(|voucher| {
        [&one.base, &two.base].map(|base| {
            let body = json!({
                "nonce": app.clock.uuid(), "code": voucher["code"], "point_id": market.point,
                "scanned_at": app.clock.now()
            });
            let app = &app;
            async move { send(app, base, &body).await.unwrap() }
        })
    });
    let answers = futures_util::future::join_all(scans).await;
    let redeemed = answers.iter().filter(|(_, answer)| answer["outcome"] == "redeemed").count();
    let already = answers.iter().filter(|(_, answer)| answer["outcome"] == "already_redeemed").count();
    assert_eq!((redeemed, already), (40, 40));
    all_handed_out_once(&app, &market).await;
    let (status, _) = app.send(Method::GET, "/readyz", &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    one.kill();
    two.kill();
}
