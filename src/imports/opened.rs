//! A list as it stands: read, corrected by the clerk, compared with what is stored.

use std::collections::BTreeMap;

use super::kind::By;
use super::matching::ListMatching;
use super::rows;
use super::scope::find;
use super::staged::steps::{self, Steps, Typed};
use super::staged::{KeptDecision, StagedList, by_hand};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::kernel::ids::ImportId;
use crate::spreadsheet::{Reading, RowAt, SheetReading};

/// The list.
pub struct Opened<K: ListMatching> {
    /// As it is kept; its rows are in `reading`.
    pub list: StagedList,
    /// The clerk's choices.
    pub options: K::Options,
    /// Every row, with the status that it has today.
    pub reading: Reading<K::Row>,
    /// What was typed and decided.
    pub steps: Steps,
    /// How its rows match what is stored.
    pub matches: K::Matches,
}

impl<K: ListMatching> Opened<K> {
    /// The list as it stands now.
    pub async fn find(core: &Core, by: By<'_>, id: ImportId) -> Result<Self> {
        let mut conn = core.db.read().await?;
        let list = find::<K>(&mut conn, by, id).await?;
        Self::of(&mut conn, core, by, list).await
    }

    /// Opens a kept list.
    pub async fn of(conn: &mut Conn, core: &Core, by: By<'_>, mut list: StagedList) -> Result<Self> {
        let mut reading = list.reading(core).await?;
        let steps = steps::of(conn, core, &list).await?;
        rows::correct::<K>(&mut reading, &steps, &list.options()?, core.clock.today());
        let found = K::look_up(conn, core, &reading).await?;
        Self::with(conn, core, by, list, (reading, found), steps).await
    }

    /// A list of this reading, looked up already.
    pub async fn with(
        conn: &mut Conn,
        core: &Core,
        by: By<'_>,
        list: StagedList,
        (mut reading, found): (Reading<K::Row>, K::Found),
        steps: Steps,
    ) -> Result<Self> {
        let options: K::Options = list.options()?;
        let matches = K::match_stored(conn, core, by, &list, &options, &mut reading, found).await?;
        Ok(Self { list, options, reading, steps, matches })
    }

    /// The sheet of a row.
    pub fn sheet(&self, at: RowAt) -> Option<&SheetReading> {
        self.reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet)
    }

    /// What was decided about a row.
    pub fn decision(&self, at: RowAt) -> Option<KeptDecision> {
        self.steps.decisions.get(&at).copied()
    }

    /// Whether a clerk typed some of a row's cells anew.
    pub fn corrected(&self, at: RowAt) -> bool {
        self.steps.corrections.contains_key(&at)
    }

    /// Keeps what was typed for some rows.
    pub async fn correct(&self, core: &Core, rows: BTreeMap<RowAt, Typed>) -> Result<()> {
        by_hand::correct(core, self.list.id, (&self.reading, &self.steps), &K::typed(), K::correctable, rows).await
    }
}
