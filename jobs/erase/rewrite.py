"""Copy the warehouse into a fresh file without the content of erased persons.

DuckDB keeps the bytes of deleted rows in its file, so deleting is not enough: what stays is copied.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ingest.deduplicate import settle_duplicates
from ingest.erasure import ERASED, Erasure, erased_names, has_erased_email, without_erased
from ingest.error_text import first_line
from ingest.ledger import create_raw_tables
from ingest.sql import literal
from jobs.errors import JobError
from jobs.files import put_in_place, remove_database
from jobs.sql_files import read_sql
from jobs.warehouse import Warehouse

BURY = read_sql(__file__, "bury")

# `tombstones` is copied first; the build fills `builds`, and settling the copy `unsettled_ids`.
NOT_COPIED = ("tombstones", "builds", "unsettled_ids")
# Their identifiers are hashed, which takes the key.
HASHED = ("messages", "crm_records")


@dataclass(frozen=True, slots=True)
class EmptiedFile:
    """A landing or CRM file with rows of erased persons, and how many were emptied just now.

    `messages` are rows, copies included; `rejected_rows` were rejected before and lost their text.
    """

    path: str
    is_crm: bool
    messages: int
    rejected_rows: int
    crm_records: int

    @property
    def is_now(self) -> bool:
        """Whether any of its rows were emptied just now, and not by an earlier erasure."""
        return bool(self.messages or self.rejected_rows or self.crm_records)


def rewrite_warehouse(warehouse: Warehouse, erasure: Erasure) -> list[EmptiedFile]:
    """Copy the raw tables into a fresh file without erased content, and replace the warehouse.

    The models are not copied: they name the person, and the next build recreates them. Duplicates
    are settled again. The fresh file is on disk before it gets its name, so a run that is killed
    leaves one complete file.

    Raises:
        JobError: the copy failed; the warehouse is unchanged.
    """
    path = warehouse.path.resolve()
    fresh = path.with_name(f"{path.name}.new")
    try:
        files = _copy_to(fresh, warehouse, erasure)
        shutil.copymode(path, fresh)
        put_in_place(fresh, path)
    except (OSError, duckdb.Error) as error:
        remove_database(fresh)
        raise JobError(
            f"{path} could not be rewritten ({first_line(error)}) and is unchanged;"
            " free as much space as it takes and run `lift erase` again."
        ) from error
    return files


def count_erased(
    warehouse: Warehouse, erasure: Erasure, tombstones: Mapping[str, list[object]]
) -> list[EmptiedFile]:
    """Return what these tombstones would empty: a copy is made and removed again.

    Raises:
        JobError: the copy failed.
    """
    fresh = warehouse.path.resolve().with_name(f"{warehouse.path.name}.preview")
    try:
        return _copy_to(fresh, warehouse, erasure, tombstones)
    except (OSError, duckdb.Error) as error:
        raise JobError(
            f"{warehouse.path} could not be copied ({first_line(error)}) and is unchanged;"
            " free as much space as it takes and run the command again."
        ) from error
    finally:
        remove_database(fresh)


def _copy_to(
    fresh: Path,
    warehouse: Warehouse,
    erasure: Erasure,
    tombstones: Mapping[str, list[object]] | None = None,
) -> list[EmptiedFile]:
    """Copy the raw tables without erased content, by more tombstones too, and say what that is."""
    remove_database(fresh)
    with replace(warehouse, path=fresh).open() as con:
        path = literal(str(warehouse.path.resolve()))
        con.execute(f"attach {path} as old (read_only)")
        _copy(con, erasure, tombstones)
        emptied = con.execute(read_sql(__file__, "emptied_files"), {"erased": ERASED})
        files = [EmptiedFile(*row) for row in emptied.fetchall()]
        con.execute("detach old")
    return files


def _copy(
    con: duckdb.DuckDBPyConnection,
    erasure: Erasure,
    tombstones: Mapping[str, list[object]] | None,
) -> None:
    create_raw_tables(con)
    con.execute("insert into raw.tombstones by name from old.raw.tombstones")
    if tombstones is not None:
        con.execute(BURY, tombstones)
    without_names = read_sql(__file__, "without_names")
    selects = {
        "messages": without_erased("old.raw.messages", erasure.rules),
        "files": without_names.format(table="files"),
        "runs": without_names.format(table="runs"),
        "crm_records": f"from old.raw.crm_records where not {has_erased_email('email')}",
    }
    tables = con.execute(
        "select table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'raw'"
    ).fetchall()
    with erased_names(con, erasure):
        for (table,) in tables:
            if table not in NOT_COPIED:
                con.execute(
                    f"insert into raw.{table} by name "
                    + selects.get(table, f"select * from old.raw.{table}"),
                    erasure.parameters() if table in HASHED else None,
                )
    # The sequence of the fresh file starts at its beginning.
    con.execute("update raw.files set revision = nextval('raw.revisions')")
    con.execute(read_sql(__file__, "count_rejected_rows"))
    con.execute(read_sql(__file__, "count_crm_records"))
    settle_duplicates(con, everything=True)
