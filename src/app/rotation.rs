//! A new master secret: everything that is sealed, and every keyed hash, is made anew in one transaction.
//!
//! Three steps, each durable before the next: the new secret is written beside the one in force; the database changes,
//! and with it the id of its secret; the new secret takes the place of the old one. Interrupted between any two, the next
//! start finds the secret that the database was sealed with ([`super::master`]), and nothing is lost. The service must not
//! run meanwhile: it would go on sealing with the old secret.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use super::master;
use super::open::{Options, keep_anchor, open_as_it_is, prepare_folder};
use super::serve::take_folder;
use super::start_error::StartError;
use crate::db::{Db, Tx};
use crate::http::{Result, replay};
use crate::kernel::Clock;
use crate::people::audit_chain;
use crate::people::service::{second_factor, sign_on};
use crate::vault::{MASTER_LEN, MasterChange, Vault, write_secret_file};
use crate::{households, imports, landlords, redemption, vouchers};

/// A change of the master secret on its way. Holds the data folder, so that no service starts meanwhile.
pub struct Rotation {
    db: Db,
    clock: Clock,
    data_dir: PathBuf,
    old: Vault,
    new: Vault,
    _held: File,
}

impl std::fmt::Debug for Rotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rotation")
    }
}

impl Rotation {
    /// Makes sure that nobody else works on the database, and writes the new secret beside the one in force.
    pub async fn begin(options: &Options, clock: Clock) -> std::result::Result<Self, StartError> {
        let data_dir = options.data_dir.clone();
        prepare_folder(&data_dir)?;
        let held = take_folder(&data_dir)?;
        let db = open_as_it_is(options).await?;
        let old = secret_of(&db, &data_dir).await?;
        let new: [u8; MASTER_LEN] = clock.bytes();
        write_beside(&data_dir, &new)?;
        let vault = |master| Vault::new(master, clock.clone());
        Ok(Self { old: vault(old), new: vault(new), db, clock: clock.clone(), data_dir, _held: held })
    }

    /// Seals everything anew, durably: from now on the database is the new secret's.
    pub async fn seal_anew(&self) -> std::result::Result<(), StartError> {
        let refused = |error: crate::http::Error| {
            let say = match error {
                crate::http::Error::Internal(error) => return failed(&error),
                other => other.say(),
            };
            StartError { say }
        };
        let mut tx = self.db.begin().await.map_err(|error| failed(&error))?;
        let change = MasterChange { old: &self.old, new: &self.new };
        reseal(&mut tx, &change, &self.clock).await.map_err(refused)?;
        master::remember(&mut tx, self.new.master()).await.map_err(|error| failed(&error))?;
        tx.commit().await.map_err(|error| failed(&error))
    }

    /// Puts the new secret in the place of the old one.
    pub async fn finish(self) -> std::result::Result<(), StartError> {
        master::finish_change(&self.data_dir, self.new.master())?;
        keep_anchor(&self.db, &self.data_dir).await;
        self.db.close().await;
        Ok(())
    }
}

async fn reseal(tx: &mut Tx, change: &MasterChange<'_>, clock: &Clock) -> Result<()> {
    replay::reseal(tx, change).await?;
    second_factor::reseal(tx, change).await?;
    sign_on::reseal(tx, change).await?;
    households::store::reseal::reseal(tx, change).await?;
    landlords::store::reseal::reseal(tx, change).await?;
    imports::staged::reseal::reseal(tx, change).await?;
    vouchers::keyring::reseal(tx, change).await?;
    redemption::quarantine::service::reseal(tx, change).await?;
    // The log's end is locked last, as by every act.
    audit_chain::rekey(tx, change, clock).await
}

/// The secret in force, on a database that this program's version wrote last and that nobody else is connected to.
async fn secret_of(db: &Db, data_dir: &std::path::Path) -> std::result::Result<[u8; MASTER_LEN], StartError> {
    let mut conn = db.read().await.map_err(|error| failed(&error))?;
    if Db::schema(&mut conn).await.map_err(|error| failed(&error))? != Some(Db::newest_schema()) {
        return Err(StartError::new(
            "Cơ sở dữ liệu không đúng phiên bản của chương trình này. Sao lưu, chạy «lalanh serve» một lần, dừng lại, rồi đổi khóa.",
            "The database is not of this program's version. Back it up, run `lalanh serve` once, stop it, then rotate.",
        ));
    }
    let others = conn.others().await.map_err(|error| failed(&error))?;
    if others > 0 {
        return Err(StartError::new(
            format!(
                "Còn {others} kết nối khác vào cơ sở dữ liệu này: dừng mọi dịch vụ Lá Lành và chương trình đang mở nó, rồi làm lại."
            ),
            format!(
                "{others} other connections to this database are open: stop every service and program on it, and try again."
            ),
        ));
    }
    let known = master::of_database(&mut conn, data_dir).await?;
    let master = known.ok_or_else(|| master::unusable_secret(data_dir, "không có / missing"))?;
    // A change that was interrupted after its commit comes first.
    master::finish_change(data_dir, &master)?;
    Ok(master)
}

/// Writes the new secret, in the place of one that no database was ever changed to.
fn write_beside(data_dir: &std::path::Path, new: &[u8; MASTER_LEN]) -> std::result::Result<(), StartError> {
    let path = master::beside(data_dir);
    let removed = match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    removed.and_then(|()| write_secret_file(&path, &master::text(new))).map_err(|error| {
        StartError::new(
            format!("Không ghi được {}: {error}. Kiểm tra quyền ghi; chưa thay đổi gì.", path.display()),
            format!("{} can't be written: {error}. Check its permissions; nothing was changed.", path.display()),
        )
    })
}

fn failed(error: &impl std::fmt::Display) -> StartError {
    StartError::new(
        format!("Chưa đổi được khóa, dữ liệu giữ nguyên: {error}"),
        format!("The secret was not changed, the data is as it was: {error}"),
    )
}
