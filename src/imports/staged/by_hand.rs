//! What a clerk does by hand with a list whose rows are stored as they stand or left out: cells typed anew, rows
//! decided, columns chosen. The bodies of those calls, and what they say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decision::{Decision, KeptDecision};
use super::list::earlier;
use super::steps::{Steps, Typed};
use super::store::Earlier;
use crate::db::Conn;
use crate::http::schemas::CellText;
use crate::http::{Error, Listing, Page, Result};
use crate::imports::kind::Kind;
use crate::kernel::message::Invalid;
use crate::kernel::{FieldError, Message, Validation};
use crate::spreadsheet::{Choice, ListRow, Reading, RowAt, RowStatus};

/// Characters that one corrected cell has at most.
const LONGEST_CELL: usize = 2_000;

/// What a clerk types instead of wrong cells.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportCorrection, example = json!({"rows": {"96": {"phone": "0905 123 456", "note": null}}}))]
pub struct CorrectionBody {
    /// By a row's key: texts by field; null leaves the field out.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, BTreeMap<String, CellText>>)]
    pub rows: BTreeMap<String, BTreeMap<String, Option<String>>>,
}

impl CorrectionBody {
    /// What was typed, by the rows' places.
    pub fn by_place<T>(self, reading: &Reading<T>) -> Result<BTreeMap<RowAt, Typed>> {
        let places = places(reading, self.rows.keys())?;
        let texts = |values: BTreeMap<String, Option<String>>| {
            values.into_iter().map(|(field, text)| (field, text.unwrap_or_default())).collect()
        };
        Ok(places.into_iter().zip(self.rows.into_values().map(texts)).collect())
    }
}

/// What becomes of rows.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportDecisions, example = json!({"decisions": {"96": "new", "107": null}}))]
pub struct DecisionsBody {
    /// By a row's key; null takes a decision back.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Decision>)]
    pub decisions: BTreeMap<String, Option<Decision>>,
    /// All rows of a status instead.
    pub every: Option<EveryBody>,
}

/// A decision about all rows of a status.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = ImportDecisionEvery)]
pub struct EveryBody {
    /// The status.
    pub status: RowStatus,
    /// Null takes decisions back.
    pub decision: Option<Decision>,
}

impl DecisionsBody {
    /// The decisions, by the rows' places.
    pub fn by_place<T>(self, reading: &Reading<T>) -> Result<BTreeMap<RowAt, Option<Decision>>> {
        match self.every {
            Some(every) => Ok(every_row(reading, every.status, every.decision)),
            None => {
                let places = places(reading, self.decisions.keys())?;
                Ok(places.into_iter().zip(self.decisions.into_values()).collect())
            }
        }
    }
}

/// One decision about all rows of a status.
pub fn every_row<T, D: Copy>(reading: &Reading<T>, status: RowStatus, decision: D) -> BTreeMap<RowAt, D> {
    reading.rows.iter().filter(|row| row.status == status).map(|row| (row.at, decision)).collect()
}

/// How many rows a decision reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportDecided)]
pub struct Decided {
    /// Rows that are decided so now.
    pub decided: usize,
    /// Rows of which it can't be: errors, and what is no data.
    pub impossible: usize,
}

/// How a list is to be read again.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportReading, example = json!({"sheets": [{"sheet": 0, "header_row": 4, "columns": {"phone": 5, "note": null}}]}))]
pub struct ReadingBody {
    /// Columns chosen by hand; sheets and fields left out stay as they were found.
    #[serde(default)]
    pub sheets: Vec<Choice>,
}

/// The rows of keys, in the order of the keys.
pub fn places<'a, T>(reading: &Reading<T>, keys: impl Iterator<Item = &'a String>) -> Result<Vec<RowAt>> {
    let known: BTreeMap<String, RowAt> = reading.data().map(|row| (reading.key_of(row.at), row.at)).collect();
    let mut fields = Validation::new();
    let mut found = Vec::new();
    for key in keys {
        match known.get(key) {
            Some(at) => found.push(*at),
            None => {
                let wrong = Invalid { code: "unknown", say: no_such_row() };
                fields.push(wrong.at(format!("decisions.{key}")));
            }
        }
    }
    fields.finish()?;
    Ok(found)
}

