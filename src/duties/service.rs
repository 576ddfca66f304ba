//! Duties are handed over, and handed back.

use serde_json::json;

use super::hand_over::{Moved, NewHandOver, Reach};
use super::rules::{self, Apart, Lies};
use super::store;
use super::view::{HandOverView, HandedBackView, MovedView};
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::imports::staged;
use crate::kernel::Message;
use crate::kernel::ids::{AreaId, HandOverId, UserId};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::duties as logins;
use crate::people::store::users::UserRow;
use crate::people::store::{places, users};

/// What would move.
pub(super) async fn preview(
    core: &Core,
    _permit: &Permit<ManagePeople>,
    (from, to): (UserId, UserId),
    disable: bool,
) -> Result<MovedView> {
    let mut conn = core.db.read().await?;
    let from = users::one(&mut conn, from).await?.ok_or(Error::NotFound)?;
    let moved = plan(&mut conn, &from, to, disable).await?;
    let tokens = if moved.disabled { logins::tokens_in_force(&mut conn, core.clock.now(), from.id).await? } else { 0 };
    Ok(MovedView::of(&moved, tokens))
}

/// Hands over what a login works on. Who takes over reaches what both reached.
pub(super) async fn hand_over(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ChangePeople>,
    from: UserId,
    new: NewHandOver,
) -> Result<HandOverView> {
    let now = core.clock.now();
    logins::lock(tx, from, new.to).await?;
    let from = users::one(tx, from).await?.ok_or(Error::NotFound)?;
    let moved = plan(tx, &from, new.to, new.disable).await?;
    let tokens = if moved.disabled { logins::tokens_in_force(tx, now, from.id).await? } else { 0 };
    logins::set_reach(tx, new.to, moved.after.area_id, &moved.after.point_ids).await?;
    staged::hand_on(tx, &moved.lists, new.to).await?;
    logins::hand_on_phones(tx, &moved.phones, new.to).await?;
    if moved.disabled {
        logins::disable(tx, from.id, now).await?;
    }
    let id = HandOverId::new(&core.clock);
    let view = MovedView::of(&moved, tokens);
    store::insert(tx, id, (from.id, new.to), (permit.id, new.reason, moved), now).await?;
    let detail = json!({ "to": new.to, "points": view.points, "lists": view.lists, "phones": view.phones,
        "disabled": new.disable });
    audit::append(tx, &core.clock, permit.actor(), Act::on("hand_over", "user", from.id.0).with(detail)).await?;
    logins::forget_believed_after(tx);
    let row = store::one(tx, id).await?.ok_or(Error::NotFound)?;
    Ok(HandOverView { moved: view, ..HandOverView::from(row) })
}

/// What moves from one login to another, or why nothing can.
async fn plan(conn: &mut Conn, from: &UserRow, to: UserId, disable: bool) -> Result<Moved> {
    let to = taker(conn, from, to).await?;
    let (left, before) = (reach(conn, from).await?, reach(conn, &to).await?);
    let lies = match (left.area_id, before.area_id) {
        (Some(left), Some(before)) => lies(conn, left, before).await?,
        _ => Lies::Apart,
    };
    let after = rules::joined(to.role, &left, &before, lies).map_err(refused)?;
    Ok(Moved {
        before,
        after,
        lists: staged::open_of(conn, from.id).await?,
        phones: logins::phones_of(conn, from.id).await?,
        disabled: disable && from.disabled_at.is_none(),
    })
}

