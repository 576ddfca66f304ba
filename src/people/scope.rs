//! How far a caller reaches: which areas and which points. Resolved once, when the token is looked up.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::caller::{Caller, Staff};
use super::role::Role;
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, PointId};

/// All there are, or these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Within<T: Ord> {
    /// The whole ward's.
    #[default]
    All,
    /// These only; none when it is empty.
    These(Arc<BTreeSet<T>>),
}

/// An id as a row of a bound table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WithinRow<T> {
    id: T,
}

impl<T: Ord + Copy> Within<T> {
    /// These only.
    pub fn these(ids: impl IntoIterator<Item = T>) -> Self {
        Self::These(Arc::new(ids.into_iter().collect()))
    }

    /// Whether one lies within.
    pub fn holds(&self, id: T) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(&id),
        }
    }

    /// Whether nothing lies outside.
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Refuses what lies outside.
    pub fn require(&self, id: T) -> Result<()> {
        if self.holds(id) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Only those of `ids` that lie within.
    #[must_use]
    pub fn narrowed(&self, ids: impl IntoIterator<Item = T>) -> Self {
        Self::these(ids.into_iter().filter(|id| self.holds(*id)))
    }

    /// Whether one of these lies within.
    pub fn holds_one(&self, ids: impl IntoIterator<Item = T>) -> bool {
        self.is_all() || ids.into_iter().any(|id| self.holds(id))
    }

    /// Each of them as a row for SQL; none when all lie within, which [`Self::is_all`] tells the text.
    pub fn rows(&self) -> Vec<WithinRow<T>> {
        match self {
            Self::All => Vec::new(),
            Self::These(ids) => ids.iter().map(|id| WithinRow { id: *id }).collect(),
        }
    }

    /// Each of them; nothing: all.
    pub fn ids(&self) -> Option<Vec<T>> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(ids.iter().copied().collect()),
        }
    }
}

/// What a login is confined to, with every area and point spelled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The area it names and all below it.
    pub areas: Within<AreaId>,
    /// The points it names, or all when it names none, as far as they lie in its areas. A volunteer has none but those
    /// that are named.
    pub points: Within<PointId>,
}

impl Scope {
    /// The scope of a login that names these points and, when it names an area, has these areas with these points in them.
    pub fn resolve(role: Role, named: &[PointId], area: Option<(Vec<AreaId>, Vec<PointId>)>) -> Self {
        let (areas, inside) = match area {
            None => (Within::All, Within::All),
            Some((areas, points)) => (Within::these(areas), Within::these(points)),
        };
        let all_inside = named.is_empty() && role != Role::Volunteer;
        Self { areas, points: if all_inside { inside } else { inside.narrowed(named.iter().copied()) } }
    }
}

impl Staff {
    /// Whether anything of the ward lies outside this login's reach.
    pub const fn is_confined(&self) -> bool {
        !self.scope.areas.is_all() || !self.scope.points.is_all()
    }

    /// Refuses a login that is confined: what changes the ward as a whole, or who lies in whose area, is not for it.
    pub fn require_unconfined(&self) -> Result<()> {
        if self.is_confined() { Err(Error::Forbidden) } else { Ok(()) }
    }

    /// Whether this login may act at a point.
    pub fn serves(&self, point_id: PointId) -> bool {
        self.scope.points.holds(point_id)
    }

    /// Refuses a login that is confined to other points.
    pub fn require_point(&self, point_id: PointId) -> Result<()> {
        self.scope.points.require(point_id)
    }

    /// The points that a login was given by name, as far as it reaches them; all when it was given none. A login that
    /// is confined to an area alone keeps its households' records, wherever they are served.
    pub fn named_points(&self) -> Within<PointId> {
        let names_some = !self.point_ids.is_empty() || self.role == Role::Volunteer;
        if names_some { self.scope.points.clone() } else { Within::All }
    }
}

impl Caller {
    /// The areas that this caller reaches; a phone is confined to points alone.
    pub fn areas(&self) -> Within<AreaId> {
        match self {
            Self::Staff(staff) => staff.scope.areas.clone(),
            Self::Device(_) => Within::All,
        }
    }

    /// The points that this caller reaches.
    pub fn points(&self) -> Within<PointId> {
        match self {
            Self::Staff(staff) => staff.scope.points.clone(),
            Self::Device(device) => Within::these(device.point_ids.iter().copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Moment};

    fn ids() -> ([AreaId; 2], [PointId; 3]) {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        (std::array::from_fn(|_| AreaId::new(&clock)), std::array::from_fn(|_| PointId::new(&clock)))
    }

    #[test]
    fn a_login_that_names_nothing_reaches_everything_but_a_volunteer_no_point() {
        let everything = Scope { areas: Within::All, points: Within::All };
        assert_eq!(Scope::resolve(Role::Coordinator, &[], None), everything);
        assert_eq!(Scope::resolve(Role::Volunteer, &[], None).points, Within::these([]));
    }

    #[test]
    fn points_are_those_that_are_named_and_lie_in_the_area() {
        let (areas, points) = ids();
        let inside = || Some((areas.to_vec(), points[..2].to_vec()));
        assert_eq!(Scope::resolve(Role::Coordinator, &[], inside()).points, Within::these(points[..2].to_vec()));
        let both = Scope::resolve(Role::Coordinator, &[points[1], points[2]], inside());
        assert_eq!((both.areas, both.points), (Within::these(areas), Within::these([points[1]])));
        assert_eq!(Scope::resolve(Role::Volunteer, &[points[2]], inside()).points, Within::these([]));
        assert_eq!(Scope::resolve(Role::Storekeeper, &[points[2]], None).points, Within::these([points[2]]));
    }
}
