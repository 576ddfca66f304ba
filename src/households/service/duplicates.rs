//! Households that might be registered twice: found, and told apart for good.

use serde_json::json;

use crate::db::{Conn, Tx};
use crate::households::duplicates::{Reason, Traits, reasons};
use crate::households::household_body::Distinct;
use crate::households::lookup::reachable;
use crate::households::store::pairs::{self, Pair};
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{Clock, Message, Within};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;

/// Households compared with the rest in one statement: few at first, whose pairs are found key by key; where pairs are
/// rare, ever more, since PostgreSQL then reads the whole register for each statement (40 ms of 20,000).
const FIRST_BATCH: i64 = 100;
const LAST_BATCH: i64 = 2_000;
/// Households that one request compares at most; a page may so be short and still have a next.
const MAX_COMPARED: i64 = 10_000;
/// Possible duplicates shown of one household.
const MAX_OTHERS: usize = 20;

/// A household, and those that might be the same with the reasons.
pub(in crate::households) type Found = (HouseholdId, Vec<(HouseholdId, Vec<Reason>)>);

/// The next suspicions after a household, and where to go on.
pub(in crate::households) async fn suspicions(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    mut after: uuid::Uuid,
    most: usize,
) -> Result<(Vec<Found>, Option<uuid::Uuid>)> {
    let mut found: Vec<Found> = Vec::new();
    let (mut batch, mut compared) = (FIRST_BATCH, 0);
    while compared < MAX_COMPARED {
        let end = pairs::batch_end(conn, areas, after, batch).await?;
        for pair in pairs::candidates(conn, areas, after, batch).await? {
            let why = reasons(first(&pair), second(&pair));
            if why.is_empty() {
                continue;
            }
            if let Some((_, others)) = found.last_mut().filter(|(id, _)| *id == pair.a_id) {
                if others.len() < MAX_OTHERS {
                    others.push((pair.b_id, why));
                }
                continue;
            }
            if found.len() == most {
                let last = found.last().map(|(id, _)| id.0);
                return Ok((found, last));
            }
            found.push((pair.a_id, vec![(pair.b_id, why)]));
        }
        match end {
            Some(end) => after = end,
            None => return Ok((found, None)),
        }
        compared += batch;
        batch = (2 * batch).min(LAST_BATCH);
    }
    Ok((found, Some(after)))
}

pub(super) fn unknown_household(field: &str) -> Error {
    Error::field(
        field,
        "unknown",
        Message::fixed(
            "Không có hộ này. Tìm trong danh sách hộ rồi chọn lại.",
            "There is no such household. Find it in the list and choose again.",
        ),
    )
}

/// Remembers that two households are not the same.
pub(in crate::households) async fn tell_apart(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<WriteHouseholds>,
    pair: Distinct,
) -> Result<()> {
    for (field, id) in [("first_id", pair.first_id), ("second_id", pair.second_id)] {
        reachable(tx, &permit.scope.areas, id).await.map_err(|_| unknown_household(field))?;
    }
    let (first, second) = (pair.first_id.min(pair.second_id), pair.first_id.max(pair.second_id));
    pairs::tell_apart(tx, clock, Some(permit.id.0), first, second).await?;
    let act = Act::on("tell_apart", "household", first.0).with(json!({ "other_id": second }));
    audit::append(tx, clock, permit.actor(), act).await
}

fn first(pair: &Pair) -> Traits<'_> {
    Traits {
        name_key: &pair.a_name,
        address_key: &pair.a_address,
        phone_index: pair.a_phone.as_deref(),
        birth_year: pair.a_year,
    }
}

fn second(pair: &Pair) -> Traits<'_> {
    Traits {
        name_key: &pair.b_name,
        address_key: &pair.b_address,
        phone_index: pair.b_phone.as_deref(),
        birth_year: pair.b_year,
    }
}
