//! A list as it stands: read, corrected by the clerk, compared with what is stored.

use std::collections::BTreeMap;

use super::kind::{By, ListKind};
use super::staged;
use super::staged::StagedList;
use super::staged::by_hand::{self, Decided};
use super::staged::steps::{self, Steps, Typed};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::kernel::Day;
use crate::kernel::ids::ImportId;
use crate::kernel::message::Lang;
use crate::people::Staff;
use crate::spreadsheet::{ListRow, Reading, RowAt, RowIssue, RowStatus, SheetReading};

/// The list.
pub struct Opened<K: ListKind> {
    /// As it is kept; its rows are in `reading`.
    pub list: StagedList,
    /// The clerk's choices.
    pub options: K::Options,
    /// Every row, with the status that it has today.
    pub reading: Reading<K::Row>,
    /// What was typed and decided.
    pub steps: Steps,
    /// How its rows meet what is stored.
    pub met: K::Met,
}

/// An uploaded list, as far as this login may see it.
pub async fn find<K: ListKind>(conn: &mut Conn, by: By<'_>, id: ImportId) -> Result<StagedList> {
    staged::find(conn, K::KIND, id, only_of::<K>(by)).await
}

/// The one whose lists alone a login may see: its own, when it is confined in what the list is about – areas for lists of
/// people, points for lists of goods.
pub(super) fn only_of<K: ListKind>(by: By<'_>) -> Option<uuid::Uuid> {
    let confined =
        |staff: &&Staff| if K::PERSONAL { !staff.scope.areas.is_all() } else { !staff.scope.points.is_all() };
    by.filter(confined).map(|staff| staff.id.0)
}

impl<K: ListKind> Opened<K> {
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
        correct::<K>(&mut reading, &steps, &list.options()?, core.clock.today());
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
        let met = K::match_stored(conn, core, by, &list, &options, &mut reading, found).await?;
        Ok(Self { list, options, reading, steps, met })
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

    /// What is odd about the file as a whole.
    pub async fn warnings(&self, conn: &mut Conn, lang: Lang) -> Result<Vec<RowIssue>> {
        let mut warnings = RowIssue::all(&self.reading.warnings, lang);
        warnings.extend(self.list.same_file(conn).await?.map(|warning| RowIssue::of(&warning, lang)));
        warnings.extend(RowIssue::all(&K::warnings(conn, self).await?, lang));
        Ok(warnings)
    }

    /// Every row as the API shows it.
    pub fn preview_rows(&self, lang: Lang) -> Vec<K::PreviewRow> {
        (0..self.reading.rows.len()).map(|place| K::preview_row(self, place, lang)).collect()
    }

    /// The rows that are stored as it was decided so far, of a kind whose rows are stored as they stand or left out.
    pub fn stored(&self) -> impl Iterator<Item = &K::Row> {
        let rows = self.reading.data().filter(|row| is_stored(row.status, self.decision(row.at)));
        rows.filter_map(|row| row.parsed.as_ref())
    }

    /// Keeps what was typed for some rows.
    pub async fn correct(&self, core: &Core, rows: BTreeMap<RowAt, Typed>) -> Result<()> {
        by_hand::correct(core, self.list.id, (&self.reading, &self.steps), &K::typed(), K::mendable, rows).await
    }

    /// Keeps decisions about rows.
    pub async fn decide(&self, core: &Core, rows: BTreeMap<RowAt, K::Decision>) -> Result<Decided> {
        let all = rows.len();
        let kept: Vec<(RowAt, Option<String>)> = rows
            .into_iter()
            .filter_map(|(at, decision)| Some((at, K::decided(self, self.reading.place(at)?, decision)?)))
            .collect();
        by_hand::decide(core, self.list.id, &kept).await?;
        Ok(Decided { decided: kept.len(), impossible: all - kept.len() })
    }
}

/// Puts what a clerk typed into the rows; what is twice may be otherwise now.
pub fn correct<K: ListKind>(reading: &mut Reading<K::Row>, steps: &Steps, options: &K::Options, today: Day) {
    let mut mended = Vec::with_capacity(steps.corrections.len());
    for (at, typed) in &steps.corrections {
        let sheet = reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet);
        if let (Some(sheet), Some(place)) = (sheet, reading.place(*at)) {
            K::correct(&mut reading.rows[place], sheet, typed, options, today);
            mended.push(place);
        }
    }
    if !mended.is_empty() {
        K::mark_again(&mut reading.rows, &mended);
    }
}

/// Makes new rows of those that repeat others, to look for such rows again.
pub fn forget_duplicates<T>(rows: &mut [ListRow<T>]) {
    for row in rows.iter_mut().filter(|row| row.status == RowStatus::Duplicate) {
        (row.status, row.duplicate_of_row) = (RowStatus::New, None);
    }
}

/// Whether a row of this status is stored, of a kind whose rows are stored as they stand or left out.
pub fn is_stored(status: RowStatus, decision: Option<&str>) -> bool {
    match status {
        RowStatus::New => decision != Some("skip"),
        RowStatus::Duplicate => decision == Some("new"),
        RowStatus::Update | RowStatus::Error | RowStatus::Skipped => false,
    }
}
