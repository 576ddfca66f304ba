//! Who is connected, and who has to leave for others.
//!
//! Promises: an address never has more unfinished heads than its limit, nor the process more connections than it has
//! descriptors for; who comes is let in or refused at once, and never waits for somebody else to leave; what the service
//! is at work for, and a live stream that waits for news, is never cut for others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::line::{Line, Standing};
use crate::http::{Core, Limits, customer};

/// Descriptors left to databases, certificates, files and listeners.
const RESERVED: usize = 256;
/// Connections that may be on their way out at one moment: their tasks close them a little after they were told to.
const LEAVING_MAX: usize = 128;
/// How often the log repeats that connections are closed for others, in seconds.
const TELL_EVERY_SECS: u64 = 60;

/// All connections of the process, on whichever listener.
#[derive(Debug)]
pub struct Register {
    core: Core,
    limits: Limits,
    epoch: Instant,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    next: u64,
    lines: HashMap<u64, Arc<Line>>,
    /// Those of each address that is held to the limit.
    of_address: HashMap<IpAddr, HashMap<u64, Arc<Line>>>,
    /// Those that were told to leave and are not gone.
    leaving: usize,
    told: Option<Instant>,
}

/// A connection's place; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    register: Arc<Register>,
    number: u64,
    /// Nothing for a named proxy.
    address: Option<IpAddr>,
    pub(super) line: Arc<Line>,
}

impl Register {
    /// Nobody is connected yet.
    pub fn new(core: &Core) -> Arc<Self> {
        let wanted = core.config.limits.connections;
        let connections = granted(wanted);
        if connections < wanted {
            tracing::warn!(
                connections,
                wanted,
                "the system grants few descriptors: fewer connections are taken (ulimit -n)"
            );
        }
        let limits = Limits { connections, ..core.config.limits };
        Arc::new(Self { core: core.clone(), limits, epoch: Instant::now(), book: Mutex::default() })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in, or nobody when the service is at work for all.
    pub(super) fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let address = (!self.core.config.proxies.name(ip)).then(|| customer(ip));
        let now = Instant::now();
        let mut book = self.book();
        let cut = address.map_or(0, |address| book.cut_heads_of(address, self.limits.heads_per_address));
        self.tell(&mut book, "address", cut, now);
        if book.lines.len() - book.leaving >= self.limits.connections {
            let cut = usize::from(book.cut_one());
            self.tell(&mut book, "all", cut, now);
            if cut == 0 {
                self.tell(&mut book, "refused", 1, now);
                return None;
            }
        }
        if book.lines.len() >= self.limits.connections + LEAVING_MAX {
            self.tell(&mut book, "refused", 1, now);
            return None;
        }
        let line = Arc::new(Line::new(self.limits, self.epoch, now));
        let number = book.next;
        book.next += 1;
        book.lines.insert(number, Arc::clone(&line));
        if let Some(address) = address {
            book.of_address.entry(address).or_default().insert(number, Arc::clone(&line));
        }
        self.core.metrics.connected(book.lines.len());
        drop(book);
        Some(Place { register: Arc::clone(self), number, address, line })
    }

    /// The system is out of descriptors all the same: somebody leaves, if anybody can.
    pub(super) fn make_room(&self) {
        let mut book = self.book();
        let cut = usize::from(book.cut_one());
        self.tell(&mut book, "descriptors", cut, Instant::now());
    }

    /// Counts connections that were closed, and says so in the log now and then. Never whose: an address is personal.
    fn tell(&self, book: &mut Book, why: &'static str, count: usize, now: Instant) {
        if count == 0 {
            return;
        }
        self.core.metrics.connections_closed(why, count as u64);
        if book.told.is_none_or(|told| now.saturating_duration_since(told).as_secs() >= TELL_EVERY_SECS) {
            book.told = Some(now);
            tracing::warn!(
                why,
                open = book.lines.len(),
                "connections are closed or refused for the sake of others; see lalanh_connections_closed"
            );
        }
    }
}

impl Book {
    /// Makes room for one more unfinished head of an address; how many had to leave for it.
    fn cut_heads_of(&mut self, address: IpAddr, limit: usize) -> usize {
        let Some(lines) = self.of_address.get(&address).filter(|lines| lines.len() >= limit) else { return 0 };
        let mut unfinished: Vec<(Standing, &Arc<Line>)> = lines
            .values()
            .filter(|line| !line.leaves())
            .map(|line| (line.standing(), line))
            .filter(|(standing, _)| standing.is_unfinished())
            .collect();
        if unfinished.len() < limit {
            return 0;
        }
        let too_many = unfinished.len() + 1 - limit.max(1);
        unfinished.sort_unstable_by_key(|(standing, _)| *standing);
        let cut = unfinished.iter().take(too_many).filter(|(_, line)| line.ask_to_leave()).count();
        self.leaving += cut;
        cut
    }

    /// Closes the oldest unfinished connection, or else the one that rests longest, or else the one that has let the
    /// service wait longest: for a body, or for room for an answer.
    fn cut_one(&mut self) -> bool {
        let least = self.lines.values().filter(|line| !line.leaves()).min_by_key(|line| line.standing());
        let cut = least.is_some_and(|line| !line.standing().is_working() && line.ask_to_leave());
        self.leaving += usize::from(cut);
        cut
    }
}

impl Place {
    /// The limits as far as the system grants them.
    pub(super) fn limits(&self) -> &Limits {
        &self.register.limits
    }

    /// Counts a connection that is closed because it is out of time.
    pub(super) fn count(&self, why: &'static str) {
        self.register.core.metrics.connections_closed(why, 1);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.register.book();
        book.lines.remove(&self.number);
        if self.line.leaves() {
            book.leaving -= 1;
        }
        if let Some(address) = self.address
            && let Some(lines) = book.of_address.get_mut(&address)
        {
            lines.remove(&self.number);
            if lines.is_empty() {
                book.of_address.remove(&address);
            }
        }
        self.register.core.metrics.connected(book.lines.len());
    }
}

/// How many connections the system has descriptors for, up to `wanted`. Asks for as many as are needed.
fn granted(wanted: usize) -> usize {
    let Some(descriptors) = descriptors(wanted.saturating_add(RESERVED)) else { return wanted };
    // Where there are very few, half of them are for connections.
    wanted.min(descriptors.saturating_sub(RESERVED).max(descriptors / 2)).max(1)
}

/// How many descriptors the process may have: raised to `needed` where the system allows it. Nothing: any number.
#[cfg(unix)]
fn descriptors(needed: usize) -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = u64::try_from(needed).unwrap_or(u64::MAX);
    let mut current = limit.current?;
    if current < needed {
        let raised = limit.maximum.map_or(needed, |most| most.min(needed));
        if raised > current && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok() {
            current = raised;
        }
    }
    Some(usize::try_from(current).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn descriptors(_: usize) -> Option<usize> {
    None
}
