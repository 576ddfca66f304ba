-- A second factor: codes of an app (TOTP, RFC 6238), and recovery codes for when it is lost.

-- One row a login that has one or is about to. `sealed` is in force since `confirmed_at`; `pending` waits until a code of it
-- was shown, also beside one in force, which it then replaces. A time step is taken once: only ever a later one.
create table second_factors (
    user_id uuid primary key references users (id),
    sealed bytea,
    confirmed_at bigint,
    last_step bigint not null,
    -- The step of a code that was told to be of a wrong clock: it opens nothing when its time comes.
    told_step bigint,
    pending bytea,
    pending_at bigint,
    check ((sealed is null) = (confirmed_at is null)),
    check ((pending is null) = (pending_at is null))
);

-- Each opens once. Those of a pending factor are not in force yet.
create table recovery_codes (
    code_hash bytea primary key,
    user_id uuid not null references users (id),
    in_force boolean not null,
    used_at bigint
);
create index recovery_codes_user on recovery_codes (user_id);
