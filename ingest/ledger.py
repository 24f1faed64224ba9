"""The ledger: what has been staged from which version of which file."""

from dataclasses import dataclass

import duckdb

from ingest.sql import define_macros, statement
from ingest.storage.landing import LandedFile


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
    """Create the raw schema and its tables where they are missing, and the connection's macros."""
    con.execute(statement("raw_tables"))
    define_macros(con)


def changes_since_last_run(
    con: duckdb.DuckDBPyConnection, files: list[LandedFile]
) -> LandingChanges:
    """Compare a listing with the ledger, opening no file.

    A file is unchanged when its size and its ETag, or else its time of modification, are those
    of the ledger. A file that could not be read is tried again every time.
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
    ids = con.execute(
        "delete from raw.files where path in (select unnest($paths)) returning file_id",
        {"paths": paths},
    ).fetchall()
    if not ids:
        return
    of_files = {"ids": [file_id for (file_id,) in ids]}
    con.execute(
        "insert into raw.unsettled_ids select distinct message_id from raw.messages"
        " where file_id in (select unnest($ids))",
        of_files,
    )
    con.execute("delete from raw.messages where file_id in (select unnest($ids))", of_files)
