//! Storing a list: all of it or nothing, in a few statements however long it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::decisions::{Chosen, choose};
use super::matching::{Areas, mark, reach};
use super::rows::{ReductionRow, Whole, landlords};
use super::store::{self, Arrival, LandlordRow, LineInsert, ReductionInsert, RoomInsert};
use super::{Options, RentReductions};
use crate::db::{Bytes, Tx};
use crate::http::{Core, Error, Result};
use crate::imports::commit::{ListCommit, Stored};
use crate::imports::corrected::Corrected;
use crate::imports::kind::By;
use crate::imports::staged::{Decision, Left, by_hand};
use crate::kernel::ids::{LandlordId, ReductionId, RentLineId, RoomId};
use crate::kernel::{Dong, Message, Month};
use crate::landlords::lookup::area_of_new;
use crate::landlords::rules::{Cut, reference, room_key};
use crate::landlords::{CutKind, ReductionStatus};
use crate::people::Permit;
use crate::people::rights::{VerifyRent, WriteRent};
use crate::spreadsheet::Reading;
use crate::vault::Purpose;

/// Room-months that one list stores at most.
const LINES_MAX: usize = 300_000;
/// How often references are drawn anew before giving up.
const DRAWS: u8 = 4;

/// How a list is stored.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = RentImportCommit, example = json!({"decisions": {"17": "skip"}, "status": "verified"}))]
pub struct CommitBody {
    /// By a row's `key`: `new` stores a duplicate all the same, `skip` leaves a row out.
    #[serde(default)]
    pub decisions: BTreeMap<String, Decision>,
    /// `pledged`, `verified` (when left out: the landlords signed the list) or `confirmed`.
    #[schema(value_type = Option<String>, pattern = "^(pledged|verified|confirmed)$")]
    pub status: Option<ReductionStatus>,
}

impl CommitBody {
    /// The status that the reductions get.
    pub fn status(&self) -> ReductionStatus {
        self.status.unwrap_or(ReductionStatus::Verified)
    }
}

/// What was stored.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RentImportCounts)]
pub struct Counts {
    /// Reductions, one a row.
    pub new: usize,
    /// Rows left out as duplicates.
    pub duplicate: usize,
    /// Rows left out for their errors.
    pub error: usize,
    /// Rows that are no data, and rows that the clerk left out.
    pub skipped: usize,
    /// Landlords.
    pub landlords: usize,
    /// Rooms.
    pub rooms: usize,
    /// Room-months.
    pub room_months: usize,
    /// Đồng forgone.
    #[schema(value_type = i64)]
    pub amount: Dong,
}

