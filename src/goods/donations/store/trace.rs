//! The SQL that follows a donor's goods. Who received them is read from the scans' and vouchers' tables, which lie
//! above this room: a donor asks where the gift went.

use crate::db::Conn;
use crate::goods::donations::DonorId;
use crate::goods::donations::trace::{Came, Went};

/// Entries that are followed at most.
const MAX_ENTRIES: i64 = 100_000;

/// Everything that entered the lots that a donor gave to, in the order it did.
pub async fn came(conn: &mut Conn, donor_id: DonorId) -> Result<Vec<Came>, sqlx::Error> {
    conn.sql(
        "select e.lot_id, e.item_id, i.name, i.unit, i.decimals, e.quantity,
             coalesce(d.donor_id = $1, false) as mine
         from stock_entries e join items i on i.id = e.item_id left join donations d on d.id = e.source_id
         where e.lot_id in (
                 select x.lot_id from stock_entries x join donations y on y.id = x.source_id
                 where y.donor_id = $1 and x.reason <> 'redemption')
             and e.quantity > 0 and e.reason not in ('transfer', 'reversal') order by e.id limit $2",
    )
    .bind(donor_id)
    .bind(MAX_ENTRIES)
    .all()
    .await
}

/// Everything that left these lots for good, in the order it did; what was handed out and undone did not leave.
pub async fn went(conn: &mut Conn, donor_id: DonorId) -> Result<Vec<Went>, sqlx::Error> {
    conn.sql(
        "select e.lot_id, -e.quantity as quantity, v.household_id
         from stock_entries e
         left join scans s on s.nonce = e.source_id left join vouchers v on v.id = s.voucher_id
         where e.lot_id in (
                 select x.lot_id from stock_entries x join donations y on y.id = x.source_id
                 where y.donor_id = $1 and x.reason <> 'redemption')
             and e.quantity < 0 and e.reason <> 'transfer'
             and not exists (select 1 from reversals u where u.nonce = e.source_id)
         order by e.id limit $2",
    )
    .bind(donor_id)
    .bind(MAX_ENTRIES)
    .all()
    .await
}
