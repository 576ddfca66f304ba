//! How far the work on a long list is, told to the page that waits for it.
//!
//! The page makes up a key, sends it with its form, and asks for it meanwhile. Kept in memory only, and only while the
//! work goes on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use crate::http::Core;

/// Pieces of work that are followed at a time; more are done all the same, but not told.
const FOLLOWED_MAX: usize = 100;

type Key = (Uuid, String);

/// Keyed by instance and the page's key: tests run several services in one process.
static FOLLOWED: LazyLock<Mutex<HashMap<Key, Arc<Counter>>>> = LazyLock::new(Mutex::default);

/// Counts rows.
#[derive(Debug, Default)]
struct Counter {
    read: AtomicUsize,
    written: AtomicUsize,
    to_write: AtomicUsize,
}

/// Work that is followed until this is dropped. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    counter: Arc<Counter>,
    _end: Option<Arc<End>>,
}

/// Takes the work off the list.
#[derive(Debug)]
struct End(Key);

impl Drop for End {
    fn drop(&mut self) {
        FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// How far it is at a moment.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ProgressCounts {
    /// Rows read.
    pub read: usize,
    /// Rows stored.
    pub written: usize,
    /// Rows to be stored.
    pub to_write: usize,
}

impl Progress {
    /// Work that a page follows under its key.
    pub fn followed(core: &Core, key: &str) -> Self {
        let key = (core.instance_id, key.to_owned());
        let counter = Arc::<Counter>::default();
        let mut followed = FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner);
        if key.1.is_empty() || followed.len() >= FOLLOWED_MAX || followed.contains_key(&key) {
            return Self { counter, _end: None };
        }
        followed.insert(key.clone(), Arc::clone(&counter));
        Self { counter, _end: Some(Arc::new(End(key))) }
    }

    /// One more row was read.
    pub fn read_one(&self) {
        self.counter.read.fetch_add(1, Ordering::Relaxed);
    }

    /// So many rows are to be stored.
    pub fn to_write(&self, rows: usize) {
        self.counter.to_write.store(rows, Ordering::Relaxed);
    }

    /// So many more are.
    pub fn wrote(&self, rows: usize) {
        self.counter.written.fetch_add(rows, Ordering::Relaxed);
    }
}

/// How far the work under a key is; nothing when there is none.
pub fn counts(core: &Core, key: &str) -> Option<ProgressCounts> {
    let followed = FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner);
    let counter = followed.get(&(core.instance_id, key.to_owned()))?;
    Some(ProgressCounts {
        read: counter.read.load(Ordering::Relaxed),
        written: counter.written.load(Ordering::Relaxed),
        to_write: counter.to_write.load(Ordering::Relaxed),
    })
}
