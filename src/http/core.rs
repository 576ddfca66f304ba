//! The state that every handler gets.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::import_memory::ImportMemory;
use super::limits::Limits;
use super::metrics::Metrics;
use super::proxies::Proxies;
use super::sign_on::SignOn;
use super::tally::Tally;
use super::throttle::Throttle;
use crate::db::Db;
use crate::kernel::Clock;
use crate::vault::{ReplayKey, Vault};

/// What the operator chose at start.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Where phones and browsers reach the service, without a trailing slash; nothing means "as they asked".
    pub public_url: Option<String>,
    /// Whether the service speaks https by itself.
    pub https: bool,
    /// The folder of the database and the secrets.
    pub data_dir: PathBuf,
    /// Who may say whom they speak for, besides this machine.
    pub proxies: Proxies,
    /// Who else than this machine may read `/metrics`: whoever shows this.
    pub metrics_token: Option<String>,
    /// Where people sign on besides with a password; nothing: nowhere.
    pub sign_on: Option<SignOn>,
    /// What the network may take.
    pub limits: Limits,
    /// The program that reads uploaded lists in a process of its own; nothing: they are read in this one.
    pub list_reader: Option<PathBuf>,
}

/// The shared state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core(Arc<CoreParts>);

/// What [`Core`] holds.
#[derive(Debug)]
pub struct CoreParts {
    /// The database.
    pub db: Db,
    /// Time and chance.
    pub clock: Clock,
    /// Keys for what is sealed at rest.
    pub vault: Vault,
    /// What must come out alike when it is asked for twice.
    pub replay: ReplayKey,
    /// This deployment's id, part of every signed voucher code.
    pub instance_id: uuid::Uuid,
    /// What the operator chose.
    pub config: Config,
    /// What `GET /metrics` tells.
    pub metrics: Metrics,
    /// Counts failed tries.
    pub throttle: Throttle,
    /// Counts what would flood the audit log.
    pub tally: Tally,
    /// The memory that imports share.
    pub imports: ImportMemory,
    memories: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    changes: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

impl Deref for Core {
    type Target = CoreParts;
    fn deref(&self) -> &CoreParts {
        &self.0
    }
}

impl Core {
    /// Composes the state.
    pub fn new(
        db: Db,
        clock: Clock,
        (vault, replay): (Vault, ReplayKey),
        instance_id: uuid::Uuid,
        config: Config,
    ) -> Self {
        Self(Arc::new(CoreParts {
            db,
            clock,
            vault,
            replay,
            instance_id,
            config,
            throttle: Throttle::default(),
            tally: Tally::default(),
            imports: ImportMemory::default(),
            metrics: Metrics::default(),
            memories: Mutex::default(),
            changes: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        }))
    }

    /// What a feature keeps in memory, one of a type; it begins empty.
    pub fn memory<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = memories.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        Arc::clone(kept).downcast().expect("what is kept under a type is of that type")
    }

    /// Tells live viewers that stock, vouchers or redemptions changed. They coalesce: one look answers many changes.
    pub fn changed(&self) {
        self.changes.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Follows [`Core::changed`].
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Tells everything that never ends by itself that the service stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until the service stops: for live streams and background tasks.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives in this very state, so waiting can't fail while there is someone to wait.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
