use std::collections::BTreeMap;

use super::*;
use crate::lists::{Limits, RowStatus, Skip};

fn today() -> Day {
    Day::parse("2026-01-15").unwrap()
}

fn sample(name: &str) -> Workbook {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    Workbook::open(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

fn status(status: RowStatus) -> &'static str {
    match status {
        RowStatus::New => "new",
        RowStatus::Update => "update",
        RowStatus::Duplicate => "duplicate",
        RowStatus::Error => "error",
        RowStatus::Skipped => "skipped",
    }
}

#[test]
fn the_sample_lists_are_read_as_a_careful_clerk_reads_them() {
    let path = format!("{}/tests/data/expected.json", env!("CARGO_MANIFEST_DIR"));
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for file in ["danh-sach-ho-kdc-03-a.xlsx", "danh-sach-ho-kdc-03-b.xlsx", "danh-sach-thue-tro.csv"] {
        let reading = read(&sample(file), &[], today()).unwrap();
        let found: Vec<(u64, &str)> = reading.data().map(|row| (u64::from(row.at.row), status(row.status))).collect();
        let wanted: Vec<(u64, &str)> = expected[file]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["row"].as_u64().unwrap(), row["status"].as_str().unwrap()))
            .collect();
        assert_eq!(found, wanted, "{file}");
        let totals = reading.totals();
        for (count, name) in [(totals.new, "new"), (totals.duplicate, "duplicate"), (totals.error, "error")] {
            assert_eq!(count as u64, expected[file][name].as_u64().unwrap(), "{file} {name}");
        }
    }
}
