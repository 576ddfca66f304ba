//! One query on either database.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::stream::BoxStream;
use serde::Serialize;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgRow, PgTypeInfo};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, Connection as _, Encode, FromRow, Postgres, Sqlite, Type};

use super::columns::{Column, Unfit, Values, columns};
use super::ids::id_rows;
use super::text::{Batches, Expanded, Flavour, expand, expanded, joined, translate};
use crate::kernel::Within;

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
pub struct Query<'c> {
    side: Side<'c>,
    batches: Cow<'static, Batches>,
    /// How many of the text's `$n` have their value.
    bound: usize,
    /// Whether its text asks how far the caller reaches.
    reaches: bool,
    /// Where the statement is written: an unreadable row is told with it.
    at: At,
}

type At = &'static Location<'static>;

enum Side<'c> {
    Sqlite(&'c mut SqliteConnection, SqliteQuery),
    Postgres(&'c mut PgConnection, PgQuery),
}

static NO_BATCHES: Batches = Batches::new();

impl<'c> Query<'c> {
    pub(super) fn sqlite(conn: &'c mut SqliteConnection, text: &'static str, at: At) -> Self {
        Self::of(Side::Sqlite(conn, sqlx::query(expand(text, Flavour::Sqlite))), Cow::Borrowed(&NO_BATCHES), at)
    }

    pub(super) fn postgres(conn: &'c mut PgConnection, text: &'static str, at: At) -> Self {
        let (text, batches) = match expanded(text, Flavour::Postgres) {
            Some(expanded) => (expanded.text.as_str(), &expanded.batches),
            None => (text, &NO_BATCHES),
        };
        Self::of(Side::Postgres(conn, sqlx::query(text)), Cow::Borrowed(batches), at)
    }

    pub(super) fn sqlite_catalogue(conn: &'c mut SqliteConnection, text: &str, at: At) -> Self {
        let Expanded { text, batches } = translate(text, Flavour::Sqlite);
        Self::of(Side::Sqlite(conn, sqlx::query(AssertSqlSafe(text)).persistent(false)), Cow::Owned(batches), at)
    }

    pub(super) fn postgres_catalogue(conn: &'c mut PgConnection, text: &str, at: At) -> Self {
        let Expanded { text, batches } = translate(text, Flavour::Postgres);
        Self::of(Side::Postgres(conn, sqlx::query(AssertSqlSafe(text)).persistent(false)), Cow::Owned(batches), at)
    }

    const fn of(side: Side<'c>, batches: Cow<'static, Batches>, at: At) -> Self {
        Self { side, batches, bound: 0, reaches: false, at }
    }

    /// Gives the next `$n` its value.
    pub fn bind<'t, T: Value<'t>>(mut self, value: T) -> Self {
        self.bound += 1;
        self.side = match self.side {
            Side::Sqlite(conn, query) => Side::Sqlite(conn, query.bind(value)),
            Side::Postgres(conn, query) => Side::Postgres(conn, query.bind(value)),
        };
        self
    }

    /// Gives the next `$n`, read with `rows($n: …)`, a whole batch of plain structs.
    pub fn bind_rows<T: Serialize>(mut self, rows: &[T]) -> Self {
        self.bound += 1;
        self.side = match self.side {
            Side::Sqlite(conn, query) => Side::Sqlite(conn, query.bind(json(rows))),
            Side::Postgres(conn, query) => {
                let columns = self.batches.get(&self.bound).map_or(&[][..], Vec::as_slice);
                Side::Postgres(conn, bind_columns(query, columns, rows))
            }
        };
        self
    }

    /// Gives the next two `$n`, read with `{in $n: column}`, what a caller reaches. Of many rows PostgreSQL plans it anew
    /// each time: a plan for any reach expects that it cuts most rows off, where most callers reach all. A single record
    /// ([`Query::optional`]) is found by its key whatever the plan, and planning takes longer than finding.
    pub fn within<T: Ord + Copy + Serialize>(mut self, within: &Within<T>) -> Self {
        self.reaches = true;
        self.bind(within.is_all()).bind_rows(&id_rows(&within.ids().unwrap_or_default()))
    }

    /// Plans what depends on a reach for the reach at hand.
    fn for_many(self) -> Self {
        if self.reaches { self.replan() } else { self }
    }

    /// Has PostgreSQL plan it for the very values it was given, each time, where a plan for any values is far from the
    /// best: filters that are mostly off, periods that are mostly open.
    pub fn replan(mut self) -> Self {
        if let Side::Postgres(conn, query) = self.side {
            self.side = Side::Postgres(conn, query.persistent(false));
        }
        self
    }

    /// Runs it; how many rows were changed.
    pub async fn execute(self) -> Result<u64, sqlx::Error> {
        match self.for_many().side {
            Side::Sqlite(conn, query) => Ok(query.execute(conn).await?.rows_affected()),
            Side::Postgres(conn, query) => Ok(query.execute(conn).await?.rows_affected()),
        }
    }

    /// The first row, if there is one.
    pub async fn optional<R: Record>(self) -> Result<Option<R>, sqlx::Error> {
        let at = self.at;
        self.fetch_optional().await?.map(|row| row.read(at)).transpose()
    }

    /// The one row there must be.
    pub async fn one<R: Record>(self) -> Result<R, sqlx::Error> {
        let at = self.at;
        self.for_many().fetch_optional().await?.ok_or(sqlx::Error::RowNotFound)?.read(at)
    }

    /// The rows one by one, as they come: for texts whose rows don't fit into memory.
    pub fn stream<R: Record + 'static>(self) -> BoxStream<'c, Result<R, sqlx::Error>> {
        let at = self.at;
        match self.for_many().side {
            Side::Sqlite(conn, query) => query.try_map(move |row| read(&row, at)).fetch(conn),
            Side::Postgres(conn, query) => query.try_map(move |row| read(&row, at)).fetch(conn),
        }
    }

    /// All rows. The text itself must hold a limit where the data has none.
    pub async fn all<R: Record>(self) -> Result<Vec<R>, sqlx::Error> {
        let at = self.at;
        match self.for_many().fetch_all().await? {
            Rows::Sqlite(rows) => rows.iter().map(|row| read(row, at)).collect(),
            Rows::Postgres(rows) => rows.iter().map(|row| read(row, at)).collect(),
        }
    }

    // The driver's part knows nothing of `R`: it is compiled once, not for each kind of row.

    async fn fetch_optional(self) -> Result<Option<Row>, sqlx::Error> {
        Ok(match self.side {
            Side::Sqlite(conn, query) => query.fetch_optional(conn).await?.map(Row::Sqlite),
            Side::Postgres(conn, query) => query.fetch_optional(conn).await?.map(Row::Postgres),
        })
    }

    async fn fetch_all(self) -> Result<Rows, sqlx::Error> {
        Ok(match self.side {
            Side::Sqlite(conn, query) => Rows::Sqlite(query.fetch_all(conn).await?),
            Side::Postgres(conn, query) => Rows::Postgres(query.fetch_all(conn).await?),
        })
    }
}

enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn read<R: Record>(self, at: At) -> Result<R, sqlx::Error> {
        match self {
            Self::Sqlite(row) => read(&row, at),
            Self::Postgres(row) => read(&row, at),
        }
    }
}

