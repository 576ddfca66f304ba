//! Both databases behind one small door: the only place that knows which one it is.
//!
//! SQLite is the embedded default; PostgreSQL serves when one machine is not enough. Features write one SQL text
//! for both ([`text`] says what little is translated), read through a [`Conn`] and write through a [`Tx`]. A `Tx`
//! that is dropped without [`Tx::commit`] is rolled back. On SQLite there is one writing connection and every
//! transaction begins `immediate`, so that two writers wait for each other instead of failing.

mod columns;
mod ids;
mod json_text;
mod migrate;
mod query;
mod scrub;
mod text;
mod transport;

use std::panic::Location;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};

pub use ids::{IdRow, id_rows};
pub use json_text::JsonText;
pub use migrate::MigrateError;
use query::Joining;
pub use query::{Query, Record, StatementBatch, Value};
pub use scrub::Scrub;
pub use text::{Bytes, Flavour, expand};
pub use transport::{UnsaidTransport, is_tls_failure};

use crate::vault::{LogKeys, make_private_file};

/// How long a caller waits for a connection before it is told that the database is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);
/// Pages in the write-ahead log before SQLite checkpoints: fewer, larger stalls (measured 1.2× on redemptions).
const SQLITE_CHECKPOINT_PAGES: u32 = 8000;
/// Bytes of the database that a reading connection maps instead of copying page by page: tables of a large ward are
/// larger than SQLite's own cache, and each page of them was read anew for every question.
const SQLITE_MAPPED_BYTES: u64 = 1 << 30;
/// KiB of the write-ahead log, which is not mapped, that a reading connection keeps at most.
const SQLITE_CACHE_KIB: u32 = 16_000;

/// A database, ready for use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    statements: Arc<AtomicU64>,
    joining: Arc<Joining>,
    log_keys: HeldKeys,
}

/// The audit log's keys: whoever appends has nothing but a transaction.
type HeldKeys = Arc<RwLock<Arc<LogKeys>>>;

#[derive(Clone, Debug)]
enum Pools {
    /// `write` has exactly one connection.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// Where one writer begins its transactions, whose statements reach single rows of large tables by their keys, over
/// and over.
///
/// PostgreSQL plans each of those statements once per connection, by index, whatever it knows of the tables: left to
/// itself it planned the engine's reading anew for each batch (2–7 ms), or kept reading `scans` whole, a plan from
/// the days when the table was small (245 ms). The connections are nobody else's, so that their plans and caches stay
/// warm; they belong to the runtime that used them first.
#[derive(Debug)]
pub struct PinnedPlans(Db);

/// A connection that reads, or the connection inside a [`Tx`].
#[derive(Debug)]
pub struct Conn {
    kind: ConnKind,
    statements: Arc<AtomicU64>,
    joining: Arc<Joining>,
    log_keys: HeldKeys,
}

#[derive(Debug)]
enum ConnKind {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// The only way to write. Dropped without [`Tx::commit`], it never happened.
pub struct Tx {
    conn: Conn,
    after: Vec<Box<dyn FnOnce() + Send>>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("conn", &self.conn).field("after", &self.after.len()).finish()
    }
}

impl std::ops::Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Db {
    /// Opens `sqlite://PATH` (made when missing) or `postgres://…`. Does not migrate.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        let pools = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Pools::Postgres(open_postgres(url).await?)
        } else {
            open_sqlite(url).await?
        };
        Ok(Self { pools, statements: Arc::default(), joining: Arc::default(), log_keys: HeldKeys::default() })
    }

    /// Which database this is, for messages, back-ups and tests; features never ask.
    pub fn flavour(&self) -> Flavour {
        match self.pools {
            Pools::Sqlite { .. } => Flavour::Sqlite,
            Pools::Postgres(_) => Flavour::Postgres,
        }
    }

    /// A connection for reading. Each statement sees what was committed before it.
    pub async fn read(&self) -> Result<Conn, sqlx::Error> {
        let kind = match &self.pools {
            Pools::Sqlite { read, .. } => ConnKind::Sqlite(read.acquire().await?),
            Pools::Postgres(pool) => ConnKind::Postgres(pool.acquire().await?),
        };
        Ok(self.conn(kind))
    }

    /// A connection for reading whose statements all see the same moment.
    pub async fn snapshot(&self) -> Result<Conn, sqlx::Error> {
        let kind = match &self.pools {
            Pools::Sqlite { read, .. } => ConnKind::SqliteTx(read.begin().await?),
            Pools::Postgres(pool) => {
                ConnKind::PostgresTx(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        };
        Ok(self.conn(kind))
    }

    /// A transaction for writing.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        let kind = match &self.pools {
            Pools::Sqlite { write, .. } => ConnKind::SqliteTx(begin_sqlite(write).await?),
            Pools::Postgres(pool) => ConnKind::PostgresTx(pool.begin().await?),
        };
        Ok(Tx { conn: self.conn(kind), after: Vec::new() })
    }

    /// Carries what SQLite's log holds over to the database's own file, for a moment in which nobody writes: readers map
    /// the file, but copy page by page from the log. PostgreSQL does this by itself.
    pub async fn checkpoint(&self) -> Result<(), sqlx::Error> {
        let Pools::Sqlite { write, .. } = &self.pools else { return Ok(()) };
        sqlx::query("pragma wal_checkpoint(passive)").execute(&mut *write.acquire().await?).await?;
        Ok(())
    }

    /// See [`PinnedPlans`].
    pub fn pinned_plans(&self) -> PinnedPlans {
        let Pools::Postgres(pool) = &self.pools else { return PinnedPlans(self.clone()) };
        let options = (*pool.connect_options()).clone().options([
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
        ]);
        // A connection that the server dropped is found out by its first use, without asking before each.
        let pool = postgres_pool().test_before_acquire(false).connect_lazy_with(options);
        PinnedPlans(Self { pools: Pools::Postgres(pool), ..self.clone() })
    }

    /// Statements sent so far, transactions' begin and commit not counted: for metrics and for tests that hold a
    /// budget.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Gives transactions the keys that the audit log is bound with.
    pub fn hold_log_keys(&self, keys: LogKeys) {
        hold(&self.log_keys, keys);
    }

    /// Waits for connections in use and closes all.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    fn conn(&self, kind: ConnKind) -> Conn {
        Conn {
            kind,
            statements: Arc::clone(&self.statements),
            joining: Arc::clone(&self.joining),
            log_keys: Arc::clone(&self.log_keys),
        }
    }
}

