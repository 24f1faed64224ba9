"""The CRM's leads and contacts: one file of each, read whole into `raw.crm_records`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingest.erasure import Erasure, has_erased_email
from ingest.layouts.crm_files import CrmFile, CrmFilesError, CrmMistake, OpenedFile, open_crm_file
from ingest.ledger import create_raw_tables
from ingest.sql import statement

READER = 1
"""Raised when the same file is read to other rows than before."""


@dataclass(frozen=True, slots=True)
class CrmRead:
    """What was read of one file: its rows, and how many of them were left out.

    Those have no email, or one that was an erased person's.
    """

    object: str
    path: str
    rows: int
    rows_without_email: int
    rows_erased: int = 0


def ingest_crm(
    con: duckdb.DuckDBPyConnection, files: Sequence[CrmFile], erasure: Erasure | None = None
) -> tuple[CrmRead, ...]:
    """Replace the records of every file whose bytes or columns asked for have changed.

    Records of an object that has no file any more go. All files are looked at before the first is
    read, and all changes are one transaction: what is wrong with one of them changes nothing.
    Records of erased persons are kept out.

    Raises:
        CrmFilesError: a file cannot be read or lacks a column; it names every mistake.
    """
    con.execute("set TimeZone = 'UTC'")
    create_raw_tables(con)
    opened = _opened(files)
    known = dict(con.execute("select object, fingerprint from raw.crm_files").fetchall())
    fingerprints = {file.object: _fingerprint(file) for file in files}
    if known == fingerprints:
        return ()
    gone = [name for name in known if name not in fingerprints]
    changed = [o for o in opened if known.get(o.file.object) != fingerprints[o.file.object]]
    con.execute("begin")
    try:
        for name in [*gone, *(changing.file.object for changing in changed)]:
            con.execute("delete from raw.crm_records where object = ?", [name])
            con.execute("delete from raw.crm_files where object = ?", [name])
        read = tuple(_stage(con, o, fingerprints[o.file.object], erasure) for o in changed)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return read


def _opened(files: Sequence[CrmFile]) -> list[OpenedFile]:
    opened: list[OpenedFile] = []
    mistakes: list[CrmMistake] = []
    for file in files:
        try:
            opened.append(open_crm_file(file))
        except CrmFilesError as error:
            mistakes += error.mistakes
    if mistakes:
        # Both files may lack the one column that is asked of them.
        raise CrmFilesError(mistakes)
    return opened


def _fingerprint(file: CrmFile) -> str:
    """Return a hash of all that makes the rows of a file: its bytes and what is asked of it."""
    asked = [READER, str(file.path), file.email_column, file.valid_from_column, file.fields]
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(json.dumps(asked).encode())
    return digest.hexdigest()


def _stage(
    con: duckdb.DuckDBPyConnection, opened: OpenedFile, fingerprint: str, erasure: Erasure | None
) -> CrmRead:
    file = opened.file
    if erasure is None:
        opened.read(con, "false", {})
    else:
        opened.read(con, has_erased_email("email"), erasure.parameters())
    con.execute(
        statement("insert_crm_records"),
        {
            "object": file.object,
            "is_dated": file.valid_from_column is not None,
            "file": file.path.name,
        },
    )
    (counts,) = con.execute(
        statement("insert_crm_file"),
        {"object": file.object, "path": str(file.path), "fingerprint": fingerprint},
    ).fetchall()
    con.execute("drop table crm_rows")
    return CrmRead(file.object, str(file.path), *counts)
