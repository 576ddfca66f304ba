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

-- Whose account at a provider of identities opens a login: keyed hash and seal of issuer and subject. Until the first time it
-- waits for an address that the provider verified, which is then forgotten.
create table sign_on_links (
    user_id uuid primary key references users (id),
    found bytea unique,
    sealed bytea,
    linked_at bigint,
    expected bytea unique,
    expected_sealed bytea,
    expected_at bigint,
    check ((found is null) = (sealed is null) and (found is null) = (linked_at is null)),
    check ((expected is null) = (expected_sealed is null) and (expected is null) = (expected_at is null)),
    check ((found is null) <> (expected is null))
);
