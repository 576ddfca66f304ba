//! A list of donors as it stands: read, corrected by the clerk, compared with what is stored.

use std::collections::BTreeMap;

use super::api::Options;
use super::rows::{self, DonationRow, ImportOptions};
use super::{VOCABULARY, known};
use crate::db::Conn;
use crate::goods::DonationId;
use crate::kernel::Day;
use crate::lists::said::added;
use crate::lists::staged::by_hand::{self, Decided, Decision};
use crate::lists::staged::steps::{self, Steps, Typed};
use crate::lists::staged::{self, ImportId, Kind, StagedList};
use crate::lists::{Choice, ListRow, Reading, RowAt, RowStatus};
use crate::people::Staff;
use crate::people::audit::{self, Act};
use crate::web::{Core, Result};

/// The list.
pub struct Opened {
    /// As it is kept; its rows are in `reading`.
    pub list: StagedList,
    /// The clerk's choices.
    pub options: Options,
    /// Every row, with the status that it has today.
    pub reading: Reading<DonationRow>,
    /// What was typed and decided.
    pub steps: Steps,
    /// The rows that are stored already, and as what.
    pub known: BTreeMap<RowAt, DonationId>,
}

/// A list that was uploaded.
pub async fn find(conn: &mut Conn, id: ImportId) -> Result<StagedList> {
    staged::find(conn, Kind::Donations, id, None).await
}

impl Opened {
    /// Opens a kept list.
    pub async fn of(conn: &mut Conn, core: &Core, mut list: StagedList) -> Result<Self> {
        let reading = list.reading(core).await?;
        let steps = steps::of(conn, core, &list).await?;
        Self::with(conn, core.clock.today(), list, reading, steps).await
    }

    /// A list of this reading.
    pub async fn with(
        conn: &mut Conn,
        today: Day,
        list: StagedList,
        mut reading: Reading<DonationRow>,
        steps: Steps,
    ) -> Result<Self> {
        let options: Options = list.options()?;
        apply(&mut reading, &steps, ImportOptions { unit: options.unit }, today);
        // Once committed, the list's own donations are stored: its rows are shown as they were.
        let known = match list.committed_at {
            None => known::mark(conn, &mut reading).await?,
            Some(_) => BTreeMap::new(),
        };
        Ok(Self { list, options, reading, steps, known })
    }

    /// The list as it stands now.
    pub async fn find(core: &Core, id: ImportId) -> Result<Self> {
        let mut conn = core.db.read().await?;
        let list = find(&mut conn, id).await?;
        Self::of(&mut conn, core, list).await
    }

    /// Keeps what was typed for some rows.
    pub async fn correct(&self, core: &Core, rows: BTreeMap<RowAt, Typed>) -> Result<()> {
        let mendable = |row: &ListRow<DonationRow>| !row.original.is_empty();
        let fields = VOCABULARY.names();
        by_hand::correct(core, self.list.id, (&self.reading, &self.steps), &fields, mendable, rows).await
    }

    /// Keeps decisions about rows.
    pub async fn decide(&self, core: &Core, rows: BTreeMap<RowAt, Option<Decision>>) -> Result<Decided> {
        by_hand::decide(core, self.list.id, &self.reading, rows).await
    }
}

/// Puts what a clerk typed into the rows; what is twice may be otherwise now.
fn apply(reading: &mut Reading<DonationRow>, steps: &Steps, options: ImportOptions, today: Day) {
    if steps.corrections.is_empty() {
        return;
    }
    for (at, typed) in &steps.corrections {
        let sheet = reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet);
        if let (Some(sheet), Some(place)) = (sheet, reading.place(*at)) {
            rows::correct(&mut reading.rows[place], sheet, typed, options, today);
        }
    }
    for row in reading.rows.iter_mut().filter(|row| row.status == RowStatus::Duplicate) {
        (row.status, row.duplicate_of_row) = (RowStatus::New, None);
    }
    rows::mark_duplicates(&mut reading.rows);
}

/// Reads the file again with columns chosen by hand. What was corrected and decided is forgotten, since the rows may be
/// others now.
pub async fn reread(core: &Core, staff: &Staff, id: ImportId, columns: Vec<Choice>) -> Result<()> {
    let mut conn = core.db.read().await?;
    let list = find(&mut conn, id).await?;
    let bytes = staged::file(&mut conn, core, &list).await?;
    drop(conn);
    let before: Options = list.options()?;
    let options = Options { columns: added(before.columns, columns), ..before };
    let (columns, unit, today) = (options.columns.clone(), options.unit, core.clock.today());
    let read = move |book: &crate::lists::Workbook| rows::read(book, &columns, ImportOptions { unit }, today);
    let file = staged::read_file(core, Kind::Donations, bytes, read).await?;
    let mut tx = core.db.begin().await?;
    let mut list = find(&mut tx, id).await?;
    staged::restage(&mut tx, &mut list, &options, file).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("reread", "donation_import", id.0)).await?;
    tx.commit().await?;
    Ok(())
}
