//! The SQL of the doctor's checks. Each counts what contradicts something else.

use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::db::{Conn, Flavour};
use crate::kernel::Moment;

/// What the database says of its own pages, indexes and foreign keys; empty when it finds nothing.
pub async fn damage(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    match conn.flavour() {
        Flavour::Sqlite => {
            let text = "select integrity_check from pragma_integrity_check where integrity_check <> 'ok' limit 10";
            let mut found: Vec<(String,)> = conn.catalogue_sql(text.to_owned()).all().await?;
            let text = "select \"table\" || ' row ' || rowid || ' → ' || parent from pragma_foreign_key_check limit 10";
            let links: Vec<(Option<String>,)> = conn.catalogue_sql(text.to_owned()).all().await?;
            found.extend(links.into_iter().map(|(link,)| (link.unwrap_or_default(),)));
            Ok(found.into_iter().map(|(line,)| line).collect())
        }
        Flavour::Postgres => {
            let text = "select cast(c.relname as text) from pg_index i join pg_class c on c.oid = i.indexrelid
                        where c.relnamespace = current_schema()::regnamespace and not i.indisvalid limit 10";
            let found: Vec<(String,)> = conn.catalogue_sql(text.to_owned()).all().await?;
            Ok(found.into_iter().map(|(index,)| index).collect())
        }
    }
}

/// A value that can't be read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    pub table: &'static str,
    pub column: &'static str,
    /// The row's key.
    pub row: String,
}

/// Rows of a column whose text does not fit; so many at most. Each text is looked at once, however many rows have it.
pub async fn unreadable(
    conn: &mut Conn,
    (table, key, column): (&'static str, &[&'static str], &'static str),
    fits: impl Fn(&str) -> bool + Send,
    most: usize,
) -> Result<Vec<Unreadable>, sqlx::Error> {
    let text = format!("select distinct cast({column} as text) from {table} where {column} is not null");
    let mut wrong: Vec<String> = Vec::new();
    let mut texts = conn.catalogue_sql(text).stream::<(String,)>();
    while let Some((text,)) = texts.try_next().await? {
        if !fits(&text) && wrong.len() < most {
            wrong.push(text);
        }
    }
    drop(texts);
    let flavour = conn.flavour();
    let own = match flavour {
        Flavour::Sqlite => ["rowid"],
        Flavour::Postgres => ["ctid"],
    };
    let key = if key.is_empty() { &own } else { key };
    // SQLite keeps ids as bytes.
    let name = |part: &&str| match flavour {
        Flavour::Sqlite => format!("case typeof({part}) when 'blob' then hex({part}) else cast({part} as text) end"),
        Flavour::Postgres => format!("cast({part} as text)"),
    };
    let row = key.iter().map(name).collect::<Vec<_>>().join(" || ':' || ");
    let text = format!("select {row} from {table} where cast({column} as text) = $1 order by 1 limit 20");
    let mut found = Vec::new();
    for wrong in wrong {
        let rows: Vec<(String,)> = conn.catalogue_sql(text.clone()).bind(wrong).all().await?;
        found.extend(rows.into_iter().map(|(row,)| Unreadable { table, column, row: named(&row) }));
    }
    found.truncate(most);
    Ok(found)
}

/// A key as the rest of the program writes it.
fn named(key: &str) -> String {
    let part = |part: &str| Uuid::try_parse(part).map_or_else(|_| part.to_owned(), |id| id.to_string());
    key.split(':').map(part).collect::<Vec<_>>().join(":")
}

/// Points and lots whose level is not the ledger's sum, in either direction.
pub async fn wrong_levels(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from (
                    select point_id, lot_id from (
                        select point_id, lot_id, quantity from stock_entries
                        union all
                        select point_id, lot_id, -quantity from stock_levels
                    ) as moved group by point_id, lot_id having sum(quantity) <> 0
                ) as wrong",
        )
        .one()
        .await?;
    Ok(count)
}

/// Levels that name another item than their lot or are below zero and may not be; ledger entries whose lot, of their
/// item, or whose point is not there.
pub async fn wrong_lots(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select (select count(*) from stock_levels s join lots l on l.id = s.lot_id
                        where s.item_id <> l.item_id or s.expires_on <> l.expires_on or s.overdraft <> l.overdraft
                            or (s.quantity < 0 and not l.overdraft))
                     + (select count(*) from stock_entries e
                        where not exists (select 1 from lots l where l.id = e.lot_id and l.item_id = e.item_id)
                            or not exists (select 1 from points p where p.id = e.point_id))",
        )
        .one()
        .await?;
    Ok(count)
}

