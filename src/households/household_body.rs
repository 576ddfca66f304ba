//! What is sent of a household to register, correct, merge or tell apart, and what is made of it. Holds personal data, so
//! most of it has no `Debug`.

use serde::Deserialize;

use super::category::Category;
use super::household::{Details, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note};
use crate::consents::ConsentChannel;
use crate::http::schemas::{Name, Reason};
use crate::http::{Error, Result, given};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{CitizenId, Clock, Message, Moment, PhoneNumber, Validation};
use crate::people::audit::parse_reason;

/// A household to register.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"head_name": "Trần Thị Hoa", "phone": "0905 123 456", "citizen_id": "048172001234",
    "birth_year": 1972, "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "K197/27 Trần Cao Vân",
    "members": 4, "category": "poor", "note": "", "consent": true}))]
pub(in crate::households) struct NewHouseholdBody {
    /// Head of household, 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(in crate::households) head_name: String,
    /// A Vietnamese number in any usual spelling.
    pub(in crate::households) phone: Option<String>,
    /// 12 digits, or an old CMND of 9.
    pub(in crate::households) citizen_id: Option<String>,
    /// 1900 to this year.
    #[schema(minimum = 1900)]
    pub(in crate::households) birth_year: Option<i64>,
    /// The area it belongs to.
    pub(in crate::households) area_id: AreaId,
    /// Where it lives.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub(in crate::households) address: String,
    /// How many people, 1 to 30.
    #[schema(minimum = 1, maximum = 30)]
    pub(in crate::households) members: i64,
    /// Why it is helped.
    pub(in crate::households) category: Category,
    /// What else to know.
    #[schema(max_length = 2000)]
    pub(in crate::households) note: Option<String>,
    /// Whether the household agreed that these data are kept; never assumed.
    #[serde(default)]
    pub(in crate::households) consent: bool,
    /// How it was asked; left out: not recorded.
    pub(in crate::households) consent_channel: Option<ConsentChannel>,
    /// Register although a household with the same name and phone or address exists.
    #[serde(default)]
    pub(in crate::households) allow_duplicate: bool,
}

/// A household to register, every field what it may be.
pub(in crate::households) struct Registration {
    pub(in crate::households) details: Details,
    /// How the household was asked that agreed that these data are kept; nothing: it did not agree.
    pub(in crate::households) consent: Option<ConsentChannel>,
    /// Whether it is registered although it may be known.
    pub(in crate::households) allow_duplicate: bool,
}

impl Registration {
    /// All fields, or all that is wrong with them.
    pub(in crate::households) fn parse(clock: &Clock, body: NewHouseholdBody) -> Result<Self> {
        let mut fields = Validation::new();
        let head_name = fields.take("head_name", parse_head_name(&body.head_name));
        let phone = fields.take_optional("phone", filled(body.phone), |text| PhoneNumber::parse(&text));
        let citizen_id = fields.take_optional("citizen_id", filled(body.citizen_id), |text| CitizenId::parse(&text));
        let birth_year = fields.take_optional("birth_year", body.birth_year, |year| parse_birth_year(year, clock));
        let address = fields.take("address", parse_address(&body.address));
        let members = fields.take("members", parse_members(body.members));
        let note = fields.take("note", parse_note(body.note.as_deref().unwrap_or("")));
        let (head_name, address, members, note) = fields.all((head_name, address, members, note))?;
        let (area_id, category) = (body.area_id, body.category);
        let details = Details { area_id, head_name, phone, citizen_id, birth_year, address, members, category, note };
        let consent = body.consent.then(|| body.consent_channel.unwrap_or(ConsentChannel::Unrecorded));
        Ok(Self { details, consent, allow_duplicate: body.allow_duplicate })
    }
}

/// What changes about a household: what is left out stays, null or an empty text clears what may be empty.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdChange, example = json!({"phone": "0905 123 457", "members": 5}))]
pub(in crate::households) struct HouseholdChangeBody {
    #[schema(value_type = Option<Name>)]
    pub(in crate::households) head_name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub(in crate::households) phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    pub(in crate::households) citizen_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1900)]
    pub(in crate::households) birth_year: Option<Option<i64>>,
    pub(in crate::households) area_id: Option<AreaId>,
    #[schema(max_length = 300)]
    pub(in crate::households) address: Option<String>,
    #[schema(minimum = 1, maximum = 30)]
    pub(in crate::households) members: Option<i64>,
    pub(in crate::households) category: Option<Category>,
    #[schema(max_length = 2000)]
    pub(in crate::households) note: Option<String>,
    /// True: consent was given now. False: it was withdrawn.
    pub(in crate::households) consent: Option<bool>,
    /// How that was said; left out: not recorded.
    pub(in crate::households) consent_channel: Option<ConsentChannel>,
    /// The `updated_at` that the change was made on: a household that somebody else changed since stays as it is.
    pub(in crate::households) unchanged_since: Option<Moment>,
}

