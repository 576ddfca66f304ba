//! The end of the audit log as paper has it: an entry's number, and enough of its hash to tell it from any other.

use std::fmt;

use super::store::audit as store;
use super::store::audit::Place;
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::Moment;
use crate::kernel::message::Invalid;

/// Hex digits that are printed: nobody without the log's keys finds another entry that begins so.
const PRINTED: usize = 16;
/// Hex digits that somebody must have typed off the paper at least.
const TYPED_MIN: usize = 8;

/// The end of the log at some moment.
#[derive(Clone, Debug)]
pub struct AuditHead {
    /// The last entry's number.
    pub seq: i64,
    /// When it was written.
    pub at: Moment,
    hash: Vec<u8>,
}

impl fmt::Display for AuditHead {
    /// `1234:3f9a-12bc-88d0-77ae`, as it is printed and typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = data_encoding::HEXLOWER.encode(&self.hash);
        write!(f, "{}:", self.seq)?;
        for (n, digits) in hex.as_bytes().chunks(4).take(PRINTED / 4).enumerate() {
            write!(f, "{}{}", if n == 0 { "" } else { "-" }, String::from_utf8_lossy(digits))?;
        }
        Ok(())
    }
}

/// The end of the log; nothing while it is empty.
pub async fn audit_head(conn: &mut Conn) -> Result<Option<AuditHead>> {
    let last = store::last_place(conn).await?;
    Ok(last.map(|Place { seq, at, hash }| AuditHead { seq, at, hash }))
}

/// The last entry's number: two equal ones say that nothing was logged between.
pub async fn last_seq(conn: &mut Conn) -> Result<i64> {
    Ok(store::head(conn).await?.seq)
}

/// A head that somebody typed off a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedHead {
    /// The entry's number.
    pub seq: i64,
    start: String,
}

impl PrintedHead {
    /// `1234:3f9a-12bc-88d0-77ae`; dots, spaces, hyphens and letter case don't matter, and eight digits are enough.
    pub fn parse(text: &str) -> std::result::Result<Self, Invalid> {
        let wrong = || {
            Invalid::fixed(
                "unreadable",
                "Ghi như trên báo cáo: số mục, dấu hai chấm, rồi ít nhất 8 ký tự, ví dụ 1234:3f9a-12bc-88d0-77ae.",
                "Write it as the report has it: number, colon, 8 symbols at least, such as 1234:3f9a-12bc-88d0-77ae.",
            )
        };
        let kept = |part: &str| part.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '·')).collect::<String>();
        let (seq, start) = text.split_once(':').ok_or_else(wrong)?;
        let (seq, start) = (kept(seq), kept(start).to_lowercase());
        let is_hash = (TYPED_MIN..=64).contains(&start.len()) && start.bytes().all(|byte| byte.is_ascii_hexdigit());
        match seq.parse() {
            Ok(seq) if seq > 0 && is_hash => Ok(Self { seq, start }),
            _ => Err(wrong()),
        }
    }
}

/// What the log says to a printed head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// The entry is there as it was printed: nothing up to it was changed, when the chain holds.
    Stands,
    /// The log is shorter than it was.
    Missing {
        /// The last entry that is there.
        last: i64,
    },
    /// Another entry has its place.
    Differs,
}

/// Compares a printed head with the log.
pub async fn compare(conn: &mut Conn, printed: &PrintedHead) -> Result<Printed> {
    let Some(place) = store::place(conn, printed.seq).await? else {
        let last = store::last_place(conn).await?.map_or(0, |last| last.seq);
        return Ok(Printed::Missing { last });
    };
    let stands = data_encoding::HEXLOWER.encode(&place.hash).starts_with(&printed.start);
    Ok(if stands { Printed::Stands } else { Printed::Differs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_printed() {
        let head = AuditHead {
            seq: 1234,
            at: Moment::from_micros(0),
            hash: vec![0x3f, 0x9a, 0x12, 0xbc, 0x88, 0xd0, 0x77, 0xae, 9],
        };
        assert_eq!(head.to_string(), "1234:3f9a-12bc-88d0-77ae");
        let read = PrintedHead::parse(&head.to_string()).unwrap();
        assert_eq!(read, PrintedHead { seq: 1234, start: "3f9a12bc88d077ae".to_owned() });
        assert_eq!(PrintedHead::parse(" 1.234 : 3F9A 12bc 88D0-77ae").unwrap(), read);
        for wrong in ["", "1234", "1234:3f9a", "0:3f9a12bc", "1234:3f9a12bz", "x:3f9a12bc"] {
            assert_eq!(PrintedHead::parse(wrong).unwrap_err().code, "unreadable", "{wrong}");
        }
    }
}
