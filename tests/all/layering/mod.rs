//! The order of the house: imports only point down the list in `src/lib.rs`.

use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// The rooms in the order of `src/lib.rs`, lowest first.
fn rooms() -> Vec<String> {
    let lib = std::fs::read_to_string("src/lib.rs").unwrap();
    syn::parse_file(&lib)
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Mod(room) => Some(room.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// What the program is built of. A file of tests may look up: it reads a list the way the list's own room does.
fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The rooms that a file names after `crate::`, in imports, in paths and in macros.
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
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|known| known == room);
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
