//! One query on either database.

use futures_util::stream::BoxStream;
use serde::Serialize;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Encode, FromRow, Postgres, Sqlite, Type};

use super::text::{Flavour, expand};

/// A value that both databases take.
pub trait Value<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres>> Value<'q> for T {}

/// A row that both databases give: a tuple, or a struct that derives `sqlx::FromRow`.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Record for T {}

type SqliteQuery = sqlx::query::Query<'static, Sqlite, SqliteArguments>;
type PgQuery = sqlx::query::Query<'static, Postgres, PgArguments>;

/// A prepared text with its values, on the connection it will run on.
#[must_use = "a query does nothing until it is executed"]
pub struct Query<'c>(Side<'c>);

enum Side<'c> {
    Sqlite(&'c mut SqliteConnection, SqliteQuery),
    Postgres(&'c mut PgConnection, PgQuery),
}

impl<'c> Query<'c> {
    pub(super) fn sqlite(conn: &'c mut SqliteConnection, text: &'static str) -> Self {
        Self(Side::Sqlite(conn, sqlx::query(expand(text, Flavour::Sqlite))))
    }

    pub(super) fn postgres(conn: &'c mut PgConnection, text: &'static str) -> Self {
        Self(Side::Postgres(conn, sqlx::query(expand(text, Flavour::Postgres))))
    }

    pub(super) fn sqlite_catalogue(conn: &'c mut SqliteConnection, text: String) -> Self {
        Self(Side::Sqlite(conn, sqlx::query(AssertSqlSafe(text)).persistent(false)))
    }

    pub(super) fn postgres_catalogue(conn: &'c mut PgConnection, text: String) -> Self {
        Self(Side::Postgres(conn, sqlx::query(AssertSqlSafe(text)).persistent(false)))
    }

    /// Gives the next `$n` its value.
    pub fn bind<'t, T: Value<'t>>(self, value: T) -> Self {
        Self(match self.0 {
            Side::Sqlite(conn, query) => Side::Sqlite(conn, query.bind(value)),
            Side::Postgres(conn, query) => Side::Postgres(conn, query.bind(value)),
        })
    }

    /// Gives the next `$n`, read with `rows($n: …)`, a whole batch.
    pub fn bind_rows<T: Serialize>(self, rows: &[T]) -> Self {
        self.bind(serde_json::to_string(rows).expect("rows are plain structs that JSON can hold"))
    }

    /// Runs it; how many rows were changed.
    pub async fn execute(self) -> Result<u64, sqlx::Error> {
        match self.0 {
            Side::Sqlite(conn, query) => Ok(query.execute(conn).await?.rows_affected()),
            Side::Postgres(conn, query) => Ok(query.execute(conn).await?.rows_affected()),
        }
    }

    /// The first row, if there is one.
    pub async fn optional<R: Record>(self) -> Result<Option<R>, sqlx::Error> {
        match self.0 {
            Side::Sqlite(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_optional(conn).await,
            Side::Postgres(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_optional(conn).await,
        }
    }

    /// The one row there must be.
    pub async fn one<R: Record>(self) -> Result<R, sqlx::Error> {
        match self.0 {
            Side::Sqlite(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_one(conn).await,
            Side::Postgres(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_one(conn).await,
        }
    }

    /// The rows one by one, as they come: for texts whose rows don't fit into memory.
    pub fn stream<R: Record + 'static>(self) -> BoxStream<'c, Result<R, sqlx::Error>> {
        match self.0 {
            Side::Sqlite(conn, query) => query.try_map(|row| R::from_row(&row)).fetch(conn),
            Side::Postgres(conn, query) => query.try_map(|row| R::from_row(&row)).fetch(conn),
        }
    }

    /// All rows. The text itself must hold a limit where the data has none.
    pub async fn all<R: Record>(self) -> Result<Vec<R>, sqlx::Error> {
        match self.0 {
            Side::Sqlite(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_all(conn).await,
            Side::Postgres(conn, query) => query.try_map(|row| R::from_row(&row)).fetch_all(conn).await,
        }
    }
}
