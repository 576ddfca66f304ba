//! What is sent of an area to register or to change, and what is made of it. Apart from the area itself, since the rules
//! on who may make one stand between.

use serde::Deserialize;

use super::area::AreaKind;
use super::name::parse_name;
use super::rules::require_area_place;
use crate::http::schemas::Name;
use crate::http::{Result, given};
use crate::kernel::ids::AreaId;
use crate::kernel::{Clock, Day, Validation};
use crate::people::Permit;
use crate::people::rights::ManagePlaces;

/// An area to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"}))]
pub(in crate::places) struct NewAreaBody {
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(in crate::places) name: String,
    /// What kind of unit it is.
    pub(in crate::places) kind: AreaKind,
    /// The area it lies in; nothing for a ward.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// The official code, unique.
    pub(in crate::places) code: Option<String>,
    /// The first day it exists; today when left out.
    pub(in crate::places) starts_on: Option<Day>,
    /// The areas it was made of, when borders were redrawn.
    #[serde(default)]
    pub(in crate::places) predecessor_ids: Vec<AreaId>,
}

/// An area as it will stand, at a place where its maker may make it.
#[derive(Debug)]
pub struct NewArea {
    pub(in crate::places) name: String,
    pub(in crate::places) kind: AreaKind,
    /// The area it lies in.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// The official code.
    pub(in crate::places) code: Option<String>,
    /// The first day it exists.
    pub(in crate::places) starts_on: Day,
    /// The areas it was made of.
    pub(in crate::places) predecessor_ids: Vec<AreaId>,
}

impl NewArea {
    /// All fields, or all that is wrong with them; what lies outside of the caller's reach is refused.
    pub(in crate::places) fn parse(permit: &Permit<ManagePlaces>, clock: &Clock, body: NewAreaBody) -> Result<Self> {
        let NewAreaBody { name, kind, parent_id, code, starts_on, predecessor_ids } = body;
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&name));
        let (name,) = fields.all((name,))?;
        require_area_place(permit, kind, parent_id)?;
        predecessor_ids.iter().try_for_each(|id| permit.scope.areas.require(*id))?;
        let starts_on = starts_on.unwrap_or_else(|| clock.today());
        Ok(Self { name, kind, parent_id, code: code.and_then(code_of), starts_on, predecessor_ids })
    }
}

/// What changes about an area; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = AreaChange, example = json!({"name": "Tổ 32 (mới)", "ends_on": "2025-06-30"}))]
pub(in crate::places) struct AreaChangeBody {
    /// The new name.
    #[schema(value_type = Option<Name>)]
    pub(in crate::places) name: Option<String>,
    /// The area it lies in from now on.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// The new official code; empty for none.
    pub(in crate::places) code: Option<String>,
    /// The last day it exists; null opens it again. An area that open areas or points lie in can't end.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Day>)]
    pub(in crate::places) ends_on: Option<Option<Day>>,
    /// The areas that take its place, linked to it in addition to those that are already.
    #[serde(default)]
    pub(in crate::places) successor_ids: Vec<AreaId>,
}

/// What changes about an area, every field what it may be.
#[derive(Debug)]
pub(in crate::places) struct AreaChange {
    pub(in crate::places) name: Option<String>,
    pub(in crate::places) parent_id: Option<AreaId>,
    pub(in crate::places) code: Option<Option<String>>,
    pub(in crate::places) ends_on: Option<Option<Day>>,
    pub(in crate::places) successor_ids: Vec<AreaId>,
}

impl AreaChange {
    /// All fields, or all that is wrong with them.
    pub(in crate::places) fn parse(body: AreaChangeBody) -> Result<Self> {
        let AreaChangeBody { name, parent_id, code, ends_on, successor_ids } = body;
        let mut fields = Validation::new();
        let name = fields.take_optional("name", name, |name| parse_name(&name));
        fields.finish()?;
        Ok(Self { name, parent_id, code: code.map(code_of), ends_on, successor_ids })
    }
}

fn code_of(text: String) -> Option<String> {
    Some(text.trim().to_owned()).filter(|code| !code.is_empty())
}
