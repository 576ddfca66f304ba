//! Making a back-up.

use std::io::{self, Write};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt as _;
use serde::Serialize;

use super::{Counts, Failure, Header, TableLine, Trailer, store};
use crate::db::Conn;
use crate::kernel::Clock;
use crate::vault::stream::SealingWriter;

/// Where a back-up goes: plain, or sealed under a passphrase.
pub enum Sink<W: Write> {
    /// Anyone who has the file can read it.
    Plain(W),
    /// Only who knows the passphrase can.
    Sealed(SealingWriter<W>),
}

impl<W: Write> Sink<W> {
    /// Chooses by whether there is a passphrase. Slow on purpose with one.
    pub fn new(inner: W, passphrase: Option<&str>, clock: &Clock) -> io::Result<Self> {
        Ok(match passphrase {
            Some(passphrase) => Self::Sealed(SealingWriter::new(inner, passphrase, clock)?),
            None => Self::Plain(inner),
        })
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(inner) => Ok(inner),
            Self::Sealed(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(inner) => inner.write(bytes),
            Self::Sealed(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(inner) => inner.flush(),
            Self::Sealed(writer) => writer.flush(),
        }
    }
}

struct Lines<W: Write> {
    out: GzEncoder<W>,
    hash: digest::Context,
}

impl<W: Write> Lines<W> {
    fn line(&mut self, line: &str) -> io::Result<()> {
        for part in [line.as_bytes(), b"\n"] {
            self.hash.update(part);
            self.out.write_all(part)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }
}

/// Writes everything that `snapshot` (from [`crate::db::Db::snapshot`]) sees. Gives back what is written to, flushed
/// but not yet synced, and how many rows each table had.
pub async fn write<W: Write>(snapshot: &mut Conn, header: &Header, out: Sink<W>) -> Result<(W, Counts), Failure> {
    let out = GzEncoder::new(out, Compression::new(4));
    let mut lines = Lines { out, hash: digest::Context::new(&digest::SHA256) };
    let mut counts = Counts::new();
    lines.value(header)?;
    for table in store::tables(snapshot).await? {
        let columns = table.columns.iter().map(|(name, _)| name.clone()).collect();
        lines.value(&TableLine { table: table.name.clone(), columns })?;
        let mut count = 0;
        let mut rows = store::rows(snapshot, &table);
        while let Some((row,)) = rows.try_next().await? {
            lines.line(&row)?;
            count += 1;
        }
        counts.insert(table.name, count);
    }
    let sha256 = HEXLOWER.encode(lines.hash.clone().finish().as_ref());
    lines.value(&Trailer { rows: counts.clone(), sha256 })?;
    let mut inner = lines.out.finish()?.finish()?;
    inner.flush()?;
    Ok((inner, counts))
}
