//! Donors and donations as they are kept.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::{Conn, Tx, id_rows};
use crate::donations::donation::{Donation, DonationLine, LineKind, NewDonation, NewLine};
use crate::donations::donor::{Donor, DonorKind, NewDonor};
use crate::inventory::store::catalogue::key;
use crate::inventory::store::numbers::{Numbered, take_numbers};
use crate::kernel::ids::{CampaignId, DonationId, DonorId, ItemId, PackageId, PointId};
use crate::kernel::{Clock, Day, Dong, Moment, Quantity, Within};

/// Rows that one statement takes.
const BATCH: usize = 2000;

#[derive(Serialize)]
struct DonorRow {
    id: DonorId,
    name: String,
    name_key: String,
    kind: DonorKind,
    anonymous: bool,
}

#[derive(Serialize)]
struct DonationHead {
    id: DonationId,
    number: i64,
    campaign_id: Option<CampaignId>,
    donor_id: DonorId,
    received_on: Day,
    point_id: Option<PointId>,
    condition: String,
    import_id: Option<uuid::Uuid>,
    created_by: Option<crate::kernel::ids::UserId>,
    created_at: i64,
}

#[derive(Serialize)]
struct LineRow {
    id: uuid::Uuid,
    donation_id: DonationId,
    position: usize,
    kind: LineKind,
    item_id: Option<ItemId>,
    package_id: Option<PackageId>,
    quantity: i64,
    value: Dong,
    expires_on: Option<Day>,
}

impl LineRow {
    fn new(id: uuid::Uuid, donation_id: DonationId, position: usize, line: &NewLine) -> Self {
        let (item_id, package_id, expires_on) = (None, None, None);
        match *line {
            NewLine::Goods { item_id, quantity, value, expires_on } => Self {
                id,
                donation_id,
                position,
                kind: LineKind::Goods,
                item_id: Some(item_id),
                package_id,
                quantity: quantity.0,
                value,
                expires_on,
            },
            NewLine::Packages { count, value, package_id } => Self {
                id,
                donation_id,
                position,
                kind: LineKind::Packages,
                item_id,
                package_id,
                quantity: count,
                value,
                expires_on,
            },
            NewLine::Cash { amount } => Self {
                id,
                donation_id,
                position,
                kind: LineKind::Cash,
                item_id,
                package_id,
                quantity: 0,
                value: amount,
                expires_on,
            },
        }
    }
}

/// The donors of these names, registered where they are new.
pub async fn ensure_donors(
    tx: &mut Tx,
    clock: &Clock,
    donors: &[NewDonor],
) -> Result<HashMap<(String, DonorKind, bool), DonorId>, sqlx::Error> {
    let mut rows: Vec<DonorRow> = donors
        .iter()
        .map(|donor| DonorRow {
            id: DonorId::new(clock),
            name: donor.name.clone(),
            name_key: key(&donor.name),
            kind: donor.kind,
            anonymous: donor.anonymous,
        })
        .collect();
    // Sorted, so that two who register the same donors wait for each other in one order.
    rows.sort_by(|a, b| {
        (&a.name_key, a.kind.name(), a.anonymous, a.id).cmp(&(&b.name_key, b.kind.name(), b.anonymous, b.id))
    });
    rows.dedup_by(|b, a| (&a.name_key, a.kind, a.anonymous) == (&b.name_key, b.kind, b.anonymous));
    let mut known = HashMap::new();
    for part in rows.chunks(BATCH) {
        tx.sql(
            "insert into donors (id, name, name_key, kind, anonymous, created_at)
             select w.id, w.name, w.name_key, w.kind, w.anonymous, $2
             from rows($1: id uuid, name text, name_key text, kind text, anonymous boolean) as w
             where true on conflict (name_key, kind, anonymous) do nothing",
        )
        .bind_rows(part)
        .bind(clock.now())
        .execute()
        .await?;
        let found: Vec<(DonorId, String, DonorKind, bool)> = tx
            .sql(
                "select d.id, d.name_key, d.kind, d.anonymous from donors d
                 join rows($1: name_key text, kind text, anonymous boolean) as w
                     on w.name_key = d.name_key and w.kind = d.kind and w.anonymous = d.anonymous",
            )
            .bind_rows(part)
            .all()
            .await?;
        known.extend(found.into_iter().map(|(id, name_key, kind, anonymous)| ((name_key, kind, anonymous), id)));
    }
    Ok(known)
}

