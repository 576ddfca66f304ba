-- Every scan, decided or refused; append-only. A row whose `handover` is not null moved goods: it is a redemption,
-- numbered within its voucher. The unique index stands behind "never twice": two writers that both saw the same
-- history of a voucher can't both append to it.
create table scans (
    nonce uuid primary key,
    body_hash bytea not null,
    source text not null check (source in ('online', 'offline', 'roster', 'override')),
    outcome text not null,
    detail text not null,
    flags text not null,
    voucher_id uuid references vouchers (id),
    handover bigint check (handover > 0),
    units bigint not null check (units between 0 and 255),
    round_id uuid references rounds (id),
    package_id uuid references packages (id),
    point_id uuid not null references points (id),
    desk text not null,
    user_id uuid references users (id),
    device_id uuid references devices (id),
    collector_name text,
    collector_relation text,
    override_reason text,
    sequence bigint,
    record_hash bytea,
    lease_epoch bigint,
    scanned_at bigint not null,
    received_at bigint not null,
    unique (voucher_id, handover),
    check (handover is null or voucher_id is not null),
    check ((handover is null) = (units = 0))
);
create index scans_point on scans (point_id, received_at);
create index scans_round on scans (round_id, point_id);
create index scans_received on scans (received_at);
create index scans_device on scans (device_id, sequence);

create table reversals (
    nonce uuid primary key references scans (nonce),
    reason text not null,
    user_id uuid references users (id),
    device_id uuid references devices (id),
    at bigint not null
);

create table conflicts (
    id uuid primary key,
    kind text not null check (kind in ('handed_out_twice', 'handed_out_against_rule', 'stock_short', 'chain_broken')),
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

-- A share of a point's vouchers that one phone alone may hand out offline. It ends only when that phone reports
-- back, or when a coordinator releases it and so accepts the risk; never by time.
create table leases (
    id uuid primary key,
    epoch bigint not null unique,
    device_id uuid not null references devices (id),
    point_id uuid not null references points (id),
    desk text not null,
    taken_at bigint not null,
    use_until bigint not null,
    closed_at bigint,
    release_reason text,
    released_by uuid references users (id)
);
create index leases_device on leases (device_id);

create table lease_vouchers (
    lease_id uuid not null references leases (id),
    voucher_id uuid not null references vouchers (id),
    ended_at bigint,
    primary key (lease_id, voucher_id)
);
create unique index lease_vouchers_held on lease_vouchers (voucher_id) where ended_at is null;

-- The last record of each device's hash-chained queue that the server took.
create table device_chains (
    device_id uuid primary key references devices (id),
    sequence bigint not null,
    record_hash bytea not null
);
