//! How far a caller reaches: which areas and which points. Resolved once, when the token is looked up.

use super::role::Role;
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, PointId};

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