/// Stores donations with their lines under the next numbers; their ids, in the same order.
pub async fn insert(tx: &mut Tx, clock: &Clock, new: &[NewDonation]) -> Result<Vec<DonationId>, sqlx::Error> {
    let donors: Vec<NewDonor> = new.iter().map(|donation| donation.donor.clone()).collect();
    let donors = ensure_donors(tx, clock, &donors).await?;
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let first = take_numbers(tx, Numbered::Donation, count).await?;
    let (mut heads, mut lines, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for (donation, number) in new.iter().zip(first..) {
        let id = DonationId::new(clock);
        ids.push(id);
        let donor = &donation.donor;
        heads.push(DonationHead {
            id,
            number,
            campaign_id: donation.campaign_id,
            donor_id: donors[&(key(&donor.name), donor.kind, donor.anonymous)],
            received_on: donation.received_on,
            point_id: donation.point_id,
            condition: donation.condition.clone(),
            import_id: donation.import_id,
            created_by: donation.created_by,
            created_at: clock.now().micros(),
        });
        let rows = donation.lines.iter().enumerate();
        lines.extend(rows.map(|(i, line)| LineRow::new(clock.uuid(), id, i, line)));
    }
    for part in heads.chunks(BATCH) {
        tx.sql(
            "insert into donations (id, number, campaign_id, donor_id, received_on, point_id, condition, import_id,
                 created_by, created_at)
             select w.id, w.number, w.campaign_id, w.donor_id, w.received_on, w.point_id, w.condition, w.import_id,
                 w.created_by, w.created_at
             from rows($1: id uuid, number bigint, campaign_id uuid, donor_id uuid, received_on text, point_id uuid,
                 condition text, import_id uuid, created_by uuid, created_at bigint) as w",
        )
        .bind_rows(part)
        .execute()
        .await?;
    }
    for part in lines.chunks(BATCH) {
        tx.sql(
            "insert into donation_lines (id, donation_id, position, kind, item_id, package_id, quantity, value,
                 expires_on)
             select w.id, w.donation_id, w.position, w.kind, w.item_id, w.package_id, w.quantity, w.value, w.expires_on
             from rows($1: id uuid, donation_id uuid, position bigint, kind text, item_id uuid, package_id uuid,
                 quantity bigint, value bigint, expires_on text) as w",
        )
        .bind_rows(part)
        .execute()
        .await?;
    }
    Ok(ids)
}

#[derive(sqlx::FromRow)]
pub struct HeadRow {
    id: DonationId,
    number: i64,
    campaign_id: Option<CampaignId>,
    donor_id: DonorId,
    donor_name: String,
    donor_kind: DonorKind,
    anonymous: bool,
    received_on: Day,
    point_id: Option<PointId>,
    condition: String,
    import_id: Option<uuid::Uuid>,
    created_at: Moment,
}

#[derive(sqlx::FromRow)]
struct StoredLine {
    donation_id: DonationId,
    kind: LineKind,
    item_id: Option<ItemId>,
    name: Option<String>,
    unit: Option<String>,
    decimals: Option<i64>,
    package_id: Option<PackageId>,
    quantity: i64,
    value: Dong,
    expires_on: Option<Day>,
}

impl StoredLine {
    fn shown(self) -> Result<DonationLine, sqlx::Error> {
        Ok(match self.kind {
            LineKind::Goods => DonationLine::Goods {
                item_id: self.item_id.ok_or_else(|| sqlx::Error::Decode("a donation's goods are of no item".into()))?,
                name: self.name.unwrap_or_default(),
                unit: self.unit.unwrap_or_default(),
                decimals: self.decimals.unwrap_or_default(),
                quantity: Quantity(self.quantity),
                value: self.value,
                expires_on: self.expires_on,
            },
            LineKind::Packages => DonationLine::Packages {
                count: self.quantity,
                value: self.value,
                package_id: self.package_id,
                name: self.name,
            },
            LineKind::Cash => DonationLine::Cash { amount: self.value },
        })
    }
}

/// One donation that entered at one of these points or at none.
pub async fn donation(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: DonationId,
) -> Result<Option<Donation>, sqlx::Error> {
    let row: Option<HeadRow> = conn
        .sql(
            "select d.id, d.number, d.campaign_id, d.donor_id, o.name as donor_name, o.kind as donor_kind, o.anonymous,
                 d.received_on, d.point_id, d.condition, d.import_id, d.created_at
             from donations d join donors o on o.id = d.donor_id
             where d.id = $1 and (d.point_id is null or {in $2: d.point_id})",
        )
        .bind(id)
        .within(points)
        .optional()
        .await?;
    Ok(with_lines(conn, row.into_iter().collect()).await?.pop())
}

pub async fn with_lines(conn: &mut Conn, rows: Vec<HeadRow>) -> Result<Vec<Donation>, sqlx::Error> {
    let ids: Vec<DonationId> = rows.iter().map(|row| row.id).collect();
    let lines: Vec<StoredLine> = conn
        .sql(
            "select l.donation_id, l.kind, l.item_id, coalesce(i.name, k.name) as name, i.unit, i.decimals,
                 l.package_id, l.quantity, l.value, l.expires_on
             from donation_lines l left join items i on i.id = l.item_id left join packages k on k.id = l.package_id
             where l.donation_id in (select w.id from rows($1: id uuid) as w) order by l.donation_id, l.position",
        )
        .bind_rows(&id_rows(&ids))
        .all()
        .await?;
    let mut by_donation: HashMap<DonationId, Vec<DonationLine>> = HashMap::new();
    for line in lines {
        by_donation.entry(line.donation_id).or_default().push(line.shown()?);
    }
    let full = rows.into_iter().map(|row| Donation {
        lines: by_donation.remove(&row.id).unwrap_or_default(),
        id: row.id,
        number: row.number,
        campaign_id: row.campaign_id,
        donor: Donor { id: row.donor_id, name: row.donor_name, kind: row.donor_kind, anonymous: row.anonymous },
        received_on: row.received_on,
        point_id: row.point_id,
        condition: row.condition,
        import_id: row.import_id,
        created_at: row.created_at,
    });
    Ok(full.collect())
}

/// One donor.
pub async fn donor(conn: &mut Conn, id: DonorId) -> Result<Option<Donor>, sqlx::Error> {
    conn.sql("select id, name, kind, anonymous from donors where id = $1").bind(id).optional().await
}
