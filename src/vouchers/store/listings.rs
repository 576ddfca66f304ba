//! The SQL of tables on pages: rounds, a round's points and its vouchers.

use serde::Serialize;

use crate::db::{Conn, id_rows};
use crate::households::StoredCategory;
use crate::kernel::ids::{AreaId, HouseholdId, PointId, RoundId, VoucherId};
use crate::kernel::{Moment, Within};
use crate::vouchers::round::{RoundStatus, Stage};
use crate::vouchers::voucher::VoucherStatus;

/// A round in a table.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedRound {
    pub id: RoundId,
    pub number: i64,
    pub name: String,
    /// When it begins.
    pub starts_at: Moment,
    /// The first moment after it.
    pub ends_at: Moment,
    pub status: RoundStatus,
    /// Its campaign's name.
    pub campaign: String,
    /// Its package's name.
    pub package: String,
    /// How many points it has.
    pub points: i64,
    /// Vouchers that are not void.
    pub vouchers: i64,
    /// Of these, vouchers that received something.
    pub served: i64,
}

impl ListedRound {
    /// What it is doing.
    pub fn stage(&self, now: Moment) -> Stage {
        Stage::of(self.status, self.starts_at, self.ends_at, now)
    }
}

/// Rounds with this status (nothing: all) of which one of these points is one, the latest first.
pub async fn rounds(
    conn: &mut Conn,
    points: &Within<PointId>,
    status: Option<RoundStatus>,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedRound>, sqlx::Error> {
    conn.sql(
        "select r.id, r.number, r.name, r.starts_at, r.ends_at, r.status, c.name as campaign, k.name as package,
             (select count(*) from round_points p where p.round_id = r.id) as points,
             (select count(*) from vouchers v where v.round_id = r.id and v.status = 'issued') as vouchers,
             (select count(*) from (
                  select s.voucher_id from handovers s where s.round_id = r.id
                  group by s.voucher_id
              ) g join vouchers v on v.id = g.voucher_id where v.status = 'issued') as served
         from rounds r join campaigns c on c.id = r.campaign_id join packages k on k.id = r.package_id
         where ($1 = '' or r.status = $1)
             and ($4 or exists (select 1 from round_points w where w.round_id = r.id and {in $4: w.point_id}))
         order by r.starts_at desc, r.number desc limit $2 offset $3",
    )
    .bind(status.map_or("", RoundStatus::name))
    .bind(limit)
    .bind(offset)
    .within(points)
    .all()
    .await
}

/// A point of a round, with what its vouchers did. Without an id: the vouchers that count at any of its points.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PointOfRound {
    pub point_id: Option<PointId>,
    /// Its name.
    pub point: Option<String>,
    /// Vouchers that are not void.
    pub vouchers: i64,
    /// Of these, vouchers that received something.
    pub served: i64,
    /// Packages that are still to come.
    pub waiting: i64,
}

/// Those of these points that are a round's, in the order of their numbers, also without a voucher.
pub async fn points_of_round(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: RoundId,
) -> Result<Vec<PointOfRound>, sqlx::Error> {
    conn.sql(
        "with got as (
             select s.voucher_id, sum(s.units) as units from handovers s where s.round_id = $1
             group by s.voucher_id
         ), flow as (
             select v.point_id, count(*) as vouchers, count(g.voucher_id) as served,
                 cast(sum(case when v.units > coalesce(g.units, 0) then v.units - coalesce(g.units, 0) else 0 end)
                     as bigint) as waiting
             from vouchers v left join got g on g.voucher_id = v.id
             where v.round_id = $1 and v.status = 'issued' group by v.point_id
         )
         select p.id as point_id, p.name as point, coalesce(f.vouchers, 0) as vouchers, coalesce(f.served, 0) as served,
             coalesce(f.waiting, 0) as waiting, p.number as place
         from round_points rp join points p on p.id = rp.point_id left join flow f on f.point_id = p.id
         where rp.round_id = $1 and {in $2: p.id}
         union all
         select null, null, f.vouchers, f.served, f.waiting, 0 from flow f where f.point_id is null
         order by place",
    )
    .bind(id)
    .within(points)
    .all()
    .await
}

/// What of a round's vouchers a table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// All of them.
    #[default]
    All,
    /// Those that nothing was received on yet.
    Absent,
    /// Those that something was received on.
    Served,
    /// Those that were voided.
    Void,
}

impl Shown {
    /// Reads the word in an address; what is none shows all.
    pub fn parse(word: &str) -> Self {
        [Self::Absent, Self::Served, Self::Void].into_iter().find(|shown| shown.name() == word).unwrap_or_default()
    }

