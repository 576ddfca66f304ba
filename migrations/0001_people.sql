-- Staff, devices, tokens, the audit log. Moments (`_at`) are microseconds since 1970-01-01T00:00:00Z.

create table settings (
    key text primary key,
    value text not null
);

create table users (
    id uuid primary key,
    username text not null unique,
    role text not null check (role in ('admin', 'coordinator', 'storekeeper', 'verifier', 'volunteer', 'auditor')),
    area_id uuid,
    password_hash text,
    password_temporary boolean not null,
    created_at bigint not null,
    disabled_at bigint
);

create table user_points (
    user_id uuid not null references users (id),
    point_id uuid not null,
    primary key (user_id, point_id)
);

-- Bearer tokens of staff and their browsers' sessions: only hashes.
create table tokens (
    id uuid primary key,
    kind text not null check (kind in ('api', 'session')),
    user_id uuid not null references users (id),
    token_hash bytea not null unique,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index tokens_user on tokens (user_id);

create table devices (
    id uuid primary key,
    name text not null,
    volunteer text not null,
    created_by uuid not null references users (id),
    created_at bigint not null,
    enrol_hash bytea unique,
    enrol_expires_at bigint not null,
    enrolled_at bigint,
    token_hash bytea unique,
    last_seen_at bigint,
    revoked_at bigint
);

create table device_points (
    device_id uuid not null references devices (id),
    point_id uuid not null,
    primary key (device_id, point_id)
);

-- Append-only. Each row's hash covers the row and the hash before it.
create table audit_entries (
    seq bigint primary key check (seq > 0),
    at bigint not null,
    actor_kind text not null check (actor_kind in ('user', 'device', 'system', 'public')),
    actor_id uuid,
    action text not null,
    record_kind text not null,
    record_id uuid,
    detail text not null,
    hash bytea not null unique
);
create index audit_record on audit_entries (record_id, seq);
create index audit_actor on audit_entries (actor_id, seq);

-- The end of the chain, one row: locked by whoever appends.
create table audit_head (
    id bigint primary key check (id = 1),
    seq bigint not null,
    hash bytea not null
);
insert into audit_head (id, seq, hash) values (1, 0, '');

-- The answer of a create, kept with the work it answered.
create table idempotency_keys (
    actor_id uuid not null,
    key text not null,
    request_hash bytea not null,
    status bigint not null,
    answer bytea not null,
    created_at bigint not null,
    primary key (actor_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
