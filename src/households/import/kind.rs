//! Lists of households, as a kind of imported list.

use std::sync::Arc;

use super::commit::{self, CommitBody, Counts};
use super::deciding::{self, Decision, Undone};
use super::matching::{self, Matches};
use super::met::{self, Met};
use super::preview::{self, Options, Preview, PreviewRow};
use super::rows::{self, TYPED};
use super::{HouseholdRow, Importer, VOCABULARY, duplicates};
use crate::db::{Conn, Tx};
use crate::http::{Core, Result, Upload};
use crate::imports::kind::{By, ListKind, Read};
use crate::imports::sequence;
use crate::imports::staged::steps::Typed;
use crate::imports::staged::{Kind, Progress, StagedList};
use crate::kernel::Day;
use crate::kernel::ids::ImportId;
use crate::kernel::message::Lang;
use crate::people::Right;
use crate::spreadsheet::{Choice, Issue, ListRow, Reading, SheetReading, Workbook};
use crate::{imports, spreadsheet};

/// Lists of households.
pub struct Households;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<Households>;

impl ListKind for Households {
    const KIND: Kind = Kind::Households;
    const RIGHT: Right = Right::WriteHouseholds;
    const RECORD: &'static str = "household_import";
    const PERSONAL: bool = true;
    const TABLES: &'static [&'static str] = &["households"];
    const VOCABULARY: &'static spreadsheet::Vocabulary = &VOCABULARY;

    type Row = HouseholdRow;
    type Options = Options;
    type Found = Matches;
    type Met = Met;
    type Decision = Decision;
    type PreviewRow = PreviewRow;
    type Preview = Preview;
    type CommitBody = CommitBody;
    type Counts = Counts;
    type Undone = Undone;

    fn options(upload: &Upload) -> Result<Options> {
        Ok(Options { area_id: sequence::area_field(upload)?, ..Options::default() })
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    async fn check(tx: &mut Tx, by: By<'_>, options: &mut Options) -> Result<()> {
        if let Some(area_id) = options.area_id {
            let importer = Importer::of(by);
            commit::require_area(tx, &importer, area_id).await?;
        }
        Ok(())
    }

    fn read(book: &Workbook, options: &Options, today: Day, progress: &Progress) -> Read<HouseholdRow> {
        rows::read_followed(book, &options.columns, today, progress)
    }

    fn typed() -> Vec<&'static str> {
        TYPED.to_vec()
    }

    fn mendable(row: &ListRow<HouseholdRow>) -> bool {
        row.parsed.is_some()
    }

    fn correct(row: &mut ListRow<HouseholdRow>, _sheet: &SheetReading, typed: &Typed, _options: &Options, today: Day) {
        rows::correct(row, typed, today);
    }

    fn mark_again(rows: &mut [ListRow<HouseholdRow>], mended: &[usize]) {
        duplicates::mark_corrected(rows, mended);
    }

    async fn look_up(conn: &mut Conn, core: &Core, reading: &Reading<HouseholdRow>) -> Result<Matches> {
        Ok(matching::against_registry(conn, &core.vault, reading).await?)
    }

    async fn look_up_beside(core: &Core, reading: &Arc<Reading<HouseholdRow>>) -> Result<Matches> {
        matching::beside(core, reading).await
    }

    async fn match_stored(
        conn: &mut Conn,
        core: &Core,
        by: By<'_>,
        _list: &StagedList,
        options: &Options,
        reading: &mut Reading<HouseholdRow>,
        matches: Matches,
    ) -> Result<Met> {
        let importer = Importer::of(by);
        Met::of(conn, core, importer, options, (reading, matches)).await
    }

    async fn warnings(_conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        Ok(met::areas_unknown(list).into_iter().collect())
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        preview::compose(conn, list, lang).await
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
        met::preview_row(list, place, lang)
    }

    fn decision(text: &str) -> Option<Decision> {
        Decision::parse(text)
    }

    fn decided(list: &Opened, place: usize, decision: Decision) -> Option<Option<String>> {
        deciding::kept(list, place, decision)
    }

    async fn store(tx: &mut Tx, core: &Core, by: By<'_>, list: StagedList, body: CommitBody) -> Result<Counts> {
        commit::store(tx, core, by, list, body).await
    }

    async fn undo(tx: &mut Tx, core: &Core, id: ImportId) -> Result<Undone> {
        deciding::undo(tx, core, id).await
    }
}
