//! Who goes to which point, and when: pure decisions over what was read.
//!
//! Neighbours come together: households are taken in the order of their areas and streets, go to the point nearest in
//! the tree of areas, and fill its slots one after the other.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use super::slots::{FreeSlots, Slot};
use crate::kernel::ids::{AreaId, HouseholdId, PointId};

/// A household that may have a voucher.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub household_id: HouseholdId,
    /// Where it lives.
    pub area_id: AreaId,
    /// Its address, folded.
    pub address_key: String,
}

/// A place that gives out: one point, or all points of a round together (`point_id` is none).
#[derive(Clone, Debug)]
pub struct Place {
    pub point_id: Option<PointId>,
    /// Where it lies.
    pub area_id: Option<AreaId>,
    /// Vouchers of the round that it has already.
    pub load: u64,
    /// Its slots, when the round has slots.
    pub slots: Option<FreeSlots>,
}

/// What a household gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub household_id: HouseholdId,
    /// Index of its place.
    pub place: usize,
    pub slot: Option<Slot>,
}

/// The tree of areas.
#[derive(Debug, Default)]
pub struct AreaTree {
    parents: HashMap<AreaId, Option<AreaId>>,
    ranks: HashMap<AreaId, usize>,
}

impl AreaTree {
    /// From each area's id, parent and folded name.
    pub fn new(areas: Vec<(AreaId, Option<AreaId>, String)>) -> Self {
        let parents: HashMap<_, _> = areas.iter().map(|(id, parent, _)| (*id, *parent)).collect();
        let mut children: HashMap<Option<AreaId>, Vec<(Vec<Piece>, AreaId)>> = HashMap::new();
        for (id, parent, name) in &areas {
            children.entry(*parent).or_default().push((pieces(name), *id));
        }
        for siblings in children.values_mut() {
            siblings.sort_unstable_by(|a, b| b.cmp(a));
        }
        let mut ranks = HashMap::with_capacity(areas.len());
        let mut open: Vec<AreaId> = children.get(&None).into_iter().flatten().map(|(_, id)| *id).collect();
        while let Some(id) = open.pop() {
            ranks.insert(id, ranks.len());
            open.extend(children.get(&Some(id)).into_iter().flatten().map(|(_, id)| *id));
        }
        Self { parents, ranks }
    }

    /// Place in a walk through the tree, siblings by name with numbers as numbers: Tổ 2 before Tổ 10.
    pub fn rank(&self, id: AreaId) -> usize {
        self.ranks.get(&id).copied().unwrap_or(usize::MAX)
    }

    /// The area and those it lies in, nearest first.
    pub fn upwards(&self, id: AreaId) -> impl Iterator<Item = AreaId> + '_ {
        // The tree has no circles (places refuses them); the limit stands behind that.
        std::iter::successors(Some(id), |id| self.parents.get(id).copied().flatten()).take(64)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Word(String),
}

/// A text cut where digits begin and end, so that 2 sorts before 10.
fn pieces(text: &str) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for c in text.chars() {
        match (c.to_digit(10), found.last_mut()) {
            (Some(digit), Some(Piece::Number(number))) => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
            (Some(digit), _) => found.push(Piece::Number(u64::from(digit))),
            (None, Some(Piece::Word(word))) => word.push(c),
            (None, _) => found.push(Piece::Word(c.to_string())),
        }
    }
    found
}

/// An address for sorting: the street's words first, then the numbers in the street.
fn street_order(address_key: &str) -> (String, Vec<Piece>) {
    let (mut street, mut numbers) = (String::with_capacity(address_key.len()), Vec::new());
    for word in address_key.split_whitespace() {
        if word.contains(|c: char| c.is_ascii_digit()) {
            numbers.extend(pieces(word));
        } else {
            street.push_str(word);
            street.push(' ');
        }
    }
    (street, numbers)
}