/// The login that takes over. Of an administrator only another one does, so that the last one can't go.
async fn taker(conn: &mut Conn, from: &UserRow, to: UserId) -> Result<UserRow> {
    let refused = |code, vi, en| Error::field("to", code, Message::fixed(vi, en));
    let Some(found) = users::one(conn, to).await? else {
        return Err(refused(
            "unknown",
            "Không có tài khoản này. Chọn trong danh sách.",
            "There is no such login. Choose one of the list.",
        ));
    };
    if found.id == from.id {
        return Err(refused("same", "Chọn một người khác để nhận bàn giao.", "Choose somebody else to take over."));
    }
    if found.disabled_at.is_some() {
        return Err(refused(
            "disabled",
            "Tài khoản này đang bị khóa. Mở lại trước, hoặc chọn người khác.",
            "This login is disabled. Let it in again first, or choose somebody else.",
        ));
    }
    if found.role != from.role && found.role != crate::people::Role::Admin {
        return Err(refused(
            "other_role",
            "Người nhận phải cùng vai trò, hoặc là quản trị. Đổi vai trò của họ trước, hoặc chọn người khác.",
            "Who takes over has the same role, or is an administrator. Change their role first, or choose somebody else.",
        ));
    }
    Ok(found)
}

async fn reach(conn: &mut Conn, user: &UserRow) -> Result<Reach> {
    let points = users::points_of(conn, &[user.id]).await?;
    let mut point_ids: Vec<_> = points.into_iter().map(|(_, point_id)| point_id).collect();
    point_ids.sort_unstable();
    Ok(Reach { area_id: user.area_id, point_ids })
}

async fn lies(conn: &mut Conn, left: AreaId, before: AreaId) -> Result<Lies> {
    if places::areas_below(conn, before).await?.contains(&left) {
        return Ok(Lies::Within);
    }
    let around = places::areas_below(conn, left).await?.contains(&before);
    Ok(if around { Lies::Around } else { Lies::Apart })
}

fn refused(apart: Apart) -> Error {
    match apart {
        Apart::Areas => Error::conflict(
            "areas_apart",
            "Hai người phụ trách hai khu vực tách rời, mà một tài khoản chỉ có một khu vực. Chọn người khác, hoặc giao cho người nhận \
             khu vực lớn hơn ở trang tài khoản trước.",
            "They work for areas apart from each other, and a login has one. Choose somebody else, or give who takes over the \
             larger area on the login's page first.",
        ),
        Apart::Points => Error::conflict(
            "too_many_points",
            "Gộp lại quá 100 điểm. Bỏ chọn các điểm của người nhận (là mọi điểm) ở trang tài khoản trước.",
            "Together they are more than 100 points. Choose none for who takes over (which means all) on the login's page first.",
        ),
    }
}

/// Hands back what was handed over. What was changed meanwhile stays: lists that were stored, phones that were revoked.
pub(super) async fn hand_back(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ChangePeople>,
    id: HandOverId,
    reason: String,
) -> Result<HandedBackView> {
    let now = core.clock.now();
    let row = store::lock(tx, id).await?.ok_or(Error::NotFound)?;
    if !store::undo(tx, id, permit.id, reason, now).await? {
        return Err(Error::conflict("already_undone", "Đã bàn giao lại rồi.", "This was handed back already."));
    }
    logins::lock(tx, row.from_id, row.to_id).await?;
    let moved = row.moved.0;
    let to = users::one(tx, row.to_id).await?.ok_or(Error::NotFound)?;
    let reach_restored = reach(tx, &to).await? == moved.after;
    if reach_restored {
        logins::set_reach(tx, to.id, moved.before.area_id, &moved.before.point_ids).await?;
    }
    staged::hand_back(tx, &moved.lists, (to.id, row.from_id)).await?;
    logins::hand_back_phones(tx, &moved.phones, (to.id, row.from_id)).await?;
    if moved.disabled {
        logins::enable(tx, row.from_id).await?;
    }
    let detail = json!({ "to": to.id, "disabled": moved.disabled });
    audit::append(tx, &core.clock, permit.actor(), Act::on("hand_back", "user", row.from_id.0).with(detail)).await?;
    logins::forget_believed_after(tx);
    let row = store::one(tx, id).await?.ok_or(Error::NotFound)?;
    Ok(HandedBackView { hand_over: HandOverView::from(row), reach_restored })
}
