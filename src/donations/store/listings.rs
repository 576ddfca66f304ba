//! The SQL that lists donations and donors: for the API in the order of ids, for pages as their tables are sorted.

use super::donations::{HeadRow, with_lines};
use crate::db::{Conn, Query};
use crate::donations::donation::{Donation, LineKind};
use crate::donations::donor::{Donor, DonorKind};
use crate::http::Cursor;
use crate::kernel::ids::{CampaignId, DonorId, PointId};
use crate::kernel::{Day, Dong, Within};

/// Which donations are asked for; nothing: all.
#[derive(Clone, Debug, Default)]
pub struct DonationFilter {
    /// Only for one campaign.
    pub campaign_id: Option<CampaignId>,
    /// Only of one donor.
    pub donor_id: Option<DonorId>,
    /// Only with one import.
    pub import_id: Option<uuid::Uuid>,
    /// Only received on this day or later.
    pub from: Option<Day>,
    /// Only received on this day or earlier.
    pub to: Option<Day>,
    /// Only with a thing of one kind.
    pub kind: Option<LineKind>,
    /// Only of donors whose folded name holds this.
    pub donor_key: Option<String>,
    /// Whether `donor_key` finds donors who do not want to be named.
    pub finds_anonymous: bool,
}

/// A page of donations that entered at one of these points or at none, in the order of their ids.
pub async fn donations(
    conn: &mut Conn,
    filter: &DonationFilter,
    points: &Within<PointId>,
    cursor: Cursor,
) -> Result<Vec<Donation>, sqlx::Error> {
    let rows: Vec<HeadRow> = conn
        .sql(
            "select d.id, d.number, d.campaign_id, d.donor_id, o.name as donor_name, o.kind as donor_kind, o.anonymous,
                 d.received_on, d.point_id, d.condition, d.import_id, d.created_at
             from donations d join donors o on o.id = d.donor_id
             where (d.campaign_id = $1 or $1 is null) and (d.donor_id = $2 or $2 is null)
                 and (d.import_id = $3 or $3 is null) and (d.received_on >= $4 or $4 is null)
                 and (d.received_on <= $5 or $5 is null) and d.id > $6
                 and (d.point_id is null or {in $7: d.point_id})
                 and (exists (select 1 from donation_lines l where l.donation_id = d.id and l.kind = $9) or $9 is null)
             order by d.id limit $10",
        )
        .bind(filter.campaign_id)
        .bind(filter.donor_id)
        .bind(filter.import_id)
        .bind(filter.from)
        .bind(filter.to)
        .bind(cursor.after)
        .within(points)
        .bind(filter.kind.map(LineKind::name))
        .bind(cursor.fetch)
        .all()
        .await?;
    with_lines(conn, rows).await
}

/// Gives `$1` to `$10` of a text what the donations are filtered by.
fn filtered<'c>(text: Query<'c>, filter: &DonationFilter, points: &Within<PointId>) -> Query<'c> {
    text.bind(filter.campaign_id)
        .bind(filter.donor_id)
        .bind(filter.import_id)
        .bind(filter.from)
        .bind(filter.to)
        .within(points)
        .bind(filter.kind.map(LineKind::name))
        .bind(filter.donor_key.clone())
        .bind(filter.finds_anonymous)
}

/// Columns that a table of donations is sorted by; the first: the newest in front.
pub const DONATION_ORDERS: [&str; 4] = ["newest", "day", "donor", "value"];

/// Part of a table of donations that entered at one of these points or at none, sorted by one of [`DONATION_ORDERS`].
pub async fn sorted_donations(
    conn: &mut Conn,
    filter: &DonationFilter,
    points: &Within<PointId>,
    (column, down): (&'static str, bool),
    (limit, offset): (i64, i64),
) -> Result<Vec<Donation>, sqlx::Error> {
    let found = conn.sql(
        "select d.id, d.number, d.campaign_id, d.donor_id, o.name as donor_name, o.kind as donor_kind, o.anonymous,
             d.received_on, d.point_id, d.condition, d.import_id, d.created_at
         from donations d join donors o on o.id = d.donor_id
         where (d.campaign_id = $1 or $1 is null) and (d.donor_id = $2 or $2 is null)
             and (d.import_id = $3 or $3 is null) and (d.received_on >= $4 or $4 is null)
             and (d.received_on <= $5 or $5 is null)
             and (d.point_id is null or {in $6: d.point_id})
             and (exists (select 1 from donation_lines l where l.donation_id = d.id and l.kind = $8) or $8 is null)
             and (((not o.anonymous or $10) and o.name_key like '%' || $9 || '%') or $9 is null)
         order by case when $11 = 'day' and not $12 then d.received_on end,
             case when $11 = 'day' and $12 then d.received_on end desc,
             case when $11 = 'donor' and not $12 then o.name_key end,
             case when $11 = 'donor' and $12 then o.name_key end desc,
             case when $11 = 'value' and not $12
                 then (select sum(l.value) from donation_lines l where l.donation_id = d.id) end,
             case when $11 = 'value' and $12
                 then (select sum(l.value) from donation_lines l where l.donation_id = d.id) end desc,
             d.number desc
         limit $13 offset $14",
    );
    let rows: Vec<HeadRow> =
        filtered(found, filter, points).bind(column).bind(down).bind(limit).bind(offset).all().await?;
    with_lines(conn, rows).await
}

/// How many donations there are, and what all of them are worth.
pub async fn donation_sum(
    conn: &mut Conn,
    filter: &DonationFilter,
    points: &Within<PointId>,
) -> Result<(i64, Dong), sqlx::Error> {
    let sum = conn.sql(
        "select count(*), cast(coalesce(sum(x.value), 0) as bigint) from (
             select (select sum(l.value) from donation_lines l where l.donation_id = d.id) as value
             from donations d join donors o on o.id = d.donor_id
             where (d.campaign_id = $1 or $1 is null) and (d.donor_id = $2 or $2 is null)
                 and (d.import_id = $3 or $3 is null) and (d.received_on >= $4 or $4 is null)
                 and (d.received_on <= $5 or $5 is null)
                 and (d.point_id is null or {in $6: d.point_id})
                 and (exists (select 1 from donation_lines l where l.donation_id = d.id and l.kind = $8) or $8 is null)
                 and (((not o.anonymous or $10) and o.name_key like '%' || $9 || '%') or $9 is null)
         ) x",
    );
    filtered(sum, filter, points).one().await
}

