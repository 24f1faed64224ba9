"""Schema `lift` of a PostgreSQL server: the published tables, replaced in one transaction.

A table whose columns are as before stays, and its rows are replaced: views that others made on it
stay too, and nobody who reads it waits. Readers see the rows from before the transaction or those
from after it, in all tables.
"""

import io
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from pyarrow import csv

from ingest.error_text import first_line
from ingest.sql import literal, quoted
from jobs.errors import JobError
from jobs.export.tables import Column, Table
from jobs.sql_files import read_sql

log = logging.getLogger(__name__)

READER = "lift_reader"

LIST = Table(
    name="written_by_lift",
    comment="One row per table of this schema that the job wrote: it replaces and drops no others.",
    rows=0,
    key=("table_name",),
    columns=(Column("table_name", "text", False, ""),),
)

TYPES = {
    "BIGINT": "bigint", "BOOLEAN": "boolean", "DATE": "date", "DOUBLE": "double precision",
    "INTEGER": "integer", "JSON": "json", "TIMESTAMP": "timestamp without time zone",
    "VARCHAR": "text",
}  # fmt: skip

BATCH = 20_000
LOCK_SECONDS = 60
LONGEST_NAME = 63
LONGEST_KEY = 2_500
"""In bytes: what PostgreSQL takes at most as a name, and as an entry of an index."""
OPTIONS = {"connect_timeout": "15", "application_name": "segment-lift"}

REMEDIES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.DependentObjectsStillExist,
     "the table goes, or has other columns now: keep the definition of what reads it, drop that"),
    (errors.InsufficientPrivilege,
     "let the role of {} create schemas in the database, or own schema lift"),
    (errors.LockNotAvailable, "a query or another export keeps a table; end it"),
    (errors.DiskFull, "free space on the server"),
    (psycopg.OperationalError, "check the server and the URL in {}"),
)  # fmt: skip

Server = psycopg.Connection[tuple[Any, ...]]


class PostgresError(JobError):
    """Schema `lift` could not be replaced, and is as it was."""


def export_to_postgres(
    con: duckdb.DuckDBPyConnection, tables: Iterable[Table], url: str, variable: str
) -> None:
    """Replace schema `lift` on a server by these tables of the publication.

    `variable` is the environment variable that holds the URL.

    Raises:
        PostgresError: names the reason, never the URL; the schema is as it was.
    """
    try:
        options = OPTIONS | conninfo_to_dict(url)
    except psycopg.Error:
        raise PostgresError(
            f"PostgreSQL: the environment variable {variable} does not hold a connection URL;"
            " write postgresql://user:password@host:5432/database."
        ) from None
    try:
        with psycopg.connect(**options) as server:  # type: ignore[arg-type]
            _replace_schema(con, server, list(tables))
    except psycopg.Error as error:
        raise PostgresError(_sentence(error, variable, options.get("password"))) from None
    _vacuum(options, [table.name for table in tables])


def _sentence(error: psycopg.Error, variable: str, password: object) -> str:
    fact = error.diag.message_detail if isinstance(error, errors.DependentObjectsStillExist) else ""
    fact = first_line(RuntimeError(fact)) if fact else first_line(error).rstrip(".")
    if password:
        fact = re.sub(rf"(?<!\w){re.escape(str(password))}(?!\w)", "***", fact)
    remedy = next((words for kind, words in REMEDIES if isinstance(error, kind)), "correct that")
    return (
        f"PostgreSQL: schema lift is as it was ({fact}); {remedy.format(variable)},"
        " then run `lift export`."
    )


def _replace_schema(con: duckdb.DuckDBPyConnection, server: Server, tables: list[Table]) -> None:
    _run(server, f"set local lock_timeout = '{LOCK_SECONDS}s'")
    # `if not exists` asks for the right to create schemas even where this one exists.
    if not server.execute("select 1 from pg_namespace where nspname = 'lift'").fetchone():
        _run(server, "create schema lift")
    if LIST.name not in _existing(server):
        _create(server, LIST)
    # One export at a time: another one would not see, and not delete, the rows that this one adds.
    _run(server, "lock table lift.written_by_lift in share row exclusive mode")
    found = _existing(server)
    own = {str(name) for (name,) in server.execute("select table_name from lift.written_by_lift")}
    wanted = {table.name for table in tables}
    for foreign in sorted(wanted & found.keys() - own):
        raise PostgresError(
            f"PostgreSQL: lift.{foreign} would be replaced, but this job did not write it;"
            " move it to another schema and run `lift export`."
        )
    for name in sorted(own & found.keys() - wanted):
        _run(server, f"drop table lift.{quoted(name)}")
    for table in tables:
        _replace_table(server, _in_postgres(con, table), found.get(table.name))
        _copy(con, server, table)
    _run(server, "delete from lift.written_by_lift")
    server.execute("insert into lift.written_by_lift select unnest(%s::text[])", [sorted(wanted)])
    if server.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone():
        _run(server, f"grant usage on schema lift to {READER}")
        _run(server, f"grant select on all tables in schema lift to {READER}")