fn read<'r, W: sqlx::Row, R: FromRow<'r, W>>(row: &'r W, at: At) -> Result<R, sqlx::Error> {
    R::from_row(row).map_err(|error| located(error, row, at))
}

/// Says which column of which statement can't be read. A tuple's columns are numbered; they get their names here.
fn located<W: sqlx::Row>(error: sqlx::Error, row: &W, at: At) -> sqlx::Error {
    let sqlx::Error::ColumnDecode { index, source } = error else { return error };
    let column = index.parse().ok().and_then(|at: usize| row.columns().get(at));
    let column = column.map_or(index.trim_matches('"'), |column| column.name());
    sqlx::Error::ColumnDecode { index: format!("{column} in {}:{}", at.file(), at.line()), source }
}

enum Rows {
    Sqlite(Vec<SqliteRow>),
    Postgres(Vec<PgRow>),
}

/// Statements that neither read nor undo what another of them writes, sent as one: a single round trip to
/// PostgreSQL, a single call of SQLite. All of them are carried out, or none.
///
/// PostgreSQL takes them as one `with` whose parts write. Engines that shard it refuse that; there the same statements go
/// one by one, see [`Joining`].
#[must_use = "statements do nothing until they are executed"]
pub struct StatementBatch<'c> {
    texts: Vec<&'static str>,
    side: BatchSide<'c>,
}

enum BatchSide<'c> {
    Sqlite(&'c mut SqliteConnection, SqliteArguments),
    Postgres(&'c mut PgConnection, Vec<Vec<Values>>, &'c Joining),
}

/// Whether an engine takes statements that write joined into one, which is found out by the first batch.
#[derive(Debug, Default)]
pub(super) struct Joining(AtomicU8);

impl Joining {
    // At first nothing is known.
    const TAKEN: u8 = 1;
    const REFUSED: u8 = 2;

    fn state(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    /// Whether an error says that the engine can't carry such a statement out, whatever its values: "not supported"
    /// (SQLSTATE 0A000), or an internal error (XX000: Citus's "could not create distributed plan").
    fn refuses(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        matches!(code.as_deref(), Some("0A000" | "XX000"))
    }

    /// An engine that takes some and refuses others gets them one by one from its first refusal on.
    fn learn_from(&self, error: &sqlx::Error) {
        if Self::refuses(error) {
            self.set(Self::REFUSED);
        }
    }
}

impl<'c> StatementBatch<'c> {
    pub(super) fn sqlite(conn: &'c mut SqliteConnection) -> Self {
        Self { texts: Vec::new(), side: BatchSide::Sqlite(conn, SqliteArguments::default()) }
    }