fn hold(held: &HeldKeys, keys: LogKeys) {
    *held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
}

impl PinnedPlans {
    /// A transaction for writing.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        match self.0.begin().await {
            // The server was restarted, say; the broken connection is gone now.
            Err(error) if classify(&error) == ErrorKind::Unreachable => self.0.begin().await,
            begun => begun,
        }
    }

    /// Closes the connections that are nobody else's.
    pub async fn close(&self) {
        if let Pools::Postgres(pool) = &self.0.pools {
            pool.close().await;
        }
    }
}

impl Conn {
    /// Prepares one of the program's SQL texts; see [`text::expand`] for what is translated.
    #[track_caller]
    pub fn sql(&mut self, text: &'static str) -> Query<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let at = Location::caller();
        match &mut self.kind {
            ConnKind::Sqlite(conn) => Query::sqlite(conn, text, at),
            ConnKind::SqliteTx(tx) => Query::sqlite(tx, text, at),
            ConnKind::Postgres(conn) => Query::postgres(conn, text, at),
            ConnKind::PostgresTx(tx) => Query::postgres(tx, text, at),
        }
    }

    /// Prepares a text made at run time from the names in the database's own catalogue. Only this module, back-ups and
    /// the doctor, which walk every table whatever its name, come through this door; everything else is a literal for
    /// [`Conn::sql`], and is translated in the same way. No value may be part of the text: values are bound.
    #[track_caller]
    pub fn catalogue_sql(&mut self, text: String) -> Query<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let at = Location::caller();
        match &mut self.kind {
            ConnKind::Sqlite(conn) => Query::sqlite_catalogue(conn, &text, at),
            ConnKind::SqliteTx(tx) => Query::sqlite_catalogue(tx, &text, at),
            ConnKind::Postgres(conn) => Query::postgres_catalogue(conn, &text, at),
            ConnKind::PostgresTx(tx) => Query::postgres_catalogue(tx, &text, at),
        }
    }

    /// Tells that tables have just grown by thousands of rows. PostgreSQL finds out about a minute later and plans until
    /// then as if they were as small as before; SQLite's plans do not depend on it.
    pub async fn grown(&mut self, tables: &[&'static str]) -> Result<(), sqlx::Error> {
        if self.flavour() == Flavour::Postgres {
            self.catalogue_sql(format!("analyze {}", tables.join(", "))).execute().await?;
        }
        Ok(())
    }

    /// The keys that the audit log is bound with; none before they were loaded.
    pub fn log_keys(&self) -> Arc<LogKeys> {
        Arc::clone(&self.log_keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives this transaction, and all others of its database, the keys that the audit log is bound with.
    pub fn hold_log_keys(&self, keys: LogKeys) {
        hold(&self.log_keys, keys);
    }

    /// How many other connections the database's server has to it, of whomever. SQLite has no server: 0.
    pub async fn others(&mut self) -> Result<i64, sqlx::Error> {
        if self.flavour() == Flavour::Sqlite {
            return Ok(0);
        }
        let text = "select count(*) from pg_stat_activity
             where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";
        let (others,): (i64,) = self.catalogue_sql(text.to_owned()).one().await?;
        Ok(others)
    }

    /// Which database is on the other end. Only this module, back-ups and the doctor ask.
    pub fn flavour(&self) -> Flavour {
        match self.kind {
            ConnKind::Sqlite(_) | ConnKind::SqliteTx(_) => Flavour::Sqlite,
            ConnKind::Postgres(_) | ConnKind::PostgresTx(_) => Flavour::Postgres,
        }
    }
}

impl Tx {
    /// Statements to be sent as one.
    pub fn batch(&mut self) -> StatementBatch<'_> {
        self.conn.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.conn.kind {
            ConnKind::Sqlite(conn) => StatementBatch::sqlite(conn),
            ConnKind::SqliteTx(tx) => StatementBatch::sqlite(tx),
            ConnKind::Postgres(conn) => StatementBatch::postgres(conn, &self.conn.joining),
            ConnKind::PostgresTx(tx) => StatementBatch::postgres(tx, &self.conn.joining),
        }
    }

    /// What is to happen once the writes are durable, and never when they are undone: telling live viewers, forgetting
    /// what was remembered. So an act need not know who commits it.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after.push(Box::new(act));
    }

    /// Makes the writes durable. When this returns, they are on disk.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self.conn.kind {
            ConnKind::SqliteTx(tx) => tx.commit().await?,
            ConnKind::PostgresTx(tx) => tx.commit().await?,
            ConnKind::Sqlite(_) | ConnKind::Postgres(_) => {}
        }
        self.after.into_iter().for_each(|act| act());
        Ok(())
    }

    /// Undoes the writes now, rather than when dropped.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        match self.conn.kind {
            ConnKind::SqliteTx(tx) => tx.rollback().await,
            ConnKind::PostgresTx(tx) => tx.rollback().await,
            ConnKind::Sqlite(_) | ConnKind::Postgres(_) => Ok(()),
        }
    }
}

