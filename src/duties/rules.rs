//! How far who takes over reaches afterwards. Pure.

use super::hand_over::Reach;
use crate::people::Role;

/// Points that a login may be confined to at most.
const POINTS_MAX: usize = 100;

/// Why duties can't be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// One area does not lie in the other, and no login has two.
    Areas,
    /// Together they are too many.
    Points,
}

/// Which of two areas lies in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// That of who leaves lies in that of who takes over, or is the same.
    Within,
    /// That of who takes over lies in that of who leaves.
    Around,
    /// Neither.
    Apart,
}

/// How far a login of this role reaches that takes over what another reached: both, and no more. `lies` is asked where each
/// names an area.
pub fn joined(role: Role, from: &Reach, to: &Reach, lies: Lies) -> Result<Reach, Apart> {
    // An administrator works for the whole ward already.
    if role == Role::Admin {
        return Ok(to.clone());
    }
    let area_id = match (from.area_id, to.area_id) {
        (_, None) | (None, _) => None,
        (Some(from), Some(to)) => match lies {
            Lies::Within => Some(to),
            Lies::Around => Some(from),
            Lies::Apart => return Err(Apart::Areas),
        },
    };
    // Without a name all points are meant, but for a volunteer.
    let all = |reach: &Reach| reach.point_ids.is_empty() && role != Role::Volunteer;
    if all(from) || all(to) {
        return Ok(Reach { area_id, point_ids: Vec::new() });
    }
    let mut point_ids = [from.point_ids.as_slice(), to.point_ids.as_slice()].concat();
    point_ids.sort_unstable();
    point_ids.dedup();
    if point_ids.len() > POINTS_MAX { Err(Apart::Points) } else { Ok(Reach { area_id, point_ids }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{AreaId, PointId};
    use crate::kernel::{Clock, Moment};

    fn reach(area_id: Option<AreaId>, point_ids: &[PointId]) -> Reach {
        Reach { area_id, point_ids: point_ids.to_vec() }
    }

    #[test]
    fn who_takes_over_reaches_what_both_did() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let (a, b) = (AreaId::new(&clock), AreaId::new(&clock));
        let points: [PointId; 3] = std::array::from_fn(|_| PointId::new(&clock));
        let joined = |from: &Reach, to: &Reach, lies| joined(Role::Coordinator, from, to, lies);
        assert_eq!(joined(&reach(Some(a), &[]), &reach(Some(b), &[]), Lies::Within), Ok(reach(Some(b), &[])));
        assert_eq!(joined(&reach(Some(a), &[]), &reach(Some(b), &[]), Lies::Around), Ok(reach(Some(a), &[])));
        assert_eq!(joined(&reach(Some(a), &[]), &reach(Some(b), &[]), Lies::Apart), Err(Apart::Areas));
        assert_eq!(joined(&reach(None, &[]), &reach(Some(b), &[]), Lies::Apart), Ok(reach(None, &[])));
        let both = joined(&reach(None, &points[..2]), &reach(None, &points[1..]), Lies::Apart);
        assert_eq!(both, Ok(reach(None, &points)));
        let all = joined(&reach(None, &[]), &reach(None, &points[1..]), Lies::Apart);
        assert_eq!(all, Ok(reach(None, &[])), "who leaves served every point");
    }

    #[test]
    fn a_volunteer_without_points_serves_none_and_takes_over_those_of_another() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let point = PointId::new(&clock);
        let taken = joined(Role::Volunteer, &reach(None, &[point]), &reach(None, &[]), Lies::Apart);
        assert_eq!(taken, Ok(reach(None, &[point])));
        let nothing = joined(Role::Volunteer, &reach(None, &[]), &reach(None, &[point]), Lies::Apart);
        assert_eq!(nothing, Ok(reach(None, &[point])));
    }

    #[test]
    fn an_administrator_stays_one_of_the_whole_ward() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let from = reach(Some(AreaId::new(&clock)), &[PointId::new(&clock)]);
        assert_eq!(joined(Role::Admin, &from, &Reach::default(), Lies::Apart), Ok(Reach::default()));
    }
}
