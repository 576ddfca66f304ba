//! The master secret changes: lists that wait, their files and what was typed are sealed anew, one after another: a file may
//! have 25 MB.

use super::store;
use crate::db::Tx;
use crate::http::Result;
use crate::vault::{MasterChange, Purpose};

/// Seals all that is kept of lists anew.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    for id in store::with_staged(tx).await? {
        let Some(sealed) = store::staged(tx, id).await? else { continue };
        store::replace_staged(tx, id, change.reseal(Purpose::Import, &sealed)?).await?;
    }
    for id in store::with_file(tx).await? {
        let Some(sealed) = store::file(tx, id).await? else { continue };
        store::replace_file(tx, id, change.reseal(Purpose::Import, &sealed)?).await?;
    }
    for (id, sheet, line, sealed) in store::corrected(tx).await? {
        store::replace_corrected(tx, (id, sheet, line), change.reseal(Purpose::Import, &sealed)?).await?;
    }
    Ok(())
}
