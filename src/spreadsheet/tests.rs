use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook as Writer};
use unicode_normalization::UnicodeNormalization;

use super::testing::{V, book, fill, line, ods, ole, open, row, xls, xlsx, zipped};
use super::*;
use crate::kernel::vietnamese::LegacyEncoding;
use crate::kernel::{Day, vietnamese};

const WORDS: Vocabulary = crate::households::import::VOCABULARY;

fn refused(bytes: &[u8]) -> &'static str {
    Workbook::open(bytes, &Limits::default()).err().map_or("opened", |wrong| wrong.code)
}

fn people() -> Vec<Vec<V>> {
    ["STT|Họ và tên|Năm sinh|Số CCCD", "1|Trần Thị Ý|1979|048179534008", "2|Lê Văn Tám|1980|048080534009"]
        .iter()
        .map(|text| line(text))
        .collect()
}

fn names(workbook: &Workbook) -> Vec<String> {
    let column = |row: &SheetRow| row.cell(1).shown();
    workbook.sheets.iter().flat_map(|sheet| sheet.rows.iter().map(column)).collect()
}

#[test]
fn what_is_no_list_is_refused_with_the_way_out() {
    assert_eq!(refused(b""), "empty_file");
    assert_eq!(refused(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3 1 0 obj"), "not_a_workbook");
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "not_a_workbook");
    assert_eq!(refused(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"), "not_a_workbook");
    assert_eq!(refused(b"<html><table><tr><td>1</td></tr></table></html>"), "not_a_workbook");
    assert_eq!(refused(&zipped(&[("word/document.xml", b"<w/>"), ("[Content_Types].xml", b"<t/>")])), "not_a_workbook");
    assert_eq!(refused(&zipped(&[("xl/workbook.xml", b"<broken")])), "damaged_file");
    assert_eq!(refused(b"PK\x03\x04 cut off"), "damaged_file");
    assert_eq!(refused(&ole("WordDocument", b"x")), "not_a_workbook");
    assert_eq!(refused(&ole("EncryptedPackage", b"x")), "password_protected");
    assert_eq!(refused(&xlsx(&[])), "no_rows");
    assert_eq!(refused(b" \r\n;;\r\n"), "no_rows");
    let cut = xlsx(&people());
    assert_eq!(refused(&cut[..cut.len() / 2]), "damaged_file");
    let wrong = Workbook::open(b"%PDF-1.7", &Limits::default()).unwrap_err();
    assert!(wrong.say.vi.contains(".xlsx") && wrong.say.en.contains(".xlsx"));
}

#[test]
fn an_entity_of_another_file_is_not_read() {
    let other = std::env::temp_dir().join(format!("lalanh-entity-{}", std::process::id()));
    std::fs::write(&other, "Bí mật").unwrap();
    let head = format!("?><!DOCTYPE sst [<!ENTITY other SYSTEM \"file://{}\">]>", other.display());
    let mut whole = zip::ZipArchive::new(std::io::Cursor::new(xlsx(&people()))).unwrap();
    let parts: Vec<(String, Vec<u8>)> = (0..whole.len())
        .map(|at| {
            let mut part = whole.by_index(at).unwrap();
            let mut bytes = Vec::new();
            std::io::copy(&mut part, &mut bytes).unwrap();
            let name = part.name().unwrap().into_owned();
            if name == "xl/sharedStrings.xml" {
                let text = String::from_utf8(bytes).unwrap();
                let asking = text.replacen("?>", &head, 1).replace("Trần Thị Ý", "&other;");
                assert!(asking.contains(&head) && asking.contains("&other;"), "{text}");
                bytes = asking.into_bytes();
            }
            (name, bytes)
        })
        .collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let read = Workbook::open(&zipped(&parts), &Limits::default()).map_or_else(|_| Vec::new(), |book| names(&book));
    std::fs::remove_file(&other).unwrap();
    assert!(!read.concat().contains("Bí mật"), "{read:?}");
}

#[test]
fn files_larger_than_the_limits_are_refused() {
    let limits =
        Limits { max_rows: 3, max_columns: 4, max_bytes: 100_000, max_unpacked_bytes: 1 << 20, ..Limits::default() };
    let opens = |rows: &[Vec<V>]| Workbook::open(&xlsx(rows), &limits).err().map(|wrong| wrong.code);
    assert_eq!(opens(&people()), None);
    let mut more = people();
    more.push(line("3|Lê Thị Bích|1980|048080534008"));
    assert_eq!(opens(&more), Some("too_many_rows"));
    assert_eq!(opens(&[line("1|2|3|4|5")]), Some("too_many_columns"));
    assert_eq!(Workbook::open(&vec![b'a'; 100_001], &limits).unwrap_err().code, "file_too_large");
    // Two megabytes of zeros pack into two kilobytes.
    let bomb = zipped(&[("xl/workbook.xml", &vec![b' '; 2 << 20])]);
    assert!(bomb.len() < 100_000);
    assert_eq!(Workbook::open(&bomb, &limits).unwrap_err().code, "file_too_large");
    let claims =
        zipped(&[("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\">")]);
    assert_eq!(Workbook::open(&claims, &limits).unwrap_err().code, "damaged_file");
    let text = "a;b\n".repeat(10);
    assert_eq!(Workbook::open(text.as_bytes(), &limits).unwrap_err().code, "too_many_rows");
}

#[test]
fn what_a_file_holds_is_counted_before_it_is_kept() {
    let code = |limits: Limits, rows: &[Vec<V>]| Workbook::open(&xlsx(rows), &limits).err().map(|wrong| wrong.code);
    let usual = Limits::default;
    assert_eq!(code(Limits { max_cells: 12, ..usual() }, &people()), None);
    assert_eq!(code(Limits { max_cells: 11, ..usual() }, &people()), Some("file_too_large"));
    // The same text counts in each cell that shows it.
    let shared = [row!["Hộ nghèo", "Hộ nghèo"], row!["Hộ nghèo", "Hộ nghèo"]];
    let bytes = 4 * "Hộ nghèo".len() + "Sheet1".len();
    assert_eq!(code(Limits { max_text_bytes: bytes, ..usual() }, &shared), None);
    assert_eq!(code(Limits { max_text_bytes: bytes - 1, ..usual() }, &shared), Some("file_too_large"));
    assert_eq!(code(Limits { max_cell_bytes: 10, ..usual() }, &shared), Some("cell_too_long"));
    assert_eq!(code(Limits { max_sheets: 0, ..usual() }, &shared), Some("too_many_sheets"));
    let csv = |text: &str, limits| Workbook::open(text.as_bytes(), &limits).err().map(|wrong| wrong.code);
    assert_eq!(csv("a;b\nc;d\n", Limits { max_cells: 3, ..usual() }), Some("file_too_large"));
    assert_eq!(csv("a;b;c\n", Limits { max_columns: 2, ..usual() }), Some("too_many_columns"));
    // What is empty at the end of a line is no column.
    assert_eq!(csv("a;b;;;;\n", Limits { max_columns: 2, ..usual() }), None);
}

#[test]
fn a_binary_workbook_is_refused_with_the_format_to_save_as() {
    let wrong = Workbook::open(&zipped(&[("xl/workbook.bin", b"x")]), &Limits::default()).unwrap_err();
    assert_eq!(wrong.code, "xlsb");
    assert!(wrong.say.vi.contains("dưới dạng .xlsx") && wrong.say.en.contains("save it as .xlsx"));
}

#[test]
fn rows_far_apart_are_not_told_of_with_every_empty_row_between() {
    let blank = "\n".repeat(100);
    let rows: String = (1..=2_000).map(|n| format!("{n};Lê Văn Tám;1980;{blank}")).collect();
    let workbook = open(format!("STT;Họ và tên;Năm sinh\n{rows}").as_bytes());
    let (tables, _) = table::tables(&workbook, &WORDS, &[]).unwrap();
    let lines = &tables[0].lines;
    assert_eq!(lines.iter().filter(|line| matches!(line, table::Line::Data(_))).count(), 2_000);
    assert!((10_000..25_000).contains(&lines.len()), "{}", lines.len());
}

#[test]
fn a_stray_cell_in_the_last_corner_costs_no_memory() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    fill(sheet, &people());
    sheet.write_string(1_048_575, 3, "x").unwrap();
    let workbook = open(&writer.save_to_buffer().unwrap());
    assert_eq!(workbook.sheets[0].rows.last().map(|row| row.number), Some(1_048_576));
    let (tables, _) = table::tables(&workbook, &WORDS, &[]).unwrap();
    assert!(tables[0].lines.len() < 10);
}

#[test]
fn every_format_gives_the_same_rows() {
    let expected = names(&book(&people()));
    assert_eq!(expected[1], "Trần Thị Ý");
    assert_eq!(names(&open(&ods(&people()))), expected);
    assert_eq!(names(&open(&xls(&people()))), expected);
    let csv = "STT;Họ và tên;Năm sinh;Số CCCD\r\n1;Trần Thị Ý;1979;048179534008\r\n2;Lê Văn Tám;1980;048080534009\r\n";
    let utf16: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_big: Vec<u8> = csv.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        csv.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", csv.as_bytes()].concat(),
        [b"\xFF\xFE", &utf16[..]].concat(),
        [b"\xFE\xFF", &utf16_big[..]].concat(),
        utf16.clone(),
        csv.replace(';', ",").into_bytes(),
        csv.replace(';', "\t").into_bytes(),
        format!("sep=;\r\n{csv}").into_bytes(),
        csv.replace("\r\n", "\r").into_bytes(),
        csv.nfd().collect::<String>().into_bytes(),
    ] {
        assert_eq!(names(&open(&bytes)), expected);
        assert_eq!(open(&bytes).sheets[0].rows[1].number, 2);
    }
}

/// What an old program would have saved: the reverse of the decoder, letter by letter.
fn in_old_font(text: &str, encoding: LegacyEncoding) -> String {
    let mut candidates: Vec<String> = (0xA0_u32..=0xFF).filter_map(char::from_u32).map(String::from).collect();
    if encoding == LegacyEncoding::Vni {
        let singles = candidates.clone();
        candidates.extend("aeouyAEOUYôöÔÖ".chars().flat_map(|v| singles.iter().map(move |m| format!("{v}{m}"))));
    }
    let old = |c: char| {
        let found = candidates.iter().find(|old| vietnamese::decode_legacy(old, encoding) == c.to_string());
        found.cloned().unwrap_or_else(|| c.to_string())
    };
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { old(c) }).collect()
}

