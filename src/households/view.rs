//! A household as a login sees it: phone, id number, note and illness masked, or in full, which is a look that is logged.

use serde::Serialize;
use serde_json::json;

use super::Category;
use super::HouseholdStatus;
use super::store::{self, Stored};
use super::stored_category::CategoryReader;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::{CitizenId, Moment, PhoneNumber};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::vault::{Purpose, Vault};

/// A household. Phone, id number and note are masked for a login without the right to personal data.
#[derive(Clone, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91",
    "head_name": "Trần Thị Hoa", "phone": "••••••• 185", "citizen_id": "••••••••• 926", "masked": true,
    "birth_year": 1972, "address": "K197/27 Trần Cao Vân", "members": 4, "category": "poor", "note": null,
    "consent_at": "2021-08-04T03:00:00Z", "status": "active", "merged_into": null, "import_id": null,
    "created_at": "2021-08-04T03:00:00Z", "updated_at": "2021-08-04T03:00:00Z"}))]
pub struct Household {
    /// Its id.
    pub id: HouseholdId,
    /// The area it belongs to.
    pub area_id: AreaId,
    /// Its head (chủ hộ); empty once erased.
    pub head_name: String,
    /// 10 or 11 digits, or masked.
    pub phone: Option<String>,
    /// 12 digits (an old CMND: 9), or masked.
    pub citizen_id: Option<String>,
    /// Whether phone, id number and note are masked for this login.
    pub masked: bool,
    /// The head's year of birth.
    pub birth_year: Option<i64>,
    /// Where it lives.
    pub address: String,
    /// How many people (nhân khẩu).
    pub members: i64,
    /// Why it is helped; an illness is told as `other` when masked.
    pub category: Category,
    /// What else to know; null when masked, since it may tell of an illness.
    pub note: Option<String>,
    /// When consent to keep these data was given; null when it was not.
    pub consent_at: Option<Moment>,
    /// `active`, `merged` or `erased`.
    pub status: HouseholdStatus,
    /// The household it was merged into.
    pub merged_into: Option<HouseholdId>,
    /// The list it came with.
    pub import_id: Option<ImportId>,
    /// When it was registered.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

impl Household {
    /// What a login with (`full`) or without the right to personal data sees.
    pub(super) fn of(vault: &Vault, categories: &CategoryReader, stored: Stored, full: bool) -> Result<Self> {
        let phone = stored.phone_sealed.map(|sealed| vault.open_text(Purpose::Phone, &sealed)).transpose()?;
        let citizen_id =
            stored.citizen_sealed.map(|sealed| vault.open_text(Purpose::CitizenId, &sealed)).transpose()?;
        let category = categories.read(&stored.category, stored.id)?;
        // Opened for whoever looks: one that does not open is told whatever its reader may see.
        let note = opened_note(vault, stored.note_sealed.as_deref())?;
        let masked_phone = |text: String| PhoneNumber::parse(&text).map_or_else(|_| "•••".to_owned(), |p| p.masked());
        let masked_id = |text: String| CitizenId::parse(&text).map_or_else(|_| "•••".to_owned(), |c| c.masked());
        Ok(Self {
            id: stored.id,
            area_id: stored.area_id,
            head_name: stored.head_name,
            phone: if full { phone } else { phone.map(masked_phone) },
            citizen_id: if full { citizen_id } else { citizen_id.map(masked_id) },
            masked: !full,
            birth_year: stored.birth_year,
            address: stored.address,
            members: stored.members,
            category: if full { category } else { category.masked() },
            note: full.then_some(note),
            consent_at: stored.consent_at,
            status: stored.status,
            merged_into: stored.merged_into,
            import_id: stored.import_id,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        })
    }

    /// One as a login without the right to personal data sees it.
    pub(super) fn masked(vault: &Vault, stored: Stored) -> Result<Self> {
        Self::of(vault, &CategoryReader::new(vault), stored, false)
    }

    pub(super) fn tells_secrets(&self) -> bool {
        !self.masked
            && (self.phone.is_some()
                || self.citizen_id.is_some()
                || self.note.as_ref().is_some_and(|n| !n.is_empty())
                || self.category.is_sensitive())
    }
}

/// Opens a stored note; none is an empty one.
pub(super) fn opened_note(vault: &Vault, sealed: Option<&[u8]>) -> Result<String> {
    Ok(sealed.map(|sealed| vault.open_text(Purpose::Note, sealed)).transpose()?.unwrap_or_default())
}

/// What a login may see of some households; a look at personal data is logged before it is answered.
pub(super) async fn shown(core: &Core, staff: &Staff, stored: Vec<Stored>) -> Result<Vec<Household>> {
    let categories = CategoryReader::new(&core.vault);
    let shown =
        stored.into_iter().map(|stored| seen_by(core, &categories, staff, stored)).collect::<Result<Vec<_>>>()?;
    if let Some(look) = look_at(&shown) {
        audit::record(core, staff.actor(), look).await?;
    }
    Ok(shown)
}

/// What a login may see of one household; a look at personal data is logged before it is answered.
pub(super) async fn shown_one(core: &Core, staff: &Staff, stored: Stored) -> Result<Household> {
    shown(core, staff, vec![stored]).await?.pop().ok_or(Error::NotFound)
}

/// What a login may see of a household that an act has just changed: the look is logged with the act.
pub async fn shown_after(tx: &mut Tx, core: &Core, staff: &Staff, id: HouseholdId) -> Result<Household> {
    let stored = store::household(tx, &staff.scope.areas, id).await?.ok_or(Error::NotFound)?;
    let household = seen_by(core, &CategoryReader::new(&core.vault), staff, stored)?;
    if let Some(look) = look_at(std::slice::from_ref(&household)) {
        audit::append(tx, &core.clock, staff.actor(), look).await?;
    }
    Ok(household)
}

fn seen_by(core: &Core, categories: &CategoryReader, staff: &Staff, stored: Stored) -> Result<Household> {
    Household::of(&core.vault, categories, stored, staff.role.may(Right::ReadPersonal))
}

/// Logs a look at which households are helped for an illness: a list narrowed to these tells it, whatever it masks.
pub(super) async fn note_look_at_illness(core: &Core, staff: &Staff, ids: &[HouseholdId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let act = Act::many("read_personal", "household", json!({ "ids": ids, "fields": ["category"] }));
    audit::record(core, staff.actor(), act).await.map(|_| ())
}

/// Refuses whoever may not see why households are helped, when that is an illness.
pub(super) fn require_may_see(staff: &Staff, category: Option<Category>) -> Result<()> {
    let hidden = category.is_some_and(Category::is_sensitive) && !staff.role.may(Right::ReadPersonal);
    if hidden { Err(Error::Forbidden) } else { Ok(()) }
}

/// The look that these were, when they tell personal data.
fn look_at(shown: &[Household]) -> Option<Act<'static>> {
    let told: Vec<HouseholdId> = shown.iter().filter(|h| h.tells_secrets()).map(|h| h.id).collect();
    match told.as_slice() {
        [] => None,
        [one] => Some(Act::on("read_personal", "household", one.0)),
        many => Some(Act::many("read_personal", "household", json!({ "ids": many }))),
    }
}
