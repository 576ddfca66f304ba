//! A list between its upload and its commit, as it stands now: read, corrected by the clerk, compared with the registry.

use super::areas::AreaBook;
use super::matching::{self, Match, Matches};
use super::preview::{Bases, DuplicateOf, Options, PreviewRow};
use super::{HouseholdRow, Importer, duplicates, rows, store};
use crate::db::Conn;
use crate::kernel::say::Lang;
use crate::kernel::{Day, Say};
use crate::lists::staged::StagedList;
use crate::lists::staged::steps::{self, Steps};
use crate::lists::{Issue, ListRow, Reading, RowAt, RowIssue, RowStatus, Totals, outcome};
use crate::web::{Core, Result};

/// The list.
pub(in crate::households) struct Opened {
    /// As it is stored; its rows are in `reading`.
    pub(in crate::households) list: StagedList,
    /// The clerk's choices.
    pub(in crate::households) options: Options,
    /// Every row, with the status that it has today.
    pub(in crate::households) reading: Reading<HouseholdRow>,
    /// What was typed and decided.
    pub(in crate::households) steps: Steps,
    matches: Matches,
    book: AreaBook,
    bases: Bases,
}

impl Opened {
    /// Opens a list and compares it with the registry.
    pub(in crate::households) async fn of(
        conn: &mut Conn,
        core: &Core,
        importer: &Importer,
        mut list: StagedList,
    ) -> Result<Self> {
        let mut reading = list.reading(core).await?;
        let steps = steps::of(conn, core, &list).await?;
        apply(&mut reading, &steps, core.clock.today());
        let matches = matching::against_registry(conn, &core.vault, &reading).await?;
        Self::with(conn, core, importer, list, (reading, matches), steps).await
    }

    /// A list that was compared with the registry.
    pub(in crate::households) async fn with(
        conn: &mut Conn,
        core: &Core,
        importer: &Importer,
        list: StagedList,
        (mut reading, matches): (Reading<HouseholdRow>, Matches),
        steps: Steps,
    ) -> Result<Self> {
        let options: Options = list.options()?;
        let book = AreaBook::of(store::areas(conn, core.clock.today()).await?);
        let bases = Bases::of(&book, importer, options.area_id, &reading);
        for (row, found) in reading.rows.iter_mut().zip(&matches) {
            if let (RowStatus::New, Some(found)) = (row.status, found) {
                row.status = if found.fills { RowStatus::Update } else { RowStatus::Duplicate };
            }
        }
        Ok(Self { list, options, reading, steps, matches, book, bases })
    }

    /// Rows by status; of a committed list, as they were then.
    pub(in crate::households) fn totals(&self) -> Totals {
        if self.list.committed_at.is_some() {
            serde_json::from_str(&self.list.totals).unwrap_or_default()
        } else {
            self.reading.totals()
        }
    }

    /// The place of a row in the reading.
    pub(in crate::households) fn place(&self, at: RowAt) -> Option<usize> {
        self.reading.place(at)
    }

    /// The stored household that a row is the same as, if this login may see it.
    pub(in crate::households) fn same(&self, place: usize, importer: &Importer) -> Option<Match> {
        self.matches.get(place).copied().flatten().filter(|found| importer.scope.holds(found.area_id))
    }

    /// Whether a row has the id number of a stored household: it can't become another.
    pub(in crate::households) fn is_taken(&self, place: usize) -> bool {
        self.matches.get(place).copied().flatten().is_some_and(|found| found.same_citizen)
    }

    /// Rows of data that are to be stored and whose area is not known.
    pub(in crate::households) fn homeless(&self) -> usize {
        let without = |row: &&ListRow<HouseholdRow>| {
            matches!(row.status, RowStatus::New | RowStatus::Duplicate) && self.bases.area(&self.book, row).0.is_none()
        };
        self.reading.rows.iter().filter(without).count()
    }

    /// What would become of a row.
    pub(in crate::households) fn row(&self, place: usize, importer: &Importer, lang: Lang) -> PreviewRow {
        let row = &self.reading.rows[place];
        let area_id = row.parsed.as_ref().and_then(|_| self.bases.area(&self.book, row).0);
        let mut warnings = RowIssue::all(&row.warnings, lang);
        let found = self.matches.get(place).copied().flatten();
        let stored = self.same(place, importer);
        if found.is_some() && stored.is_none() {
            warnings.push(RowIssue::of(&elsewhere(), lang));
        }
        if area_id.is_none() && row.status != RowStatus::Skipped {
            warnings.push(RowIssue::of(&area_missing(), lang));
        }
        let duplicate_of = match (row.duplicate_of_row, stored) {
            (Some(at), _) => Some(DuplicateOf::Row(at.row)),
            (None, Some(stored)) => Some(DuplicateOf::Household(stored.id)),
            (None, None) => None,
        };
        PreviewRow {
            row: row.at.row,
            sheet: self.sheet(row.at).to_owned(),
            key: self.reading.key_of(row.at),
            status: row.status,
            name: row.parsed.as_ref().map(|parsed| parsed.head_name.clone()).unwrap_or_default(),
            area_id,
            errors: RowIssue::all(&row.errors, lang),
            warnings,
            duplicate_of,
            decision: self.steps.decisions.get(&row.at).cloned(),
            corrected: self.steps.corrections.contains_key(&row.at),
        }
    }

    /// The name of a row's sheet.
    fn sheet(&self, at: RowAt) -> &str {
        self.reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet).map_or("", |sheet| &sheet.name)
    }
}

/// Puts what a clerk typed into the rows, and looks for duplicates of those again.
pub(super) fn apply(reading: &mut Reading<HouseholdRow>, steps: &Steps, today: Day) {
    let mut corrected = Vec::with_capacity(steps.corrections.len());
    for (at, typed) in &steps.corrections {
        let Ok(place) = reading.rows.binary_search_by_key(at, |row| row.at) else { continue };
        rows::correct(&mut reading.rows[place], typed, today);
        corrected.push(place);
    }
    if !corrected.is_empty() {
        duplicates::mark_corrected(&mut reading.rows, &corrected);
    }
}

fn elsewhere() -> Issue {
    outcome::file_issue(
        "in_another_area",
        Say::fixed(
            "Hộ này đã có ở một khu vực khác. Hãy hỏi cán bộ phụ trách.",
            "This household is registered in another area. Ask the coordinator.",
        ),
    )
}

fn area_missing() -> Issue {
    outcome::file_issue(
        "area_missing",
        Say::fixed(
            "Chưa biết hộ này thuộc khu vực nào. Chọn khu vực (area_id) khi ghi danh sách.",
            "The area of this household is not known. Choose one (area_id) when committing.",
        ),
    )
}
