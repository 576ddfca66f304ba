-- Work in the background, how long what is kept, people's names, duties that are handed over.

-- One row a job. Whoever carries one out holds a lease of it, one at a time over all processes of the database; a
-- holder that is gone is followed when its lease ends.
create table jobs (
    name text primary key check (name in ('prune', 'retain', 'examine', 'watch')),
    -- Nothing: not planned yet.
    due_at bigint,
    holder uuid,
    lease_until bigint,
    begun_at bigint,
    ended_at bigint,
    succeeded_at bigint,
    took_ms bigint,
    result text check (result in ('done', 'found', 'failed', 'interrupted')),
    -- What was counted, by name.
    detail text not null,
    failures bigint not null,
    check ((holder is null) = (lease_until is null))
);
insert into jobs (name, detail, failures) values ('prune', '{}', 0), ('retain', '{}', 0), ('examine', '{}', 0), ('watch', '{}', 0);

-- One row a rule of retention: its last run, and the ward's own period where it chose one.
create table retention_rules (
    rule text primary key check (rule in ('kept_answers', 'ended_logins', 'enrol_codes', 'phone_tokens', 'open_lists',
        'committed_lists', 'refused_scans', 'collector_names', 'settled_records')),
    days bigint check (days between 1 and 3650),
    run_at bigint,
    dropped bigint
);
insert into retention_rules (rule) values ('kept_answers'), ('ended_logins'), ('enrol_codes'), ('phone_tokens'), ('open_lists'),
    ('committed_lists'), ('refused_scans'), ('collector_names'), ('settled_records');

-- Họ tên, beside the login. Nothing: not told.
alter table users add column full_name text;

-- What moved from one officer to another in one step, so that it can be handed back.
create table hand_overs (
    id uuid primary key,
    from_id uuid not null references users (id),
    to_id uuid not null references users (id),
    reason text not null,
    moved text not null,
    by_id uuid not null references users (id),
    at bigint not null,
    undone_at bigint,
    undone_by uuid references users (id),
    undo_reason text,
    check ((undone_at is null) = (undone_by is null)),
    check (from_id <> to_id)
);
create index hand_overs_from on hand_overs (from_id);
