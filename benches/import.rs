//! A list of 100,000 households: read, cleaned, matched and previewed, beside calamine merely reading the file; matched
//! against 250,000 and 1,000,000 stored households; committed.
//!
//! `cargo bench --bench import [-- sqlite|postgres]`. Medians of three; only the ratios travel between machines.

#[path = "support/mod.rs"]
mod support;

use std::io::Cursor;
use std::path::Path;
use std::time::Instant;

use axum::body::Bytes;
use calamine::{Reader as _, Xlsx};
use lalanh::db::Tx;
use lalanh::households::import::commit::CommitBody;
use lalanh::households::import::preview::Preview;
use lalanh::households::import::{HouseholdRow, Households, Options, matching, read};
use lalanh::households::store::{NewHousehold, insert};
use lalanh::households::{Category, Details, Keys};
use lalanh::http::Core;
use lalanh::imports::preview::ListPreview as _;
use lalanh::imports::staged::Progress;
use lalanh::imports::{file, sandbox, service};
use lalanh::kernel::ids::AreaId;
use lalanh::kernel::message::Lang;
use lalanh::kernel::{CitizenId, PhoneNumber};
use lalanh::spreadsheet::{Limits, Reading, RowStatus, Workbook};
use rust_xlsxwriter::Workbook as Writer;
use support::{Folder, Postgres, chosen, core, figure, fsync_secs, is_chosen, median, timed};

/// Rows of the file.
const ROWS: usize = 100_000;
/// Stored households to match against, first few, then many.
const FEW: usize = 250_000;
const MANY: usize = 1_000_000;
const RUNS: usize = 3;

#[tokio::main]
async fn main() {
    let chosen = chosen();
    let folder = Folder::new("import");
    if is_chosen(&chosen, "sqlite") {
        run("SQLite", &folder.0.join("sqlite"), None, &folder.0).await;
    }
    if is_chosen(&chosen, "postgres")
        && let Some(postgres) = Postgres::start()
    {
        let disk = postgres.folder().parent().expect("a folder lies in one").to_owned();
        run("PostgreSQL", &folder.0.join("postgres"), Some(postgres.url.clone()), &disk).await;
    }
}

/// The `n`th household of the ward.
struct Person {
    name: String,
    phone: String,
    citizen: String,
    year: i64,
    address: String,
}

fn person(n: usize) -> Person {
    const FAMILY: [&str; 7] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng"];
    const MIDDLE: [&str; 6] = ["Thị", "Văn", "Hoàng", "Ngọc", "Thị Mỹ", "Đức"];
    const GIVEN: [&str; 11] = ["Hoa", "Ẩn", "Duyên", "Thảo", "Thạch", "Bảy", "Ức", "Yến", "Hường", "Phượng", "Trường"];
    let year = 1950 + n % 50;
    Person {
        name: format!("{} {} {}", FAMILY[n % 7], MIDDLE[n / 7 % 6], GIVEN[n / 42 % 11]),
        phone: format!("09{:08}", n * 37 % 100_000_000),
        // A province's code begins it, of which one has a million of them a year.
        citizen: format!("{:03}0{:02}{:06}", 48 + n / 1_000_000, year % 100, n % 1_000_000),
        year: year as i64,
        address: format!("K{}/{} Nguyễn Phước Nguyên", n % 997, n / 997 + 1),
    }
}

/// A file of the households from `first` on, every second of them when `step` is 2.
fn file(first: usize, step: usize) -> Bytes {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet_with_constant_memory().expect("a sheet");
    let titles = ["STT", "Họ và tên chủ hộ", "Số điện thoại", "Số CCCD", "Năm sinh", "Địa chỉ", "Số nhân khẩu", "Diện"];
    for (column, title) in (0..).zip(titles) {
        sheet.write(0, column, title).expect("a title");
    }
    for row in 1..=ROWS as u32 {
        let person = person(first + (row as usize - 1) * step);
        sheet.write(row, 0, row).expect("a number");
        for (column, text) in [(1, &person.name), (2, &person.phone), (3, &person.citizen), (5, &person.address)] {
            sheet.write(row, column, text).expect("a text");
        }
        sheet.write(row, 4, person.year).expect("a number");
        sheet.write(row, 6, 4).expect("a number");
        sheet.write(row, 7, "Hộ nghèo").expect("a text");
    }
    writer.save_to_buffer().expect("a workbook").into()
}

