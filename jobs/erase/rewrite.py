"""Rewrite the warehouse into a fresh file without the content of erased persons.

DuckDB keeps the bytes of deleted rows in its file, so nothing is deleted: what stays is copied.
"""

import shutil
from dataclasses import dataclass

import duckdb

from ingest.deduplicate import settle_duplicates
from ingest.erasure import ERASED, Erasure, erased_names, has_erased_email, without_erased
from ingest.ledger import create_raw_tables
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import remove_database, sync
from jobs.warehouse import open_warehouse, temp_folder

# The build fills the one, and settling the copy empties the other.
NOT_COPIED = ("builds", "unsettled_ids")
# Whose identifiers are hashed one by one.
HASHED = ("messages", "crm_records")

# Where an error was quoted that named the person.
WITHOUT_NAMES = """
select * replace (
    case
        when error is null then null
        when names_erased(error) then 'It named a person who was erased.'
        else error
    end as error
)
from old.raw.{table}
"""

EMPTIED = f"""
with emptied_rows as (
    select file_id, reject_reason = '{ERASED}' as is_message, 1 as now, 1 as ever
    from raw.messages
    where reject_reason is not null and rejected_payload is null
    union all
    select file_id, reject_reason = '{ERASED}', -1, 0
    from old.raw.messages
    where reject_reason is not null and rejected_payload is null
)

select
    files.path,
    sum(emptied_rows.now) filter (emptied_rows.is_message) as messages,
    sum(emptied_rows.now) filter (not emptied_rows.is_message) as rejected_rows
from emptied_rows
inner join raw.files as files on emptied_rows.file_id = files.file_id
where files.is_present
group by files.path
having sum(emptied_rows.ever) > 0
order by files.path
"""

# A file of the CRM has the records of one object.
COUNT_CRM = """
update raw.crm_files as files
set erased = files.erased + coalesce(there.records, 0) - coalesce(here.records, 0)
from old.raw.crm_files as known
left join (select object, count(*) as records from old.raw.crm_records group by object) as there
    on known.object = there.object
left join (select object, count(*) as records from raw.crm_records group by object) as here
    on known.object = here.object
where files.object = known.object
"""

EMPTIED_CRM = """
select files.path, files.erased - known.erased as records
from raw.crm_files as files
inner join old.raw.crm_files as known on files.object = known.object
where files.erased > 0
order by files.path
"""


@dataclass(frozen=True, slots=True)
class EmptiedFile:
    """A landed file with rows of erased persons, and how many of them were emptied just now.

    Messages are rows, copies included; `rejected_rows` were rejected before and lost their text.
    """

    path: str
    messages: int
    rejected_rows: int


@dataclass(frozen=True, slots=True)
class EmptiedCrmFile:
    """A file of the CRM with records of erased persons, and how many were removed just now."""

    path: str
    records: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """What of the operator's held rows of erased persons when it was read."""

    landing: tuple[EmptiedFile, ...]
    crm: tuple[EmptiedCrmFile, ...]


def rewrite_warehouse(settings: Settings, erasure: Erasure) -> Emptied:
    """Copy the raw tables into a fresh file, empty the rows of erased persons and replace the old.

    The models are left out: they name the person, and the next build makes them anew. Which copies
    of messages count is settled again. The fresh file is on disk before it takes the old one's
    name: a run that is killed leaves one of the two, whole.

    Raises:
        JobError: the copy failed; the warehouse is as it was.
    """
    warehouse = settings.warehouse.resolve()
    fresh = warehouse.with_name(f"{warehouse.name}.new")
    remove_database(fresh)
    # It spills where the warehouse does.
    resources = settings.resources.model_copy(update={"temp": temp_folder(settings)})
    there = settings.model_copy(update={"warehouse": fresh, "resources": resources})
    try:
        with open_warehouse(there) as con:
            old = str(warehouse).replace("'", "''")
            con.execute(f"attach '{old}' as old (read_only)")
            _copy(con, erasure)
            emptied = Emptied(
                landing=tuple(
                    EmptiedFile(path, messages or 0, rejected_rows or 0)
                    for path, messages, rejected_rows in con.execute(EMPTIED).fetchall()
                ),
                crm=tuple(EmptiedCrmFile(*row) for row in con.execute(EMPTIED_CRM).fetchall()),
            )
            con.execute("detach old")
        shutil.copymode(warehouse, fresh)
        sync(fresh)
        fresh.replace(warehouse)
        sync(warehouse.parent)
    except (OSError, duckdb.Error) as error:
        remove_database(fresh)
        raise JobError(
            f"{warehouse} could not be rewritten ({str(error).splitlines()[0]});"
            " it is as it was: free as much space as it takes and run `lift erase` again."
        ) from error
    return emptied


def _copy(con: duckdb.DuckDBPyConnection, erasure: Erasure) -> None:
    create_raw_tables(con)
    con.execute("insert into raw.tombstones by name from old.raw.tombstones")
    selects = {
        "messages": without_erased("old.raw.messages", erasure.rules),
        "files": WITHOUT_NAMES.format(table="files"),
        "runs": WITHOUT_NAMES.format(table="runs"),
        "crm_records": f"from old.raw.crm_records where not {has_erased_email('email')}",
    }
    tables = con.execute(
        "select table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'raw'"
    ).fetchall()
    with erased_names(con, erasure):
        for (table,) in tables:
            if table in (*NOT_COPIED, "tombstones"):
                continue
            con.execute(
                f"insert into raw.{table} by name "
                + selects.get(table, f"select * from old.raw.{table}"),
                erasure.parameters() if table in HASHED else None,
            )
    # The sequence of the fresh file begins anew.
    con.execute("update raw.files set revision = nextval('raw.revisions')")
    con.execute(
        """
        update raw.files
        set rejected = rejects.rejected
        from (
            select file_id, count(*) as rejected
            from raw.messages
            where reject_reason is not null
            group by file_id
        ) as rejects
        where files.file_id = rejects.file_id and files.rejected <> rejects.rejected
        """
    )
    con.execute(COUNT_CRM)
    settle_duplicates(con, everything=True)
