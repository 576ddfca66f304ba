//! Donations are recorded, and read as far as a login reaches; an anonymous donor's name is for those alone who register
//! donations.

use super::donation::{Donation, NewDonation, NewLine};
use super::donor::Donor;
use super::given::{GivenDonation, GivenLine};
use super::record::record;
use super::store;
use super::store::listings::{DonationFilter, DonorFilter, ListedDonor};
use crate::campaigns::require_campaign;
use crate::db::{Conn, Tx};
use crate::http::{Core, Cursor, Error, Result};
use crate::inventory::store::catalogue::{items_by_id, packages_by_id};
use crate::inventory::unknown_item;
use crate::kernel::ids::{DonationId, DonorId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Dong, Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Permit, Right, Staff};
use crate::places::require_point;
use crate::places::store::first_warehouses;

/// Records a donation under the next number; its goods enter stock at its point, else in the only warehouse.
pub async fn create(tx: &mut Tx, core: &Core, permit: &Permit<WriteGoods>, given: GivenDonation) -> Result<Donation> {
    if let Some(campaign_id) = given.campaign_id {
        require_campaign(tx, "campaign_id", campaign_id).await?;
    }
    let lines = looked_up(tx, &given.lines).await?;
    let point_id = match given.point_id {
        None if lines.iter().any(NewLine::enters_stock) => Some(only_warehouse(tx).await?),
        given => given,
    };
    if let Some(point_id) = point_id {
        require_point(tx, &permit.scope.points, "point_id", point_id).await?;
    }
    let new = NewDonation {
        campaign_id: given.campaign_id,
        donor: given.donor,
        received_on: given.received_on,
        point_id,
        condition: given.condition,
        lines,
        import_id: None,
        created_by: Some(permit.id),
    };
    let ids = record(tx, &core.clock, &[new]).await?;
    let id = ids.first().copied().ok_or(Error::NotFound)?;
    let donation = store::donations::donation(tx, &permit.scope.points, id).await?.ok_or(Error::NotFound)?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("create", "donation", id.0)).await?;
    core.changed_after(tx);
    Ok(donation)
}

/// The lines with what they are worth. Items and packages must exist.
async fn looked_up(conn: &mut Conn, lines: &[GivenLine]) -> Result<Vec<NewLine>> {
    let (mut item_ids, mut package_ids) = (Vec::new(), Vec::new());
    for line in lines {
        match line {
            GivenLine::Priced(NewLine::Goods { item_id, .. }) => item_ids.push(*item_id),
            GivenLine::Priced(NewLine::Packages { package_id, .. }) => package_ids.extend(*package_id),
            GivenLine::Packages { package_id, .. } => package_ids.push(*package_id),
            GivenLine::Priced(NewLine::Cash { .. }) => {}
        }
    }
    let items = items_by_id(conn, &item_ids).await?;
    let packages = packages_by_id(conn, &package_ids).await?;
    let package = |id| packages.iter().find(|package| package.id == id).ok_or_else(unknown_package);
    let mut fields = Validation::new();
    let mut priced = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{i}].{name}");
        match *line {
            GivenLine::Packages { count, package_id } => {
                let package = fields.take(&field("package_id"), package(package_id));
                let worth = |value: Dong| Dong::parse(value.0.saturating_mul(count));
                let value = package.and_then(|package| fields.take(&field("value"), worth(package.value)));
                priced.extend(value.map(|value| NewLine::Packages { count, value, package_id: Some(package_id) }));
            }
            GivenLine::Priced(line) => {
                if let NewLine::Goods { item_id, .. } = line {
                    fields.check(&field("item_id"), items.contains_key(&item_id), unknown_item);
                }
                if let NewLine::Packages { package_id: Some(id), .. } = line {
                    fields.take(&field("package_id"), package(id));
                }
                priced.push(line);
            }
        }
    }
    fields.finish()?;
    Ok(priced)
}

fn unknown_package() -> Invalid {
    Invalid::fixed(
        "unknown",
        "Không có suất quà này. Xem danh sách suất quà rồi chọn lại.",
        "There is no such package. See the list of packages and choose again.",
    )
}

/// Where goods enter stock that nobody gave a point for.
async fn only_warehouse(conn: &mut Conn) -> Result<PointId> {
    match first_warehouses(conn).await?.as_slice() {
        [only] => Ok(*only),
        _ => Err(Error::field(
            "point_id",
            "required",
            Message::fixed(
                "Hiện vật phải nhập vào một kho hoặc điểm phát. Hãy chọn nơi nhập (point_id).",
                "Goods enter stock somewhere. Choose the warehouse or point (point_id).",
            ),
        )),
    }
}

fn knows_names(staff: &Staff) -> bool {
    staff.role.may(Right::WriteGoods)
}

/// A donation that entered at a point within reach, or at none; that there is another is nobody's to know.
pub async fn reachable(conn: &mut Conn, permit: &Permit<ReadStock>, id: DonationId) -> Result<Donation> {
    let donation = store::donations::donation(conn, &permit.scope.points, id).await?.ok_or(Error::NotFound)?;
    Ok(donation.for_reader(knows_names(permit)))
}

/// A page of donations in the order of their ids.
pub async fn donations(
    conn: &mut Conn,
    permit: &Permit<ReadStock>,
    filter: &DonationFilter,
    cursor: Cursor,
) -> Result<Vec<Donation>> {
    let found = store::listings::donations(conn, filter, &permit.scope.points, cursor).await?;
    Ok(found.into_iter().map(|donation| donation.for_reader(knows_names(permit))).collect())
}

/// Part of a table of donations.
pub async fn sorted_donations(
    conn: &mut Conn,
    permit: &Permit<ReadStock>,
    filter: &DonationFilter,
    order: (&'static str, bool),
    part: (i64, i64),
) -> Result<Vec<Donation>> {
    let found = store::listings::sorted_donations(conn, filter, &permit.scope.points, order, part).await?;
    Ok(found.into_iter().map(|donation| donation.for_reader(knows_names(permit))).collect())
}

/// A donor.
pub async fn donor(conn: &mut Conn, permit: &Permit<ReadStock>, id: DonorId) -> Result<Donor> {
    let donor = store::donations::donor(conn, id).await?.ok_or(Error::NotFound)?;
    Ok(donor.for_reader(knows_names(permit)))
}

/// A page of donors in the order of their ids.
pub async fn donors(conn: &mut Conn, permit: &Permit<ReadStock>, cursor: Cursor) -> Result<Vec<Donor>> {
    let found = store::listings::donors(conn, cursor).await?;
    Ok(found.into_iter().map(|donor| donor.for_reader(knows_names(permit))).collect())
}

/// Part of a table of donors with the sums of the donations within reach.
pub async fn sorted_donors(
    conn: &mut Conn,
    permit: &Permit<ReadStock>,
    filter: &DonorFilter,
    order: (&'static str, bool),
    part: (i64, i64),
) -> Result<Vec<ListedDonor>> {
    let found = store::listings::sorted_donors(conn, filter, &permit.scope.points, order, part).await?;
    let masked = |listed: ListedDonor| ListedDonor { donor: listed.donor.for_reader(knows_names(permit)), ..listed };
    Ok(found.into_iter().map(masked).collect())
}
