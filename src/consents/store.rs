//! The SQL of consents.

use serde::Serialize;
use uuid::Uuid;

use super::{Consent, ConsentChannel, ConsentSubject, Given, Owner, Purpose, text};
use crate::db::{Conn, Tx};
use crate::kernel::Clock;

#[derive(Serialize)]
struct NewRow {
    id: Uuid,
    subject_kind: ConsentSubject,
    subject_id: Uuid,
    purpose: Purpose,
    text_version: i64,
    channel: ConsentChannel,
    given_by: Option<Uuid>,
}

/// Keeps consents given now.
pub(super) async fn insert(tx: &mut Tx, clock: &Clock, given: &[Given]) -> Result<u64, sqlx::Error> {
    let rows: Vec<NewRow> = given
        .iter()
        .map(|given| NewRow {
            id: clock.uuid(),
            subject_kind: given.owner.kind,
            subject_id: given.owner.id,
            purpose: given.purpose,
            text_version: text::newest(given.purpose),
            channel: given.channel,
            given_by: given.by,
        })
        .collect();
    tx.sql(
        "insert into consents (id, subject_kind, subject_id, purpose, text_version, channel, given_at, given_by)
         select r.id, r.subject_kind, r.subject_id, r.purpose, r.text_version, r.channel, $2, r.given_by
         from rows($1: id uuid, subject_kind text, subject_id uuid, purpose text, text_version bigint, channel text,
             given_by uuid) as r where true",
    )
    .bind_rows(&rows)
    .bind(clock.now())
    .execute()
    .await
}

/// Somebody's consents, the latest first.
pub(super) async fn of(conn: &mut Conn, owner: Owner) -> Result<Vec<Consent>, sqlx::Error> {
    conn.sql(
        "select c.id, c.subject_kind, c.purpose, c.text_version, c.channel, c.given_at, u.username as given_by,
             c.withdrawn_at, c.withdrawn_channel, c.withdraw_reason
         from consents c left join users u on u.id = c.given_by
         where c.subject_kind = $1 and c.subject_id = $2 order by c.given_at desc, c.id desc limit 500",
    )
    .bind(owner.kind)
    .bind(owner.id)
    .all()
    .await
}

/// Takes back what somebody agreed to for a purpose; how many consents that were.
pub(super) async fn withdraw(
    tx: &mut Tx,
    clock: &Clock,
    owner: Owner,
    purpose: Purpose,
    (channel, reason, by): (ConsentChannel, String, Option<Uuid>),
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update consents set withdrawn_at = $4, withdrawn_channel = $5, withdraw_reason = $6, withdrawn_by = $7
         where subject_kind = $1 and subject_id = $2 and purpose = $3 and withdrawn_at is null",
    )
    .bind(owner.kind)
    .bind(owner.id)
    .bind(purpose)
    .bind(clock.now())
    .bind(channel)
    .bind(reason)
    .bind(by)
    .execute()
    .await
}

/// What a paper can be told by; nothing where the person had none.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub phone: Option<Vec<u8>>,
    pub citizen: Option<Vec<u8>>,
    pub address: Option<Vec<u8>>,
}

/// Leaves somebody's consents without the person.
pub(super) async fn anonymise(
    tx: &mut Tx,
    owner: Owner,
    evidence: Evidence,
    instead: String,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update consents set subject_id = null, evidence_phone = $3, evidence_citizen = $4, evidence_address = $5,
             withdraw_reason = case when withdraw_reason is null then null else $6 end
         where subject_kind = $1 and subject_id = $2",
    )
    .bind(owner.kind)
    .bind(owner.id)
    .bind(evidence.phone)
    .bind(evidence.citizen)
    .bind(evidence.address)
    .bind(instead)
    .execute()
    .await
}

/// Consents of people who were erased, by what a paper says of one.
pub(super) async fn by_evidence(conn: &mut Conn, evidence: Evidence) -> Result<Vec<Consent>, sqlx::Error> {
    conn.sql(
        "select c.id, c.subject_kind, c.purpose, c.text_version, c.channel, c.given_at, u.username as given_by,
             c.withdrawn_at, c.withdrawn_channel, c.withdraw_reason
         from consents c left join users u on u.id = c.given_by
         where c.evidence_phone = $1 or c.evidence_citizen = $2 or c.evidence_address = $3
         order by c.given_at desc, c.id desc limit 50",
    )
    .bind(evidence.phone)
    .bind(evidence.citizen)
    .bind(evidence.address)
    .all()
    .await
}

/// Gives the consents of one owner to another: two records were one person.
pub(super) async fn hand_on(tx: &mut Tx, from: Owner, to: Owner) -> Result<u64, sqlx::Error> {
    tx.sql("update consents set subject_id = $3 where subject_kind = $1 and subject_id = $2")
        .bind(from.kind)
        .bind(from.id)
        .bind(to.id)
        .execute()
        .await
}

/// Removes the consents of records that are taken back with the list that brought them.
pub(super) async fn remove_of_list(tx: &mut Tx, kind: ConsentSubject, ids: &[Uuid]) -> Result<u64, sqlx::Error> {
    #[derive(Serialize)]
    struct IdRow {
        id: Uuid,
    }
    let rows: Vec<IdRow> = ids.iter().map(|id| IdRow { id: *id }).collect();
    tx.sql("delete from consents where subject_kind = $1 and subject_id in (select r.id from rows($2: id uuid) as r)")
        .bind(kind)
        .bind_rows(&rows)
        .execute()
        .await
}
