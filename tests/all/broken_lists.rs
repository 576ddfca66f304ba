//! Lists made to break what reads them: each is refused with the reason, and the service goes on.

use std::io::{Cursor, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use lalanh::imports::sandbox;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::backup::said;
use crate::list_files::{STREAM_AT, number_cell, ods, record, text_cell, unzipped, xls, xls_of, xlsx, zipped};
use crate::on_both;
use crate::operations::Running;

/// A list that can be read.
pub const GOOD: &str = "STT,Họ và tên,SĐT,Địa chỉ,Số khẩu\n1,Trần Thị Hòa,0905123456,12 Phan Nhu,4\n";
const HOUSEHOLDS: &str = "/api/v1/households/imports";
/// What the service itself takes at most while lists are read, beyond what it had: files that arrive, and two lists.
const GROWS_AT_MOST: u64 = 640 << 20;

/// A file: its name, its bytes, and the codes of which one is the answer.
type Broken = (&'static str, Vec<u8>, &'static [&'static str]);

/// What a reader that ran out of memory or time is reported as, or one that saw in time where that leads.
const ENDED: &[&str] = &["too_much_work", "damaged_file", "file_too_large"];

impl Running {
    /// Uploads a file; status and answer.
    pub async fn upload(&self, path: &str, lang: &str, token: &str, file: impl Into<Part>) -> (StatusCode, Value) {
        let form = Form::new().part("file", file.into());
        let request = reqwest::Client::new().post(format!("{}{path}", self.base)).multipart(form);
        let request = request.bearer_auth(token).header("accept-language", lang).timeout(Duration::from_secs(110));
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    /// Bytes that the service had at most, as the system counts them.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }
}

fn part(name: &'static str, bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name(name)
}

/// Two cells in opposite corners: every cell between them is asked for.
pub fn stray_cell() -> Vec<u8> {
    xls(&[text_cell(0, 0, "Họ và tên"), number_cell(0xFFFF, 0xFFFF, 1.0)].concat())
}

fn broken_xls() -> Vec<Broken> {
    let few = [text_cell(0, 0, "Họ và tên"), text_cell(1, 0, "Trần Thị Ý")].concat();
    let mut lying = few.clone();
    // The second record goes on far beyond the stream.
    let second = text_cell(0, 0, "Họ và tên").len();
    lying[second + 2..second + 4].copy_from_slice(&0xFFF0_u16.to_le_bytes());
    let spans = |rows: u32, columns: u16| {
        let data =
            [&0_u32.to_le_bytes()[..], &rows.to_le_bytes(), &0_u16.to_le_bytes(), &columns.to_le_bytes(), &[0; 2]];
        xls(&[record(0x0200, &data.concat()), few.clone()].concat())
    };
    let mut circle = xls(&few);
    // The table of sectors follows the stream: the directory's first sector comes after itself.
    let sectors = (circle.len() - STREAM_AT) / 512;
    let table =
        (1..=sectors).map(|back| circle.len() - back * 512).find(|at| circle[*at..*at + 4] == [0xFE, 0xFF, 0xFF, 0xFF]);
    let table = table.unwrap();
    circle[table..table + 4].copy_from_slice(&0_u32.to_le_bytes());
    vec![
        ("o-lac.xls", stray_cell(), &["too_much_work"]),
        ("do-dai-sai.xls", xls(&lying), &["damaged_file"]),
        ("kich-thuoc-sai.xls", spans(u32::MAX, u16::MAX), ENDED),
        ("kich-thuoc-lon.xls", spans(0x0100_0000, 0xFFF0), ENDED),
        ("nhieu-trang.xls", xls_of(20_000, &few), &["too_many_sheets"]),
        ("vong-tron.xls", circle, ENDED),
    ]
}

/// A zip whose parts unpack to more than a gigabyte: one packed part, named again and again.
fn bomb() -> Vec<u8> {
    let one = zipped(&[("one", &vec![b' '; 64 << 20])]);
    let mut archive = ZipArchive::new(Cursor::new(&one)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<workbook/>").unwrap();
    for number in 0..17 {
        zip.raw_copy_file_rename(archive.by_index(0).unwrap(), format!("xl/media/{number}.xml")).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Says of the shared texts that there are forty million, for which room is made at once: no more than the part has
/// bytes, which a check beforehand lets pass.
fn claiming(workbook: &[u8]) -> Vec<u8> {
    let mut parts = unzipped(workbook);
    let (_, shared) = parts.iter_mut().find(|(name, _)| name == "xl/sharedStrings.xml").unwrap();
    shared.splice(4..4, *b" uniqueCount=\"40000000\"");
    zipped(&parts.iter().map(|(name, part)| (name.as_str(), part.as_slice())).collect::<Vec<_>>())
}

fn broken_zips() -> Vec<Broken> {
    let names: Vec<String> = (0..6_000).map(|n| format!("xl/{n}.xml")).collect();
    let mut entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"<x/>"[..])).collect();
    entries.push(("xl/workbook.xml", b"<workbook/>"));
    let cell = |row: usize| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>");
    let shared: String = (1..=3_000).map(cell).collect();
    let long = format!("<si><t>{}</t></si>", "a".repeat(90_000));
    let deep = format!("<sheetData>{}", "<a>".repeat(3_000_000));
    let wide = "<sheetData><row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row></sheetData>";
    let last = "<sheetData><row r=\"4294967295\"><c r=\"A4294967295\"><v>1</v></c></row></sheetData>";
    let sheets = vec!["<sheetData/>"; 1_500];
    let table = |rows: &str| ods(&format!("<table:table table:name=\"A\">{rows}</table:table>"));
    let filled = "<table:table-cell office:value-type=\"float\" office:value=\"1\"";
    vec![
        ("bom.xlsx", bomb(), &["file_too_large"]),
        ("nhieu-phan.xlsx", zipped(&entries), &["not_a_workbook"]),
        ("chuoi-dung-lai.xlsx", xlsx(&[&format!("<sheetData>{shared}</sheetData>")], &long), &["file_too_large"]),
        ("khai-man.xlsx", claiming(&xlsx(&[wide], &" ".repeat(40 << 20))), &["too_much_work"]),
        ("long-sau.xlsx", xlsx(&[&deep], ""), &["damaged_file", "no_rows"]),
        ("o-rat-xa.xlsx", xlsx(&[wide], ""), &["too_many_columns"]),
        ("dong-rat-xa.xlsx", xlsx(&[last], ""), &["damaged_file"]),
        ("nhieu-trang.xlsx", xlsx(&sheets, ""), &["too_many_sheets"]),
        ("so.xlsb", zipped(&[("xl/workbook.bin", b"\x83\x01\0")]), &["xlsb"]),
        (
            "lap-cot.ods",
            table(&format!(
                "<table:table-row>{filled} table:number-columns-repeated=\"2000000000\"/></table:table-row>"
            )),
            &["too_much_work", "damaged_file", "too_many_rows", "too_many_columns"],
        ),
        (
            "lap-dong.ods",
            table(&format!(
                "<table:table-row table:number-rows-repeated=\"1048576\">{}</table:table-row>",
                format!("{filled}/>").repeat(200)
            )),
            &["too_much_work", "too_many_rows"],
        ),
    ]
}

fn broken_texts() -> Vec<Broken> {
    let header = "Họ và tên,SĐT\n";
    vec![
        ("trieu-cot.csv", format!("{header}{}\n", "a,".repeat(3_000_000)).into_bytes(), &["too_many_columns"]),
        ("mot-dong.csv", "a".repeat(24 << 20).into_bytes(), &["cell_too_long"]),
        ("day-cot.csv", format!("{}x\n", ",".repeat(255)).repeat(60_000).into_bytes(), &["file_too_large"]),
    ]
}

fn assert_refused(name: &str, lang: &str, codes: &[&str], (status, problem): &(StatusCode, Value)) {
    let error = &problem["errors"][0];
    assert_eq!((*status, &error["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("file")), "{name}: {problem}");
    assert!(codes.contains(&error["code"].as_str().unwrap()), "{name}: {problem}");
    let message = error["message"].as_str().unwrap();
    let vietnamese = message.chars().any(|c| ('\u{1EA0}'..='\u{1EF9}').contains(&c));
    assert!(message.len() > 40 && vietnamese == (lang == "vi"), "{name} in {lang}: {message}");
}

on_both! {
    async fn a_list_made_to_break_its_reader_is_refused_and_the_service_goes_on(app: TestApp) {
        app.ward().await;
        let running = app.program().serve(&[], "warn");
        let (status, preview) = running.upload(HOUSEHOLDS, "vi", &app.admin, part("tot.csv", GOOD.into())).await;
        assert_eq!((status, &preview["totals"]["new"]), (StatusCode::CREATED, &json!(1)), "{preview}");
        let before = running.peak_memory();
        let files = broken_xls().into_iter().chain(broken_zips()).chain(broken_texts());
        for (at, (name, bytes, codes)) in files.enumerate() {
            let lang = ["vi", "en"][at % 2];
            let answer = running.upload(HOUSEHOLDS, lang, &app.admin, part(name, bytes)).await;
            assert_refused(name, lang, codes, &answer);
        }
        let (status, preview) = running.upload(HOUSEHOLDS, "vi", &app.admin, part("tot.csv", GOOD.into())).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
        let grown = running.peak_memory() - before;
        assert!(grown < GROWS_AT_MOST, "the service took {} MB more", grown >> 20);
    }

    async fn many_lists_at_once_share_one_budget_and_each_is_answered(app: TestApp) {
        app.ward().await;
        let running = app.program().serve(&[], "warn");
        running.upload(HOUSEHOLDS, "vi", &app.admin, part("tot.csv", GOOD.into())).await;
        let before = running.peak_memory();
        // The client keeps one copy, the service one of each.
        let long: &'static [u8] = Box::leak(vec![b'a'; 20 << 20].into_boxed_slice());
        let stray: &'static [u8] = Box::leak(stray_cell().into_boxed_slice());
        let uploads = (0..30).map(|n| {
            let file = Part::bytes(if n % 3 == 0 { stray } else { long }).file_name("ds.xls");
            running.upload(HOUSEHOLDS, "vi", &app.admin, file)
        });
        for (status, answer) in futures_util::future::join_all(uploads).await {
            match status {
                StatusCode::SERVICE_UNAVAILABLE => assert_eq!(answer["code"], "busy", "{answer}"),
                _ => assert_refused("ds.xls", "vi", &["too_much_work", "cell_too_long"], &(status, answer)),
            }
        }
        let grown = running.peak_memory() - before;
        assert!(grown < GROWS_AT_MOST, "the service took {} MB more", grown >> 20);
        let (status, preview) = running.upload(HOUSEHOLDS, "vi", &app.admin, part("tot.csv", GOOD.into())).await;
        assert_eq!(status, StatusCode::CREATED, "{preview}");
    }

    async fn pages_and_the_command_line_refuse_such_lists_too(app: TestApp) {
        app.ward().await;
        app.with_password("can.bo", "coordinator").await;
        let cookie = app.cookie("can.bo").await;
        for page in ["/households/imports", "/areas/paste/file"] {
            let form = Form::new().part("file", part("o-lac.xls", stray_cell())).text("once", "one");
            let request = app.client.post(format!("{}{page}", app.base)).header("cookie", &cookie).multipart(form);
            let response = request.header("sec-fetch-site", "same-origin").send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{page}");
            assert!(response.text().await.unwrap().contains("tốn quá nhiều bộ nhớ hoặc thời gian"), "{page}");
        }
        let path = app.dir.join("o-lac.xls");
        std::fs::write(&path, stray_cell()).unwrap();
        let output = app.program().run(&["import", "households", path.to_str().unwrap()]);
        let told = said(&output);
        assert!(!output.status.success() && told.contains("bộ nhớ") && told.contains("memory"), "{told}");
    }

    async fn a_reader_that_does_not_start_makes_imports_wait_not_the_service_fail(app: TestApp) {
        app.ward().await;
        let mut core = app.core.config.clone();
        core.list_reader = Some("/nowhere/lalanh".into());
        let options = lalanh::app::Options { data_dir: app.dir.clone(), database: app.database.clone(), config: core };
        let core = lalanh::app::open(&options, app.clock.clone()).await.unwrap();
        let opened = sandbox::open(&core, GOOD.into()).await;
        assert!(matches!(opened, Err(lalanh::http::Error::Busy)));
        core.db.close().await;
        assert!(sandbox::open(&app.core, GOOD.into()).await.is_ok());
    }
}

/// What the program promises of the process that reads a list, on the system that keeps all of it.
#[cfg(target_os = "linux")]
#[test]
fn the_process_that_reads_a_list_is_confined_and_dies_alone() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lalanh"));
    let mut child = command
        .arg(sandbox::COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limits = || std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = |all: &str, name: &str| {
        let line = all.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    // It waits for the list with its limits on; the last that it sets is that of memory.
    let memory = sandbox::MEMORY_MAX.to_string();
    let all = loop {
        let all = limits();
        if limit(&all, "Max address space")[0] == memory {
            break all;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    for (name, most) in [
        ("Max address space", memory),
        ("Max core file size", "0".to_owned()),
        ("Max cpu time", sandbox::SECONDS_MAX.to_string()),
    ] {
        assert_eq!(limit(&all, name), [most.clone(), most], "{name}");
    }
    child.stdin.take().unwrap().write_all(&stray_cell()).unwrap();
    let mut told = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut told).unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(told, b"");
}
