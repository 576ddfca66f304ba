//! SQL obeys the house as imports do: only its owner writes a table, and a statement reads its own feature's tables and
//! those of features below. `tables.txt` says whose each table and view is; `upward_reads.txt` has the exceptions.

use std::collections::{BTreeMap, BTreeSet};

use lalanh::db::{Flavour, expand};

use super::modules;
use super::statement::Statement;
use crate::sql_texts::texts;

/// Exceptions that the house bears.
const UPWARD_READS_MAX: usize = 15;

/// The lines of a reviewed file, without comments.
pub fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Each table and view with its owner.
fn owners() -> BTreeMap<&'static str, &'static str> {
    let mut owners = BTreeMap::new();
    for line in lines(include_str!("tables.txt")) {
        let (table, owner) = line.split_once(' ').expect("a table and its owner");
        assert_eq!(owners.insert(table, owner), None, "{table} is listed twice");
    }
    owners
}

/// Who may read what of a higher feature.
fn upward_reads() -> BTreeSet<(&'static str, &'static str)> {
    let mut reads = BTreeSet::new();
    for line in lines(include_str!("upward_reads.txt")) {
        let (read, reason) = line.split_once(": ").expect("`reader reads table: reason`");
        let (reader, table) = read.split_once(" reads ").expect("`reader reads table: reason`");
        assert!(reason.len() > 10, "{read}: why?");
        assert!(reads.insert((reader, table)), "{read}: listed twice");
    }
    reads
}

/// A table that the migrations make.
pub struct Table {
    pub name: String,
    /// The tables that it refers to.
    pub others: Vec<String>,
    /// Its columns, as they are declared.
    pub columns: String,
}

/// What the migrations make: tables, and views with their texts.
pub struct Schema {
    pub tables: Vec<Table>,
    pub views: Vec<(String, String)>,
}

impl Schema {
    pub fn read() -> Self {
        let mut schema = Self { tables: Vec::new(), views: Vec::new() };
        let mut files: Vec<_> = std::fs::read_dir("migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            for statement in text.split(";\n") {
                schema.take(statement);
            }
        }
        assert!(schema.tables.len() > 40 && schema.views.len() > 3, "the test reads the migrations");
        schema
    }

    fn take(&mut self, statement: &str) {
        let code: Vec<&str> = statement.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let code = code.join("\n");
        let name = |rest: &str| rest.split([' ', '(']).next().unwrap().to_owned();
        if let Some(rest) = code.trim_start().strip_prefix("create table ") {
            let others = code.split("references ").skip(1).map(name).collect();
            self.tables.push(Table { name: name(rest), others, columns: rest.to_owned() });
        } else if let Some((head, body)) = code.trim_start().split_once(" as\n")
            && let Some(view) = head.strip_prefix("create view ")
        {
            self.views.push((view.to_owned(), body.to_owned()));
        }
    }
}

/// What is wrong with how a feature uses tables; exceptions that it needs are noted in `used`.
struct Review<'a> {
    order: Vec<String>,
    owners: &'a BTreeMap<&'static str, &'static str>,
    allowed: &'a BTreeSet<(&'static str, &'static str)>,
    used: BTreeSet<(&'static str, &'static str)>,
}

impl Review<'_> {
    fn place(&self, feature: &str) -> usize {
        self.order.iter().position(|known| known == feature).unwrap_or_else(|| panic!("{feature} is no module"))
    }

    fn statement(&mut self, feature: &str, statement: &Statement) -> Vec<String> {
        let mut wrong = Vec::new();
        for name in statement.local_names() {
            if self.owners.contains_key(name) {
                wrong.push(format!("{name} is a table's name"));
            }
        }
        for table in statement.writes() {
            match self.owners.get(table) {
                Some(owner) if *owner == feature => {}
                Some(owner) => wrong.push(format!("writes {table} of {owner}")),
                None => wrong.push(format!("writes {table}, which nobody owns")),
            }
        }
        for table in statement.reads() {
            let Some(owner) = self.owners.get(table) else {
                wrong.push(format!("reads {table}, which nobody owns"));
                continue;
            };
            if self.place(owner) > self.place(feature) {
                match self.allowed.iter().find(|exception| **exception == (feature, table)) {
                    Some(exception) => _ = self.used.insert(*exception),
                    None => wrong.push(format!("reads {table} of {owner}, which is higher")),
                }
            }
        }
        wrong
    }
}

