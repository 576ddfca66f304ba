//! The SQL of the register's page: part of a table in an order that a person chose, and how many there are in all.

use super::filter::Filter;
use super::households::Stored;
use crate::db::{Conn, id_rows};
use crate::households::HouseholdStatus;
use crate::households::search::MAX_WORDS;
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};

/// A household with its area's name.
#[derive(Clone, sqlx::FromRow)]
pub struct Listed {
    /// The household.
    #[sqlx(flatten)]
    pub stored: Stored,
    /// The name of its area.
    pub area: String,
}

/// What a table of households shows.
#[derive(Clone)]
pub struct TableFilter {
    /// `like` patterns over the search key.
    pub folded: [String; MAX_WORDS],
    /// `like` patterns over the text with marks; matches of all stand first in the order `found`.
    pub marked: [String; MAX_WORDS],
    /// Scope, category, status.
    pub filter: Filter,
    /// Only those that came with this list.
    pub import_id: Option<ImportId>,
    /// `found` (best match first, then by given name), `name`, `area`, `members` or `newest`, with `-` for the other
    /// direction.
    pub order: &'static str,
}

/// Part of the table.
pub async fn listed(
    conn: &mut Conn,
    table_filter: &TableFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    let query = conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at,
             a.name as area
         from (
             select h.id,
                 case $22
                     when 'found' then case when h.mark_text like $9 and h.mark_text like $10
                         and h.mark_text like $11 and h.mark_text like $12 and h.mark_text like $13
                         and h.mark_text like $14 and h.mark_text like $15 and h.mark_text like $16 then 0 else 1 end
                     when 'members' then h.members when '-members' then -h.members
                     when '-newest' then h.created_at when 'newest' then -h.created_at else 0 end as rank,
                 case $22 when 'area' then a.name_key end as up,
                 case $22 when '-area' then a.name_key when '-name' then h.sort_key {collate \"C\"} end as down,
                 h.sort_key {collate \"C\"} as name
             from households h join areas a on a.id = h.area_id
             where ($17 = '' or h.status = $17) and ($18 = '' or $18 like '%' || h.category || '%')
                 and {in $19: h.area_id}
                 and (h.import_id = $21 or cast($21 as uuid) is null)
                 and (cast($1 as text) = '%' or (h.search_key like $1 and h.search_key like $2 and h.search_key like $3
                     and h.search_key like $4 and h.search_key like $5 and h.search_key like $6
                     and h.search_key like $7 and h.search_key like $8))
             order by rank, up, down desc, name, h.id limit $23 offset $24
         ) k join households h on h.id = k.id join areas a on a.id = h.area_id
         order by k.rank, k.up, k.down desc, k.name, k.id",
    );
    let query = table_filter.folded.iter().fold(query, |query, pattern| query.bind(pattern.clone()));
    let query = table_filter.marked.iter().fold(query, |query, pattern| query.bind(pattern.clone()));
    query
        .bind(table_filter.filter.status.map_or("", HouseholdStatus::name))
        .bind(table_filter.filter.category.text())
        .within(&table_filter.filter.scope)
        .bind(table_filter.import_id)
        .bind(table_filter.order)
        .bind(limit)
        .bind(offset)
        .all()
        .await
}

/// How many rows the whole table has.
pub async fn count(conn: &mut Conn, table_filter: &TableFilter) -> Result<i64, sqlx::Error> {
    let query = conn.sql(
        "select count(*) from households h
         where ($9 = '' or h.status = $9) and ($10 = '' or $10 like '%' || h.category || '%')
             and {in $11: h.area_id}
             and (h.import_id = $13 or cast($13 as uuid) is null)
             and (cast($1 as text) = '%' or (h.search_key like $1 and h.search_key like $2 and h.search_key like $3
                 and h.search_key like $4 and h.search_key like $5 and h.search_key like $6
                 and h.search_key like $7 and h.search_key like $8))",
    );
    let query = table_filter.folded.iter().fold(query, |query, pattern| query.bind(pattern.clone()));
    let (count,): (i64,) = query
        .bind(table_filter.filter.status.map_or("", HouseholdStatus::name))
        .bind(table_filter.filter.category.text())
        .within(&table_filter.filter.scope)
        .bind(table_filter.import_id)
        .one()
        .await?;
    Ok(count)
}

/// Households with this phone or id number, by given name.
pub async fn with_number(
    conn: &mut Conn,
    phone_index: Vec<u8>,
    citizen_index: Vec<u8>,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at,
             a.name as area
         from households h join areas a on a.id = h.area_id
         where h.id in (
                 select b.id from households b where b.phone_index = $1
                 union select c.id from households c where c.citizen_index = $2)
             and ($3 = '' or h.status = $3) and ($4 = '' or $4 like '%' || h.category || '%')
             and {in $5: h.area_id}
         order by h.sort_key {collate \"C\"}, h.id limit $7",
    )
    .bind(phone_index)
    .bind(citizen_index)
    .bind(filter.status.map_or("", HouseholdStatus::name))
    .bind(filter.category.text())
    .within(&filter.scope)
    .bind(limit)
    .all()
    .await
}

/// The folded names of households that share at least one word with a search, to find those spelt nearly so.
pub async fn sharing_a_word(
    conn: &mut Conn,
    folded: [String; MAX_WORDS],
    filter: &Filter,
    limit: i64,
) -> Result<Vec<(HouseholdId, String)>, sqlx::Error> {
    let query = conn.sql(
        "select h.id, h.name_key from households h
         where ($9 = '' or h.status = $9) and ($10 = '' or $10 like '%' || h.category || '%')
             and {in $11: h.area_id}
             and (h.search_key like $1 or h.search_key like $2 or h.search_key like $3 or h.search_key like $4
                 or h.search_key like $5 or h.search_key like $6 or h.search_key like $7 or h.search_key like $8)
         order by h.id limit $13",
    );
    // A word that is not there matches nothing here, where elsewhere it matches everything.
    let word = |pattern: String| if pattern == "%" { String::new() } else { pattern };
    let query = folded.into_iter().fold(query, |query, pattern| query.bind(word(pattern)));
    query
        .bind(filter.status.map_or("", HouseholdStatus::name))
        .bind(filter.category.text())
        .within(&filter.scope)
        .bind(limit)
        .all()
        .await
}

/// Those of some households that lie in these areas, with their areas' names.
pub async fn some(conn: &mut Conn, areas: &Within<AreaId>, ids: &[HouseholdId]) -> Result<Vec<Listed>, sqlx::Error> {
    conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at,
             a.name as area
         from households h join areas a on a.id = h.area_id
         where h.id in (select r.id from rows($1: id uuid) as r) and {in $2: h.area_id} order by h.sort_key {collate \"C\"}, h.id",
    )
    .bind_rows(&id_rows(ids))
    .within(areas)
    .all()
    .await
}

/// The households of these areas that were merged into one, 200 at most.
pub async fn merged_into(conn: &mut Conn, areas: &Within<AreaId>, id: HouseholdId) -> Result<Vec<Listed>, sqlx::Error> {
    conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at,
             a.name as area
         from households h join areas a on a.id = h.area_id
         where h.merged_into = $1 and {in $2: h.area_id} order by h.id limit 200",
    )
    .bind(id)
    .within(areas)
    .all()
    .await
}
