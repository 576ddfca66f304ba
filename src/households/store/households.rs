//! The SQL of single households, and of the pages of the API: stored, found, read, written anew.

use serde::Serialize;

use crate::db::{Bytes, Conn, Tx};
use crate::households::HouseholdStatus;
use crate::households::household::{Details, Keys};
use crate::households::store::filter::Filter;
use crate::households::stored_category::StoredCategory;
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::{Clock, Moment, Within};
use crate::vault::{Purpose, Vault};

/// A household as it is stored: phone and id number sealed.
#[derive(Clone, sqlx::FromRow)]
pub struct Stored {
    pub id: HouseholdId,
    /// The area it belongs to.
    pub area_id: AreaId,
    /// Its head; empty once erased.
    pub head_name: String,
    pub phone_sealed: Option<Vec<u8>>,
    /// The sealed id number.
    pub citizen_sealed: Option<Vec<u8>>,
    /// The head's year of birth.
    pub birth_year: Option<i64>,
    /// Where it lives.
    pub address: String,
    /// How many people.
    pub members: i64,
    pub category: StoredCategory,
    /// What else to know, sealed.
    pub note_sealed: Option<Vec<u8>>,
    /// When consent was given.
    pub consent_at: Option<Moment>,
    pub status: HouseholdStatus,
    /// The household it was merged into.
    pub merged_into: Option<HouseholdId>,
    /// The list it came with.
    pub import_id: Option<ImportId>,
    /// When it was registered.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

/// Consent as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Consent {
    pub at: Moment,
    /// Who took it; nothing for the operator's command line.
    pub by: Option<uuid::Uuid>,
}

/// A household to be stored, ready for a batch.
#[derive(Clone, Serialize)]
pub struct NewHousehold {
    id: HouseholdId,
    area_id: AreaId,
    head_name: String,
    name_key: String,
    sort_key: String,
    search_key: String,
    mark_text: String,
    phone_sealed: Option<Bytes>,
    phone_index: Option<Bytes>,
    citizen_sealed: Option<Bytes>,
    citizen_index: Option<Bytes>,
    birth_year: Option<i64>,
    address: String,
    address_key: String,
    members: i64,
    category: StoredCategory,
    note_sealed: Option<Bytes>,
    consent_at: Option<i64>,
    consent_by: Option<uuid::Uuid>,
    import_id: Option<ImportId>,
    at: i64,
}

impl NewHousehold {
    /// Seals what is secret and gives it an id.
    pub fn of(
        vault: &Vault,
        clock: &Clock,
        details: Details,
        keys: Keys,
        consent: Option<Consent>,
        import_id: Option<ImportId>,
    ) -> Self {
        Self {
            id: HouseholdId::new(clock),
            area_id: details.area_id,
            head_name: details.head_name,
            name_key: keys.name_key,
            sort_key: keys.sort_key,
            search_key: keys.search_key,
            mark_text: keys.mark_text,
            phone_sealed: details.phone.map(|p| Bytes(vault.seal(Purpose::Phone, p.as_str().as_bytes()))),
            phone_index: keys.phone_index.map(Bytes),
            citizen_sealed: details.citizen_id.map(|c| Bytes(vault.seal(Purpose::CitizenId, c.as_str().as_bytes()))),
            citizen_index: keys.citizen_index.map(Bytes),
            birth_year: details.birth_year,
            address: details.address,
            address_key: keys.address_key,
            members: details.members,
            category: StoredCategory::of(vault, details.category),
            note_sealed: sealed_note(vault, &details.note).map(Bytes),
            consent_at: consent.map(|consent| consent.at.micros()),
            consent_by: consent.and_then(|consent| consent.by),
            import_id,
            at: clock.now().micros(),
        }
    }

    /// Its id.
    pub const fn id(&self) -> HouseholdId {
        self.id
    }
}

/// A note as it is stored; an empty one is none.
pub fn sealed_note(vault: &Vault, note: &str) -> Option<Vec<u8>> {
    (!note.is_empty()).then(|| vault.seal(Purpose::Note, note.as_bytes()))
}

