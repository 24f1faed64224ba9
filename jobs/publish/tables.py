"""The tables of the publication: every mart with its types, constraints, order and comments."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from ingest.sql import literal, quoted
from jobs.publish.marts import SURROGATE_KEY, Mart
from jobs.warehouse import MARTS, attach_marts

EVENTS = "fct_events"
# Views over it, in the publication too: tables would hold every message once more.
VIEWS = ("rpt_delivery", "rpt_journey")

TABLES = """
select table_name from duckdb_tables() where database_name = $marts and schema_name = 'main'
"""

DESCRIBED = """
select column_name, comment
from duckdb_columns()
where database_name = $database and schema_name = 'main' and table_name = $name
order by column_index
"""

COMMENT = """
select comment from duckdb_tables()
where database_name = $database and schema_name = 'main' and table_name = $name
union all
select comment from duckdb_views()
where database_name = $database and schema_name = 'main' and view_name = $name
"""


class Publication:
    """A copy of the marts, attached to a connection to the warehouse, that becomes a publication.

    `events` is how it carries `fct_events`: as a table, as the Parquet file `events_file` behind a
    view, or not at all.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, path: Path, events: str, events_file: Path
    ) -> None:
        """Attach the copy, to change it in one transaction."""
        self.con = con
        self._events = events
        self._events_file = events_file
        attach_marts(con, path)
        con.execute("begin")

    def close(self) -> None:
        """Write what is left to write and let go of the file."""
        self.con.execute("commit")
        self.con.execute(f"detach {MARTS}")

    def leaves_out(self, mart: Mart) -> bool:
        """Return whether the mart is not part of this publication."""
        return self._events == "none" and mart.name in (EVENTS, *VIEWS)

    def remove_all_but(self, names: Iterable[str]) -> None:
        """Remove the tables of the copy that are not part of this publication."""
        found = self.con.execute(TABLES, {"marts": MARTS}).fetchall()
        for name in {name for (name,) in found}.difference(names):
            self.con.execute(f"drop table {MARTS}.main.{quoted(name)}")

    def add(self, mart: Mart) -> int:
        """Publish a mart with its constraints and comments, and return its number of rows.

        One that the copy does not hold comes from the warehouse.
        """
        [(warehouse,)] = self.con.execute("select current_database()").fetchall()
        is_copied = (mart.name,) in self.con.execute(TABLES, {"marts": MARTS}).fetchall()
        place = {"database": MARTS if is_copied else warehouse, "name": mart.name}
        columns = self.con.execute(DESCRIBED, place).fetchall()
        ((comment,),) = self.con.execute(COMMENT, place).fetchall()
        key = mart.key_in(name for name, _ in columns)
        source = f"{MARTS if is_copied else quoted(warehouse)}.main.{mart.name}"
        kind = "table"
        if mart.name in VIEWS:
            kind = "view"
            self._define_view(mart.name)
        elif mart.name == EVENTS and self._events == "parquet":
            kind = "view"
            self._write_events(source, key)
            self.con.execute(f"drop table if exists {MARTS}.main.{EVENTS}")
            path = literal(str(self._events_file.resolve()))
            self.con.execute(f"create view {MARTS}.main.{EVENTS} as from read_parquet({path})")
        else:
            if not is_copied or mart.has_surrogate_key:
                self._write(mart, source, key)
            self._constrain(mart, [name for name, _ in columns], key)
        self._comment(kind, mart.name, f"{(comment or '').strip()} Key: {', '.join(key)}.")
        for name, words in columns:
            if words:
                self._comment("column", f"{mart.name}.{quoted(name)}", words)
        if mart.has_surrogate_key:
            words = f"md5 of {', '.join(key)}, of which some may be null."
            self._comment("column", f"{mart.name}.{SURROGATE_KEY}", words)
        (rows,) = self.con.execute(f"select count(*) from {MARTS}.main.{mart.name}").fetchall()
        return int(rows[0])

    def _write(self, mart: Mart, source: str, key: tuple[str, ...]) -> None:
        """Write a table in the order of its key, with a key of its own if that may be null."""
        added = f", md5(json_array({_listed(key)})::varchar) as {SURROGATE_KEY}"
        self.con.execute(
            f"create or replace table {MARTS}.main.{mart.name} as"
            f" select *{added if mart.has_surrogate_key else ''} from {source}"
            f" order by {_listed(key)}"
        )

    def _constrain(self, mart: Mart, columns: list[str], key: tuple[str, ...]) -> None:
        """Let the file state which columns are never null, and its primary key."""
        alter = f"alter table {MARTS}.main.{mart.name}"
        for name in columns:
            if name in mart.not_null:
                self.con.execute(f"{alter} alter column {quoted(name)} set not null")
        if mart.has_primary_key:
            of_key = (SURROGATE_KEY,) if mart.has_surrogate_key else key
            self.con.execute(f"{alter} add primary key ({_listed(of_key)})")

    def _define_view(self, view: str) -> None:
        """Define a view over other marts as the warehouse has it."""
        [(warehouse, definition)] = self.con.execute(
            "select database_name, sql from duckdb_views()"
            " where database_name = current_database() and schema_name = 'main' and view_name = ?",
            [view],
        ).fetchall()
        self.con.execute(f"use {MARTS}")
        self.con.execute(definition)
        self.con.execute(f"use {quoted(warehouse)}")

    def _write_events(self, source: str, key: tuple[str, ...]) -> None:
        """Write `fct_events` beside the publication."""
        path = literal(str(self._events_file.resolve()))
        self._events_file.parent.mkdir(exist_ok=True)
        self.con.execute(
            f"copy (from {source} order by {_listed(key)}) to {path}"
            " (format parquet, compression zstd)"
        )

    def _comment(self, kind: str, name: str, words: str) -> None:
        self.con.execute(f"comment on {kind} {MARTS}.main.{name} is {literal(words)}")


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))
