//! A minute of mutated lists of every kind: each ends in a preview or a reason, never in a crash, in silence or in memory
//! beyond the budget.
//!
//! `LALANH_MUTATE_SECS` says how many seconds on each database (thirty in CI, otherwise two), `LALANH_MUTATE_SEED` repeats
//! a run: a failure names the seed and the case, and the one xor the other is the seed of a run that begins with it.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use reqwest::StatusCode;
use reqwest::multipart::Part;

use crate::broken_lists::GOOD;
use crate::list_files::{STREAM_AT, number_cell, ods, record, text_cell, unzipped, xls, zipped};
use crate::on_both;

/// Where lists of each kind are sent.
const PATHS: [&str; 3] = ["/api/v1/households/imports", "/api/v1/donations/imports", "/api/v1/rent-reductions/imports"];
/// What the service itself takes at most, whatever comes.
const MEMORY_MAX: u64 = 512 << 20;
/// How long any of these small lists takes at most, on a machine with much else to do.
const LONGEST: Duration = Duration::from_secs(60);

fn seconds() -> u64 {
    let usual = if std::env::var_os("CI").is_some() { 30 } else { 2 };
    std::env::var("LALANH_MUTATE_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(usual)
}

fn seed() -> u64 {
    let chosen = std::env::var("LALANH_MUTATE_SEED").ok().and_then(|seed| seed.parse().ok());
    chosen.unwrap_or_else(|| RandomState::new().hash_one(0))
}

/// Lists that can be read, of every kind and format.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut samples: Vec<(String, Vec<u8>)> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "xlsx" || end == "csv"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    samples.sort();
    let rows: Vec<Vec<&str>> = GOOD.lines().map(|line| line.split(',').collect()).collect();
    let (mut records, mut table) = (Vec::new(), String::new());
    let spans = [0_u32, 40, 0x0005_0000, 0].iter().flat_map(|n| n.to_le_bytes()).take(14).collect::<Vec<u8>>();
    records.extend(record(0x0200, &spans));
    for row in 0..40 {
        table += "<table:table-row table:number-rows-repeated=\"1\">";
        for (column, cell) in rows[usize::from(row > 0)].iter().enumerate() {
            let (column, text) = (column as u16, format!("{cell} {row}"));
            records.extend(if column == 4 && row > 0 {
                number_cell(row, column, 4.0)
            } else {
                text_cell(row, column, &text)
            });
            table += &format!(
                "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"1\"><text:p>{text}</text:p></table:table-cell>"
            );
        }
        table += "</table:table-row>";
    }
    samples.push(("tay.xls".into(), xls(&records)));
    samples.push(("tay.ods".into(), ods(&format!("<table:table table:name=\"KDC 3\">{table}</table:table>"))));
    samples.push(("tay.csv".into(), GOOD.into()));
    samples
}

/// Numbers that readers trip over.
const ODD: [u64; 12] =
    [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1_048_577];

fn within(rng: &mut StdRng, length: usize) -> std::ops::Range<usize> {
    let from = rng.random_range(0..length);
    from..(from + rng.random_range(1..=512)).min(length)
}

/// Changes some bytes: bits, fields, chunks, the length.
fn mutate(rng: &mut StdRng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match rng.random_range(0..8) {
        0 => {
            (0..rng.random_range(1..16)).for_each(|_| bytes[rng.random_range(0..length)] ^= 1 << rng.random_range(0..8))
        }
        1 => {
            let (odd, width) =
                (ODD[rng.random_range(0..ODD.len())].to_le_bytes(), [1, 2, 4, 8][rng.random_range(0..4)]);
            let at = rng.random_range(0..length);
            let width = width.min(length - at);
            bytes[at..at + width].copy_from_slice(&odd[..width]);
        }
        2 => bytes.truncate(rng.random_range(0..length)),
        3 => {
            let chunk = bytes[within(rng, length)].to_vec();
            let (at, times) = (rng.random_range(0..length), rng.random_range(1..50));
            bytes.splice(at..at, chunk.repeat(times));
        }
        4 => drop(bytes.drain(within(rng, length))),
        5 => {
            let range = within(rng, length);
            rng.fill_bytes(&mut bytes[range]);
        }
        6 => {
            let range = within(rng, length);
            bytes[range].fill([0, 0xFF, b' ', b'"'][rng.random_range(0..4)]);
        }
        _ => odd_number(rng, bytes),
    }
}

