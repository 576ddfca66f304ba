//! The SQL of comparing a list of donors with what is stored, and of removing what a list stored.

use serde::Serialize;

use crate::db::{Conn, Tx, id_rows};
use crate::donations::donation::LineKind;
use crate::kernel::ids::{DonationId, DonorId, ImportId, PointId};
use crate::kernel::{Day, Within};

/// A donor of a list and a day on which the list says they gave.
#[derive(Debug, PartialEq, Eq, Hash, Serialize)]
pub struct DonorDay {
    /// Key of the donor's name.
    pub name_key: String,
    /// The day; nothing: any.
    pub received_on: Option<Day>,
}

/// A line of a stored donation, as a list's rows are compared with it.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredLine {
    pub id: DonationId,
    /// Key of the donor's name.
    pub name_key: String,
    /// When it was received.
    pub received_on: Day,
    pub kind: LineKind,
    /// Key of the item's name, for goods.
    pub item_key: Option<String>,
    /// Key of the item's unit, for goods.
    pub unit_key: Option<String>,
    /// Decimals of the item's unit, for goods.
    pub decimals: Option<i64>,
    /// Smallest units, or packages; 0 for cash.
    pub quantity: i64,
    /// Đồng.
    pub value: i64,
    /// Whether the donation is within reach: of others it is told only that there is one.
    pub seen: bool,
}

/// The stored donations of donors and days, line by line, a donation's lines together.
pub async fn donations_of(
    conn: &mut Conn,
    points: &Within<PointId>,
    donors: &[DonorDay],
) -> Result<Vec<StoredLine>, sqlx::Error> {
    conn.sql(
        "select d.id, o.name_key, d.received_on, l.kind, i.name_key as item_key, i.unit_key, i.decimals, l.quantity,
             l.value, (d.point_id is null or {in $2: d.point_id}) as seen
         from donors o join donations d on d.donor_id = o.id join donation_lines l on l.donation_id = d.id
             left join items i on i.id = l.item_id
         where exists (select 1 from rows($1: name_key text, received_on text) as r
             where r.name_key = o.name_key and (r.received_on is null or r.received_on = d.received_on))
         order by d.id, l.position",
    )
    .bind_rows(donors)
    .within(points)
    .all()
    .await
}

/// Locks the donations of a list until the transaction ends; where each entered.
pub async fn lock_donations(
    tx: &mut Tx,
    import_id: ImportId,
) -> Result<Vec<(DonationId, Option<PointId>)>, sqlx::Error> {
    tx.sql("select id, point_id from donations where import_id = $1 order by id {for update}")
        .bind(import_id)
        .all()
        .await
}

/// Removes the donations of a list, with the donors who gave nothing else; how many donations.
pub async fn remove(tx: &mut Tx, import_id: ImportId) -> Result<u64, sqlx::Error> {
    let donors: Vec<(DonorId,)> =
        tx.sql("select distinct donor_id from donations where import_id = $1").bind(import_id).all().await?;
    let donors: Vec<DonorId> = donors.into_iter().map(|(id,)| id).collect();
    tx.sql("delete from donation_lines where donation_id in (select d.id from donations d where d.import_id = $1)")
        .bind(import_id)
        .execute()
        .await?;
    let removed = tx.sql("delete from donations where import_id = $1").bind(import_id).execute().await?;
    tx.sql(
        "delete from donors where id in (select w.id from rows($1: id uuid) as w)
             and not exists (select 1 from donations d where d.donor_id = donors.id)",
    )
    .bind_rows(&id_rows(&donors))
    .execute()
    .await?;
    Ok(removed)
}