impl HouseholdChangeBody {
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
}

/// What changes about a household, every field what it may be.
pub(in crate::households) struct HouseholdChange {
    head_name: Option<String>,
    phone: Option<Option<PhoneNumber>>,
    citizen_id: Option<Option<CitizenId>>,
    birth_year: Option<Option<i64>>,
    area_id: Option<AreaId>,
    address: Option<String>,
    members: Option<i64>,
    category: Option<Category>,
    note: Option<String>,
    /// True: consent was given now. False: it was withdrawn.
    pub(in crate::households) consent: Option<bool>,
    /// How that was said.
    pub(in crate::households) consent_channel: ConsentChannel,
    pub(in crate::households) unchanged_since: Option<Moment>,
    /// The names of the fields that change, for the audit log.
    pub(in crate::households) names: Vec<&'static str>,
}

impl HouseholdChange {
    /// All fields, or all that is wrong with them.
    pub(in crate::households) fn parse(clock: &Clock, body: HouseholdChangeBody) -> Result<Self> {
        let names = body.names();
        let mut fields = Validation::new();
        let head_name = fields.take_optional("head_name", body.head_name, |text| parse_head_name(&text));
        let phone = fields
            .take_optional("phone", body.phone, |text| filled(text).map(|text| PhoneNumber::parse(&text)).transpose());
        let citizen_id = fields.take_optional("citizen_id", body.citizen_id, |text| {
            filled(text).map(|text| CitizenId::parse(&text)).transpose()
        });
        let birth_year = fields.take_optional("birth_year", body.birth_year, |year| {
            year.map(|year| parse_birth_year(year, clock)).transpose()
        });
        let address = fields.take_optional("address", body.address, |text| parse_address(&text));
        let members = fields.take_optional("members", body.members, parse_members);
        let note = fields.take_optional("note", body.note, |text| parse_note(&text));
        fields.finish()?;
        let HouseholdChangeBody { area_id, category, consent, consent_channel, unchanged_since, .. } = body;
        Ok(Self {
            head_name,
            phone,
            citizen_id,
            birth_year,
            area_id,
            address,
            members,
            category,
            note,
            consent,
            consent_channel: consent_channel.unwrap_or(ConsentChannel::Unrecorded),
            unchanged_since,
            names,
        })
    }

    /// The details after the change.
    pub(in crate::households) fn of(self, before: Details) -> Details {
        Details {
            area_id: self.area_id.unwrap_or(before.area_id),
            head_name: self.head_name.unwrap_or(before.head_name),
            phone: self.phone.unwrap_or(before.phone),
            citizen_id: self.citizen_id.unwrap_or(before.citizen_id),
            birth_year: self.birth_year.unwrap_or(before.birth_year),
            address: self.address.unwrap_or(before.address),
            members: self.members.unwrap_or(before.members),
            category: self.category.unwrap_or(before.category),
            note: self.note.unwrap_or(before.note),
        }
    }
}

/// Where a household goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"into_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reason": "Đăng ký hai lần, vợ và chồng"}))]
pub struct MergeBody {
    /// The household that stays.
    pub into_id: HouseholdId,
    /// Why, 3 to 300 characters.
    #[schema(value_type = Reason)]
    pub reason: String,
}

/// One household that goes into another, and why.
pub struct Merge {
    /// The one that goes.
    pub id: HouseholdId,
    /// The one that stays.
    pub into: HouseholdId,
    pub reason: String,
}

impl Merge {
    pub fn parse(id: HouseholdId, body: &MergeBody) -> Result<Self> {
        let into = body.into_id;
        if into == id {
            return Err(same_household("into_id"));
        }
        let mut fields = Validation::new();
        let reason = fields.take("reason", parse_reason(&body.reason));
        let (reason,) = fields.all((reason,))?;
        Ok(Self { id, into, reason })
    }
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

/// Two different households, as they were named.
#[derive(Clone, Copy, Debug)]
pub(in crate::households) struct Distinct {
    pub(in crate::households) first_id: HouseholdId,
    pub(in crate::households) second_id: HouseholdId,
}

impl Distinct {
    pub(in crate::households) fn parse(body: &DistinctBody) -> Result<Self> {
        let DistinctBody { first_id, second_id } = *body;
        if first_id == second_id { Err(same_household("second_id")) } else { Ok(Self { first_id, second_id }) }
    }
}

/// A text that says something.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn same_household(field: &str) -> Error {
    Error::field(field, "same", Message::fixed("Chọn hai hộ khác nhau.", "Choose two different households."))
}
