//! Correcting a household.

use serde::{Deserialize, Deserializer};
use serde_json::json;

use crate::households::Category;
use crate::households::household::{
    Details, Keys, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note,
};
use crate::households::lookup::{in_scope, require_active};
use crate::households::service::registration::{citizen_taken, given, refuse_known};
use crate::households::store::{self, Consent, Stored};
use crate::households::view::{Household, shown};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{CitizenId, Moment, PhoneNumber, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::places::{self, AreaScope};
use crate::vault::{Purpose, Vault};

/// What changes about a household: what is left out stays, null or an empty text clears what may be empty.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"phone": "0905 123 457", "members": 5}))]
pub(in crate::households) struct HouseholdChange {
    pub(in crate::households) head_name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    pub(in crate::households) phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    pub(in crate::households) citizen_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    pub(in crate::households) birth_year: Option<Option<i64>>,
    pub(in crate::households) area_id: Option<AreaId>,
    pub(in crate::households) address: Option<String>,
    pub(in crate::households) members: Option<i64>,
    pub(in crate::households) category: Option<Category>,
    pub(in crate::households) note: Option<String>,
    /// True: consent was given now. False: it was withdrawn.
    pub(in crate::households) consent: Option<bool>,
    /// The `updated_at` that the change was made on: a household that somebody else changed since stays as it is.
    pub(in crate::households) unchanged_since: Option<Moment>,
}

/// Tells a null from a field that was left out.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl HouseholdChange {
    fn names(&self) -> Vec<&'static str> {
        [
            ("head_name", self.head_name.is_some()),
            ("phone", self.phone.is_some()),
            ("citizen_id", self.citizen_id.is_some()),
            ("birth_year", self.birth_year.is_some()),
            ("area_id", self.area_id.is_some()),
            ("address", self.address.is_some()),
            ("members", self.members.is_some()),
            ("category", self.category.is_some()),
            ("note", self.note.is_some()),
            ("consent", self.consent.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
    }

    /// The details after the change.
    fn apply(self, core: &Core, before: Details) -> Result<Details> {
        let mut fields = Validation::new();
        let head_name = fields.take_optional("head_name", self.head_name, |text| parse_head_name(&text));
        let phone = match self.phone {
            None => before.phone,
            Some(text) => fields.take_optional("phone", given(text), |text| PhoneNumber::parse(&text)),
        };
        let citizen_id = match self.citizen_id {
            None => before.citizen_id,
            Some(text) => fields.take_optional("citizen_id", given(text), |text| CitizenId::parse(&text)),
        };
        let birth_year = match self.birth_year {
            None => before.birth_year,
            Some(year) => fields.take_optional("birth_year", year, |year| parse_birth_year(year, &core.clock)),
        };
        let address = fields.take_optional("address", self.address, |text| parse_address(&text));
        let members = fields.take_optional("members", self.members, parse_members);
        let note = fields.take_optional("note", self.note, |text| parse_note(&text));
        fields.finish()?;
        Ok(Details {
            area_id: self.area_id.unwrap_or(before.area_id),
            head_name: head_name.unwrap_or(before.head_name),
            phone,
            citizen_id,
            birth_year,
            address: address.unwrap_or(before.address),
            members: members.unwrap_or(before.members),
            category: self.category.unwrap_or(before.category),
            note: note.unwrap_or(before.note),
        })
    }
}

/// Corrects a household, unless somebody else changed it meanwhile.
pub(in crate::households) async fn correct(
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
    change: HouseholdChange,
) -> Result<Household> {
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(permit);
    let before = in_scope(store::lock(&mut tx, id).await?, &scope)?;
    require_active(&before)?;
    if change.unchanged_since.is_some_and(|since| since != before.updated_at) {
        return Err(changed_meanwhile());
    }
    let (changed, consent_change) = (change.names(), change.consent);
    let details = change.apply(core, details_of(&core.vault, before)?)?;
    places::require_area(&mut tx, "area_id", details.area_id).await?;
    scope.require(details.area_id)?;
    refuse_known(&mut tx, &scope, &Keys::of(&core.vault, &details), Some(id)).await?;
    let consent = match consent_change {
        None => store::consent_of(&mut tx, id).await?,
        Some(true) => Some(Consent { at: core.clock.now(), by: Some(permit.id.0) }),
        Some(false) => None,
    };
    store::replace(&mut tx, &core.vault, &core.clock, id, details, consent).await.map_err(citizen_taken)?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let act = Act::on("update", "household", id.0).with(json!({ "fields": changed }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    let mut after = shown(core, permit, vec![stored]).await?;
    after.pop().ok_or(Error::NotFound)
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
        category: stored.category,
        note: stored.note,
    })
}
