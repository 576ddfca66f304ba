//! Whole files, looked at as a clerk's computer, a printer and a phone would: by poppler and zbar.
//!
//! Without those programs these tests say loudly that they were skipped; where `CI` is set they fail instead.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::kernel::{Clock, Day, Dong, Moment};
use crate::paper::A4;
use crate::vouchers::code::VoucherCode;
use crate::vouchers::keys::SigningKey;
use crate::vouchers::typed_code::TypedCode;

const INSTANCE: [u8; 16] = *b"phuong-thanh-khe";

fn head() -> SheetHead {
    SheetHead {
        issuer: "UBMTTQVN phường Thanh Khê".into(),
        campaign: "San sẻ yêu thương, vượt qua đại dịch".into(),
        round: "Đợt 3".into(),
        written_at: Day::parse("2021-08-04").unwrap().start(),
    }
}

fn code(serial: u32) -> String {
    let day = Day::parse("2021-08-05").unwrap();
    let code = VoucherCode {
        kid: 1,
        round: 3,
        serial,
        issue: 1,
        package: 2,
        point: 1,
        valid_from: day,
        valid_until: day,
        units: 1,
    };
    code.sign(&SigningKey::from_seed(1, &[5; 32]).unwrap(), &INSTANCE)
}

fn paper(serial: u32) -> VoucherPaper {
    let names = [
        "Nguyễn Thị Hoa",
        "Trần Văn Ẩn",
        "Lê Hoàng Mỹ Duyên",
        "Công Tằng Tôn Nữ Hoàng Thị Phương Thảo",
        "Phạm Ngọc Thạch",
        "Huỳnh Thị Bé Bảy",
        "Võ Nguyễn Hoài Ức",
        "Đặng Thị Kim Ỷ",
    ];
    let clock = Clock::fixed(Moment::from_micros(0), u64::from(serial));
    VoucherPaper {
        household_name: names[serial as usize % names.len()].into(),
        address: format!("K{}/12 Nguyễn Phước Nguyên", 40 + serial),
        area: format!("KDC 03, tổ {}", serial % 30 + 1),
        point_name: "Nhà văn hóa khu dân cư 03".into(),
        point_address: "245 Trần Cao Vân, phường Thanh Khê".into(),
        day: "Thứ Năm 05/08/2021".into(),
        slot: Some("08:20 – 08:40".into()),
        package: "Gạo và trứng".into(),
        contents: vec!["10 kg gạo".into(), "10 quả trứng".into(), "1 lít dầu ăn".into()],
        units: if serial % 5 == 4 { 2 } else { 1 },
        serial,
        code: code(serial),
        typed_code: TypedCode::random(&clock),
        proxy_hint: None,
    }
}

/// A household whose every field is far longer than its place.
fn overlong(serial: u32) -> VoucherPaper {
    let long = |word: &str| format!("{word} ").repeat(40);
    VoucherPaper {
        household_name: long("Nguyễn"),
        address: long("Đường-số-một-trăm-hai-mươi-mốt"),
        area: long("KDC"),
        point_name: long("Nhà văn hóa"),
        point_address: "x".repeat(900),
        day: long("Thứ Năm 05/08/2021"),
        slot: Some(long("08:20 – 08:40")),
        package: long("Gạo"),
        contents: vec![long("gạo"); 12],
        units: 255,
        proxy_hint: Some(long("Người nhận thay mang giấy tờ.")),
        ..paper(serial)
    }
}

fn pdf(layout: Layout, papers: impl IntoIterator<Item = VoucherPaper>) -> Vec<u8> {
    let mut out = Vec::new();
    write_vouchers(&mut out, &head(), layout, papers).unwrap();
    out
}

fn roster(rows: u32) -> Vec<u8> {
    let head = RosterHead {
        parent_body: "Ủy ban MTTQ Việt Nam thành phố Đà Nẵng".into(),
        issuing_body: "Ủy ban MTTQ Việt Nam phường Thanh Khê".into(),
        campaign: "San sẻ yêu thương, vượt qua đại dịch – Đợt 3".into(),
        point_name: "Nhà văn hóa khu dân cư 03".into(),
        point_address: "245 Trần Cao Vân".into(),
        day: "Thứ Năm 05/08/2021".into(),
        package: "10 kg gạo, 10 quả trứng, 1 lít dầu ăn".into(),
        place: "Thanh Khê".into(),
        date: Day::parse("2021-08-05").unwrap(),
        written_at: Day::parse("2021-08-04").unwrap().start(),
    };
    let mut roster = Roster::new(Vec::new(), head).unwrap();
    for serial in 0..rows {
        let paper = paper(serial);
        let row = RosterRow {
            name: paper.household_name,
            birth_year: (serial % 4 != 3).then_some(1950 + i16::try_from(serial % 50).unwrap()),
            address: format!("{}, {}", paper.address, paper.area),
            units: u32::from(paper.units),
            value: Dong(228_524 * i64::from(paper.units)),
            typed_code: paper.typed_code,
            note: if serial == 2 { "Nhận thay: con gái".into() } else { String::new() },
        };
        roster.add(&row).unwrap();
    }
    roster.finish().unwrap().0
}

