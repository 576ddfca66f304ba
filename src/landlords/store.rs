//! The SQL of landlords, rooms and reductions.

pub mod listed;
pub mod undo;

use serde::Serialize;

use super::rules::{NewLandlord, NewLine, reference};
use super::{AreaId, Landlord, LandlordId, Reduction, ReductionId, ReductionStatus, RentLine, RentLineId, RoomId};
use crate::db::{Conn, Trouble, Tx, trouble};
use crate::kernel::{Clock, Dong, Moment, Month, Phone};
use crate::people::UserId;
use crate::vault::{NotOpened, Purpose, Vault};
use crate::web::Cursor;

/// How often a reference is drawn before giving up; two that are equal are a chance in 10¹².
const REFERENCE_TRIES: u8 = 4;

/// The landlord of that name and phone, or of that name and address where no phone is known; made when new.
pub async fn find_or_insert_landlord(
    tx: &mut Tx,
    clock: &Clock,
    vault: &Vault,
    landlord: &NewLandlord,
    area_id: Option<AreaId>,
) -> Result<LandlordId, sqlx::Error> {
    let phone_index = landlord.phone.as_ref().map(|phone| vault.index(Purpose::Phone, phone.as_str()));
    tx.sql(
        "insert into landlords (id, area_id, name, name_key, phone_sealed, phone_index, address, address_key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(LandlordId::new(clock))
    .bind(area_id)
    .bind(landlord.name.clone())
    .bind(landlord.name_key.clone())
    .bind(landlord.phone.as_ref().map(|phone| vault.seal(Purpose::Phone, phone.as_str().as_bytes())))
    .bind(phone_index.clone())
    .bind(landlord.address.clone())
    .bind(landlord.address_key.clone())
    .bind(clock.now())
    .execute()
    .await?;
    let (id,): (LandlordId,) = tx
        .sql(
            "select id from landlords
             where name_key = $1 and (phone_index = $2 or ($2 is null and phone_index is null and address_key = $3))",
        )
        .bind(landlord.name_key.clone())
        .bind(phone_index)
        .bind(landlord.address_key.clone())
        .one()
        .await?;
    Ok(id)
}

/// A pledge to be stored.
#[derive(Debug)]
pub struct NewReduction {
    /// Who cuts the rent.
    pub landlord_id: LandlordId,
    /// The area whose head verifies it.
    pub area_id: Option<AreaId>,
    /// What the landlord added.
    pub note: String,
    /// The staff who entered it.
    pub submitted_by: Option<UserId>,
    /// Where the rooms are, as said with this pledge.
    pub address: Option<String>,
    /// When the landlord agreed to be registered.
    pub consented_at: Option<Moment>,
    /// The hash of the secret in the landlord's private link.
    pub link_hash: Vec<u8>,
}

/// Stores a pledge without its lines; its id and reference.
pub async fn insert_reduction(
    tx: &mut Tx,
    clock: &Clock,
    new: &NewReduction,
) -> Result<(ReductionId, String), sqlx::Error> {
    let id = ReductionId::new(clock);
    for _ in 0..REFERENCE_TRIES {
        let reference = reference(clock.bytes());
        let stored = tx
            .sql(
                "insert into rent_reductions (id, reference, landlord_id, area_id, status, note, submitted_by, submitted_at,
                     updated_at, address, consented_at, link_hash)
                 values ($1, $2, $3, $4, 'pledged', $5, $6, $7, $7, $8, $9, $10) on conflict (reference) do nothing",
            )
            .bind(id)
            .bind(reference.clone())
            .bind(new.landlord_id)
            .bind(new.area_id)
            .bind(new.note.clone())
            .bind(new.submitted_by)
            .bind(clock.now())
            .bind(new.address.clone())
            .bind(new.consented_at)
            .bind(new.link_hash.clone())
            .execute()
            .await?;
        if stored == 1 {
            return Ok((id, reference));
        }
    }
    Err(sqlx::Error::Protocol("no free reference for a rent reduction was drawn".to_owned()))
}

#[derive(Serialize)]
struct RoomRow<'a> {
    id: RoomId,
    label: &'a str,
    label_key: &'a str,
}

#[derive(Serialize)]
struct LineRow<'a> {
    id: RentLineId,
    label_key: &'a str,
    tenant: &'a str,
    month: Month,
    rent: i64,
    kind: &'static str,
    percent_hundredths: Option<i64>,
    reduced: i64,
}