async fn run(name: &str, dir: &Path, database: Option<String>, disk: &Path) {
    let core = core(dir.to_owned(), database).await;
    let area = ward(&core).await;
    // Half of the file's rows are stored already.
    let (half, fresh) = (file(FEW - ROWS / 2, 1), file(MANY, 1));
    println!("{name}, {ROWS} rows in a file of {:.1} MB", half.len() as f64 / 1e6);
    store(&core, area, 0..FEW).await;
    previews(&core, &half, disk).await;
    let reading = reading(&core, &half);
    let few = matched(&core, &reading, ROWS / 2).await;
    store(&core, area, FEW..MANY).await;
    let many = matched(&core, &reading, ROWS).await;
    let per_row = |secs: f64| secs * 1e3 / ROWS as f64;
    println!(
        "  matching against {FEW}: {:.4} ms a row; {MANY}: {:.4} ms a row (goal ≤ 0.1)",
        per_row(few),
        per_row(many)
    );
    println!("  four times as many stored: {:.2} × the time (near-linear in the rows: ≈ 1)", many / few);
    let (id, previewed) = staged(&core, &fresh).await;
    let start = Instant::now();
    let mut tx = core.db.begin().await.expect("the database takes a transaction");
    let body = CommitBody { consent: true, ..CommitBody::default() };
    let counts = service::commit::<Households>(&mut tx, &core, None, id, body).await.expect("a stored list");
    tx.commit().await.expect("a commit");
    assert_eq!(counts.new, ROWS, "every row is new: {counts:?}");
    let committed = start.elapsed().as_secs_f64();
    println!(
        "  {ROWS} new: preview {previewed:.2} s, commit {committed:.2} s   fdatasync {:.2} ms\n",
        fsync_secs(disk) * 1e3
    );
    figure(&format!("import, matching against {MANY}, {name}"), &format!("{:.4} ms a row", per_row(many)), "≤ 0.1");
    figure(&format!("import, commit of {ROWS} new rows, {name}"), &format!("{committed:.2} s"), "≤ 2 s");
}

async fn ward(core: &Core) -> AreaId {
    let area = AreaId::new(&core.clock);
    let mut tx = core.db.begin().await.expect("the database takes a transaction");
    tx.sql(
        "insert into areas (id, name, name_key, kind, starts_on, created_at)
         values ($1, 'Phường', 'phuong', 'ward', '2000-01-01', 0)",
    )
    .bind(area)
    .execute()
    .await
    .expect("a ward");
    tx.commit().await.expect("a commit");
    area
}

async fn store(core: &Core, area_id: AreaId, which: std::ops::Range<usize>) {
    let mut which = which.peekable();
    while which.peek().is_some() {
        let mut tx = core.db.begin().await.expect("the database takes a transaction");
        let batch: Vec<NewHousehold> = which
            .by_ref()
            .take(4_000)
            .map(|n| {
                let person = person(n);
                let details = Details {
                    area_id,
                    head_name: person.name,
                    phone: Some(PhoneNumber::parse(&person.phone).expect("a phone number")),
                    citizen_id: Some(CitizenId::parse(&person.citizen).expect("an id number")),
                    birth_year: Some(person.year),
                    address: person.address,
                    members: 4,
                    category: Category::Poor,
                    note: String::new(),
                };
                let keys = Keys::of(&core.vault, &details);
                NewHousehold::of(&core.vault, &core.clock, details, keys, None, None)
            })
            .collect();
        insert(&mut tx, &batch).await.expect("households");
        tx.commit().await.expect("a commit");
    }
    // As the service does by itself when nobody hands out.
    core.db.checkpoint().await.expect("the database settles");
}

