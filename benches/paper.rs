//! Codes and paper: how long signing, drawing and printing take, beside the libraries' plain ways in the same run.
//!
//! `cargo bench --bench paper`. Figures are medians of five runs on one core; only their ratios travel between
//! machines.

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use lalanh::kernel::{Clock, Day, Moment};
use lalanh::paper::qr::{DEFAULT_SCALE, Level, Matrix};
use lalanh::vouchers::code::{ParsedCode, VoucherCode};
use lalanh::vouchers::keys::SigningKey;
use lalanh::vouchers::print::{Layout, Printed, SheetHead, VoucherPaper, write_vouchers};
use lalanh::vouchers::typed_code::TypedCode;

const INSTANCE: [u8; 16] = *b"phuong-thanh-khe";

fn main() {
    // First of all, while the process is small: the peak of memory is then the printing's own.
    print_sheets();
    print_codes();
}

/// Seconds of the middle one of five runs.
fn median(mut work: impl FnMut()) -> f64 {
    let mut runs: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs[2]
}

fn rate(label: &str, count: usize, work: impl FnMut()) -> f64 {
    let secs = median(work);
    let per_sec = count as f64 / secs;
    println!("{label:<58}{per_sec:>12.0} /s {:>10.2} µs each", secs * 1e6 / count as f64);
    per_sec
}

fn code(serial: u32) -> VoucherCode {
    let day = Day::from_ymd(2021, 8, 5).expect("the day exists");
    VoucherCode {
        kid: 1,
        round: 3,
        serial,
        issue: 1,
        package: 2,
        point: 1,
        valid_from: day,
        valid_until: day,
        units: 1,
    }
}

fn paper(serial: u32, key: &SigningKey, clock: &Clock) -> VoucherPaper {
    const FAMILY: [&str; 7] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng"];
    const MIDDLE: [&str; 6] = ["Thị", "Văn", "Hoàng", "Ngọc", "Thị Mỹ", "Đức"];
    const GIVEN: [&str; 11] = ["Hoa", "Ẩn", "Duyên", "Thảo", "Thạch", "Bảy", "Ức", "Yến", "Hường", "Phượng", "Trường"];
    let pick = |names: &[&'static str], step: u32| names[(serial / step) as usize % names.len()];
    VoucherPaper {
        household_name: format!("{} {} {}", pick(&FAMILY, 1), pick(&MIDDLE, 7), pick(&GIVEN, 3)),
        address: format!("K{}/{} Nguyễn Phước Nguyên", 10 + serial % 290, serial % 60 + 1),
        area: format!("KDC {:02}, tổ {}", serial / 900 + 1, serial / 30 % 60 + 1),
        point_name: format!("Nhà văn hóa khu dân cư {:02}", serial / 900 + 1),
        point_address: format!("{} Trần Cao Vân, phường Thanh Khê", 200 + serial / 900),
        day: "Thứ Năm 05/08/2021".into(),
        slot: Some(format!("{:02}:{:02} – {:02}:{:02}", 7 + serial / 300 % 10, 0, 7 + serial / 300 % 10, 20)),
        package: "Gạo và trứng".into(),
        contents: vec!["10 kg gạo".into(), "10 quả trứng".into(), "1 lít dầu ăn".into()],
        units: 1,
        serial,
        code: code(serial).sign(key, &INSTANCE),
        typed_code: TypedCode::random(clock),
        proxy_hint: None,
    }
}

/// Counts, and keeps nothing.
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line of `/proc/self/status` in MiB, where there is one.
fn memory_mib(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|l| l.strip_prefix(line)?.trim_start_matches(':').split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0.0_f64) / 1024.0
}

fn print(layout: Layout, count: u32) -> (Printed, f64) {
    let key = SigningKey::from_seed(1, &[5; 32]).expect("32 bytes are a seed");
    let clock = Clock::fixed(Moment::from_micros(0), 1);
    let head = SheetHead {
        issuer: "UBMTTQVN phường Thanh Khê".into(),
        campaign: "San sẻ yêu thương, vượt qua đại dịch".into(),
        round: "Đợt 3".into(),
        written_at: Moment::from_micros(0),
    };
    let start = Instant::now();
    let papers = (0..count).map(|serial| paper(serial, &key, &clock));
    let printed = write_vouchers(Sink(0), &head, layout, papers).expect("a sink takes everything");
    (printed, start.elapsed().as_secs_f64())
}

fn print_sheets() {
    println!("PDF (signing each code included)      vouchers   seconds    bytes   pages   peak memory");
    println!("{:<66}{:>20.1} MiB", "before", memory_mib("VmHWM"));
    for (layout, count) in [
        (Layout::Eight, 1_000),
        (Layout::Eight, 10_000),
        (Layout::Eight, 50_000),
        (Layout::CardAndStub, 10_000),
        (Layout::One, 10_000),
    ] {
        let mut runs: Vec<_> = (0..3).map(|_| print(layout, count)).collect();
        runs.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (printed, secs) = runs[1];
        if (layout, count) == (Layout::Eight, 10_000) {
            let gave = format!("{secs:.2} s, {:.1} MB", printed.bytes as f64 / 1e6);
            support::figure("PDF of 10,000 vouchers", &gave, "≤ 0.5 s, 4 MB");
        }
        println!(
            "{:<36}{count:>10}{secs:>10.3}{:>9}{:>8}{:>9.1} MiB",
            layout.name(),
            printed.bytes,
            printed.pages,
            memory_mib("VmHWM")
        );
    }
}

fn print_codes() {
    let key = SigningKey::from_seed(1, &[5; 32]).expect("32 bytes are a seed");
    let public = key.public_key();
    println!("\ncodes and pictures");
    rate("sign 100,000 codes", 100_000, || {
        for serial in 0..100_000 {
            black_box(code(serial).sign(&key, &INSTANCE));
        }
    });
    let texts: Vec<String> = (0..2_000).map(|serial| code(serial).sign(&key, &INSTANCE)).collect();
    rate("parse and verify", 2_000, || {
        for text in &texts {
            let parsed = ParsedCode::parse(text).expect("we signed it");
            black_box(parsed.verify_with(&public, &INSTANCE).expect("we signed it"));
        }
    });
    let clock = Clock::fixed(Moment::from_micros(0), 1);
    rate("typed codes", 100_000, || {
        for _ in 0..100_000 {
            black_box(TypedCode::random(&clock));
        }
    });
    let ours = rate("QR modules, ours", 2_000, || {
        for text in &texts {
            black_box(Matrix::encode(text, Level::M).expect("a code fits"));
        }
    });
    let library = rate("QR modules, crate qrcode with its search for a mask", 200, || {
        for text in &texts[..200] {
            black_box(qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).expect("a code fits"));
        }
    });
    println!("{:<58}{:>12.1} ×", "ours / crate qrcode", ours / library);
    support::figure("QR codes", &format!("{:.0} × crate qrcode", ours / library), "≥ 35 ×");
    let matrices: Vec<Matrix> = texts.iter().map(|t| Matrix::encode(t, Level::M).expect("a code fits")).collect();
    rate("PNG, 8 dots a module", 2_000, || {
        for matrix in &matrices {
            black_box(matrix.png(DEFAULT_SCALE));
        }
    });
    rate("SVG", 2_000, || {
        for matrix in &matrices {
            black_box(matrix.svg());
        }
    });
    println!("{:<58}{:>12} bytes PNG, {} bytes SVG", "", matrices[0].png(DEFAULT_SCALE).len(), matrices[0].svg().len());
}