/// A page of donors.
pub async fn donors(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Donor>, sqlx::Error> {
    conn.sql("select id, name, kind, anonymous from donors where id > $1 order by id limit $2")
        .bind(cursor.after)
        .bind(cursor.fetch)
        .all()
        .await
}

/// Which donors are asked for; nothing: all.
#[derive(Clone, Debug, Default)]
pub struct DonorFilter {
    /// Only those whose folded name holds this.
    pub name_key: Option<String>,
    /// Whether `name_key` finds donors who do not want to be named.
    pub finds_anonymous: bool,
    /// Only people, or only organisations.
    pub kind: Option<DonorKind>,
}

/// A donor with the sum of what they gave.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedDonor {
    /// The donor.
    #[sqlx(flatten)]
    pub donor: Donor,
    /// How many donations.
    pub donations: i64,
    /// What they are worth.
    pub value: Dong,
    pub last_on: Option<Day>,
}

/// Columns that a table of donors is sorted by; the first: whoever gave last in front.
pub const DONOR_ORDERS: [&str; 4] = ["last", "name", "donations", "value"];

/// Part of a table of donors, sorted by one of [`DONOR_ORDERS`]. Sums are of donations that entered at one of these
/// points or at none.
pub async fn sorted_donors(
    conn: &mut Conn,
    filter: &DonorFilter,
    points: &Within<PointId>,
    (column, down): (&'static str, bool),
    (limit, offset): (i64, i64),
) -> Result<Vec<ListedDonor>, sqlx::Error> {
    conn.sql(
        "select o.id, o.name, o.kind, o.anonymous, coalesce(x.donations, 0) as donations,
             coalesce(x.value, 0) as value, x.last_on
         from donors o left join (
             select d.donor_id, count(distinct d.id) as donations, cast(coalesce(sum(l.value), 0) as bigint) as value,
                 max(d.received_on) as last_on
             from donations d left join donation_lines l on l.donation_id = d.id
             where d.point_id is null or {in $1: d.point_id}
             group by d.donor_id
         ) x on x.donor_id = o.id
         where (((not o.anonymous or $4) and o.name_key like '%' || $3 || '%') or $3 is null)
             and (o.kind = $5 or $5 is null)
         order by case when $6 = 'name' and not $7 then o.name_key end,
             case when $6 = 'name' and $7 then o.name_key end desc,
             case when $6 = 'donations' and not $7 then coalesce(x.donations, 0) end,
             case when $6 = 'donations' and $7 then coalesce(x.donations, 0) end desc,
             case when $6 = 'value' and not $7 then coalesce(x.value, 0) end,
             case when $6 = 'value' and $7 then coalesce(x.value, 0) end desc,
             case when $6 = 'last' and $7 then coalesce(x.last_on, '') end,
             coalesce(x.last_on, '') desc, o.id desc
         limit $8 offset $9",
    )
    .within(points)
    .bind(filter.name_key.clone())
    .bind(filter.finds_anonymous)
    .bind(filter.kind)
    .bind(column)
    .bind(down)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// How many donors there are.
pub async fn donor_count(conn: &mut Conn, filter: &DonorFilter) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from donors o
             where (((not o.anonymous or $2) and o.name_key like '%' || $1 || '%') or $1 is null)
                 and (o.kind = $3 or $3 is null)",
        )
        .bind(filter.name_key.clone())
        .bind(filter.finds_anonymous)
        .bind(filter.kind)
        .one()
        .await?;
    Ok(count)
}

/// Names of donors that a form suggests.
pub async fn donor_names(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> =
        conn.sql("select distinct name from donors where not anonymous order by name limit 1000").all().await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
