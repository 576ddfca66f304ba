//! Which rows of a list are donations that are stored already: same donor, same day, the same things of the same value.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Donations;
use super::rows::{DonationLine, DonationRow, Options, in_base_unit};
use super::store::{self, DonorDay, StoredLine};
use crate::campaigns::require_campaign;
use crate::db::{Conn, Tx};
use crate::donations::donation::LineKind;
use crate::donations::donor::ANONYMOUS;
use crate::http::{Core, Result};
use crate::imports::kind::By;
use crate::imports::matching::ListMatching;
use crate::imports::staged::StagedList;
use crate::inventory::store::catalogue::key;
use crate::kernel::ids::{DonationId, PointId};
use crate::kernel::{Day, Within};
use crate::places;
use crate::spreadsheet::{Reading, RowAt, RowStatus};

/// Donors looked up in one statement.
const BATCH: usize = 2000;

/// Marks the new rows that are stored already as duplicates; which donation each one is, where it entered at one of these
/// points or at none. A stored donation stands for one row only, so that a list with two equal gifts, one of them stored,
/// has one new row.
pub(super) async fn mark(
    conn: &mut Conn,
    points: &Within<PointId>,
    reading: &mut Reading<DonationRow>,
) -> std::result::Result<BTreeMap<RowAt, DonationId>, sqlx::Error> {
    let new = reading.rows.iter().filter(|row| row.status == RowStatus::New);
    let donors: HashSet<DonorDay> = new.filter_map(|row| row.parsed.as_ref().and_then(donor_day)).collect();
    let donors: Vec<DonorDay> = donors.into_iter().collect();
    let mut stored: HashMap<Gift, Vec<(Day, Option<DonationId>)>> = HashMap::new();
    let mut seen = HashSet::new();
    for batch in donors.chunks(BATCH) {
        let lines = store::donations_of(conn, points, batch).await?;
        for donation in lines.chunk_by(|a, b| a.id == b.id).filter(|lines| seen.insert(lines[0].id)) {
            let gift = Gift::stored(donation);
            let id = Some(donation[0].id).filter(|_| donation[0].seen);
            stored.entry(gift).or_default().push((donation[0].received_on, id));
        }
    }
    let mut known = BTreeMap::new();
    for row in reading.rows.iter_mut().filter(|row| row.status == RowStatus::New) {
        let Some((parsed, gift)) = row.parsed.as_ref().and_then(|parsed| Some((parsed, Gift::listed(parsed)?))) else {
            continue;
        };
        let Some(same) = stored.get_mut(&gift) else { continue };
        let at = same.iter().position(|(day, _)| parsed.received_on.is_none_or(|listed| listed == *day));
        if let Some(at) = at {
            row.status = RowStatus::Duplicate;
            known.extend(same.remove(at).1.map(|id| (row.at, id)));
        }
    }
    Ok(known)
}

fn donor_key(row: &DonationRow) -> Option<String> {
    let name = &row.donor.as_ref()?.name;
    Some(key(if name.is_empty() { ANONYMOUS } else { name }))
}

fn donor_day(row: &DonationRow) -> Option<DonorDay> {
    Some(DonorDay { name_key: donor_key(row)?, received_on: row.received_on })
}

/// What somebody gave, whatever the day: the donor's key and the lines, in one order.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Gift {
    donor: String,
    lines: Vec<String>,
}

impl Gift {
    fn new(donor: String, mut lines: Vec<String>) -> Self {
        lines.sort_unstable();
        Self { donor, lines }
    }

    fn listed(row: &DonationRow) -> Option<Self> {
        let lines = row.lines.iter().map(|line| match line {
            DonationLine::Goods { item, unit, thousandths, value } => {
                let (unit, amount) = in_base_unit(unit, *thousandths);
                goods(&key(item), &key(&unit), amount.map(i128::from), value.0)
            }
            DonationLine::Packages { count, value, .. } => format!("packages|{count}|{}", value.0),
            DonationLine::Cash { amount } => format!("cash|{}", amount.0),
        });
        Some(Self::new(donor_key(row)?, lines.collect()))
    }

    fn stored(lines: &[StoredLine]) -> Self {
        let texts = lines.iter().map(|line| match (line.kind, &line.item_key, &line.unit_key) {
            (LineKind::Goods, Some(item), Some(unit)) => {
                let scale = 10_i128.pow(u32::try_from(line.decimals.unwrap_or(0)).unwrap_or(0).min(12));
                goods(item, unit, Some(i128::from(line.quantity) * 1000 / scale), line.value)
            }
            (LineKind::Packages, ..) => format!("packages|{}|{}", line.quantity, line.value),
            _ => format!("cash|{}", line.value),
        });
        Self::new(lines[0].name_key.clone(), texts.collect())
    }
}

/// `thousandths` of the unit; nothing when they are no whole number, which no stored quantity equals.
fn goods(item: &str, unit: &str, thousandths: Option<i128>, value: i64) -> String {
    let thousandths = thousandths.map_or_else(|| "?".to_owned(), |n| n.to_string());
    format!("goods|{item}|{unit}|{thousandths}|{value}")
}

/// The points whose donations whoever imports may see.
pub(super) fn reach(by: By<'_, Donations>) -> Within<PointId> {
    by.map_or(Within::All, |permit| permit.scope.points.clone())
}

/// Refuses a point that does not exist or is out of reach.
pub async fn require_point(conn: &mut Conn, by: By<'_, Donations>, point_id: Option<PointId>) -> Result<()> {
    if let (Some(staff), Some(point_id)) = (by, point_id) {
        places::require_point(conn, &staff.scope.points, "point_id", point_id).await?;
    }
    Ok(())
}

impl ListMatching for Donations {
    type Found = ();
    /// The rows that are stored already as donations within reach, and as which.
    type Matches = BTreeMap<RowAt, DonationId>;

    async fn check(tx: &mut Tx, by: By<'_, Self>, options: &mut Options) -> Result<()> {
        if let Some(id) = options.campaign_id {
            require_campaign(tx, "campaign_id", id).await?;
        }
        require_point(tx, by, options.point_id).await
    }

    async fn match_stored(
        conn: &mut Conn,
        _core: &Core,
        by: By<'_, Self>,
        list: &StagedList,
        _options: &Options,
        reading: &mut Reading<DonationRow>,
        _found: (),
    ) -> Result<BTreeMap<RowAt, DonationId>> {
        // Once committed, the list's own donations are stored: its rows are shown as they were.
        match list.committed_at {
            None => Ok(mark(conn, &reach(by), reading).await?),
            Some(_) => Ok(BTreeMap::new()),
        }
    }
}