/// Begins on the one writing connection. SQLite itself rolls back a transaction that a full disk or an I/O error
/// broke, and the connection's books no longer agree with it: such a connection is closed and a fresh one taken.
async fn begin_sqlite(write: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    const BEGIN: &str = "begin immediate";
    match write.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
            write.acquire().await?.close().await?;
            write.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

async fn open_sqlite(url: &str) -> Result<Pools, sqlx::Error> {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    // SQLite would let everybody read it; its log gets the same permissions. What is wrong with the path SQLite says itself.
    let _ = make_private_file(Path::new(path));
    let options = SqliteConnectOptions::new()
        .filename(Path::new(path))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(512)
        .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES.to_string())
        // What is deleted is overwritten: it may have been somebody's who asked for it.
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .connect_lazy_with(
            options
                .pragma("query_only", "on")
                .pragma("mmap_size", SQLITE_MAPPED_BYTES.to_string())
                .pragma("cache_size", format!("-{SQLITE_CACHE_KIB}")),
        );
    Ok(Pools::Sqlite { read, write })
}

async fn open_postgres(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?;
    transport::check(&options)?;
    let options = options
        .application_name("lalanh")
        .statement_cache_capacity(512)
        // Compiling a query anew takes longer than any of ours runs. A ward's register is sorted in memory: the
        // server's own 4 MB are less than 20,000 households take.
        .options([("synchronous_commit", "on"), ("timezone", "UTC"), ("jit", "off"), ("work_mem", "32MB")]);
    // A connection that the server dropped (its restart, say) is replaced instead of handed out.
    let pool = postgres_pool().test_before_acquire(true);
    match pool.clone().connect_with(options.clone()).await {
        Err(error) => match transport::without_tls(&options, &error) {
            Some(plain) => {
                tracing::warn!(%error, "this machine's database has a certificate that can't be used: going on without TLS");
                pool.connect_with(plain).await
            }
            None => Err(error),
        },
        opened => opened,
    }
}

fn postgres_pool() -> PgPoolOptions {
    PgPoolOptions::new().max_connections(16).acquire_timeout(ACQUIRE_TIMEOUT)
}

/// What a database error means to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A unique constraint stood in the way.
    Unique,
    /// A foreign key stood in the way.
    ForeignKey,
    /// A check constraint stood in the way.
    Check,
    /// The disk is full (SQLITE_FULL, or SQLSTATE 53100).
    DiskFull,
    /// The database can't be reached, is restarting or is too busy.
    Unreachable,
    /// Two transactions stood in each other's way; the same work may succeed when tried again.
    Contention,
    /// Anything else: a defect.
    Other,
}

/// Sorts a database error.
pub fn classify(error: &sqlx::Error) -> ErrorKind {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull => ErrorKind::DiskFull,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                ErrorKind::Unreachable
            }
            _ => ErrorKind::Other,
        };
    };
    match (database.code().as_deref(), database.kind()) {
        (_, sqlx::error::ErrorKind::UniqueViolation) => ErrorKind::Unique,
        (_, sqlx::error::ErrorKind::ForeignKeyViolation) => ErrorKind::ForeignKey,
        (_, sqlx::error::ErrorKind::CheckViolation) => ErrorKind::Check,
        // SQLITE_FULL and SQLITE_IOERR_WRITE; PostgreSQL disk_full.
        (Some("13" | "778" | "53100"), _) => ErrorKind::DiskFull,
        // serialization_failure, deadlock_detected, lock_not_available; SQLITE_BUSY and its snapshot variant.
        (Some("40001" | "40P01" | "55P03" | "5" | "517"), _) => ErrorKind::Contention,
        // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections; SQLITE_IOERR, SQLITE_CANTOPEN.
        (Some("57P01" | "57P02" | "57P03" | "53300" | "10" | "14"), _) => ErrorKind::Unreachable,
        _ => ErrorKind::Other,
    }
}
