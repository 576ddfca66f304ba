//! The schema's history: one set of migrations that both databases run.

use sqlx::migrate::Migrator;
use thiserror::Error;

use super::{Conn, Db, Flavour, Pools};

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
        self.migrate_to(Self::newest_schema()).await
    }

    /// Brings the schema up to one version, not further: a back-up is restored at its own.
    pub async fn migrate_to(&self, version: i64) -> Result<(), MigrateError> {
        let ran = match &self.pools {
            Pools::Sqlite { write, .. } => MIGRATIONS.run_to(version, write).await,
            Pools::Postgres(pool) => MIGRATIONS.run_to(version, pool).await,
        };
        ran.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(found) => {
                MigrateError::Newer { found, known: Self::newest_schema() }
            }
            other => MigrateError::Failed(other),
        })
    }

    /// The schema version of a database as it stands; nothing when it was never migrated.
    pub async fn schema(conn: &mut Conn) -> Result<Option<i64>, sqlx::Error> {
        let present = match conn.flavour() {
            Flavour::Sqlite => "select count(*) from sqlite_master where type = 'table' and name = '_sqlx_migrations'",
            Flavour::Postgres => {
                "select count(*) from information_schema.tables
                 where table_schema = current_schema() and table_name = '_sqlx_migrations'"
            }
        };
        let (tables,): (i64,) = conn.catalogue_sql(present.to_owned()).one().await?;
        if tables == 0 {
            return Ok(None);
        }
        let text = "select max(version) from _sqlx_migrations".to_owned();
        let (version,): (Option<i64>,) = conn.catalogue_sql(text).one().await?;
        Ok(version)
    }

    /// The newest schema version this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
    }
}
