//! Redemptions over HTTP: the service as it is, beside one transaction a request and beside no database at all.
//!
//! `cargo bench --bench redeem [-- sqlite|postgres] [1|16|64|256]`. The three answer the same requests through the
//! same layers, login and signature check, one after the other in each round of the clock; medians of three. SQLite
//! with WAL and `synchronous=FULL` in a temporary folder (`TMPDIR` chooses the disk), PostgreSQL with its flushes on.
//! At the end the books are checked: every answered handover is stored once, with its stock.

#[path = "../support/mod.rs"]
mod support;

mod client;
mod market;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Extension, Json, Router};
use lalanh::app::connections::{self, Door, Register};
use lalanh::app::router;
use lalanh::app::router::surround;
use lalanh::db::{ErrorKind, PinnedPlans};
use lalanh::http::{Body, Core, Error, Result};
use lalanh::kernel::Moment;
use lalanh::kernel::ids::PointId;
use lalanh::kernel::message::Lang;
use lalanh::people::rights::Redeem;
use lalanh::people::{Caller, Permit};
use lalanh::redemption::Outcome;
use lalanh::redemption::answer::{Answer, AnswerView, Detail, HouseholdView, PackageView, VoucherView};
use lalanh::redemption::{Operator, Scan, Source};
use lalanh::redemption::{Presented, batch};
use lalanh::vault::sha256;
use lalanh::vouchers::keyring;
use lalanh::vouchers::keys::KeyRing;
use market::Market;
use serde::Deserialize;
use support::{Folder, Postgres, chosen, core, figure, fsync_secs, is_chosen, median};
use uuid::Uuid;

/// How long one load lasts.
const LASTING: Duration = Duration::from_millis(1200);
/// Loads of each kind at each number of clients.
const RUNS: usize = 3;
/// Requests made ready for one load; more than can be answered.
const READY: usize = 30_000;
/// Paths of the bench's own routes.
const CEILING: &str = "/api/v1/bench/ceiling";
const ONE_BY_ONE: &str = "/api/v1/bench/one-by-one";

fn main() {
    let chosen = chosen();
    // As the service logs by default, to nowhere.
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::sink).init();
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let (service, load) = (runtime().expect("a runtime"), runtime().expect("a runtime"));
    let folder = Folder::new("redeem");
    if is_chosen(&chosen, "sqlite") || !is_chosen(&chosen, "postgres") {
        load.block_on(run("SQLite", &folder.0.join("sqlite"), None, &service, &chosen, &folder.0));
    }
    if (is_chosen(&chosen, "postgres") || !is_chosen(&chosen, "sqlite"))
        && let Some(postgres) = Postgres::start()
    {
        let database = Some(postgres.url.clone());
        load.block_on(run(
            "PostgreSQL",
            &folder.0.join("postgres"),
            database,
            &service,
            &chosen,
            postgres.folder().parent().expect("a folder lies in one"),
        ));
    }
}

/// One kind of answer to the same scans.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Hot,
    Spread,
    OneByOne,
    Ceiling,
}

const WAYS: [Way; 4] = [Way::Hot, Way::Spread, Way::OneByOne, Way::Ceiling];

impl Way {
    const fn path(self) -> &'static str {
        match self {
            Self::Hot | Self::Spread => "/api/v1/redemptions",
            Self::OneByOne => ONE_BY_ONE,
            Self::Ceiling => CEILING,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hot => "ours, one hot point",
            Self::Spread => "ours, eight points",
            Self::OneByOne => "one transaction a request, hot",
            Self::Ceiling => "ceiling: no database",
        }
    }
}

async fn run(
    name: &str,
    dir: &Path,
    database: Option<String>,
    service: &tokio::runtime::Runtime,
    chosen: &[String],
    disk: &Path,
) {
    let core = core(dir.to_owned(), database).await;
    let mut market = Market::open(&core).await;
    let (ours, others) = serve(&core, service).await;
    let mut handovers = 0;
    println!("{name}{:>35}{:>12}{:>10}{:>10}", "redemptions/s", "p50 ms", "p99 ms", "refused");
    for clients in [1, 16, 64, 256] {
        let counts: Vec<&String> = chosen.iter().filter(|word| word.parse::<usize>().is_ok()).collect();
        if !counts.is_empty() && counts.iter().all(|count| **count != clients.to_string()) {
            continue;
        }
        let mut loads: [Vec<client::Load>; WAYS.len()] = Default::default();
        let mut probes = Vec::new();
        for turn in 0..=RUNS {
            probes.push(fsync_secs(disk));
            for (way, loads) in WAYS.into_iter().zip(&mut loads) {
                let hot = way != Way::Spread;
                let requests = Arc::new(market.requests(way.path(), hot, READY).await);
                let address = if matches!(way, Way::Hot | Way::Spread) { ours } else { others };
                let lasting = if turn == 0 { LASTING / 4 } else { LASTING };
                let load = client::load(address, clients, Arc::clone(&requests), lasting).await;
                let unsent = if way == Way::Ceiling { 0 } else { load.sent };
                market.keep(hot, &requests[unsent..]);
                handovers += if way == Way::Ceiling { 0 } else { load.answered };
                // The first turn warms up.
                if turn > 0 {
                    loads.push(load);
                }
            }
        }
        report(name, clients, &loads, median(probes));
    }
    market.check(handovers).await;
    println!("  the books balance: {handovers} handovers, each once\n");
}