fn feature_of(file: &str) -> &str {
    let path = file.strip_prefix("src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn every_table_and_view_has_one_owner() {
    let (schema, owners) = (Schema::read(), owners());
    let made: BTreeSet<&str> = schema
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .chain(schema.views.iter().map(|(name, _)| name.as_str()))
        .collect();
    let listed: BTreeSet<&str> = owners.keys().copied().collect();
    assert_eq!(made, listed, "what the migrations make is what tables.txt lists");
    let order = modules();
    for (table, owner) in &owners {
        assert!(order.iter().any(|module| module == owner), "{table}: {owner} is no module");
    }
}

#[test]
fn tables_refer_and_views_read_downwards() {
    let (schema, owners) = (Schema::read(), owners());
    let order = modules();
    let place = |table: &str| order.iter().position(|module| module == owners[table]).unwrap();
    let mut upward = Vec::new();
    for Table { name, others, .. } in &schema.tables {
        let higher = others.iter().filter(|other| place(other) > place(name));
        upward.extend(higher.map(|other| format!("{name} refers to {other}")));
    }
    for (view, text) in &schema.views {
        let statement = Statement::read(text);
        let higher = statement.reads().into_iter().filter(|read| place(read) > place(view));
        upward.extend(higher.map(|read| format!("{view} reads {read}")));
    }
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn only_its_owner_writes_a_table_and_reads_point_down() {
    let (owners, allowed) = (owners(), upward_reads());
    assert!(allowed.len() <= UPWARD_READS_MAX, "{} exceptions", allowed.len());
    let mut review = Review { order: modules(), owners: &owners, allowed: &allowed, used: BTreeSet::new() };
    let mut wrong = Vec::new();
    for text in texts() {
        let mut found = BTreeSet::new();
        for flavour in [Flavour::Sqlite, Flavour::Postgres] {
            let statement = Statement::read(expand(text.text, flavour));
            found.extend(review.statement(feature_of(&text.file), &statement));
        }
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}\n{}", text.file, text.text)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let unused: Vec<_> = allowed.difference(&review.used).collect();
    assert_eq!(unused, Vec::<&(&str, &str)>::new(), "exceptions that nothing uses");
}

#[test]
fn a_view_that_groups_is_read_alone() {
    let schema = Schema::read();
    let grouping: Vec<&str> =
        schema.views.iter().filter(|(_, text)| Statement::read(text).groups()).map(|(name, _)| name.as_str()).collect();
    for text in texts() {
        let statement = Statement::read(expand(text.text, Flavour::Sqlite));
        let reads = statement.reads();
        let grouped = grouping.iter().find(|view| reads.contains(*view));
        assert!(grouped.is_none() || reads.len() == 1, "{}: SQLite builds {grouped:?} whole\n{}", text.file, text.text);
    }
}

#[test]
fn no_statement_is_built_as_other_engines_refuse_it() {
    let mut wrong = Vec::new();
    for text in texts() {
        let found = Statement::read(text.text).refused();
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}\n{}", text.file, text.text)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_planted_upward_read_or_foreign_write_is_found() {
    let owners = BTreeMap::from([("areas", "places"), ("vouchers", "vouchers"), ("scans", "redemption")]);
    let allowed = BTreeSet::from([("places", "scans")]);
    let mut review = Review { order: modules(), owners: &owners, allowed: &allowed, used: BTreeSet::new() };
    let mut wrong = |feature: &str, text: &str| review.statement(feature, &Statement::read(text)).join("; ");
    assert_eq!(wrong("vouchers", "select 1 from areas a join vouchers v on true"), "");
    assert_eq!(wrong("places", "select 1 from vouchers"), "reads vouchers of vouchers, which is higher");
    assert_eq!(wrong("places", "update vouchers set a = 1"), "writes vouchers of vouchers");
    assert_eq!(
        wrong("redemption", "insert into areas (a) select 1 from nowhere"),
        "writes areas of places; reads nowhere, which nobody owns"
    );
    assert_eq!(wrong("vouchers", "with areas as (select 1) select 1 from areas"), "areas is a table's name");
    assert_eq!(wrong("places", "select 1 from scans"), "");
    assert_eq!(review.used, allowed);
}
