//! Which master secret is the database's.
//!
//! The database keeps the secret's id, not the secret. A change of the secret ([`super::rotation`]) writes the new one
//! beside the old one, commits, and then puts it in its place: whoever is interrupted between finds the right one here.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::start_error::StartError;
use crate::db::{Conn, Db, Tx};
use crate::kernel::Clock;
use crate::people::store::settings;
use crate::vault::{MASTER_LEN, master_id, put_in_place, write_secret_file};

/// The file in the data folder that holds the master secret, hex.
pub const SECRET_FILE: &str = "secret.key";

/// The file of a secret that is about to take the place of the one in force.
pub(super) fn beside(dir: &Path) -> PathBuf {
    dir.join(format!("{SECRET_FILE}.new"))
}

/// The secret beside, where there is one that can be read.
pub(super) fn read_beside(dir: &Path) -> Option<[u8; MASTER_LEN]> {
    std::fs::read_to_string(beside(dir)).ok().as_deref().and_then(parse_secret)
}

/// The secret that the database was sealed with, of those in the folder; nothing where there is none. The one in force
/// when the database does not know its secret's id yet.
pub async fn of_database(conn: &mut Conn, dir: &Path) -> Result<Option<[u8; MASTER_LEN]>, StartError> {
    let in_force = read_secret(dir)?;
    let known = known_id(conn).await.map_err(|error| StartError::new(error.to_string(), error.to_string()))?;
    let Some(known) = known else { return Ok(in_force) };
    match [in_force, read_beside(dir)].into_iter().flatten().find(|master| master_id(master) == known) {
        Some(master) => Ok(Some(master)),
        None if in_force.is_none() => Ok(None),
        None => Err(another(dir)),
    }
}

async fn known_id(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    match Db::schema(conn).await? {
        Some(_) => settings::master_id(conn).await,
        None => Ok(None),
    }
}

/// Finishes a change that was interrupted after its commit: the secret beside takes its place. True when it did.
pub(super) fn finish_change(dir: &Path, master: &[u8; MASTER_LEN]) -> Result<bool, StartError> {
    if read_secret(dir)?.as_ref() == Some(master) || read_beside(dir).as_ref() != Some(master) {
        return Ok(false);
    }
    put_in_place(&beside(dir), &dir.join(SECRET_FILE)).map_err(|error| {
        let (path, file) = (beside(dir), dir.join(SECRET_FILE));
        StartError::new(
            format!("Không đổi tên được {} thành {}: {error}. Hãy đổi tên bằng tay.", path.display(), file.display()),
            format!("{} can't be renamed to {}: {error}. Rename it by hand.", path.display(), file.display()),
        )
    })?;
    Ok(true)
}

/// Lets the database know its secret's id.
pub(super) async fn remember(tx: &mut Tx, master: &[u8; MASTER_LEN]) -> Result<(), sqlx::Error> {
    settings::put_master_id(tx, &master_id(master)).await.map(drop)
}

fn another(dir: &Path) -> StartError {
    let path = dir.join(SECRET_FILE);
    StartError::new(
        format!(
            "Tệp khóa {} không phải của cơ sở dữ liệu này. Khôi phục tệp đúng từ bản sao lưu; xem docs/keys.md.",
            path.display()
        ),
        format!(
            "The secret file {} is not this database's. Restore the right one from a back-up; see docs/keys.md.",
            path.display()
        ),
    )
}

pub(super) fn unusable_secret(dir: &Path, why: impl std::fmt::Display) -> StartError {
    let path = dir.join(SECRET_FILE);
    StartError::new(
        format!(
            "Tệp khóa {}: {why}. Khôi phục tệp này từ bản sao lưu; thiếu nó không đọc được số giấy tờ.",
            path.display()
        ),
        format!(
            "The secret file {}: {why}. Restore it from a backup; without it id numbers can't be read.",
            path.display()
        ),
    )
}

/// The master secret of a data folder; nothing where there is none yet.
pub fn read_secret(dir: &Path) -> Result<Option<[u8; MASTER_LEN]>, StartError> {
    match fs::read_to_string(dir.join(SECRET_FILE)) {
        Ok(text) => parse_secret(&text).map(Some).ok_or_else(|| unusable_secret(dir, "not 64 hex digits")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable_secret(dir, error)),
    }
}

/// The master secret from its 64 hex digits.
pub fn parse_secret(text: &str) -> Option<[u8; MASTER_LEN]> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}

/// The master secret as its file has it.
pub(super) fn text(master: &[u8; MASTER_LEN]) -> String {
    format!("{}\n", data_encoding::HEXLOWER.encode(master))
}

/// Writes the master secret into a data folder that has none, durably.
pub fn write_secret(dir: &Path, master: &[u8; MASTER_LEN]) -> Result<(), StartError> {
    write_secret_file(&dir.join(SECRET_FILE), &text(master)).map_err(|error| unusable_secret(dir, error))
}

pub(super) fn new_secret(dir: &Path, clock: &Clock) -> Result<[u8; MASTER_LEN], StartError> {
    let master = clock.bytes();
    write_secret(dir, &master)?;
    Ok(master)
}
