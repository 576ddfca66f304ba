//! What `GET /metrics` tells (Prometheus text). No label ever holds personal data: routes are patterns, not paths.

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::db::Db;

/// Upper bounds of the duration histogram, in seconds.
const BOUNDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    method: String,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    why: &'static str,
}

/// The service's counters. Rooms above may register more with [`Metrics::register`].
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Kind, Counter>,
    seconds: Family<Route, Histogram>,
    redemptions: Family<Outcome, Counter>,
    logins: Family<Outcome, Counter>,
    refusals: Family<Code, Counter>,
    connections: Gauge<u64, AtomicU64>,
    closed: Family<Why, Counter>,
    statements: Counter<u64, AtomicU64>,
    memory: Gauge<u64, AtomicU64>,
    uptime: Gauge<u64, AtomicU64>,
    started: Instant,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("lalanh")),
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BOUNDS)),
            redemptions: Family::default(),
            logins: Family::default(),
            refusals: Family::default(),
            connections: Gauge::default(),
            closed: Family::default(),
            statements: Counter::default(),
            memory: Gauge::default(),
            uptime: Gauge::default(),
            started: Instant::now(),
        };
        metrics.register(|registry| {
            let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
            registry.register("build", "The program", version);
            registry.register("http_requests", "Requests answered", metrics.requests.clone());
            registry.register_with_unit(
                "http_request_duration",
                "Time until the answer's head was ready",
                Unit::Seconds,
                metrics.seconds.clone(),
            );
            registry.register("redemptions", "Scans decided, by outcome", metrics.redemptions.clone());
            registry.register("logins", "Tries to log in with a password, by outcome", metrics.logins.clone());
            registry.register("refusals", "Refused for who asked or how often, by reason", metrics.refusals.clone());
            registry.register("connections", "Connections open", metrics.connections.clone());
            registry.register(
                "connections_closed",
                "Connections closed for the sake of others or out of time, and those refused",
                metrics.closed.clone(),
            );
            registry.register("database_statements", "Statements sent to the database", metrics.statements.clone());
            registry.register_with_unit("memory", "Resident memory", Unit::Bytes, metrics.memory.clone());
            registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, metrics.uptime.clone());
        });
        metrics
    }
}

impl Metrics {
    /// Adds metrics to the registry; their names get the prefix `lalanh_`.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    /// Counts an answered request. `route` is the route's pattern, empty when none matched.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let status = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let (method, route) = (method.to_owned(), route.to_owned());
        self.seconds.get_or_create(&Route { method: method.clone(), route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Kind { method, route, status }).inc();
    }

    /// Counts decided scans of one outcome, such as `redeemed` or `already_redeemed`.
    pub fn redemptions(&self, outcome: &'static str, count: u64) {
        self.redemptions.get_or_create(&Outcome { outcome }).inc_by(count);
    }

    /// Counts a try to log in with a password.
    pub fn login(&self, outcome: &'static str) {
        self.logins.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts a request that was refused for who asked (401, 403) or how often (429).
    pub fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&Code { code }).inc();
    }

    /// Tells how many connections are open.
    pub fn connected(&self, open: usize) {
        self.connections.set(open as u64);
    }

    /// Counts connections closed for the sake of others or because they were out of time, and those refused.
    pub fn connections_closed(&self, why: &'static str, count: u64) {
        self.closed.get_or_create(&Why { why }).inc_by(count);
    }

    /// Everything as OpenMetrics text.
    pub fn text(&self, db: &Db) -> String {
        self.statements.inner().store(db.statements(), std::sync::atomic::Ordering::Relaxed);
        self.uptime.set(self.started.elapsed().as_secs());
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        let registry = self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut text = String::with_capacity(8 * 1024);
        encode(&mut text, &registry).expect("writing to a string does not fail");
        text
    }
}

/// Resident memory as Linux tells it; nothing elsewhere.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
