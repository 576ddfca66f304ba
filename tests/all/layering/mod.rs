//! The plan of the house: imports and SQL only point down the list in `src/lib.rs`, no files use each other in a loop, and
//! the same job stands in a file of the same name everywhere.

mod imports;
mod papers;
mod reach;
mod sql;
mod statement;
mod tree;

use std::path::Path;

use syn::visit::Visit;

use imports::{Program, files, loops};

/// The tables that the migrations make.
pub fn tables() -> Vec<sql::Table> {
    sql::Schema::read().tables
}

/// The modules in the order of `src/lib.rs`, lowest first.
fn modules() -> Vec<String> {
    let lib = std::fs::read_to_string("src/lib.rs").unwrap();
    syn::parse_file(&lib)
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// The modules that a file names after `crate::`, in imports, in paths and in macros.
#[derive(Default)]
struct Named(Vec<String>);

impl Named {
    fn use_tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.0.push(path.ident.to_string()),
            syn::UseTree::Name(name) => self.0.push(name.ident.to_string()),
            syn::UseTree::Rename(rename) => self.0.push(rename.ident.to_string()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(tree)),
            syn::UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let syn::UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.use_tree(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if let (Some(first), Some(second)) = (segments.next(), segments.next())
            && first.ident == "crate"
        {
            self.0.push(second.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let tokens = call.tokens.to_string();
        for part in tokens.split("crate :: ").skip(1) {
            self.0.push(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
        syn::visit::visit_macro(self, call);
    }
}

#[test]
fn imports_only_point_down_the_houses_order() {
    let modules = modules();
    let place = |module: &str| modules.iter().position(|known| known == module);
    let mut found = Vec::new();
    files(Path::new("src"), &mut found);
    let mut upward = Vec::new();
    for path in &found {
        let own = path.strip_prefix("src").unwrap().components().next().unwrap();
        let own = Path::new(own.as_os_str()).file_stem().unwrap().to_str().unwrap();
        let Some(own_place) = place(own) else { continue };
        let mut named = Named::default();
        named.visit_file(&syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
        for other in named.0 {
            if place(&other).is_some_and(|other_place| other_place > own_place) {
                upward.push(format!("{}: {own} must not use {other}", path.display()));
            }
        }
    }
    assert!(found.len() > 20, "the test reads the sources");
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn no_files_use_each_other_in_a_loop() {
    let program = Program::read(Path::new("src"));
    let uses = program.uses();
    let arrows: usize = uses.values().map(std::collections::BTreeSet::len).sum();
    assert!(arrows > 1_000, "the test follows imports: {arrows}");
    assert_eq!(loops(&uses), Vec::<Vec<&Path>>::new());
}

#[test]
fn a_loop_is_found_through_what_a_parent_hands_on_and_declarations_are_none() {
    let src = std::env::temp_dir().join(format!("lalanh-layering-{}", std::process::id()));
    let write = |file: &str, text: &str| {
        std::fs::create_dir_all(src.join(file).parent().unwrap()).unwrap();
        std::fs::write(src.join(file), text).unwrap();
    };
    write("lib.rs", "mod a; mod b;");
    write("a/mod.rs", "mod child; pub use child::One;");
    write("a/child.rs", "use super::super::b::Two; pub struct One(Two);");
    write("b.rs", "pub struct Two; fn two() { crate::a::One::new(); }");
    let program = Program::read(&src);
    let uses = program.uses();
    let found = loops(&uses);
    std::fs::remove_dir_all(&src).unwrap();
    assert_eq!(found, [[src.join("a/child.rs"), src.join("b.rs")]]);
}
