-- What happens to an uploaded list between its upload and its commit, and what its commit did, so that it can be
-- taken back as a whole.

-- The file itself, sealed, to read it again with other columns. Gone with the commit, or some days after the upload.
create table import_files (
    import_id uuid primary key references imports (id),
    sealed bytea not null
);

-- What the clerk decided about a row, and what was typed instead of its wrong cells (sealed).
create table import_steps (
    import_id uuid not null references imports (id),
    sheet bigint not null,
    line bigint not null,
    decision text,
    corrected bytea,
    primary key (import_id, sheet, line)
);

alter table imports add column counts text;
alter table imports add column undone_at bigint;
alter table imports add column undone_by uuid;

-- What a list told of households that were stored already: taken back with it.
create table import_fills (
    import_id uuid not null references imports (id),
    household_id uuid not null references households (id),
    phone boolean not null,
    citizen_id boolean not null,
    birth_year boolean not null,
    at bigint not null,
    primary key (import_id, household_id)
);
create index import_fills_household on import_fills (household_id);
