//! Turns the rows of a list into donations: items are found or made, units brought to kilograms.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Donations;
use super::decisions::chosen;
use super::matching::{mark, reach, require_point};
use super::rows::{DonationLine, DonationRow, Sums, in_base_unit};
use crate::db::Tx;
use crate::donations::donation::{NewDonation, NewLine};
use crate::donations::donor::{ANONYMOUS, NewDonor};
use crate::donations::record::record;
use crate::http::{Core, Error, Result};
use crate::imports::commit::{ListCommit, Stored};
use crate::imports::corrected::Corrected;
use crate::imports::kind::By;
use crate::imports::staged::{Decision, Left, by_hand};
use crate::inventory::store::catalogue::{insert_item, item_named, key};
use crate::inventory::{Item, NewItem};
use crate::kernel::ids::{CampaignId, ImportId, PointId, UserId};
use crate::kernel::vietnamese::{fold, mark_key};
use crate::kernel::{Clock, Message, Quantity};
use crate::places::store::first_warehouses;

/// What the clerk decides before a list becomes donations.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"decisions": {"12": "new", "15": "skip"}}))]
#[schema(as = DonationImportCommit)]
pub struct CommitBody {
    /// By a row's `key`: `new` stores a duplicate all the same, `skip` leaves a row out.
    #[serde(default)]
    pub decisions: BTreeMap<String, Decision>,
    /// Where goods enter stock, when the upload did not say.
    pub point_id: Option<PointId>,
}

/// What a commit did.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DonationImportCounts)]
pub struct Counts {
    /// The import.
    pub id: ImportId,
    /// Donations stored.
    pub created: usize,
    /// Rows of data that were left out: errors, duplicates, those decided to be skipped.
    pub skipped: usize,
    /// Where goods entered stock; null: they were only counted.
    pub point_id: Option<PointId>,
    /// What was stored.
    pub sums: Sums,
}

/// What all donations of a list share.
#[derive(Clone, Copy, Debug)]
pub struct Common {
    pub import_id: uuid::Uuid,
    pub campaign_id: Option<CampaignId>,
    /// Where goods enter stock; nothing: they are only counted.
    pub point_id: Option<PointId>,
    /// Who commits.
    pub created_by: Option<UserId>,
}

/// Whether goods of this name spoil within days.
fn spoils(name: &str) -> bool {
    let name = format!(" {} ", mark_key(name));
    let has = |words: &[&str]| words.iter().any(|word| name.contains(&format!(" {word} ")));
    has(&["rau", "củ", "trứng", "thịt", "cá", "trái cây", "hoa quả", "đậu hũ", "tươi"]) && !has(&["hộp", "khô", "sấy"])
}

/// The items that goods name, found or made. By folded name and unit.
async fn items(tx: &mut Tx, clock: &Clock, rows: &[&DonationRow]) -> Result<BTreeMap<(String, String), Item>> {
    let mut wanted: BTreeMap<(String, String), (String, String, bool)> = BTreeMap::new();
    for line in rows.iter().flat_map(|row| &row.lines) {
        if let DonationLine::Goods { item, unit, thousandths, .. } = line {
            let (unit, amount) = in_base_unit(unit, *thousandths);
            let parts = amount.is_none_or(|n| n % 1000 != 0) || matches!(fold(&unit).as_str(), "kg" | "lit" | "l");
            let entry = wanted.entry((key(item), key(&unit))).or_insert((item.clone(), unit, false));
            entry.2 |= parts;
        }
    }
    let mut items = BTreeMap::new();
    for (keys, (name, unit, parts)) in wanted {
        let known = match item_named(tx, &name, &unit).await? {
            Some(item) => Some(item),
            None => {
                let new = NewItem {
                    decimals: if parts { 3 } else { 0 },
                    perishable: spoils(&name),
                    name: name.clone(),
                    unit: unit.clone(),
                    low_stock: None,
                };
                insert_item(tx, clock, new).await?
            }
        };
        // Another login may have made it in the meantime.
        let known = match known {
            None => item_named(tx, &name, &unit).await?,
            known => known,
        };
        items.extend(known.map(|item| (keys, item)));
    }
    Ok(items)
}

/// The donations of a list's rows, each with its row's key for messages. Items that are missing are made.
pub async fn donations(
    tx: &mut Tx,
    clock: &Clock,
    common: Common,
    rows: &[(String, DonationRow)],
) -> Result<Vec<NewDonation>> {
    let parsed: Vec<&DonationRow> = rows.iter().map(|(_, row)| row).collect();
    let items = items(tx, clock, &parsed).await?;
    rows.iter().map(|(at, row)| donation(at, row, common, &items, clock)).collect()
}

