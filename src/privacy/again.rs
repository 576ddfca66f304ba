//! Erasures that a restored back-up does not know are carried out again: at a restore, and at every start.

use std::collections::BTreeSet;
use std::path::Path;

use super::service::erasure::{Means, erase_as};
use super::store::erasures;
use super::{Subject, journal};
use crate::db::Db;
use crate::http::{Error, Result};
use crate::kernel::Clock;
use crate::people::audit::Actor;
use crate::vault::Vault;

/// Why somebody is erased who had been erased before.
const AGAIN: &str = "Đã xóa trước đó; làm lại sau khi khôi phục bản sao lưu";

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Whether the data folder had a list at all.
    pub had_list: bool,
    /// How many records were erased again.
    pub again: usize,
}

/// Brings the database and the data folder's list together: whoever only one of them knows as erased is so in both.
pub async fn reconcile(db: &Db, clock: &Clock, vault: &Vault, data_dir: &Path) -> Result<Reconciled> {
    let broken = |error: std::io::Error| Error::Internal(Box::new(error));
    let listed = journal::read(data_dir).map_err(broken)?;
    let had_list = listed.is_some();
    let mut conn = db.read().await?;
    let erased = erasures::erased(&mut conn).await?;
    let known: BTreeSet<String> = erased.iter().map(|subject| journal::line(vault, *subject)).collect();
    let listed = listed.unwrap_or_default();
    if !known.is_subset(&listed) {
        journal::add(data_dir, vault, &erased).map_err(broken)?;
    }
    // Lines of other secrets match nobody here.
    let rest: BTreeSet<&String> = listed.difference(&known).collect();
    let mut to_erase: Vec<Subject> = Vec::new();
    if !rest.is_empty() {
        let there = erasures::there(&mut conn).await?;
        to_erase.extend(there.into_iter().filter(|subject| rest.contains(&journal::line(vault, *subject))));
    }
    drop(conn);
    for subject in &to_erase {
        let mut tx = db.begin().await?;
        erase_as(&mut tx, Means { clock, vault }, Actor::System, *subject, AGAIN.to_owned()).await?;
        tx.commit().await?;
    }
    Ok(Reconciled { had_list, again: to_erase.len() })
}
