//! Counts what would flood a log if each were told: of many like each other the first is told, the tenth, the hundredth.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::kernel::Moment;

/// How long equal things are counted together, in seconds.
const WINDOW_SECS: i64 = 15 * 60;
/// Kinds of things that are counted at most; beyond, all are forgotten and counted anew.
const KEYS_MAX: usize = 10_000;

/// Counts by key. Kept in memory.
#[derive(Debug, Default)]
pub struct Tally(Mutex<HashMap<String, Counted>>);

#[derive(Debug)]
struct Counted {
    since: Moment,
    times: u64,
}

impl Tally {
    /// Counts one more. How many there are now in this window, when that is worth telling: 1, 10, 100, …
    pub fn count(&self, key: &str, now: Moment) -> Option<u64> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= KEYS_MAX && !table.contains_key(key) {
            table.clear();
        }
        let counted = table.entry(key.to_owned()).or_insert(Counted { since: now, times: 0 });
        if now.secs_since(counted.since) >= WINDOW_SECS {
            *counted = Counted { since: now, times: 0 };
        }
        counted.times += 1;
        let times = counted.times;
        (10_u64.pow(times.ilog10()) == times).then_some(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_each_power_of_ten_is_told_and_the_next_window_begins_anew() {
        let tally = Tally::default();
        let start = Moment::from_micros(0);
        let told: Vec<u64> = (0..1_000).filter_map(|_| tally.count("lan", start)).collect();
        assert_eq!(told, [1, 10, 100, 1_000]);
        assert_eq!(tally.count("hoa", start), Some(1));
        assert_eq!(tally.count("lan", start.plus_secs(WINDOW_SECS)), Some(1));
    }
}
