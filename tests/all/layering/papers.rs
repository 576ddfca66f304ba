//! What is written for people agrees with the code: the glossary names what there is.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::Visit;

use super::imports::files;

/// What stands in `backticks` in a text.
fn in_backticks(text: &str) -> BTreeSet<&str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// The tables that the migrations make.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for entry in std::fs::read_dir("migrations").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "sql") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let names = text.lines().filter_map(|line| line.trim().strip_prefix("create table "));
        tables.extend(names.map(|name| name.split([' ', '(']).next().unwrap().to_owned()));
    }
    tables
}

/// Every type that the sources declare, ids among them, which a macro declares.
#[derive(Default)]
struct Types(BTreeSet<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.0.insert(item.ident.to_string());
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.0.insert(item.ident.to_string());
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if ["ids", "text_enum"].iter().any(|own| item.mac.path.is_ident(own)) {
            let names = item.mac.tokens.clone().into_iter().filter_map(|token| match token {
                proc_macro2::TokenTree::Ident(name) => Some(name.to_string()),
                _ => None,
            });
            self.0.extend(names);
        }
    }
}

#[test]
fn the_glossary_names_every_table_and_only_types_that_exist() {
    let glossary = std::fs::read_to_string("docs/glossary.md").unwrap();
    let named = in_backticks(&glossary);
    let tables = tables();
    assert!(tables.len() > 40, "the test reads the migrations: {tables:?}");
    let column_of = |name: &str, table: &str| name.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'));
    let missing: Vec<_> =
        tables.iter().filter(|table| !named.iter().any(|name| name == table || column_of(name, table))).collect();
    assert!(missing.is_empty(), "docs/glossary.md names no {missing:?}");

    let mut sources = Vec::new();
    files(Path::new("src"), &mut sources);
    let mut types = Types::default();
    for path in sources {
        types.visit_file(&syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
    let gone: Vec<_> = named
        .iter()
        .filter(|name| name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase))
        .filter(|name| !types.0.contains(**name))
        .collect();
    assert!(gone.is_empty(), "docs/glossary.md names types that are no more: {gone:?}");
}
