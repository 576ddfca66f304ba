//! Registering a household, once: one that is known already is refused.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::{Conn, ErrorKind, classify};
use crate::households::Category;
use crate::households::household::{
    Details, Keys, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note,
};
use crate::households::store::{self, Consent, NewHousehold};
use crate::households::view::Household;
use crate::http::{Answer, Claim, Core, CreateBody, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{CitizenId, Message, PhoneNumber, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::people::{Permit, Right};
use crate::places::{self, AreaScope};

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

pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
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
pub(super) async fn refuse_known(
    conn: &mut Conn,
    scope: &AreaScope,
    keys: &Keys,
    own: Option<HouseholdId>,
) -> Result<()> {
    let Some(index) = &keys.citizen_index else { return Ok(()) };
    match store::by_citizen(conn, index.clone()).await? {
        Some((id, area_id)) if Some(id) != own => Err(duplicate(scope.holds(area_id).then_some(id))),
        _ => Ok(()),
    }
}

/// Another request stored the same id number in the same instant.
pub(super) fn citizen_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique { duplicate(None) } else { error.into() }
}

/// Registers a household once; the same id number, or the same name with the same phone or address, is refused.
pub(in crate::households) async fn register(
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    create: CreateBody<NewHouseholdBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let (consent, allow_duplicate) = (body.consent, body.allow_duplicate);
    let details = body.details(core)?;
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    places::require_area(&mut tx, "area_id", details.area_id).await?;
    let scope = AreaScope::of(permit);
    scope.require(details.area_id)?;
    let keys = Keys::of(&core.vault, &details);
    refuse_known(&mut tx, &scope, &keys, None).await?;
    if !allow_duplicate && let Some((id, area_id)) = store::same_name(&mut tx, &keys).await? {
        return Err(possible_duplicate(id, scope.holds(area_id)));
    }
    let consent = consent.then(|| Consent { at: core.clock.now(), by: Some(permit.id.0) });
    let new = NewHousehold::of(&core.vault, &core.clock, details, keys, consent, None);
    let id = new.id();
    store::insert(&mut tx, &[new]).await.map_err(citizen_taken)?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let answer = Household::of(&core.vault, stored, permit.role.may(Right::ReadPersonal))?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "household", id.0)).await?;
    once.finish(core, tx, permit.id.0, StatusCode::CREATED, &answer).await
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
