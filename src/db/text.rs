//! The few differences between the two SQL dialects, translated from one text.
//!
//! - `rows($1: id uuid, n bigint) as r` is a table made of the JSON array bound with
//!   [`Query::bind_rows`](super::Query::bind_rows): one round trip for a whole batch. PostgreSQL reads it with
//!   `json_to_recordset`, SQLite with `json_each`.
//! - `{for update of v}`: words in braces are for PostgreSQL only. SQLite has one writer and needs no row locks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, RwLock};

use serde::{Serialize, Serializer};

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL, and engines that speak its protocol.
    Postgres,
}

/// Bytes of a `bytea` column inside a bound row, in PostgreSQL's hex form that both databases can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(2 + self.0.len() * 2);
        text.push_str("\\x");
        data_encoding::HEXLOWER.encode_append(&self.0, &mut text);
        serializer.serialize_str(&text)
    }
}

type Cache = HashMap<(usize, usize), &'static str>;
static SQLITE: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);
static POSTGRES: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);

/// The text as one database understands it. Each distinct text is translated once and kept: there are as many as
/// there are literals in the program.
pub fn expand(text: &'static str, flavour: Flavour) -> &'static str {
    if !text.contains("rows($") && !text.contains('{') {
        return text;
    }
    let cache = match flavour {
        Flavour::Sqlite => &SQLITE,
        Flavour::Postgres => &POSTGRES,
    };
    let key = (text.as_ptr() as usize, text.len());
    if let Some(known) = cache.read().ok().and_then(|cache| cache.get(&key).copied()) {
        return known;
    }
    let translated: &'static str = Box::leak(translate(text, flavour).into_boxed_str());
    if let Ok(mut cache) = cache.write() {
        return cache.entry(key).or_insert(translated);
    }
    translated
}

fn translate(text: &str, flavour: Flavour) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find(['{', 'r']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(inner) = from.strip_prefix('{') {
            let end = inner.find('}').expect("a brace in an SQL text is closed");
            if flavour == Flavour::Postgres {
                out.push_str(&inner[..end]);
            }
            rest = &inner[end + 1..];
        } else if let Some(inner) = from.strip_prefix("rows($") {
            let end = inner.find(')').expect("rows(…) in an SQL text is closed");
            let (number, columns) = inner[..end].split_once(':').expect("rows($n: columns)");
            let after = inner[end + 1..].trim_start();
            let after = after.strip_prefix("as ").expect("rows(…) is named with `as`");
            let name_end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
            table(&mut out, flavour, number, columns.trim(), &after[..name_end]);
            rest = &after[name_end..];
        } else {
            out.push('r');
            rest = &from[1..];
        }
    }
    out.push_str(rest);
    out
}

fn table(out: &mut String, flavour: Flavour, number: &str, columns: &str, name: &str) {
    let written = match flavour {
        Flavour::Postgres => write!(out, "json_to_recordset(cast(${number} as json)) as {name}({columns})"),
        Flavour::Sqlite => {
            let selected: Vec<String> = columns
                .split(',')
                .map(|column| {
                    let (name, kind) = column.trim().split_once(' ').expect("a column has a name and a type");
                    match kind.trim() {
                        "uuid" => format!("unhex(value ->> '{name}', '-') as {name}"),
                        "bytea" => format!("unhex(substr(value ->> '{name}', 3)) as {name}"),
                        _ => format!("value ->> '{name}' as {name}"),
                    }
                })
                .collect();
            write!(out, "(select {} from json_each(${number})) as {name}", selected.join(", "))
        }
    };
    written.expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_table_reads_the_same_on_both() {
        let text =
            "insert into t (id, n) select r.id, r.n from rows($1: id uuid, n bigint, b bytea) as r where r.n > 0";
        assert_eq!(
            translate(text, Flavour::Postgres),
            "insert into t (id, n) select r.id, r.n from json_to_recordset(cast($1 as json)) as \
             r(id uuid, n bigint, b bytea) where r.n > 0"
        );
        assert_eq!(
            translate(text, Flavour::Sqlite),
            "insert into t (id, n) select r.id, r.n from (select unhex(value ->> 'id', '-') as id, value ->> 'n' as n, \
             unhex(substr(value ->> 'b', 3)) as b from json_each($1)) as r where r.n > 0"
        );
    }

    #[test]
    fn row_locks_are_for_postgres_only() {
        let text = "select id from vouchers v where id = $1 {for update of v}";
        assert_eq!(translate(text, Flavour::Sqlite), "select id from vouchers v where id = $1 ");
        assert_eq!(translate(text, Flavour::Postgres), "select id from vouchers v where id = $1 for update of v");
    }
}
