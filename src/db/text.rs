//! The few differences between the two SQL dialects, translated from one text.
//!
//! - `rows($1: id uuid, n bigint) as r` is a table made of the batch bound with
//!   [`Query::bind_rows`](super::Query::bind_rows): one round trip for all its rows. PostgreSQL reads it with `unnest`
//!   from an array for each column, and what follows `$1` moves behind them; SQLite reads one JSON text with
//!   `jsonb_each`, whose rows are not parsed again for each column.
//! - `{for update of v}`: words in braces are for PostgreSQL only. SQLite has one writer and needs no row locks.
//!   `{sqlite: hex(v.id)}` is for SQLite only, which has ids as bytes.
//! - `{in $1: h.area_id}` holds where the column's id lies within what a caller reaches, bound with
//!   [`Query::within`](super::Query::within), which takes `$1` and `$2`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{LazyLock, RwLock};

use serde::{Serialize, Serializer};

use super::columns::{Column, Kind};

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL, and engines that speak its protocol.
    Postgres,
}

/// Bytes of a `bytea` column inside a bound row; in a JSON text in hex form, as PostgreSQL writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(&self.0);
        }
        let mut text = String::with_capacity(2 + self.0.len() * 2);
        text.push_str("\\x");
        data_encoding::HEXLOWER.encode_append(&self.0, &mut text);
        serializer.serialize_str(&text)
    }
}

/// A text as one database understands it.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) text: String,
    pub(super) batches: Batches,
}

/// Which of the program's `$n` are read with `rows(…)`, and the columns they are bound as; none on SQLite, which
/// reads a batch from one JSON text.
pub(super) type Batches = BTreeMap<usize, Vec<Column>>;

type Cache = HashMap<(usize, usize), &'static Expanded>;
static SQLITE: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);
static POSTGRES: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);

