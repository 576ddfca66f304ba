//! Several areas are registered at once, from a list as people write it.

use std::collections::HashMap;

use serde_json::json;

use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::ids::AreaId;
use crate::kernel::{Clock, Within};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::places::area_body::NewArea;
use crate::places::lookup::require_area;
use crate::places::outline::Named;
use crate::places::outline_body::{NewAreas, OutlineAnswer, OutlineArea};
use crate::places::{Area, AreaKind, store};

/// What would become of a list. Nothing is written.
pub(in crate::places) async fn look(conn: &mut Conn, clock: &Clock, new: NewAreas) -> Result<OutlineAnswer> {
    Ok(plan(conn, clock, new).await?.answer)
}

/// Registers the areas of a list, all or none; those that are there already, by name and place, are left as they are.
pub(in crate::places) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePlaces>,
    new: NewAreas,
) -> Result<OutlineAnswer> {
    let Plan { answer, areas } = plan(tx, clock, new).await?;
    for (id, area) in areas {
        store::insert_area(tx, clock, id, area).await?;
    }
    let act = Act::many("create", "area", json!({ "count": answer.created }));
    audit::append(tx, clock, permit.actor(), act).await?;
    tx.after_commit(forget_believed);
    Ok(answer)
}

/// What a list comes to.
struct Plan {
    answer: OutlineAnswer,
    /// The areas to make, each behind the one it lies in.
    areas: Vec<(AreaId, NewArea)>,
}

async fn plan(conn: &mut Conn, clock: &Clock, new: NewAreas) -> Result<Plan> {
    let NewAreas { named, parent_id, .. } = new;
    if let Some(parent_id) = parent_id {
        require_area(conn, "parent_id", parent_id).await?;
    }
    // Names are told apart in the whole ward: those of the caller's own areas are among them.
    let mut placed = Placed::new(store::open_areas(conn, &Within::All).await?, parent_id);
    let today = clock.today();
    let mut shown = Vec::with_capacity(named.len());
    let mut areas = Vec::new();
    for area in named {
        let (key, known) = placed.place(&area);
        if known.is_none() {
            let id = AreaId::new(clock);
            let new = NewArea {
                parent_id: key.0,
                name: area.name.clone(),
                kind: area.kind,
                code: None,
                starts_on: today,
                predecessor_ids: Vec::new(),
            };
            areas.push((id, new));
            placed.add(area.depth, key, id);
        }
        shown.push(OutlineArea { depth: area.depth, name: area.name, kind: area.kind, known: known.is_some() });
    }
    Ok(Plan { answer: OutlineAnswer { created: areas.len(), areas: shown }, areas })
}

/// The area it lies in, and its name's key.
type Place = (Option<AreaId>, String);

/// What is there and what the list adds, and where in the list we are.
struct Placed {
    known: HashMap<Place, AreaId>,
    top: Option<AreaId>,
    /// The area of each depth that the next one may lie in.
    path: Vec<AreaId>,
}

impl Placed {
    fn new(known: Vec<Area>, top: Option<AreaId>) -> Self {
        let known = known.into_iter().map(|area| ((area.parent_id, area.name.to_lowercase()), area.id)).collect();
        Self { known, top, path: Vec::new() }
    }

    /// Where an area goes, and the area that is there already.
    fn place(&mut self, area: &Named) -> (Place, Option<AreaId>) {
        self.path.truncate(area.depth);
        let above = self.path.last().copied().or(self.top).filter(|_| area.kind != AreaKind::Ward);
        let key = (above, area.name.to_lowercase());
        let known = self.known.get(&key).copied();
        if let Some(id) = known {
            self.path.push(id);
        }
        (key, known)
    }

    fn add(&mut self, depth: usize, key: Place, id: AreaId) {
        self.path.truncate(depth);
        self.path.push(id);
        self.known.insert(key, id);
    }
}