    /// The word in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Absent => "absent",
            Self::Served => "served",
            Self::Void => "void",
        }
    }
}

/// Which of a round's vouchers, and in which order.
#[derive(Clone, Debug, Default)]
pub struct VoucherFilter {
    /// What happened to them.
    pub shown: Shown,
    /// Only those of this point.
    pub point_id: Option<PointId>,
    /// Only those of households in these areas.
    pub areas: Within<AreaId>,
    /// Only those that count at one of these points, or at any.
    pub points: Within<PointId>,
    /// By the head's given name; otherwise by serial.
    pub by_name: bool,
    /// The other way round.
    pub down: bool,
}

/// A voucher in a table.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedVoucher {
    pub id: VoucherId,
    /// Its serial in the round.
    pub serial: i64,
    /// `issued` or `void`.
    pub status: VoucherStatus,
    /// Packages it is good for.
    pub units: i64,
    /// Packages that were received on it.
    pub received: i64,
    /// When its slot begins.
    pub slot_at: Option<Moment>,
    pub slot_ends_at: Option<Moment>,
    /// Whose it is.
    pub household_id: HouseholdId,
    /// The household's head.
    pub head_name: String,
    /// Where it lives.
    pub address: String,
    /// Its area's name.
    pub area: String,
    /// How many people.
    pub members: i64,
    /// Where it counts.
    pub point: Option<String>,
}

