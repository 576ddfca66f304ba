//! The SQL of erasing a landlord with the tenants of all pledges.

use serde::Serialize;

use crate::db::{Conn, Tx};
use crate::kernel::ids::{AreaId, LandlordId, RoomId};
use crate::kernel::{Clock, ERASED_TEXT, Moment, Within};

/// A landlord as kept.
#[derive(Clone, sqlx::FromRow)]
pub struct StoredLandlord {
    pub id: LandlordId,
    pub area_id: Option<AreaId>,
    pub name: String,
    pub phone_sealed: Option<Vec<u8>>,
    pub address: String,
    pub created_at: Moment,
    pub erased_at: Option<Moment>,
}

/// A landlord whose pledges all lie in these areas; one of whom a part lies elsewhere is for the whole ward's staff.
pub async fn landlord(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: LandlordId,
) -> Result<Option<StoredLandlord>, sqlx::Error> {
    conn.sql(
        "select l.id, l.area_id, l.name, l.phone_sealed, l.address, l.created_at, l.erased_at from landlords l
         where l.id = $1 and {in $2: l.area_id} and not exists (
             select 1 from rent_reductions r where r.landlord_id = l.id and not coalesce({in $2: r.area_id}, false))",
    )
    .bind(id)
    .within(areas)
    .optional()
    .await
}

/// Locks a landlord until the transaction ends.
pub async fn lock(tx: &mut Tx, id: LandlordId) -> Result<(), sqlx::Error> {
    let _: Option<(LandlordId,)> =
        tx.sql("select id from landlords where id = $1 {for update}").bind(id).optional().await?;
    Ok(())
}

/// What tells of people beside the landlord's own record: tenants, and addresses of pledges.
pub async fn tenants(conn: &mut Conn, id: LandlordId) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> = conn
        .sql(
            "select distinct n.tenant from rent_lines n join rent_reductions r on r.id = n.reduction_id
             where r.landlord_id = $1 and n.tenant <> '' order by n.tenant",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(tenant,)| tenant).collect())
}

/// Where a landlord's pledges say that the rooms are.
pub async fn addresses(conn: &mut Conn, id: LandlordId) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> = conn
        .sql("select distinct address from rent_reductions where landlord_id = $1 and address is not null")
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// The labels of a landlord's rooms.
pub async fn labels(conn: &mut Conn, id: LandlordId) -> Result<Vec<(RoomId, String)>, sqlx::Error> {
    conn.sql("select id, label from rooms where landlord_id = $1 order by id").bind(id).all().await
}

/// A room that is called otherwise.
#[derive(Serialize)]
pub struct Relabelled {
    pub id: RoomId,
    pub label: String,
    pub label_key: String,
}

/// Calls rooms otherwise whose labels named somebody.
pub async fn relabel(tx: &mut Tx, rooms: &[Relabelled]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update rooms set label = r.label, label_key = r.label_key
         from rows($1: id uuid, label text, label_key text) as r where rooms.id = r.id",
    )
    .bind_rows(rooms)
    .execute()
    .await
}

/// Leaves an anonymous shell: rooms, months and amounts stay for the totals; the private links open nothing any more.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: LandlordId) -> Result<(), sqlx::Error> {
    tx.sql(
        "update rent_corrections set reason = $2
         where reduction_id in (select r.id from rent_reductions r where r.landlord_id = $1)",
    )
    .bind(id)
    .bind(ERASED_TEXT.to_owned())
    .execute()
    .await?;
    tx.sql(
        "update rent_lines set tenant = ''
         where tenant <> '' and reduction_id in (select r.id from rent_reductions r where r.landlord_id = $1)",
    )
    .bind(id)
    .execute()
    .await?;
    tx.sql(
        "update rent_reductions set address = null, note = '', consented_at = null, link_hash = null, updated_at = $2,
             reject_reason = case when reject_reason is null then null else $3 end
         where landlord_id = $1",
    )
    .bind(id)
    .bind(clock.now())
    .bind(ERASED_TEXT.to_owned())
    .execute()
    .await?;
    tx.sql(
        "update landlords set name = $2, name_key = $3, phone_sealed = null, phone_index = null, address = '',
             address_key = '', erased_at = $4
         where id = $1",
    )
    .bind(id)
    .bind(ERASED_TEXT.to_owned())
    // Nobody is called so, and shells stay apart.
    .bind(id.0.simple().to_string())
    .bind(clock.now())
    .execute()
    .await?;
    Ok(())
}
