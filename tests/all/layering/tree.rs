//! The same job has the same file name in every feature, and no file grows beyond what can be read at one sitting.

use std::path::{Path, PathBuf};

use syn::visit::Visit;

use super::imports::Program;

/// Lines that a file has at most. Functions are watched by clippy (`too_many_lines`).
const LINES_MAX: usize = 500;
/// Characters that a line has at most. Code is wrapped at 120 by rustfmt, which leaves texts and SQL as they are; in a
/// template both languages of a longer text stand on lines of their own.
const WIDTH_MAX: usize = 140;
/// What the folder of an import may hold, so named, each a file or a folder.
const IMPORT: [&str; 9] = ["mod", "vocabulary", "rows", "matching", "preview", "commit", "decisions", "undo", "store"];
/// What keeps SQL beside those called `store`: the database's own module.
const SQL: [&str; 1] = ["src/db"];
/// Who begins and commits, and why it is no act that somebody else runs.
const COMMITS: [(&str, &str); 6] = [
    ("src/http/run.rs", "runs all acts"),
    ("src/redemption/engine.rs", "is a writer of its own, which commits batches"),
    ("src/privacy/again.rs", "erases again what a restored back-up brought back, where there is no core to run an act"),
    ("src/app/open.rs", "makes the deployment's id and keys, before there is a core to run an act"),
    ("src/app/rotation.rs", "has a database and no core; the new secret is on the disk before it commits"),
    ("src/cli/backup.rs", "has a database and no core; a restore writes the secret before it commits"),
];

fn below(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    super::imports::files(Path::new(dir), &mut found);
    found.sort();
    found
}

/// Features: modules with routes of their own.
fn features() -> Vec<PathBuf> {
    let dirs = std::fs::read_dir("src").unwrap().map(|entry| entry.unwrap().path());
    let mut features: Vec<PathBuf> = dirs.filter(|dir| dir.join("routes.rs").is_file()).collect();
    features.sort();
    features
}

/// Whether a file stands in a folder of that name, or is called so.
fn is_part(file: &Path, name: &str) -> bool {
    file.with_extension("").components().any(|part| part.as_os_str() == name)
}

/// What a file does that has its place.
#[derive(Default)]
struct Jobs {
    /// Declares functions or types of its own.
    defines: bool,
    /// Describes calls of the API.
    calls: bool,
    /// Renders pages.
    pages: bool,
    /// Runs SQL.
    sql: bool,
    /// Begins or commits a transaction.
    commits: bool,
}

impl Jobs {
    fn of(file: &Path) -> Self {
        let mut jobs = Self::default();
        jobs.visit_file(&syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap());
        jobs
    }
}

impl<'ast> Visit<'ast> for Jobs {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.defines |= !matches!(item, syn::Item::Mod(_) | syn::Item::Use(_));
        syn::visit::visit_item(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let path: Vec<String> = attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.calls |= path == ["utoipa", "path"];
        self.pages |= path == ["template"];
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.sql |= call.method == "sql";
        self.commits |= call.args.is_empty() && (call.method == "begin" || call.method == "commit");
        syn::visit::visit_expr_method_call(self, call);
    }
}

#[test]
fn every_feature_keeps_the_same_jobs_in_files_of_the_same_names() {
    let mut strays = Vec::new();
    for feature in features() {
        for file in below(feature.to_str().unwrap()) {
            let (jobs, name) = (Jobs::of(&file), file.display());
            let (api, pages) = (is_part(&file, "api"), is_part(&file, "pages"));
            if jobs.calls && !api {
                strays.push(format!("{name}: calls of the API belong in api/"));
            }
            if jobs.pages && !pages {
                strays.push(format!("{name}: pages belong in pages/"));
            }
            if jobs.defines && (file.ends_with("api/mod.rs") || file.ends_with("pages/mod.rs")) {
                strays.push(format!("{name}: only declares modules"));
            }
        }
        for file in [feature.join("api.rs"), feature.join("pages.rs")] {
            assert!(!file.exists(), "{}: api/<noun>.rs, pages/<noun>.rs", file.display());
        }
    }
    assert!(features().len() > 8, "the test finds the features");
    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn every_feature_that_has_lists_imports_them_in_the_same_files() {
    let imports: Vec<PathBuf> =
        features().into_iter().map(|dir| dir.join("import")).filter(|dir| dir.is_dir()).collect();
    for import in &imports {
        for entry in std::fs::read_dir(import).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(IMPORT.contains(&name), "{}: an import is made of {IMPORT:?}", path.display());
        }
        for name in ["mod", "vocabulary", "matching", "preview", "commit", "undo"] {
            let file = import.join(name);
            assert!(file.with_extension("rs").is_file() || file.is_dir(), "{} lacks {name}", import.display());
        }
    }
    assert!(imports.len() >= 3, "households, landlords and donations have lists");
}

#[test]
fn a_folder_is_declared_by_its_mod_rs_alone() {
    for file in below("src").iter().chain(&below("tests/all")).chain(&below("benches")) {
        assert!(!file.with_extension("").is_dir(), "{} stands beside its folder", file.display());
    }
}

#[test]
fn sql_stands_in_stores_alone() {
    let strays: Vec<PathBuf> = below("src")
        .into_iter()
        .filter(|file| !is_part(file, "store") && !SQL.iter().any(|dir| file.starts_with(dir)))
        .filter(|file| Jobs::of(file).sql)
        .collect();
    assert_eq!(strays, Vec::<PathBuf>::new());
}

#[test]
fn acts_are_committed_by_who_runs_them() {
    let commits = |file: &PathBuf| !file.starts_with("src/db") && Jobs::of(file).commits;
    let found: Vec<PathBuf> = below("src").into_iter().filter(commits).collect();
    let mut reviewed: Vec<PathBuf> = COMMITS.iter().map(|(file, _)| PathBuf::from(file)).collect();
    reviewed.sort();
    assert_eq!(found, reviewed);
}

#[test]
fn calls_and_pages_know_nothing_of_each_other() {
    let program = Program::read(Path::new("src"));
    let mut found = Vec::new();
    for (file, used) in program.uses() {
        for (here, there) in [("pages", "api"), ("api", "pages")] {
            let strays = used.iter().filter(|used| is_part(file, here) && is_part(used, there));
            found.extend(strays.map(|used| format!("{} uses {}", file.display(), used.display())));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let mut files = Vec::new();
    for dir in ["src", "tests/all", "benches", "pwa", "assets", "tests/browser"] {
        collect(Path::new(dir), &["rs", "js"], &mut files);
    }
    assert!(files.len() > 400, "the test finds the files");
    let length = |path: &PathBuf| std::fs::read_to_string(path).unwrap().lines().count();
    let long: Vec<_> = files.iter().map(|path| (length(path), path)).filter(|(lines, _)| *lines > LINES_MAX).collect();
    assert_eq!(long, Vec::new());
}

#[test]
fn no_line_is_wider_than_one_reads() {
    let mut files = below("src");
    let program = files.len();
    collect(Path::new("templates"), &["html"], &mut files);
    assert!(files.len() > program + 100, "the test finds the templates");
    let mut wide = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().zip(1..).filter(|(line, _)| line.chars().count() > WIDTH_MAX);
        wide.extend(lines.map(|(_, n)| format!("{}:{n}", file.display())));
    }
    assert_eq!(wide, Vec::<String>::new());
}

/// Files with such ends to their names, those of tests too.
fn collect(dir: &Path, ends: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ends, found);
        } else if path.extension().is_some_and(|end| ends.iter().any(|known| end == *known)) {
            found.push(path);
        }
    }
}