/// Puts an odd number in place of one that is written in digits.
fn odd_number(rng: &mut StdRng, bytes: &mut Vec<u8>) {
    let from = rng.random_range(0..bytes.len());
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let end = bytes[start..].iter().position(|b| !b.is_ascii_digit()).map_or(bytes.len(), |at| start + at);
    let odd = ["-1".to_owned(), "1e308".to_owned(), "9".repeat(30), ODD[rng.random_range(0..ODD.len())].to_string()];
    bytes.splice(start..end, odd[rng.random_range(0..odd.len())].bytes());
}

/// Changes the lengths, rows and columns of some records of an `.xls`.
fn mutate_records(rng: &mut StdRng, bytes: &mut [u8]) {
    let (mut at, mut places) = (STREAM_AT, Vec::new());
    while let Some(&[_, _, low, high]) = bytes.get(at..at + 4) {
        places.push(at);
        at += 4 + usize::from(u16::from_le_bytes([low, high]));
    }
    for _ in 0..rng.random_range(1..4) {
        let place = places[rng.random_range(0..places.len())] + [0, 2, 4, 6, 8, 10, 12][rng.random_range(0..7)];
        let odd = ODD[rng.random_range(0..ODD.len())].to_le_bytes();
        if let Some(field) = bytes.get_mut(place..place + 2) {
            field.copy_from_slice(&odd[..2]);
        }
    }
}

fn mutated(rng: &mut StdRng, sample: &[u8]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    let inside = rng.random_bool(0.7);
    if inside && sample.starts_with(b"PK") {
        let mut parts = unzipped(sample);
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..parts.len());
            mutate(rng, &mut parts[at].1);
        }
        return zipped(&parts.iter().map(|(name, part)| (name.as_str(), part.as_slice())).collect::<Vec<_>>());
    }
    if inside && sample.starts_with(b"\xD0\xCF") {
        mutate_records(rng, &mut bytes);
        return bytes;
    }
    for _ in 0..rng.random_range(1..4) {
        mutate(rng, &mut bytes);
    }
    bytes
}

on_both! {
    async fn a_mutated_list_ends_in_a_preview_or_a_reason(app: TestApp) {
        app.ward().await;
        let running = app.program().serve(&[], "warn");
        let (samples, seed) = (samples(), seed());
        let (start, mut previews, mut refusals) = (Instant::now(), 0, 0);
        for case in 0_u64.. {
            if start.elapsed() > Duration::from_secs(seconds()) {
                break;
            }
            let mut rng = StdRng::seed_from_u64(seed ^ case);
            let (name, sample) = &samples[rng.random_range(0..samples.len())];
            let (path, bytes) = (PATHS[rng.random_range(0..PATHS.len())], mutated(&mut rng, sample));
            let named = format!("LALANH_MUTATE_SEED={seed}, case {case}: {name} to {path}");
            let file = Part::bytes(bytes).file_name(name.clone());
            let answer = tokio::time::timeout(LONGEST, running.upload(path, "en", &app.admin, file)).await;
            let (status, answer) = answer.unwrap_or_else(|_| panic!("{named}: no answer"));
            match status {
                StatusCode::CREATED => previews += 1,
                StatusCode::UNPROCESSABLE_ENTITY => {
                    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
                    assert!(answer["errors"][0]["field"] == "file" && message.len() > 20, "{named}: {answer}");
                    refusals += 1;
                }
                _ => panic!("{named}: {status} {answer}\n{}", running.killed()),
            }
        }
        println!("{previews} previews, {refusals} refusals, seed {seed}");
        assert!(previews > 0 && refusals > 0, "LALANH_MUTATE_SEED={seed}: {previews} previews, {refusals} refusals");
        assert!(running.peak_memory() < MEMORY_MAX, "LALANH_MUTATE_SEED={seed}: {} MB", running.peak_memory() >> 20);
    }
}
