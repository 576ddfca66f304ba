//! One voucher's paper: voided, or replaced by a new one.
//!
//! The voucher's row is locked before its redemptions are read, and a redemption locks the same row: whichever comes
//! first is what the other sees.

use crate::db::Tx;
use crate::people::UserId;
use crate::web::{Core, Error, Result};

use super::code::VoucherCode;
use super::store::vouchers as store;
use super::typed_code::TypedCode;
use super::voucher::{VoucherRow, VoucherStatus};
use super::{VoucherId, keyring};

/// How often a typed code that is taken is drawn again.
const DRAWS: usize = 8;

/// Locks a voucher and reads it as it then is.
pub async fn locked(tx: &mut Tx, id: VoucherId) -> Result<VoucherRow> {
    if !store::lock(tx, id).await? {
        return Err(Error::NotFound);
    }
    store::one(tx, id).await?.ok_or(Error::NotFound)
}

/// Voids a locked voucher; false when it was void already. 409 when all of it was received.
pub async fn void(tx: &mut Tx, core: &Core, voucher: &VoucherRow, reason: String, by: UserId) -> Result<bool> {
    if voucher.status == VoucherStatus::Redeemed.name() {
        return Err(already_redeemed());
    }
    Ok(store::void(tx, voucher.id, reason, by, core.clock.now()).await? == 1)
}

/// Replaces a locked voucher's paper: the old one answers `superseded` from now on. 409 when it is void or all of it
/// was received, or after 255 papers.
pub async fn reissue(tx: &mut Tx, core: &Core, voucher: &VoucherRow, reason: String, by: UserId) -> Result<()> {
    if voucher.status == VoucherStatus::Redeemed.name() {
        return Err(already_redeemed());
    }
    if voucher.status == VoucherStatus::Void.name() {
        return Err(Error::conflict(
            "void",
            "Phiếu này đã hủy, không cấp lại được. Hãy phát phiếu mới cho hộ.",
            "This voucher is void and can't be reissued. Issue a new one to the household.",
        ));
    }
    let issue = u8::try_from(voucher.issue_number + 1).map_err(|_| {
        Error::conflict(
            "reissued_too_often",
            "Phiếu này đã cấp lại 255 lần. Hãy hủy phiếu rồi phát phiếu mới.",
            "This voucher was issued 255 times. Void it and issue a new one.",
        )
    })?;
    let key = keyring::active(tx, core).await?;
    let code = VoucherCode { kid: key.kid(), issue, ..voucher.claims()? };
    let signature = code.signature(&key, core.instance_id.as_bytes());
    let typed_code = free_typed_code(tx, core).await?;
    store::keep_replaced(tx, voucher, reason, by, core.clock.now()).await?;
    let (kid, typed_code) = (i64::from(key.kid()), typed_code.as_str().to_owned());
    store::reissue(tx, voucher.id, i64::from(issue), kid, signature.to_vec(), typed_code).await?;
    Ok(())
}

async fn free_typed_code(tx: &mut Tx, core: &Core) -> Result<TypedCode> {
    for _ in 0..DRAWS {
        let drawn = TypedCode::random(&core.clock);
        if store::by_typed_code(tx, drawn.as_str()).await?.is_none() {
            return Ok(drawn);
        }
    }
    Err(Error::internal("typed codes keep colliding"))
}

fn already_redeemed() -> Error {
    Error::conflict(
        "already_redeemed",
        "Phiếu này đã nhận hàng. Nếu xác nhận nhầm, hãy hoàn tác lượt nhận trước.",
        "This voucher was redeemed. If that was a mistake, undo the redemption first.",
    )
}
