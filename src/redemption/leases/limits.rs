//! How long leases, contacts and recalls count.

/// Seconds that a phone may use a lease after it took or refreshed it.
pub const USE_SECS: i64 = 12 * 3600;

/// Seconds since a phone was last heard within which it counts as reachable.
pub const HEARD_SECS: i64 = 60;

/// Seconds for which an unanswered recall is repeated to its holder.
pub const RECALL_SECS: i64 = 600;
