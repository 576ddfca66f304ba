-- Every scan, decided or refused; append-only. A row whose `handover` is not null moved goods: it is a redemption,
-- numbered within its voucher. The unique index stands behind "never twice": two writers that both saw the same
-- history of a voucher can't both append to it. Voucher, round, package, point and who scanned are no foreign keys: the
-- one statement that writes here has read them in the same transaction, and nobody deletes any of them. `lalanh doctor`
-- checks them all.
create table scans (
    nonce uuid primary key,
    voucher_id uuid,
    handover bigint check (handover > 0),
    units bigint not null check (units between 0 and 255),
    round_id uuid,
    package_id uuid,
    point_id uuid not null,
    -- When the goods changed hands or did not: a scan made online happened when the server answered it, one that came
    -- later when it was made.
    happened_at bigint not null,
    scanned_at bigint not null,
    received_at bigint not null,
    source text not null check (source in ('online', 'offline', 'roster', 'override')),
    outcome text not null,
    detail text not null,
    flags text not null,
    body_hash bytea not null,
    desk text not null,
    user_id uuid,
    device_id uuid,
    collector_name text,
    collector_relation text,
    override_reason text,
    sequence bigint,
    lease_epoch bigint,
    unique (voucher_id, handover),
    check (handover is null or voucher_id is not null),
    check ((handover is null) = (units = 0))
);
create index scans_point on scans (point_id, received_at);
create index scans_round on scans (round_id, point_id);
create index scans_received on scans (received_at);

create table reversals (
    nonce uuid primary key references scans (nonce),
    reason text not null,
    user_id uuid references users (id),
    device_id uuid references devices (id),
    at bigint not null
);

-- What was handed out and not undone. This view and those below are what other features ask of scans. None that is joined
-- groups: SQLite would build it whole each time. A subquery that nobody asks for costs nothing.
create view handovers as
select s.nonce, s.voucher_id, s.handover, s.units, s.round_id, s.package_id, s.point_id, s.source, s.device_id,
    s.happened_at, s.scanned_at, s.received_at
from scans s
where s.handover is not null and not exists (select 1 from reversals z where z.nonce = s.nonce);

-- Every handover, with whose it was and when it was undone.
create view all_handovers as
select s.nonce, s.voucher_id, v.household_id, s.units, s.point_id, s.scanned_at, s.received_at, z.at as reversed_at
from scans s left join vouchers v on v.id = s.voucher_id left join reversals z on z.nonce = s.nonce
where s.handover is not null;

-- Vouchers with what became of them. `state` is what a person is told: a voucher that was used up is redeemed.
create view voucher_state as
select v.id, v.round_id, (select r.name from rounds r where r.id = v.round_id) as round, v.round_number, v.serial,
    v.issue_number, v.household_id, v.point_id, v.units, v.status, v.slot_at, v.slot_ends_at, v.valid_from,
    v.valid_until, v.kid, v.signature, v.typed_code, v.void_reason, v.voided_at, v.issued_at,
    (select cast(coalesce(sum(h.units), 0) as bigint) from handovers h where h.voucher_id = v.id) as redeemed,
    v.units - (select cast(coalesce(sum(h.units), 0) as bigint) from handovers h where h.voucher_id = v.id)
        as remaining,
    (select max(h.received_at) from handovers h where h.voucher_id = v.id) as last_handover_at,
    case when v.status = 'void' then 'void'
        when (select coalesce(sum(h.units), 0) from handovers h where h.voucher_id = v.id) >= v.units then 'redeemed'
        else 'issued' end as state
from vouchers v;

-- What is promised now and not yet handed out, point by point and item by item: units of vouchers issued and not void,
-- less units handed out, times the package's items. Whoever was handed more than the voucher's units takes nothing from
-- others. Two sums instead of a row for each voucher: what was issued is read from an index, and only vouchers that were
-- handed out are looked up. It groups: read it alone, never join it.
create view promised as
select coalesce(x.point_id, o.point_id) as point_id, c.item_id, cast(sum(x.units * c.quantity) as bigint) as quantity
from (
    select v.round_id, v.point_id, sum(v.units) as units
    from rounds r join vouchers v on v.round_id = r.id
    where r.status <> 'closed' and v.status = 'issued'
    group by v.round_id, v.point_id
    union all
    select v.round_id, v.point_id, -sum(case when h.units < v.units then h.units else v.units end)
    from (
        select s.voucher_id, sum(s.units) as units
        from rounds r join handovers s on s.round_id = r.id
        where r.status <> 'closed'
        group by s.voucher_id
    ) h join vouchers v on v.id = h.voucher_id
    where v.status = 'issued'
    group by v.round_id, v.point_id
) x
join rounds r on r.id = x.round_id
join package_items c on c.package_id = r.package_id
left join round_points o on x.point_id is null and o.round_id = x.round_id
    and not exists (select 1 from round_points p where p.round_id = o.round_id and p.point_id <> o.point_id)
