//! How the rows of a list meet the registry, and what would become of them by that.

use super::areas::AreaBook;
use super::kind::Opened;
use super::matching::{self, Match, Matches};
use super::preview::{Bases, DuplicateOf, Options, PreviewRow};
use super::{HouseholdRow, Importer, store};
use crate::db::Conn;
use crate::http::{Core, Result};
use crate::kernel::Message;
use crate::kernel::message::Lang;
use crate::spreadsheet::issue::{self, file_issue};
use crate::spreadsheet::{Issue, Reading, RowIssue, RowStatus};

/// A list compared with the registry.
pub struct Met {
    importer: Importer,
    matches: Matches,
    book: AreaBook,
    bases: Bases,
}

impl Met {
    /// Marks the rows of a reading that are registered already.
    pub(super) async fn of(
        conn: &mut Conn,
        core: &Core,
        importer: Importer,
        options: &Options,
        (reading, matches): (&mut Reading<HouseholdRow>, Matches),
    ) -> Result<Self> {
        let book = AreaBook::of(store::areas(conn, core.clock.today()).await?);
        let bases = Bases::of(&book, &importer, options.area_id, reading);
        for (row, found) in reading.rows.iter_mut().zip(&matches) {
            if let (RowStatus::New, Some(found)) = (row.status, found) {
                row.status = if found.fills { RowStatus::Update } else { RowStatus::Duplicate };
            }
        }
        Ok(Self { importer, matches, book, bases })
    }

    /// The stored household that a row is the same as, by its place, if this login may see it.
    pub(super) fn same(&self, place: usize) -> Option<Match> {
        self.matches.get(place).copied().flatten().filter(|found| self.importer.scope.holds(found.area_id))
    }

    /// Whether a row has the id number of a stored household: it can't become another.
    pub(super) fn is_taken(&self, place: usize) -> bool {
        self.matches.get(place).copied().flatten().is_some_and(|found| found.same_citizen)
    }
}

/// Rows of data that are to be stored and whose area is not known.
pub(super) fn homeless(list: &Opened) -> usize {
    let to_store = list.reading.rows.iter().filter(|row| matching::may_be_stored(row.status));
    to_store.filter(|row| list.met.bases.area(&list.met.book, row).0.is_none()).count()
}

/// Where rows go whose area is not registered, if there are any.
pub(super) fn areas_unknown(list: &Opened) -> Option<Issue> {
    let to_store = list.reading.rows.iter().filter(|row| matching::may_be_stored(row.status));
    let elsewhere = to_store.filter(|row| matches!(list.met.bases.area(&list.met.book, row), (Some(_), false)));
    let words = elsewhere.filter_map(|row| row.parsed.as_ref()?.area_text.as_deref());
    let instead = Message::fixed(
        "các hộ đó sẽ ghi vào khu vực chung của danh sách, còn tên tổ thì ghi vào địa chỉ.",
        "these households go to the list's own area, and the group's name into the address.",
    );
    issue::areas_unknown(words, &instead)
}

/// What is odd about a row beside its cells: where it belongs, or where it is already.
pub(super) fn remarks(list: &Opened, place: usize) -> Vec<Issue> {
    let (row, met) = (&list.reading.rows[place], &list.met);
    let found = met.matches.get(place).is_some_and(Option::is_some);
    let elsewhere = (found && met.same(place).is_none()).then(elsewhere);
    let homeless = row.parsed.is_none() || met.bases.area(&met.book, row).0.is_none();
    let missing = (homeless && row.status != RowStatus::Skipped).then(area_missing);
    elsewhere.into_iter().chain(missing).collect()
}

/// What would become of a row.
pub(super) fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
    let (row, met) = (&list.reading.rows[place], &list.met);
    let mut warnings = RowIssue::all(&row.warnings, lang);
    warnings.extend(RowIssue::all(&remarks(list, place), lang));
    let stored = || met.same(place).map(|found| DuplicateOf::Household(found.id));
    PreviewRow {
        row: row.at.row,
        sheet: list.sheet(row.at).map(|sheet| sheet.name.clone()).unwrap_or_default(),
        key: list.reading.key_of(row.at),
        status: row.status,
        name: row.parsed.as_ref().map(|parsed| parsed.head_name.clone()).unwrap_or_default(),
        area_id: row.parsed.as_ref().and_then(|_| met.bases.area(&met.book, row).0),
        errors: RowIssue::all(&row.errors, lang),
        warnings,
        duplicate_of: row.duplicate_of_row.map(|at| DuplicateOf::Row(at.row)).or_else(stored),
        decision: list.decision(row.at).map(str::to_owned),
        corrected: list.corrected(row.at),
    }
}

fn elsewhere() -> Issue {
    file_issue(
        "in_another_area",
        Message::fixed(
            "Hộ này đã có ở một khu vực khác. Hãy hỏi cán bộ phụ trách.",
            "This household is registered in another area. Ask the coordinator.",
        ),
    )
}

fn area_missing() -> Issue {
    file_issue(
        "area_missing",
        Message::fixed(
            "Chưa biết hộ này thuộc khu vực nào. Chọn khu vực (area_id) khi ghi danh sách.",
            "The area of this household is not known. Choose one (area_id) when committing.",
        ),
    )
}
