"""The ledger: what has been staged from which version of which file."""

from dataclasses import dataclass

import duckdb

from ingest.landing import LandedFile

SCHEMA = """
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
    error varchar
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
"""


@dataclass(frozen=True, slots=True)
class LandingChanges:
    """How the landing zone differs from the ledger.

    `to_read` are the files that are new or look changed; `known_hashes` the content hash that the
    ledger has of some of them.
    """

    to_read: list[LandedFile]
    known_hashes: dict[str, str]
    vanished: list[str]


def create_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the raw schema and its tables where they are missing."""
    con.execute(SCHEMA)


def changes_since_last_run(
    con: duckdb.DuckDBPyConnection, files: list[LandedFile]
) -> LandingChanges:
    """Compare a listing with the ledger, opening no file.

    A file is unchanged when its size and its ETag, or else its time of modification, stand in the
    ledger. A file that could not be read is tried again every time.
    """
    known = {
        path: (size, modified_at, etag, digest, error)
        for path, size, modified_at, etag, digest, error in con.execute(
            "select path, size, modified_at, etag, content_hash, error from raw.files"
        ).fetchall()
    }
    to_read, known_hashes = [], {}
    for file in files:
        if file.path in known:
            size, modified_at, etag, digest, error = known[file.path]
            is_same = etag == file.etag if etag and file.etag else modified_at == file.modified_at
            if error is None and is_same and size == file.size:
                continue
            if error is None:
                known_hashes[file.path] = digest
        to_read.append(file)
    present = {file.path for file in files}
    vanished = sorted(path for path in known if path not in present)
    con.execute(
        "update raw.files set is_present = (path not in (select unnest($vanished::varchar[])))"
        " where is_present = (path in (select unnest($vanished::varchar[])))",
        {"vanished": vanished},
    )
    return LandingChanges(to_read, known_hashes, vanished)


def remove_contribution(con: duckdb.DuckDBPyConnection, paths: list[str]) -> None:
    """Take back what these files contributed; their message ids are unsettled from then on."""
    ids = {
        "ids": [
            file_id
            for (file_id,) in con.execute(
                "select file_id from raw.files where path in (select unnest($paths))",
                {"paths": paths},
            ).fetchall()
        ]
    }
    if not ids["ids"]:
        return
    con.execute(
        "insert into raw.unsettled_ids select distinct message_id from raw.messages"
        " where file_id in (select unnest($ids))",
        ids,
    )
    con.execute("delete from raw.messages where file_id in (select unnest($ids))", ids)
    con.execute("delete from raw.files where file_id in (select unnest($ids))", ids)