def _replace_table(server: Server, table: Table, found: Table | None) -> None:
    """Leave a table without rows: the one that is there, unless its columns or key changed."""
    if found is not None and _shape(found) == _shape(table):
        _run(server, f"delete from lift.{quoted(table.name)}")
        _comment(server, table, found)
        return
    if found is not None:
        _run(server, f"drop table lift.{quoted(table.name)}")
    _create(server, table)


def _shape(table: Table) -> tuple[object, ...]:
    columns = [(column.name, column.kind, column.is_nullable) for column in table.columns]
    return table.key, columns


def _create(server: Server, table: Table) -> None:
    parts = [
        f"{quoted(column.name)} {column.kind}{'' if column.is_nullable else ' not null'}"
        for column in table.columns
    ]
    if table.key:
        parts.append(f"primary key ({', '.join(map(quoted, table.key))})")
    _run(server, f"create table lift.{quoted(table.name)} ({', '.join(parts)})")
    _comment(server, table, None)


def _comment(server: Server, table: Table, found: Table | None) -> None:
    """Write the comments that differ from those on the server."""
    name = f"lift.{quoted(table.name)}"
    written = {column.name: column.comment for column in found.columns} if found else {}
    if table.comment != (found.comment if found else ""):
        _run(server, f"comment on table {name} is {literal(table.comment)}")
    for column in table.columns:
        if column.comment != written.get(column.name, ""):
            words = literal(column.comment)
            _run(server, f"comment on column {name}.{quoted(column.name)} is {words}")


def _copy(con: duckdb.DuckDBPyConnection, server: Server, table: Table) -> None:
    """Stream the rows of a published table; a missing value is empty, text is quoted."""
    selected = ", ".join(map(_exported, table.columns))
    rows = con.sql(f"select {selected} from {quoted(table.name)}").to_arrow_reader(BATCH)
    header = csv.WriteOptions(include_header=False)
    with server.cursor().copy(
        f"copy lift.{quoted(table.name)} from stdin (format csv)".encode()
    ) as to:
        for batch in rows:
            buffer = io.BytesIO()
            csv.write_csv(batch, buffer, header)
            to.write(buffer.getbuffer())


def _exported(column: Column) -> str:
    """Return a column as PostgreSQL takes it: no text there holds the character 0."""
    if column.kind == "VARCHAR":
        name = quoted(column.name)
        return f"replace({name}, chr(0), chr(65533)) as {name}"
    return column.as_text


def _in_postgres(con: duckdb.DuckDBPyConnection, table: Table) -> Table:
    """Return a table with the names and types that it has on the server."""
    columns = tuple(
        Column(_name(column.name), _type(column.kind), column.is_nullable, column.comment)
        for column in table.columns
    )
    key = tuple(map(_name, table.key)) if _has_index(con, table) else ()
    return Table(table.name, table.comment, table.rows, key, columns)


def _has_index(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Return whether every value of the key fits into an index of PostgreSQL."""
    if not table.key:
        return False
    length = " + ".join(f"strlen({quoted(name)}::varchar)" for name in table.key)
    ((longest,),) = con.execute(f"select max({length}) from {quoted(table.name)}").fetchall()
    return (longest or 0) <= LONGEST_KEY


def _name(name: str) -> str:
    """Return a name as PostgreSQL cuts it."""
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


def _type(kind: str) -> str:
    if kind.endswith("[]"):
        return "json"
    return TYPES.get(kind) or kind.lower().replace("decimal", "numeric")


def _existing(server: Server) -> dict[str, Table]:
    """Return the tables and views of schema `lift`, by name."""
    tables: dict[str, Table] = {}
    for name, comment, key, *column in server.execute(
        read_sql(__file__, "postgres_tables").encode()
    ).fetchall():
        before = tables[name].columns if name in tables else ()
        tables[name] = Table(name, comment, 0, tuple(key), (*before, Column(*column)))
    return tables


def _vacuum(options: Mapping[str, object], tables: list[str]) -> None:
    """Free the room of the replaced rows, and let the planner know the new ones."""
    names = ", ".join(f"lift.{quoted(name)}" for name in tables)
    try:
        with psycopg.connect(**options, autocommit=True) as server:  # type: ignore[arg-type]
            _run(server, f"vacuum (analyze) {names}")
    except psycopg.Error as error:
        log.warning("PostgreSQL: schema lift was replaced, not vacuumed (%s)", first_line(error))


def _run(server: Server, statement: str) -> None:
    server.execute(statement.encode())