/// Puts neighbours together: by area, street and number.
pub fn sort_neighbours(tree: &AreaTree, candidates: &mut Vec<Candidate>) {
    let mut keyed: Vec<_> = std::mem::take(candidates)
        .into_iter()
        .map(|c| ((tree.rank(c.area_id), street_order(&c.address_key)), c))
        .collect();
    keyed.sort_unstable_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.household_id.cmp(&y.household_id)));
    candidates.extend(keyed.into_iter().map(|(_, candidate)| candidate));
}

/// Gives each household, in the order given, its place and slot. Those for whom none is left come back apart.
///
/// A household goes to the place nearest in the tree of areas; among equally near ones the loads are evened out, in
/// runs of neighbours.
pub fn seat(tree: &AreaTree, places: &mut [Place], candidates: &[Candidate]) -> (Vec<Seat>, Vec<HouseholdId>) {
    let mut near_of: HashMap<AreaId, usize> = HashMap::new();
    let mut groups: Vec<(Vec<usize>, Vec<&Candidate>)> = Vec::new();
    let mut index: HashMap<Vec<usize>, usize> = HashMap::new();
    for candidate in candidates {
        let group = *near_of.entry(candidate.area_id).or_insert_with(|| {
            let near = nearest(tree, places, candidate.area_id);
            *index.entry(near.clone()).or_insert_with(|| {
                groups.push((near, Vec::new()));
                groups.len() - 1
            })
        });
        groups[group].1.push(candidate);
    }
    let (mut seats, mut left_out) = (Vec::with_capacity(candidates.len()), Vec::new());
    for (near, members) in groups {
        let mut waiting = members.into_iter();
        for (place, quota) in quotas(places, &near, waiting.len()) {
            for candidate in waiting.by_ref().take(quota) {
                let slot = places[place].slots.as_mut().and_then(FreeSlots::take);
                places[place].load += 1;
                seats.push(Seat { household_id: candidate.household_id, place, slot });
            }
        }
        left_out.extend(waiting.map(|candidate| candidate.household_id));
    }
    (seats, left_out)
}

/// Indexes of the places that share the smallest area around this one.
fn nearest(tree: &AreaTree, places: &[Place], area_id: AreaId) -> Vec<usize> {
    let lies_in = |place: &Place, area: AreaId| place.area_id.is_some_and(|id| tree.upwards(id).any(|up| up == area));
    tree.upwards(area_id)
        .map(|area| (0..places.len()).filter(|i| lies_in(&places[*i], area)).collect::<Vec<_>>())
        .find(|near| !near.is_empty())
        .unwrap_or_else(|| (0..places.len()).collect())
}

/// How many of `wanted` each of the near places takes, so that their loads come as even as their room allows.
fn quotas(places: &[Place], near: &[usize], wanted: usize) -> Vec<(usize, usize)> {
    let room = |i: usize| places[i].slots.as_ref().map_or(u64::MAX, FreeSlots::left);
    let mut heap: BinaryHeap<Reverse<(u64, usize, u64)>> =
        near.iter().filter(|i| room(**i) > 0).map(|i| Reverse((places[*i].load, *i, room(*i)))).collect();
    let mut given: HashMap<usize, usize> = HashMap::new();
    for _ in 0..wanted {
        let Some(Reverse((load, place, room))) = heap.pop() else { break };
        *given.entry(place).or_default() += 1;
        if room > 1 {
            heap.push(Reverse((load + 1, place, room - 1)));
        }
    }
    near.iter().filter_map(|i| given.get(i).map(|quota| (*i, *quota))).collect()
}

