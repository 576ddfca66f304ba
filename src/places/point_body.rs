//! What is sent of a point to register or to change, and what is made of it.

use serde::Deserialize;

use super::name::parse_name;
use super::point::PointKind;
use super::rules::require_point_place;
use crate::http::Result;
use crate::http::schemas::Name;
use crate::kernel::Validation;
use crate::kernel::ids::AreaId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::people::Permit;
use crate::people::rights::ManagePlaces;

/// A point to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3", "kind": "distribution",
    "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "120 Trần Cao Vân", "desks": 2}))]
pub(in crate::places) struct NewPointBody {
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(in crate::places) name: String,
    /// What kind of place it is.
    pub(in crate::places) kind: PointKind,
    /// The area it lies in.
    pub(in crate::places) area_id: AreaId,
    /// Where people go.
    #[schema(max_length = 300)]
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99; 1 when left out.
    #[schema(minimum = 1, maximum = 99)]
    pub(in crate::places) desks: Option<i64>,
}

/// A point as it will stand, in an area where its maker may make it.
#[derive(Debug)]
pub struct NewPoint {
    pub(in crate::places) name: String,
    pub(in crate::places) kind: PointKind,
    /// The area it lies in.
    pub(in crate::places) area_id: AreaId,
    /// Where people go.
    pub(in crate::places) address: String,
    /// How many desks it has.
    pub(in crate::places) desks: i64,
}

impl NewPoint {
    /// All fields, or all that is wrong with them; what lies outside of the caller's reach is refused.
    pub(in crate::places) fn parse(permit: &Permit<ManagePlaces>, body: NewPointBody) -> Result<Self> {
        let NewPointBody { name, kind, area_id, address, desks } = body;
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&name));
        let desks = fields.take("desks", parse_desks(desks.unwrap_or(1)));
        let address = fields.take("address", parse_address(address.as_deref().unwrap_or("")));
        let (name, desks, address) = fields.all((name, desks, address))?;
        require_point_place(permit, area_id)?;
        Ok(Self { name, kind, area_id, address, desks })
    }
}

/// What changes about a point; what is left out stays. Its kind and its number never change: papers carry them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = PointChange, example = json!({"name": "Nhà văn hóa khu dân cư số 3 (mới sửa)", "desks": 3}))]
pub(in crate::places) struct PointChangeBody {
    /// The new name.
    #[schema(value_type = Option<Name>)]
    pub(in crate::places) name: Option<String>,
    /// The area it lies in from now on.
    pub(in crate::places) area_id: Option<AreaId>,
    /// Where people go.
    #[schema(max_length = 300)]
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99.
    #[schema(minimum = 1, maximum = 99)]
    pub(in crate::places) desks: Option<i64>,
    /// True closes the point, which must hold no goods and belong to no open round; false opens it again.
    pub(in crate::places) closed: Option<bool>,
}

/// What changes about a point, every field what it may be.
#[derive(Debug)]
pub(in crate::places) struct PointChange {
    pub(in crate::places) name: Option<String>,
    pub(in crate::places) area_id: Option<AreaId>,
    pub(in crate::places) address: Option<String>,
    pub(in crate::places) desks: Option<i64>,
    pub(in crate::places) closed: Option<bool>,
}

impl PointChange {
    /// All fields, or all that is wrong with them.
    pub(in crate::places) fn parse(body: PointChangeBody) -> Result<Self> {
        let PointChangeBody { name, area_id, address, desks, closed } = body;
        let mut fields = Validation::new();
        let name = fields.take_optional("name", name, |name| parse_name(&name));
        let desks = fields.take_optional("desks", desks, parse_desks);
        let address = fields.take_optional("address", address, |address| parse_address(&address));
        fields.finish()?;
        Ok(Self { name, area_id, address, desks, closed })
    }
}

fn parse_desks(desks: i64) -> std::result::Result<i64, Invalid> {
    if (1..=99).contains(&desks) {
        Ok(desks)
    } else {
        Err(Invalid::fixed("out_of_range", "Số bàn phát từ 1 đến 99.", "A point has 1 to 99 desks."))
    }
}

fn parse_address(text: &str) -> std::result::Result<String, Invalid> {
    let address = clean(text);
    if address.chars().count() <= 300 {
        Ok(address)
    } else {
        Err(Invalid::fixed("out_of_range", "Địa chỉ dài nhất 300 ký tự.", "An address has 300 characters at most."))
    }
}
