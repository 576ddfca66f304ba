-- Areas are data, not an enum: units are renamed, merged and redrawn.

create table areas (
    id uuid primary key,
    parent_id uuid references areas (id),
    name text not null,
    name_key text not null,
    kind text not null check (kind in ('ward', 'neighbourhood', 'group')),
    code text unique,
    starts_on text not null,
    ends_on text,
    created_at bigint not null,
    check (ends_on is null or ends_on >= starts_on),
    check (parent_id is null or parent_id <> id)
);
create index areas_parent on areas (parent_id);

create table area_predecessors (
    area_id uuid not null references areas (id),
    predecessor_id uuid not null references areas (id),
    primary key (area_id, predecessor_id),
    check (area_id <> predecessor_id)
);

create table points (
    id uuid primary key,
    number bigint not null unique check (number between 1 and 65535),
    name text not null,
    kind text not null check (kind in ('distribution', 'warehouse')),
    area_id uuid not null references areas (id),
    address text not null,
    desks bigint not null check (desks between 1 and 99),
    created_at bigint not null,
    closed_at bigint
);
create index points_area on points (area_id);
