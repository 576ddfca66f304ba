//! Logins are made, changed, disabled and let in again.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::db::{ErrorKind, classify};
use crate::http::{Answer, Claim, Core, CreateBody, Error, Result, given};
use crate::kernel::ids::{AreaId, PointId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::lookup::{require_area, require_points};
use crate::people::rights::ManagePeople;
use crate::people::store::users::{self, NewUser};
use crate::people::store::{self, tokens};
use crate::people::user_view::{UserView, one_view};
use crate::people::username::parse_username;
use crate::people::{Permit, Role, password};

/// Points that a login may be confined to at most.
const POINTS_MAX: usize = 100;

/// A login to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"username": "hoa.le", "role": "verifier", "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "password": "lá lành đùm lá rách"}))]
pub(in crate::people) struct NewUserBody {
    /// 2 to 60 letters without marks, digits, `.`, `-` and `_`.
    pub(in crate::people) username: String,
    /// What they may do.
    pub(in crate::people) role: Role,
    /// Confines the login to this area and all below it.
    pub(in crate::people) area_id: Option<AreaId>,
    /// Confines the login to these points. A volunteer without points may hand out nowhere.
    #[serde(default)]
    pub(in crate::people) point_ids: Vec<PointId>,
    /// 10 to 200 characters; without one the login has API tokens only.
    pub(in crate::people) password: Option<String>,
    /// Whether the pages ask for another password at the first login.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

/// What changes about a login; what is left out stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"role": "coordinator", "area_id": null, "disabled": false}))]
pub(in crate::people) struct UserChange {
    /// Another role.
    pub(in crate::people) role: Option<Role>,
    /// Another area; null: the whole ward.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<AreaId>)]
    pub(in crate::people) area_id: Option<Option<AreaId>>,
    /// Exactly these points from now on.
    pub(in crate::people) point_ids: Option<Vec<PointId>>,
    /// True ends the login and all its tokens at once; false lets it in again.
    pub(in crate::people) disabled: Option<bool>,
    /// Another password. Ends the login's sessions.
    pub(in crate::people) password: Option<String>,
    /// Whether the pages ask for another password at the next login.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

impl UserChange {
    /// The names of the fields that change, for the audit log.
    fn names(&self) -> Vec<&'static str> {
        [
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

/// Makes a login.
pub(in crate::people) async fn create(
    core: &Core,
    permit: &Permit<ManagePeople>,
    create: CreateBody<NewUserBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let username = fields.take("username", parse_username(&body.username));
    let password = fields.take_optional("password", body.password, parse_password);
    check_points(&mut fields, &body.point_ids);
    fields.finish()?;
    let password_hash = match password {
        Some(password) => Some(password::hash_in_turn(password, &core.clock).await?),
        None => None,
    };
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    require_area(&mut tx, body.area_id).await?;
    let point_ids = require_points(&mut tx, body.point_ids).await?;
    let username = username.unwrap_or_default();
    let new = NewUser { username, role: body.role, area_id: body.area_id, point_ids, password_hash };
    let id = store::insert_user(&mut tx, &core.clock, new).await.map_err(username_taken)?;
    if body.password_temporary {
        users::mark_temporary(&mut tx, id).await?;
    }
    let user = one_view(&mut tx, id).await?;
    let act = Act::on("create", "user", id.0).with(json!({ "role": body.role.name() }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    once.finish(core, tx, permit.id.0, StatusCode::CREATED, &user).await
}

/// Changes, disables or lets in a login, or gives it another password. The last administrator stays one.
pub(in crate::people) async fn change(
    core: &Core,
    permit: &Permit<ManagePeople>,
    id: UserId,
    change: UserChange,
) -> Result<UserView> {
    let names = change.names();
    let mut fields = Validation::new();
    let password = fields.take_optional("password", change.password, parse_password);
    check_points(&mut fields, change.point_ids.as_deref().unwrap_or_default());
    fields.finish()?;
    let password_hash = match password {
        Some(password) => Some(password::hash_in_turn(password, &core.clock).await?),
        None => None,
    };
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let admins = users::lock_admins(&mut tx).await?;
    let before = users::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let role = change.role.unwrap_or(before.role);
    let area_id = change.area_id.unwrap_or(before.area_id);
    let disabled_at = match change.disabled {
        Some(true) => before.disabled_at.or(Some(now)),
        Some(false) => None,
        None => before.disabled_at,
    };
    if admins == [id] && (role != Role::Admin || disabled_at.is_some()) {
        return Err(Error::conflict(
            "last_admin",
            "Đây là quản trị viên cuối cùng. Hãy tạo một quản trị viên khác trước.",
            "This is the last administrator. Make another one first.",
        ));
    }
    require_area(&mut tx, change.area_id.flatten()).await?;
    users::update(&mut tx, id, role, area_id, disabled_at).await?;
    if let Some(point_ids) = change.point_ids {
        let point_ids = require_points(&mut tx, point_ids).await?;
        users::set_points(&mut tx, id, &point_ids).await?;
    }
    if let Some(password_hash) = password_hash {
        users::set_password(&mut tx, id, password_hash, change.password_temporary).await?;
        tokens::revoke_sessions(&mut tx, id, now).await?;
    }
    let user = one_view(&mut tx, id).await?;
    let act = Act::on("update", "user", id.0).with(json!({ "fields": names }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    tx.commit().await?;
    forget_believed();
    Ok(user)
}

fn parse_password(text: String) -> std::result::Result<String, Invalid> {
    password::parse(&text)?;
    Ok(text)
}

fn check_points(fields: &mut Validation, points: &[PointId]) {
    fields.check("point_ids", points.len() <= POINTS_MAX, || {
        Invalid::fixed("out_of_range", "Chọn nhiều nhất 100 điểm.", "Choose 100 points at most.")
    });
}

fn username_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::field(
            "username",
            "taken",
            Message::fixed(
                "Tên đăng nhập này đã có. Hãy chọn tên khác.",
                "This username exists already. Choose another.",
            ),
        );
    }
    error.into()
}
