//! Files for tests, in every format that wards send.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, Worksheet};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Limits, Workbook};

/// A cell to write.
#[derive(Clone, Debug)]
pub(crate) enum V {
    /// Text.
    T(String),
    /// Number.
    N(f64),
    /// A day: year, month, day.
    D(u16, u8, u8),
    /// A formula with its stored result.
    F(&'static str, &'static str),
    /// Nothing.
    E,
}

impl From<&str> for V {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::E } else { Self::T(text.to_owned()) }
    }
}

impl From<String> for V {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<i32> for V {
    fn from(number: i32) -> Self {
        Self::N(f64::from(number))
    }
}

impl From<f64> for V {
    fn from(number: f64) -> Self {
        Self::N(number)
    }
}

/// One row of cells of mixed kinds.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($crate::lists::testing::V::from($cell)),*] };
}
pub(crate) use row;

/// A row from texts separated by `|`; figures of up to five digits become numbers.
pub(crate) fn line(text: &str) -> Vec<V> {
    text.split('|')
        .map(|cell| match cell.trim().parse::<u16>() {
            Ok(number) if !cell.trim().starts_with('0') => V::N(f64::from(number)),
            _ => V::from(cell.trim()),
        })
        .collect()
}

/// Writes rows into a sheet.
pub(crate) fn fill(sheet: &mut Worksheet, rows: &[Vec<V>]) {
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row) {
            match cell {
                V::T(text) => sheet.write_string(r, c, text).map(|_| ()),
                V::N(number) => sheet.write_number(r, c, *number).map(|_| ()),
                V::D(year, month, day) => {
                    let day = ExcelDateTime::from_ymd(*year, *month, *day).unwrap();
                    sheet.write_datetime_with_format(r, c, &day, &date).map(|_| ())
                }
                V::F(formula, result) => {
                    sheet.write_formula(r, c, Formula::new(*formula).set_result(*result)).map(|_| ())
                }
                V::E => Ok(()),
            }
            .unwrap();
        }
    }
}

/// The bytes of an `.xlsx` with one sheet.
pub(crate) fn xlsx(rows: &[Vec<V>]) -> Vec<u8> {
    let mut writer = Writer::new();
    fill(writer.add_worksheet(), rows);
    writer.save_to_buffer().unwrap()
}

/// Opens bytes under the usual limits.
pub(crate) fn open(bytes: &[u8]) -> Workbook {
    Workbook::open(bytes, &Limits::default()).unwrap_or_else(|wrong| panic!("{}", wrong.say.en))
}

/// Opens rows as a workbook.
pub(crate) fn book(rows: &[Vec<V>]) -> Workbook {
    open(&xlsx(rows))
}

/// The bytes of an `.ods` with one sheet of texts and numbers.
pub(crate) fn ods(rows: &[Vec<V>]) -> Vec<u8> {
    let mut table = String::new();
    for row in rows {
        table.push_str("<table:table-row>");
        for cell in row {
            table.push_str(&match cell {
                V::T(text) => {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;");
                    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
                }
                V::N(n) => format!("<table:table-cell office:value-type=\"float\" office:value=\"{n}\"/>"),
                V::D(y, m, d) => {
                    format!("<table:table-cell office:value-type=\"date\" office:date-value=\"{y:04}-{m:02}-{d:02}\"/>")
                }
                _ => "<table:table-cell/>".to_owned(),
            });
        }
        table.push_str("</table:table-row>");
    }
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"KDC 3\">{table}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            b"<?xml version=\"1.0\"?><manifest:manifest xmlns:manifest=\"m\"></manifest:manifest>",
        ),
        ("content.xml", content.as_bytes()),
    ])
}

/// A zip of parts.
pub(crate) fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bytes of an old `.xls` with one sheet of texts and numbers.
pub(crate) fn xls(rows: &[Vec<V>]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    };
    let bof = |kind: u16| {
        let mut data = [0_u8; 16];
        data[..2].copy_from_slice(&0x0600_u16.to_le_bytes());
        data[2..4].copy_from_slice(&kind.to_le_bytes());
        record(0x0809, &data)
    };
    let mut sheet = bof(0x0010);
    for (r, row) in (0_u16..).zip(rows) {
        for (c, cell) in (0_u16..).zip(row) {
            let mut data: Vec<u8> = [r, c, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
            match cell {
                V::T(text) => {
                    let wide: Vec<u16> = text.encode_utf16().collect();
                    data.extend((wide.len() as u16).to_le_bytes());
                    data.push(1);
                    data.extend(wide.iter().flat_map(|unit| unit.to_le_bytes()));
                    sheet.extend(record(0x0204, &data));
                }
                V::N(number) => {
                    data.extend(number.to_le_bytes());
                    sheet.extend(record(0x0203, &data));
                }
                _ => {}
            }
        }
    }
    sheet.extend(record(0x000A, &[]));
    let globals = bof(0x0005);
    let name: Vec<u8> = "KDC".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bound_len = 4 + 4 + 2 + 2 + name.len();
    let start = (globals.len() + bound_len + 4) as u32;
    let bound = [&start.to_le_bytes()[..], &[0, 0, 3, 1], &name].concat();
    let stream = [globals, record(0x0085, &bound), record(0x000A, &[]), sheet].concat();
    ole("Workbook", &stream)
}

/// The old Office container with one stream.
pub(crate) fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    let sectors = stream.len().max(4096).div_ceil(SECTOR);
    let mut data = stream.to_vec();
    data.resize(sectors * SECTOR, 0);
    // Sector 0: directory; 1…: the stream; then the table of sectors.
    let fat_sectors = (sectors + 200).div_ceil(128);
    let mut fat: Vec<u32> = vec![0xFFFF_FFFE];
    fat.extend((1..=sectors).map(|at| if at == sectors { 0xFFFF_FFFE } else { at as u32 + 1 }));
    fat.extend(std::iter::repeat_n(0xFFFF_FFFD, fat_sectors));
    fat.resize(fat_sectors * 128, 0xFFFF_FFFF);
    let mut header = vec![0_u8; SECTOR];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    put(24, &[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    put(44, &(fat_sectors as u32).to_le_bytes());
    put(56, &4096_u32.to_le_bytes());
    put(60, &0xFFFF_FFFE_u32.to_le_bytes());
    put(68, &0xFFFF_FFFE_u32.to_le_bytes());
    put(76, &[0xFF; 436]);
    for at in 0..fat_sectors.min(109) {
        put(76 + at * 4, &((1 + sectors + at) as u32).to_le_bytes());
    }
    let entry = |name: &str, kind: u8, child: u32, start: u32, size: u64| {
        let mut entry = vec![0_u8; 128];
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..wide.len()].copy_from_slice(&wide);
        entry[64..66].copy_from_slice(&(wide.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[67] = 1;
        entry[68..76].copy_from_slice(&[0xFF; 8]);
        entry[76..80].copy_from_slice(&child.to_le_bytes());
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..128].copy_from_slice(&size.to_le_bytes());
        entry
    };
    let mut directory = entry("Root Entry", 5, 1, 0xFFFF_FFFE, 0);
    directory.extend(entry(name, 2, 0xFFFF_FFFF, 1, data.len() as u64));
    directory.resize(SECTOR, 0);
    let fat: Vec<u8> = fat.iter().flat_map(|at| at.to_le_bytes()).collect();
    [header, directory, data, fat].concat()
}