/// All that was typed for some rows, earlier and now. What is typed may be wrong again: the row then tells why.
/// `typed_fields` are the fields that may be typed, `correctable` says whether a row may be.
pub fn typed<T>(
    (reading, steps): (&Reading<T>, &Steps),
    typed_fields: &[&str],
    correctable: impl Fn(&ListRow<T>) -> bool,
    rows: BTreeMap<RowAt, Typed>,
) -> Result<Vec<(RowAt, Typed)>> {
    let (mut kept, mut errors) = (Vec::with_capacity(rows.len()), Vec::new());
    for (at, typed) in rows {
        let place = reading.place(at);
        let named = |field: &str| format!("rows.{}:{}.{field}", at.sheet + 1, at.row);
        if !place.is_some_and(|place| correctable(&reading.rows[place])) {
            errors.push(FieldError::new(named(""), "unknown", no_such_row()));
            continue;
        }
        for (field, text) in &typed {
            if !typed_fields.contains(&field.as_str()) {
                errors.push(FieldError::new(named(""), "unknown", no_such_field(typed_fields)));
            } else if text.chars().count() > LONGEST_CELL {
                errors.push(FieldError::new(named(field), "too_long", too_long()));
            }
        }
        let mut all = steps.corrections.get(&at).cloned().unwrap_or_default();
        all.extend(typed);
        kept.push((at, all));
    }
    if errors.is_empty() { Ok(kept) } else { Err(Error::Invalid(errors)) }
}

fn no_such_row() -> Message {
    Message::fixed("Danh sách không có dòng dữ liệu này.", "The list has no such row of data.")
}

fn no_such_field(fields: &[&str]) -> Message {
    let names = fields.join(", ");
    Message::new(format!("Chỉ sửa được: {names}."), format!("What may be corrected: {names}."))
}

fn too_long() -> Message {
    Message::fixed("Ô này dài quá 2.000 ký tự.", "This cell has more than 2,000 characters.")
}

/// A decision about a row of this status as it is kept, nothing to take it back; or that it can't be.
pub fn kept(status: RowStatus, decision: Option<Decision>) -> Option<Option<KeptDecision>> {
    let may_be = matches!(status, RowStatus::New | RowStatus::Duplicate);
    may_be.then(|| decision.map(KeptDecision::from))
}

/// What was decided before the commit about rows that can be stored, by key; what the commit itself says goes first.
pub fn all_decisions<T>(
    reading: &Reading<T>,
    steps: &Steps,
    with_commit: BTreeMap<String, Decision>,
) -> Result<BTreeMap<String, Decision>> {
    let mut all = BTreeMap::new();
    for row in reading.rows.iter().filter(|row| matches!(row.status, RowStatus::New | RowStatus::Duplicate)) {
        let decision = match steps.decisions.get(&row.at) {
            None => continue,
            Some(KeptDecision::New) => Decision::New,
            Some(KeptDecision::Skip) => Decision::Skip,
            Some(KeptDecision::Into(_)) => {
                return Err(Error::internal("a row of this list can't be of another record"));
            }
        };
        all.insert(reading.key_of(row.at), decision);
    }
    all.extend(with_commit);
    Ok(all)
}

/// A page of uploaded lists, newest first; `next` counts the lists before. With `only_of`, those of one login.
pub async fn listing(conn: &mut Conn, kind: Kind, only_of: Option<uuid::Uuid>, page: Page) -> Result<Listing<Earlier>> {
    let fetch = Page { limit: page.limit, after: None }.cursor()?.fetch;
    let before: i64 = match page.after.as_deref().map(str::parse) {
        None => 0,
        Some(Ok(before)) if before >= 0 => before,
        Some(_) => {
            let say = Message::fixed(
                "after phải là giá trị next của trang trước.",
                "after must be the next of the page before.",
            );
            return Err(Error::field("after", "unknown", say));
        }
    };
    let mut items = earlier(conn, kind, only_of, fetch, before).await?;
    let shown = usize::try_from(fetch - 1).unwrap_or(0);
    let more = items.len() > shown;
    items.truncate(shown);
    Ok(Listing { items, next: more.then(|| (before + fetch - 1).to_string()) })
}
