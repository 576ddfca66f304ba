//! Households that might be registered twice: found, and told apart for good.

use serde::Deserialize;
use serde_json::json;

use crate::db::Conn;
use crate::households::duplicates::{Reason, Traits, reasons};
use crate::households::lookup::in_scope;
use crate::households::store;
use crate::households::store::pairs::{self, Pair};
use crate::http::{Core, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::places::AreaScope;

/// Batches of households that one request compares at most; a page may so be short and still have a next.
const MAX_BATCHES: usize = 20;
/// Possible duplicates shown of one household.
const MAX_OTHERS: usize = 20;

/// A household, and those that might be the same with the reasons.
pub(in crate::households) type Found = (HouseholdId, Vec<(HouseholdId, Vec<Reason>)>);

/// The next suspicions after a household, and where to go on.
pub(in crate::households) async fn suspicions(
    conn: &mut Conn,
    scope: &AreaScope,
    mut after: uuid::Uuid,
    most: usize,
) -> Result<(Vec<Found>, Option<uuid::Uuid>)> {
    let mut found: Vec<Found> = Vec::new();
    for _ in 0..MAX_BATCHES {
        let end = pairs::batch_end(conn, scope, after).await?;
        for pair in pairs::candidates(conn, scope, after).await? {
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
    }
    Ok((found, Some(after)))
}

/// Two households that are not the same.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"first_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "second_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91"}))]
pub(in crate::households) struct DistinctBody {
    /// One.
    pub(in crate::households) first_id: HouseholdId,
    /// The other.
    pub(in crate::households) second_id: HouseholdId,
}

pub(super) fn same_household(field: &str) -> Error {
    Error::field(field, "same", Message::fixed("Chọn hai hộ khác nhau.", "Choose two different households."))
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
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    body: DistinctBody,
) -> Result<()> {
    let (first, second) = (body.first_id.min(body.second_id), body.first_id.max(body.second_id));
    if first == second {
        return Err(same_household("second_id"));
    }
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(permit);
    for (field, id) in [("first_id", body.first_id), ("second_id", body.second_id)] {
        in_scope(store::household(&mut tx, id).await?, &scope).map_err(|_| unknown_household(field))?;
    }
    pairs::tell_apart(&mut tx, &core.clock, Some(permit.id.0), first, second).await?;
    let act = Act::on("tell_apart", "household", first.0).with(json!({ "other_id": second }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    Ok(())
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
