//! The SQL of reductions: stored, read one at a time or as a listing, corrected.

use crate::db::{Conn, Tx};
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, LandlordId, ReductionId, UserId};
use crate::kernel::{Clock, Dong, Moment, PhoneNumber, Within};
use crate::landlords::landlord::Landlord;
use crate::landlords::reduction::{Reduction, ReductionStatus};
use crate::landlords::rules::reference;
use crate::vault::{NotOpened, Purpose, Vault};

/// How often a reference is drawn before giving up; two that are equal are a chance in 10¹².
const REFERENCE_TRIES: u8 = 4;

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

/// A reduction as stored, its landlord's phone still sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReductionRow {
    pub id: ReductionId,
    /// The area whose head verifies it.
    pub area_id: Option<AreaId>,
    /// Who cuts the rent.
    pub landlord_id: LandlordId,
    /// How far it has come.
    pub status: ReductionStatus,
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
        let phone = phone.map(|text| PhoneNumber::parse(&text).map_err(|_| NotOpened)).transpose()?;
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

/// One reduction of these areas; one without an area is the whole ward's.
pub async fn reduction(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: ReductionId,
) -> Result<Option<ReductionRow>, sqlx::Error> {
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
         from rent_reductions r join landlords l on l.id = r.landlord_id where r.id = $1 and {in $2: r.area_id}",
    )
    .bind(id)
    .within(areas)
    .optional()
    .await
}

/// Which reductions a listing holds; what is nothing does not filter.
#[derive(Debug, Default)]
pub struct ReductionFilter {
    /// Only of areas that the login reaches; the whole ward also holds what has no area.
    pub within: Within<AreaId>,
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
pub async fn reductions(
    conn: &mut Conn,
    filter: ReductionFilter,
    cursor: Cursor,
) -> Result<Vec<ReductionRow>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
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
             and (r.landlord_id = $3 or $3 is null) and (r.reference = $4 or $4 is null) and {in $7: r.area_id}
         order by r.id limit $6",
    )
    .bind(filter.area_id)
    .bind(filter.status)
    .bind(filter.landlord_id)
    .bind(filter.reference)
    .bind(cursor.after)
    .bind(cursor.fetch)
    .within(&filter.within)
    .all()
    .await
}

/// The reduction of a landlord's private link.
pub async fn of_link(conn: &mut Conn, link_hash: Vec<u8>) -> Result<Option<ReductionId>, sqlx::Error> {
    let found: Option<(ReductionId,)> =
        conn.sql("select id from rent_reductions where link_hash = $1").bind(link_hash).optional().await?;
    Ok(found.map(|(id,)| id))
}

/// What changes about a pledge; what is nothing stays.
#[derive(Debug)]
pub struct ReductionChange {
    /// Another landlord.
    pub landlord_id: Option<LandlordId>,
    /// Another area.
    pub area_id: Option<AreaId>,
    /// Another note.
    pub note: Option<String>,
    /// Another address of the rooms.
    pub address: Option<String>,
    pub at: Moment,
}

/// Corrects a pledge. Whether it was still pledged.
pub async fn correct(tx: &mut Tx, id: ReductionId, change: ReductionChange) -> Result<bool, sqlx::Error> {
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
