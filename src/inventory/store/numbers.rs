//! The numbers on papers, without gaps.

use crate::db::Tx;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// What is numbered, without gaps, from 1.
    pub enum Numbered {
        /// Packages: 16 bits in the code on a voucher.
        Package = "package",
        /// Donations.
        Donation = "donation",
        /// Transfers.
        Transfer = "transfer",
    }
}

/// Takes the next `count` numbers of a kind; the first of them. They are given back when the transaction is undone.
pub async fn take_numbers(tx: &mut Tx, kind: Numbered, count: i64) -> Result<i64, sqlx::Error> {
    let (last,): (i64,) = tx
        .sql("update goods_numbers set last = last + $2 where kind = $1 returning last")
        .bind(kind)
        .bind(count)
        .one()
        .await?;
    Ok(last - count + 1)
}
