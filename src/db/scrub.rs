//! Bytes that no row holds any more, out of the database's files.

use sqlx::Connection as _;

use super::{Db, Pools};

/// How thoroughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrub {
    /// Without keeping anybody waiting for long.
    Quick,
    /// Everything is written anew; others wait.
    Whole,
}

/// How long a table's lock is waited for: whoever comes after waits as long.
const LOCK_TIMEOUT: &str = "set lock_timeout = '5s'";

/// How long readers of SQLite's log are waited for, and what every other statement waits for.
const SHORT_WAIT: &str = "pragma busy_timeout = 300";
const USUAL_WAIT: &str = "pragma busy_timeout = 10000";

impl Db {
    /// Scrubs these tables; true when no file holds such bytes any more. SQLite has one file, and scrubs all of it.
    pub async fn scrub(&self, tables: &[&'static str], how: Scrub) -> Result<bool, sqlx::Error> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let mut conn = write.acquire().await?;
                if how == Scrub::Whole {
                    sqlx::query("vacuum").execute(&mut *conn).await?;
                }
                // Readers of what the log holds are waited for, but not long: this is the connection that hands out.
                sqlx::query(SHORT_WAIT).execute(&mut *conn).await?;
                let cut = sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut *conn).await;
                sqlx::query(USUAL_WAIT).execute(&mut *conn).await?;
                let (busy, _, _): (i64, i64, i64) = cut?;
                Ok(busy == 0)
            }
            Pools::Postgres(pool) => {
                // Its own connection: what is set on it does not come back to the pool.
                let mut conn = pool.acquire().await?.detach();
                sqlx::query(LOCK_TIMEOUT).execute(&mut conn).await?;
                let what = if how == Scrub::Whole { "vacuum (full, analyze)" } else { "vacuum" };
                for table in tables {
                    let text = sqlx::AssertSqlSafe(format!("{what} {table}"));
                    sqlx::query(text).execute(&mut conn).await?;
                }
                conn.close().await?;
                Ok(how == Scrub::Whole)
            }
        }
    }
}