    pub(super) const fn postgres(conn: &'c mut PgConnection, joining: &'c Joining) -> Self {
        Self { texts: Vec::new(), side: BatchSide::Postgres(conn, Vec::new(), joining) }
    }

    /// Adds one of the program's SQL texts, whose only value `$1` is a batch; leaves it out when that is empty.
    pub fn sql<T: Serialize>(&mut self, text: &'static str, rows: &[T]) -> Result<(), sqlx::Error> {
        if rows.is_empty() {
            return Ok(());
        }
        self.texts.push(text);
        match &mut self.side {
            BatchSide::Sqlite(_, arguments) => arguments.add(json(rows)).map_err(sqlx::Error::Encode),
            BatchSide::Postgres(_, values, _) => {
                let batches = expanded(text, Flavour::Postgres).map_or(&NO_BATCHES, |expanded| &expanded.batches);
                let asked = batches.get(&1).map_or(&[][..], Vec::as_slice);
                values.push(columns(asked, rows).map_err(|unfit| sqlx::Error::Encode(unfit.into()))?);
                Ok(())
            }
        }
    }

    /// Runs them.
    pub async fn execute(self) -> Result<(), sqlx::Error> {
        if self.texts.is_empty() {
            return Ok(());
        }
        match self.side {
            BatchSide::Sqlite(conn, arguments) => {
                sqlx::query_with(joined(&self.texts, Flavour::Sqlite), arguments).execute(conn).await?;
            }
            BatchSide::Postgres(conn, values, joining) => match joining.state() {
                Joining::REFUSED => one_by_one(conn, &self.texts, &values).await?,
                Joining::TAKEN => {
                    as_one(conn, &self.texts, &values).await.inspect_err(|error| joining.learn_from(error))?;
                }
                _ => find_out(conn, joining, &self.texts, &values).await?,
            },
        }
        Ok(())
    }
}

/// The statements as one; one by one when the engine refuses that, from then on always.
async fn find_out(
    conn: &mut PgConnection,
    joining: &Joining,
    texts: &[&'static str],
    values: &[Vec<Values>],
) -> Result<(), sqlx::Error> {
    // An error would end the transaction that the statements belong to.
    let mut attempt = conn.begin().await?;
    match as_one(&mut attempt, texts, values).await {
        Ok(()) => {
            attempt.commit().await?;
            joining.set(Joining::TAKEN);
            Ok(())
        }
        Err(error) if Joining::refuses(&error) => {
            attempt.rollback().await?;
            joining.learn_from(&error);
            one_by_one(conn, texts, values).await
        }
        Err(error) => Err(error),
    }
}

async fn as_one(conn: &mut PgConnection, texts: &[&'static str], values: &[Vec<Values>]) -> Result<(), sqlx::Error> {
    let arguments = arguments(values.iter().flatten())?;
    sqlx::query_with(joined(texts, Flavour::Postgres), arguments).execute(conn).await?;
    Ok(())
}

async fn one_by_one(
    conn: &mut PgConnection,
    texts: &[&'static str],
    values: &[Vec<Values>],
) -> Result<(), sqlx::Error> {
    for (text, values) in texts.iter().zip(values) {
        sqlx::query_with(expand(text, Flavour::Postgres), arguments(values)?).execute(&mut *conn).await?;
    }
    Ok(())
}

fn json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).expect("rows are plain structs that JSON can hold")
}

fn arguments<'v>(columns: impl IntoIterator<Item = &'v Values>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for values in columns {
        match values {
            Values::Uuid(values) => arguments.add(values.as_slice()),
            Values::Bigint(values) => arguments.add(values.as_slice()),
            Values::Text(values) => arguments.add(values.as_slice()),
            Values::Boolean(values) => arguments.add(values.as_slice()),
            Values::Bytea(values) => arguments.add(values.as_slice()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn bind_columns<T: Serialize>(query: PgQuery, asked: &[Column], rows: &[T]) -> PgQuery {
    match columns(asked, rows) {
        Ok(found) => found.into_iter().fold(query, |query, values| match values {
            Values::Uuid(values) => query.bind(values),
            Values::Bigint(values) => query.bind(values),
            Values::Text(values) => query.bind(values),
            Values::Boolean(values) => query.bind(values),
            Values::Bytea(values) => query.bind(values),
        }),
        Err(unfit) => query.bind(unfit),
    }
}

/// Binding it fails the query, as binding any value that can't be sent does.
impl Encode<'_, Postgres> for Unfit {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Err(self.clone().into())
    }
}

impl Type<Postgres> for Unfit {
    fn type_info() -> PgTypeInfo {
        <bool as Type<Postgres>>::type_info()
    }
}
