//! Files of the formats that lists come in, put together byte by byte, so that a test can make them lie.

#![allow(dead_code, reason = "the tests of the reader take some of it, those of the service the rest")]

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A zip of parts.
pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The parts of a zip.
pub fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut part = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().to_string(), bytes)
        })
        .collect()
}

/// An `.xlsx` with these sheets (the XML inside `<worksheet>`) and shared texts (the XML inside `<sst>`).
pub fn xlsx(sheets: &[&str], shared: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut parts = vec![("xl/sharedStrings.xml".to_owned(), format!("<sst xmlns=\"{MAIN}\">{shared}</sst>"))];
    let (mut listed, mut links) = (String::new(), String::new());
    for (number, sheet) in (1..).zip(sheets) {
        listed += &format!("<sheet name=\"S{number}\" sheetId=\"{number}\" r:id=\"r{number}\"/>");
        links += &format!(
            "<Relationship Id=\"r{number}\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
        let sheet = format!("<worksheet xmlns=\"{MAIN}\">{sheet}</worksheet>");
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let book = format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{LINKS}\"><sheets>{listed}</sheets></workbook>");
    parts.push(("xl/workbook.xml".to_owned(), book));
    let packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    let root = format!("<Relationship Id=\"r1\" Type=\"{LINKS}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    for (part, links) in [("_rels/.rels", root), ("xl/_rels/workbook.xml.rels", links)] {
        parts.push((part.to_owned(), format!("<Relationships xmlns=\"{packages}\">{links}</Relationships>")));
    }
    zipped(&parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

/// An `.ods` with these tables.
pub fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         {tables}</office:spreadsheet></office:body></office:document-content>"
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

/// A record of an `.xls`: its kind, its length, its data.
pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

/// The head of a cell: row, column, format.
fn at(row: u16, column: u16) -> Vec<u8> {
    [row, column, 0].iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// A cell with a number.
pub fn number_cell(row: u16, column: u16, number: f64) -> Vec<u8> {
    record(0x0203, &[&at(row, column)[..], &number.to_le_bytes()].concat())
}

/// A cell with a text.
pub fn text_cell(row: u16, column: u16, text: &str) -> Vec<u8> {
    let wide: Vec<u16> = text.encode_utf16().collect();
    let mut data = at(row, column);
    data.extend((wide.len() as u16).to_le_bytes());
    data.push(1);
    data.extend(wide.iter().flat_map(|unit| unit.to_le_bytes()));
    record(0x0204, &data)
}

/// What begins the part of a kind.
fn bof(kind: u16) -> Vec<u8> {
    let mut data = [0_u8; 16];
    data[..2].copy_from_slice(&0x0600_u16.to_le_bytes());
    data[2..4].copy_from_slice(&kind.to_le_bytes());
    record(0x0809, &data)
}

/// An old `.xls` with one sheet of these records.
pub fn xls(records: &[u8]) -> Vec<u8> {
    xls_of(1, records)
}

/// An old `.xls` that lists its one sheet so many times, each under a name of its own.
pub fn xls_of(times: u16, records: &[u8]) -> Vec<u8> {
    let globals = bof(0x0005);
    // Place, visibility and kind, then the name: its length, two bytes a letter.
    const NAME: usize = 4;
    let listed = 4 + 4 + 2 + 2 + 2 * NAME;
    let start = (globals.len() + listed * usize::from(times) + 4) as u32;
    let list = (0..times).flat_map(|n| {
        let name: Vec<u8> = format!("{n:04x}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        record(0x0085, &[&start.to_le_bytes()[..], &[0, 0, NAME as u8, 1], &name].concat())
    });
    let end = record(0x000A, &[]);
    let stream: Vec<u8> = globals.into_iter().chain(list).chain(end.clone()).collect();
    ole("Workbook", &[stream, bof(0x0010), records.to_vec(), end].concat())
}

/// Where the stream of an [`ole`] file begins.
pub const STREAM_AT: usize = 1024;

/// The old Office container with one stream.
pub fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
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
