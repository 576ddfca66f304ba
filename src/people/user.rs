//! A login as administrators make and change it.

use serde::Deserialize;

use super::full_name::parse_full_name;
use super::password::{OwnWords, Password};
use super::role::Role;
use super::username::parse_username;
use crate::http::schemas::FullName;
use crate::http::{Core, Result, given};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;

/// Points that a login may be confined to at most.
const POINTS_MAX: usize = 100;

/// A login to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"username": "hoa.le", "role": "verifier", "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "password": "lá lành đùm lá rách"}))]
pub(in crate::people) struct NewUserBody {
    /// 2 to 60 letters without marks, digits, `.`, `-` and `_`.
    #[schema(min_length = 2, max_length = 60, pattern = r"^[A-Za-z0-9._-]+$")]
    pub(in crate::people) username: String,
    /// Their name, for papers and the audit log.
    #[schema(value_type = Option<FullName>, example = "Lê Thị Hoa")]
    pub(in crate::people) full_name: Option<String>,
    /// What they may do.
    pub(in crate::people) role: Role,
    /// Confines the login to this area and all below it.
    pub(in crate::people) area_id: Option<AreaId>,
    /// Confines the login to these points. A volunteer without points may hand out nowhere.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub(in crate::people) point_ids: Vec<PointId>,
    /// 12 to 200 characters, not easily guessed; without one the login has API tokens only.
    #[schema(min_length = 12, max_length = 200)]
    pub(in crate::people) password: Option<String>,
    /// Whether it opens nothing but the choice of another, for 72 hours.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

/// A login as it will stand: every field is what it may be.
#[derive(Debug)]
pub struct NewUser {
    /// The login's name, unique.
    pub username: String,
    /// The person's name; nothing: not told.
    pub full_name: Option<String>,
    pub role: Role,
    /// The area whose subtree they are confined to.
    pub area_id: Option<AreaId>,
    /// The points they are confined to.
    pub point_ids: Vec<PointId>,
    /// The stored form of the password; nothing: no login by password.
    pub password_hash: Option<String>,
    /// Whether somebody else chose the password, so that its owner must choose another first.
    pub password_temporary: bool,
}

impl NewUser {
    /// All fields, or all that is wrong with them. Hashing the password is slow: read it before a transaction begins.
    pub(in crate::people) async fn parse(body: NewUserBody, core: &Core) -> Result<Self> {
        let NewUserBody { username, full_name, role, area_id, point_ids, password, password_temporary } = body;
        let own = OwnWords::of(core, &username).await?;
        let mut fields = Validation::new();
        let username = fields.take("username", parse_username(&username));
        let full_name = fields.take_optional("full_name", full_name, |text| parse_full_name(&text));
        let password = fields.take_optional("password", password, |text| Password::parse(text, &own));
        let point_ids = fields.take("point_ids", parse_points(point_ids));
        let (username, point_ids) = fields.all((username, point_ids))?;
        let password_hash = hashed(password, core).await?;
        Ok(Self { username, full_name, role, area_id, point_ids, password_hash, password_temporary })
    }
}

/// What changes about a login; what is left out stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = UserChange, example = json!({"role": "coordinator", "area_id": null, "disabled": false}))]
pub(in crate::people) struct UserChangeBody {
    /// Another name; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<FullName>)]
    pub(in crate::people) full_name: Option<Option<String>>,
    /// Another role.
    pub(in crate::people) role: Option<Role>,
    /// Another area; null: the whole ward.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<AreaId>)]
    pub(in crate::people) area_id: Option<Option<AreaId>>,
    /// Exactly these points from now on.
    #[schema(max_items = 100)]
    pub(in crate::people) point_ids: Option<Vec<PointId>>,
    /// True ends the login and all its tokens at once; false lets it in again.
    pub(in crate::people) disabled: Option<bool>,
    /// Another password. Ends the login's sessions.
    #[schema(min_length = 12, max_length = 200)]
    pub(in crate::people) password: Option<String>,
    /// Whether it opens nothing but the choice of another, for 72 hours.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

impl UserChangeBody {
    /// The names of the fields that change, for the audit log.
    fn names(&self) -> Vec<&'static str> {
        [
            ("full_name", self.full_name.is_some()),
            ("role", self.role.is_some()),
            ("area_id", self.area_id.is_some()),
            ("point_ids", self.point_ids.is_some()),
            ("disabled", self.disabled.is_some()),
            ("password", self.password.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}

/// What changes about a login, every field what it may be.
#[derive(Debug)]
pub(in crate::people) struct UserChange {
    pub(in crate::people) full_name: Option<Option<String>>,
    pub(in crate::people) role: Option<Role>,
    pub(in crate::people) area_id: Option<Option<AreaId>>,
    pub(in crate::people) point_ids: Option<Vec<PointId>>,
    pub(in crate::people) disabled: Option<bool>,
    /// The stored form of another password.
    pub(in crate::people) password_hash: Option<String>,
    pub(in crate::people) password_temporary: bool,
    /// The names of the fields that change, for the audit log.
    pub(in crate::people) names: Vec<&'static str>,
}

impl UserChange {
    /// All fields, or all that is wrong with them. Hashing a password is slow: read it before a transaction begins.
    pub(in crate::people) async fn parse(body: UserChangeBody, core: &Core, username: &str) -> Result<Self> {
        let names = body.names();
        let own = OwnWords::of(core, username).await?;
        let UserChangeBody { full_name, role, area_id, point_ids, disabled, password, password_temporary } = body;
        let mut fields = Validation::new();
        let password = fields.take_optional("password", password, |text| Password::parse(text, &own));
        let point_ids = fields.take_optional("point_ids", point_ids, parse_points);
        let removed = full_name.as_ref().is_some_and(Option::is_none);
        let full_name = fields.take_optional("full_name", full_name.flatten(), |text| parse_full_name(&text));
        let full_name = if removed { Some(None) } else { full_name.map(Some) };
        fields.finish()?;
        let password_hash = hashed(password, core).await?;
        Ok(Self { full_name, role, area_id, point_ids, disabled, password_hash, password_temporary, names })
    }
}

fn parse_points(points: Vec<PointId>) -> std::result::Result<Vec<PointId>, Invalid> {
    if points.len() <= POINTS_MAX {
        Ok(points)
    } else {
        Err(Invalid::fixed("out_of_range", "Chọn nhiều nhất 100 điểm.", "Choose 100 points at most."))
    }
}

async fn hashed(password: Option<Password>, core: &Core) -> Result<Option<String>> {
    match password {
        Some(password) => password.hashed(&core.clock).await.map(Some),
        None => Ok(None),
    }
}
