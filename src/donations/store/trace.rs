//! The SQL that follows a donor's goods. Who received them is asked of the handovers, which lie above this feature: a
//! donor asks where the gift went.

use serde::Serialize;

use crate::db::Conn;
use crate::donations::trace::{Came, Went};
use crate::kernel::ids::{DonorId, LotId};

/// Entries in, and papers out, that are followed at most.
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

/// Every paper by which goods left these lots for good, in the order it happened; what was handed out and undone did
/// not leave.
pub async fn went(conn: &mut Conn, lots: &[LotId]) -> Result<Vec<Went>, sqlx::Error> {
    #[derive(Serialize)]
    struct Row {
        lot_id: LotId,
        n: i64,
    }
    let rows: Vec<Row> = lots.iter().zip(0..).map(|(lot_id, n)| Row { lot_id: *lot_id, n }).collect();
    // A handover takes from a lot for each of its package's items: they are brought together before anybody looks whose
    // it was. Tens of thousands of rows would take longer to pass than to find: one text holds them.
    let (text,): (Option<String>,) = conn
        .sql(
            "with followed as materialized (
                 select r.lot_id, r.n from rows($1: lot_id uuid, n bigint) as r
             ), papers as materialized (
                 select e.source_id, min(e.at) as at, string_agg(l.n || ' ' || -e.quantity, ' ') as taken
                 from stock_entries e join followed l on l.lot_id = e.lot_id
                 where e.quantity < 0 and e.reason <> 'transfer' group by e.source_id
             ), gone as (
                 select p.at, p.source_id, {cast(h.household_id as text)}{sqlite: hex(h.household_id)} as household,
                     p.taken
                 from papers p join all_handovers h on h.nonce = p.source_id where h.reversed_at is null
                 union all
                 select p.at, p.source_id, null, p.taken from papers p
                 where not exists (select 1 from all_handovers h where h.nonce = p.source_id)
             )
             select string_agg(w.line, ';')
             from (
                 select coalesce(g.household, '-') || ' ' || g.taken as line
                 from gone g order by g.at, g.source_id limit $2
             ) w",
        )
        .bind_rows(&rows)
        .bind(MAX_ENTRIES)
        .replan()
        .one()
        .await?;
    let lines = text.iter().flat_map(|text| text.split(';'));
    Ok(lines.filter_map(Went::read).collect())
}
