//! What kind of file some bytes are, told from the bytes and never from the name, and whether it is safe to open.

use std::io::{Cursor, Read, Write};

use memchr::memmem;
use zip::ZipArchive;

use super::bounds::Limits;
use super::refusal::Refusal;

/// A kind of file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whether any of its sheets has merged cells.
    Xlsx {
        merges: bool,
    },
    Ods,
    Xls,
    Text,
}

/// The kind of file, or the reason and the way out when it is none that holds a list.
pub(super) fn kind_of(bytes: &[u8], limits: &Limits) -> Result<Kind, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() as u64 > limits.max_bytes {
        return Err(Refusal::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return kind_of_zip(bytes, limits);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return kind_of_ole(bytes);
    }
    if looks_like_text(bytes) { Ok(Kind::Text) } else { Err(Refusal::NotAWorkbook) }
}

/// A zip is a workbook when it has the parts of one. Every part is unpacked once into nothing, so that a small file
/// that unpacks into gigabytes is refused before anything reads it.
fn kind_of_zip(bytes: &[u8], limits: &Limits) -> Result<Kind, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(Refusal::NotAWorkbook);
    }
    let has = |name: &str| archive.file_names().flatten().any(|n| n.replace('\\', "/").eq_ignore_ascii_case(name));
    let kind = if has("xl/workbook.xml") {
        Kind::Xlsx { merges: false }
    } else if has("xl/workbook.bin") {
        return Err(Refusal::Xlsb);
    } else if has("content.xml") && has("mimetype") {
        Kind::Ods
    } else {
        return Err(Refusal::NotAWorkbook);
    };
    let mut left = limits.max_unpacked_bytes;
    let mut merges = MergesSeen::default();
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_) => Refusal::Password,
            _ => Refusal::Damaged,
        })?;
        if part.size() > left {
            return Err(Refusal::HoldsTooMuch);
        }
        let mut head = Vec::new();
        let strings = part.name().map_err(|_| Refusal::Damaged)?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        if strings {
            part.by_ref().take(2048).read_to_end(&mut head).map_err(|_| Refusal::Damaged)?;
        }
        let rest = std::io::copy(&mut part.by_ref().take(left + 1), &mut merges).map_err(|_| Refusal::Damaged)?;
        let unpacked = head.len() as u64 + rest;
        left = left.checked_sub(unpacked).ok_or(Refusal::HoldsTooMuch)?;
        // The reader sets aside room for as many strings as the part claims to hold.
        if strings && claimed_count(&head) > unpacked {
            return Err(Refusal::Damaged);
        }
    }
    Ok(if let Kind::Xlsx { .. } = kind { Kind::Xlsx { merges: merges.seen } } else { kind })
}

/// Notices whether what is unpacked speaks of merged cells: the reader finds them by reading a sheet a second time.
#[derive(Default)]
struct MergesSeen {
    seen: bool,
    /// The end of what passed, where the word may have begun.
    tail: Vec<u8>,
}

/// The element that every merged block of a sheet stands in.
const MERGE: &[u8] = b"mergeCell";

impl Write for MergesSeen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !self.seen {
            self.tail.extend(&bytes[..bytes.len().min(MERGE.len())]);
            self.seen = memmem::find(&self.tail, MERGE).is_some() || memmem::find(bytes, MERGE).is_some();
            if bytes.len() >= MERGE.len() {
                self.tail.clear();
                self.tail.extend(&bytes[bytes.len() - MERGE.len()..]);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// More parts than any workbook of lists has.
const MAX_PARTS: usize = 5_000;

/// The number in `uniqueCount="…"`, 0 when there is none.
fn claimed_count(head: &[u8]) -> u64 {
    let head = String::from_utf8_lossy(head);
    let Some((_, after)) = head.split_once("uniqueCount=") else { return 0 };
    let digits: String = after.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) }
}

/// The old Office container holds an .xls, an encrypted .xlsx, or something else such as a .doc. Names in its
/// directory are UTF-16.
fn kind_of_ole(bytes: &[u8]) -> Result<Kind, Refusal> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).any(|window| window == wide)
    };
    if has("EncryptedPackage") {
        Err(Refusal::Password)
    } else if has("Workbook") || has("Book") {
        Ok(Kind::Xls)
    } else {
        Err(Refusal::NotAWorkbook)
    }
}

/// Text has no control characters but white space. UTF-16 has a zero in every other byte.
fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64 * 1024)];
    let trimmed = head.trim_ascii_start();
    let markup = [&b"%PDF"[..], b"{\\rtf", b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML", b"<?xml", b"<table"];
    if markup.iter().any(|start| trimmed.starts_with(start)) {
        return false;
    }
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) || super::text_file::utf16_without_mark(head)
    {
        return true;
    }
    !head.iter().any(|b| *b < 0x09 || (0x0E..0x1B).contains(b) || (0x1C..0x20).contains(b))
}
