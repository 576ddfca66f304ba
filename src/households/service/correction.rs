//! Correcting a household.

use serde_json::json;

use crate::consents;
use crate::db::Tx;
use crate::households::household::{Details, Keys};
use crate::households::household_body::HouseholdChange;
use crate::households::lookup::{lock_reachable, require_active};
use crate::households::service::registration::{citizen_taken, consent_of, refuse_known};
use crate::households::store::{self, Consent, Stored};
use crate::households::stored_category::CategoryReader;
use crate::households::view::{Household, opened_note, shown_after};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::HouseholdId;
use crate::kernel::{CitizenId, PhoneNumber};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::places;
use crate::vault::{Purpose, Vault};

/// Corrects a household, unless somebody else changed it meanwhile.
pub(in crate::households) async fn correct(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
    mut change: HouseholdChange,
) -> Result<Household> {
    let reach = &permit.scope.areas;
    let before = lock_reachable(tx, reach, id).await?;
    require_active(&before)?;
    if change.unchanged_since.is_some_and(|since| since != before.updated_at) {
        return Err(changed_meanwhile());
    }
    let (names, consent, channel) = (std::mem::take(&mut change.names), change.consent, change.consent_channel);
    let details = change.of(details_of(&core.vault, before)?);
    places::require_area(tx, "area_id", details.area_id).await?;
    reach.require(details.area_id)?;
    refuse_known(tx, reach, &Keys::of(&core.vault, &details), Some(id)).await?;
    let kept = match consent {
        None => store::consent_of(tx, id).await?,
        Some(true) => Some(Consent { at: core.clock.now(), by: Some(permit.id.0) }),
        Some(false) => None,
    };
    store::replace(tx, &core.vault, &core.clock, id, details, kept).await.map_err(citizen_taken)?;
    let given = consent_of(id, channel, Some(permit.id.0));
    match consent {
        None => {}
        Some(true) => consents::service::give(tx, &core.clock, &[given]).await?,
        Some(false) => {
            let how = (channel, String::new(), given.by);
            consents::service::withdraw(tx, &core.clock, given.owner, given.purpose, how).await?;
        }
    }
    let act = Act::on("update", "household", id.0).with(json!({ "fields": names }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    shown_after(tx, core, permit, id).await
}

fn changed_meanwhile() -> Error {
    Error::conflict(
        "changed_meanwhile",
        "Vừa có người khác sửa hộ này. Mở lại trang để xem thông tin mới rồi sửa tiếp.",
        "Somebody else has just changed this household. Open the page again to see it as it is now.",
    )
}

/// What opens and is no number is not taken for none: the correction would erase it.
fn unreadable(column: &str, id: HouseholdId) -> Error {
    Error::internal(format!("column {column} of table households, row {id}, does not hold what it should"))
}

/// Opens a stored household.
fn details_of(vault: &Vault, stored: Stored) -> Result<Details> {
    let id = stored.id;
    let phone = stored.phone_sealed.map(|sealed| vault.open_text(Purpose::Phone, &sealed)).transpose()?;
    let citizen_id = stored.citizen_sealed.map(|sealed| vault.open_text(Purpose::CitizenId, &sealed)).transpose()?;
    Ok(Details {
        area_id: stored.area_id,
        head_name: stored.head_name,
        phone: phone.map(|text| PhoneNumber::parse(&text).map_err(|_| unreadable("phone_sealed", id))).transpose()?,
        citizen_id: citizen_id
            .map(|text| CitizenId::parse(&text).map_err(|_| unreadable("citizen_sealed", id)))
            .transpose()?,
        birth_year: stored.birth_year,
        address: stored.address,
        members: stored.members,
        category: CategoryReader::new(vault).read(&stored.category, id)?,
        note: opened_note(vault, stored.note_sealed.as_deref())?,
    })
}
