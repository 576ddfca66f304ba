//! Every SQL text of the program, read from its source and prepared on both databases.

use std::path::{Path, PathBuf};

use lalanh::db::{Db, Flavour, expand};
use sqlx::{Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection};
use syn::visit::{self, Visit};

use crate::support::{On, TestApp, postgres_server};

/// One `.sql("…")` call.
pub struct Text {
    pub file: String,
    /// The name of the function that it stands in.
    pub function: String,
    pub text: &'static str,
}

/// What a file's calls of `.sql` are, outside its unit tests.
#[derive(Default)]
struct Calls {
    /// Each with its function's name.
    literals: Vec<(String, String)>,
    others: usize,
    function: String,
}

impl Calls {
    fn within(&mut self, function: &syn::Signature, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.function, function.ident.to_string());
        visit(self);
        self.function = outer;
    }
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.within(&function.sig, |calls| visit::visit_item_fn(calls, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.within(&function.sig, |calls| visit::visit_impl_item_fn(calls, function));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "sql" {
            match call.args.first() {
                Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => {
                    self.literals.push((self.function.clone(), text.value()));
                }
                _ => self.others += 1,
            }
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(module) {
            visit::visit_item_mod(self, module);
        }
    }
}

/// Whether a module is compiled for unit tests alone.
pub fn is_for_tests(module: &syn::ItemMod) -> bool {
    module.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "test")
    })
}

/// The program's own source files.
pub fn sources() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A source file's name as a person writes it: `src/people/store/mod.rs`.
pub fn name_of(path: &Path) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    path.to_str().unwrap().replace('\\', "/")
}

fn calls() -> Vec<(String, Calls, String)> {
    let read = |path: PathBuf| {
        let source = std::fs::read_to_string(&path).unwrap();
        let mut calls = Calls::default();
        calls.visit_file(&syn::parse_file(&source).unwrap());
        (name_of(&path), calls, source)
    };
    sources().into_iter().map(read).filter(|(name, ..)| !name.starts_with("src/db/")).collect()
}

/// Every SQL text of the program.
pub fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    for (file, calls, _) in calls() {
        for (function, text) in calls.literals {
            texts.push(Text { file: file.clone(), function, text: text.leak() });
        }
    }
    assert!(texts.len() > 30, "only {} SQL texts were found: the search is broken", texts.len());
    texts
}

/// The SQL texts of one source file.
pub fn texts_of(file: &str) -> Vec<&'static str> {
    texts().into_iter().filter(|text| text.file == file).map(|text| text.text).collect()
}

#[test]
fn sql_is_written_as_literals_in_stores_only() {
    let mut wrong = Vec::new();
    for (file, calls, source) in calls() {
        let is_store = file.split('/').any(|part| part == "store" || part == "store.rs");
        if calls.others > 0 {
            wrong.push(format!("{file}: SQL that is not a literal"));
        }
        if !is_store {
            wrong.extend(calls.literals.iter().map(|(_, text)| format!("{file}: SQL outside a store: {text}")));
        }
        let written = source.split("#[cfg(test)]").next().unwrap().matches(".sql(").count();
        if written != calls.literals.len() + calls.others {
            wrong.push(format!("{file}: SQL inside a macro, where this test can't read it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_sql_text_prepares_on_sqlite() {
    let app = TestApp::start(On::Sqlite).await.unwrap();
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}/lalanh.db", app.dir.display())).await.unwrap();
    let mut wrong = Vec::new();
    for Text { file, text, .. } in texts() {
        if let Err(error) = (&mut conn).prepare(expand(text, Flavour::Sqlite).into_sql_str()).await {
            wrong.push(format!("{file}: {error}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn every_sql_text_prepares_on_postgres() {
    let Some(server) = postgres_server() else { return };
    let name = format!("sql_texts_{}", std::process::id());
    let mut admin = PgConnection::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let db = Db::open(&url).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut wrong = Vec::new();
    for Text { file, text, .. } in texts() {
        if let Err(error) = (&mut conn).prepare(expand(text, Flavour::Postgres).into_sql_str()).await {
            wrong.push(format!("{file}: {error}\n{text}"));
        }
    }
    conn.close().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name}"))).execute(&mut admin).await.unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
