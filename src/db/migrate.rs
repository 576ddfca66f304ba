//! The schema's history: one set of migrations that both databases run.

use sqlx::migrate::Migrator;
use thiserror::Error;

use super::{Db, Pools};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The database was written by a newer program.
    #[error(
        "the database was written by a newer lalanh (schema {found}, this program knows {known}). Use the newer \
         program, or restore a backup made before the upgrade. Nothing was changed."
    )]
    Newer {
        /// The schema version found.
        found: i64,
        /// The newest schema version of this program.
        known: i64,
    },
    /// Anything else.
    #[error("the database could not be brought up to date: {0}")]
    Failed(#[from] sqlx::migrate::MigrateError),
}

impl Db {
    /// Brings the schema up to this program's version. Refuses a database that is newer, untouched.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        let ran = match &self.pools {
            Pools::Sqlite { write, .. } => MIGRATIONS.run(write).await,
            Pools::Postgres(pool) => MIGRATIONS.run(pool).await,
        };
        ran.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(found) => {
                MigrateError::Newer { found, known: Self::newest_schema() }
            }
            other => MigrateError::Failed(other),
        })
    }

    /// The newest schema version this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
    }
}
