create table landlords (
    id uuid primary key,
    area_id uuid references areas (id),
    name text not null,
    name_key text not null,
    phone_sealed bytea,
    phone_index bytea,
    address text not null,
    address_key text not null,
    created_at bigint not null
);
-- The same person: one folded name with one phone, or with one address where no phone is known.
create unique index landlords_by_phone on landlords (name_key, phone_index) where phone_index is not null;
create unique index landlords_by_address on landlords (name_key, address_key) where phone_index is null;
create index landlords_area on landlords (area_id);

create table rooms (
    id uuid primary key,
    landlord_id uuid not null references landlords (id),
    label text not null,
    label_key text not null,
    unique (landlord_id, label_key)
);

create table rent_reductions (
    id uuid primary key,
    reference text not null unique,
    landlord_id uuid not null references landlords (id),
    area_id uuid references areas (id),
    status text not null check (status in ('pledged', 'verified', 'confirmed', 'rejected', 'withdrawn')),
    -- Where the rooms are, as said with this pledge; nothing: where the landlord's other rooms are.
    address text,
    note text not null,
    -- When the landlord agreed on the public form.
    consented_at bigint,
    -- The hash of the secret in the landlord's private link; the secret itself is kept nowhere.
    link_hash bytea unique,
    import_id uuid,
    submitted_by uuid,
    submitted_at bigint not null,
    -- When any of it last changed: `submitted_at` while nothing did.
    updated_at bigint not null,
    verified_by uuid,
    verified_at bigint,
    confirmed_by uuid,
    confirmed_at bigint,
    rejected_by uuid,
    rejected_at bigint,
    reject_reason text,
    withdrawn_at bigint,
    check ((status in ('verified', 'confirmed')) = (verified_at is not null and rejected_at is null)),
    check ((status = 'confirmed') = (confirmed_at is not null and rejected_at is null)),
    check ((status = 'rejected') = (rejected_at is not null)),
    check ((status = 'withdrawn') = (withdrawn_at is not null))
);
create index rent_reductions_landlord on rent_reductions (landlord_id);
create index rent_reductions_status on rent_reductions (status, id);
create index rent_reductions_area on rent_reductions (area_id, status);
create index rent_reductions_import on rent_reductions (import_id);

-- One row per room and month. `reduced` is the pledge; `confirmed` what was given in the end, once that is known.
-- `counted` holds while the reduction is verified or confirmed and something was given: no room's month twice.
create table rent_lines (
    id uuid primary key,
    reduction_id uuid not null references rent_reductions (id),
    room_id uuid not null references rooms (id),
    tenant text not null,
    month text not null,
    rent bigint not null check (rent > 0),
    kind text not null check (kind in ('amount', 'percent', 'waiver')),
    percent_hundredths bigint check (percent_hundredths between 1 and 10000),
    reduced bigint not null check (reduced > 0),
    confirmed bigint check (confirmed between 0 and rent),
    counted boolean not null,
    unique (reduction_id, room_id, month),
    check (reduced <= rent),
    check ((kind = 'percent') = (percent_hundredths is not null))
);
create unique index rent_lines_counted on rent_lines (room_id, month) where counted;
create index rent_lines_month on rent_lines (month);
create index rent_lines_room on rent_lines (room_id, month);