/// Stores a batch of households; a unique violation means that an id number is already in use.
pub async fn insert(tx: &mut Tx, batch: &[NewHousehold]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into households (id, area_id, head_name, name_key, sort_key, search_key, mark_text, phone_sealed,
             phone_index, citizen_sealed, citizen_index, birth_year, address, address_key, members, category, note,
             note_sealed, consent_at, consent_by, status, import_id, created_at, updated_at)
         select r.id, r.area_id, r.head_name, r.name_key, r.sort_key, r.search_key, r.mark_text, r.phone_sealed,
             r.phone_index, r.citizen_sealed, r.citizen_index, r.birth_year, r.address, r.address_key, r.members,
             r.category, '', r.note_sealed, r.consent_at, r.consent_by, 'active', r.import_id, r.at, r.at
         from rows($1: id uuid, area_id uuid, head_name text, name_key text, sort_key text, search_key text,
             mark_text text, phone_sealed bytea, phone_index bytea, citizen_sealed bytea, citizen_index bytea,
             birth_year bigint, address text, address_key text, members bigint, category text, note_sealed bytea,
             consent_at bigint, consent_by uuid, import_id uuid, at bigint) as r",
    )
    .bind_rows(batch)
    .execute()
    .await
}

/// One household of these areas, whatever its status.
pub async fn household(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: HouseholdId,
) -> Result<Option<Stored>, sqlx::Error> {
    conn.sql(
        "select id, area_id, head_name, phone_sealed, citizen_sealed, birth_year, address, members, category, note_sealed,
             consent_at, status, merged_into, import_id, created_at, updated_at
         from households where id = $1 and {in $2: area_id}",
    )
    .bind(id)
    .within(areas)
    .optional()
    .await
}

/// One household of these areas, locked until the transaction ends. Lock several in the order of their ids.
pub async fn lock(tx: &mut Tx, areas: &Within<AreaId>, id: HouseholdId) -> Result<Option<Stored>, sqlx::Error> {
    tx.sql(
        "select id, area_id, head_name, phone_sealed, citizen_sealed, birth_year, address, members, category, note_sealed,
             consent_at, status, merged_into, import_id, created_at, updated_at
         from households where id = $1 and {in $2: area_id} {for update}",
    )
    .bind(id)
    .within(areas)
    .optional()
    .await
}