/// A folder that goes away with its test.
struct Workshop(PathBuf);

impl std::ops::Deref for Workshop {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A folder to work in, or nothing when a program is missing.
fn workshop(name: &str, programs: &[&str]) -> Option<Workshop> {
    let missing: Vec<_> = programs.iter().filter(|p| Command::new(p).arg("-h").output().is_err()).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "needed in CI and not installed: {missing:?}");
        // Straight to stderr: the test runner hides what passing tests print.
        let line =
            format!("\n*** SKIPPED: {name}: not installed: {missing:?} (Debian: poppler-utils, zbar-tools) ***\n\n");
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        return None;
    }
    let folder = std::env::temp_dir().join(format!("lalanh-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    Some(Workshop(folder))
}

fn run(program: &str, folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).current_dir(folder).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program}: {errors}");
    assert!(program == "zbarimg" || errors.is_empty(), "{program} complains: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The codes that zbar reads in a picture, sorted.
fn read_codes(folder: &Path, picture: &str) -> Vec<String> {
    let mut codes: Vec<_> = run("zbarimg", folder, &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture])
        .lines()
        .map(str::to_owned)
        .collect();
    codes.sort();
    codes
}

fn sorted_codes(serials: std::ops::Range<u32>) -> Vec<String> {
    let mut codes: Vec<_> = serials.map(code).collect();
    codes.sort();
    codes
}

/// The words of a file's text, whatever white space the columns put between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_independent_reader_reads_all_eight_codes_of_a_page_sharp_or_poor() {
    let Some(folder) = workshop("eight", &["pdftoppm", "zbarimg"]) else { return };
    std::fs::write(folder.join("eight.pdf"), pdf(Layout::Eight, (0..8).map(paper))).unwrap();
    for dpi in ["300", "150"] {
        run("pdftoppm", &folder, &["-r", dpi, "-gray", "-png", "-singlefile", "eight.pdf", dpi]);
        assert_eq!(read_codes(&folder, &format!("{dpi}.png")), sorted_codes(0..8), "at {dpi} dpi");
    }
    let copy = image::open(folder.join("150.png")).unwrap();
    image::imageops::blur(&copy, 1.2).save(folder.join("blurred.png")).unwrap();
    assert_eq!(read_codes(&folder, "blurred.png"), sorted_codes(0..8), "blurred at 150 dpi");
}

#[test]
fn every_module_on_paper_is_a_whole_number_of_dots_and_nothing_is_in_the_quiet_zone() {
    let Some(folder) = workshop("dots", &["pdftoppm"]) else { return };
    let layouts = [(Layout::Eight, 8), (Layout::CardAndStub, 8), (Layout::One, 16)];
    for (layout, scale, paper) in layouts.into_iter().flat_map(|(l, s)| [(l, s, paper(0)), (l, s, overlong(0))]) {
        std::fs::write(folder.join("p.pdf"), pdf(layout, [paper])).unwrap();
        run("pdftoppm", &folder, &["-r", "300", "-mono", "-singlefile", "p.pdf", "p"]);
        let file = std::fs::read(folder.join("p.pbm")).unwrap();
        let (width, height, bits) = read_bitmap(&file);
        assert_eq!((width, height), (2480, 3508));
        let matrix = crate::paper::qr::Matrix::encode(&code(0), crate::paper::qr::Level::M).unwrap();
        let at = |x: usize, y: usize| bits[y * width.div_ceil(8) + x / 8] >> (7 - x % 8) & 1 == 1;
        // Some corner from which every dot of every module is as it should be, quiet zone included.
        let module = |dot: usize| (dot / scale).wrapping_sub(4);
        // A finder pattern's upper edge: seven dark modules after a light dot.
        let begins = |x: usize, y: usize| {
            let (x, y) = (x + 4 * scale, y + 4 * scale);
            at(x, y) && !at(x - 1, y) && (0..7 * scale).all(|i| at(x + i, y))
        };
        let fits = |x0: usize, y0: usize| {
            let dots = (0..49 * scale).flat_map(|y| (0..49 * scale).map(move |x| (x, y)));
            begins(x0, y0) && dots.into_iter().all(|(x, y)| at(x0 + x, y0 + y) == matrix.is_dark(module(x), module(y)))
        };
        let found = (0..height - 49 * scale).any(|y| (0..width - 49 * scale).any(|x| fits(x, y)));
        assert!(found, "{layout:?}");
    }
}

