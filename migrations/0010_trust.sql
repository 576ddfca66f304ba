-- Trust: nothing kept longer than it is needed, an audit log that the database alone can't rewrite, tokens that move on.

-- Answers kept before this opened with the data folder's secret alone, and their requests were hashed without a key.
delete from idempotency_keys;

-- The key behind what must come out alike when it is asked for twice: kept answers, a phone's next token. One row, sealed.
create table replay_key (
    id bigint primary key check (id = 1),
    sealed bytea not null
);

-- The audit log's keys, sealed, each from an entry on. Entries before the first are of a time without keys.
create table audit_keys (
    from_seq bigint primary key check (from_seq > 0),
    made_at bigint not null,
    sealed bytea not null
);
-- Binds the end of the log: a log that was cut has no such value for its new end.
alter table audit_head add column mac bytea;

-- A phone's token moves on while it is in use. The next one is told until it was used once; then this one ends.
alter table devices add column token_since bigint;
alter table devices add column next_token_hash bytea;
create unique index devices_next_token on devices (next_token_hash);
create table ended_device_tokens (
    token_hash bytea primary key,
    device_id uuid not null references devices (id),
    ended_at bigint not null,
    shown_again_at bigint
);
create index ended_device_tokens_age on ended_device_tokens (ended_at);
create index tokens_end on tokens (expires_at);
create index devices_enrol_end on devices (enrol_expires_at);
