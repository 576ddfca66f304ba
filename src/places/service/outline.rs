//! Several areas are registered at once, from a list as people write it.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Answer, Claim, Core, CreateBody, Error, Result};
use crate::kernel::ids::AreaId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::places::lookup::require_area;
use crate::places::outline::{self, Named};
use crate::places::rules::require_area_place;
use crate::places::store::{self, NewArea};
use crate::places::{Area, AreaKind};

/// A list of areas.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"text": "Khu dân cư số 3: Tổ 31, Tổ 32\nKhu dân cư số 4\n  Tổ 41-44", "dry_run": true}))]
pub(in crate::places) struct OutlineBody {
    /// One area a line, indented below the area it lies in; or `Khu dân cư số 3: Tổ 31, Tổ 32`; or `Tổ 41-44`.
    pub(in crate::places) text: String,
    /// The area that all of them lie in.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// Only tells what would be made.
    #[serde(default)]
    pub(in crate::places) dry_run: bool,
}

/// One area of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::places) struct OutlineArea {
    /// How many areas of the list it lies in.
    pub(in crate::places) depth: usize,
    /// Its name.
    #[schema(example = "Tổ 31")]
    pub(in crate::places) name: String,
    /// What kind of unit it is.
    pub(in crate::places) kind: AreaKind,
    /// Whether an area of that name is there already, at that place; it is left as it is.
    pub(in crate::places) known: bool,
}

/// What became of a list.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::places) struct OutlineAnswer {
    /// Areas that were made, or would be.
    pub(in crate::places) created: usize,
    /// The list as it was read.
    pub(in crate::places) areas: Vec<OutlineArea>,
}

/// Registers the areas of a list, all or none; those that are there already, by name and place, are left as they are.
pub(in crate::places) async fn create(
    core: &Core,
    permit: &Permit<ManagePlaces>,
    create: CreateBody<OutlineBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let named = outline::parse(&body.text).map_err(Error::from)?;
    named.iter().try_for_each(|area| require_area_place(permit, area.kind, body.parent_id))?;
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    if let Some(parent_id) = body.parent_id {
        require_area(&mut tx, "parent_id", parent_id).await?;
    }
    let known = store::open_areas(&mut tx).await?;
    let mut made = Planned::new(known, body.parent_id);
    let today = core.clock.today();
    let mut answer = OutlineAnswer { created: 0, areas: Vec::with_capacity(named.len()) };
    for area in named {
        let (key, known) = made.place(&area);
        if known.is_none() {
            answer.created += 1;
            let id = if body.dry_run {
                AreaId::new(&core.clock)
            } else {
                let new = NewArea {
                    parent_id: key.0,
                    name: area.name.clone(),
                    name_key: key.1.clone(),
                    kind: area.kind,
                    code: None,
                    starts_on: today,
                    predecessor_ids: Vec::new(),
                };
                store::insert_area(&mut tx, &core.clock, new).await?.id
            };
            made.add(area.depth, key, id);
        }
        answer.areas.push(OutlineArea { depth: area.depth, name: area.name, kind: area.kind, known: known.is_some() });
    }
    if body.dry_run {
        // Nothing was written, and the same form may still be sent to make them.
        return Answer::new(StatusCode::CREATED, &answer);
    }
    audit::append(
        &mut tx,
        &core.clock,
        permit.actor(),
        Act::many("create", "area", json!({ "count": answer.created })),
    )
    .await?;
    let answer = once.finish(core, tx, permit.id.0, StatusCode::CREATED, &answer).await?;
    forget_believed();
    Ok(answer)
}

/// The area it lies in, and its name's key.
type Place = (Option<AreaId>, String);

/// What is there and what the list adds, and where in the list we are.
struct Planned {
    known: HashMap<Place, AreaId>,
    top: Option<AreaId>,
    /// The area of each depth that the next one may lie in.
    path: Vec<AreaId>,
}

impl Planned {
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
