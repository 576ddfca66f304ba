//! The SQL of replacing many papers at once.

use serde::Serialize;

use crate::db::{Bytes, Conn, Tx, id_rows};
use crate::kernel::ids::{UserId, VoucherId};
use crate::kernel::{Day, Moment};

/// Locks the next issued vouchers that a key signed, in the order of their ids. Redemptions lock the same rows, so
/// that what is read after this stays true.
pub async fn lock_signed_by(
    tx: &mut Tx,
    kid: u8,
    after: VoucherId,
    limit: usize,
) -> Result<Vec<VoucherId>, sqlx::Error> {
    let rows: Vec<(VoucherId,)> = tx
        .sql("select id from vouchers where kid = $1 and status = 'issued' and id > $2 order by id limit $3 {for update}")
        .bind(i64::from(kid))
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A paper that is to be replaced: what its code says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OldPaper {
    pub id: VoucherId,
    /// The round's number.
    pub round_number: i64,
    /// The voucher's serial in the round.
    pub serial: i64,
    /// Which paper of the voucher it is, 1 to 254.
    pub issue_number: i64,
    /// The package's number.
    pub package_number: i64,
    /// The point's number; nothing: any.
    pub point_number: Option<i64>,
    /// Packages the voucher is good for.
    pub units: i64,
    /// First day.
    pub valid_from: Day,
    /// Last day, inclusive.
    pub valid_until: Day,
}

/// The papers of locked vouchers that are still good for something and may have another paper.
pub async fn papers(conn: &mut Conn, vouchers: &[VoucherId]) -> Result<Vec<OldPaper>, sqlx::Error> {
    conn.sql(
        "select v.id, v.round_number, v.serial, v.issue_number, k.number as package_number, p.number as point_number,
             v.units, v.valid_from, v.valid_until
         from rows($1: id uuid) as r join voucher_state v on v.id = r.id join rounds d on d.id = v.round_id
         join packages k on k.id = d.package_id left join points p on p.id = v.point_id
         where v.status = 'issued' and v.issue_number < 255 and v.remaining > 0",
    )
    .bind_rows(&id_rows(vouchers))
    .all()
    .await
}

/// A paper that replaces another.
#[derive(Clone, Debug, Serialize)]
pub struct NewPaper {
    pub id: VoucherId,
    /// Which paper of the voucher it is.
    pub issue_number: i64,
    /// 64 bytes.
    pub signature: Bytes,
    /// 10 symbols.
    pub typed_code: String,
}

/// The vouchers whose new typed code another paper has or had.
pub async fn taken_codes(conn: &mut Conn, papers: &[NewPaper]) -> Result<Vec<(VoucherId,)>, sqlx::Error> {
    conn.sql(
        "select n.id from rows($1: id uuid, typed_code text) as n
         where exists (select 1 from vouchers v where v.typed_code = n.typed_code)
            or exists (select 1 from replaced_papers p where p.typed_code = n.typed_code)",
    )
    .bind_rows(papers)
    .all()
    .await
}

/// Keeps the papers that are about to be replaced.
pub async fn keep_replaced(
    tx: &mut Tx,
    papers: &[NewPaper],
    reason: &str,
    by: UserId,
    at: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into replaced_papers (voucher_id, issue_number, typed_code, reason, replaced_by, replaced_at)
         select v.id, v.issue_number, v.typed_code, $2, $3, $4 from rows($1: id uuid) as n
         join vouchers v on v.id = n.id",
    )
    .bind_rows(papers)
    .bind(reason.to_owned())
    .bind(by)
    .bind(at)
    .execute()
    .await
}

/// Gives vouchers their new papers, signed with a key.
pub async fn replace(tx: &mut Tx, papers: &[NewPaper], kid: u8) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update vouchers set issue_number = n.issue_number, kid = $2, signature = n.signature,
             typed_code = n.typed_code
         from rows($1: id uuid, issue_number bigint, signature bytea, typed_code text) as n
         where vouchers.id = n.id",
    )
    .bind_rows(papers)
    .bind(i64::from(kid))
    .execute()
    .await
}