/// A page of households whose name and address hold all words; exact-mark matches first, then by given name.
pub async fn by_words(
    conn: &mut Conn,
    folded: [String; crate::households::search::MAX_WORDS],
    marked: [String; crate::households::search::MAX_WORDS],
    filter: &Filter,
    cursor: Cursor,
) -> Result<Vec<Stored>, sqlx::Error> {
    // The page begins after the row that the cursor names, wherever that row stands today.
    let (after_rank, after_key) = position(conn, &filter.scope, &marked, cursor.after).await?;
    let query = conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at
         from (
             select a.*, case when a.mark_text like $1 and a.mark_text like $2 and a.mark_text like $3
                 and a.mark_text like $4 and a.mark_text like $5 and a.mark_text like $6
                 and a.mark_text like $7 and a.mark_text like $8 then 0 else 1 end as mark_rank
             from households a
             where ($17 = '' or a.status = $17) and ($18 = '' or $18 like '%' || a.category || '%')
                 and {in $19: a.area_id}
                 and a.search_key like $9 and a.search_key like $10 and a.search_key like $11
                 and a.search_key like $12 and a.search_key like $13 and a.search_key like $14
                 and a.search_key like $15 and a.search_key like $16
         ) h
         where h.mark_rank > cast($21 as bigint) or (h.mark_rank = cast($21 as bigint)
             and (h.sort_key {collate \"C\"} > $22 or (h.sort_key = $22 and h.id > $23)))
         order by h.mark_rank, h.sort_key {collate \"C\"}, h.id limit $24",
    );
    let query = marked.into_iter().fold(query, |query, pattern| query.bind(pattern));
    let query = folded.into_iter().fold(query, |query, pattern| query.bind(pattern));
    query
        .bind(filter.status.map_or("", HouseholdStatus::name))
        .bind(filter.category.text())
        .within(&filter.scope)
        .bind(after_rank)
        .bind(after_key)
        .bind(cursor.after)
        .bind(cursor.fetch)
        .all()
        .await
}

/// Where a household of these areas stands in the order of [`by_words`]; before all for the nil id.
async fn position(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    marked: &[String; crate::households::search::MAX_WORDS],
    id: uuid::Uuid,
) -> Result<(i64, String), sqlx::Error> {
    if id.is_nil() {
        return Ok((-1, String::new()));
    }
    let known: Option<(String, String)> = conn
        .sql("select mark_text, sort_key from households where id = $1 and {in $2: area_id}")
        .bind(id)
        .within(areas)
        .optional()
        .await?;
    let Some((mark_text, sort_key)) = known else { return Ok((-1, String::new())) };
    // As SQLite's `like` does: ASCII letters in either case; the text is lower case already.
    let exact = marked.iter().all(|pattern| mark_text.contains(pattern.trim_matches('%')));
    Ok((i64::from(!exact), sort_key))
}

/// A page of households with this phone or id number.
pub async fn by_number(
    conn: &mut Conn,
    phone_index: Vec<u8>,
    citizen_index: Vec<u8>,
    filter: &Filter,
    cursor: Cursor,
) -> Result<Vec<Stored>, sqlx::Error> {
    conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at
         from households h
         where h.id in (
                 select a.id from households a where a.phone_index = $1
                 union select b.id from households b where b.citizen_index = $2)
             and ($3 = '' or h.status = $3) and ($4 = '' or $4 like '%' || h.category || '%')
             and {in $5: h.area_id}
             and h.id > $7
         order by h.id limit $8",
    )
    .bind(phone_index)
    .bind(citizen_index)
    .bind(filter.status.map_or("", HouseholdStatus::name))
    .bind(filter.category.text())
    .within(&filter.scope)
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// The active household with an id number.
pub async fn by_citizen(conn: &mut Conn, citizen_index: Vec<u8>) -> Result<Option<(HouseholdId, AreaId)>, sqlx::Error> {
    conn.sql("select id, area_id from households where citizen_index = $1 and status = 'active'")
        .bind(citizen_index)
        .optional()
        .await
}

/// An active household with the same name and the same phone or address.
pub async fn same_name(conn: &mut Conn, keys: &Keys) -> Result<Option<(HouseholdId, AreaId)>, sqlx::Error> {
    conn.sql(
        "select id, area_id from households
         where status = 'active' and name_key = $1
             and (phone_index = $2 or (address_key = $3 and address_key <> '')) order by id limit 1",
    )
    .bind(keys.name_key.clone())
    .bind(keys.phone_index.clone())
    .bind(keys.address_key.clone())
    .optional()
    .await
}

/// Writes all details of an active household anew.
pub async fn replace(
    tx: &mut Tx,
    vault: &Vault,
    clock: &Clock,
    id: HouseholdId,
    details: Details,
    consent: Option<Consent>,
) -> Result<u64, sqlx::Error> {
    let keys = Keys::of(vault, &details);
    tx.sql(
        "update households set area_id = $2, head_name = $3, name_key = $4, sort_key = $5, search_key = $6,
             mark_text = $7, phone_sealed = $8, phone_index = $9, citizen_sealed = $10, citizen_index = $11,
             birth_year = $12, address = $13, address_key = $14, members = $15, category = $16, note_sealed = $17,
             consent_at = $18, consent_by = $19, updated_at = $20
         where id = $1 and status = 'active'",
    )
    .bind(id)
    .bind(details.area_id)
    .bind(details.head_name)
    .bind(keys.name_key)
    .bind(keys.sort_key)
    .bind(keys.search_key)
    .bind(keys.mark_text)
    .bind(details.phone.map(|phone| vault.seal(Purpose::Phone, phone.as_str().as_bytes())))
    .bind(keys.phone_index)
    .bind(details.citizen_id.map(|id| vault.seal(Purpose::CitizenId, id.as_str().as_bytes())))
    .bind(keys.citizen_index)
    .bind(details.birth_year)
    .bind(details.address)
    .bind(keys.address_key)
    .bind(details.members)
    .bind(StoredCategory::of(vault, details.category).into_text())
    .bind(sealed_note(vault, &details.note))
    .bind(consent.map(|consent| consent.at))
    .bind(consent.and_then(|consent| consent.by))
    .bind(clock.now())
    .execute()
    .await
}

/// Who took a household's consent.
pub async fn consent_of(tx: &mut Tx, id: HouseholdId) -> Result<Option<Consent>, sqlx::Error> {
    let known: Option<(Option<Moment>, Option<uuid::Uuid>)> =
        tx.sql("select consent_at, consent_by from households where id = $1").bind(id).optional().await?;
    Ok(known.and_then(|(at, by)| at.map(|at| Consent { at, by })))
}
