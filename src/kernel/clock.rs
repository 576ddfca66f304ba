//! The only door to the current moment and to random bytes. Clippy forbids every other one.

use std::sync::{Arc, Mutex};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use super::moment::{Day, Moment};

/// Where a clock gets its time.
#[derive(Debug)]
enum Source {
    System,
    /// Moves only when told: tests and the demo's sample history.
    Fixed(Moment),
}

/// Time and chance, handed down from the composition (`app`). Cheap to clone; clones share their state.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    source: Source,
    rng: StdRng,
    last_id_micros: i64,
    id_counter: u16,
}

impl Clock {
    /// The system's clock and a generator seeded by the operating system.
    pub fn system() -> Self {
        let rng = StdRng::try_from_rng(&mut SysRng).expect("the operating system gives random bytes");
        Self::with(Source::System, rng)
    }

    /// A clock that stands still at `now` until it is told otherwise, with a generator of a known seed.
    pub fn fixed(now: Moment, seed: u64) -> Self {
        Self::with(Source::Fixed(now), StdRng::seed_from_u64(seed))
    }

    /// A clock that stands still at `now`, with unpredictable chance: for histories that are written today.
    pub fn fixed_unpredictable(now: Moment) -> Self {
        let rng = StdRng::try_from_rng(&mut SysRng).expect("the operating system gives random bytes");
        Self::with(Source::Fixed(now), rng)
    }

    fn with(source: Source, rng: StdRng) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { source, rng, last_id_micros: 0, id_counter: 0 })) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The current moment, to the microsecond.
    pub fn now(&self) -> Moment {
        self.lock().now()
    }

    /// The current day in the deployment's time zone.
    pub fn today(&self) -> Day {
        self.now().day()
    }

    /// Sets a standing clock; a system clock stays as it is.
    pub fn set(&self, now: Moment) {
        let mut inner = self.lock();
        if matches!(inner.source, Source::Fixed(_)) {
            inner.source = Source::Fixed(now);
        }
    }

    /// Fills `bytes` with unpredictable bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.lock().rng.fill_bytes(bytes);
    }

    /// An array of unpredictable bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A new UUIDv7 (RFC 9562 §5.7): sorted by creation, monotonic within this process.
    pub fn uuid(&self) -> Uuid {
        let mut inner = self.lock();
        let micros = inner.now().micros();
        if micros > inner.last_id_micros {
            inner.last_id_micros = micros;
            inner.id_counter = 0;
        } else {
            inner.id_counter = inner.id_counter.wrapping_add(1);
            if inner.id_counter == 0 {
                inner.last_id_micros += 1;
            }
        }
        let (micros, counter) = (inner.last_id_micros, inner.id_counter);
        let mut tail = [0_u8; 8];
        inner.rng.fill_bytes(&mut tail);
        // 48 bits of milliseconds; then 10 bits of the microsecond and 16 of a counter (RFC 9562 §6.2, methods 1 and 3).
        let millis = u64::try_from(micros / 1000).unwrap_or(0);
        let sub_ms = u16::try_from(micros.rem_euclid(1000)).unwrap_or(0);
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6] = 0x70 | (sub_ms >> 6) as u8;
        bytes[7] = ((sub_ms << 2) as u8) | (counter >> 14) as u8;
        bytes[8] = 0x80 | ((counter >> 8) as u8 & 0x3f);
        bytes[9] = counter as u8;
        bytes[10..].copy_from_slice(&tail[..6]);
        Uuid::from_bytes(bytes)
    }
}

impl Inner {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask the system for the time")]
    fn now(&self) -> Moment {
        match self.source {
            Source::System => Moment::from_timestamp(jiff::Timestamp::now()),
            Source::Fixed(now) => now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made_and_never_repeat() {
        let clock = Clock::fixed(Moment::from_micros(1_630_000_000_123_456), 7);
        let ids: Vec<Uuid> = (0..100_000).map(|_| clock.uuid()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
