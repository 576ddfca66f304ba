//! Single vouchers are read as far as a login reaches, voided, and given new papers.

use serde_json::json;

use crate::db::{Conn, Tx};
use crate::http::{Core, Cursor, Error, Result};
use crate::kernel::ids::{PointId, RoundId, VoucherId};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadVouchers, WriteVouchers};
use crate::people::{Permit, Staff};
use crate::vouchers::reach::{lock_voucher, seen_round, seen_voucher};
use crate::vouchers::reissue;
use crate::vouchers::store::vouchers as store;
use crate::vouchers::store::vouchers::Filter;
use crate::vouchers::typed_code::TypedCode;
use crate::vouchers::voucher::{FoundView, VoucherDetail, VoucherRow, VoucherStatus, VoucherView};

/// A page of a round's vouchers, by serial.
pub async fn page(
    conn: &mut Conn,
    permit: &Permit<ReadVouchers>,
    id: RoundId,
    (point_id, status): (Option<PointId>, Option<VoucherStatus>),
    cursor: Cursor,
) -> Result<Vec<VoucherView>> {
    let round = seen_round(conn, &permit.scope.points, id).await?;
    let (areas, points) = (permit.scope.areas.clone(), permit.named_points());
    let filter = Filter { point_id, status, areas, points };
    let rows = store::page(conn, id, round.number, &filter, cursor).await?;
    rows.into_iter().map(|row| Ok(VoucherView::try_from(row)?.seen_by(permit))).collect()
}

/// The voucher of a typed code, if there is one within reach.
pub async fn by_typed_code(
    conn: &mut Conn,
    permit: &Permit<ReadVouchers>,
    typed: TypedCode,
) -> Result<Option<FoundView>> {
    let Some((id, superseded)) = store::by_typed_code(conn, typed.as_str()).await? else { return Ok(None) };
    match seen_voucher(conn, permit, id).await {
        Ok(row) => {
            let voucher = VoucherView::try_from(row)?.seen_by(permit);
            Ok(Some(FoundView { voucher, superseded }))
        }
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A voucher with its history.
pub async fn reachable(conn: &mut Conn, permit: &Permit<ReadVouchers>, id: VoucherId) -> Result<VoucherDetail> {
    let row = seen_voucher(conn, permit, id).await?;
    detail(conn, permit, row).await
}

async fn detail(conn: &mut Conn, staff: &Staff, row: VoucherRow) -> Result<VoucherDetail> {
    let replaced_papers = store::replaced(conn, row.id).await?;
    Ok(VoucherDetail { voucher: VoucherView::try_from(row)?.seen_by(staff), replaced_papers })
}

/// Voids a voucher; doing it again changes nothing.
pub async fn void(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: VoucherId,
    reason: String,
) -> Result<VoucherDetail> {
    let row = lock_voucher(tx, permit, id).await?;
    let changed = reissue::void(tx, core, &row, reason, permit.id).await?;
    let now = seen_voucher(tx, permit, id).await?;
    let answer = detail(tx, permit, now).await?;
    if changed {
        audit::append(tx, &core.clock, permit.actor(), Act::on("void", "voucher", id.0)).await?;
        core.changed_after(tx);
    }
    Ok(answer)
}

/// Replaces a voucher's paper: the old one answers `superseded`.
pub async fn reissue(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: VoucherId,
    reason: String,
) -> Result<VoucherDetail> {
    let row = lock_voucher(tx, permit, id).await?;
    reissue::reissue(tx, core, &row, reason, permit.id).await?;
    let now = seen_voucher(tx, permit, id).await?;
    let act = Act::on("reissue", "voucher", id.0).with(json!({ "issue_number": now.issue_number }));
    let answer = detail(tx, permit, now).await?;
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    core.changed_after(tx);
    Ok(answer)
}
