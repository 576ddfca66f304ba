//! The SQL of the table of reductions: filtered, ordered, a page at a time, with its sums.

use super::ReductionRow;
use crate::db::Conn;
use crate::households::search::MAX_WORDS;
use crate::kernel::ids::{AreaId, ImportId, LandlordId};
use crate::kernel::{Dong, Month, Within};
use crate::landlords::reduction::ReductionStatus;

/// Which reductions a table shows; what is empty or nothing does not filter.
#[derive(Clone, Debug)]
pub struct TableFilter {
    /// The areas within; the whole ward also holds what has no area.
    pub scope: Within<AreaId>,
    /// Only those of which nobody knows the area.
    pub nowhere: bool,
    /// Only of this status.
    pub status: Option<ReductionStatus>,
    /// Only with a line in this month.
    pub month: Option<Month>,
    /// `like` patterns over the landlord's name and address, without marks.
    pub words: [String; MAX_WORDS],
    /// A reference as it is read out; matches beside the words.
    pub reference: String,
    /// The keyed hash of the landlord's phone.
    pub phone_index: Option<Vec<u8>>,
    /// Only of this landlord.
    pub landlord_id: Option<LandlordId>,
    /// Only of this imported list.
    pub import_id: Option<ImportId>,
    /// `newest`, `oldest`, `name`, `amount`, each with `-` for the other direction.
    pub order: &'static str,
}

impl TableFilter {
    /// Every reduction of a scope, the newest first.
    pub fn all(scope: Within<AreaId>) -> Self {
        Self {
            scope,
            nowhere: false,
            status: None,
            month: None,
            words: std::array::from_fn(|_| "%".to_owned()),
            reference: String::new(),
            phone_index: None,
            landlord_id: None,
            import_id: None,
            order: "newest",
        }
    }

    /// Every reduction of one landlord within a scope.
    pub fn of_landlord(scope: Within<AreaId>, landlord_id: LandlordId) -> Self {
        Self { landlord_id: Some(landlord_id), ..Self::all(scope) }
    }
}

/// A reduction with its area's name.
#[derive(Debug, sqlx::FromRow)]
pub struct Listed {
    /// The reduction.
    #[sqlx(flatten)]
    pub row: ReductionRow,
    /// Its area's name.
    pub area: Option<String>,
    /// The login's name of who entered it.
    pub submitter: Option<String>,
}

