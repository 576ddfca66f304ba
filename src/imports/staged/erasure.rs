//! An erased person goes out of the lists that are kept, whatever they are lists of.
//!
//! Rows that are the person's are taken out of what was read, with what was typed and decided about them. The file itself
//! can't be cut: of a list that held the person it is dropped, so that it is not read again with other columns.

use std::collections::BTreeMap;

use serde_json::Value;

use super::seal::{packed, unpacked};
use super::store;
use crate::db::Tx;
use crate::http::{Error, Result};
use crate::kernel::Traces;
use crate::kernel::ids::ImportId;
use crate::vault::{Purpose, Vault};

/// What a file is called whose name named the person; what follows the dot stays.
const NAMELESS: &str = "danh-sach";

/// Takes a person out of every list; how many lists were touched.
pub async fn erase(tx: &mut Tx, vault: &Vault, traces: &Traces) -> Result<u64> {
    let typed = typed(tx, vault).await?;
    let mut touched = 0;
    for id in store::with_staged(tx).await? {
        touched += u64::from(out_of_list(tx, vault, id, traces, &typed).await?);
    }
    for (id, name) in store::file_names(tx).await? {
        if traces.are_in(&name) {
            let end = name.rsplit_once('.').map_or("", |(_, end)| end);
            let end = if traces.are_in(end) { "" } else { end };
            store::rename(tx, id, format!("{NAMELESS}.{end}").trim_end_matches('.').to_owned()).await?;
            touched += 1;
        }
    }
    Ok(touched)
}

/// What was typed, by list and place.
type Typed = BTreeMap<(ImportId, i64, i64), Value>;

async fn typed(tx: &mut Tx, vault: &Vault) -> Result<Typed> {
    let mut typed = Typed::new();
    for (id, sheet, line, sealed) in store::corrected(tx).await? {
        typed.insert((id, sheet, line), read(&vault.open(Purpose::Import, &sealed)?)?);
    }
    Ok(typed)
}

async fn out_of_list(tx: &mut Tx, vault: &Vault, id: ImportId, traces: &Traces, typed: &Typed) -> Result<bool> {
    let Some(sealed) = store::staged(tx, id).await? else { return Ok(false) };
    let mut list = read(&unpacked(&vault.open(Purpose::Import, &sealed)?)?)?;
    let Some(rows) = list.get_mut("rows").and_then(Value::as_array_mut) else { return Ok(false) };
    let mut gone = Vec::new();
    rows.retain(|row| {
        let at = (whole(row, "sheet"), whole(row, "row"));
        let mut texts = Vec::new();
        collect(row, &mut texts);
        if let Some(typed) = typed.get(&(id, at.0, at.1)) {
            collect(typed, &mut texts);
        }
        let hers = traces.are_of_row(&texts);
        if hers {
            gone.push(at);
        }
        !hers
    });
    if gone.is_empty() {
        return Ok(false);
    }
    let json = serde_json::to_vec(&list).map_err(|error| Error::Internal(Box::new(error)))?;
    store::replace_staged(tx, id, vault.seal(Purpose::Import, &packed(&json)?)).await?;
    for place in gone {
        store::forget_step(tx, id, place).await?;
    }
    store::forget_file(tx, id).await?;
    Ok(true)
}

fn read(json: &[u8]) -> Result<Value> {
    serde_json::from_slice(json).map_err(|error| Error::Internal(Box::new(error)))
}

fn whole(row: &Value, field: &str) -> i64 {
    row.get(field).and_then(Value::as_i64).unwrap_or(-1)
}

/// Every text within, however deep.
fn collect<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Object(values) => values.values().for_each(|value| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
