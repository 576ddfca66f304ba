//! What one connection may take of the service, and all of them together. The operator does not choose these; tests
//! shorten them.

use std::time::Duration;

/// How long the network may keep the service waiting, and how much of it may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From a connection's arrival to the whole head of its first request, and from the first byte of a later head to
    /// its last. A handshake of TLS has as long before that.
    pub head: Duration,
    /// Between two requests: longer than a phone rests between two scans, so that it need not shake hands anew.
    pub idle: Duration,
    /// Between HTTP/2's questions whether the other end still lives, and how long each waits for its answer. Live
    /// streams are never idle; this finds the phones that left them without a word.
    pub ping: Duration,
    /// How long a receiver may take nothing of an answer that is ready.
    pub stall: Duration,
    /// How long a body may rest: a phone that drives through a tunnel.
    pub body_pause: Duration,
    /// Bytes a second that a body has on average at least, once its pause is used up: half of the slowest line that
    /// phones speak of (GPRS).
    pub body_rate: u32,
    /// How long the service waits for one body in all: the largest list at 7 kB a second.
    pub body_whole: Duration,
    /// How long a request may take, the time apart in which its body was waited for; imports and prints stay below it.
    pub request: Duration,
    /// Connections of one client address that have not delivered a whole head. A browser opens six at once, so forty
    /// phones behind one hotspot that all start in the same instant stay below it.
    pub heads_per_address: usize,
    /// Connections at one moment, unless the system grants the process fewer descriptors.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            ping: Duration::from_secs(30),
            stall: Duration::from_secs(300),
            body_pause: Duration::from_secs(30),
            body_rate: 1024,
            body_whole: Duration::from_secs(3600),
            request: Duration::from_secs(120),
            heads_per_address: 256,
            connections: 4096,
        }
    }
}