/// Handovers whose ledger entries are not exactly the package's contents times the units, and entries without a
/// handover.
pub async fn wrong_handovers(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from (
                    select nonce, item_id from (
                        select s.nonce as nonce, p.item_id as item_id, p.quantity * s.units as quantity
                        from scans s join package_items p on p.package_id = s.package_id
                        where s.handover is not null
                        union all
                        select source_id, item_id, quantity from stock_entries where reason = 'redemption'
                    ) as moved group by nonce, item_id having sum(quantity) <> 0
                ) as wrong",
        )
        .one()
        .await?;
    Ok(count)
}

/// Reversals whose ledger entries are not exactly what the handover took, and entries without a reversal.
pub async fn wrong_reversals(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from (
                    select nonce, item_id from (
                        select s.nonce as nonce, p.item_id as item_id, -(p.quantity * s.units) as quantity
                        from reversals r join scans s on s.nonce = r.nonce
                            join package_items p on p.package_id = s.package_id
                        where s.handover is not null
                        union all
                        select source_id, item_id, quantity from stock_entries where reason = 'reversal'
                    ) as moved group by nonce, item_id having sum(quantity) <> 0
                ) as wrong",
        )
        .one()
        .await?;
    Ok(count)
}

/// Scans whose voucher, round, package, point, login or phone is not there.
pub async fn scans_of_nothing(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from scans s
             where (s.voucher_id is not null and not exists (select 1 from vouchers v where v.id = s.voucher_id))
                or (s.round_id is not null and not exists (select 1 from rounds r where r.id = s.round_id))
                or (s.package_id is not null and not exists (select 1 from packages p where p.id = s.package_id))
                or not exists (select 1 from points p where p.id = s.point_id)
                or (s.user_id is not null and not exists (select 1 from users u where u.id = s.user_id))
                or (s.device_id is not null and not exists (select 1 from devices d where d.id = s.device_id))",
        )
        .one()
        .await?;
    Ok(count)
}

/// Vouchers handed out for more units than they have, without a conflict that tells of it.
pub async fn unnoticed_excess(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from (
                    select v.id from vouchers v join handovers s on s.voucher_id = v.id
                    where not exists (select 1 from conflicts c where c.voucher_id = v.id)
                    group by v.id, v.units having sum(s.units) > v.units
                ) as excess",
        )
        .one()
        .await?;
    Ok(count)
}

/// Conflicts that nobody resolved yet.
pub async fn open_conflicts(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from conflicts where resolved_at is null").one().await?;
    Ok(count)
}

/// Phones of which more records are counted than were taken from them.
pub async fn wrong_chains(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from device_chains d
                where d.sequence > (select count(distinct r.sequence) from chain_records r
                    where r.device_id = d.device_id and r.sequence <= d.sequence)",
        )
        .one()
        .await?;
    Ok(count)
}

/// The newest moment that the server's own clock ever wrote.
pub async fn newest_moment(conn: &mut Conn) -> Result<Option<Moment>, sqlx::Error> {
    let (moment,): (Option<Moment>,) = conn
        .sql(
            "select max(moment) from (
                    select max(at) as moment from audit_entries union all select max(received_at) from scans
                ) as newest",
        )
        .one()
        .await?;
    Ok(moment)
}

/// A signing key as stored.
#[derive(sqlx::FromRow)]
pub struct StoredKey {
    /// Its id in the code on paper.
    pub kid: i64,
    /// Its public half.
    pub public_key: Vec<u8>,
    /// Its seed, sealed.
    pub secret_sealed: Vec<u8>,
    /// When it signed its last voucher.
    pub retired_at: Option<Moment>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Moment>,
}

/// Every signing key; there are at most 255.
pub async fn signing_keys(conn: &mut Conn) -> Result<Vec<StoredKey>, sqlx::Error> {
    conn.sql("select kid, public_key, secret_sealed, retired_at, withdrawn_at from signing_keys order by kid")
        .all()
        .await
}

/// How many vouchers there are.
pub async fn vouchers(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from vouchers").one().await?;
    Ok(count)
}

/// Some sealed phone number, and some sealed id number.
pub async fn sealed_samples(conn: &mut Conn) -> Result<[Option<Vec<u8>>; 3], sqlx::Error> {
    let (phone, citizen_id, replay_key) = conn
        .sql(
            "select (select phone_sealed from households where phone_sealed is not null limit 1),
                 (select citizen_sealed from households where citizen_sealed is not null limit 1),
                 (select sealed from replay_key)",
        )
        .one()
        .await?;
    Ok([phone, citizen_id, replay_key])
}