#[test]
fn text_files_in_old_encodings_are_read() {
    let csv = "STT;Họ và tên;Địa chỉ\n1;Trần Thị Yến;Kiệt 197 Trần Cao Vân\n2;Nguyễn Văn Đạt;Tổ 5 Phù Đổng\n";
    for encoding in [LegacyEncoding::Tcvn3, LegacyEncoding::Vni] {
        let old = in_old_font(csv, encoding);
        let bytes: Vec<u8> = old.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(names(&open(&bytes)), ["Họ và tên", "Trần Thị Yến", "Nguyễn Văn Đạt"], "{encoding:?}");
    }
    // Windows-1258 keeps tones as letters of their own.
    let decomposed =
        "1;Tr\u{E2}\u{300}n Th\u{323}i \u{DD};Phu\u{300} Ð\u{F4}\u{309}ng\n".replace("Th\u{323}i", "Thi\u{323}");
    let bytes: Vec<u8> = decomposed
        .chars()
        .map(|c| match c {
            '\u{300}' => 0xCC,
            '\u{309}' => 0xD2,
            '\u{303}' => 0xDE,
            '\u{301}' => 0xEC,
            '\u{323}' => 0xF2,
            '\u{DD}' => b'Y',
            c => u8::try_from(u32::from(c)).unwrap(),
        })
        .collect();
    assert_eq!(names(&open(&bytes)), ["Trần Thị Y"]);
}