/// Width, height and packed rows of a plain PBM (P4).
fn read_bitmap(file: &[u8]) -> (usize, usize, &[u8]) {
    let mut lines = file.splitn(3, |b| *b == b'\n').skip(1);
    let size = std::str::from_utf8(lines.next().unwrap()).unwrap();
    let (width, height) = size.split_once(' ').unwrap();
    (width.parse().unwrap(), height.parse().unwrap(), lines.next().unwrap())
}

#[test]
fn the_text_of_a_sheet_can_be_searched_and_copied() {
    let Some(folder) = workshop("text", &["pdftotext", "pdfinfo"]) else { return };
    let decomposed =
        VoucherPaper { household_name: "Nguye\u{302}\u{303}n Thi\u{323} Bươ\u{309}i 🦧".into(), ..paper(3) };
    for layout in [Layout::Eight, Layout::One, Layout::CardAndStub] {
        std::fs::write(folder.join("t.pdf"), pdf(layout, (0..3).map(paper).chain([decomposed.clone()]))).unwrap();
        let text = words(&run("pdftotext", &folder, &["-raw", "t.pdf", "-"]));
        for expected in [
            "PHIẾU NHẬN HÀNG",
            "Nguyễn Thị Hoa",
            "Trần Văn Ẩn",
            "Thứ Năm 05/08/2021",
            "08:20 – 08:40",
            "10 quả trứng",
            "Nguyễn Thị Bưởi □",
            "245 Trần Cao Vân",
            "UBMTTQVN PHƯỜNG THANH KHÊ",
            &paper(2).typed_code.to_string(),
        ] {
            assert!(text.contains(expected), "{layout:?}: {expected} is not in {text}");
        }
        let about = run("pdfinfo", &folder, &["t.pdf"]);
        assert!(about.contains("Phiếu nhận hàng – Đợt 3 – San sẻ yêu thương"), "{about}");
    }
}

#[test]
fn a_hint_for_proxies_is_printed_whole() {
    let Some(folder) = workshop("proxy", &["pdftotext"]) else { return };
    let hint = "Nhờ người nhận thay: mang thêm giấy tờ của chủ hộ.";
    for layout in [Layout::Eight, Layout::One, Layout::CardAndStub] {
        let papers = [paper(0), VoucherPaper { proxy_hint: Some(hint.into()), slot: None, ..paper(1) }];
        std::fs::write(folder.join("h.pdf"), pdf(layout, papers)).unwrap();
        let text = words(&run("pdftotext", &folder, &["-raw", "h.pdf", "-"]));
        assert_eq!(text.matches(hint).count(), 1, "{layout:?}: {text}");
        assert_eq!(text.matches("giấy tờ tùy thân.").count(), 2, "{layout:?}: {text}");
    }
}

/// A word and its box: left, top, right, bottom, in points.
type Word = (String, [f32; 4]);

fn word_boxes(folder: &Path, file: &str) -> Vec<Vec<Word>> {
    let page = |page: &str| {
        let word = |line: &str| {
            let parts: Vec<&str> = line.split('"').collect();
            let edge = |i: usize| parts[i].parse::<f32>().unwrap();
            let text = line.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
            (text, [edge(1), edge(3), edge(5), edge(7)])
        };
        page.lines().filter(|line| line.trim_start().starts_with("<word")).map(word).collect()
    };
    run("pdftotext", folder, &["-bbox", file, "-"]).split("<page").skip(1).map(page).collect()
}

#[test]
fn no_text_runs_into_another_or_over_an_edge_however_long_it_is() {
    let Some(folder) = workshop("overlong", &["pdftotext"]) else { return };
    for layout in [Layout::Eight, Layout::One, Layout::CardAndStub] {
        let papers = (0..4).flat_map(|serial| [overlong(serial), paper(serial)]);
        std::fs::write(folder.join("o.pdf"), pdf(layout, papers)).unwrap();
        for page in word_boxes(&folder, "o.pdf") {
            for (i, (text, [left, top, right, bottom])) in page.iter().enumerate() {
                assert!(
                    *left > 2.0 && *right < A4.0 - 11.0 && *top > 0.0 && *bottom < A4.1 - 8.0,
                    "{layout:?}: {text} over the edge"
                );
                // Boxes reach from ascender to descender; letters themselves are about half as high.
                let core = |top: f32, bottom: f32| (top + (bottom - top) * 0.3, bottom - (bottom - top) * 0.22);
                let (core_top, core_bottom) = core(*top, *bottom);
                for (other, [l, t, r, b]) in &page[i + 1..] {
                    let (t, b) = core(*t, *b);
                    let apart = *l >= right - 0.05 || *r <= left + 0.05 || t >= core_bottom || b <= core_top;
                    assert!(apart, "{layout:?}: {text} and {other} overlap");
                }
            }
        }
    }
}

