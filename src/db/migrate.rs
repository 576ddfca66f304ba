//! The schema's history: one set of migrations that both databases run, one statement at a time: engines that shard
//! PostgreSQL refuse several in one text.

use sqlx::migrate::{Migrate, Migration, Migrator};
use sqlx::{Connection, Database, Executor};
use thiserror::Error;

use super::{Conn, Db, Flavour, Pools};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");
/// Where the migrations that were carried out are noted.
const NOTED: &str = "_sqlx_migrations";

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
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let mut conn = write.acquire().await.map_err(sqlx::migrate::MigrateError::Execute)?;
                bring_to(&mut *conn, version).await
            }
            Pools::Postgres(pool) => {
                let mut conn = pool.acquire().await.map_err(sqlx::migrate::MigrateError::Execute)?;
                bring_to(&mut *conn, version).await
            }
        }
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

/// Carries out what is missing up to a version, alone among all that would.
async fn bring_to<C>(conn: &mut C, version: i64) -> Result<(), MigrateError>
where
    C: Connection + Migrate,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    C::Database: Database<Connection = C>,
{
    conn.lock().await?;
    let brought = carry_out(conn, version).await;
    conn.unlock().await?;
    brought
}

async fn carry_out<C>(conn: &mut C, version: i64) -> Result<(), MigrateError>
where
    C: Connection + Migrate,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    C::Database: Database<Connection = C>,
{
    conn.ensure_migrations_table(NOTED).await?;
    if let Some(broken) = conn.dirty_version(NOTED).await? {
        return Err(sqlx::migrate::MigrateError::Dirty(broken).into());
    }
    let done = conn.list_applied_migrations(NOTED).await?;
    if let Some(unknown) = done.iter().find(|done| !MIGRATIONS.version_exists(done.version)) {
        return Err(MigrateError::Newer { found: unknown.version, known: Db::newest_schema() });
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= version) {
        match done.iter().find(|done| done.version == migration.version) {
            Some(done) if done.checksum == migration.checksum => {}
            Some(_) => return Err(sqlx::migrate::MigrateError::VersionMismatch(migration.version).into()),
            None => apply(conn, migration).await?,
        }
    }
    Ok(())
}

/// A migration and the note that it is done, both or neither.
async fn apply<C>(conn: &mut C, migration: &'static Migration) -> Result<(), sqlx::migrate::MigrateError>
where
    C: Connection + Migrate,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    C::Database: Database<Connection = C>,
{
    let mut tx = conn.begin().await?;
    for statement in statements(migration.sql.as_str()) {
        let ran = sqlx::raw_sql(statement).execute(&mut *tx).await;
        ran.map_err(|error| sqlx::migrate::MigrateError::ExecuteMigration(error, migration.version))?;
    }
    tx.skip(NOTED, migration).await?;
    tx.commit().await?;
    Ok(())
}

/// The statements of a text, without those that are nothing but comments. A `;` within a text, a quoted name or a comment
/// ends none. Bodies of triggers and functions are not understood: migrations have none.
fn statements(text: &str) -> Vec<&str> {
    let (mut found, mut begin, mut at, mut says) = (Vec::new(), 0, 0, false);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let end = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ => first.len_utf8(),
        };
        if first == ';' {
            if says {
                found.push(text[begin..at].trim());
            }
            (begin, says) = (at + 1, false);
        } else {
            says |= !first.is_whitespace() && !rest.starts_with("--");
        }
        at += end;
    }
    if says {
        found.push(text[begin..].trim());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_where_its_statements_end() {
        let text = "-- Made; kept.\ncreate table a (b text default 'x;''y'); -- c; d\n\ninsert into \"a;\" (b) values (';');;\n-- end;";
        assert_eq!(
            statements(text),
            [
                "-- Made; kept.\ncreate table a (b text default 'x;''y')",
                "-- c; d\n\ninsert into \"a;\" (b) values (';')"
            ]
        );
    }

    #[test]
    fn every_statement_of_the_migrations_makes_changes_or_fills() {
        let mut count = 0;
        for migration in MIGRATIONS.iter() {
            for statement in statements(migration.sql.as_str()) {
                let code = statement.lines().find(|line| !line.starts_with("--")).unwrap();
                let begins = ["create ", "alter ", "drop ", "insert ", "update ", "delete "];
                assert!(begins.iter().any(|begin| code.starts_with(begin)), "{statement}");
                count += 1;
            }
        }
        assert!(count > 100, "{count}");
    }
}
