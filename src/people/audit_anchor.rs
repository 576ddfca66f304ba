//! What the data folder remembers of the audit log: its first keyed entry, and an end that it once had.
//!
//! Whoever has the database alone can put all of it back to an earlier day, or take its keys away so that it looks like
//! one from before there were keys. The folder, which they don't have, then says otherwise. `audit.anchor` is no secret.

use std::io;
use std::path::{Path, PathBuf};

use super::store::audit as store;
use super::store::audit::Place;
use crate::db::Conn;
use crate::http::{Error, Result};
use crate::vault::replace_secret_file;

/// The file's name.
pub const ANCHOR_FILE: &str = "audit.anchor";
/// The first word of the file, with the version of its form.
const MAGIC: &str = "lalanh-audit-1";

/// Two entries as they once were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    first: (i64, Vec<u8>),
    last: (i64, Vec<u8>),
}

impl Anchor {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let entry = |words: &mut std::str::SplitWhitespace<'_>| {
            let seq = words.next()?.parse().ok()?;
            Some((seq, data_encoding::HEXLOWER.decode(words.next()?.as_bytes()).ok()?))
        };
        (words.next()? == MAGIC).then_some(())?;
        Some(Self { first: entry(&mut words)?, last: entry(&mut words)? })
    }

    fn text(&self) -> String {
        let entry = |(seq, hash): &(i64, Vec<u8>)| format!("{seq} {}", data_encoding::HEXLOWER.encode(hash));
        format!("{MAGIC} {} {}\n", entry(&self.first), entry(&self.last))
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(ANCHOR_FILE)
}

/// What the folder remembers; nothing where it never did. A file that can't be read counts as one that differs.
fn read(data_dir: &Path) -> io::Result<Option<Option<Anchor>>> {
    match std::fs::read_to_string(path(data_dir)) {
        Ok(text) => Ok(Some(Anchor::parse(&text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first entry that the folder remembers otherwise, if any; 0 when the folder's own file is unreadable.
pub async fn differs_at(conn: &mut Conn, data_dir: &Path) -> Result<Option<i64>> {
    let Some(anchor) = read(data_dir).map_err(|error| Error::Internal(Box::new(error)))? else { return Ok(None) };
    let Some(anchor) = anchor else { return Ok(Some(0)) };
    for (seq, hash) in [&anchor.first, &anchor.last] {
        if store::place(conn, *seq).await?.is_none_or(|place| place.hash != *hash) {
            return Ok(Some(*seq));
        }
    }
    Ok(None)
}

/// Lets the folder remember the log as it ends now. One that differs from what the folder remembers is not taken: false.
pub async fn keep(conn: &mut Conn, data_dir: &Path) -> Result<bool> {
    if differs_at(conn, data_dir).await?.is_some() {
        return Ok(false);
    }
    let Some(first) = conn.log_keys().first() else { return Ok(true) };
    let (Some(first), Some(last)) = (store::place(conn, first).await?, store::last_place(conn).await?) else {
        return Ok(true);
    };
    let of = |place: Place| (place.seq, place.hash);
    let anchor = Anchor { first: of(first), last: of(last) };
    replace_secret_file(&path(data_dir), &anchor.text()).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let anchor = Anchor { first: (1, vec![1, 2]), last: (7, vec![0xff]) };
        assert_eq!(Anchor::parse(&anchor.text()), Some(anchor));
        for wrong in ["", "lalanh-audit-1 1 00", "lalanh-audit-2 1 00 1 00", "lalanh-audit-1 x 00 1 00"] {
            assert_eq!(Anchor::parse(wrong), None, "{wrong}");
        }
    }
}
