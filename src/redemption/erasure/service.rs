//! Takes people out of what was scanned: called by `privacy` in its own transaction. What was handed out stays.

use serde_json::Value;

use super::store::{self, Explained, Resealed};
use crate::db::{Bytes, Tx};
use crate::http::{Error, Result};
use crate::kernel::ids::{DeviceId, HouseholdId};
use crate::kernel::{ERASED_TEXT, Traces};
use crate::redemption::answer::Detail;
use crate::vault::{Purpose, Vault};

/// What a desk is called once its volunteer's name is gone.
const NAMELESS_DESK: &str = "Bàn";
/// The fields of a record that tell of people.
const OF_PEOPLE: [&str; 2] = ["collector", "override_reason"];

/// Takes a household's people out: who collected, reasons, and what waits in quarantine.
pub async fn erase_household(tx: &mut Tx, vault: &Vault, id: HouseholdId) -> Result<()> {
    let vouchers = store::vouchers(tx, id).await?;
    store::empty_texts(tx, &vouchers).await?;
    let void = store::void_details(tx, &vouchers).await?;
    let changed = explained_anew(void, |detail| {
        let told = detail.reason.is_some();
        if told {
            detail.reason = Some(ERASED_TEXT.to_owned());
        }
        told
    })?;
    store::explain(tx, &changed).await?;
    let mut records = Vec::new();
    for (nonce, sealed) in store::quarantined(tx, &vouchers).await? {
        let plain = vault.open(Purpose::Record, &sealed)?;
        let mut item: Value = serde_json::from_slice(&plain).map_err(|error| Error::Internal(Box::new(error)))?;
        let Some(fields) = item.as_object_mut() else { continue };
        // A collector is asked for in some rounds: that there was one stays.
        let was = OF_PEOPLE.iter().filter(|field| fields.get(**field).is_some_and(|value| !value.is_null())).count();
        if was == 0 {
            continue;
        }
        if fields.get("collector").is_some_and(Value::is_object) {
            let nobody = serde_json::json!({ "name": ERASED_TEXT, "relation": ERASED_TEXT });
            fields.insert("collector".to_owned(), nobody);
        }
        if fields.get("override_reason").is_some_and(Value::is_string) {
            fields.insert("override_reason".to_owned(), Value::String(ERASED_TEXT.to_owned()));
        }
        records.push(Resealed { nonce, record: Bytes(vault.seal(Purpose::Record, item.to_string().as_bytes())) });
    }
    store::replace_records(tx, &records).await?;
    Ok(())
}

/// Takes a volunteer out of what the phone left: desks that were called after them, reasons, and refusals that named the
/// phone.
pub async fn erase_device(tx: &mut Tx, id: DeviceId, name: &str, traces: &Traces) -> Result<()> {
    for desk in store::desks(tx, id).await? {
        if traces.are_in(&desk) {
            store::rename_desk(tx, id, &desk, NAMELESS_DESK).await?;
        }
    }
    let held = store::held(tx).await?;
    let changed = explained_anew(held, |detail| {
        let by = detail.held_by.as_deref().is_some_and(|held_by| held_by == name || traces.are_in(held_by));
        if by {
            detail.held_by = Some(ERASED_TEXT.to_owned());
        }
        let at = detail.held_at.as_deref().is_some_and(|held_at| traces.are_in(held_at));
        if at {
            detail.held_at = Some(NAMELESS_DESK.to_owned());
        }
        by || at
    })?;
    store::explain(tx, &changed).await?;
    store::empty_reasons(tx, id).await?;
    Ok(())
}

/// Those of some scans whose explanation changes, with the new one.
fn explained_anew(
    scans: Vec<(uuid::Uuid, String)>,
    mut change: impl FnMut(&mut Detail) -> bool,
) -> Result<Vec<Explained>> {
    let mut changed = Vec::new();
    for (nonce, detail) in scans {
        let mut read: Detail = serde_json::from_str(&detail).map_err(|error| Error::Internal(Box::new(error)))?;
        if change(&mut read) {
            let detail = serde_json::to_string(&read).map_err(|error| Error::Internal(Box::new(error)))?;
            changed.push(Explained { nonce, detail });
        }
    }
    Ok(changed)
}
