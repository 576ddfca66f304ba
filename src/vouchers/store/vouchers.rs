//! The SQL of single vouchers: looked at, voided, reissued.

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, PointId, RoundId, UserId, VoucherId};
use crate::kernel::{Moment, Within};
use crate::vouchers::voucher::{ReplacedPaper, VoucherRow, VoucherStatus};

/// Which vouchers of a round are asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only those of this point.
    pub point_id: Option<PointId>,
    /// Only those in this state.
    pub status: Option<VoucherStatus>,
    /// Only those of households in these areas.
    pub areas: Within<AreaId>,
    /// Only those that count at one of these points, or at any.
    pub points: Within<PointId>,
}

/// A page of a round's vouchers, in the order of their serials.
pub async fn page(
    conn: &mut Conn,
    round_id: RoundId,
    round_number: i64,
    filter: &Filter,
    cursor: Cursor,
) -> Result<Vec<VoucherRow>, sqlx::Error> {
    let found: Vec<(VoucherId,)> = conn
        .sql(
            "select v.id from voucher_state v join households h on h.id = v.household_id
             where v.round_number = $1 and v.round_id = $2
                 and v.serial > coalesce((select c.serial from vouchers c where c.id = $3), 0)
                 and (v.point_id = $4 or cast($4 as uuid) is null)
                 and {in $5: h.area_id}
                 and (cast($7 as text) is null or v.state = $7)
                 and (v.point_id is null or {in $9: v.point_id})
             order by v.serial limit $8",
        )
        .bind(round_number)
        .bind(round_id)
        .bind(cursor.after)
        .bind(filter.point_id)
        .within(&filter.areas)
        .bind(filter.status)
        .bind(cursor.fetch)
        .within(&filter.points)
        .all()
        .await?;
    let ids: Vec<VoucherId> = found.into_iter().map(|(id,)| id).collect();
    by_ids(conn, &filter.areas, &filter.points, &ids).await
}

/// One voucher of a household in these areas that counts at one of these points, or at any of a round of one.
pub async fn one(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    points: &Within<PointId>,
    id: VoucherId,
) -> Result<Option<VoucherRow>, sqlx::Error> {
    Ok(by_ids(conn, areas, points, &[id]).await?.pop())
}

/// Such vouchers by their ids, in the order of their serials; unknown ids are left out.
async fn by_ids(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    points: &Within<PointId>,
    ids: &[VoucherId],
) -> Result<Vec<VoucherRow>, sqlx::Error> {
    conn.sql(
        "select v.id, v.round_id, v.round_number, v.serial, v.issue_number, k.number as package_number, v.point_id,
             p.number as point_number, v.units, v.redeemed as units_redeemed, v.slot_at, v.slot_ends_at, v.valid_from,
             v.valid_until, v.kid, v.signature, v.typed_code,
             case when v.status = 'issued' and v.redeemed >= v.units then 'redeemed' else v.status end as status,
             v.void_reason, v.voided_at, v.issued_at, v.household_id, h.head_name, h.address, h.area_id, a.name as area
         from rows($1: id uuid) as w
         join voucher_state v on v.id = w.id
         join rounds r on r.id = v.round_id
         join packages k on k.id = r.package_id
         join households h on h.id = v.household_id
         join areas a on a.id = h.area_id
         left join points p on p.id = v.point_id
         where {in $2: h.area_id}
             and ({in $4: v.point_id} or (v.point_id is null and exists (select 1 from round_points q
                 where q.round_id = v.round_id and {in $4: q.point_id})))
         order by v.serial",
    )
    .bind_rows(&id_rows(ids))
    .within(areas)
    .within(points)
    .all()
    .await
}

/// The voucher that carries a typed code, or carried it on a paper that was replaced, and whether it did so only then.
pub async fn by_typed_code(conn: &mut Conn, typed_code: &str) -> Result<Option<(VoucherId, bool)>, sqlx::Error> {
    conn.sql(
        "select id, false from vouchers where typed_code = $1
         union all select voucher_id, true from replaced_papers where typed_code = $1",
    )
    .bind(typed_code.to_owned())
    .optional()
    .await
}

/// The voucher of a serial in a round, with the number of its present paper.
pub async fn by_serial(
    conn: &mut Conn,
    round_number: u32,
    serial: u32,
) -> Result<Option<(VoucherId, i64)>, sqlx::Error> {
    conn.sql("select id, issue_number from vouchers where round_number = $1 and serial = $2")
        .bind(i64::from(round_number))
        .bind(i64::from(serial))
        .optional()
        .await
}

/// Locks a voucher of a household in these areas that counts at one of these points, or at any of a round of one, until
/// the transaction ends; false when there is none. Redemptions lock the same row, so that what is read after this stays
/// true.
pub async fn lock(
    tx: &mut Tx,
    areas: &Within<AreaId>,
    points: &Within<PointId>,
    id: VoucherId,
) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = tx
        .sql(
            "select v.serial from vouchers v
             where v.id = $1
                 and exists (select 1 from households h where h.id = v.household_id and {in $2: h.area_id})
                 and ({in $4: v.point_id} or (v.point_id is null and exists (select 1 from round_points q
                     where q.round_id = v.round_id and {in $4: q.point_id})))
             {for update of v}",
        )
        .bind(id)
        .within(areas)
        .within(points)
        .optional()
        .await?;
    Ok(found.is_some())
}

/// Voids an issued voucher.
pub async fn void(tx: &mut Tx, id: VoucherId, reason: String, by: UserId, at: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update vouchers set status = 'void', void_reason = $2, voided_by = $3, voided_at = $4
         where id = $1 and status = 'issued'",
    )
    .bind(id)
    .bind(reason)
    .bind(by)
    .bind(at)
    .execute()
    .await
}

/// Keeps the paper that a reissue replaces.
pub async fn keep_replaced(
    tx: &mut Tx,
    voucher: &VoucherRow,
    reason: String,
    by: UserId,
    at: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into replaced_papers (voucher_id, issue_number, typed_code, reason, replaced_by, replaced_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(voucher.id)
    .bind(voucher.issue_number)
    .bind(voucher.typed_code.clone())
    .bind(reason)
    .bind(by)
    .bind(at)
    .execute()
    .await
}

/// Gives a voucher its next paper.
pub async fn reissue(
    tx: &mut Tx,
    id: VoucherId,
    issue_number: i64,
    kid: i64,
    signature: Vec<u8>,
    typed_code: String,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update vouchers set issue_number = $2, kid = $3, signature = $4, typed_code = $5
         where id = $1 and status = 'issued'",
    )
    .bind(id)
    .bind(issue_number)
    .bind(kid)
    .bind(signature)
    .bind(typed_code)
    .execute()
    .await
}

/// The papers of a voucher that were replaced, oldest first; at most 254.
pub async fn replaced(conn: &mut Conn, id: VoucherId) -> Result<Vec<ReplacedPaper>, sqlx::Error> {
    conn.sql(
        "select issue_number, reason, replaced_at from replaced_papers where voucher_id = $1 order by issue_number",
    )
    .bind(id)
    .all()
    .await
}
