//! The SQL of reversals.

use uuid::Uuid;

use super::view::ReversalView;
use crate::db::{Conn, Tx};
use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, PointId, UserId};
use crate::redemption::scan::Operator;

/// A handover to be undone.
#[derive(Debug, sqlx::FromRow)]
pub struct Handover {
    /// The nonce that it is kept under.
    pub nonce: Uuid,
    /// Its number within the voucher; nothing: the scan was refused.
    pub handover: Option<i64>,
    /// The server's clock.
    pub received_at: Moment,
    user_id: Option<UserId>,
    device_id: Option<DeviceId>,
    pub point_id: PointId,
    pub voucher_id: Option<Uuid>,
}

impl Handover {
    /// Who handed out.
    pub fn operator(&self) -> Operator {
        match (self.device_id, self.user_id) {
            (Some(id), _) => Operator::Device { id, revoked_at: None },
            (None, user) => Operator::User(user.unwrap_or(UserId(Uuid::nil()))),
        }
    }
}

/// The handover, its voucher locked. One that was refused when it was asked, or undone, and made all the same is kept
/// under `fact`.
pub async fn lock_handover(tx: &mut Tx, nonce: Uuid, fact: Uuid) -> Result<Option<Handover>, sqlx::Error> {
    let found: Option<Handover> = tx
        .sql(
            "select s.nonce, s.handover, s.received_at, s.user_id, s.device_id, s.point_id, s.voucher_id
             from scans s left join reversals z on z.nonce = s.nonce
             where s.nonce = $1 or s.nonce = $2
             order by case when s.handover is null then 2 when z.nonce is not null then 1 else 0 end limit 1",
        )
        .bind(nonce)
        .bind(fact)
        .optional()
        .await?;
    if let Some(voucher_id) = found.as_ref().and_then(|handover| handover.voucher_id) {
        let _: Option<(Uuid,)> =
            tx.sql("select id from vouchers where id = $1 {for update}").bind(voucher_id).optional().await?;
    }
    Ok(found)
}

/// The reversal of a handover.
pub async fn reversal(conn: &mut Conn, nonce: Uuid) -> Result<Option<ReversalView>, sqlx::Error> {
    conn.sql("select nonce, reason, at from reversals where nonce = $1").bind(nonce).optional().await
}

/// Stores a reversal.
pub async fn insert(tx: &mut Tx, nonce: Uuid, reason: &str, by: Operator, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("insert into reversals (nonce, reason, user_id, device_id, at) values ($1, $2, $3, $4, $5)")
        .bind(nonce)
        .bind(reason.to_owned())
        .bind(by.user_id())
        .bind(by.device_id())
        .bind(now)
        .execute()
        .await
}
