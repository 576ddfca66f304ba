-- Personal data: who was erased on request, and why a pledge was corrected.

-- A shell without a person: kept for totals, never found again by what the person was called.
alter table landlords add column erased_at bigint;
alter table donors add column erased_at bigint;
alter table users add column erased_at bigint;
alter table devices add column erased_at bigint;

-- Every erasure. `scrubbed_at`: since when the bytes of what was there before are gone from the database's files as well.
create table erasures (
    id uuid primary key,
    subject_kind text not null check (subject_kind in ('household', 'landlord', 'donor', 'user', 'device')),
    subject_id uuid not null,
    reason text not null,
    erased_at bigint not null,
    erased_by uuid,
    scrubbed_at bigint,
    unique (subject_kind, subject_id)
);
create index erasures_unscrubbed on erasures (erased_at) where scrubbed_at is null;

-- Why a pledge was corrected. Beside the audit log, which nothing can be taken out of.
create table rent_corrections (
    id uuid primary key,
    reduction_id uuid not null references rent_reductions (id),
    reason text not null,
    corrected_by uuid,
    at bigint not null
);
create index rent_corrections_reduction on rent_corrections (reduction_id);

-- What people agreed to: which text, how, when, taken by whom, and when they took it back. Once the person is erased no id is
-- left, only keyed hashes, so that whoever brings the signed paper can be told whether it is the one.
create table consents (
    id uuid primary key,
    subject_kind text not null check (subject_kind in ('household', 'landlord', 'donor')),
    subject_id uuid,
    purpose text not null check (purpose in ('keep_data', 'pledge_rent', 'be_named')),
    -- The version of the text that was read out or shown; 0: from before texts had versions.
    text_version bigint not null check (text_version >= 0),
    channel text not null check (channel in ('paper', 'page', 'phone_call', 'list', 'unrecorded')),
    given_at bigint not null,
    given_by uuid,
    withdrawn_at bigint,
    withdrawn_by uuid,
    withdrawn_channel text check (withdrawn_channel in ('paper', 'page', 'phone_call', 'list', 'unrecorded')),
    withdraw_reason text,
    evidence_phone bytea,
    evidence_citizen bytea,
    evidence_address bytea,
    check ((withdrawn_at is null) = (withdrawn_channel is null))
);
create index consents_subject on consents (subject_kind, subject_id);
create index consents_phone on consents (evidence_phone) where evidence_phone is not null;
create index consents_citizen on consents (evidence_citizen) where evidence_citizen is not null;
create index consents_address on consents (evidence_address) where evidence_address is not null;

-- Consent that was kept before: of households, and of landlords on the public form, the latest of each.
insert into consents (id, subject_kind, subject_id, purpose, text_version, channel, given_at, given_by)
select h.id, 'household', h.id, 'keep_data', 0, 'unrecorded', h.consent_at, h.consent_by
from households h where h.consent_at is not null;
insert into consents (id, subject_kind, subject_id, purpose, text_version, channel, given_at, given_by)
select r.id, 'landlord', r.landlord_id, 'pledge_rent', 0, 'page', r.consented_at, r.submitted_by
from rent_reductions r
where r.consented_at is not null and not exists (
    select 1 from rent_reductions o where o.landlord_id = r.landlord_id and o.consented_at is not null
        and (o.consented_at > r.consented_at or (o.consented_at = r.consented_at and o.id > r.id)));
