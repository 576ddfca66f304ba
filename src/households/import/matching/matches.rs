//! How the rows of a list match the registry.

use std::sync::Arc;

use super::areas::{AreaBook, DefaultAreas};
use super::importer::Importer;
use super::lookup::{self, Found, Match};
use crate::db::{Conn, Tx};
use crate::households::import::rows::{HouseholdRow, Options};
use crate::households::import::{Households, store};
use crate::http::{Core, Result};
use crate::imports::kind::By;
use crate::imports::matching::ListMatching;
use crate::imports::staged::StagedList;
use crate::kernel::ids::AreaId;
use crate::spreadsheet::{ListRow, Reading, RowStatus};

/// A list compared with the registry.
pub struct Matches {
    importer: Importer,
    found: Found,
    areas: AreaBook,
    defaults: DefaultAreas,
}

impl Matches {
    /// Marks the rows of a reading that are registered already.
    async fn of(
        conn: &mut Conn,
        core: &Core,
        importer: Importer,
        options: &Options,
        (reading, found): (&mut Reading<HouseholdRow>, Found),
    ) -> Result<Self> {
        let areas = AreaBook::of(store::areas(conn, core.clock.today()).await?);
        let defaults = DefaultAreas::of(&areas, &importer, options.area_id, reading);
        for (row, found) in reading.rows.iter_mut().zip(&found) {
            if let (RowStatus::New, Some(found)) = (row.status, found) {
                row.status = if found.fills { RowStatus::Update } else { RowStatus::Duplicate };
            }
        }
        Ok(Self { importer, found, areas, defaults })
    }

    fn at(&self, place: usize) -> Option<Match> {
        self.found.get(place).copied().flatten()
    }

    /// The stored household that a row is the same as, by its place, if this login may see it.
    pub fn same(&self, place: usize) -> Option<Match> {
        self.at(place).filter(|found| self.importer.scope.holds(found.area_id))
    }

    /// Whether a row is the same as a stored household that this login may not see.
    pub fn is_elsewhere(&self, place: usize) -> bool {
        self.at(place).is_some() && self.same(place).is_none()
    }

    /// Whether a row has the id number of a stored household: it can't become another.
    pub fn is_taken(&self, place: usize) -> bool {
        self.at(place).is_some_and(|found| found.same_citizen)
    }

    /// The area of a row, and whether its own words named it.
    pub fn area(&self, row: &ListRow<HouseholdRow>) -> (Option<AreaId>, bool) {
        self.defaults.area(&self.areas, row)
    }
}

impl ListMatching for Households {
    type Found = Found;
    type Matches = Matches;

    async fn check(tx: &mut Tx, by: By<'_, Self>, options: &mut Options) -> Result<()> {
        if let Some(area_id) = options.area_id {
            Importer::of(by).require_area(tx, area_id).await?;
        }
        Ok(())
    }

    async fn look_up(conn: &mut Conn, core: &Core, reading: &Reading<HouseholdRow>) -> Result<Found> {
        Ok(lookup::against_registry(conn, &core.vault, reading).await?)
    }

    async fn look_up_beside(core: &Core, reading: &Arc<Reading<HouseholdRow>>) -> Result<Found> {
        lookup::beside(core, reading).await
    }

    async fn match_stored(
        conn: &mut Conn,
        core: &Core,
        by: By<'_, Self>,
        _list: &StagedList,
        options: &Options,
        reading: &mut Reading<HouseholdRow>,
        found: Found,
    ) -> Result<Matches> {
        let importer = Importer::of(by);
        Matches::of(conn, core, importer, options, (reading, found)).await
    }
}
