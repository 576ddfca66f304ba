//! Registering, finding, reading and correcting households.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use super::super::search::Search;
use super::super::store::{self, Consent, Filter, HandoverPast, NewHousehold, Stored, VoucherPast, changes};
use super::super::{
    AreaScope, Category, Details, Keys, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note,
};
use super::{Household, shown};
use crate::db::{Conn, ErrorKind, classify};
use crate::http::{Answer, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{CitizenId, Message, Moment, PhoneNumber, Validation};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::places;
use crate::vault::{Purpose, Vault};

/// A household to register.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"head_name": "Trần Thị Hoa", "phone": "0905 123 456", "citizen_id": "048172001234",
    "birth_year": 1972, "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "K197/27 Trần Cao Vân",
    "members": 4, "category": "poor", "note": "", "consent": true}))]
pub(in crate::households) struct NewHouseholdBody {
    /// Head of household, 1 to 200 characters.
    pub(in crate::households) head_name: String,
    /// A Vietnamese number in any usual spelling.
    pub(in crate::households) phone: Option<String>,
    /// 12 digits, or an old CMND of 9.
    pub(in crate::households) citizen_id: Option<String>,
    /// 1900 to this year.
    pub(in crate::households) birth_year: Option<i64>,
    /// The area it belongs to.
    pub(in crate::households) area_id: AreaId,
    /// Where it lives.
    #[serde(default)]
    pub(in crate::households) address: String,
    /// How many people, 1 to 30.
    pub(in crate::households) members: i64,
    /// Why it is helped.
    pub(in crate::households) category: Category,
    /// What else to know.
    pub(in crate::households) note: Option<String>,
    /// Whether the household agreed that these data are kept; never assumed.
    #[serde(default)]
    pub(in crate::households) consent: bool,
    /// Register although a household with the same name and phone or address exists.
    #[serde(default)]
    pub(in crate::households) allow_duplicate: bool,
}

impl NewHouseholdBody {
    fn details(self, core: &Core) -> Result<Details> {
        let mut fields = Validation::new();
        let head_name = fields.take("head_name", parse_head_name(&self.head_name));
        let phone = fields.take_optional("phone", given(self.phone), |text| PhoneNumber::parse(&text));
        let citizen_id = fields.take_optional("citizen_id", given(self.citizen_id), |text| CitizenId::parse(&text));
        let birth_year =
            fields.take_optional("birth_year", self.birth_year, |year| parse_birth_year(year, &core.clock));
        let address = fields.take("address", parse_address(&self.address));
        let members = fields.take("members", parse_members(self.members));
        let note = fields.take_optional("note", self.note, |text| parse_note(&text));
        fields.finish()?;
        Ok(Details {
            area_id: self.area_id,
            head_name: head_name.unwrap_or_default(),
            phone,
            citizen_id,
            birth_year,
            address: address.unwrap_or_default(),
            members: members.unwrap_or(1),
            category: self.category,
            note: note.unwrap_or_default(),
        })
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Register a household
#[utoipa::path(post, path = "/households", tag = "households", request_body = NewHouseholdBody,
    responses((status = 201, description = "The household", body = Household), Problems))]
pub(in crate::households) async fn register(
    State(core): State<Core>,
    staff: Staff,
    create: CreateBody<NewHouseholdBody>,
) -> Result<Answer> {
    staff.require(Right::WriteHouseholds)?;
    let CreateBody { body, once } = create;
    let (consent, allow_duplicate) = (body.consent, body.allow_duplicate);
    let details = body.details(&core)?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    places::require_area(&mut tx, "area_id", details.area_id).await?;
    let scope = AreaScope::of(&staff);
    scope.require(details.area_id)?;
    let keys = Keys::of(&core.vault, &details);
    refuse_known(&mut tx, &scope, &keys, None).await?;
    if !allow_duplicate && let Some((id, area_id)) = store::same_name(&mut tx, &keys).await? {
        return Err(possible_duplicate(id, scope.holds(area_id)));
    }
    let consent = consent.then(|| Consent { at: core.clock.now(), by: Some(staff.id.0) });
    let new = NewHousehold::of(&core.vault, &core.clock, details, keys, consent, None);
    let id = new.id();
    store::insert(&mut tx, &[new]).await.map_err(citizen_taken)?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let answer = Household::of(&core.vault, stored, staff.role.may(Right::ReadPersonal))?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("create", "household", id.0)).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &answer).await
}

