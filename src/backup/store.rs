//! The SQL of back-ups, made from the names in the database's own catalogue.
//!
//! Both databases turn a row into one JSON array of the same form, and take a batch of such arrays back: ids and
//! bytes as lower-case hex, truth values as 0 and 1. So a row travels from SQLite to PostgreSQL and back as text
//! that the program itself never takes apart.

use std::collections::BTreeMap;

use futures_util::stream::BoxStream;

use super::Failure;
use crate::db::{Conn, Flavour, Tx};

/// What a column holds; the types that migrations may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An id.
    Uuid,
    /// A whole number or a moment.
    Bigint,
    /// Text or a day.
    Text,
    /// A truth value.
    Boolean,
    /// Bytes.
    Bytea,
}

impl Kind {
    fn of(declared: &str) -> Option<Self> {
        Some(match declared {
            "uuid" => Self::Uuid,
            "bigint" => Self::Bigint,
            "text" => Self::Text,
            "boolean" => Self::Boolean,
            "bytea" => Self::Bytea,
            _ => return None,
        })
    }

    /// A column as a JSON value.
    fn give(self, flavour: Flavour, column: &str) -> String {
        match (flavour, self) {
            (_, Self::Bigint | Self::Text) | (Flavour::Sqlite, Self::Boolean) => column.to_owned(),
            (Flavour::Sqlite, Self::Uuid | Self::Bytea) => {
                format!("case when {column} is null then null else lower(hex({column})) end")
            }
            (Flavour::Postgres, Self::Uuid) => format!("replace(cast({column} as text), '-', '')"),
            (Flavour::Postgres, Self::Bytea) => format!("encode({column}, 'hex')"),
            (Flavour::Postgres, Self::Boolean) => format!("cast({column} as integer)"),
        }
    }

    /// A JSON value of the row `r` as what the column holds.
    fn take(self, flavour: Flavour, at: usize) -> String {
        match (flavour, self) {
            (_, Self::Text) | (Flavour::Sqlite, Self::Bigint | Self::Boolean) => format!("r.value ->> {at}"),
            (Flavour::Sqlite, Self::Uuid | Self::Bytea) => format!("unhex(r.value ->> {at})"),
            (Flavour::Postgres, Self::Uuid) => format!("cast(r.value ->> {at} as uuid)"),
            (Flavour::Postgres, Self::Bigint) => format!("cast(r.value ->> {at} as bigint)"),
            (Flavour::Postgres, Self::Boolean) => format!("cast(cast(r.value ->> {at} as integer) as boolean)"),
            (Flavour::Postgres, Self::Bytea) => format!("decode(r.value ->> {at}, 'hex')"),
        }
    }
}

/// A table as the database describes it.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// Its columns in the order they were declared.
    pub columns: Vec<(String, Kind)>,
    key: Vec<String>,
    parents: Vec<String>,
}

/// Every table of the service, each after all those its foreign keys point to.
pub async fn tables(conn: &mut Conn) -> Result<Vec<Table>, Failure> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let columns: Vec<(String, String, String, i64)> = conn.catalogue_sql(columns_text(conn.flavour())).all().await?;
    for (name, column, declared, key) in columns {
        let kind = Kind::of(&declared).ok_or_else(|| Failure::UnknownColumn(format!("{name}.{column} {declared}")))?;
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            columns: Vec::new(),
            key: Vec::new(),
            parents: Vec::new(),
        });
        if key > 0 {
            table.key.push(column.clone());
        }
        table.columns.push((column, kind));
    }
    let links: Vec<(String, String)> = conn.catalogue_sql(links_text(conn.flavour())).all().await?;
    for (name, parent) in links {
        if let Some(table) = tables.get_mut(&name) {
            table.parents.push(parent);
        }
    }
    Ok(in_order(tables))
}

fn columns_text(flavour: Flavour) -> String {
    match flavour {
        Flavour::Sqlite => {
            "select m.name, c.name, lower(c.type), c.pk from sqlite_master m join pragma_table_info(m.name) c
             where m.type = 'table' and m.name not like 'sqlite!_%' escape '!' and m.name <> '_sqlx_migrations'
             order by m.name, c.cid"
        }
        Flavour::Postgres => {
            "select cast(c.relname as text), cast(a.attname as text), format_type(a.atttypid, a.atttypmod),
                 cast(coalesce(array_position(cast(i.indkey as int2[]), a.attnum) + 1, 0) as bigint)
             from pg_class c join pg_attribute a on a.attrelid = c.oid
                 left join pg_index i on i.indrelid = c.oid and i.indisprimary
             where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0
                 and not a.attisdropped and c.relname <> '_sqlx_migrations'
             order by c.relname, a.attnum"
        }
    }
    .to_owned()
}

fn links_text(flavour: Flavour) -> String {
    match flavour {
        Flavour::Sqlite => {
            "select distinct m.name, f.\"table\" from sqlite_master m join pragma_foreign_key_list(m.name) f
             where m.type = 'table'"
        }
        Flavour::Postgres => {
            "select distinct cast(c.relname as text), cast(p.relname as text)
             from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
             where k.contype = 'f' and k.connamespace = current_schema()::regnamespace"
        }
    }
    .to_owned()
}