/// Every cell of the file, as calamine streams them.
fn calamine_reads(bytes: &[u8]) -> usize {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("we wrote it");
    let name = book.sheet_names()[0].clone();
    let mut cells = book.worksheet_cells_reader(&name).expect("we wrote it");
    let mut count = 0;
    while cells.next_cell().expect("we wrote it").is_some() {
        count += 1;
    }
    count
}

/// An uploaded list, as the API shows it before the commit.
async fn shown(core: &Core, file: &Bytes) -> (Tx, Preview) {
    let options = Options::default();
    let read = file::look_up::<Households>(core, file.clone(), options.clone(), Progress::default());
    let read = read.await.expect("a list");
    let mut tx = core.db.begin().await.expect("the database takes a transaction");
    let staged = service::stage::<Households>(&mut tx, core, None, "danh-sach.xlsx".into(), options, read);
    let list = staged.await.expect("a list that is kept");
    let shown = Households::preview(&mut tx, &list, Lang::Vi).await.expect("a preview");
    (tx, shown)
}

/// The whole way of an upload, rolled back at the end; seconds.
async fn previewed(core: &Core, file: &Bytes) -> f64 {
    let start = Instant::now();
    let (tx, shown) = shown(core, file).await;
    let rows = shown.rows.iter().filter(|row| row.status != RowStatus::Skipped).count();
    assert_eq!(rows, ROWS, "every row but the titles is previewed");
    let took = start.elapsed().as_secs_f64();
    tx.rollback().await.expect("a roll-back");
    took
}

async fn staged(core: &Core, file: &Bytes) -> (lalanh::kernel::ids::ImportId, f64) {
    let start = Instant::now();
    let (tx, shown) = shown(core, file).await;
    tx.commit().await.expect("a commit");
    (shown.id, start.elapsed().as_secs_f64())
}

async fn previews(core: &Core, file: &Bytes, disk: &Path) {
    let (mut ours, mut theirs, mut opening, mut probes) = (vec![], vec![], vec![], vec![]);
    let (mut here, mut apart) = (vec![], vec![]);
    for _ in 0..RUNS {
        probes.push(fsync_secs(disk));
        theirs.push(timed(|| assert!(calamine_reads(file) >= ROWS * 8)).1);
        opening.push(timed(|| reading(core, file)).1);
        here.push(timed(|| Workbook::open(file, &Limits::default()).expect("we wrote it")).1);
        let start = Instant::now();
        sandbox::open(core, file.clone()).await.expect("we wrote it");
        apart.push(start.elapsed().as_secs_f64());
        ours.push(previewed(core, file).await);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("  read, clean, match with {FEW}, preview   {ours:.2} s (reading and cleaning {:.2} s)", median(opening));
    println!("  calamine reading the file                 {theirs:.2} s");
    println!("  opened in this process {:.2} s, in one of its own {:.2} s", median(here), median(apart));
    println!("  ratio {:.1} × (goal ≤ 3)   fdatasync {:.2} ms", ours / theirs, median(probes) * 1e3);
    let flavour = core.db.flavour();
    let gave = format!("{ours:.2} s, {:.1} × calamine reading it", ours / theirs);
    figure(&format!("import .xlsx of {ROWS} rows, preview, {flavour:?}"), &gave, "≤ 3 ×");
}

fn reading(core: &Core, file: &[u8]) -> Reading<HouseholdRow> {
    let workbook = Workbook::open(file, &Limits::default()).expect("we wrote it");
    read(&workbook, &[], core.clock.today()).expect("a list")
}

async fn matched(core: &Core, reading: &Reading<HouseholdRow>, expected: usize) -> f64 {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut conn = core.db.read().await.expect("the database answers");
        let start = Instant::now();
        let matches = matching::against_registry(&mut conn, &core.vault, reading).await.expect("matches");
        runs.push(start.elapsed().as_secs_f64());
        assert_eq!(matches.iter().flatten().count(), expected, "each stored household is found");
    }
    median(runs)
}
