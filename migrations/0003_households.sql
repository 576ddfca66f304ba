create table households (
    id uuid primary key,
    area_id uuid not null references areas (id),
    status text not null check (status in ('active', 'merged', 'erased')),
    category text not null,
    members bigint not null check (members between 1 and 30),
    birth_year bigint check (birth_year between 1900 and 2200),
    head_name text not null,
    name_key text not null,
    sort_key text not null,
    search_key text not null,
    mark_text text not null,
    phone_sealed bytea,
    phone_index bytea,
    citizen_sealed bytea,
    citizen_index bytea,
    address text not null,
    address_key text not null,
    note text not null,
    consent_at bigint,
    consent_by uuid,
    merged_into uuid references households (id),
    import_id uuid,
    created_at bigint not null,
    updated_at bigint not null,
    check ((status = 'merged') = (merged_into is not null))
);
create unique index households_citizen on households (citizen_index) where status = 'active' and citizen_index is not null;
create index households_phone on households (phone_index, name_key);
create index households_name on households (name_key, address_key);
create index households_address on households (address_key);
create index households_merged on households (merged_into);
create index households_area on households (area_id, status);
create index households_sort on households (sort_key, id);
create index households_import on households (import_id);

-- "Not the same": pairs that a clerk has told apart.
create table distinct_households (
    first_id uuid not null references households (id),
    second_id uuid not null references households (id),
    decided_by uuid,
    decided_at bigint not null,
    primary key (first_id, second_id)
);

-- Staged lists of every kind: households, donations, rent reductions.
create table imports (
    id uuid primary key,
    kind text not null check (kind in ('households', 'donations', 'rent_reductions')),
    file_name text not null,
    file_hash bytea not null,
    options text not null,
    staged bytea,
    totals text not null,
    created_by uuid,
    created_at bigint not null,
    committed_by uuid,
    committed_at bigint
);
create index imports_file on imports (kind, file_hash);