fn report(name: &str, clients: usize, loads: &[Vec<client::Load>; WAYS.len()], fsync: f64) {
    println!("  {clients} clients, fdatasync {:.2} ms", fsync * 1e3);
    let middle = |n: usize, of: fn(&client::Load) -> f64| median(loads[n].iter().map(of).collect());
    for (n, way) in WAYS.into_iter().enumerate() {
        let refused: usize = loads[n].iter().map(|load| load.refused).sum();
        println!(
            "    {:<32}{:>9.0}{:>12.2}{:>10.2}{:>10}",
            way.name(),
            middle(n, |load| load.rate),
            middle(n, |load| load.p50) * 1e3,
            middle(n, |load| load.p99) * 1e3,
            refused
        );
    }
    let rate = |n: usize| middle(n, |load| load.rate);
    println!(
        "    hot is {:.1} × one transaction a request, {:.0} % of the ceiling, {:.0} % of spread",
        rate(0) / rate(2),
        rate(0) / rate(3) * 100.0,
        rate(0) / rate(1) * 100.0
    );
    let (share, p99) = (rate(0) / rate(3) * 100.0, middle(0, |load| load.p99) * 1e3);
    let times = rate(0) / rate(2);
    let gave = format!("{:.0}/s, {times:.1} × one by one, {share:.0} % of the ceiling, p99 {p99:.0} ms", rate(0));
    let goal = if clients == 64 { "≥ 50 %, p99 ≤ 15 ms" } else { "" };
    figure(&format!("redemption, {clients} clients, {name}"), &gave, goal);
}

/// The service itself, and beside it the bench's own routes in the same layers.
async fn serve(core: &Core, runtime: &tokio::runtime::Runtime) -> (SocketAddr, SocketAddr) {
    let ring = Arc::new(ring(core).await);
    let _inside = runtime.enter();
    let routes = Router::new()
        .route(CEILING, post(ceiling))
        .route(ONE_BY_ONE, post(one_by_one))
        .layer(Extension(ring))
        .layer(Extension(Arc::new(core.db.pinned_plans())));
    let mut addresses = Vec::new();
    for service in [router(core.clone()), surround(routes, core.clone())] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket takes options");
        addresses.push(listener.local_addr().expect("a bound socket has an address"));
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
        let door = Door { listener, routes: service, tls: None };
        runtime.spawn(connections::serve(core.clone(), Register::new(core), door));
    }
    (addresses[0], addresses[1])
}

async fn ring(core: &Core) -> KeyRing {
    let mut conn = core.db.read().await.expect("the database answers");
    keyring::ring(&mut conn, core).await.expect("the keys")
}

/// The fields of a scan that the load sends.
#[derive(Deserialize)]
struct Sent {
    nonce: Uuid,
    code: String,
    point_id: PointId,
    scanned_at: Moment,
    desk: u32,
}

/// What the door does with a body: who calls, what was presented, whether the signature is right.
fn read(caller: &Caller, ring: &KeyRing, sent: Sent) -> Result<Scan> {
    Permit::<Redeem, _>::of(caller.clone())?;
    let presented = Presented::read(&sent.code, ring).ok_or(Error::NotFound)?;
    let identity = serde_json::json!([
        data_encoding::HEXLOWER.encode(&Presented::canonical(&sent.code)),
        sent.point_id,
        sent.scanned_at,
        1,
        sent.desk
    ]);
    Ok(Scan {
        nonce: sent.nonce,
        presented,
        point_id: sent.point_id,
        desk: sent.desk.to_string(),
        units: 1,
        scanned_at: sent.scanned_at,
        collector: None,
        source: Source::Online,
        operator: match caller {
            Caller::Staff(staff) => Operator::User(staff.id),
            Caller::Device(device) => Operator::Device { id: device.id, revoked_at: None },
        },
        serves_point: caller.serves(sent.point_id),
        override_reason: None,
        sequence: None,
        lease_epoch: None,
        body_hash: sha256(identity.to_string().as_bytes()),
    })
}

async fn ceiling(
    State(core): State<Core>,
    Extension(ring): Extension<Arc<KeyRing>>,
    caller: Caller,
    Body(sent): Body<Sent>,
) -> Result<Json<AnswerView>> {
    let scan = read(&caller, &ring, sent)?;
    let answer = Answer {
        nonce: scan.nonce,
        outcome: Outcome::Redeemed,
        replayed: false,
        detail: Detail { units_left: Some(0), ..Detail::default() },
        flags: vec![],
        received_at: core.clock.now(),
        reversed_at: None,
        voucher: Some(VoucherView { id: scan.nonce, serial: 1, round: "Đợt phát".into(), units: 1 }),
        household: Some(HouseholdView { id: scan.nonce, head_name: "Thái Hữu Sơn".into(), members: 4 }),
        package: Some(PackageView { name: "Suất Tết".into(), contents: vec![] }),
    };
    Ok(Json(answer.view(Lang::Vi)))
}

async fn one_by_one(
    State(core): State<Core>,
    Extension(ring): Extension<Arc<KeyRing>>,
    Extension(db): Extension<Arc<PinnedPlans>>,
    caller: Caller,
    Body(sent): Body<Sent>,
) -> Result<Json<AnswerView>> {
    let scan = [read(&caller, &ring, sent)?];
    let told = |error: sqlx::Error| {
        assert_ne!(lalanh::db::classify(&error), ErrorKind::Contention, "two transactions never lock each other out");
        Error::from(error)
    };
    let mut tx = db.begin().await.map_err(told)?;
    let mut decided = batch::decide(&core, &mut tx, &scan).await.map_err(told)?;
    tx.commit().await.map_err(told)?;
    let answer = decided.pop().ok_or(Error::Busy)??;
    Ok(Json(answer.view(Lang::Vi)))
}
