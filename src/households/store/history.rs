//! The SQL of what surrounds one household: what it was given and what it received.

use serde::Serialize;

use crate::db::Conn;
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Moment, Within};

text_enum! {
    /// Whether a voucher was voided.
    #[schema(as = VoucherPastStatus)]
    pub enum PastStatus {
        Issued = "issued",
        Void = "void",
    }
}

/// A voucher that a household, or one merged into it, got.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct VoucherPast {
    /// The voucher.
    pub id: uuid::Uuid,
    /// Its round.
    pub round_id: uuid::Uuid,
    /// The round's name.
    pub round: String,
    /// Its number in the round.
    pub serial: i64,
    /// `issued` or `void`.
    pub status: PastStatus,
    /// When it was issued.
    pub issued_at: Moment,
}

/// A handover to a household, or to one merged into it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct HandoverPast {
    /// The scan.
    pub nonce: uuid::Uuid,
    /// The voucher.
    pub voucher_id: uuid::Uuid,
    /// Where.
    pub point_id: uuid::Uuid,
    /// The point's name.
    pub point: String,
    /// Units handed out.
    pub units: i64,
    /// When, by the phone's clock.
    pub scanned_at: Moment,
    /// When it was undone.
    pub reversed_at: Option<Moment>,
}

/// Vouchers, newest first, 200 at most.
pub async fn vouchers_of(conn: &mut Conn, id: HouseholdId) -> Result<Vec<VoucherPast>, sqlx::Error> {
    conn.sql(
        "select v.id, v.round_id, v.round, v.serial, v.status, v.issued_at
         from voucher_state v
         where v.household_id in (select h.id from households h where h.id = $1 or h.merged_into = $1)
         order by v.issued_at desc, v.id limit 200",
    )
    .bind(id)
    .all()
    .await
}

/// Handovers, newest first, 200 at most.
pub async fn handovers_of(conn: &mut Conn, id: HouseholdId) -> Result<Vec<HandoverPast>, sqlx::Error> {
    conn.sql(
        "select s.nonce, s.voucher_id, s.point_id, p.name as point, s.units, s.scanned_at, s.reversed_at
         from voucher_state v join all_handovers s on s.voucher_id = v.id join points p on p.id = s.point_id
         where v.household_id in (select h.id from households h where h.id = $1 or h.merged_into = $1)
         order by s.scanned_at desc, s.nonce limit 200",
    )
    .bind(id)
    .all()
    .await
}

/// A household's area by name, and who took its consent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Surroundings {
    /// The area's name.
    pub area: String,
    /// The login's name of who took the consent.
    pub consent_by: Option<String>,
    /// The file that it came with.
    pub import: Option<String>,
}

/// What surrounds a household of these areas on its page.
pub async fn surroundings(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: HouseholdId,
) -> Result<Option<Surroundings>, sqlx::Error> {
    conn.sql(
        "select a.name as area, coalesce(u.full_name, u.username) as consent_by, i.file_name as import
         from households h join areas a on a.id = h.area_id
             left join users u on u.id = h.consent_by left join imports i on i.id = h.import_id
         where h.id = $1 and {in $2: h.area_id}",
    )
    .bind(id)
    .within(areas)
    .optional()
    .await
}

/// How many vouchers of a household may still be used.
pub async fn unused_vouchers(conn: &mut Conn, id: HouseholdId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from voucher_state v where v.household_id = $1 and v.status = 'issued'
                 and not exists (select 1 from all_handovers s where s.voucher_id = v.id)",
        )
        .bind(id)
        .one()
        .await?;
    Ok(count)
}
