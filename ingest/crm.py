"""The CRM's leads and contacts: one file of each, read whole into `raw.crm_records`."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from ingest.crm_files import CrmFile, CrmFilesError, CrmMistake, OpenedFile, open_crm_file
from ingest.erasure import Erasure, has_erased_email
from ingest.ledger import create_raw_tables
from ingest.unreadable import speaks_of_this_machine

READER = 1
"""Raised when the same file is read to other rows than before."""

RECORDS = """
insert into raw.crm_records by name
select
    $object as object,
    row_number,
    coalesce(id_text, md5(to_json([email, fields])::varchar)) as record_id,
    id_text is not null as has_id,
    email,
    fields,
    valid_from,
    valid_from_text,
    $is_dated as is_dated,
    $file as file
from crm_rows
where email is not null and not is_erased
"""


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
    with _rows(con, opened, erasure):
        con.execute(
            RECORDS,
            {
                "object": file.object,
                "is_dated": file.valid_from_column is not None,
                "file": file.path.name,
            },
        )
        rows, without_email, erased = con.execute(
            "select count(*), count(*) filter (email is null), count(*) filter (is_erased)"
            " from crm_rows"
        ).fetchall()[0]
    con.execute(
        """
        insert into raw.crm_files by name
        select
            $object as object,
            $path as path,
            $fingerprint as fingerprint,
            $rows as landed,
            $without_email as without_email,
            $erased as erased,
            now() at time zone 'UTC' as staged_at
        """,
        {
            "object": file.object,
            "path": str(file.path),
            "fingerprint": fingerprint,
            "rows": rows,
            "without_email": without_email,
            "erased": erased,
        },
    )
    return CrmRead(file.object, str(file.path), rows, without_email, erased)


@contextmanager
def _rows(
    con: duckdb.DuckDBPyConnection, opened: OpenedFile, erasure: Erasure | None
) -> Iterator[None]:
    """Hold the rows of a file in the temporary table `crm_rows`.

    Raises:
        CrmFilesError: a row of the file is broken.
    """
    is_erased = "false" if erasure is None else has_erased_email("email")
    with opened.relation(con) as relation:
        try:
            con.execute(
                "create or replace temp table crm_rows as"
                f" select *, {is_erased} as is_erased from ({opened.rows(relation)})",
                relation.parameters | ({} if erasure is None else erasure.parameters()),
            )
        except duckdb.Error as error:
            if speaks_of_this_machine(error):
                raise
            raise CrmFilesError([opened.broken(error)]) from error
    try:
        yield
    finally:
        con.execute("drop table if exists crm_rows")