/// The text as one database understands it.
pub fn expand(text: &'static str, flavour: Flavour) -> &'static str {
    expanded(text, flavour).map_or(text, |expanded| &expanded.text)
}

/// The text as one database understands it; nothing when it is the same on both. Each distinct text is translated
/// once and kept: there are as many as there are literals in the program.
pub(super) fn expanded(text: &'static str, flavour: Flavour) -> Option<&'static Expanded> {
    if !text.contains("rows($") && !text.contains('{') {
        return None;
    }
    let cache = match flavour {
        Flavour::Sqlite => &SQLITE,
        Flavour::Postgres => &POSTGRES,
    };
    let key = (text.as_ptr() as usize, text.len());
    if let Some(known) = cache.read().ok().and_then(|cache| cache.get(&key).copied()) {
        return Some(known);
    }
    let translated: &'static Expanded = Box::leak(Box::new(translate(text, flavour)));
    if let Ok(mut cache) = cache.write() {
        return Some(cache.entry(key).or_insert(translated));
    }
    Some(translated)
}

type Joined = HashMap<Vec<(usize, usize)>, &'static str>;
static SQLITE_JOINED: LazyLock<RwLock<Joined>> = LazyLock::new(RwLock::default);
static POSTGRES_JOINED: LazyLock<RwLock<Joined>> = LazyLock::new(RwLock::default);

/// Several texts as one that a database runs in one go, their parameters one behind the other; kept like
/// [`expanded`].
pub(super) fn joined(texts: &[&'static str], flavour: Flavour) -> &'static str {
    let cache = match flavour {
        Flavour::Sqlite => &SQLITE_JOINED,
        Flavour::Postgres => &POSTGRES_JOINED,
    };
    let key: Vec<(usize, usize)> = texts.iter().map(|text| (text.as_ptr() as usize, text.len())).collect();
    if let Some(known) = cache.read().ok().and_then(|cache| cache.get(&key).copied()) {
        return known;
    }
    let text: &'static str = String::leak(join(texts, flavour));
    match cache.write() {
        Ok(mut cache) => cache.entry(key).or_insert(text),
        Err(_) => text,
    }
}

/// SQLite runs texts that stand one behind the other; PostgreSQL runs every `with` that writes, read or not.
fn join(texts: &[&'static str], flavour: Flavour) -> String {
    let mut before = 0;
    let parts = texts.iter().enumerate().map(|(n, text)| {
        let (text, count) = renumbered(expand(text, flavour), before);
        before += count;
        match flavour {
            Flavour::Sqlite => text,
            Flavour::Postgres => format!("part_{n} as ({text})"),
        }
    });
    let parts: Vec<String> = parts.collect();
    match flavour {
        Flavour::Sqlite => parts.join(";\n"),
        Flavour::Postgres => format!("with {} select 1", parts.join(",\n")),
    }
}

/// A translated text whose parameters begin after so many others; and how many it has.
fn renumbered(text: &str, before: usize) -> (String, usize) {
    let mut pieces = text.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let mut count = 0;
    for piece in pieces {
        let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let (number, rest) = piece.split_at(digits);
        let number: usize = number.parse().expect("a parameter has a number");
        count = count.max(number);
        write!(out, "${}{rest}", number + before).expect("writing to a string does not fail");
    }
    (out, count)
}

/// The text with each `{in $n: column}` written out.
fn with_reaches(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = "{in";
    if !text.contains(BEGIN) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split(BEGIN);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (inner, rest) = piece.split_once('}').expect("a brace in an SQL text is closed");
        // Read as words for PostgreSQL alone, a misspelt reach would be no limit at all on SQLite.
        let inner = inner.strip_prefix(" $").expect("what a caller reaches is written {in $n: column}");
        let (number, column) = inner.split_once(": ").expect("what a caller reaches is written {in $n: column}");
        let number: usize = number.parse().expect("a parameter has a number");
        let ids = number + 1;
        write!(out, "(${number} or {column} in (select w.id from rows(${ids}: id uuid) as w)){rest}")
            .expect("writing to a string does not fail");
    }
    Cow::Owned(out)
}

/// Translates a text.
pub(super) fn translate(text: &str, flavour: Flavour) -> Expanded {
    let text = &*with_reaches(text);
    let batches = match flavour {
        Flavour::Postgres => batches(text),
        Flavour::Sqlite => Batches::new(),
    };
    let mut out = String::with_capacity(text.len() * 2);
    write_text(&mut out, text, flavour, &batches);
    Expanded { text: out, batches }
}

/// A `rows($n: columns) as name` at the beginning of a text.
struct Rows<'t> {
    number: usize,
    columns: Vec<Column>,
    name: &'t str,
    rest: &'t str,
}

fn rows(text: &str) -> Option<Rows<'_>> {
    let inner = text.strip_prefix("rows($")?;
    let end = inner.find(')').expect("rows(…) in an SQL text is closed");
    let (number, columns) = inner[..end].split_once(':').expect("rows($n: columns)");
    let after = inner[end + 1..].trim_start().strip_prefix("as ").expect("rows(…) is named with `as`");
    let name_end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
    let (name, rest) = after.split_at(name_end);
    let column = |column: &str| {
        let (name, kind) = column.trim().split_once(' ').expect("a column has a name and a type");
        let kind = Kind::named(kind.trim()).expect("a column's type is one that both databases know");
        Column { name: name.to_owned(), kind }
    };
    let number = number.parse().expect("a parameter has a number");
    Some(Rows { number, columns: columns.split(',').map(column).collect(), name, rest })
}

fn batches(text: &str) -> Batches {
    let mut batches = Batches::new();
    for (at, _) in text.match_indices("rows($") {
        let Some(rows) = rows(&text[at..]) else { continue };
        let known = batches.entry(rows.number).or_default();
        for column in rows.columns {
            if !known.contains(&column) {
                known.push(column);
            }
        }
    }
    batches
}

/// Where a parameter's first value stands on PostgreSQL: each batch before it takes a place for each of its columns.
fn place(batches: &Batches, number: usize) -> usize {
    number + batches.range(..number).map(|(_, columns)| columns.len() - 1).sum::<usize>()
}

fn write_text(out: &mut String, text: &str, flavour: Flavour, batches: &Batches) {
    let mut rest = text;
    while let Some(at) = rest.find(['{', 'r', '$']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some(inner) = from.strip_prefix('{') {
            let end = inner.find('}').expect("a brace in an SQL text is closed");
            let (words, only) = match inner[..end].strip_prefix("sqlite: ") {
                Some(words) => (words, Flavour::Sqlite),
                None => (&inner[..end], Flavour::Postgres),
            };
            if flavour == only {
                write_text(out, words, flavour, batches);
            }
            rest = &inner[end + 1..];
        } else if let Some(rows) = rows(from) {
            table(out, flavour, batches, &rows);
            rest = rows.rest;
        } else {
            let digits = from[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len() - 1);
            match from[1..=digits].parse() {
                Ok(number) if from.starts_with('$') => {
                    write!(out, "${}", place(batches, number)).expect("writing to a string does not fail");
                    rest = &from[1 + digits..];
                }
                _ => {
                    out.push_str(&from[..1]);
                    rest = &from[1..];
                }
            }
        }
    }
    out.push_str(rest);
}

fn table(out: &mut String, flavour: Flavour, batches: &Batches, rows: &Rows<'_>) {
    let Rows { number, columns, name, .. } = rows;
    let written = match flavour {
        Flavour::Postgres => {
            let bound = &batches[number];
            let array = |column: &Column| {
                let at = bound.iter().position(|known| known == column).expect("every column was counted");
                format!("cast(${} as {}[])", place(batches, *number) + at, column.kind.name())
            };
            let arrays: Vec<String> = columns.iter().map(array).collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            write!(out, "unnest({}) as {name}({})", arrays.join(", "), names.join(", "))
        }
        Flavour::Sqlite => {
            let selected: Vec<String> = columns
                .iter()
                .map(|Column { name, kind }| match kind {
                    Kind::Uuid => format!("unhex(value ->> '{name}', '-') as {name}"),
                    Kind::Bytea => format!("unhex(substr(value ->> '{name}', 3)) as {name}"),
                    Kind::Bigint | Kind::Text | Kind::Boolean => format!("value ->> '{name}' as {name}"),
                })
                .collect();
            write!(out, "(select {} from jsonb_each(${number})) as {name}", selected.join(", "))
        }
    };
    written.expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_reaches_is_a_flag_and_a_batch() {
        let text = "select id from households where {in $2: area_id} and id > $1";
        assert_eq!(
            with_reaches(text),
            "select id from households where ($2 or area_id in (select w.id from rows($3: id uuid) as w)) and id > $1"
        );
    }

    #[test]
    #[should_panic(expected = "{in $n: column}")]
    fn a_misspelt_reach_is_no_words_for_postgres() {
        with_reaches("select id from households where {in$2: area_id}");
    }

    #[test]
    fn texts_are_joined_with_their_parameters_one_behind_the_other() {
        let texts = [
            "insert into a (n, t) select r.n, r.t from rows($1: n bigint, t text) as r",
            "insert into b (n) select r.n from rows($1: n bigint) as r",
        ];
        assert_eq!(
            join(&texts, Flavour::Sqlite),
            "insert into a (n, t) select r.n, r.t from (select value ->> 'n' as n, value ->> 't' as t from \
             jsonb_each($1)) as r;\n\
             insert into b (n) select r.n from (select value ->> 'n' as n from jsonb_each($2)) as r"
        );
        assert_eq!(
            join(&texts, Flavour::Postgres),
            "with part_0 as (insert into a (n, t) select r.n, r.t from unnest(cast($1 as bigint[]), \
             cast($2 as text[])) as r(n, t)),\n\
             part_1 as (insert into b (n) select r.n from unnest(cast($3 as bigint[])) as r(n)) select 1"
        );
    }

    #[test]
    fn a_bound_table_reads_the_same_on_both() {
        let text =
            "insert into t (id, n) select r.id, r.n from rows($1: id uuid, n bigint, b bytea) as r where r.n > 0";
        assert_eq!(
            translate(text, Flavour::Postgres).text,
            "insert into t (id, n) select r.id, r.n from unnest(cast($1 as uuid[]), cast($2 as bigint[]), \
             cast($3 as bytea[])) as r(id, n, b) where r.n > 0"
        );
        assert_eq!(
            translate(text, Flavour::Sqlite).text,
            "insert into t (id, n) select r.id, r.n from (select unhex(value ->> 'id', '-') as id, value ->> 'n' as n, \
             unhex(substr(value ->> 'b', 3)) as b from jsonb_each($1)) as r where r.n > 0"
        );
    }

    #[test]
    fn row_locks_are_for_postgres_only() {
        let text = "select id from vouchers v where id = $1 {for update of v}";
        assert_eq!(translate(text, Flavour::Sqlite).text, "select id from vouchers v where id = $1 ");
        assert_eq!(translate(text, Flavour::Postgres).text, "select id from vouchers v where id = $1 for update of v");
    }

    #[test]
    fn words_for_one_database_are_left_out_for_the_other() {
        let text = "select {cast(v.id as text)}{sqlite: hex(v.id)} from vouchers v";
        assert_eq!(translate(text, Flavour::Sqlite).text, "select hex(v.id) from vouchers v");
        assert_eq!(translate(text, Flavour::Postgres).text, "select cast(v.id as text) from vouchers v");
    }

    #[test]
    fn what_follows_a_batch_moves_behind_its_columns() {
        let text = "select $3, '$.x', r.a from rows($2: a uuid, b text) as r where $1 = r.b or $12 = \
                    (select max(s.c) from rows($2: b text, c bigint) as s) {limit $3}";
        let postgres = translate(text, Flavour::Postgres);
        assert_eq!(
            postgres.text,
            "select $5, '$.x', r.a from unnest(cast($2 as uuid[]), cast($3 as text[])) as r(a, b) where $1 = r.b or \
             $14 = (select max(s.c) from unnest(cast($3 as text[]), cast($4 as bigint[])) as s(b, c)) limit $5"
        );
        assert_eq!(postgres.batches[&2].len(), 3);
        let sqlite = translate(text, Flavour::Sqlite);
        assert!(sqlite.text.starts_with("select $3, '$.x', r.a from (select") && sqlite.text.contains("$12"));
    }
}
