//! Registering a household, once: one that is known already is refused.

use crate::consents::{self, ConsentChannel, ConsentSubject, Given, Owner, Purpose};
use crate::db::{Conn, ErrorKind, Tx, classify};
use crate::households::household::{Details, Keys};
use crate::households::household_body::Registration;
use crate::households::store::{self, Consent, NewHousehold};
use crate::households::stored_category::CategoryReader;
use crate::households::view::Household;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{Message, Within};
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::people::{Permit, Right};
use crate::places;
use crate::vault::Vault;

/// A household's consent that its data are kept.
pub(in crate::households) fn consent_of(id: HouseholdId, channel: ConsentChannel, by: Option<uuid::Uuid>) -> Given {
    let owner = Owner { kind: ConsentSubject::Household, id: id.0 };
    Given { owner, purpose: Purpose::KeepData, channel, by }
}

/// The active household that these details seem to be of: the same id number, else the same name with the same phone or
/// address.
pub(in crate::households) async fn same_as(
    conn: &mut Conn,
    vault: &Vault,
    details: &Details,
) -> Result<Option<(HouseholdId, AreaId)>> {
    let keys = Keys::of(vault, details);
    let same_citizen = match &keys.citizen_index {
        Some(index) => store::by_citizen(conn, index.clone()).await?,
        None => None,
    };
    match same_citizen {
        Some(same) => Ok(Some(same)),
        None => Ok(store::same_name(conn, &keys).await?),
    }
}

/// Refuses an id number that belongs to another active household.
pub(super) async fn refuse_known(
    conn: &mut Conn,
    reach: &Within<AreaId>,
    keys: &Keys,
    own: Option<HouseholdId>,
) -> Result<()> {
    let Some(index) = &keys.citizen_index else { return Ok(()) };
    match store::by_citizen(conn, index.clone()).await? {
        Some((id, area_id)) if Some(id) != own => Err(duplicate(reach.holds(area_id).then_some(id))),
        _ => Ok(()),
    }
}

/// Another request stored the same id number in the same instant.
pub(super) fn citizen_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique { duplicate(None) } else { error.into() }
}

/// Registers a household once; the same id number, or the same name with the same phone or address, is refused.
pub(in crate::households) async fn register(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    new: Registration,
) -> Result<Household> {
    let Registration { details, consent, allow_duplicate } = new;
    let reach = &permit.scope.areas;
    places::require_area(tx, "area_id", details.area_id).await?;
    reach.require(details.area_id)?;
    let keys = Keys::of(&core.vault, &details);
    refuse_known(tx, reach, &keys, None).await?;
    if !allow_duplicate && let Some((id, area_id)) = store::same_name(tx, &keys).await? {
        return Err(possible_duplicate(id, reach.holds(area_id)));
    }
    let kept = consent.map(|_| Consent { at: core.clock.now(), by: Some(permit.id.0) });
    let new = NewHousehold::of(&core.vault, &core.clock, details, keys, kept, None);
    let id = new.id();
    store::insert(tx, &[new]).await.map_err(citizen_taken)?;
    if let Some(channel) = consent {
        consents::service::give(tx, &core.clock, &[consent_of(id, channel, Some(permit.id.0))]).await?;
    }
    let stored = store::household(tx, reach, id).await?.ok_or(Error::NotFound)?;
    // Whoever sent it sees it as sent: no look to log.
    let household =
        Household::of(&core.vault, &CategoryReader::new(&core.vault), stored, permit.role.may(Right::ReadPersonal))?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("create", "household", id.0)).await?;
    Ok(household)
}

fn duplicate(id: Option<HouseholdId>) -> Error {
    let say = id.map_or_else(
        || {
            Message::fixed(
                "Số CCCD/CMND này đã có ở một hộ thuộc khu vực khác. Hãy hỏi cán bộ phụ trách.",
                "A household of another area has this id number already. Ask the coordinator.",
            )
        },
        |id| {
            Message::new(
                format!("Số CCCD/CMND này đã có ở hộ {id}. Mở hộ đó để sửa, hoặc bỏ trống số này."),
                format!("Household {id} has this id number already. Correct that one, or leave the number out."),
            )
        },
    );
    Error::Conflict { code: "duplicate", say }
}

fn possible_duplicate(id: HouseholdId, in_scope: bool) -> Error {
    let (vi, en) = if in_scope {
        (format!("hộ {id}"), format!("household {id}"))
    } else {
        ("một hộ thuộc khu vực khác".to_owned(), "a household of another area".to_owned())
    };
    let say = Message::new(
        format!(
            "Nghi trùng với {vi}: cùng họ tên và cùng số điện thoại hoặc địa chỉ. Nếu là hộ khác, gửi lại với allow_duplicate = true."
        ),
        format!(
            "Possibly the same as {en}: same name and same phone or address. If it is another one, send again with allow_duplicate = true."
        ),
    );
    Error::Conflict { code: "possible_duplicate", say }
}
