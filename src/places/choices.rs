//! Areas as a form offers them: as a tree, those of a login's own part of the ward.

use std::collections::HashMap;

use super::{Area, AreaId, Scope, store};
use crate::db::Conn;

/// Areas deeper than this stand at the same indent: a bound on a damaged tree.
const DEEPEST: usize = 8;

/// Value and label of each area that exists and lies in the scope, each below the one it lies in.
pub async fn area_choices(conn: &mut Conn, scope: &Scope) -> Result<Vec<(String, String)>, sqlx::Error> {
    let areas = store::open_areas(conn).await?;
    Ok(as_tree(areas.into_iter().filter(|area| scope.holds(area.id)).collect()))
}

/// The areas in the order of a tree; neighbours keep the order they came in, numbers count as numbers.
fn as_tree(mut areas: Vec<Area>) -> Vec<(String, String)> {
    areas.sort_by_cached_key(|area| by_number(&area.name));
    let known: Vec<AreaId> = areas.iter().map(|area| area.id).collect();
    let mut below: HashMap<Option<AreaId>, Vec<&Area>> = HashMap::new();
    for area in &areas {
        // What lies in an area that is not offered stands at the top.
        below.entry(area.parent_id.filter(|parent| known.contains(parent))).or_default().push(area);
    }
    let mut out = Vec::with_capacity(areas.len());
    let mut open: Vec<(&Area, usize)> = below.get(&None).into_iter().flatten().rev().map(|area| (*area, 0)).collect();
    while let Some((area, depth)) = open.pop() {
        out.push((area.id.to_string(), format!("{}{}", "– ".repeat(depth), area.name)));
        let children = below.remove(&Some(area.id)).unwrap_or_default();
        open.extend(children.into_iter().rev().map(|child| (child, (depth + 1).min(DEEPEST))));
    }
    out
}

/// `Tổ 9` before `Tổ 10`: the words, with each number padded.
fn by_number(name: &str) -> String {
    let words = crate::kernel::vietnamese::fold(name);
    let padded = words.split(' ').map(|word| match word.parse::<u32>() {
        Ok(number) => format!("{number:010}"),
        Err(_) => word.to_owned(),
    });
    padded.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Day, Moment};

    #[test]
    fn areas_stand_below_the_one_they_lie_in_and_ten_comes_after_nine() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let area = |parent_id, name: &str| Area {
            id: AreaId::new(&clock),
            parent_id,
            name: name.to_owned(),
            kind: "group".to_owned(),
            code: None,
            starts_on: Day::parse("2021-01-01").unwrap(),
            ends_on: None,
        };
        let ward = area(None, "Phường");
        let (ten, nine) = (area(Some(ward.id), "Tổ 10"), area(Some(ward.id), "Tổ 9"));
        let foreign = area(Some(AreaId::new(&clock)), "Khu khác");
        let labels: Vec<String> = as_tree(vec![ten, ward, foreign, nine]).into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["Khu khác", "Phường", "– Tổ 9", "– Tổ 10"]);
    }
}