/// Part of a table of reductions.
pub async fn listed(
    conn: &mut Conn,
    filter: &TableFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    let query = conn.sql(
        "select r.id, r.reference, r.status, r.area_id, r.landlord_id, l.name as landlord_name, l.phone_sealed,
             coalesce(r.address, l.address) as address, r.note, r.import_id, r.submitted_by, r.submitted_at,
             r.verified_by, r.verified_at, r.confirmed_by, r.confirmed_at, r.rejected_by, r.rejected_at,
             r.reject_reason, r.withdrawn_at,
             (select count(distinct n.room_id) from rent_lines n where n.reduction_id = r.id) as rooms,
             (select count(*) from rent_lines n where n.reduction_id = r.id) as room_months,
             (select cast(coalesce(sum(coalesce(n.confirmed, n.reduced)), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as amount,
             (select cast(coalesce(sum(n.reduced), 0) as bigint)
                 from rent_lines n where n.reduction_id = r.id) as pledged,
             (select cast(sum(n.confirmed) as bigint) from rent_lines n where n.reduction_id = r.id) as confirmed,
             a.name as area, coalesce(u.full_name, u.username) as submitter
         from rent_reductions r join landlords l on l.id = r.landlord_id
             left join areas a on a.id = r.area_id left join users u on u.id = r.submitted_by
         where (cast($1 as text) = '%' or $9 = r.reference
                 or (replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $1
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $2
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $3
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $4
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $5
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $6
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $7
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $8))
             and {in $10: r.area_id}
             and (cast($12 as bigint) = 0 or r.area_id is null)
             and ($13 = '' or r.status = $13)
             and ($14 = '' or exists (select 1 from rent_lines n where n.reduction_id = r.id and n.month = $14))
             and (l.phone_index = $15 or cast($15 as bytea) is null)
             and (r.landlord_id = $16 or cast($16 as uuid) is null)
             and (r.import_id = $17 or cast($17 as uuid) is null)
         order by
             case when $18 = 'name' then l.name_key end, case when $18 = '-name' then l.name_key end desc,
             case when $18 = 'amount' then (select sum(coalesce(n.confirmed, n.reduced)) from rent_lines n
                 where n.reduction_id = r.id) end,
             case when $18 = '-amount' then (select sum(coalesce(n.confirmed, n.reduced)) from rent_lines n
                 where n.reduction_id = r.id) end desc,
             case when $18 = 'oldest' then r.submitted_at end,
             r.submitted_at desc, r.id desc
         limit $19 offset $20",
    );
    let query = filter.words.iter().fold(query, |query, pattern| query.bind(pattern.clone()));
    query
        .bind(filter.reference.clone())
        .within(&filter.scope)
        .bind(i64::from(filter.nowhere))
        .bind(filter.status.map_or("", ReductionStatus::name))
        .bind(filter.month.map_or_else(String::new, |month| month.to_string()))
        .bind(filter.phone_index.clone())
        .bind(filter.landlord_id)
        .bind(filter.import_id)
        .bind(filter.order)
        .bind(limit)
        .bind(offset)
        .all()
        .await
}

/// What reductions of one status come to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sum {
    pub status: ReductionStatus,
    pub reductions: i64,
    /// Đồng as pledged.
    pub pledged: Dong,
    /// Đồng as given in the end, once confirmed.
    pub confirmed: Dong,
}

/// What a whole table comes to, each status apart. With a month, only that month's lines are added up.
pub async fn sums(conn: &mut Conn, filter: &TableFilter) -> Result<Vec<Sum>, sqlx::Error> {
    let query = conn.sql(
        "select r.status, count(distinct r.id) as reductions, cast(coalesce(sum(n.reduced), 0) as bigint) as pledged,
             cast(coalesce(sum(n.confirmed), 0) as bigint) as confirmed
         from rent_reductions r join landlords l on l.id = r.landlord_id
             left join rent_lines n on n.reduction_id = r.id and ($14 = '' or n.month = $14)
         where (cast($1 as text) = '%' or $9 = r.reference
                 or (replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $1
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $2
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $3
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $4
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $5
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $6
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $7
                 and replace(' ' || l.name_key || ' ' || l.address_key, 'y', 'i') like $8))
             and {in $10: r.area_id}
             and (cast($12 as bigint) = 0 or r.area_id is null)
             and ($13 = '' or r.status = $13)
             and ($14 = '' or n.id is not null)
             and (l.phone_index = $15 or cast($15 as bytea) is null)
             and (r.landlord_id = $16 or cast($16 as uuid) is null)
             and (r.import_id = $17 or cast($17 as uuid) is null)
         group by r.status",
    );
    let query = filter.words.iter().fold(query, |query, pattern| query.bind(pattern.clone()));
    query
        .bind(filter.reference.clone())
        .within(&filter.scope)
        .bind(i64::from(filter.nowhere))
        .bind(filter.status.map_or("", ReductionStatus::name))
        .bind(filter.month.map_or_else(String::new, |month| month.to_string()))
        .bind(filter.phone_index.clone())
        .bind(filter.landlord_id)
        .bind(filter.import_id)
        .all()
        .await
}

/// Months that any reduction names, newest first, at most 120: what the filter offers.
pub async fn months(conn: &mut Conn) -> Result<Vec<(Month,)>, sqlx::Error> {
    conn.sql("select distinct month from rent_lines order by month desc limit 120").all().await
}
