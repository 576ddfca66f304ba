//! Restoring a back-up.

use std::io::{BufRead, BufReader, Read};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use flate2::bufread::GzDecoder;

use super::{Counts, FORM, Failure, Header, TableLine, Trailer, store};
use crate::db::{Db, ErrorKind, Tx, classify};
use crate::vault::stream::{MAGIC, OpeningReader};

/// Bytes of rows that go to the database in one statement.
const BATCH_BYTES: usize = 1 << 20;
/// Bytes that one line may have: more than any row, and a bound on what a broken file can ask for.
const LINE_BYTES: u64 = 1 << 30;
/// How a gzip file begins (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A back-up whose header was read.
pub struct Restoring<'a> {
    /// The first line.
    pub header: Header,
    lines: Lines<'a>,
}

struct Lines<'a> {
    input: BufReader<GzDecoder<Box<dyn BufRead + 'a>>>,
    hash: digest::Context,
    /// The hash of all lines before the current one.
    before: digest::Context,
    line: Vec<u8>,
}

impl Lines<'_> {
    /// Reads the next line without its end. A file that stops is damaged: the trailer is always there.
    fn next(&mut self) -> Result<&str, Failure> {
        self.before = self.hash.clone();
        self.line.clear();
        self.input.by_ref().take(LINE_BYTES).read_until(b'\n', &mut self.line)?;
        self.hash.update(&self.line);
        let line = self.line.strip_suffix(b"\n").ok_or(Failure::Damaged)?;
        std::str::from_utf8(line).map_err(|_| Failure::Damaged)
    }

    /// Nothing may follow the trailer, in any layer.
    fn finish(mut self) -> Result<(), Failure> {
        let mut rest = [0; 1];
        let after_lines = self.input.read(&mut rest)?;
        let after_gzip = self.input.into_inner().into_inner().read(&mut rest)?;
        if after_lines + after_gzip == 0 { Ok(()) } else { Err(Failure::Damaged) }
    }
}

/// Opens a back-up and reads its header. Slow on purpose when it is sealed.
pub fn open<'a>(mut file: impl BufRead + 'a, passphrase: Option<&str>) -> Result<Restoring<'a>, Failure> {
    let start = file.fill_buf()?;
    let sealed = start.starts_with(&MAGIC[..start.len().min(MAGIC.len())]) && !start.is_empty();
    if !sealed && !start.starts_with(&GZIP) {
        return Err(Failure::NotABackup);
    }
    let input: Box<dyn BufRead + 'a> = match (sealed, passphrase) {
        (true, None) => return Err(Failure::NeedsPassphrase),
        (true, Some(passphrase)) => Box::new(BufReader::new(OpeningReader::new(file, passphrase)?)),
        (false, _) => Box::new(file),
    };
    let hash = digest::Context::new(&digest::SHA256);
    let input = BufReader::with_capacity(1 << 16, GzDecoder::new(input));
    let mut lines = Lines { input, before: hash.clone(), hash, line: Vec::new() };
    let first: serde_json::Value = serde_json::from_str(lines.next()?).map_err(|_| Failure::NotABackup)?;
    let form = first["lalanh_backup"].as_i64().ok_or(Failure::NotABackup)?;
    if form > i64::from(FORM) {
        return Err(Failure::Newer { found: form, known: i64::from(FORM) });
    }
    let header: Header = serde_json::from_value(first).map_err(|_| Failure::Damaged)?;
    if header.schema > Db::newest_schema() {
        return Err(Failure::Newer { found: header.schema, known: Db::newest_schema() });
    }
    Ok(Restoring { header, lines })
}

/// Puts all rows into an empty database whose schema is the header's, and proves the file whole. The caller commits.
pub async fn restore(tx: &mut Tx, restoring: Restoring<'_>) -> Result<Counts, Failure> {
    let mut lines = restoring.lines;
    let tables = store::tables(tx).await?;
    store::defer_links(tx).await?;
    store::clear(tx, &tables).await?;
    let mut counts = Counts::new();
    let mut batch = Batch::default();
    let trailer: Trailer = loop {
        let line = lines.next()?;
        if line.starts_with('[') {
            batch.push(line);
            if batch.rows.len() >= BATCH_BYTES {
                batch.store(tx, &tables, &mut counts).await?;
            }
            continue;
        }
        batch.store(tx, &tables, &mut counts).await?;
        if let Ok(next) = serde_json::from_str::<TableLine>(line) {
            counts.insert(next.table.clone(), 0);
            batch.table = Some(next);
        } else {
            break serde_json::from_str(line).map_err(|_| Failure::Damaged)?;
        }
    };
    let found = HEXLOWER.encode(lines.before.clone().finish().as_ref());
    if found != trailer.sha256 || counts != trailer.rows {
        return Err(Failure::Damaged);
    }
    lines.finish()?;
    store::check_links(tx).await?;
    Ok(counts)
}

/// Rows of one table on their way into one statement.
#[derive(Default)]
struct Batch {
    table: Option<TableLine>,
    rows: String,
}

impl Batch {
    fn push(&mut self, row: &str) {
        self.rows.push(if self.rows.is_empty() { '[' } else { ',' });
        self.rows.push_str(row);
    }

    async fn store(&mut self, tx: &mut Tx, tables: &[store::Table], counts: &mut Counts) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.rows.push(']');
        let line = self.table.as_ref().ok_or(Failure::Damaged)?;
        let table = tables.iter().find(|table| table.name == line.table).ok_or(Failure::Damaged)?;
        // The database also refuses what a changed byte made of a row, before the trailer can tell.
        let refused = |error| match error {
            Failure::Database(error) if matches!(classify(&error), ErrorKind::DiskFull | ErrorKind::Unreachable) => {
                Failure::Database(error)
            }
            _ => Failure::Damaged,
        };
        let rows = std::mem::take(&mut self.rows);
        let stored = store::insert(tx, table, &line.columns, rows).await.map_err(refused)?;
        *counts.entry(line.table.clone()).or_default() += stored;
        Ok(())
    }
}
