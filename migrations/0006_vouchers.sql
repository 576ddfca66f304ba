create table signing_keys (
    kid bigint primary key check (kid between 1 and 255),
    public_key bytea not null unique,
    secret_sealed bytea not null,
    created_at bigint not null,
    active_from bigint not null,
    retired_at bigint,
    withdrawn_at bigint,
    withdraw_reason text,
    check ((withdrawn_at is null) = (withdraw_reason is null))
);

create table rounds (
    id uuid primary key,
    number bigint not null unique check (number between 1 and 4294967295),
    campaign_id uuid not null references campaigns (id),
    package_id uuid not null references packages (id),
    name text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    slot_minutes bigint check (slot_minutes between 5 and 1440),
    slot_capacity bigint check (slot_capacity between 1 and 100000),
    enforce_slots boolean not null,
    any_point boolean not null,
    collector_required boolean not null,
    offline text not null check (offline in ('strict', 'amber')),
    amber_in_a_row bigint not null check (amber_in_a_row between 1 and 1000),
    amber_hours bigint not null check (amber_hours between 1 and 72),
    status text not null check (status in ('open', 'paused', 'closed')),
    created_at bigint not null,
    check (ends_at > starts_at),
    check ((slot_minutes is null) = (slot_capacity is null))
);
create index rounds_campaign on rounds (campaign_id);

create table round_points (
    round_id uuid not null references rounds (id),
    point_id uuid not null references points (id),
    primary key (round_id, point_id)
);

create table vouchers (
    id uuid primary key,
    round_id uuid not null references rounds (id),
    round_number bigint not null,
    serial bigint not null check (serial between 1 and 4294967295),
    issue_number bigint not null check (issue_number between 1 and 255),
    household_id uuid not null references households (id),
    point_id uuid references points (id),
    units bigint not null check (units between 1 and 255),
    status text not null check (status in ('issued', 'void')),
    slot_at bigint,
    slot_ends_at bigint,
    valid_from text not null,
    valid_until text not null,
    kid bigint not null references signing_keys (kid),
    signature bytea not null,
    typed_code text not null unique,
    void_reason text,
    voided_by uuid,
    voided_at bigint,
    issued_by uuid,
    issued_at bigint not null,
    unique (round_number, serial),
    check ((status = 'void') = (voided_at is not null)),
    check (valid_until >= valid_from)
);
create unique index vouchers_one_per_household on vouchers (round_id, household_id) where status = 'issued';
create index vouchers_household on vouchers (household_id);
-- What a round promises at each point, summed without reading its vouchers; and the vouchers of a point, round by round.
create index vouchers_promised on vouchers (round_id, point_id, units) where status = 'issued';

-- Papers that a reissue replaced: their codes answer `superseded`.
create table replaced_papers (
    voucher_id uuid not null references vouchers (id),
    issue_number bigint not null,
    typed_code text not null unique,
    reason text not null,
    replaced_by uuid,
    replaced_at bigint not null,
    primary key (voucher_id, issue_number)
);

-- What vouchers of rounds that are not closed promise, now or once. `point_id`: where the goods have to be; of a voucher for
-- any point the round's point if it has just one, else none.
create view promises as
select v.id as voucher_id, r.package_id, coalesce(v.point_id, o.point_id) as point_id, v.units, v.issued_at, v.voided_at
from vouchers v join rounds r on r.id = v.round_id
left join round_points o on v.point_id is null and o.round_id = v.round_id
    and not exists (select 1 from round_points p where p.round_id = o.round_id and p.point_id <> o.point_id)
where r.status <> 'closed';