#[test]
fn cells_in_old_fonts_are_read_and_their_column_tells_of_the_doubtful_ones() {
    let old = |text: &str| in_old_font(text, LegacyEncoding::Tcvn3);
    let workbook = book(&[
        row![old("STT"), old("Họ và tên"), old("Địa chỉ")],
        row![1, old("Nguyễn Văn Đạt"), old("Phù Đổng")],
        row![2, old("Võ"), "Lê Quý Đôn"],
    ]);
    assert_eq!(names(&workbook), ["Họ và tên", "Nguyễn Văn Đạt", "Võ"]);
    assert_eq!(workbook.sheets[0].rows[2].cell(2).shown(), "Lê Quý Đôn");
}

#[test]
fn text_rows_are_numbered_as_a_spreadsheet_shows_them() {
    let csv = "STT,Họ tên,Địa chỉ\n\n1,Trần Thị Ý,\"K12\nĐinh Đạt\"\n\n\n2,\"Lê \"\"Tám\"\", Văn\",\"3, Hà Khê\"\n";
    let workbook = open(csv.as_bytes());
    let rows: Vec<(u32, String)> = workbook.sheets[0].rows.iter().map(|r| (r.number, r.cell(1).shown())).collect();
    assert_eq!(rows, [(1, "Họ tên".into()), (3, "Trần Thị Ý".into()), (6, "Lê \"Tám\", Văn".into())]);
    assert_eq!(workbook.sheets[0].rows[1].cell(2).shown(), "K12 Đinh Đạt");
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_rows() {
    let mut csv = "STT;Họ tên;Ghi chú\n1;\"Bé Ba;x\n".to_owned();
    for i in 2..100 {
        csv.push_str(&format!("{i};Lê Văn Tám;x\n"));
    }
    assert_eq!(open(csv.as_bytes()).sheets[0].rows.len(), 100);
}

#[test]
fn typed_cells_keep_their_type() {
    let workbook = book(&[vec![V::D(1993, 11, 19), V::N(389_842_410.0), V::F("=1+2", "3"), V::from("048")]]);
    let cells = &workbook.sheets[0].rows[0].cells;
    assert_eq!(cells[0], Cell::Date(Day::parse("1993-11-19").unwrap()));
    assert_eq!(cells[1], Cell::Number(389_842_410.0));
    assert_eq!(cells[2], Cell::Number(3.0));
    assert_eq!(cells[3], Cell::Text("048".into()));
}

fn header(rows: &[&str]) -> Option<header::Header> {
    let rows: Vec<Vec<V>> = rows.iter().map(|text| line(text)).collect();
    header::find(&book(&rows).sheets[0], &WORDS)
}

fn columns(rows: &[&str]) -> Vec<(String, Vec<usize>)> {
    let found = header(rows).map(|header| header.columns).unwrap_or_default();
    found.iter().map(|(field, columns)| (field.to_owned(), columns.to_vec())).collect()
}

fn has(rows: &[&str], field: &str, column: usize) -> bool {
    columns(rows).contains(&(field.to_owned(), vec![column]))
}

#[test]
fn the_header_is_found_on_any_row_in_any_order_and_spelling() {
    let titles = ["UBMTTQVN PHƯỜNG THANH KHÊ TÂY", "DANH SÁCH CHỦ HỘ KHÓ KHĂN, SỐ ĐIỆN THOẠI KÈM THEO"];
    for (spelling, column) in [
        ("TT|CHỦ HỘ|CMND/CCCD|SĐT|TDP|NK|Hoàn cảnh", 1),
        ("Stt|Điện thoại liên hệ|Họ tên chủ hộ|Năm sinh", 2),
        ("Số điện thoại người đại diện|Người đại diện|Số khẩu", 1),
        ("ho va ten|nam sinh|dia chi", 0),
        ("No|Họ và tên (chủ hộ)|Ngày, tháng, năm sinh", 1),
    ] {
        let mut rows = titles.to_vec();
        rows.extend(["", spelling, "1|Trần Thị Ý|0905123456"]);
        let found = header(&rows).unwrap_or_else(|| panic!("{spelling}"));
        assert_eq!((found.first_row, found.last_row), (4, 4), "{spelling}");
        assert_eq!(found.columns.of("head_name"), [column], "{spelling}");
    }
}

#[test]
fn like_words_are_told_apart() {
    let titles =
        ["Họ và tên|Điện thoại|Diện|Diện tích|Quan hệ với chủ hộ|Ngày cấp CCCD|Số CCCD|Tổ trưởng|Tổ|Số hộ khẩu"];
    assert!(has(&titles, "phone", 1));
    assert!(has(&titles, "category", 2));
    assert!(has(&titles, "citizen_id", 6));
    assert!(has(&titles, "area", 8));
    assert_eq!(
        header(&titles).unwrap().ignored(),
        ["Diện tích", "Quan hệ với chủ hộ", "Ngày cấp CCCD", "Tổ trưởng", "Số hộ khẩu"]
    );
}

#[test]
fn two_columns_may_tell_one_thing() {
    let rows = ["Họ tên|CCCD|CMND|Thường trú|Chỗ ở hiện nay"];
    let found = header(&rows).unwrap();
    assert_eq!(found.columns.of("citizen_id"), [1, 2]);
    // Where people live now counts before where they are registered.
    assert_eq!(found.columns.of("address"), [4, 3]);
}

#[test]
fn a_header_of_two_rows_is_read_as_one() {
    let rows = [
        "DANH SÁCH",
        "STT|Họ và tên|Năm sinh||Giấy tờ||Địa chỉ||Số nhân khẩu",
        "||Nam|Nữ|Số CCCD|Ngày cấp|Số nhà|Đường|",
        "1|Trần Thị Ý||1979|048179534008|01/02/2020|12|Hà Khê|4",
    ];
    let found = header(&rows).unwrap();
    assert_eq!((found.first_row, found.last_row), (2, 3));
    assert_eq!(found.columns.of("birth_year"), [2, 3]);
    assert_eq!(found.columns.of("citizen_id"), [4]);
    assert_eq!((found.columns.of("house_number"), found.columns.of("street")), (&[6][..], &[7][..]));
    assert_eq!(found.columns.of("members"), [8]);
}

#[test]
fn a_list_without_header_says_which_names_are_expected() {
    let workbook = book(&[line("1|Trần Thị Ý|1979"), line("2|Lê Văn Tám|1980")]);
    let wrong = table::tables(&workbook, &WORDS, &[]).unwrap_err();
    assert_eq!(wrong.code, "no_header");
    assert!(wrong.say.vi.contains("Họ và tên") && wrong.say.vi.contains("CCCD/CMND"));
    // Columns chosen by hand make it readable.
    let choice: Choice =
        serde_json::from_str(r#"{"sheet": 0, "header_row": 0, "columns": {"head_name": 1, "birth_year": 2}}"#).unwrap();
    let (tables, _) = table::tables(&workbook, &WORDS, &[choice]).unwrap();
    assert_eq!(tables[0].lines.iter().filter(|line| matches!(line, table::Line::Data(_))).count(), 2);
}

fn skipped(rows: &[&str]) -> Vec<Option<Skip>> {
    let workbook = book(&rows.iter().map(|text| line(text)).collect::<Vec<_>>());
    let (tables, _) = table::tables(&workbook, &WORDS, &[]).unwrap();
    let why = |line: &table::Line<'_>| match line {
        table::Line::Skipped { why, .. } => Some(*why),
        table::Line::Data(_) => None,
    };
    tables[0].lines.iter().map(why).collect()
}

#[test]
fn only_people_are_rows_of_data() {
    let rows = [
        ("UBMTTQVN PHƯỜNG THANH KHÊ TÂY", Some(Skip::Title)),
        ("", Some(Skip::Blank)),
        ("STT|Họ và tên|Năm sinh|CCCD|Địa chỉ|Số nhân khẩu|Ký nhận", Some(Skip::Header)),
        ("(1)|(2)|(3)|(4)|(5)|(6)|(7)", Some(Skip::ColumnNumbers)),
        ("I|Tổ 12", Some(Skip::Area)),
        ("1|Trần Thị Ý|1979|048179534008|12 Hà Khê|4", None),
        ("2|Cộng Văn Ba|1980|048080534009|13 Hà Khê|3", None),
        ("|Cộng tổ 12|||2 hộ|7", Some(Skip::Total)),
        ("|Khu dân cư số 3 (12 hộ)", Some(Skip::Area)),
        ("STT|Họ và tên|Năm sinh|CCCD|Địa chỉ|Số nhân khẩu|Ký nhận", Some(Skip::Header)),
        ("A|B|1|2|3|4|5", Some(Skip::ColumnNumbers)),
        ("1|Tống Thị Cộng|1979|048179534007|15 Hà Khê|4", None),
        ("|Trần Văn Năm|1979|048179534005|16 Hà Khê|4", None),
        ("2||1979|048179534006|14 Hà Khê|4", None),
        ("3||||||", Some(Skip::Blank)),
        ("||||148|", Some(Skip::Total)),
        ("Tổng cộng|||||12", Some(Skip::Total)),
        ("||||Thanh Khê Tây, ngày 05 tháng 8 năm 2021", Some(Skip::Signature)),
        ("|Người lập biểu|||TM. BAN CÔNG TÁC MẶT TRẬN", Some(Skip::Signature)),
        ("||||TRƯỞNG BAN", Some(Skip::Signature)),
        ("|(Ký, ghi rõ họ tên)", Some(Skip::Signature)),
        ("|Lê Thị Lập|||Nguyễn Văn Mẫu", Some(Skip::Signature)),
    ];
    let texts: Vec<&str> = rows.iter().map(|(text, _)| *text).collect();
    for ((text, expected), found) in rows.iter().zip(skipped(&texts)) {
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn a_total_above_a_repeated_header_is_no_part_of_a_header() {
    let found = skipped(&[
        "STT|Họ và tên|Năm sinh|Địa chỉ|Ký nhận",
        "1|Trần Thị Ý|1979|12 Hà Khê",
        "|Tổng cộng|||148 khẩu",
        "TT|HỌ VÀ TÊN|NĂM SINH|ĐỊA CHỈ|KÝ NHẬN",
        "1|Lê Thị Bích|1980|13 Hà Khê",
        "|||Người lập biểu|TRƯỞNG BAN",
        "||Nguyễn Văn Mẫu|Lê Thị Lập|",
        "Bằng chữ: một trăm bốn mươi tám",
    ]);
    let (total, signature) = (Some(Skip::Total), Some(Skip::Signature));
    let header = Some(Skip::Header);
    assert_eq!(found, [header, None, total, header, None, signature, signature, total]);
}

#[test]
fn people_after_a_signature_block_are_read_again() {
    let found = skipped(&[
        "STT|Họ và tên|Năm sinh|Địa chỉ",
        "1|Trần Thị Ý|1979|12 Hà Khê",
        "|Người lập biểu",
        "|Lê Văn Lập",
        "STT|Họ và tên|Năm sinh|Địa chỉ",
        "1|Lê Thị Bích|1980|13 Hà Khê",
    ]);
    let expected = [Some(Skip::Header), None, Some(Skip::Signature), Some(Skip::Signature), Some(Skip::Header), None];
    assert_eq!(found, expected);
}

#[test]
fn hidden_sheets_and_note_sheets_are_not_read() {
    let mut writer = Writer::new();
    fill(writer.add_worksheet(), &people());
    let hidden = writer.add_worksheet();
    fill(hidden, &people());
    hidden.set_hidden(true);
    fill(writer.add_worksheet(), &[row!["Danh sách lập ngày 05/8/2021"]]);
    fill(writer.add_worksheet(), &(0..6).map(|_| line("1|Trần Thị Ý|1979|x")).collect::<Vec<_>>());
    fill(writer.add_worksheet(), &people());
    let workbook = open(&writer.save_to_buffer().unwrap());
    let (tables, unread) = table::tables(&workbook, &WORDS, &[]).unwrap();
    assert_eq!(tables.iter().map(|table| table.sheet).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(
        unread.iter().map(|u| (u.sheet, u.looks_like_a_list)).collect::<Vec<_>>(),
        [(1, false), (2, false), (3, true)]
    );
}

#[test]
fn merged_titles_and_merged_neighbourhoods_are_understood() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 4, "DANH SÁCH HỘ KHÓ KHĂN KHU DÂN CƯ SỐ 3", &plain).unwrap();
    for (at, title) in [(0, "STT"), (3, "Tổ"), (4, "Số khẩu")] {
        sheet.write_string(2, at, title).unwrap();
    }
    sheet.merge_range(2, 1, 2, 2, "Họ và tên", &plain).unwrap();
    for (at, (family, given)) in (3..).zip([("Trần Thị", "Ý"), ("Lê Văn", "Tám"), ("Ngô", "Đạt")]) {
        sheet.write_number(at, 0, at - 2).unwrap();
        sheet.write_string(at, 1, family).unwrap();
        sheet.write_string(at, 2, given).unwrap();
        sheet.write_number(at, 4, 3).unwrap();
    }
    sheet.merge_range(3, 3, 5, 3, "Tổ 12", &plain).unwrap();
    let workbook = open(&writer.save_to_buffer().unwrap());
    let (tables, _) = table::tables(&workbook, &WORDS, &[]).unwrap();
    assert_eq!(tables[0].title_area.as_deref(), Some("KHU DÂN CƯ SỐ 3"));
    let reading = crate::households::import::read(&workbook, &[], Day::parse("2026-01-15").unwrap()).unwrap();
    let read: Vec<(String, Option<String>)> = reading
        .data()
        .filter_map(|row| row.parsed.as_ref())
        .map(|h| (h.head_name.clone(), h.area_text.clone()))
        .collect();
    let tổ = Some("Tổ 12".to_owned());
    assert_eq!(read, [("Trần Thị Ý".into(), tổ.clone()), ("Lê Văn Tám".into(), tổ.clone()), ("Ngô Đạt".into(), tổ)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_opened_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000), start in 0_usize..5) {
        let start: &[u8] = [&b""[..], b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\xFF\xFE", b"STT;H\xE4;T\n"][start];
        let _ = Workbook::open(&[start, &bytes].concat(), &Limits::default());
    }

    #[test]
    fn a_damaged_workbook_is_opened_or_refused(at in 0_usize..4000, byte in any::<u8>(), old in any::<bool>()) {
        let mut bytes = if old { xls(&people()) } else { xlsx(&people()) };
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = Workbook::open(&bytes, &Limits::default());
    }

    #[test]
    fn any_table_of_texts_is_read(rows in proptest::collection::vec(
        proptest::collection::vec("\\PC{0,12}|[0-9]{1,12}|STT|Họ và tên|Tổ 5|Cộng|Năm sinh", 0..6), 1..12)
    ) {
        let line = |row: &Vec<String>| row.iter().map(|c| c.replace([';', '"'], " ")).collect::<Vec<_>>().join(";");
        let csv: Vec<String> = rows.iter().map(line).collect();
        if let Ok(workbook) = Workbook::open(csv.join("\n").as_bytes(), &Limits::default()) {
            let today = Day::parse("2026-01-15").unwrap();
            let _ = crate::households::import::read(&workbook, &[], today);
            let _ = crate::landlords::import::read(&workbook, &[]);
            let _ = crate::donations::import::read(&workbook, &[], Default::default(), today);
        }
    }
}