/// Stores the lines of a pledge, and the landlord's rooms that are new.
pub async fn insert_lines(
    tx: &mut Tx,
    clock: &Clock,
    id: ReductionId,
    landlord_id: LandlordId,
    lines: &[NewLine],
) -> Result<(), sqlx::Error> {
    let mut rooms: Vec<RoomRow<'_>> = lines
        .iter()
        .map(|line| RoomRow { id: RoomId::new(clock), label: &line.room, label_key: &line.room_key })
        .collect();
    // In one order everywhere, so that two pledges of one landlord wait for each other instead of deadlocking.
    rooms.sort_by_key(|room| room.label_key);
    rooms.dedup_by_key(|room| room.label_key);
    tx.sql(
        "insert into rooms (id, landlord_id, label, label_key)
         select r.id, $2, r.label, r.label_key from rows($1: id uuid, label text, label_key text) as r where true
         on conflict (landlord_id, label_key) do nothing",
    )
    .bind_rows(&rooms)
    .bind(landlord_id)
    .execute()
    .await?;
    let rows: Vec<LineRow<'_>> = lines
        .iter()
        .map(|line| LineRow {
            id: RentLineId::new(clock),
            label_key: &line.room_key,
            tenant: &line.tenant,
            month: line.month,
            rent: line.rent.0,
            kind: line.kind.name(),
            percent_hundredths: line.percent_hundredths,
            reduced: line.reduced.0,
        })
        .collect();
    tx.sql(
        "insert into rent_lines
             (id, reduction_id, room_id, tenant, month, rent, kind, percent_hundredths, reduced, counted)
         select r.id, $2, m.id, r.tenant, r.month, r.rent, r.kind, r.percent_hundredths, r.reduced, false
         from rows($1: id uuid, label_key text, tenant text, month text, rent bigint, kind text,
             percent_hundredths bigint, reduced bigint) as r
         join rooms m on m.landlord_id = $3 and m.label_key = r.label_key",
    )
    .bind_rows(&rows)
    .bind(id)
    .bind(landlord_id)
    .execute()
    .await?;
    Ok(())
}

/// A reduction as stored, its landlord's phone still sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReductionRow {
    /// Its id.
    pub id: ReductionId,
    /// The area whose head verifies it.
    pub area_id: Option<AreaId>,
    /// Who cuts the rent.
    pub landlord_id: LandlordId,
    /// How far it has come.
    pub status: String,
    reference: String,
    landlord_name: String,
    phone_sealed: Option<Vec<u8>>,
    address: String,
    note: String,
    import_id: Option<uuid::Uuid>,
    submitted_by: Option<UserId>,
    submitted_at: Moment,
    verified_by: Option<UserId>,
    verified_at: Option<Moment>,
    confirmed_by: Option<UserId>,
    confirmed_at: Option<Moment>,
    rejected_by: Option<UserId>,
    rejected_at: Option<Moment>,
    reject_reason: Option<String>,
    withdrawn_at: Option<Moment>,
    rooms: i64,
    room_months: i64,
    amount: Dong,
    pledged: Dong,
    confirmed: Option<Dong>,
}

impl ReductionRow {
    /// For the screen. The phone is shown in full only when `in_full`.
    pub fn view(self, vault: &Vault, in_full: bool) -> Result<Reduction, NotOpened> {
        let phone = self.phone_sealed.map(|sealed| vault.open_text(Purpose::Phone, &sealed)).transpose()?;
        let phone = phone.and_then(|text| Phone::parse(&text).ok());
        let phone = phone.map(|phone| if in_full { phone.as_str().to_owned() } else { phone.masked() });
        Ok(Reduction {
            id: self.id,
            reference: self.reference,
            status: self.status,
            area_id: self.area_id,
            landlord: Landlord { id: self.landlord_id, name: self.landlord_name, phone, address: self.address },
            note: self.note,
            rooms: self.rooms,
            room_months: self.room_months,
            amount: self.amount,
            pledged: self.pledged,
            confirmed: self.confirmed,
            import_id: self.import_id,
            submitted_by: self.submitted_by,
            submitted_at: self.submitted_at,
            verified_by: self.verified_by,
            verified_at: self.verified_at,
            confirmed_by: self.confirmed_by,
            confirmed_at: self.confirmed_at,
            rejected_by: self.rejected_by,
            rejected_at: self.rejected_at,
            reject_reason: self.reject_reason,
            withdrawn_at: self.withdrawn_at,
            lines: None,
        })
    }
}

