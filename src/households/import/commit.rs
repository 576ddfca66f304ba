//! Storing a previewed list: all of it in one transaction, compared with the registry once more inside it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::matching::{self, AreaBook, BATCH, DefaultAreas, Importer, Match, may_be_stored};
use super::{HouseholdRow, Households, store};
use crate::consents::{self, ConsentChannel};
use crate::db::{ErrorKind, Tx, classify};
use crate::households::HouseholdStatus;
use crate::households::service::registration::consent_of;
use crate::households::store::fills::{self, Gap};
use crate::households::store::{Consent, NewHousehold, undo as undo_store};
use crate::households::{Category, Details, Keys, store as registry};
use crate::http::{Core, Error, Result};
use crate::imports::commit::{ListCommit, Stored};
use crate::imports::corrected::Corrected;
use crate::imports::kind::By;
use crate::imports::staged::{Left, Progress};
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::vietnamese::address_key;
use crate::kernel::{FieldError, Message, Validation};
use crate::spreadsheet::{ListRow, Reading, RowStatus};

/// Decisions that one commit may carry.
const MAX_DECISIONS: usize = 100_000;

/// What the clerk decided.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"decisions": {"96": "new", "107": "skip"}, "consent": true}))]
#[schema(as = HouseholdImportCommit)]
pub struct CommitBody {
    /// By a row's key: `"new"` stores it although it looks like a duplicate, `"skip"` leaves it out, a household's
    /// id gives that household what it lacks of the row's.
    #[serde(default)]
    pub decisions: BTreeMap<String, String>,
    /// The area of rows that name none; replaces the one given at the upload.
    pub area_id: Option<AreaId>,
    /// The clerk affirms that the list was collected with each household's consent.
    #[serde(default)]
    pub consent: bool,
    /// The key under which a page asks how far it is; empty: nobody asks.
    #[serde(skip)]
    pub progress: String,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportCounts)]
pub struct Counts {
    /// Households registered.
    pub new: usize,
    /// Households that were given what they lacked.
    pub updated: usize,
    /// Rows left out: duplicates, and those decided so.
    pub skipped: usize,
    /// Rows with errors, not stored; see the error workbook.
    pub errors: usize,
}

/// What becomes of one row.
enum Fate {
    Store,
    Fill(HouseholdId),
    Leave,
}

/// What is to be written.
#[derive(Default)]
struct Work {
    fresh: Vec<(Details, String)>,
    fills: Vec<(HouseholdId, Details, bool)>,
    counts: Counts,
}

/// Stores a list whose right to be committed was taken.
async fn store(
    tx: &mut Tx,
    core: &Core,
    by: By<'_, Households>,
    list: Corrected<Households>,
    body: CommitBody,
) -> Result<Stored<Households>> {
    let progress = Progress::followed(core, &body.progress);
    let importer = Importer::of(by);
    let Corrected { list, options, mut reading, steps } = list;
    let mut decisions: BTreeMap<String, String> =
        steps.decisions.iter().map(|(at, decision)| (reading.key_of(*at), decision.to_string())).collect();
    decisions.extend(body.decisions);
    // The login may reach less than when the list was uploaded.
    if let Some(area_id) = body.area_id.or(options.area_id) {
        importer.require_area(tx, area_id).await?;
    }
    let book = AreaBook::of(store::areas(tx, core.clock.today()).await?);
    let defaults = DefaultAreas::of(&book, &importer, body.area_id.or(options.area_id), &reading);
    let matches = matching::against_registry(tx, &core.vault, &reading).await?;
    let fates = decide(tx, &importer, &reading, &matches, &decisions).await?;
    let work = plan(&reading, &matches, &fates, &book, &defaults)?;
    let counts = work.counts;
    let consent = body.consent.then(|| Consent { at: core.clock.now(), by: by.map(|staff| staff.id.0) });
    write(tx, core, work, consent, list.id, &progress).await?;
    let totals = reading.totals();
    // Only what the clerk still has to correct is kept; the rest is in the registry, or was left out.
    reading.rows.retain(|row| row.status == RowStatus::Error);
    Ok(Stored { counts, left: Left::Rows(reading, totals) })
}

