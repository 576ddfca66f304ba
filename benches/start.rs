//! The program itself: from its start to the first answer, its memory when idle, its size.
//!
//! `cargo bench --bench start`. Medians of five. The first start also makes the database; the others find it there.

#[path = "support/mod.rs"]
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Folder, figure, fsync_secs, median};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lalanh");
const RUNS: usize = 5;

fn main() {
    let folder = Folder::new("start");
    let data = folder.0.join("data");
    let (first, _) = start(&data);
    let runs: Vec<(f64, f64)> = (0..RUNS).map(|_| start(&data)).collect();
    let secs = median(runs.iter().map(|run| run.0).collect());
    let memory = median(runs.iter().map(|run| run.1).collect());
    let size = std::fs::metadata(PROGRAM).expect("the program was built").len() as f64 / 1e6;
    println!(
        "start to first answer, database to be made   {first:.3} s   fdatasync {:.2} ms",
        fsync_secs(&folder.0) * 1e3
    );
    println!("start to first answer                        {secs:.3} s   (goal ≤ 0.3)");
    println!("memory when idle                             {memory:.1} MB (goal ≤ 40)");
    println!("program                                      {size:.1} MB");
    figure("start to the first answer", &format!("{secs:.3} s"), "≤ 0.3 s");
    figure("memory when idle", &format!("{memory:.1} MB"), "≤ 40 MB");
    figure("size of the program", &format!("{size:.1} MB"), "");
}

/// Seconds to the first answer of `/readyz`, and MB of resident memory a moment later.
fn start(data: &Path) -> (f64, f64) {
    let begun = Instant::now();
    let mut program = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let address = address(&mut program);
    let mut stream = TcpStream::connect(&address).expect("the program listens");
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the program reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the program answers");
    let took = begun.elapsed().as_secs_f64();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    std::thread::sleep(Duration::from_millis(500));
    let memory = memory_mb(program.id());
    program.kill().expect("the program can be ended");
    program.wait().expect("the program ends");
    (took, memory)
}

fn address(program: &mut Child) -> String {
    let stdout = program.stdout.take().expect("its output is ours");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("the program says where it listens");
    line.trim().rsplit("//").next().unwrap_or_default().to_owned()
}

fn memory_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(f64::NAN);
    kib * 1024.0 / 1e6
}
