//! The rows behind each figure. Their `count` and `value` add up to the figure.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::super::period::Bounds;
use crate::db::Conn;
use crate::donations::LineKind;
use crate::http::Cursor;
use crate::kernel::ids::ItemId;
use crate::kernel::text_column::text_column;
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Day, Dong, Moment, Month};

text_enum! {
    /// What kind of movement a row behind a figure is.
    #[schema(as = ReportRowKind)]
    pub enum RowKind {
        /// Goods of a donation.
        Goods = "goods",
        /// Packages of a donation.
        Packages = "packages",
        /// Money of a donation.
        Cash = "cash",
        /// Handed out online.
        Online = "online",
        /// Handed out without a network.
        Offline = "offline",
        /// Handed out by a paper list.
        Roster = "roster",
        /// Handed out against a refusal.
        Override = "override",
        /// Rent cut by an amount.
        Amount = "amount",
        /// Rent cut by a share.
        Percent = "percent",
        /// All of the rent waived.
        Waiver = "waiver",
        /// An item given by donors.
        Received = "received",
        /// An item handed out.
        HandedOut = "handed_out",
        /// An item that went bad.
        Spoiled = "spoiled",
        /// An item counted, lost or corrected.
        Adjusted = "adjusted",
    }
}

/// The day of a row, or the month.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Day(Day),
    Month(Month),
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Month(month) => month.fmt(f),
        }
    }
}

impl FromStr for On {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let month = || Month::parse(text).map(Self::Month);
        Day::parse(text).map(Self::Day).or_else(|_| month()).map_err(|_| "it is no day and no month")
    }
}

text_column!(On);

/// One row behind a figure, as stored.
#[derive(Debug, sqlx::FromRow)]
pub struct FigureRow {
    /// The row's id, in whose order listings go.
    pub id: Uuid,
    /// The day or month, where the row has one.
    pub day: Option<On>,
    /// The moment, where the row has one.
    pub at: Option<Moment>,
    /// What kind of movement.
    pub kind: RowKind,
    /// Donor, round, room or reason.
    pub label: String,
    /// Packages, room-months, or the item's smallest unit.
    pub count: i64,
    /// Đồng.
    pub value: Dong,
    /// The record it belongs to: donation, redemption, reduction.
    pub record_id: Uuid,
    /// The room of a rent line.
    pub room_id: Option<Uuid>,
}

/// Donation lines of one kind. Donors who wish to stay unnamed are not named.
pub async fn donated(
    conn: &mut Conn,
    bounds: &Bounds,
    kind: LineKind,
    cursor: Cursor,
) -> Result<Vec<FigureRow>, sqlx::Error> {
    conn.sql(
        "select l.id, d.received_on as day, cast(null as bigint) as at, l.kind,
             case when o.anonymous then 'Ẩn danh' else o.name end as label, l.quantity as count, l.value,
             d.id as record_id, cast(null as uuid) as room_id
         from donation_lines l join donations d on d.id = l.donation_id join donors o on o.id = d.donor_id
         where l.kind = $1 and d.received_on between $2 and $3 and l.id > $4 order by l.id limit $5",
    )
    .bind(kind)
    .bind(bounds.first_day.clone())
    .bind(bounds.last_day.clone())
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// Handovers that were not undone.
pub async fn handed_out(conn: &mut Conn, bounds: &Bounds, cursor: Cursor) -> Result<Vec<FigureRow>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
             select id from areas where id = $5
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select s.nonce as id, cast(null as text) as day,
             s.happened_at as at,
             s.source as kind, coalesce(r.name, '') as label, s.units as count,
             cast(coalesce(s.units * p.value, 0) as bigint) as value, s.nonce as record_id,
             cast(null as uuid) as room_id
         from handovers s left join packages p on p.id = s.package_id left join rounds r on r.id = s.round_id
         where s.happened_at >= $1 and s.happened_at < $2
             and s.nonce > $3
             and (cast($5 as uuid) is null or s.voucher_id in (
                 select v.id from vouchers v join households h on h.id = v.household_id
                 where h.area_id in (select id from below)))
         order by s.nonce limit $4",
    )
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(cursor.after)
    .bind(cursor.fetch)
    .bind(bounds.area_id)
    .replan()
    .all()
    .await
}

/// What was given, handed out, spoiled and corrected of one item. `kind` says which; handed out and spoiled are
/// positive, as in the figure.
pub async fn goods(
    conn: &mut Conn,
    bounds: &Bounds,
    item_id: ItemId,
    cursor: Cursor,
) -> Result<Vec<FigureRow>, sqlx::Error> {
    conn.sql(
        "select id, day, at, kind, label, count, value, record_id, room_id from (
             select l.id, d.received_on as day, cast(null as bigint) as at, 'received' as kind, 'goods' as label,
                 l.quantity as count, l.value, d.id as record_id, cast(null as uuid) as room_id
             from donation_lines l join donations d on d.id = l.donation_id
             where l.item_id = $1 and d.received_on between $2 and $3
             union all
             select l.id, d.received_on, cast(null as bigint), 'received', 'packages', l.quantity * c.quantity,
                 cast(0 as bigint), d.id, cast(null as uuid)
             from donation_lines l join donations d on d.id = l.donation_id
             join package_items c on c.package_id = l.package_id
             where l.kind = 'packages' and c.item_id = $1 and d.received_on between $2 and $3
             union all
             select e.id, cast(null as text), e.at,
                 case when e.reason in ('redemption', 'reversal') then 'handed_out'
                      when e.reason = 'spoiled' then 'spoiled' else 'adjusted' end,
                 e.reason,
                 case when e.reason in ('redemption', 'reversal', 'spoiled') then -e.quantity else e.quantity end,
                 cast(0 as bigint), e.source_id, cast(null as uuid)
             from stock_entries e
             where e.item_id = $1 and e.at >= $4 and e.at < $5 and e.reason not in ('donation', 'transfer')
         ) u where u.id > $6 order by u.id limit $7",
    )
    .bind(item_id)
    .bind(bounds.first_day.clone())
    .bind(bounds.last_day.clone())
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}
