//! The SQL of what is told of a person: every table that holds something of one. Times are moments, money is đồng.

use serde::Serialize;
use uuid::Uuid;

use crate::db::Conn;
use crate::households::StoredCategory;
use crate::kernel::Moment;

/// Records of one kind that are told at most; a page and a paper have an end.
pub const MOST: i64 = 5_000;

/// A household's own record, or that of one merged into it.
#[derive(Serialize, sqlx::FromRow)]
pub struct HouseholdRow {
    pub id: Uuid,
    pub area: String,
    pub status: String,
    pub head_name: String,
    #[serde(skip)]
    pub phone_sealed: Option<Vec<u8>>,
    #[serde(skip)]
    pub citizen_sealed: Option<Vec<u8>>,
    pub birth_year: Option<i64>,
    pub address: String,
    pub members: i64,
    #[serde(skip)]
    pub category: StoredCategory,
    #[serde(skip)]
    pub note_sealed: Option<Vec<u8>>,
    pub consent_at: Option<Moment>,
    pub consent_by: Option<String>,
    pub merged_into: Option<Uuid>,
    pub list: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// A household and those merged into it.
pub async fn households(conn: &mut Conn, id: Uuid) -> Result<Vec<HouseholdRow>, sqlx::Error> {
    conn.sql(
        "select h.id, a.name as area, h.status, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address,
             h.members, h.category, h.note_sealed, h.consent_at, u.username as consent_by, h.merged_into, i.file_name as list,
             h.created_at, h.updated_at
         from households h join areas a on a.id = h.area_id left join users u on u.id = h.consent_by
             left join imports i on i.id = h.import_id
         where h.id = $1 or h.merged_into = $1 order by h.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A voucher of a household.
#[derive(Serialize, sqlx::FromRow)]
pub struct VoucherRow {
    pub id: Uuid,
    pub round: String,
    pub serial: i64,
    pub status: String,
    pub units: i64,
    pub issued_at: Moment,
    pub voided_at: Option<Moment>,
    pub void_reason: Option<String>,
}

/// The vouchers of a household and of those merged into it.
pub async fn vouchers(conn: &mut Conn, id: Uuid) -> Result<Vec<VoucherRow>, sqlx::Error> {
    conn.sql(
        "select v.id, r.name as round, v.serial, v.status, v.units, v.issued_at, v.voided_at, v.void_reason
         from vouchers v join rounds r on r.id = v.round_id join households h on h.id = v.household_id
         where h.id = $1 or h.merged_into = $1 order by v.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A paper that another replaced.
#[derive(Serialize, sqlx::FromRow)]
pub struct PaperRow {
    pub voucher_id: Uuid,
    pub issue_number: i64,
    pub reason: String,
    pub replaced_at: Moment,
}

/// Replaced papers of a household.
pub async fn papers(conn: &mut Conn, id: Uuid) -> Result<Vec<PaperRow>, sqlx::Error> {
    conn.sql(
        "select p.voucher_id, p.issue_number, p.reason, p.replaced_at
         from replaced_papers p join vouchers v on v.id = p.voucher_id join households h on h.id = v.household_id
         where h.id = $1 or h.merged_into = $1 order by p.voucher_id, p.issue_number limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A scan of a household's voucher, refused ones too.
#[derive(Serialize, sqlx::FromRow)]
pub struct ScanRow {
    pub id: Uuid,
    pub voucher_id: Option<Uuid>,
    pub point: String,
    pub desk: String,
    pub units: i64,
    pub outcome: String,
    pub scanned_at: Moment,
    pub collector_name: Option<String>,
    pub collector_relation: Option<String>,
    pub override_reason: Option<String>,
    pub undone_at: Option<Moment>,
    pub undo_reason: Option<String>,
}

/// The scans of a household's vouchers.
pub async fn scans(conn: &mut Conn, id: Uuid) -> Result<Vec<ScanRow>, sqlx::Error> {
    conn.sql(
        "select s.nonce as id, s.voucher_id, p.name as point, s.desk, s.units, s.outcome, s.scanned_at, s.collector_name,
             s.collector_relation, s.override_reason, z.at as undone_at, z.reason as undo_reason
         from households h join vouchers v on v.household_id = h.id join scans s on s.voucher_id = v.id
             join points p on p.id = s.point_id left join reversals z on z.nonce = s.nonce
         where h.id = $1 or h.merged_into = $1 order by s.scanned_at, s.nonce limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A contradiction about a household's voucher.
#[derive(Serialize, sqlx::FromRow)]
pub struct ConflictRow {
    pub id: Uuid,
    pub kind: String,
    pub created_at: Moment,
    pub resolution: Option<String>,
    pub reason: Option<String>,
    pub resolved_at: Option<Moment>,
}

/// The conflicts about a household's vouchers.
pub async fn conflicts(conn: &mut Conn, id: Uuid) -> Result<Vec<ConflictRow>, sqlx::Error> {
    conn.sql(
        "select c.id, c.kind, c.created_at, c.resolution, c.reason, c.resolved_at
         from conflicts c join vouchers v on v.id = c.voucher_id join households h on h.id = v.household_id
         where h.id = $1 or h.merged_into = $1 order by c.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A rent reduction of a landlord.
#[derive(Serialize, sqlx::FromRow)]
pub struct ReductionRow {
    pub id: Uuid,
    pub reference: String,
    pub status: String,
    pub address: Option<String>,
    pub note: String,
    pub consent_at: Option<Moment>,
    pub list: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub reject_reason: Option<String>,
}

/// The reductions of a landlord.
pub async fn reductions(conn: &mut Conn, id: Uuid) -> Result<Vec<ReductionRow>, sqlx::Error> {
    conn.sql(
        "select r.id, r.reference, r.status, r.address, r.note, r.consented_at as consent_at, i.file_name as list,
             r.submitted_at as created_at, r.updated_at, r.reject_reason
         from rent_reductions r left join imports i on i.id = r.import_id
         where r.landlord_id = $1 order by r.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A room's month of a reduction.
#[derive(Serialize, sqlx::FromRow)]
pub struct LineRow {
    pub reference: String,
    pub room: String,
    pub tenant: String,
    pub month: String,
    pub rent: i64,
    pub reduced: i64,
    pub confirmed: Option<i64>,
}

/// Every line of a landlord's reductions.
pub async fn lines(conn: &mut Conn, id: Uuid) -> Result<Vec<LineRow>, sqlx::Error> {
    conn.sql(
        "select r.reference, m.label as room, n.tenant, n.month, n.rent, n.reduced, n.confirmed
         from rent_reductions r join rent_lines n on n.reduction_id = r.id join rooms m on m.id = n.room_id
         where r.landlord_id = $1 order by n.month, n.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// Why a pledge was corrected.
#[derive(Serialize, sqlx::FromRow)]
pub struct CorrectionRow {
    pub reference: String,
    pub reason: String,
    pub at: Moment,
}

/// The corrections of a landlord's pledges.
pub async fn corrections(conn: &mut Conn, id: Uuid) -> Result<Vec<CorrectionRow>, sqlx::Error> {
    conn.sql(
        "select r.reference, c.reason, c.at from rent_corrections c join rent_reductions r on r.id = c.reduction_id
         where r.landlord_id = $1 order by c.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// One thing that a donor gave.
#[derive(Serialize, sqlx::FromRow)]
pub struct GiftRow {
    pub number: i64,
    pub received_on: String,
    pub condition: String,
    pub kind: String,
    pub what: Option<String>,
    pub quantity: i64,
    pub value: i64,
    pub list: Option<String>,
    pub created_at: Moment,
}

/// Everything that a donor gave.
pub async fn gifts(conn: &mut Conn, id: Uuid) -> Result<Vec<GiftRow>, sqlx::Error> {
    conn.sql(
        "select d.number, d.received_on, d.condition, l.kind, coalesce(i.name, k.name) as what, l.quantity, l.value,
             f.file_name as list, d.created_at
         from donations d join donation_lines l on l.donation_id = d.id left join items i on i.id = l.item_id
             left join packages k on k.id = l.package_id left join imports f on f.id = d.import_id
         where d.donor_id = $1 order by d.number, l.position limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A way in that somebody has or had.
#[derive(Serialize, sqlx::FromRow)]
pub struct TokenRow {
    pub id: Uuid,
    pub kind: String,
    pub created_at: Moment,
    pub last_used_at: Option<Moment>,
    pub expires_at: Moment,
    pub revoked_at: Option<Moment>,
}

/// The sessions and API tokens of a login.
pub async fn tokens(conn: &mut Conn, id: Uuid) -> Result<Vec<TokenRow>, sqlx::Error> {
    conn.sql(
        "select id, kind, created_at, last_used_at, expires_at, revoked_at from tokens where user_id = $1 order by id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// A share of vouchers that a phone held.
#[derive(Serialize, sqlx::FromRow)]
pub struct LeaseRow {
    pub id: Uuid,
    pub point: String,
    pub desk: String,
    pub taken_at: Moment,
    pub closed_at: Option<Moment>,
    pub reason: Option<String>,
}

/// The leases of a phone.
pub async fn leases(conn: &mut Conn, id: Uuid) -> Result<Vec<LeaseRow>, sqlx::Error> {
    conn.sql(
        "select l.id, p.name as point, l.desk, l.taken_at, l.closed_at, l.release_reason as reason
         from leases l join points p on p.id = l.point_id where l.device_id = $1 order by l.id limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// An entry of the audit log, without who acted: that is another person.
#[derive(Serialize, sqlx::FromRow)]
pub struct EntryRow {
    pub at: Moment,
    pub action: String,
    pub record_kind: String,
    pub by: String,
}

/// What was done with a record, and who looked at it alone.
pub async fn entries_about(conn: &mut Conn, id: Uuid) -> Result<Vec<EntryRow>, sqlx::Error> {
    conn.sql(
        "select at, action, record_kind, actor_kind as by from audit_entries where record_id = $1 order by seq limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}

/// What somebody with a login, or a phone, did.
pub async fn entries_of(conn: &mut Conn, id: Uuid) -> Result<Vec<EntryRow>, sqlx::Error> {
    conn.sql(
        "select at, action, record_kind, actor_kind as by from audit_entries where actor_id = $1 order by seq limit $2",
    )
    .bind(id)
    .bind(MOST)
    .all()
    .await
}
