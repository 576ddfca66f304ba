//! The tree of areas in the order people read it: each area below the one it lies in, `Tổ 2` before `Tổ 10`.

use std::collections::{BTreeMap, HashSet};

use super::Area;
use super::store::TreeArea;
use crate::kernel::ids::AreaId;
use crate::kernel::vietnamese::natural_key;
use crate::places::AreaKind;

/// An area at its place in the tree.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The area, with what lies in it.
    pub row: TreeArea,
    /// How many areas it lies in.
    pub depth: usize,
}

/// Puts areas into the order of the tree. An area whose parent is not among them stands at the top.
pub fn tree(rows: Vec<TreeArea>) -> Vec<Branch> {
    let ids: HashSet<AreaId> = rows.iter().map(|row| row.area.id).collect();
    let mut below: BTreeMap<Option<AreaId>, Vec<TreeArea>> = BTreeMap::new();
    for row in rows {
        below.entry(row.area.parent_id.filter(|id| ids.contains(id))).or_default().push(row);
    }
    for siblings in below.values_mut() {
        siblings.sort_by_cached_key(|row| (rank(row.area.kind), natural_key(&row.area.name), row.area.id));
    }
    let mut branches = Vec::new();
    let mut open: Vec<(usize, TreeArea)> = Vec::new();
    let push = |open: &mut Vec<(usize, TreeArea)>, depth: usize, rows: Vec<TreeArea>| {
        open.extend(rows.into_iter().rev().map(|row| (depth, row)));
    };
    push(&mut open, 0, below.remove(&None).unwrap_or_default());
    while let Some((depth, row)) = open.pop() {
        push(&mut open, depth + 1, below.remove(&Some(row.area.id)).unwrap_or_default());
        branches.push(Branch { row, depth });
    }
    branches
}

/// Areas to choose from in a form: value and label, each label with the areas it lies in, as `KDC 3 › Tổ 31`.
pub fn choices(areas: Vec<Area>) -> Vec<(String, String)> {
    let branches = tree(areas.into_iter().map(|area| TreeArea { area, points: 0 }).collect());
    let mut path: Vec<String> = Vec::new();
    let label = |branch: Branch| {
        path.truncate(branch.depth);
        path.push(branch.row.area.name);
        // The ward is the same for all and says nothing.
        let shown = if path.len() > 2 { &path[1..] } else { &path[path.len() - 1..] };
        (branch.row.area.id.to_string(), shown.join(" › "))
    };
    branches.into_iter().map(label).collect()
}

const fn rank(kind: AreaKind) -> u8 {
    match kind {
        AreaKind::Ward => 0,
        AreaKind::Neighbourhood => 1,
        AreaKind::Group => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Day, Moment};

    fn area(clock: &Clock, parent: Option<&Area>, kind: AreaKind, name: &str) -> Area {
        Area {
            id: AreaId::new(clock),
            parent_id: parent.map(|area| area.id),
            name: name.to_owned(),
            kind,
            code: None,
            starts_on: Day::parse("2021-01-01").unwrap(),
            ends_on: None,
        }
    }

    #[test]
    fn the_tree_reads_from_the_ward_down_and_counts_as_people_do() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let ward = area(&clock, None, AreaKind::Ward, "Phường Thanh Khê");
        let three = area(&clock, Some(&ward), AreaKind::Neighbourhood, "Khu dân cư 3");
        let ten = area(&clock, Some(&three), AreaKind::Group, "Tổ 10");
        let two = area(&clock, Some(&three), AreaKind::Group, "Tổ 2");
        let eleven = area(&clock, Some(&ward), AreaKind::Neighbourhood, "Khu dân cư 11");
        let shown = choices(vec![eleven, ten, two, three, ward]);
        let labels: Vec<&str> = shown.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(
            labels,
            ["Phường Thanh Khê", "Khu dân cư 3", "Khu dân cư 3 › Tổ 2", "Khu dân cư 3 › Tổ 10", "Khu dân cư 11"]
        );
    }
}
