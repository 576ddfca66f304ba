//! The SQL of printed papers.

use crate::db::{Conn, id_rows};
use crate::kernel::ids::{AreaId, CampaignId, PackageId, PointId, RoundId, VoucherId};
use crate::kernel::{Dong, Moment, Within};
use crate::vouchers::voucher::VoucherRow;

/// What a paper's order depends on.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct PlaceInPrint {
    pub id: VoucherId,
    /// The point's number.
    pub point_number: Option<i64>,
    /// When its slot begins.
    pub slot_at: Option<Moment>,
    /// The household's area.
    pub area_id: AreaId,
    /// Its serial in the round.
    pub serial: i64,
}

/// The issued vouchers of a round, of households in these areas, that count at one of these points or at any, to be
/// printed at a point; about 60 bytes each.
pub async fn to_print(
    conn: &mut Conn,
    round_id: RoundId,
    (point_id, voucher_id): (Option<PointId>, Option<VoucherId>),
    areas: &Within<AreaId>,
    points: &Within<PointId>,
) -> Result<Vec<PlaceInPrint>, sqlx::Error> {
    conn.sql(
        "select v.id, p.number as point_number, v.slot_at, h.area_id, v.serial
         from vouchers v join households h on h.id = v.household_id left join points p on p.id = v.point_id
         where v.round_id = $1 and v.status = 'issued'
           and (v.point_id = $2 or cast($2 as uuid) is null)
           and {in $3: h.area_id}
           and (v.id = $5 or cast($5 as uuid) is null)
           and (v.point_id is null or {in $6: v.point_id})",
    )
    .bind(round_id)
    .bind(point_id)
    .within(areas)
    .bind(voucher_id)
    .within(points)
    .all()
    .await
}

/// A voucher with what only its paper shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PrintRow {
    /// The voucher.
    #[sqlx(flatten)]
    pub voucher: VoucherRow,
    /// The household's year of birth.
    pub birth_year: Option<i64>,
    /// The point's name.
    pub point_name: Option<String>,
    pub point_address: Option<String>,
    /// How many desks the point has.
    pub point_desks: Option<i64>,
    /// The name of the area in which the household's area lies.
    pub parent_area: Option<String>,
}

/// Vouchers by their ids, in no order; those voided meanwhile are missing.
pub async fn rows(conn: &mut Conn, ids: &[VoucherId]) -> Result<Vec<PrintRow>, sqlx::Error> {
    conn.sql(
        "select v.id, v.round_id, v.round_number, v.serial, v.issue_number, k.number as package_number, v.point_id,
             p.number as point_number, v.units, cast(0 as bigint) as units_redeemed, v.slot_at, v.slot_ends_at,
             v.valid_from, v.valid_until, v.kid, v.signature, v.typed_code, v.status, v.void_reason, v.voided_at,
             v.issued_at, v.household_id, h.head_name, h.address, h.area_id, a.name as area, h.birth_year,
             p.name as point_name, p.address as point_address, p.desks as point_desks, u.name as parent_area
         from rows($1: id uuid) as wanted
         join vouchers v on v.id = wanted.id
         join rounds r on r.id = v.round_id
         join packages k on k.id = r.package_id
         join households h on h.id = v.household_id
         join areas a on a.id = h.area_id
         left join areas u on u.id = a.parent_id and u.kind <> 'ward'
         left join points p on p.id = v.point_id
         where v.status = 'issued'",
    )
    .bind_rows(&id_rows(ids))
    .all()
    .await
}

/// A campaign's name.
pub async fn campaign_name(conn: &mut Conn, id: CampaignId) -> Result<String, sqlx::Error> {
    let (name,): (String,) = conn.sql("select name from campaigns where id = $1").bind(id).one().await?;
    Ok(name)
}

/// A package's name and value.
pub async fn package(conn: &mut Conn, id: PackageId) -> Result<(String, Dong), sqlx::Error> {
    conn.sql("select name, value from packages where id = $1").bind(id).one().await
}

/// What is in a package: quantity, decimals, unit, item.
pub async fn contents(conn: &mut Conn, id: PackageId) -> Result<Vec<(i64, i64, String, String)>, sqlx::Error> {
    conn.sql(
        "select l.quantity, i.decimals, i.unit, i.name from package_items l join items i on i.id = l.item_id
         where l.package_id = $1 order by i.name_key, i.id",
    )
    .bind(id)
    .all()
    .await
}