fn donation(
    at: &str,
    row: &DonationRow,
    common: Common,
    items: &BTreeMap<(String, String), Item>,
    clock: &Clock,
) -> Result<NewDonation> {
    let Some(donor) = &row.donor else {
        return Err(Error::internal("a row without a donor is an error and is never committed"));
    };
    let mut lines = Vec::with_capacity(row.lines.len());
    for line in &row.lines {
        lines.push(match line {
            DonationLine::Cash { amount } => NewLine::Cash { amount: *amount },
            DonationLine::Packages { count, value, .. } => {
                NewLine::Packages { count: *count, value: *value, package_id: None }
            }
            DonationLine::Goods { item, unit, thousandths, value } => {
                let (unit, amount) = in_base_unit(unit, *thousandths);
                let item = items.get(&(key(item), key(&unit))).ok_or_else(|| Error::internal("an item is missing"))?;
                let quantity = amount.and_then(|n| in_smallest(n, item.decimals)).ok_or_else(|| too_fine(at, item))?;
                NewLine::Goods { item_id: item.id, quantity, value: *value, expires_on: None }
            }
        });
    }
    let enters = lines.iter().any(|line| matches!(line, NewLine::Goods { .. }));
    let condition = [row.condition.clone(), row.note.as_ref().map(|note| format!("Ghi chú: {note}"))];
    Ok(NewDonation {
        campaign_id: common.campaign_id,
        donor: NewDonor {
            name: if donor.name.is_empty() { ANONYMOUS.to_owned() } else { donor.name.clone() },
            kind: donor.kind,
            anonymous: donor.anonymous,
        },
        received_on: row.received_on.unwrap_or_else(|| clock.today()),
        point_id: common.point_id.filter(|_| enters),
        condition: condition.into_iter().flatten().collect::<Vec<_>>().join("; "),
        lines,
        import_id: Some(common.import_id),
        created_by: common.created_by,
    })
}

/// Thousandths of a unit in an item's smallest unit; nothing when that is no whole, positive number.
fn in_smallest(thousandths: i64, decimals: i64) -> Option<Quantity> {
    let scale = 10_i64.checked_pow(u32::try_from(decimals).ok()?)?;
    let scaled = thousandths.checked_mul(scale).filter(|n| n % 1000 == 0)? / 1000;
    Quantity::parse_positive(scaled).ok()
}

fn too_fine(at: &str, item: &Item) -> Error {
    let say = Message::new(
        format!(
            "Dòng {at}: số lượng {} không đếm được theo {} của mặt hàng. Sửa lại hoặc bỏ qua dòng này.",
            item.name, item.unit
        ),
        format!(
            "Row {at}: the quantity of {} can't be counted in its unit, {}. Correct it or skip the row.",
            item.name, item.unit
        ),
    );
    Error::field(format!("decisions.{at}"), "out_of_range", say)
}

/// Goods of a list without a point: into the only warehouse; where there is none at all they are only counted.
fn only_warehouse(warehouses: Vec<PointId>) -> Result<Option<PointId>> {
    match warehouses.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(Error::field(
            "point_id",
            "required",
            Message::fixed(
                "Có nhiều kho. Hãy chọn kho nhập hiện vật của danh sách này (point_id).",
                "There are several warehouses. Choose where this list's goods enter (point_id).",
            ),
        )),
    }
}

impl ListCommit for Donations {
    const TABLES: &'static [&'static str] = &["donors", "donations", "donation_lines", "lots", "stock_entries"];
    const COMMITTED: StatusCode = StatusCode::CREATED;

    type CommitBody = CommitBody;
    type Counts = Counts;

    async fn store(
        tx: &mut Tx,
        core: &Core,
        by: By<'_, Self>,
        list: Corrected<Self>,
        body: CommitBody,
    ) -> Result<Stored<Self>> {
        let Corrected { list, options, mut reading, steps } = list;
        mark(tx, &reach(by), &mut reading).await?;
        let rows = chosen(&reading, &by_hand::all_decisions(&reading, &steps, body.decisions)?)?;
        let goods = rows.iter().flat_map(|(_, row)| &row.lines).any(|line| matches!(line, DonationLine::Goods { .. }));
        let point_id = match body.point_id.or(options.point_id) {
            _ if !goods => None,
            Some(given) => Some(given),
            None => only_warehouse(first_warehouses(tx).await?)?,
        };
        require_point(tx, by, point_id).await?;
        let created_by = by.map(|staff| staff.id);
        let common = Common { import_id: list.id.0, campaign_id: options.campaign_id, point_id, created_by };
        let new = donations(tx, &core.clock, common, &rows).await?;
        let created = record(tx, &core.clock, &new).await?.len();
        let sums = Sums::of(rows.iter().map(|(_, row)| row));
        let counts = Counts { id: list.id, created, skipped: reading.data().count() - created, point_id, sums };
        Ok(Stored { counts, left: Left::All })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tonnes_and_grams_become_kilograms() {
        assert_eq!(in_base_unit("tấn", 4_000), ("kg".to_owned(), Some(4_000_000)));
        assert_eq!(in_base_unit("Tạ", 500), ("kg".to_owned(), Some(50_000)));
        assert_eq!(in_base_unit("gam", 500_000), ("kg".to_owned(), Some(500)));
        assert_eq!(in_base_unit("chai", 7_000), ("chai".to_owned(), Some(7_000)));
        assert_eq!(in_smallest(10_500, 3), Some(Quantity(10_500)));
        assert_eq!(in_smallest(10_500, 0), None);
        assert_eq!(in_smallest(10_000, 0), Some(Quantity(10)));
    }

    #[test]
    fn fresh_goods_are_known_by_their_names() {
        assert!(spoils("Rau xanh") && spoils("Trứng gà") && spoils("Cá biển"));
        assert!(!spoils("Cà phê") && !spoils("Gạo") && !spoils("Cá hộp") && !spoils("Mì ăn liền"));
    }
}
