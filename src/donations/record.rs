//! Records donations: their rows, and what of them enters the stock, in one transaction.

use std::collections::{HashMap, HashSet};

use super::donation::{NewDonation, NewLine};
use super::store;
use crate::db::Tx;
use crate::http::{Error, Result};
use crate::inventory::store::catalogue::packages_by_id;
use crate::inventory::{LockedStock, LotKey, PostingCause, Reason};
use crate::kernel::ids::{DonationId, ItemId, PackageId, PointId};
use crate::kernel::{Clock, Day, Moment, Quantity};

/// Records donations that were checked; their ids, in the same order.
pub async fn record(tx: &mut Tx, clock: &Clock, new: &[NewDonation]) -> Result<Vec<DonationId>> {
    let contents = contents(tx, new).await?;
    let mut coming: Vec<(usize, PointId, ItemId, LotKey, Quantity)> = Vec::new();
    for (i, donation) in new.iter().enumerate() {
        let Some(point_id) = donation.point_id else { continue };
        for line in &donation.lines {
            match line {
                NewLine::Goods { item_id, quantity, expires_on, .. } => {
                    coming.push((i, point_id, *item_id, LotKey::of(*expires_on), *quantity));
                }
                NewLine::Packages { count, package_id: Some(package_id), .. } => {
                    for (item_id, each) in contents.get(package_id).into_iter().flatten() {
                        let quantity = each.0.checked_mul(*count).filter(|n| *n <= Quantity::MAX_FIELD);
                        let quantity = quantity.ok_or_else(|| {
                            Error::conflict(
                                "too_much",
                                "Số suất × số lượng mỗi suất quá lớn. Kiểm tra lại số suất.",
                                "Packages times their contents is too much. Check the count.",
                            )
                        })?;
                        coming.push((i, point_id, *item_id, LotKey::Undated, Quantity(quantity)));
                    }
                }
                NewLine::Packages { .. } | NewLine::Cash { .. } => {}
            }
        }
    }
    let places: Vec<_> = coming.iter().map(|(_, point_id, item_id, ..)| (*point_id, *item_id)).collect();
    let mut shelf = LockedStock::lock(tx, clock.today(), &places).await?;
    let ids = store::donations::insert(tx, clock, new).await?;
    for (i, point_id, item_id, lot, quantity) in coming {
        let at = moved_at(clock, new[i].received_on);
        shelf.put(point_id, item_id, lot, quantity, PostingCause { reason: Reason::Donation, source_id: ids[i].0, at });
    }
    shelf.write(tx, clock).await?;
    Ok(ids)
}

/// What is received today came now; what is typed in later came on its day.
fn moved_at(clock: &Clock, received_on: Day) -> Moment {
    if received_on < clock.today() { received_on.start() } else { clock.now() }
}

async fn contents(tx: &mut Tx, new: &[NewDonation]) -> Result<HashMap<PackageId, Vec<(ItemId, Quantity)>>> {
    let ids: HashSet<PackageId> = new
        .iter()
        .flat_map(|donation| &donation.lines)
        .filter_map(|line| match line {
            NewLine::Packages { package_id, .. } => *package_id,
            NewLine::Goods { .. } | NewLine::Cash { .. } => None,
        })
        .collect();
    let ids: Vec<PackageId> = ids.into_iter().collect();
    let packages = packages_by_id(tx, &ids).await?;
    let contents = packages
        .into_iter()
        .map(|package| (package.id, package.items.into_iter().map(|item| (item.item_id, item.quantity)).collect()));
    Ok(contents.collect())
}