/// Stores the rows at these places of the reading; what they come to.
async fn store(
    core: &Core,
    tx: &mut Tx,
    (options, reading): (&Options, &Reading<ReductionRow>),
    chosen: &[usize],
    how: Arrival,
) -> Result<Counts> {
    let rows: Vec<Whole<'_>> =
        chosen.iter().filter_map(|at| Whole::of(reading.rows.get(*at)?.parsed.as_ref()?)).collect();
    let lines: usize = rows.iter().map(|row| usize::from(row.rooms) * row.months().count()).sum();
    if lines > LINES_MAX {
        return Err(Error::TooLarge(Message::new(
            format!("Danh sách có {lines} lượt phòng-tháng, nhiều hơn {LINES_MAX}. Hãy chia thành nhiều tệp."),
            format!("The list holds {lines} room-months, more than {LINES_MAX}. Split it into several files."),
        )));
    }
    let ids = store_landlords(core, tx, (options, reading), &rows).await?;
    let areas = Areas::read(tx, options.area_id).await?;
    let mut references = draw_references(core, tx, rows.len()).await?;
    let mut rooms = Rooms::read(tx, ids.values().copied().collect()).await?;
    let (mut reductions, mut inserts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let landlord_id = ids[&i64::from(row.row.landlord)];
        let id = ReductionId::new(&core.clock);
        let area_id = row.row.area_text.as_deref().and_then(|text| areas.find(text)).or(options.area_id);
        let reference = references.pop().ok_or_else(|| Error::internal("a reference is missing"))?;
        let note = row.row.note.clone().unwrap_or_default();
        reductions.push(ReductionInsert { id, reference, landlord_id, area_id, note });
        for label in rooms.take(landlord_id, *row) {
            let label_key = room_key(&label);
            lines.extend(row.months().map(|month| line(core, *row, id, landlord_id, &label_key, month)));
            inserts.push(RoomInsert { id: RoomId::new(&core.clock), landlord_id, label, label_key });
        }
    }
    let counts = Counts {
        new: reductions.len(),
        landlords: reductions.iter().map(|row| row.landlord_id).collect::<HashSet<_>>().len(),
        rooms: inserts.len(),
        room_months: lines.len(),
        amount: lines.iter().map(|line| Dong(line.reduced)).sum(),
        ..Counts::default()
    };
    // In one order everywhere, so that two writers wait for each other instead of deadlocking.
    inserts.sort_by(|a, b| (a.landlord_id, &a.label_key).cmp(&(b.landlord_id, &b.label_key)));
    store::insert_reductions(tx, &reductions, how).await?;
    store::insert_rooms(tx, &inserts).await?;
    let written = store::insert_lines(tx, &lines, how).await.map_err(counted_meanwhile)?;
    if usize::try_from(written) != Ok(lines.len()) {
        return Err(Error::internal("a room-month of the list found no room"));
    }
    Ok(counts)
}

fn counted_meanwhile(error: sqlx::Error) -> Error {
    if crate::landlords::store::is_counted_elsewhere(&error) {
        return Error::conflict(
            "already_counted",
            "Vừa có người xác minh phòng trong danh sách này. Chưa lưu gì cả; hãy thử lại.",
            "Somebody has just verified a room of this list. Nothing was stored; try again.",
        );
    }
    error.into()
}

fn line(
    core: &Core,
    row: Whole<'_>,
    reduction_id: ReductionId,
    landlord_id: LandlordId,
    label_key: &str,
    month: Month,
) -> LineInsert {
    let (kind, percent_hundredths) = match row.cut {
        Cut::Amount(_) => (CutKind::Amount, None),
        Cut::Percent(hundredths) => (CutKind::Percent, Some(hundredths)),
        Cut::Waiver => (CutKind::Waiver, None),
    };
    LineInsert {
        id: RentLineId::new(&core.clock),
        reduction_id,
        landlord_id,
        label_key: label_key.to_owned(),
        month,
        rent: row.rent.0,
        kind,
        percent_hundredths,
        reduced: row.reduced.0,
    }
}

