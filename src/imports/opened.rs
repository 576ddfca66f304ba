//! A list as it stands: read, corrected by the clerk, compared with what is stored.

use super::corrected::Corrected;
use super::kind::By;
use super::matching::ListMatching;
use super::scope::find;
use super::staged::StagedList;
use super::staged::steps::Steps;
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
    /// The list as it stands now, for who may see it.
    pub async fn find(conn: &mut Conn, core: &Core, by: By<'_, K>, id: ImportId) -> Result<Self> {
        let list = find::<K>(conn, by, id).await?;
        Self::of(conn, core, by, list).await
    }

    /// Opens a kept list.
    pub async fn of(conn: &mut Conn, core: &Core, by: By<'_, K>, list: StagedList) -> Result<Self> {
        let list = Corrected::<K>::read(conn, core, list).await?;
        let found = K::look_up(conn, core, &list.reading).await?;
        Self::with(conn, core, by, list, found).await
    }

    /// A list that was looked up already.
    pub async fn with(
        conn: &mut Conn,
        core: &Core,
        by: By<'_, K>,
        list: Corrected<K>,
        found: K::Found,
    ) -> Result<Self> {
        let Corrected { list, options, mut reading, steps } = list;
        let matches = K::match_stored(conn, core, by, &list, &options, &mut reading, found).await?;
        Ok(Self { list, options, reading, steps, matches })
    }

    /// The sheet of a row.
    pub fn sheet(&self, at: RowAt) -> Option<&SheetReading> {
        self.reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet)
    }

    /// What was decided about a row.
    pub fn decision(&self, at: RowAt) -> Option<&str> {
        self.steps.decisions.get(&at).map(String::as_str)
    }

    /// Whether a clerk typed some of a row's cells anew.
    pub fn corrected(&self, at: RowAt) -> bool {
        self.steps.corrections.contains_key(&at)
    }
}
