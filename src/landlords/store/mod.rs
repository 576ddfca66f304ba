//! The SQL of landlords, rooms and reductions.

pub mod listed;
mod reading;
mod steps;
pub mod undo;

use serde::Serialize;

pub use reading::*;
pub use steps::*;

use super::rules::{NewLandlord, NewLine, reference};
use crate::db::Tx;
use crate::kernel::ids::UserId;
use crate::kernel::ids::{AreaId, LandlordId, ReductionId, RentLineId, RoomId};
use crate::kernel::{Clock, Moment, Month};
use crate::vault::{Purpose, Vault};

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