#[test]
fn the_list_to_sign_repeats_its_headings_and_ends_with_totals_in_words() {
    let Some(folder) = workshop("roster", &["pdftotext"]) else { return };
    std::fs::write(folder.join("r.pdf"), roster(60)).unwrap();
    let pages: Vec<String> = run("pdftotext", &folder, &["-layout", "r.pdf", "-"])
        .split('\u{c}')
        .map(words)
        .filter(|p| !p.is_empty())
        .collect();
    assert_eq!(pages.len(), 5);
    for (i, page) in pages.iter().enumerate().take(4) {
        assert!(page.contains("Họ và tên") && page.contains("Ký nhận"), "page {i}: {page}");
    }
    for (i, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Trang {}/5", i + 1)), "page {i}: {page}");
    }
    assert!(pages[0].contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") && pages[0].contains("DANH SÁCH KÝ NHẬN"));
    let last = pages.last().unwrap();
    for expected in [
        "Tổng số: 60 hộ, 72 suất quà, trị giá 16.453.728 đồng.",
        "Mười sáu triệu bốn trăm năm mươi ba nghìn bảy trăm hai mươi tám đồng.",
        "Thanh Khê, ngày 05 tháng 8 năm 2021",
        "NGƯỜI LẬP BIỂU",
        "TM. BAN THƯỜNG TRỰC",
    ] {
        assert!(last.contains(expected), "{expected}: {last}");
    }
}

#[test]
fn an_empty_file_and_an_empty_list_are_still_papers() {
    let Some(folder) = workshop("empty", &["pdftotext"]) else { return };
    std::fs::write(folder.join("e.pdf"), pdf(Layout::Eight, [])).unwrap();
    assert!(run("pdftotext", &folder, &["e.pdf", "-"]).contains("Không có phiếu nào để in."));
    std::fs::write(folder.join("r.pdf"), roster(0)).unwrap();
    assert!(words(&run("pdftotext", &folder, &["r.pdf", "-"])).contains("Không đồng."));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(pdf(Layout::Eight, (0..20).map(paper)), pdf(Layout::Eight, (0..20).map(paper)));
    assert_eq!(roster(40), roster(40));
}

#[test]
fn whole_pages_leave_before_the_next_voucher_comes() {
    let mut sheets = VoucherSheets::new(Vec::new(), &head(), Layout::Eight).unwrap();
    let mut sizes = Vec::new();
    for serial in 0..24 {
        sheets.add(&paper(serial)).unwrap();
        sizes.push(sheets.writer_mut().len());
        sheets.writer_mut().clear();
    }
    let pages: Vec<usize> = (0..24).filter(|i| sizes[*i] > 1_000).collect();
    assert_eq!(pages, [7, 15, 23]);
}

#[test]
fn every_offset_of_the_cross_reference_table_is_right() {
    for (file, pages) in [(pdf(Layout::One, (0..150).map(paper)), 150), (roster(30), 3)] {
        let tail = String::from_utf8_lossy(&file[file.len() - 40..]).into_owned();
        let start: usize = tail.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        let table = std::str::from_utf8(&file[start..]).unwrap();
        assert!(table.starts_with("xref\n0 "));
        let mut objects = 0;
        for (id, line) in table.lines().skip(2).take_while(|line| line.ends_with(['n', 'f'])).enumerate() {
            if line.ends_with('n') {
                let offset: usize = line[..10].parse().unwrap();
                assert!(file[offset..].starts_with(format!("{id} 0 obj").as_bytes()), "object {id}");
                objects += 1;
            }
        }
        assert!(objects > 2 * pages);
        let kinds = file.windows(11).filter(|window| window == b"/Type/Page/").count();
        assert_eq!(kinds, pages);
    }
}

#[test]
fn a_text_that_is_no_code_is_refused_without_repeating_it() {
    let wrong = VoucherPaper { code: "không phải mã".into(), ..paper(1) };
    let error = write_vouchers(Vec::new(), &head(), Layout::Eight, [wrong]).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (std::io::ErrorKind::InvalidData, "this text is not a signed code")
    );
}

#[test]
fn a_writer_that_fails_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = write_vouchers(Full, &head(), Layout::Eight, [paper(1)]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}