async fn store_landlords(
    core: &Core,
    tx: &mut Tx,
    (options, reading): (&Options, &Reading<ReductionRow>),
    rows: &[Whole<'_>],
) -> Result<HashMap<i64, LandlordId>> {
    let needed: HashSet<u32> = rows.iter().map(|row| row.row.landlord).collect();
    let mut inserts: Vec<LandlordRow> = landlords(reading)
        .into_iter()
        .filter(|(number, _)| needed.contains(number))
        .map(|(number, who)| LandlordRow {
            id: LandlordId::new(&core.clock),
            n: i64::from(number),
            area_id: options.area_id,
            phone_sealed: who
                .phone
                .as_ref()
                .map(|phone| Bytes(core.vault.seal(Purpose::Phone, phone.as_str().as_bytes()))),
            phone_index: who.phone.as_ref().map(|phone| Bytes(core.vault.index(Purpose::Phone, phone.as_str()))),
            name: who.name,
            name_key: who.name_key,
            address: who.address,
            address_key: who.address_key,
        })
        .collect();
    inserts.sort_by(|a, b| (&a.name_key, a.n).cmp(&(&b.name_key, b.n)));
    Ok(store::landlords(tx, &inserts, core.clock.now()).await?)
}

async fn draw_references(core: &Core, tx: &mut Tx, count: usize) -> Result<Vec<String>> {
    let mut drawn = HashSet::with_capacity(count);
    for _ in 0..DRAWS {
        while drawn.len() < count {
            drawn.insert(reference(core.clock.bytes()));
        }
        let references: Vec<String> = drawn.iter().cloned().collect();
        let used = store::used_references(tx, &references).await?;
        if used.is_empty() {
            return Ok(references);
        }
        for reference in used {
            drawn.remove(&reference);
        }
    }
    Err(Error::internal("no free references for a list of rent reductions were drawn"))
}

/// Which rooms of a landlord a row means, who says only how many.
struct Rooms {
    counted: HashMap<LandlordId, HashSet<(String, Month)>>,
    taken: HashMap<LandlordId, HashSet<u32>>,
}

impl Rooms {
    async fn read(tx: &mut Tx, mut landlords: Vec<LandlordId>) -> Result<Self> {
        landlords.sort_unstable();
        let mut counted: HashMap<LandlordId, HashSet<(String, Month)>> = HashMap::new();
        for (landlord_id, key, month) in store::counted(tx, &landlords).await? {
            counted.entry(landlord_id).or_default().insert((key, month));
        }
        Ok(Self { counted, taken: HashMap::new() })
    }

    /// The first rooms by number that no earlier row of the list took and that count in none of the row's months.
    fn take(&mut self, landlord_id: LandlordId, row: Whole<'_>) -> Vec<String> {
        let counted = self.counted.get(&landlord_id);
        let taken = self.taken.entry(landlord_id).or_default();
        let months: Vec<Month> = row.months().collect();
        let free = |number: u32| {
            let key = number.to_string();
            !counted.is_some_and(|counted| months.iter().any(|month| counted.contains(&(key.clone(), *month))))
        };
        let mut labels = Vec::with_capacity(usize::from(row.rooms));
        let mut number = 0;
        while labels.len() < usize::from(row.rooms) {
            number += 1;
            if !taken.contains(&number) && free(number) {
                taken.insert(number);
                labels.push(format!("Phòng {number}"));
            }
        }
        labels
    }
}

impl ListCommit for RentReductions {
    const TABLES: &'static [&'static str] = &["landlords", "rooms", "rent_reductions", "rent_lines"];

    type CommitBody = CommitBody;
    type Counts = Counts;

    fn allow(permit: &Permit<WriteRent>, body: &CommitBody) -> Result<()> {
        let status = body.status();
        if status != ReductionStatus::Pledged {
            permit.also::<VerifyRent>()?;
        }
        if matches!(status, ReductionStatus::Rejected | ReductionStatus::Withdrawn) {
            let say = Message::fixed(
                "Trạng thái khi lưu là pledged, verified hoặc confirmed.",
                "The status is pledged, verified or confirmed.",
            );
            return Err(Error::field("status", "unknown_value", say));
        }
        Ok(())
    }

    async fn store(
        tx: &mut Tx,
        core: &Core,
        by: By<'_, Self>,
        list: Corrected<Self>,
        body: CommitBody,
    ) -> Result<Stored<Self>> {
        let staff = by.ok_or(Error::Forbidden)?;
        let Corrected { list, mut options, mut reading, steps } = list;
        // The login may reach less than when the list was uploaded.
        options.area_id = area_of_new(tx, Some(&**staff), options.area_id).await?;
        let status = body.status();
        mark(tx, &core.vault, &reach(by), &mut reading).await?;
        let chosen = choose(&reading, &by_hand::all_decisions(&reading, &steps, body.decisions)?)?;
        let how = Arrival {
            import_id: list.id,
            status,
            by: staff.id,
            at: core.clock.now(),
            counted: status != ReductionStatus::Pledged,
            confirmed: status == ReductionStatus::Confirmed,
        };
        let counts = store(core, tx, (&options, &reading), &chosen.new, how).await?;
        let Chosen { duplicate, error, skipped, .. } = chosen;
        let counts = Counts { duplicate, error, skipped, ..counts };
        Ok(Stored { counts, left: Left::Nothing(reading.totals()) })
    }
}
