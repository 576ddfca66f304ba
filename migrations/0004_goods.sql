-- Quantities are integers in the item's smallest unit; money is whole đồng.

create table campaigns (
    id uuid primary key,
    name text not null,
    starts_on text not null,
    ends_on text not null,
    interval_days bigint check (interval_days between 0 and 3650),
    created_at bigint not null,
    check (ends_on >= starts_on)
);

create table items (
    id uuid primary key,
    name text not null,
    name_key text not null,
    unit text not null,
    unit_key text not null,
    decimals bigint not null check (decimals between 0 and 6),
    perishable boolean not null,
    low_stock bigint,
    created_at bigint not null,
    unique (name_key, unit_key)
);

create table packages (
    id uuid primary key,
    number bigint not null unique check (number between 1 and 65535),
    name text not null,
    value bigint not null check (value >= 0),
    created_at bigint not null
);

create table package_items (
    package_id uuid not null references packages (id),
    item_id uuid not null references items (id),
    quantity bigint not null check (quantity > 0),
    primary key (package_id, item_id)
);

create table donors (
    id uuid primary key,
    name text not null,
    name_key text not null,
    kind text not null check (kind in ('person', 'organisation')),
    anonymous boolean not null,
    created_at bigint not null,
    unique (name_key, kind, anonymous)
);

create table donations (
    id uuid primary key,
    number bigint not null unique,
    campaign_id uuid references campaigns (id),
    donor_id uuid not null references donors (id),
    received_on text not null,
    point_id uuid references points (id),
    condition text not null,
    import_id uuid,
    created_by uuid,
    created_at bigint not null
);
create index donations_day on donations (received_on);
create index donations_donor on donations (donor_id);
create index donations_import on donations (import_id);

create table donation_lines (
    id uuid primary key,
    donation_id uuid not null references donations (id),
    position bigint not null,
    kind text not null check (kind in ('goods', 'packages', 'cash')),
    item_id uuid references items (id),
    package_id uuid references packages (id),
    quantity bigint not null check (quantity >= 0),
    value bigint not null check (value >= 0),
    expires_on text,
    unique (donation_id, position),
    check ((kind = 'goods') = (item_id is not null))
);
create index donation_lines_item on donation_lines (item_id);

-- One lot per item and expiry day; `overdraft` is the lot that offline handovers beyond the stock are booked on,
-- the only one whose level may fall below zero.
create table lots (
    id uuid primary key,
    item_id uuid not null references items (id),
    expires_on text not null,
    overdraft boolean not null,
    unique (item_id, expires_on, overdraft)
);

create table stock_transfers (
    id uuid primary key,
    number bigint not null unique,
    from_point_id uuid not null references points (id),
    to_point_id uuid not null references points (id),
    created_by uuid,
    created_at bigint not null,
    check (from_point_id <> to_point_id)
);

create table stock_adjustments (
    id uuid primary key,
    point_id uuid not null references points (id),
    reason text not null check (reason in ('spoiled', 'counted', 'lost', 'other')),
    note text not null,
    created_by uuid,
    created_at bigint not null
);

-- The ledger: append-only. `source_id` is the donation, transfer, adjustment, or the redemption's nonce. Point, item and
-- lot are no foreign keys: entries are written by one statement only, beside the levels, whose keys are checked, and
-- nobody deletes points, items or lots. Checking them again for each entry was the dearest part of a redemption on
-- PostgreSQL. `lalanh doctor` checks them all.
create table stock_entries (
    id uuid primary key,
    at bigint not null,
    point_id uuid not null,
    item_id uuid not null,
    lot_id uuid not null,
    quantity bigint not null check (quantity <> 0),
    reason text not null check (reason in
        ('donation', 'transfer', 'spoiled', 'counted', 'lost', 'other', 'redemption', 'reversal')),
    source_id uuid not null
);
-- Reports ask for a time; an index by item or point would be written in as many places as a package has items.
create index stock_entries_at on stock_entries (at, item_id);
-- Those of a redemption are found by the moment of its scan: five more places to write for each scan would be the
-- dearest part of it.
create index stock_entries_source on stock_entries (source_id) where reason <> 'redemption';
-- Few among the redemptions' many.
create index stock_entries_corrected on stock_entries (at, item_id)
    where reason in ('spoiled', 'counted', 'lost', 'other');

-- The ledger's sum per point and lot, changed in the same transaction as its entries.
create table stock_levels (
    point_id uuid not null references points (id),
    lot_id uuid not null references lots (id),
    item_id uuid not null references items (id),
    expires_on text not null,
    overdraft boolean not null,
    quantity bigint not null,
    primary key (point_id, lot_id),
    check (overdraft or quantity >= 0)
);
create index stock_levels_item on stock_levels (item_id, point_id);

-- The last number given to each kind of paper: a row lock hands them out one by one, without gaps.
create table goods_numbers (
    kind text primary key check (kind in ('package', 'donation', 'transfer')),
    last bigint not null
);
insert into goods_numbers (kind, last) values ('package', 0), ('donation', 0), ('transfer', 0);