/// The order in which serials are given: point, slot, then as seated.
pub fn by_place_and_slot(a: &Seat, b: &Seat) -> Ordering {
    a.place.cmp(&b.place).then_with(|| a.slot.cmp(&b.slot))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::Moment;
    use crate::vouchers::slots::tile;

    fn area(n: u128) -> AreaId {
        AreaId(Uuid::from_u128(n))
    }

    /// Ward 1; neighbourhoods 2 and 3; groups 4 and 5 in 2, group 6 in 3.
    fn tree() -> AreaTree {
        let rows = [
            (1, None, "phuong"),
            (2, Some(1), "kdc 2"),
            (3, Some(1), "kdc 10"),
            (4, Some(2), "to 9"),
            (5, Some(2), "to 10"),
            (6, Some(3), "to 1"),
        ];
        AreaTree::new(rows.map(|(id, up, name)| (area(id), up.map(area), name.to_owned())).to_vec())
    }

    fn place(n: u128, area_id: u128) -> Place {
        Place { point_id: Some(PointId(Uuid::from_u128(n))), area_id: Some(area(area_id)), load: 0, slots: None }
    }

    fn candidates(areas: &[u128]) -> Vec<Candidate> {
        let one = |(n, a): (usize, &u128)| Candidate {
            household_id: HouseholdId(Uuid::from_u128(n as u128)),
            area_id: area(*a),
            address_key: String::new(),
        };
        areas.iter().enumerate().map(one).collect()
    }

    #[test]
    fn areas_are_walked_with_numbers_as_numbers() {
        let tree = tree();
        let mut ids: Vec<u128> = (1..=6).collect();
        ids.sort_by_key(|id| tree.rank(area(*id)));
        assert_eq!(ids, [1, 2, 4, 5, 3, 6]);
    }

    #[test]
    fn a_household_goes_to_the_point_of_its_own_neighbourhood() {
        let mut places = [place(1, 2), place(2, 3)];
        let (seats, left_out) = seat(&tree(), &mut places, &candidates(&[4, 5, 6, 2, 3]));
        assert_eq!(left_out, []);
        let mut chosen: Vec<(u128, usize)> = seats.iter().map(|s| (s.household_id.0.as_u128(), s.place)).collect();
        chosen.sort_unstable();
        assert_eq!(chosen, [(0, 0), (1, 0), (2, 1), (3, 0), (4, 1)]);
    }

    #[test]
    fn equally_near_points_share_evenly_in_runs_of_neighbours() {
        let mut places = [place(1, 1), place(2, 1)];
        places[0].load = 2;
        let (seats, _) = seat(&tree(), &mut places, &candidates(&[4; 6]));
        assert_eq!(seats.iter().map(|s| s.place).collect::<Vec<_>>(), [0, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn houses_of_one_street_come_together() {
        let mut list = candidates(&[4; 4]);
        for (candidate, address) in list.iter_mut().zip(["10 le loi", "2 tran cao van", "k9/3 le loi", "9 le loi"]) {
            candidate.address_key = address.to_owned();
        }
        sort_neighbours(&tree(), &mut list);
        let order: Vec<&str> = list.iter().map(|c| c.address_key.as_str()).collect();
        assert_eq!(order, ["9 le loi", "10 le loi", "k9/3 le loi", "2 tran cao van"]);
    }

    proptest! {
        #[test]
        fn nobody_is_seated_twice_lost_or_beyond_capacity(areas in prop::collection::vec(1_u128..=6, 0..60), capacity in 1_u64..5) {
            let start = Moment::parse("2021-08-05T07:00:00+07:00").unwrap();
            let slots = tile(start, start.plus_secs(3600), 20);
            let free = FreeSlots::new(&slots, capacity, &HashMap::new(), start);
            let mut places = [place(1, 2), place(2, 3), place(3, 1)];
            for place in &mut places {
                place.slots = Some(free.clone());
            }
            let (seats, left_out) = seat(&tree(), &mut places, &candidates(&areas));
            let mut seen: Vec<HouseholdId> = seats.iter().map(|s| s.household_id).chain(left_out).collect();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), areas.len());
            let mut held: HashMap<(usize, Option<Slot>), u64> = HashMap::new();
            for seat in seats {
                prop_assert!(seat.slot.is_some());
                let count = held.entry((seat.place, seat.slot)).or_default();
                *count += 1;
                prop_assert!(*count <= capacity);
            }
        }
    }
}
