//! Logins are made, changed, disabled and let in again.

use serde_json::json;

use crate::db::{ErrorKind, Tx, classify};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::UserId;
use crate::kernel::{Clock, Message};
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::lookup::{require_area, require_points};
use crate::people::rights::{AnyLogin, ChangePeople};
use crate::people::store::{self, tokens, users};
use crate::people::user::{NewUser, UserChange, UserChangeBody};
use crate::people::user_view::{UserView, one_view};
use crate::people::{Permit, Role};

/// Makes a login.
pub(in crate::people) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    new: NewUser,
) -> Result<UserView> {
    let id = insert(tx, clock, permit.actor(), new).await?;
    one_view(tx, id).await
}

/// Makes a login for the operator, who has the data folder and so every right.
pub async fn create_by_operator(tx: &mut Tx, clock: &Clock, new: NewUser) -> Result<UserId> {
    insert(tx, clock, Actor::System, new).await
}

async fn insert(tx: &mut Tx, clock: &Clock, actor: Actor, new: NewUser) -> Result<UserId> {
    require_area(tx, new.area_id).await?;
    let point_ids = require_points(tx, new.point_ids).await?;
    let role = new.role;
    require_whole_ward(role, new.area_id.is_some(), !point_ids.is_empty())?;
    let id = store::insert_user(tx, clock, NewUser { point_ids, ..new }).await.map_err(username_taken)?;
    let act = Act::on("create", "user", id.0).with(json!({ "role":role.name() }));
    audit::append(tx, clock, actor, act).await?;
    Ok(id)
}

/// Reads a change of a login, before the writer is asked for: hashing a password is slow.
pub(in crate::people) async fn read_change(core: &Core, id: UserId, body: UserChangeBody) -> Result<UserChange> {
    let user = users::one(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    UserChange::parse(body, core, &user.username).await
}

/// Changes, disables or lets in a login, or gives it another password. The last administrator stays one.
pub(in crate::people) async fn change(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ChangePeople>,
    id: UserId,
    change: UserChange,
) -> Result<UserView> {
    let now = clock.now();
    let admins = users::lock_admins(tx).await?;
    let before = users::one(tx, id).await?.ok_or(Error::NotFound)?;
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
    require_area(tx, change.area_id.flatten()).await?;
    users::update(tx, id, role, area_id, disabled_at).await?;
    if let Some(full_name) = change.full_name {
        users::set_full_name(tx, id, full_name).await?;
    }
    if let Some(point_ids) = change.point_ids {
        let point_ids = require_points(tx, point_ids).await?;
        users::set_points(tx, id, &point_ids).await?;
    }
    if let Some(password_hash) = change.password_hash {
        users::set_password(tx, id, password_hash, change.password_temporary, now).await?;
        tokens::revoke_sessions(tx, id, now).await?;
    }
    let user = one_view(tx, id).await?;
    if change.names.iter().any(|name| ["role", "area_id", "point_ids"].contains(name)) {
        require_whole_ward(role, user.area_id.is_some(), !user.point_ids.is_empty())?;
    }
    let act = Act::on("update", "user", id.0).with(json!({ "fields": change.names }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(user)
}

/// Gives one's own login another name, or none. The log tells that it was changed, and not what it was.
pub(in crate::people) async fn change_own_name(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<AnyLogin>,
    full_name: Option<String>,
) -> Result<()> {
    users::set_full_name(tx, permit.id, full_name).await?;
    let act = Act::on("update", "user", permit.id.0).with(json!({ "fields": ["full_name"] }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(())
}

/// Refuses an administrator of a part of the ward: whoever makes logins could give themselves the rest.
fn require_whole_ward(role: Role, has_area: bool, has_points: bool) -> Result<()> {
    let refused = |field, say| Err(Error::field(field, "admin_is_unconfined", say));
    match role {
        Role::Admin if has_area => refused(
            "area_id",
            Message::fixed(
                "Quản trị viên phụ trách toàn phường. Bỏ chọn khu vực, hoặc chọn vai trò khác.",
                "An administrator works for the whole ward. Choose no area, or another role.",
            ),
        ),
        Role::Admin if has_points => refused(
            "point_ids",
            Message::fixed(
                "Quản trị viên phụ trách toàn phường. Bỏ chọn các điểm, hoặc chọn vai trò khác.",
                "An administrator works for the whole ward. Choose no points, or another role.",
            ),
        ),
        _ => Ok(()),
    }
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