/// What becomes of each row, by its place: the clerk's decision, else what the preview said.
async fn decide(
    tx: &mut Tx,
    importer: &Importer,
    reading: &Reading<HouseholdRow>,
    matches: &[Option<Match>],
    decisions: &BTreeMap<String, String>,
) -> Result<Vec<Fate>> {
    let mut fates: Vec<Fate> =
        reading.rows.iter().zip(matches).map(|(row, found)| by_default(row, found.as_ref(), importer)).collect();
    let places: HashMap<String, usize> = if decisions.is_empty() {
        HashMap::new()
    } else {
        let data = reading.rows.iter().enumerate().filter(|(_, row)| row.status != RowStatus::Skipped);
        data.map(|(at, row)| (reading.key_of(row.at), at)).collect()
    };
    let mut fields = Validation::new();
    fields.check("decisions", decisions.len() <= MAX_DECISIONS, || {
        crate::kernel::message::Invalid::fixed("too_many", "Quá nhiều quyết định.", "Too many decisions.")
    });
    for (key, decision) in decisions.iter().take(MAX_DECISIONS) {
        let Some(at) = places.get(key) else {
            fields.push(unknown_row(key));
            continue;
        };
        match decided(tx, importer, key, decision, reading.rows[*at].status).await? {
            Ok(fate) => fates[*at] = fate,
            Err(error) => fields.push(error),
        }
    }
    fields.finish()?;
    Ok(fates)
}

fn by_default(row: &ListRow<HouseholdRow>, found: Option<&Match>, importer: &Importer) -> Fate {
    match (row.status, found) {
        (RowStatus::New, None) => Fate::Store,
        (RowStatus::New, Some(found)) if found.fills && importer.scope.holds(found.area_id) => Fate::Fill(found.id),
        _ => Fate::Leave,
    }
}

async fn decided(
    tx: &mut Tx,
    importer: &Importer,
    key: &str,
    decision: &str,
    status: RowStatus,
) -> Result<std::result::Result<Fate, FieldError>> {
    let at = format!("decisions.{key}");
    if decision == "skip" {
        return Ok(Ok(Fate::Leave));
    }
    if !may_be_stored(status) {
        return Ok(Err(FieldError::new(
            at,
            "row_has_errors",
            Message::fixed(
                "Dòng này còn lỗi nên chưa ghi được. Sửa dòng này, hoặc bỏ qua.",
                "This row still has errors and can't be stored. Correct it, or leave it out.",
            ),
        )));
    }
    if decision == "new" {
        return Ok(Ok(Fate::Store));
    }
    let household = match decision.parse::<HouseholdId>() {
        Ok(id) => registry::household(tx, &importer.scope, id).await?,
        Err(_) => None,
    };
    Ok(household
        .filter(|stored| stored.status == HouseholdStatus::Active)
        .map(|stored| Fate::Fill(stored.id))
        .ok_or_else(|| {
            FieldError::new(
                at,
                "unknown",
                Message::fixed(
                    "Quyết định là «new», «skip» hoặc mã của một hộ đang có.",
                    "A decision is “new”, “skip” or the id of a household that exists.",
                ),
            )
        }))
}

/// Says that the list has no row of this key, without repeating what it holds.
fn unknown_row(key: &str) -> FieldError {
    let shown: String = key.chars().filter(|c| c.is_ascii_digit() || *c == ':').take(20).collect();
    FieldError::new(
        format!("decisions.{shown}"),
        "unknown",
        Message::fixed("Danh sách không có dòng này.", "The list has no such row."),
    )
}

/// Turns fates into households to store and gaps to fill; refuses what can't be.
fn plan(
    reading: &Reading<HouseholdRow>,
    matches: &[Option<Match>],
    fates: &[Fate],
    book: &AreaBook,
    defaults: &DefaultAreas,
) -> Result<Work> {
    let mut work = Work::default();
    let mut fields = Validation::new();
    let (mut used_ids, mut filled) = (HashSet::new(), HashSet::new());
    let mut without_area = 0_usize;
    for ((row, found), fate) in reading.rows.iter().zip(matches).zip(fates) {
        let Some(parsed) = &row.parsed else { continue };
        if row.status == RowStatus::Error {
            work.counts.errors += 1;
            continue;
        }
        let (area_id, named) = defaults.area(book, row);
        let same_citizen = found.filter(|found| found.same_citizen).map(|found| found.id);
        match fate {
            Fate::Leave => work.counts.skipped += 1,
            Fate::Fill(id) => {
                let own = same_citizen.is_none_or(|other| other == *id)
                    && parsed.citizen_id.as_ref().is_none_or(|citizen| used_ids.insert(citizen.clone()));
                // A household is filled once a commit; a later row about it adds nothing that is sure.
                if filled.insert(*id) {
                    let (details, _) = details_of(parsed, area_id.unwrap_or(AreaId(id.0)), named);
                    work.fills.push((*id, details, own));
                    work.counts.updated += 1;
                } else {
                    work.counts.skipped += 1;
                }
            }
            Fate::Store => {
                let taken = same_citizen.is_some()
                    || parsed.citizen_id.as_ref().is_some_and(|citizen| !used_ids.insert(citizen.clone()));
                if taken {
                    fields.push(same_id(&reading.key_of(row.at)));
                }
                match area_id {
                    Some(area_id) => work.fresh.push(details_of(parsed, area_id, named)),
                    None => without_area += 1,
                }
                work.counts.new += 1;
            }
        }
    }
    if without_area > 0 {
        fields.push(no_area(without_area));
    }
    fields.finish()?;
    Ok(work)
}

