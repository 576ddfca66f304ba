//! A login as administrators see it.

use serde::Serialize;

use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, PointId, UserId};
use crate::people::Role;
use crate::people::store::users::{self, UserRow};

/// A login.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct UserView {
    /// Its id.
    pub(in crate::people) id: UserId,
    /// Its name.
    #[schema(example = "hoa.le")]
    pub(in crate::people) username: String,
    /// The person's name, for papers and the audit log; null: not told.
    pub(in crate::people) full_name: Option<String>,
    /// What it may do.
    pub(in crate::people) role: Role,
    /// The area whose subtree it is confined to; null: the whole ward.
    pub(in crate::people) area_id: Option<AreaId>,
    /// The points it is confined to. Empty: all, except for volunteers.
    pub(in crate::people) point_ids: Vec<PointId>,
    /// Whether it can log in with a password.
    pub(in crate::people) has_password: bool,
    /// Since when it is asked for a second factor; null: it has none.
    pub(in crate::people) second_factor_since: Option<Moment>,
    /// When it was made.
    pub(in crate::people) created_at: Moment,
    /// When it was disabled; null while it works.
    pub(in crate::people) disabled_at: Option<Moment>,
}

pub(in crate::people) async fn views(conn: &mut Conn, rows: Vec<UserRow>) -> Result<Vec<UserView>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let points = users::points_of(conn, &ids).await?;
    let view = |row: UserRow| UserView {
        point_ids: points.iter().filter(|(id, _)| *id == row.id).map(|(_, point_id)| *point_id).collect(),
        id: row.id,
        username: row.username,
        full_name: row.full_name,
        role: row.role,
        area_id: row.area_id,
        has_password: row.has_password,
        second_factor_since: row.factor_since,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(in crate::people) async fn one_view(conn: &mut Conn, id: UserId) -> Result<UserView> {
    let row = users::one(conn, id).await?.ok_or(Error::NotFound)?;
    views(conn, vec![row]).await?.pop().ok_or(Error::NotFound)
}
