//! SQL that several parts of this room share: numbers on papers, and points to choose from.

use serde::Serialize;

use crate::db::{Conn, Tx};
use crate::kernel::ids::PointId;

/// What is numbered, without gaps, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// Packages: 16 bits in the code on a voucher.
    Package,
    /// Donations.
    Donation,
    /// Transfers.
    Transfer,
}

impl Numbered {
    const fn name(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Donation => "donation",
            Self::Transfer => "transfer",
        }
    }
}

/// A record's id as a row of a bound table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct IdRow<T> {
    /// The id.
    pub id: T,
}

/// Ids as rows of a bound table.
pub fn id_rows<T: Copy>(ids: &[T]) -> Vec<IdRow<T>> {
    ids.iter().map(|id| IdRow { id: *id }).collect()
}

/// Takes the next `count` numbers of a kind; the first of them. They are given back when the transaction is undone.
pub async fn take_numbers(tx: &mut Tx, kind: Numbered, count: i64) -> Result<i64, sqlx::Error> {
    let (last,): (i64,) = tx
        .sql("update goods_numbers set last = last + $2 where kind = $1 returning last")
        .bind(kind.name())
        .bind(count)
        .one()
        .await?;
    Ok(last - count + 1)
}

/// The open warehouses, two at most: to know whether there is exactly one.
pub async fn first_warehouses(conn: &mut Conn) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql("select id from points where kind = 'warehouse' and closed_at is null order by id limit 2")
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// An open point, for forms and headings.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    /// Its id.
    pub id: PointId,
    /// Its name.
    pub name: String,
    /// `warehouse` or `distribution`.
    pub kind: String,
}

/// Visible points in the order of their numbers, warehouses in front; closed ones too when asked for.
pub async fn places(
    conn: &mut Conn,
    points: &[IdRow<PointId>],
    every_point: bool,
    closed: bool,
) -> Result<Vec<Place>, sqlx::Error> {
    conn.sql(
        "select id, name, kind from points
         where ($3 or closed_at is null) and ($2 or id in (select w.id from rows($1: id uuid) as w))
         order by case when kind = 'warehouse' then 0 else 1 end, number limit 5000",
    )
    .bind_rows(points)
    .bind(every_point)
    .bind(closed)
    .all()
    .await
}