fn same_id(key: &str) -> FieldError {
    FieldError::new(
        format!("decisions.{key}"),
        "duplicate",
        Message::fixed(
            "Số CCCD/CMND của dòng này đã thuộc về một hộ khác, nên không ghi thành hộ mới được.",
            "The id number on this row belongs to another household, so it can't be stored as new.",
        ),
    )
}

fn no_area(rows: usize) -> FieldError {
    FieldError::new(
        "area_id",
        "required",
        Message::new(
            format!("{rows} dòng chưa biết thuộc khu vực nào. Chọn khu vực (area_id) cho các dòng này."),
            format!("The area of {rows} rows is not known. Choose one (area_id) for them."),
        ),
    )
}

/// The household of a row, and the address without what was added to it. A group that no area is called stays
/// readable in the address, so that nothing of the list is lost.
fn details_of(row: &HouseholdRow, area_id: AreaId, named: bool) -> (Details, String) {
    let plain = row.address.clone().unwrap_or_default();
    let group =
        row.area_text.as_deref().filter(|_| !named).map(|words| {
            if words.chars().all(|c| c.is_ascii_digit()) { format!("tổ {words}") } else { words.to_owned() }
        });
    let address = match group {
        Some(group) if plain.is_empty() => group,
        Some(group) => format!("{plain}, {group}"),
        None => plain.clone(),
    };
    let details = Details {
        area_id,
        head_name: row.head_name.clone(),
        phone: row.phone.clone(),
        citizen_id: row.citizen_id.clone(),
        birth_year: row.birth_year.map(i64::from),
        address,
        members: row.members.map_or(1, i64::from),
        category: row.category.unwrap_or(Category::Other),
        note: row.note.clone().unwrap_or_default(),
    };
    (details, plain)
}

/// Writes in batches; sealing and keys are made on a thread of their own.
async fn write(
    tx: &mut Tx,
    core: &Core,
    work: Work,
    consent: Option<Consent>,
    import_id: ImportId,
    progress: &Progress,
) -> Result<()> {
    progress.to_write(work.fresh.len() + work.fills.len());
    let clock = core.clock.clone();
    let mut fresh = work.fresh.into_iter();
    loop {
        let batch: Vec<(Details, String)> = fresh.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let core = core.clone();
        let sealed = tokio::task::spawn_blocking(move || {
            batch
                .into_iter()
                .map(|(details, plain_address)| {
                    let mut keys = Keys::of(&core.vault, &details);
                    keys.address_key = address_key(&plain_address);
                    NewHousehold::of(&core.vault, &core.clock, details, keys, consent, Some(import_id))
                })
                .collect::<Vec<_>>()
        });
        let sealed = sealed.await.map_err(|error| Error::Internal(Box::new(error)))?;
        registry::insert(tx, &sealed).await.map_err(taken_meanwhile)?;
        if let Some(consent) = consent {
            let given: Vec<_> =
                sealed.iter().map(|new| consent_of(new.id(), ConsentChannel::List, consent.by)).collect();
            consents::service::give(tx, &clock, &given).await?;
        }
        progress.wrote(sealed.len());
    }
    for batch in work.fills.chunks(BATCH) {
        let gaps: Vec<Gap> = batch
            .iter()
            .map(|(id, details, own)| {
                Gap::of(&core.vault, &core.clock, *id, details, &Keys::of(&core.vault, details), *own)
            })
            .collect();
        // What is filled is kept first, so that it can be taken back with the list.
        undo_store::note_fills(tx, import_id, &gaps).await?;
        fills::fill(tx, &gaps).await.map_err(taken_meanwhile)?;
        progress.wrote(gaps.len());
    }
    Ok(())
}

fn taken_meanwhile(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::conflict(
            "registry_changed",
            "Danh sách hộ vừa được người khác sửa trong lúc ghi. Chưa ghi gì cả; hãy bấm ghi lại.",
            "Someone changed the registry meanwhile. Nothing was stored; commit again.",
        );
    }
    error.into()
}

impl ListCommit for Households {
    const TABLES: &'static [&'static str] = &["households"];

    type CommitBody = CommitBody;
    type Counts = Counts;

    async fn store(
        tx: &mut Tx,
        core: &Core,
        by: By<'_, Self>,
        list: Corrected<Self>,
        body: CommitBody,
    ) -> Result<Stored<Self>> {
        store(tx, core, by, list, body).await
    }
}
