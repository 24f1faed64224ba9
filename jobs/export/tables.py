"""The published tables that are exported: all but the largest, with what the file says of them."""

from dataclasses import dataclass

import duckdb

from ingest.sql import literal, quoted
from jobs.publish.marts import ROW_LEVEL
from jobs.sql_files import read_sql

FORMULA = r"^'*[=+@\t\r-]"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"


@dataclass(frozen=True, slots=True)
class Column:
    """A published column; `kind` is its type in DuckDB."""

    name: str
    kind: str
    is_nullable: bool
    comment: str

    @property
    def is_list(self) -> bool:
        """Whether a value is a list."""
        return self.kind.endswith("[]")

    @property
    def in_parquet(self) -> str:
        """An expression in which JSON is text."""
        name = quoted(self.name)
        return f"{name}::varchar as {name}" if self.kind == "JSON" else name

    @property
    def in_csv(self) -> str:
        """An expression in which no text is a formula to a spreadsheet.

        A text that begins with one, after any number of apostrophes, gets one more apostrophe: who
        takes that away has the text again. Numbers, and JSON, which never begins so, stay.
        """
        name = quoted(self.name)
        if self.kind != "VARCHAR":
            return self.as_text
        return (
            f"case when regexp_matches({name}, {literal(FORMULA)})"
            f" and not regexp_full_match({name}, {literal(NUMBER)})"
            f" then '''' || {name} else {name} end as {name}"
        )

    @property
    def as_text(self) -> str:
        """An expression in which JSON is text and lists are JSON text."""
        name = quoted(self.name)
        if self.is_list:
            return f"to_json({name})::varchar as {name}"
        return f"{name}::varchar as {name}" if self.kind == "JSON" else name


@dataclass(frozen=True, slots=True)
class Table:
    """A published table; `key` is its primary key, empty where it has none."""

    name: str
    comment: str
    rows: int
    key: tuple[str, ...]
    columns: tuple[Column, ...]


def exported_tables(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """Return the tables of a publication that are exported, by name."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind, is_nullable, comment in con.execute(
        read_sql(__file__, "columns")
    ).fetchall():
        columns.setdefault(table, []).append(Column(name, kind, is_nullable, comment))
    tables = con.execute(read_sql(__file__, "tables"), [list(ROW_LEVEL)]).fetchall()
    return [
        Table(name, comment, _row_count(con, name), tuple(key), tuple(columns[name]))
        for name, comment, key in tables
    ]


def _row_count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    ((rows,),) = con.execute(f"select count(*) from {quoted(table)}").fetchall()
    return int(rows)