group by coalesce(x.point_id, o.point_id), c.item_id having sum(x.units) > 0;

create table conflicts (
    id uuid primary key,
    kind text not null check (kind in ('handed_out_twice', 'handed_out_against_rule', 'handed_out_after_undo', 'units_exceeded',
        'stock_short', 'chain_broken', 'quarantined')),
    voucher_id uuid references vouchers (id),
    winner_nonce uuid references scans (nonce),
    other_nonce uuid references scans (nonce),
    device_id uuid references devices (id),
    detail text not null,
    created_at bigint not null,
    resolution text,
    reason text,
    resolved_by uuid references users (id),
    resolved_at bigint,
    check ((resolved_at is null) = (resolution is null))
);
create index conflicts_open on conflicts (created_at) where resolved_at is null;
create index conflicts_voucher on conflicts (voucher_id);

-- What a revoked phone told of handovers that it may not have made: no goods are booked until a coordinator accepts.
-- `record` is the upload's item, sealed. The point is what the phone said, and may be none.
create table quarantined_records (
    nonce uuid primary key,
    conflict_id uuid not null references conflicts (id),
    device_id uuid not null references devices (id),
    point_id uuid not null,
    voucher_id uuid not null references vouchers (id),
    desk text not null,
    units bigint not null check (units between 1 and 20),
    scanned_at bigint not null,
    received_at bigint not null,
    why text not null check (why in ('made_after_revocation', 'not_held', 'too_many_units',
        'too_many_after_revocation')),
    record bytea not null,
    accepted boolean
);
create index quarantined_records_conflict on quarantined_records (conflict_id);
create index quarantined_records_device on quarantined_records (device_id) where accepted is null;

-- A share of a point's vouchers that one phone alone may hand out offline. It ends only when that phone reports
-- back, or when a coordinator releases it and so accepts the risk; never by time.
create table leases (
    id uuid primary key,
    epoch bigint not null unique,
    device_id uuid not null references devices (id),
    point_id uuid not null references points (id),
    desk text not null,
    share_desk bigint,
    share_of bigint,
    taken_at bigint not null,
    use_until bigint not null,
    heard_at bigint,
    closed_at bigint,
    release_reason text,
    released_by uuid references users (id),
    check ((share_desk is null) = (share_of is null)),
    check (share_desk between 1 and share_of),
    check (release_reason is null or closed_at is not null)
);
create unique index leases_open on leases (device_id, point_id) where closed_at is null;
create index leases_point on leases (point_id);

-- The highest epoch, one row: locked by whoever takes a lease.
create table lease_head (
    id bigint primary key check (id = 1),
    epoch bigint not null
);
insert into lease_head (id, epoch) values (1, 0);

-- `ended_at`: given back, reported or released. A voucher that was used up under its lease needs no end.
create table lease_vouchers (
    lease_id uuid not null references leases (id),
    voucher_id uuid not null references vouchers (id),
    recalled_at bigint,
    ended_at bigint,
    primary key (lease_id, voucher_id)
);
create unique index lease_vouchers_held on lease_vouchers (voucher_id) where ended_at is null;
create index lease_vouchers_recalled on lease_vouchers (lease_id, recalled_at) where ended_at is null;

-- The records of each device's hash-chained queue, as they were uploaded; append-only. Two of one sequence show that
-- its storage was rolled back. An empty hash: an item that could not be read, told of in the closing report.
create table chain_records (
    device_id uuid not null references devices (id),
    sequence bigint not null check (sequence > 0),
    record_hash bytea not null,
    nonce uuid,
    received_at bigint not null,
    primary key (device_id, sequence, record_hash)
);

-- How far each device's records are here without a gap.
create table device_chains (
    device_id uuid primary key references devices (id),
    sequence bigint not null
);