/// The active household that a body seems to be: the same id number, else the same name with the same phone or address.
pub(in crate::households) async fn same_as(
    conn: &mut Conn,
    core: &Core,
    body: NewHouseholdBody,
) -> Result<Option<(HouseholdId, AreaId)>> {
    let keys = Keys::of(&core.vault, &body.details(core)?);
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
async fn refuse_known(conn: &mut Conn, scope: &AreaScope, keys: &Keys, own: Option<HouseholdId>) -> Result<()> {
    let Some(index) = &keys.citizen_index else { return Ok(()) };
    match store::by_citizen(conn, index.clone()).await? {
        Some((id, area_id)) if Some(id) != own => Err(duplicate(scope.holds(area_id).then_some(id))),
        _ => Ok(()),
    }
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

/// Another request stored the same id number in the same instant.
fn citizen_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique { duplicate(None) } else { error.into() }
}

/// Which households to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::households) struct Wanted {
    /// Words of name or address without regard to marks, case or order; or a phone or id number.
    q: Option<String>,
    /// Only households of this area and the areas below it.
    area_id: Option<AreaId>,
    /// Only this category.
    #[param(inline)]
    category: Option<Category>,
    /// `active` (when left out), `merged`, `erased` or `all`.
    status: Option<String>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Households, exact-mark matches first, then by given name
#[utoipa::path(get, path = "/households", tag = "households", params(Wanted),
    responses((status = 200, description = "A page of households", body = Listing<Household>), Problems))]
pub(in crate::households) async fn list(
    State(core): State<Core>,
    staff: Staff,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listing<Household>>> {
    staff.require(Right::ReadHouseholds)?;
    let cursor = Page { limit: wanted.limit, after: wanted.after.clone() }.cursor()?;
    let status = match wanted.status.as_deref() {
        None => "active",
        Some("all") => "",
        Some(status @ ("active" | "merged" | "erased")) => status,
        Some(_) => {
            return Err(Error::field(
                "status",
                "unknown_value",
                Message::fixed(
                    "status là active, merged, erased hoặc all.",
                    "status is active, merged, erased or all.",
                ),
            ));
        }
    };
    let mut conn = core.db.read().await?;
    let mut scope = AreaScope::of(&staff);
    if let Some(area_id) = wanted.area_id {
        places::require_area(&mut conn, "area_id", area_id).await?;
        scope = scope.narrowed(places::store::subtree(&mut conn, area_id).await?);
    }
    let category = wanted.category.map_or("", Category::as_str).to_owned();
    let filter = Filter { scope, category, status: status.to_owned() };
    let found = match Search::parse(&core.vault, wanted.q.as_deref().unwrap_or("")) {
        Search::Words { folded, marked } => store::by_words(&mut conn, *folded, *marked, &filter, cursor).await?,
        Search::Number { phone_index, citizen_index } => {
            store::by_number(&mut conn, phone_index, citizen_index, &filter, cursor).await?
        }
    };
    drop(conn);
    let Listing { items, next } = Listing::new(found, cursor, |stored| stored.id.0);
    Ok(Json(Listing { items: shown(&core, &staff, items).await?, next }))
}

/// A household with what it received.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct HouseholdWithHistory {
    #[serde(flatten)]
    pub(in crate::households) household: Household,
    /// Its vouchers and those of households merged into it, newest first.
    pub(in crate::households) vouchers: Vec<VoucherPast>,
    /// What was handed out to it, newest first.
    pub(in crate::households) handovers: Vec<HandoverPast>,
}

