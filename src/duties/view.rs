//! Duties as they are shown.

use serde::Serialize;

use super::hand_over::Moved;
use super::store::HandOverRow;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, HandOverId, PointId, UserId};

/// What moves, in figures.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DutiesMoved)]
pub(super) struct MovedView {
    /// The area that who takes over is confined to afterwards; null: the whole ward.
    pub(super) area_id: Option<AreaId>,
    /// The points that they are confined to afterwards. Empty: all, except for volunteers.
    pub(super) point_ids: Vec<PointId>,
    /// Points that they serve by name afterwards and did not before.
    pub(super) points: i64,
    /// Whether their area changes.
    pub(super) area_changes: bool,
    /// Lists that are worked on.
    pub(super) lists: i64,
    /// Phones that were invited and are not revoked.
    pub(super) phones: i64,
    /// Sessions and API tokens of the login that is left which end, where it does.
    pub(super) tokens: i64,
}

impl MovedView {
    pub(super) fn of(moved: &Moved, tokens: i64) -> Self {
        let added = moved.after.point_ids.iter().filter(|point| !moved.before.point_ids.contains(point)).count();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Self {
            area_id: moved.after.area_id,
            point_ids: moved.after.point_ids.clone(),
            points: count(added),
            area_changes: moved.after.area_id != moved.before.area_id,
            lists: count(moved.lists.len()),
            phones: count(moved.phones.len()),
            tokens,
        }
    }
}

/// Duties that were handed over.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HandOver)]
pub(super) struct HandOverView {
    /// Its id.
    pub(super) id: HandOverId,
    /// Who left.
    pub(super) from: UserId,
    /// Who took over.
    pub(super) to: UserId,
    /// What people call who left.
    #[schema(example = "Lê Thị Hoa")]
    pub(super) from_name: String,
    /// What people call who took over.
    #[schema(example = "Trần Thị Lan")]
    pub(super) to_name: String,
    /// Why.
    pub(super) reason: String,
    /// What moved.
    pub(super) moved: MovedView,
    /// Whether the login that was left ended with it.
    pub(super) disabled: bool,
    /// When.
    pub(super) at: Moment,
    /// When it was handed back; null: it was not.
    pub(super) undone_at: Option<Moment>,
    /// Why.
    pub(super) undo_reason: Option<String>,
}

impl From<HandOverRow> for HandOverView {
    fn from(row: HandOverRow) -> Self {
        Self {
            id: row.id,
            from: row.from_id,
            to: row.to_id,
            from_name: row.from_name,
            to_name: row.to_name,
            reason: row.reason,
            moved: MovedView::of(&row.moved.0, 0),
            disabled: row.moved.0.disabled,
            at: row.at,
            undone_at: row.undone_at,
            undo_reason: row.undo_reason,
        }
    }
}

/// Duties that were handed back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HandedBack)]
pub(super) struct HandedBackView {
    /// What was handed over.
    pub(super) hand_over: HandOverView,
    /// Whether who had taken over reaches again what they did before; false where that was changed meanwhile, and stays.
    pub(super) reach_restored: bool,
}
