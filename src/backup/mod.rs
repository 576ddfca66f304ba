//! Back-ups: one portable file of everything, made while the service runs, restored into an empty place.
//!
//! The file is gzip'd JSON, one value a line: a [`Header`]; for each table its name and columns, then its rows, each
//! an array; and a trailer with the number of rows of each table and the SHA-256 of all lines before it. It says
//! nothing of which database it came from: a ward that outgrows its laptop restores its SQLite back-up into
//! PostgreSQL. With a passphrase the whole file is sealed ([`crate::vault::stream`]).
//!
//! Promises: all rows are of one moment; memory stays flat; a restore commits only after the trailer proved the file
//! whole, and otherwise leaves nothing behind.

mod read;
mod store;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::{ErrorKind, MigrateError, classify};
use crate::kernel::{Message, Moment};
use crate::vault::stream::Unopened;

pub use read::{Restoring, open, restore};
pub use store::{instance_id, is_empty};
pub use write::{Sink, write};

/// The version of the file's form that this program writes, and the newest it reads.
pub const FORM: u32 = 1;

/// The first line of a back-up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Header {
    /// [`FORM`].
    pub lalanh_backup: u32,
    /// The version of the database's schema.
    pub schema: i64,
    /// The deployment's id, part of every voucher's signature.
    pub instance_id: uuid::Uuid,
    /// When the back-up was made.
    pub created_at: Moment,
    /// Which database it was made from; for people.
    pub database: String,
    /// The master secret, hex: without it phones, id numbers and signing keys can't be read.
    pub secret: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header").field("schema", &self.schema).field("created_at", &self.created_at).finish()
    }
}

/// The line before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
struct TableLine {
    table: String,
    columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct Trailer {
    rows: Counts,
    sha256: String,
}

/// How many rows each table has.
pub type Counts = BTreeMap<String, u64>;

/// Why a back-up or a restore did not happen. Nothing half-done is left.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file is something else.
    #[error("not a back-up file")]
    NotABackup,
    /// The file was changed or cut off.
    #[error("the back-up file is damaged or cut off")]
    Damaged,
    /// The passphrase is another one.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The file is sealed and no passphrase was given.
    #[error("the file is sealed: a passphrase is needed")]
    NeedsPassphrase,
    /// Written by a newer program: the file's form or schema, and what this program knows.
    #[error("written by a newer program ({found}, this one knows {known})")]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version this program reads.
        known: i64,
    },
    /// The place to restore into holds something.
    #[error("the database to restore into is not empty")]
    NotEmpty,
    /// A column of a type that back-ups don't carry, or that the schema does not have: a defect.
    #[error("column {0} can't be carried")]
    UnknownColumn(String),
    /// The file can't be read or written.
    #[error("{0}")]
    File(std::io::Error),
    /// The database refused.
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be made.
    #[error("{0}")]
    Schema(#[from] MigrateError),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Unopened>()) {
            Some(Unopened::Passphrase) => Self::WrongPassphrase,
            Some(Unopened::Damaged) => Self::Damaged,
            None if matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) => Self::Damaged,
            None => Self::File(error),
        }
    }
}

impl Failure {
    /// What to tell the operator, with the way out.
    pub fn say(&self) -> Message {
        let full = Message::fixed(
            "Đĩa đã đầy, chưa để lại gì dở dang. Hãy giải phóng chỗ trống hoặc chọn ổ khác rồi làm lại.",
            "The disk is full; nothing half-done was left. Free some space or choose another disk, and try again.",
        );
        match self {
            Self::NotABackup => Message::fixed(
                "Tệp này không phải bản sao lưu của Lá Lành. Hãy chọn tệp do «lalanh backup» tạo ra.",
                "This file is not a back-up of Lá Lành. Choose a file that `lalanh backup` made.",
            ),
            Self::Damaged => Message::fixed(
                "Bản sao lưu bị hỏng hoặc bị cắt cụt; chưa khôi phục gì. Hãy dùng bản sao khác.",
                "The back-up is damaged or cut off; nothing was restored. Use another copy.",
            ),
            Self::WrongPassphrase => Message::fixed(
                "Sai cụm mật khẩu của bản sao lưu. Hãy kiểm tra rồi nhập lại; chưa khôi phục gì.",
                "The passphrase is not this back-up's. Check it and try again; nothing was restored.",
            ),
            Self::NeedsPassphrase => Message::fixed(
                "Bản sao lưu này được khóa bằng cụm mật khẩu. Thêm --passphrase-stdin (hoặc LALANH_BACKUP_PASSPHRASE).",
                "This back-up is sealed with a passphrase. Add --passphrase-stdin (or LALANH_BACKUP_PASSPHRASE).",
            ),
            Self::Newer { found, known } => Message::new(
                format!(
                    "Dữ liệu do bản Lá Lành mới hơn ghi (phiên bản {found}, bản này biết đến {known}). Hãy dùng bản mới hơn."
                ),
                format!("The data was written by a newer lalanh ({found}, this one knows {known}). Use the newer one."),
            ),
            Self::NotEmpty => Message::fixed(
                "Nơi khôi phục đã có dữ liệu. Hãy khôi phục vào thư mục mới (--data-dir) và cơ sở dữ liệu trống.",
                "The place to restore into holds data. Restore into a new folder (--data-dir) and an empty database.",
            ),
            Self::File(error) if error.kind() == std::io::ErrorKind::StorageFull => full,
            Self::Database(error) if classify(error) == ErrorKind::DiskFull => full,
            Self::File(error) => Message::new(
                format!("Không đọc hoặc ghi được tệp ({error}). Kiểm tra đường dẫn và quyền truy cập."),
                format!("The file can't be read or written ({error}). Check its path and permissions."),
            ),
            Self::UnknownColumn(_) | Self::Database(_) | Self::Schema(_) => Message::new(
                format!("Cơ sở dữ liệu không nhận: {self}. Chưa thay đổi gì; chạy «lalanh doctor» để kiểm tra."),
                format!("The database refused: {self}. Nothing was changed; `lalanh doctor` may tell more."),
            ),
        }
    }
}
