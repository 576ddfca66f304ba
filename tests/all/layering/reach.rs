//! What belongs to an area or a point is read, changed and removed only as far as a caller reaches: such a statement carries
//! `{in $n: column}`, or stands in `unscoped_reads.txt` with the reason why it need not.

use std::collections::{BTreeMap, BTreeSet};

use lalanh::db::{Flavour, expand};

use syn::visit::{self, Visit};

use super::sql::{Schema, Table, lines};
use super::statement::Statement;
use crate::sql_texts::{Text, is_for_tests, name_of, sources, texts};

/// Places, and the logins that name some: what a reach is made of.
const PLACES: [&str; 5] = ["areas", "area_predecessors", "points", "users", "user_points"];

/// Where a caller's reach stands in a text.
const REACH: &str = "{in $";

const WAY_OUT: &str = "Statements on tables whose rows belong to an area or a point: let them take `&Within<…>`, with \
    `{in $n: column}` in the text and `.within(…)` where it is bound; and give them what the caller reaches, not \
    `Within::All`. A place that need not stands in tests/all/layering/unscoped_reads.txt as `file function: kind – reason`; \
    what each kind promises is told there.";

/// Tables and views whose rows belong to an area or a point, by a column or by a table of pairs (`round_points`), and those
/// that refer to or read such.
fn scoped(schema: &Schema) -> BTreeSet<&str> {
    let mut scoped = BTreeSet::new();
    for Table { name, others, columns } in &schema.tables {
        if columns.contains("area_id ") || columns.contains("point_id ") {
            scoped.insert(name.as_str());
            let pairs = name.ends_with("_points");
            scoped.extend(others.iter().filter(|_| pairs).map(String::as_str));
        }
    }
    scoped.retain(|table| !PLACES.contains(table));
    for Table { name, others, .. } in &schema.tables {
        if !PLACES.contains(&name.as_str()) && others.iter().any(|other| scoped.contains(other.as_str())) {
            scoped.insert(name.as_str());
        }
    }
    for (view, text) in &schema.views {
        if Statement::read(text).reads().iter().any(|read| scoped.contains(read)) {
            scoped.insert(view.as_str());
        }
    }
    scoped
}

/// Whether a statement uses one of these tables without its caller's reach. What it only appends to need not be reached.
fn is_unscoped(text: &'static str, scoped: &BTreeSet<&str>) -> bool {
    let statement = Statement::read(expand(text, Flavour::Sqlite));
    let used = statement.reads().into_iter().chain(statement.changes()).any(|table| scoped.contains(table));
    used && !text.contains(REACH)
}

/// The functions of a file that reach for the whole ward themselves, in place of what their caller reaches.
#[derive(Default)]
struct WholeWard {
    function: String,
    found: BTreeSet<String>,
}

impl WholeWard {
    fn within(&mut self, function: &syn::Signature, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.function, function.ident.to_string());
        visit(self);
        self.function = outer;
    }
}

impl<'ast> Visit<'ast> for WholeWard {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.within(&function.sig, |found| visit::visit_item_fn(found, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.within(&function.sig, |found| visit::visit_impl_item_fn(found, function));
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(module) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.ends_with(&["Within".to_owned(), "All".to_owned()]) {
            self.found.insert(self.function.clone());
        }
        visit::visit_path(self, path);
    }
}

/// The places that reach for the whole ward, but for those where a reach is made and bound.
fn reaching_for_all() -> Vec<String> {
    let mut places = Vec::new();
    for path in sources() {
        let file = name_of(&path);
        let makes_reaches = ["src/kernel/", "src/db/", "src/people/scope.rs", "src/people/staff.rs"];
        if !makes_reaches.iter().any(|made| file.starts_with(made)) {
            let mut found = WholeWard::default();
            found.visit_file(&syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap());
            places.extend(found.found.into_iter().map(|function| format!("{file} {function}")));
        }
    }
    places
}

/// The reviewed places, `file function`, each with its kind.
fn reviewed(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    let kinds: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(": ").map(|(kind, _)| kind)).collect();
    let mut reviewed = BTreeMap::new();
    for line in lines(text) {
        let (place, review) = line.split_once(": ").unwrap_or_else(|| panic!("`file function: kind – reason`: {line}"));
        let (kind, reason) = review.split_once(" – ").unwrap_or_else(|| panic!("`kind – reason`: {line}"));
        assert!(kinds.contains(kind), "{place}: `{kind}` is no kind of {kinds:?}");
        assert!(reason.len() > 10, "{place}: why?");
        assert!(reviewed.insert(place, kind).is_none(), "{place}: listed twice");
    }
    reviewed
}

#[test]
fn statements_on_what_lies_somewhere_carry_their_callers_reach_or_are_reviewed() {
    let schema = Schema::read();
    let scoped = scoped(&schema);
    let reviewed = reviewed(include_str!("unscoped_reads.txt"));
    let mut found = BTreeMap::new();
    for Text { file, function, text } in texts() {
        if is_unscoped(text, &scoped) {
            found.entry(format!("{file} {function}")).or_insert(text);
        }
    }
    for place in reaching_for_all() {
        found.entry(place).or_insert("Within::All");
    }
    let unknown: Vec<String> = found
        .iter()
        .filter(|(place, _)| !reviewed.contains_key(place.as_str()))
        .map(|(place, text)| format!("{place}\n{text}"))
        .collect();
    assert!(unknown.is_empty(), "{WAY_OUT}\n\n{}", unknown.join("\n\n"));
    let gone: Vec<&&str> = reviewed.keys().filter(|place| !found.contains_key(**place)).collect();
    assert!(gone.is_empty(), "lines of unscoped_reads.txt that no statement needs any more: take them out: {gone:?}");
}

#[test]
fn a_planted_read_without_its_callers_reach_is_found() {
    let schema = Schema {
        tables: vec![
            Table { name: "areas".to_owned(), others: Vec::new(), columns: "areas (id uuid".to_owned() },
            Table { name: "homes".to_owned(), others: Vec::new(), columns: "homes (area_id uuid".to_owned() },
            Table {
                name: "papers".to_owned(),
                others: vec!["homes".to_owned()],
                columns: "papers (id uuid".to_owned(),
            },
            Table { name: "items".to_owned(), others: Vec::new(), columns: "items (id uuid".to_owned() },
            Table { name: "markets".to_owned(), others: Vec::new(), columns: "markets (id uuid".to_owned() },
            Table {
                name: "market_points".to_owned(),
                others: vec!["markets".to_owned(), "points".to_owned()],
                columns: "market_points (market_id uuid, point_id uuid".to_owned(),
            },
        ],
        views: vec![("open_papers".to_owned(), "select id from papers".to_owned())],
    };
    let scoped = scoped(&schema);
    assert_eq!(scoped, BTreeSet::from(["homes", "market_points", "markets", "open_papers", "papers"]));
    for text in [
        "select id from homes where id = $1",
        "select id from items i join open_papers p on p.item_id = i.id",
        "update papers set a = 1 where id = $1",
        "delete from papers where id = $1",
        "insert into items (id) select id from papers",
    ] {
        assert!(is_unscoped(text, &scoped), "{text}");
    }
    for text in [
        "select id from homes where id = $1 and {in $2: area_id}",
        "select id from items",
        "select name from areas",
        "insert into homes (id) values ($1)",
    ] {
        assert!(!is_unscoped(text, &scoped), "{text}");
    }
    let list = "# own: bound to the caller\nsrc/a.rs one: own – its own record";
    assert_eq!(reviewed(list), BTreeMap::from([("src/a.rs one", "own")]));
}