/// A part of a round's vouchers.
pub async fn vouchers(
    conn: &mut Conn,
    round_id: RoundId,
    wanted: &VoucherFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedVoucher>, sqlx::Error> {
    let ids = if wanted.by_name {
        ids_by_name(conn, round_id, wanted, limit, offset).await?
    } else {
        ids_by_serial(conn, round_id, wanted, limit, offset).await?
    };
    let rows: Vec<PlaceRow> = ids.into_iter().zip(0..).map(|((id,), n)| PlaceRow { id, n }).collect();
    conn.sql(
        "select v.id, v.serial, v.status, v.units, v.slot_at, v.slot_ends_at, v.household_id, h.head_name, h.address,
             a.name as area, h.members, p.name as point,
             v.redeemed as received
         from rows($1: id uuid, n bigint) as w
         join voucher_state v on v.id = w.id
         join households h on h.id = v.household_id
         join areas a on a.id = h.area_id
         left join points p on p.id = v.point_id
         order by w.n",
    )
    .bind_rows(&rows)
    .all()
    .await
}

/// A voucher and its place in the table.
#[derive(Serialize)]
struct PlaceRow {
    id: VoucherId,
    n: i64,
}

/// The vouchers of a part, by serial. The households are read only where an area is asked for.
async fn ids_by_serial(
    conn: &mut Conn,
    round_id: RoundId,
    wanted: &VoucherFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<(VoucherId,)>, sqlx::Error> {
    conn.sql(
        "select u.id from vouchers u
         where u.round_number = (select r.number from rounds r where r.id = $1)
           and (u.point_id = $2 or cast($2 as uuid) is null)
           and (u.point_id is null or {in $9: u.point_id})
           and ($3 or exists (select 1 from households h where h.id = u.household_id and {in $3: h.area_id}))
           and ($5 = '' or ($5 = 'void' and u.status = 'void') or ($5 <> 'void' and u.status = 'issued'
               and ($5 = 'served') = exists (select 1 from handovers s where s.voucher_id = u.id)))
         order by case when $6 then u.serial end desc, u.serial
         limit $7 offset $8",
    )
    .bind(round_id)
    .bind(wanted.point_id)
    .within(&wanted.areas)
    .bind(wanted.shown.name())
    .bind(wanted.down)
    .bind(limit)
    .bind(offset)
    .within(&wanted.points)
    .all()
    .await
}

/// The same, by the head's given name.
async fn ids_by_name(
    conn: &mut Conn,
    round_id: RoundId,
    wanted: &VoucherFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<(VoucherId,)>, sqlx::Error> {
    conn.sql(
        "select u.id from vouchers u join households h on h.id = u.household_id
         where u.round_number = (select r.number from rounds r where r.id = $1)
           and (u.point_id = $2 or cast($2 as uuid) is null)
           and (u.point_id is null or {in $9: u.point_id})
           and {in $3: h.area_id}
           and ($5 = '' or ($5 = 'void' and u.status = 'void') or ($5 <> 'void' and u.status = 'issued'
               and ($5 = 'served') = exists (select 1 from handovers s where s.voucher_id = u.id)))
         order by case when $6 then h.sort_key end {collate \"C\"} desc, h.sort_key {collate \"C\"}, u.serial
         limit $7 offset $8",
    )
    .bind(round_id)
    .bind(wanted.point_id)
    .within(&wanted.areas)
    .bind(wanted.shown.name())
    .bind(wanted.down)
    .bind(limit)
    .bind(offset)
    .within(&wanted.points)
    .all()
    .await
}

/// How many vouchers [`vouchers`] has in all.
pub async fn count_vouchers(conn: &mut Conn, round_id: RoundId, wanted: &VoucherFilter) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from vouchers u
             where u.round_number = (select r.number from rounds r where r.id = $1)
               and (u.point_id = $2 or cast($2 as uuid) is null)
               and (u.point_id is null or {in $6: u.point_id})
               and ($3 or exists (select 1 from households h where h.id = u.household_id and {in $3: h.area_id}))
               and ($5 = '' or ($5 = 'void' and u.status = 'void') or ($5 <> 'void' and u.status = 'issued'
                   and ($5 = 'served') = exists (select 1 from handovers s where s.voucher_id = u.id)))",
        )
        .bind(round_id)
        .bind(wanted.point_id)
        .within(&wanted.areas)
        .bind(wanted.shown.name())
        .within(&wanted.points)
        .one()
        .await?;
    Ok(count)
}

/// How many active households each of these areas has itself.
pub async fn households_by_area(conn: &mut Conn, areas: &Within<AreaId>) -> Result<Vec<(AreaId, i64)>, sqlx::Error> {
    conn.sql("select area_id, count(*) from households where status = 'active' and {in $1: area_id} group by area_id")
        .within(areas)
        .all()
        .await
}

/// How many active households of a scope each category has.
pub async fn households_by_category(
    conn: &mut Conn,
    areas: &Within<AreaId>,
) -> Result<Vec<(StoredCategory, i64)>, sqlx::Error> {
    conn.sql(
        "select category, count(*) from households
         where status = 'active' and {in $1: area_id} group by category",
    )
    .within(areas)
    .all()
    .await
}

/// A household as a list names it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NamedHousehold {
    pub id: HouseholdId,
    pub head_name: String,
    /// Where it lives.
    pub address: String,
    /// Its area's name.
    pub area: String,
}

/// Names of those of these households that lie in these areas, by given name.
pub async fn named(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    ids: &[HouseholdId],
) -> Result<Vec<NamedHousehold>, sqlx::Error> {
    conn.sql(
        "select h.id, h.head_name, h.address, a.name as area
         from rows($1: id uuid) as w join households h on h.id = w.id join areas a on a.id = h.area_id
         where {in $2: h.area_id}
         order by h.sort_key {collate \"C\"}, h.id",
    )
    .bind_rows(&id_rows(ids))
    .within(areas)
    .all()
    .await
}

/// A voucher of a household that was looked for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FoundVoucher {
    pub id: VoucherId,
    /// Its round's name.
    pub round: String,
    /// Its serial in the round.
    pub serial: i64,
    /// `issued` or `void`.
    pub status: VoucherStatus,
    /// Packages it is good for.
    pub units: i64,
    /// Packages that were received on it.
    pub received: i64,
    /// The household's head.
    pub head_name: String,
    /// Where it lives.
    pub address: String,
    /// Its area's name.
    pub area: String,
    /// Where it counts.
    pub point: Option<String>,
}

/// The vouchers of households that count at one of these points, those of the latest rounds first, 200 at most.
pub async fn of_households(
    conn: &mut Conn,
    ids: &[HouseholdId],
    points: &Within<PointId>,
) -> Result<Vec<FoundVoucher>, sqlx::Error> {
    conn.sql(
        "select v.id, r.name as round, v.serial, v.status, v.units, h.head_name, h.address, a.name as area,
             p.name as point,
             v.redeemed as received
         from rows($1: id uuid) as w join voucher_state v on v.household_id = w.id join rounds r on r.id = v.round_id
         join households h on h.id = v.household_id join areas a on a.id = h.area_id
         left join points p on p.id = v.point_id
         where {in $2: v.point_id}
             or (v.point_id is null and exists (select 1 from round_points q
                 where q.round_id = v.round_id and {in $2: q.point_id}))
         order by r.starts_at desc, h.sort_key {collate \"C\"}, v.serial limit 200",
    )
    .bind_rows(&id_rows(ids))
    .within(points)
    .all()
    .await
}
