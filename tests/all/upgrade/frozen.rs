//! Migrations that were released are frozen: databases out there have run them as they were.
//!
//! `migrations/frozen.txt` has a line for each: its file's name and SHA-256. `make freeze` adds the lines of new ones,
//! and changes none.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// What is frozen, in the order in which it runs.
const FROZEN: &str = "migrations/frozen.txt";

/// The migrations by their names, which begin with their numbers, each with its SHA-256.
fn migrations() -> BTreeMap<String, String> {
    let sha256 = |bytes: &[u8]| HEXLOWER.encode(digest(&SHA256, bytes).as_ref());
    let paths = std::fs::read_dir("migrations").unwrap().map(|entry| entry.unwrap().path());
    let sql = paths.filter(|path| path.extension().is_some_and(|end| end == "sql"));
    sql.map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, sha256(&std::fs::read(path).unwrap()))
    })
    .collect()
}

/// The frozen ones: name and SHA-256.
fn frozen(text: &str) -> Vec<(&str, &str)> {
    text.lines().map(|line| line.split_once(' ').unwrap_or_else(|| panic!("{FROZEN}: «{line}»"))).collect()
}

/// What is wrong with the migrations, seen from what is frozen.
fn faults(frozen: &[(&str, &str)], migrations: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, sha256) in frozen {
        match migrations.get(*name) {
            None => faults.push(format!("{name} was released: it must not be removed or renamed")),
            Some(found) if found != sha256 => {
                faults.push(format!("{name} was released: it must not change, a new migration puts it right"));
            }
            Some(_) => {}
        }
    }
    if !frozen.is_sorted() {
        faults.push(format!("{FROZEN} has its lines in the order of their numbers"));
    }
    let last = frozen.last().map_or("", |(name, _)| name);
    let new = migrations.keys().filter(|name| !frozen.iter().any(|(known, _)| known == name));
    for name in new.filter(|name| name.as_str() < last) {
        faults.push(format!("{name} comes before {last}, which was released: a new migration has the next number"));
    }
    faults
}

/// The number of the newest frozen migration.
pub fn newest() -> i64 {
    let text = std::fs::read_to_string(FROZEN).unwrap();
    let (name, _) = *frozen(&text).last().unwrap();
    name.split('_').next().unwrap().parse().unwrap()
}

#[test]
fn released_migrations_stay_as_they_are_and_new_ones_come_after_them() {
    let migrations = migrations();
    let mut text = std::fs::read_to_string(FROZEN).unwrap_or_default();
    assert_eq!(faults(&frozen(&text), &migrations), Vec::<String>::new());
    if std::env::var_os("LALANH_FREEZE").is_some() {
        let known = frozen(&text).len();
        for (name, sha256) in migrations.iter().skip(known) {
            text.push_str(&format!("{name} {sha256}\n"));
        }
        std::fs::write(FROZEN, &text).unwrap();
    }
    assert!(!text.is_empty(), "nothing is frozen: make freeze");
}

#[test]
fn a_changed_a_removed_and_a_squeezed_in_migration_are_found() {
    let of = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
        files.iter().map(|(name, sha256)| ((*name).to_owned(), (*sha256).to_owned())).collect()
    };
    let frozen = [("0001_people.sql", "aa"), ("0003_households.sql", "bb")];
    let found = |files: &[(&str, &str)]| faults(&frozen, &of(files)).join("\n");
    let whole = [frozen[0], frozen[1], ("0004_goods.sql", "cc")];
    assert_eq!(found(&whole), "");
    assert!(found(&[frozen[0], ("0003_households.sql", "b0")]).contains("must not change"));
    assert!(found(&[frozen[0], ("0003_registry.sql", "bb")]).contains("must not be removed"));
    assert!(found(&[frozen[0], frozen[1], ("0002_places.sql", "cc")]).contains("has the next number"));
}
