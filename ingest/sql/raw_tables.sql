-- The raw schema: what has landed, whose rows are kept out, and what the runs did.

create schema if not exists raw;

create sequence if not exists raw.revisions;

create table if not exists raw.files (
    file_id integer not null,
    path varchar not null,
    source varchar not null,
    source_id varchar not null,
    layout varchar not null,
    size bigint not null,
    modified_at timestamp not null,
    etag varchar,
    content_hash varchar not null,
    landed bigint not null,
    rejected bigint not null,
    error varchar,
    is_present boolean not null,
    is_settled boolean not null,
    -- A build that passed its checks has read it.
    is_built boolean not null default false,
    is_published boolean not null,
    is_accepted boolean not null,
    staged_at timestamp not null,
    -- Another one whenever which of its rows count has changed.
    revision bigint not null default nextval('raw.revisions')
);

create table if not exists raw.messages (
    file_id integer,
    row_number bigint,
    source varchar,
    -- Keys are the snake_case of the sender's: a data lake has lost their case and nesting.
    is_flattened boolean,
    reject_reason varchar,
    rejected_payload varchar using compression zstd,
    is_duplicate boolean,
    -- Another copy of its id says something else.
    is_reused boolean,
    has_message_id boolean,
    message_id varchar using compression uncompressed,
    type varchar,
    event varchar,
    -- The table of a track call whose own name is lost.
    event_table varchar,
    name varchar,
    category varchar,
    anonymous_id varchar using compression uncompressed,
    user_id varchar using compression uncompressed,
    group_id varchar,
    previous_id varchar,
    channel varchar,
    version varchar,
    project_id varchar,
    has_timestamp boolean,
    given_at timestamp,
    original_at timestamp,
    sent_at timestamp,
    received_at timestamp,
    given_at_text varchar,
    original_at_text varchar,
    sent_at_text varchar,
    received_at_text varchar,
    -- Told the codec, DuckDB writes the large columns without trying them all.
    context varchar using compression zstd,
    integrations varchar,
    properties varchar using compression zstd,
    traits varchar using compression zstd,
    unsound_objects varchar,
    -- What was mended in the objects: names of repairs, comma-separated.
    repairs varchar
);

-- Ids of messages whose rows were taken back and whose winner is not settled yet.
create table if not exists raw.unsettled_ids (message_id varchar);

-- Erased persons' identifiers, hashed under a key kept beside this file, and when they were theirs:
-- null is open on that side.
create table if not exists raw.tombstones (
    identifier_hash varchar not null,
    owned_from timestamp,
    owned_to timestamp,
    erased_at timestamp not null
);

-- Whether the models are those of a build that ran to its end and passed its checks, what they were
-- built by, and when the run began that built them.
create table if not exists raw.builds (
    is_whole boolean not null,
    fingerprint varchar,
    run_id varchar,
    started_at timestamp
);

-- What made each model of the last good build, as a hash (jobs/build/changes.py), and the run that
-- last built it whole.
create table if not exists raw.fingerprints (
    node varchar not null,
    fingerprint varchar not null,
    whole_by varchar
);

-- What the last night read and wrote, as hashes, if it ended well (jobs/nightly/unchanged.py).
create table if not exists raw.last_night (
    inputs varchar not null,
    outputs varchar not null
);

create table if not exists raw.runs (
    run_id varchar primary key,
    started_at timestamp not null,
    finished_at timestamp,
    outcome varchar not null,
    files_staged bigint,
    rows_landed bigint,
    rows_rejected bigint,
    rows_staged bigint,
    models_built bigint,
    tables_published bigint,
    version varchar not null,
    config_hash varchar not null,
    error varchar,
    ingest_seconds double,
    build_seconds double,
    publish_seconds double,
    export_seconds double,
    report_seconds double,
    peak_memory bigint
);

-- The files of the CRM, one a kind of record. The fingerprint is that of their bytes and of the
-- columns asked of them.
create table if not exists raw.crm_files (
    object varchar not null,
    path varchar not null,
    fingerprint varchar not null,
    landed bigint not null,
    without_email bigint not null,
    -- Of persons who were erased: left out as well.
    erased bigint default 0,
    staged_at timestamp not null
);

create table if not exists raw.crm_records (
    object varchar not null,
    row_number bigint not null,
    record_id varchar not null,
    -- Else the id is a hash of what was read.
    has_id boolean not null,
    email varchar not null,
    fields varchar not null,
    valid_from timestamp,
    valid_from_text varchar,
    -- A column says since when the row holds.
    is_dated boolean not null,
    file varchar not null
);

-- What older warehouses lack.
alter table raw.files add column if not exists etag varchar;
alter table raw.files add column if not exists revision bigint default nextval('raw.revisions');
alter table raw.files add column if not exists is_built boolean default false;
alter table raw.messages add column if not exists is_flattened boolean default false;
alter table raw.messages add column if not exists event_table varchar;
alter table raw.messages add column if not exists is_reused boolean;
alter table raw.messages add column if not exists repairs varchar;
alter table raw.builds add column if not exists fingerprint varchar;
alter table raw.builds add column if not exists run_id varchar;
alter table raw.builds add column if not exists started_at timestamp;
alter table raw.crm_files add column if not exists erased bigint default 0;
alter table raw.runs add column if not exists ingest_seconds double;
alter table raw.runs add column if not exists build_seconds double;
alter table raw.runs add column if not exists publish_seconds double;
alter table raw.runs add column if not exists export_seconds double;
alter table raw.runs add column if not exists report_seconds double;
alter table raw.runs add column if not exists peak_memory bigint;
