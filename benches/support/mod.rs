//! What the benches share: medians, the disk's own speed, a folder, and both databases with their flushes on.

#![allow(dead_code, reason = "each bench takes what it needs")]

pub mod papers;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use lalanh::app::{Options, open};
use lalanh::http::{Config, Core};
use lalanh::kernel::Clock;

/// The middle one.
pub fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

/// What a piece of work gave, and the seconds it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// Seconds that one fdatasync of a 4 KiB write takes in a folder: the median of twenty.
pub fn fsync_secs(dir: &Path) -> f64 {
    let path = dir.join("fsync-probe");
    let mut file = std::fs::File::create(&path).expect("the bench's folder is writable");
    let times = (0..20).map(|_| {
        timed(|| file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("the bench's folder is writable")).1
    });
    let middle = median(times.collect());
    // The folder may be one that others use too.
    let _ = std::fs::remove_file(&path);
    middle
}

/// A folder of the bench's own, removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lalanh-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the folder for temporary files is writable");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A PostgreSQL of the bench's own that flushes every commit to the disk, stopped at the end.
pub struct Postgres {
    pub url: String,
    folder: String,
}

impl Postgres {
    /// Starts one; nothing, with the reason printed, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let started = Command::new(script()).env("LALANH_TEST_POSTGRES_FSYNC", "on").output();
        let said = match started {
            Ok(output) if output.status.success() => String::from_utf8(output.stdout).ok()?,
            _ => {
                println!("PostgreSQL: not installed, left out");
                return None;
            }
        };
        let (url, folder) = said.trim().split_once(char::is_whitespace)?;
        Some(Self { url: url.to_owned(), folder: folder.trim().to_owned() })
    }

    /// Where it keeps its data, to probe that disk.
    pub fn folder(&self) -> &Path {
        Path::new(&self.folder)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new(script()).args(["stop", &self.folder]).status();
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/postgres")
}

/// The service's state on a fresh database.
pub async fn core(dir: PathBuf, database: Option<String>) -> Core {
    // Lists are read by the program itself, as in the service; with this variable in the bench's process, to compare.
    let apart = std::env::var_os("LALANH_BENCH_LISTS_HERE").is_none();
    let config = Config { list_reader: apart.then(|| env!("CARGO_BIN_EXE_lalanh").into()), ..Config::default() };
    let options = Options { data_dir: dir, database, config };
    open(&options, Clock::system()).await.expect("an empty folder and database open")
}

/// Keeps one figure for the table at the end of `make bench`: what was done where, what it gave, what it is measured by.
/// Without the variable, which names the table's file, it is only printed where it arises.
pub fn figure(work: &str, gave: &str, by: &str) {
    if let Some(table) = std::env::var_os("LALANH_BENCH_TABLE") {
        let opened = std::fs::OpenOptions::new().create(true).append(true).open(table);
        let line = format!("{work}\t{gave}\t{by}\n");
        opened.and_then(|mut table| table.write_all(line.as_bytes())).expect("the table's file is writable");
    }
}

/// The words on the command line that choose what to run; none: everything.
pub fn chosen() -> Vec<String> {
    std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect()
}

/// Whether something is to be run.
pub fn is_chosen(chosen: &[String], name: &str) -> bool {
    chosen.is_empty() || chosen.iter().any(|word| word == name)
}
