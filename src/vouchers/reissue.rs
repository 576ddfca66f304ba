//! A voucher's paper: voided, or replaced by a new one; or all papers that a withdrawn key signed, replaced together.
//!
//! A voucher's row is locked before its redemptions are read, and a redemption locks the same row: whichever comes
//! first is what the other sees.

use std::collections::HashSet;

use serde::Serialize;

use super::code::VoucherCode;
use super::keyring;
use super::keys::SigningKey;
use super::signing::number;
use super::store::reissue::{NewPaper, OldPaper};
use super::store::{keys as key_store, reissue as many, vouchers as store};
use super::typed_code::TypedCode;
use super::voucher::{VoucherRow, VoucherStatus};
use crate::db::{Bytes, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{UserId, VoucherId};

/// How often a typed code that is taken is drawn again.
const DRAWS: usize = 8;
/// Papers replaced by the same statements.
const CHUNK: usize = 4_000;

/// What was reissued for a withdrawn key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReissuedAll {
    /// Vouchers that have a new paper.
    #[schema(example = 170)]
    pub reissued: u64,
    /// Vouchers that were issued 255 times already: void them and issue new ones.
    #[schema(example = 0)]
    pub left_out: u64,
}

/// Voids a locked voucher; false when it was void already. 409 when all of it was received.
pub async fn void(tx: &mut Tx, core: &Core, voucher: &VoucherRow, reason: String, by: UserId) -> Result<bool> {
    if voucher.status == VoucherStatus::Redeemed {
        return Err(already_redeemed());
    }
    Ok(store::void(tx, voucher.id, reason, by, core.clock.now()).await? == 1)
}

/// Replaces a locked voucher's paper: the old one answers `superseded` from now on. 409 when it is void or all of it
/// was received, or after 255 papers.
pub async fn reissue(tx: &mut Tx, core: &Core, voucher: &VoucherRow, reason: String, by: UserId) -> Result<()> {
    if voucher.status == VoucherStatus::Redeemed {
        return Err(already_redeemed());
    }
    if voucher.status == VoucherStatus::Void {
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

/// Replaces the papers of all vouchers that a withdrawn key signed and that are still good for something. 409 when the
/// key was not withdrawn.
pub async fn reissue_all(tx: &mut Tx, core: &Core, kid: u8, reason: &str, by: UserId) -> Result<ReissuedAll> {
    let withdrawn = key_store::one(tx, kid).await?.ok_or(Error::NotFound)?.withdrawn_at.is_some();
    if !withdrawn {
        return Err(Error::conflict(
            "key_not_withdrawn",
            "Khóa này chưa bị thu hồi, phiếu của nó vẫn dùng được. Hãy thu hồi khóa trước, hoặc cấp lại từng phiếu.",
            "This key was not withdrawn: its vouchers count. Withdraw it first, or reissue single vouchers.",
        ));
    }
    let key = keyring::active(tx, core).await?;
    let mut reissued = 0;
    let mut after = VoucherId(uuid::Uuid::nil());
    loop {
        let locked = many::lock_signed_by(tx, kid, after, CHUNK).await?;
        let Some(last) = locked.last() else { break };
        after = *last;
        let old = many::papers(tx, &locked).await?;
        let new = new_papers(tx, core, &key, &old).await?;
        many::keep_replaced(tx, &new, reason, by, core.clock.now()).await?;
        reissued += many::replace(tx, &new, key.kid()).await?;
    }
    let left_out = u64::try_from(key_store::issued_with(tx, kid).await?).unwrap_or(0);
    Ok(ReissuedAll { reissued, left_out })
}

/// New papers with typed codes that no other paper has or had.
async fn new_papers(tx: &mut Tx, core: &Core, key: &SigningKey, old: &[OldPaper]) -> Result<Vec<NewPaper>> {
    let mut drawn: HashSet<TypedCode> = HashSet::with_capacity(old.len());
    let mut draw = || {
        loop {
            let typed_code = TypedCode::random(&core.clock);
            if drawn.insert(typed_code) {
                return typed_code.as_str().to_owned();
            }
        }
    };
    let mut new = Vec::with_capacity(old.len());
    for paper in old {
        let code = VoucherCode {
            kid: key.kid(),
            round: number(paper.round_number)?,
            serial: number(paper.serial)?,
            issue: number(paper.issue_number + 1)?,
            package: number(paper.package_number)?,
            point: number(paper.point_number.unwrap_or(0))?,
            valid_from: paper.valid_from,
            valid_until: paper.valid_until,
            units: number(paper.units)?,
        };
        new.push(NewPaper {
            id: paper.id,
            issue_number: paper.issue_number + 1,
            signature: Bytes(code.signature(key, core.instance_id.as_bytes()).to_vec()),
            typed_code: draw(),
        });
    }
    for _ in 0..DRAWS {
        let taken: HashSet<VoucherId> = many::taken_codes(tx, &new).await?.into_iter().map(|(id,)| id).collect();
        if taken.is_empty() {
            return Ok(new);
        }
        new.iter_mut().filter(|paper| taken.contains(&paper.id)).for_each(|paper| paper.typed_code = draw());
    }
    Err(Error::internal("typed codes keep colliding"))
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