/// Parents first. Tables in a circle, if there ever are any, come in the order of their names.
fn in_order(mut waiting: BTreeMap<String, Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready =
            |table: &&Table| table.parents.iter().all(|parent| *parent == table.name || !waiting.contains_key(parent));
        let next = waiting.values().find(ready).or_else(|| waiting.values().next()).map(|table| table.name.clone());
        if let Some(table) = next.and_then(|name| waiting.remove(&name)) {
            ordered.push(table);
        }
    }
    ordered
}

/// The rows of a table, each as one JSON array, in the order of the primary key.
pub fn rows<'c>(conn: &'c mut Conn, table: &Table) -> BoxStream<'c, Result<(String,), sqlx::Error>> {
    let flavour = conn.flavour();
    let values: Vec<String> =
        table.columns.iter().map(|(name, kind)| kind.give(flavour, &format!("\"{name}\""))).collect();
    let make = match flavour {
        Flavour::Sqlite => format!("json_array({})", values.join(", ")),
        Flavour::Postgres => format!("cast(json_build_array({}) as text)", values.join(", ")),
    };
    let order: Vec<String> = table.key.iter().map(|column| format!("\"{column}\"")).collect();
    let order = if order.is_empty() { String::new() } else { format!(" order by {}", order.join(", ")) };
    conn.catalogue_sql(format!("select {make} from \"{}\"{order}", table.name)).stream()
}

/// Stores rows of a table, bound as one JSON array of arrays whose values come in the order of `columns`; how many.
pub async fn insert(tx: &mut Tx, table: &Table, columns: &[String], rows: String) -> Result<u64, Failure> {
    let flavour = tx.flavour();
    let mut values = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let known = table.columns.iter().find(|(name, _)| name == column);
        let (_, kind) = known.ok_or_else(|| Failure::UnknownColumn(format!("{}.{column}", table.name)))?;
        values.push(kind.take(flavour, at));
    }
    let source = match flavour {
        Flavour::Sqlite => "json_each($1) as r",
        Flavour::Postgres => "json_array_elements(cast($1 as json)) as r(value)",
    };
    let names: Vec<String> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let text =
        format!("insert into \"{}\" ({}) select {} from {source}", table.name, names.join(", "), values.join(", "));
    Ok(tx.catalogue_sql(text).bind(rows).execute().await?)
}

/// Empties every table of the few rows that migrations put in: the back-up brings its own.
pub async fn clear(tx: &mut Tx, tables: &[Table]) -> Result<(), Failure> {
    for table in tables.iter().rev() {
        tx.catalogue_sql(format!("delete from \"{}\"", table.name)).execute().await?;
    }
    Ok(())
}

/// Lets foreign keys wait until [`check_links`]: a row may point to a later row of its own table.
pub async fn defer_links(tx: &mut Tx) -> Result<(), Failure> {
    match tx.flavour() {
        Flavour::Sqlite => {
            tx.catalogue_sql("pragma defer_foreign_keys = on".to_owned()).execute().await?;
        }
        Flavour::Postgres => {
            alter_own_links(tx, "deferrable initially deferred").await?;
        }
    }
    Ok(())
}

/// Checks the foreign keys that waited. SQLite does so when the transaction commits.
pub async fn check_links(tx: &mut Tx) -> Result<(), Failure> {
    if tx.flavour() == Flavour::Postgres {
        tx.catalogue_sql("set constraints all immediate".to_owned()).execute().await?;
        alter_own_links(tx, "not deferrable").await?;
    }
    Ok(())
}

/// Changes how PostgreSQL checks the foreign keys that point into their own table; the order of the tables already
/// satisfies all others.
async fn alter_own_links(tx: &mut Tx, manner: &str) -> Result<(), Failure> {
    let text = "select cast(c.relname as text), cast(k.conname as text)
                from pg_constraint k join pg_class c on c.oid = k.conrelid
                where k.contype = 'f' and k.conrelid = k.confrelid
                    and k.connamespace = current_schema()::regnamespace";
    let links: Vec<(String, String)> = tx.catalogue_sql(text.to_owned()).all().await?;
    for (table, link) in links {
        tx.catalogue_sql(format!("alter table \"{table}\" alter constraint \"{link}\" {manner}")).execute().await?;
    }
    Ok(())
}

/// The deployment's id; nothing in a database that no service ever opened.
pub async fn instance_id(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = conn.sql("select value from settings where key = 'instance_id'").optional().await?;
    Ok(row.map(|(id,)| id))
}

/// Whether a migrated database holds nothing yet: no deployment id, nobody, nothing logged.
pub async fn is_empty(conn: &mut Conn) -> Result<bool, sqlx::Error> {
    let (rows,): (i64,) = conn
        .sql(
            "select (select count(*) from settings) + (select count(*) from users)
                 + (select count(*) from audit_entries)",
        )
        .one()
        .await?;
    Ok(rows == 0)
}
