"""The tables of the publication: every mart with its types, constraints, order and comments."""

from pathlib import Path

import duckdb

from ingest.sql import literal, quoted
from jobs.publish.marts import SURROGATE_KEY, Mart

# A view over other marts, and one in the publication: a table would hold every page once more.
JOURNEY = "rpt_journey"
EVENTS = "fct_events"

STORAGE = "v1.4.0"
"""The oldest DuckDB that can open the publication."""

DESCRIBED = """
select column_name, data_type, comment
from duckdb_columns()
where database_name = current_database() and schema_name = 'main' and table_name = ?
order by column_index
"""

COMMENT = """
select comment from duckdb_tables()
where database_name = current_database() and schema_name = 'main' and table_name = $name
union all
select comment from duckdb_views()
where database_name = current_database() and schema_name = 'main' and view_name = $name
"""


class Publication:
    """A new publication, attached to a connection to the warehouse.

    `events` is how it carries `fct_events`: as a table, as the Parquet file `events_file` behind a
    view, or not at all.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, path: Path, events: str, events_file: Path
    ) -> None:
        """Create the file and attach it."""
        self.con = con
        self._events = events
        self._events_file = events_file
        con.execute(f"attach {literal(str(path))} as publication (storage_version '{STORAGE}')")

    def close(self) -> None:
        """Write what is left to write and let go of the file."""
        self.con.execute("detach publication")

    def leaves_out(self, mart: Mart) -> bool:
        """Return whether the mart is not part of this publication."""
        return self._events == "none" and mart.name in (EVENTS, JOURNEY)

    def add(self, mart: Mart) -> int:
        """Publish a mart of the warehouse, with its comments, and return its number of rows."""
        columns = [
            (name, kind, comment)
            for name, kind, comment in self.con.execute(DESCRIBED, [mart.name]).fetchall()
        ]
        key = mart.key_in(name for name, _, _ in columns)
        kind = "table"
        if mart.name == JOURNEY:
            kind = "view"
            self._define_view(mart.name)
        elif mart.name == EVENTS and self._events == "parquet":
            kind = "view"
            self._write_events(key)
        else:
            self._copy(mart, {name: type_name for name, type_name, _ in columns}, key)
        ((comment,),) = self.con.execute(COMMENT, {"name": mart.name}).fetchall()
        self._comment(kind, mart.name, f"{(comment or '').strip()} Key: {', '.join(key)}.")
        for name, _, words in columns:
            if words:
                self._comment("column", f"{mart.name}.{quoted(name)}", words)
        if mart.has_surrogate_key:
            words = f"md5 of {', '.join(key)}, of which some may be null."
            self._comment("column", f"{mart.name}.{SURROGATE_KEY}", words)
        (rows,) = self.con.execute(f"select count(*) from publication.main.{mart.name}").fetchall()
        return int(rows[0])

    def add_macro(self, name: str, value: str) -> None:
        """Offer a value that the publication knows of itself as a macro without arguments."""
        self.con.execute(f"create macro publication.main.{name}() as {value}")

    def _copy(self, mart: Mart, types: dict[str, str], key: tuple[str, ...]) -> None:
        """Create the table with its constraints and fill it in the order of its key."""
        target = f"publication.main.{mart.name}"
        lines = [
            f"{quoted(name)} {kind}{' not null' if name in mart.not_null else ''}"
            for name, kind in types.items()
        ]
        selected = [quoted(name) for name in types]
        if mart.has_surrogate_key:
            lines.append(f"{SURROGATE_KEY} varchar primary key")
            selected.append(f"md5(json_array({_listed(key)})::varchar)")
        elif mart.has_primary_key:
            lines.append(f"primary key ({_listed(key)})")
        self.con.execute(f"create table {target} ({', '.join(lines)})")
        self.con.execute(
            f"insert into {target} select {', '.join(selected)} from main.{mart.name}"
            f" order by {_listed(key)}"
        )

    def _define_view(self, view: str) -> None:
        """Define a view over other marts as the warehouse has it."""
        [(definition,)] = self.con.execute(
            "select sql from duckdb_views()"
            " where database_name = current_database() and schema_name = 'main' and view_name = ?",
            [view],
        ).fetchall()
        with self.con.cursor() as beside:
            beside.execute("use publication")
            beside.execute(definition)

    def _write_events(self, key: tuple[str, ...]) -> None:
        """Write `fct_events` beside the publication, which reads it through a view of that name."""
        path = literal(str(self._events_file.resolve()))
        self._events_file.parent.mkdir(exist_ok=True)
        self.con.execute(
            f"copy (from main.{EVENTS} order by {_listed(key)}) to {path}"
            " (format parquet, compression zstd)"
        )
        self.con.execute(f"create view publication.main.{EVENTS} as from read_parquet({path})")

    def _comment(self, kind: str, name: str, words: str) -> None:
        self.con.execute(f"comment on {kind} publication.main.{name} is {literal(words)}")


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, columns))