/// One reduction.
pub async fn reduction(conn: &mut Conn, id: ReductionId) -> Result<Option<ReductionRow>, sqlx::Error> {
    conn.sql(
        "select r.id, r.reference, r.status, r.area_id, r.landlord_id, l.name as landlord_name, l.phone_sealed,
             coalesce(r.address, l.address) as address, r.note, r.import_id, r.submitted_by, r.submitted_at,
             r.verified_by, r.verified_at, r.confirmed_by, r.confirmed_at, r.rejected_by, r.rejected_at,
             r.reject_reason, r.withdrawn_at,
             (select count(distinct n.room_id) from rent_lines n where n.reduction_id = r.id) as rooms,
             (select count(*) from rent_lines n where n.reduction_id = r.id) as room_months,
             (select cast(coalesce(sum(coalesce(n.confirmed, n.reduced)), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as amount,
             (select cast(coalesce(sum(n.reduced), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as pledged,
             (select cast(sum(n.confirmed) as bigint) from rent_lines n where n.reduction_id = r.id) as confirmed
         from rent_reductions r join landlords l on l.id = r.landlord_id where r.id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// Which reductions are asked for; what is nothing does not filter.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only of this status.
    pub status: Option<ReductionStatus>,
    /// Only of this area and all below it.
    pub area_id: Option<AreaId>,
    /// Only of this landlord.
    pub landlord_id: Option<LandlordId>,
    /// Only the one with this reference.
    pub reference: Option<String>,
}

/// A page of reductions.
pub async fn reductions(conn: &mut Conn, wanted: Wanted, cursor: Cursor) -> Result<Vec<ReductionRow>, sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $1
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select r.id, r.reference, r.status, r.area_id, r.landlord_id, l.name as landlord_name, l.phone_sealed,
             coalesce(r.address, l.address) as address, r.note, r.import_id, r.submitted_by, r.submitted_at,
             r.verified_by, r.verified_at, r.confirmed_by, r.confirmed_at, r.rejected_by, r.rejected_at,
             r.reject_reason, r.withdrawn_at,
             (select count(distinct n.room_id) from rent_lines n where n.reduction_id = r.id) as rooms,
             (select count(*) from rent_lines n where n.reduction_id = r.id) as room_months,
             (select cast(coalesce(sum(coalesce(n.confirmed, n.reduced)), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as amount,
             (select cast(coalesce(sum(n.reduced), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as pledged,
             (select cast(sum(n.confirmed) as bigint) from rent_lines n where n.reduction_id = r.id) as confirmed
         from rent_reductions r join landlords l on l.id = r.landlord_id
         where r.id > $5 and (r.area_id in (select id from below) or $1 is null) and (r.status = $2 or $2 is null)
             and (r.landlord_id = $3 or $3 is null) and (r.reference = $4 or $4 is null)
         order by r.id limit $6",
    )
    .bind(wanted.area_id)
    .bind(wanted.status.map(ReductionStatus::name))
    .bind(wanted.landlord_id)
    .bind(wanted.reference)
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// The lines of a reduction, by month and room.
pub async fn lines(conn: &mut Conn, id: ReductionId) -> Result<Vec<RentLine>, sqlx::Error> {
    conn.sql(
        "select n.id, n.room_id, m.label as room, n.tenant, n.month, n.rent, n.kind, n.percent_hundredths, n.reduced,
             n.confirmed, n.counted
         from rent_lines n join rooms m on m.id = n.room_id where n.reduction_id = $1 order by n.month, n.id",
    )
    .bind(id)
    .all()
    .await
}

/// Locks a reduction and its rooms until the transaction ends, always in this order.
pub async fn lock(tx: &mut Tx, id: ReductionId) -> Result<(), sqlx::Error> {
    let _: Vec<(ReductionId,)> =
        tx.sql("select id from rent_reductions where id = $1 {for update}").bind(id).all().await?;
    let _: Vec<(RoomId,)> = tx
        .sql(
            "select id from rooms where id in (select room_id from rent_lines where reduction_id = $1)
             order by id {for update}",
        )
        .bind(id)
        .all()
        .await?;
    Ok(())
}

/// Room-months of a reduction that another one counts already, at most 20: label and month.
pub async fn counted_elsewhere(conn: &mut Conn, id: ReductionId) -> Result<Vec<(String, Month)>, sqlx::Error> {
    conn.sql(
        "select m.label, n.month from rent_lines n join rooms m on m.id = n.room_id
         join rent_lines o on o.room_id = n.room_id and o.month = n.month and o.counted and o.reduction_id <> $1
         where n.reduction_id = $1 order by n.month, m.label limit 20",
    )
    .bind(id)
    .all()
    .await
}

/// Pledged → verified; its lines count from now on. Whether it was pledged.
pub async fn verify(tx: &mut Tx, id: ReductionId, by: UserId, at: Moment) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'verified', verified_by = $2, verified_at = $3, updated_at = $3
             where id = $1 and status = 'pledged'",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set counted = true where reduction_id = $1").bind(id).execute().await?;
    }
    Ok(moved == 1)
}

/// Pledged or verified → rejected; its lines no longer count. Whether it was either.
pub async fn reject(tx: &mut Tx, id: ReductionId, by: UserId, at: Moment, reason: String) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'rejected', rejected_by = $2, rejected_at = $3, reject_reason = $4,
                 updated_at = $3
             where id = $1 and status in ('pledged', 'verified')",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .bind(reason)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set counted = false where reduction_id = $1").bind(id).execute().await?;
    }
    Ok(moved == 1)
}

/// What was given in the end, where it differs from the pledge.
#[derive(Debug, Serialize)]
pub struct Given {
    /// Which line.
    pub id: RentLineId,
    /// Đồng, from nothing to the rent.
    pub amount: i64,
}

/// Verified → confirmed, as pledged but for `given`; a line of nothing no longer counts. Whether it was verified.
pub async fn confirm(
    tx: &mut Tx,
    id: ReductionId,
    by: UserId,
    at: Moment,
    given: &[Given],
) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'confirmed', confirmed_by = $2, confirmed_at = $3, updated_at = $3
             where id = $1 and status = 'verified'",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set confirmed = reduced where reduction_id = $1").bind(id).execute().await?;
        tx.sql(
            "update rent_lines set confirmed = r.amount, counted = (r.amount > 0)
             from rows($1: id uuid, amount bigint) as r where rent_lines.id = r.id and rent_lines.reduction_id = $2",
        )
        .bind_rows(given)
        .bind(id)
        .execute()
        .await?;
    }
    Ok(moved == 1)
}

/// What changes about a pledge; what is nothing stays.
#[derive(Debug)]
pub struct Correction {
    /// Another landlord.
    pub landlord_id: Option<LandlordId>,
    /// Another area.
    pub area_id: Option<AreaId>,
    /// Another note.
    pub note: Option<String>,
    /// Another address of the rooms.
    pub address: Option<String>,
    /// When.
    pub at: Moment,
}

/// Corrects a pledge. Whether it was still pledged.
pub async fn correct(tx: &mut Tx, id: ReductionId, change: Correction) -> Result<bool, sqlx::Error> {
    let changed = tx
        .sql(
            "update rent_reductions set landlord_id = coalesce($2, landlord_id), area_id = coalesce($3, area_id),
                 note = coalesce($4, note), address = coalesce($5, address), updated_at = $6
             where id = $1 and status = 'pledged'",
        )
        .bind(id)
        .bind(change.landlord_id)
        .bind(change.area_id)
        .bind(change.note)
        .bind(change.address)
        .bind(change.at)
        .execute()
        .await?;
    Ok(changed == 1)
}

/// Takes a pledge's lines away, to be written anew.
pub async fn delete_lines(tx: &mut Tx, id: ReductionId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from rent_lines where reduction_id = $1 and not counted").bind(id).execute().await
}

/// Gives a pledge's lines to rooms of the same labels with another landlord.
pub async fn move_lines(
    tx: &mut Tx,
    clock: &Clock,
    id: ReductionId,
    landlord_id: LandlordId,
) -> Result<(), sqlx::Error> {
    let labels: Vec<(String, String)> = tx
        .sql(
            "select distinct m.label, m.label_key from rent_lines n join rooms m on m.id = n.room_id
             where n.reduction_id = $1 order by m.label_key",
        )
        .bind(id)
        .all()
        .await?;
    let rooms: Vec<RoomRow<'_>> =
        labels.iter().map(|(label, label_key)| RoomRow { id: RoomId::new(clock), label, label_key }).collect();
    tx.sql(
        "insert into rooms (id, landlord_id, label, label_key)
         select r.id, $2, r.label, r.label_key from rows($1: id uuid, label text, label_key text) as r where true
         on conflict (landlord_id, label_key) do nothing",
    )
    .bind_rows(&rooms)
    .bind(landlord_id)
    .execute()
    .await?;
    tx.sql(
        "update rent_lines set room_id = (
             select t.id from rooms t join rooms f on f.label_key = t.label_key
             where t.landlord_id = $2 and f.id = rent_lines.room_id)
         where reduction_id = $1",
    )
    .bind(id)
    .bind(landlord_id)
    .execute()
    .await?;
    Ok(())
}

/// The reduction of a landlord's private link.
pub async fn of_link(conn: &mut Conn, link_hash: Vec<u8>) -> Result<Option<ReductionId>, sqlx::Error> {
    let found: Option<(ReductionId,)> =
        conn.sql("select id from rent_reductions where link_hash = $1").bind(link_hash).optional().await?;
    Ok(found.map(|(id,)| id))
}

/// Pledged → withdrawn by the landlord. Whether it was pledged.
pub async fn withdraw(tx: &mut Tx, id: ReductionId, at: Moment) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'withdrawn', withdrawn_at = $2, updated_at = $2
             where id = $1 and status = 'pledged'",
        )
        .bind(id)
        .bind(at)
        .execute()
        .await?;
    Ok(moved == 1)
}

/// Whether an error says that a room's month is counted elsewhere.
pub fn is_counted_elsewhere(error: &sqlx::Error) -> bool {
    trouble(error) == Trouble::Unique
}
