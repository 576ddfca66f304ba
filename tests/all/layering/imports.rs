//! Which file of the program uses which: names in imports, paths and macros, each followed through re-exports to the
//! file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

/// A module's path from the crate's root, or one of its items'.
type Names = Vec<String>;

/// A file of the program as a module.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// What is defined here.
    items: BTreeSet<String>,
    /// What is imported here under which name, and may be re-exported.
    imports: BTreeMap<String, Names>,
    /// Modules all of whose names are imported.
    globs: Vec<Names>,
    /// Names of `imports` that are handed on as this module's own: a declaration, no use.
    handed_on: BTreeSet<String>,
    /// Paths that the code names, as written.
    paths: BTreeSet<Names>,
}

/// The program's files with what they name.
pub struct Program {
    modules: BTreeMap<Names, Module>,
}

/// The program's files: those of tests may look up, as a list is read the way its own feature reads it.
pub fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

impl Program {
    /// Reads all files of `src`.
    pub fn read(src: &Path) -> Self {
        let mut found = Vec::new();
        files(src, &mut found);
        let modules = found.into_iter().map(|file| {
            let name = module_name(file.strip_prefix(src).unwrap());
            let mut module = Module { file: file.clone(), ..Module::default() };
            let parsed = syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap();
            Reader { module: &mut module }.visit_file(&parsed);
            (name, module)
        });
        Self { modules: modules.collect() }
    }

    /// Each file with the files whose items it names.
    pub fn uses(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let of = |(own, module): (&Names, &Module)| {
            let imported =
                module.imports.iter().filter(|(name, _)| !module.handed_on.contains(*name)).map(|(_, path)| path);
            let named = imported.chain(&module.globs).chain(&module.paths);
            named.filter_map(|path| self.defined(own, path, 0)).filter(|file| *file != module.file).collect()
        };
        self.modules.iter().map(|each| (each.1.file.as_path(), of(each))).collect()
    }

    /// The file that defines what `path` means within the module `own`.
    fn defined(&self, own: &Names, path: &Names, depth: usize) -> Option<&Path> {
        // Names that are re-exported in a circle, or an import of the name's own.
        if depth > 16 {
            return None;
        }
        let (mut at, mut rest): (Names, &[String]) = match path.first()?.as_str() {
            "crate" | "$crate" | "lalanh" => (Vec::new(), &path[1..]),
            "self" => (own.clone(), &path[1..]),
            "super" => (own[..own.len().checked_sub(1)?].to_vec(), &path[1..]),
            first => {
                let module = self.modules.get(own)?;
                if let Some(imported) = module.imports.get(first).filter(|imported| *imported != path) {
                    let whole: Names = imported.iter().chain(&path[1..]).cloned().collect();
                    return self.defined(own, &whole, depth + 1);
                }
                let child = [own.as_slice(), &[first.to_owned()]].concat();
                if !self.modules.contains_key(&child) {
                    return None;
                }
                (own.clone(), &path[..])
            }
        };
        while let Some((next, after)) = rest.split_first() {
            if next == "super" {
                at.pop()?;
                rest = after;
                continue;
            }
            let child = [at.as_slice(), std::slice::from_ref(next)].concat();
            if self.modules.contains_key(&child) {
                (at, rest) = (child, after);
                continue;
            }
            let module = self.modules.get(&at)?;
            if module.items.contains(next) {
                return Some(&module.file);
            }
            if let Some(imported) = module.imports.get(next) {
                let whole: Names = imported.iter().chain(after).cloned().collect();
                return self.defined(&at, &whole, depth + 1);
            }
            let globbed = module.globs.iter().find_map(|glob| {
                let whole: Names = glob.iter().chain(rest).cloned().collect();
                self.defined(&at, &whole, depth + 1)
            });
            return globbed;
        }
        // A module itself: what is used of it is another path.
        None
    }
}

/// The module that a file below `src` is.
fn module_name(file: &Path) -> Names {
    let mut names: Names = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if names.last().is_some_and(|last| last == "mod" || last == "lib") {
        names.pop();
    }
    names
}

struct Reader<'a> {
    module: &'a mut Module,
}

impl Reader<'_> {
    fn import(&mut self, tree: &syn::UseTree, before: &Names) {
        let with = |ident: &syn::Ident| [before.as_slice(), &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.import(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.module.imports.insert(before.last().unwrap().clone(), before.clone());
            }
            syn::UseTree::Name(name) => {
                self.module.imports.insert(name.ident.to_string(), with(&name.ident));
            }
            syn::UseTree::Rename(rename) if rename.ident == "self" => {
                self.module.imports.insert(rename.rename.to_string(), before.clone());
            }
            syn::UseTree::Rename(rename) => {
                self.module.imports.insert(rename.rename.to_string(), with(&rename.ident));
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
            syn::UseTree::Glob(_) => self.module.globs.push(before.clone()),
        }
    }

    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Names::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 || path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    self.path(std::mem::take(&mut path));
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                _ => {}
            }
            self.path(std::mem::take(&mut path));
            colons = 0;
        }
        self.path(path);
    }

    fn path(&mut self, path: Names) {
        if path.len() > 1 {
            self.module.paths.insert(path);
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string().starts_with("test"))
    })
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Mod(module) if is_test(&module.attrs) => return,
            syn::Item::Mod(_) => None,
            syn::Item::Fn(function) => Some(&function.sig.ident),
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Trait(item) => Some(&item.ident),
            syn::Item::TraitAlias(item) => Some(&item.ident),
            syn::Item::Type(item) => Some(&item.ident),
            syn::Item::Const(item) => Some(&item.ident),
            syn::Item::Static(item) => Some(&item.ident),
            syn::Item::Union(item) => Some(&item.ident),
            syn::Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.module.items.insert(name.to_string());
        }
        if let syn::Item::Macro(item) = item
            && item.ident.is_none()
        {
            // Names that a macro of ours defines are its first words: `ids! { /// … HouseholdId; }`.
            for token in item.mac.tokens.clone() {
                if let TokenTree::Ident(ident) = token {
                    self.module.items.insert(ident.to_string());
                }
            }
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            let before: BTreeSet<String> = self.module.imports.keys().cloned().collect();
            self.import(&item.tree, &Names::new());
            if !matches!(item.vis, syn::Visibility::Inherited) {
                let new = self.module.imports.keys().filter(|name| !before.contains(*name));
                self.module.handed_on.extend(new.cloned());
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        syn::visit::visit_macro(self, call);
    }
}

/// The groups of files that use each other in a loop.
pub fn loops<'a>(uses: &BTreeMap<&'a Path, BTreeSet<&'a Path>>) -> Vec<Vec<&'a Path>> {
    let mut reach: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for from in uses.keys() {
        let (mut seen, mut open) = (BTreeSet::new(), vec![*from]);
        while let Some(at) = open.pop() {
            open.extend(uses.get(at).into_iter().flatten().filter(|next| seen.insert(**next)));
        }
        reach.insert(from, seen);
    }
    let together = |a: &Path, b: &Path| reach[a].contains(b) && reach[b].contains(a);
    let mut found: Vec<Vec<&Path>> = Vec::new();
    for from in reach.keys().copied().filter(|from| together(from, from)) {
        if !found.iter().any(|group| group.contains(&from)) {
            found.push(reach.keys().copied().filter(|other| together(from, other)).collect());
        }
    }
    found
}