/// One household with its history
#[utoipa::path(get, path = "/households/{id}", tag = "households", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "The household", body = HouseholdWithHistory), Problems))]
pub(in crate::households) async fn get(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<HouseholdId>,
) -> Result<Json<HouseholdWithHistory>> {
    staff.require(Right::ReadHouseholds)?;
    let mut conn = core.db.read().await?;
    let scope = AreaScope::of(&staff);
    let stored = in_scope(store::household(&mut conn, id).await?, &scope)?;
    let vouchers = store::vouchers_of(&mut conn, id).await?;
    let handovers = store::handovers_of(&mut conn, id).await?;
    drop(conn);
    let household = shown(&core, &staff, vec![stored]).await?.pop().ok_or(Error::NotFound)?;
    Ok(Json(HouseholdWithHistory { household, vouchers, handovers }))
}

/// A record outside the scope is not found.
pub(in crate::households) fn in_scope(stored: Option<Stored>, scope: &AreaScope) -> Result<Stored> {
    stored.filter(|stored| scope.holds(stored.area_id)).ok_or(Error::NotFound)
}

/// A merged or erased household does not change any more.
pub(in crate::households) fn require_active(stored: &Stored) -> Result<()> {
    if stored.status == "active" {
        return Ok(());
    }
    Err(Error::conflict(
        "not_active",
        "Hộ này đã được gộp hoặc đã xóa dữ liệu nên không sửa được nữa.",
        "This household was merged or erased and can't change any more.",
    ))
}

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

fn changed_meanwhile() -> Error {
    Error::conflict(
        "changed_meanwhile",
        "Vừa có người khác sửa hộ này. Mở lại trang để xem thông tin mới rồi sửa tiếp.",
        "Somebody else has just changed this household. Open the page again to see it as it is now.",
    )
}

/// Opens a stored household.
fn details_of(vault: &Vault, stored: Stored) -> Result<Details> {
    let phone = stored.phone_sealed.map(|sealed| vault.open_text(Purpose::Phone, &sealed)).transpose()?;
    let citizen_id = stored.citizen_sealed.map(|sealed| vault.open_text(Purpose::CitizenId, &sealed)).transpose()?;
    Ok(Details {
        area_id: stored.area_id,
        head_name: stored.head_name,
        phone: phone.and_then(|text| PhoneNumber::parse(&text).ok()),
        citizen_id: citizen_id.and_then(|text| CitizenId::parse(&text).ok()),
        birth_year: stored.birth_year,
        address: stored.address,
        members: stored.members,
        category: Category::parse(&stored.category).unwrap_or(Category::Other),
        note: stored.note,
    })
}

/// Correct a household
#[utoipa::path(patch, path = "/households/{id}", tag = "households", params(("id" = HouseholdId, Path)),
    request_body = HouseholdChange,
    responses((status = 200, description = "The household as it is now", body = Household), Problems))]
pub(in crate::households) async fn change(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<HouseholdId>,
    Body(change): Body<HouseholdChange>,
) -> Result<Json<Household>> {
    staff.require(Right::WriteHouseholds)?;
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(&staff);
    let before = in_scope(store::lock(&mut tx, id).await?, &scope)?;
    require_active(&before)?;
    if change.unchanged_since.is_some_and(|since| since != before.updated_at) {
        return Err(changed_meanwhile());
    }
    let (changed, consent_change) = (change.names(), change.consent);
    let details = change.apply(&core, details_of(&core.vault, before)?)?;
    places::require_area(&mut tx, "area_id", details.area_id).await?;
    scope.require(details.area_id)?;
    refuse_known(&mut tx, &scope, &Keys::of(&core.vault, &details), Some(id)).await?;
    let consent = match consent_change {
        None => changes::consent_of(&mut tx, id).await?,
        Some(true) => Some(Consent { at: core.clock.now(), by: Some(staff.id.0) }),
        Some(false) => None,
    };
    changes::replace(&mut tx, &core.vault, &core.clock, id, details, consent).await.map_err(citizen_taken)?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let act = Act::on("update", "household", id.0).with(json!({ "fields": changed }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    let mut after = shown(&core, &staff, vec![stored]).await?;
    after.pop().map(Json).ok_or(Error::NotFound)
}
