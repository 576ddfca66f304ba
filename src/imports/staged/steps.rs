//! What a clerk does with a list between its upload and its commit: corrected cells, and what becomes of rows.
//!
//! Kept beside the list, so that it survives from page to page. What was typed is sealed like the list itself.

use std::collections::BTreeMap;

use super::conflicts::already_committed;
use super::decision::KeptDecision;
use super::store::{self, DecisionRow, StagedList};
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::ImportId;
use crate::spreadsheet::RowAt;
use crate::vault::Purpose;

/// Decisions written in one statement.
const BATCH: usize = 2_000;

/// What was typed for a row, by field; an empty text leaves the field out.
pub type Typed = BTreeMap<String, String>;

/// All that was done with one list.
#[derive(Default)]
pub struct Steps {
    /// What becomes of rows.
    pub decisions: BTreeMap<RowAt, KeptDecision>,
    /// What was typed instead of wrong cells.
    pub corrections: BTreeMap<RowAt, Typed>,
}

/// What was done with a list so far.
pub async fn of(conn: &mut Conn, core: &Core, list: &StagedList) -> Result<Steps> {
    let mut steps = Steps::default();
    for step in store::steps(conn, list.id).await? {
        let (Ok(sheet), Ok(row)) = (usize::try_from(step.sheet), u32::try_from(step.line)) else { continue };
        let at = RowAt { sheet, row };
        if let Some(decision) = step.decision {
            steps.decisions.insert(at, decision);
        }
        if let Some(sealed) = step.corrected {
            let json = core.vault.open(Purpose::Import, &sealed)?;
            let typed = serde_json::from_slice(&json).map_err(|error| Error::Internal(Box::new(error)))?;
            steps.corrections.insert(at, typed);
        }
    }
    Ok(steps)
}

/// Keeps what becomes of some rows; nothing takes a decision back.
pub async fn decide(tx: &mut Tx, id: ImportId, decisions: &[(RowAt, Option<KeptDecision>)]) -> Result<()> {
    require_open(tx, id).await?;
    for batch in decisions.chunks(BATCH) {
        let rows: Vec<DecisionRow> = batch
            .iter()
            .map(|(at, decision)| {
                let (sheet, line) = place(*at);
                DecisionRow { sheet, line, decision: *decision }
            })
            .collect();
        store::decide(tx, id, &rows).await?;
    }
    Ok(())
}

/// Keeps what was typed for some rows.
pub async fn correct(tx: &mut Tx, core: &Core, id: ImportId, rows: &[(RowAt, Typed)]) -> Result<()> {
    require_open(tx, id).await?;
    for (at, typed) in rows {
        let json = serde_json::to_vec(typed).map_err(|error| Error::Internal(Box::new(error)))?;
        store::correct(tx, id, place(*at), core.vault.seal(Purpose::Import, &json)).await?;
    }
    Ok(())
}

/// Forgets all of it: with the commit, or when the file is read again.
pub async fn forget(tx: &mut Tx, id: ImportId) -> Result<()> {
    store::forget_steps(tx, id).await?;
    Ok(())
}

/// Refuses a list that is committed, and keeps its commit waiting until the transaction ends.
async fn require_open(tx: &mut Tx, id: ImportId) -> Result<()> {
    if store::lock(tx, id).await? { Ok(()) } else { Err(already_committed()) }
}

fn place(at: RowAt) -> (i64, i64) {
    (i64::try_from(at.sheet).unwrap_or(i64::MAX), i64::from(at.row))
}
