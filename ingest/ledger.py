"""The ledger: what has been staged from which version of which file."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.landing import LandedFile, content_hash

SCHEMA = """
create schema if not exists raw;

create table if not exists raw.files (
    file_id integer not null,
    path varchar not null,
    source varchar not null,
    source_id varchar not null,
    layout varchar not null,
    size bigint not null,
    modified_at timestamp not null,
    content_hash varchar not null,
    landed bigint not null,
    rejected bigint not null,
    error varchar,
    is_present boolean not null,
    is_settled boolean not null,
    is_published boolean not null,
    is_accepted boolean not null,
    staged_at timestamp not null
);

create table if not exists raw.messages (
    file_id integer not null,
    row_number bigint not null,
    source varchar not null,
    reject_reason varchar,
    rejected_payload varchar,
    is_duplicate boolean not null,
    has_message_id boolean not null,
    message_id varchar,
    type varchar,
    event varchar,
    name varchar,
    category varchar,
    anonymous_id varchar,
    user_id varchar,
    group_id varchar,
    previous_id varchar,
    channel varchar,
    version varchar,
    project_id varchar,
    has_timestamp boolean not null,
    given_at timestamp,
    original_at timestamp,
    sent_at timestamp,
    received_at timestamp,
    given_at_text varchar,
    original_at_text varchar,
    sent_at_text varchar,
    received_at_text varchar,
    context varchar,
    integrations varchar,
    properties varchar,
    traits varchar,
    unsound_objects varchar
);

-- Ids of messages whose rows were taken back and whose winner is not settled yet.
create table if not exists raw.unsettled_ids (message_id varchar);

-- Whether the marts are those of a build that ran to its end and passed its checks.
create table if not exists raw.builds (is_whole boolean not null);

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
"""


@dataclass(frozen=True, slots=True)
class LandingChanges:
    """How the landing zone differs from the ledger. `unread` counts the files left as they were."""

    to_stage: list[LandedFile]
    vanished: list[str]
    unread: int


def create_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the raw schema and its tables where they are missing."""
    con.execute(SCHEMA)


def changes_since_last_run(
    con: duckdb.DuckDBPyConnection, landing: Path, files: list[LandedFile]
) -> LandingChanges:
    """Compare a listing with the ledger.

    A file whose size and modification time stand in the ledger is not opened. One that differs is
    hashed, and staged again only when its bytes changed. A file that could not be read is tried
    again every time.
    """
    known = {
        path: (size, modified_at, digest, error)
        for path, size, modified_at, digest, error in con.execute(
            "select path, size, modified_at, content_hash, error from raw.files"
        ).fetchall()
    }
    to_stage: list[LandedFile] = []
    for file in files:
        if file.path not in known:
            to_stage.append(file)
            continue
        size, modified_at, digest, error = known[file.path]
        if error is not None:
            to_stage.append(file)
        elif (size, modified_at) != (file.size, file.modified_at):
            if digest == content_hash(landing / file.path):
                con.execute(
                    "update raw.files set size = ?, modified_at = ? where path = ?",
                    [file.size, file.modified_at, file.path],
                )
            else:
                to_stage.append(file)
    present = {file.path for file in files}
    vanished = sorted(path for path in known if path not in present)
    con.execute(
        "update raw.files set is_present = (path not in (select unnest($vanished::varchar[])))"
        " where is_present = (path in (select unnest($vanished::varchar[])))",
        {"vanished": vanished},
    )
    return LandingChanges(to_stage, vanished, unread=len(files) - len(to_stage))
