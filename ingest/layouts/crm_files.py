"""One file of the CRM, CSV or Parquet: its columns, and its rows as one SELECT.

The values of a CSV file are text. One that is written as JSON writes a number, `true` or `false` is
that; any other is text, such as `02139`, `1,200` or `True`. In Parquet a value has the type of its
column. An empty value is missing.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.error_text import first_line
from ingest.errors import is_machine_error
from ingest.layouts.columns import (
    Column,
    Columns,
    json_value,
    numbered,
    repeated_names,
    text_value,
    time_text,
    time_value,
)
from ingest.layouts.parquet import without_wildcards
from ingest.sql import literal, statement

CrmObject = Literal["lead", "contact"]
Location = tuple[str | int, ...]

ID_COLUMNS = ("Id", "ID", "id")
"""What the CRM, or the warehouse it was exported through, calls the id of a record."""

LONGEST_LINE = 16 * 1024 * 1024
# What DuckDB says of a line after its number is the line itself, which names a person.
LINE_ERRORS = ("Expected Number of Columns", "Value with unterminated quote", "Invalid unicode")


@dataclass(frozen=True, slots=True)
class CrmFile:
    """A file of the CRM and the columns asked of it; without a time of validity, rows always hold.

    `key` is the key of the path in the section `crm` of the configuration.
    """

    object: CrmObject
    path: Path
    key: str
    email_column: str
    valid_from_column: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrmMistake:
    """What is wrong with a file, at a location of the configuration.

    A missing column is `wanted` among the `known` ones.
    """

    location: Location
    reason: str
    wanted: str | None = None
    known: tuple[str, ...] = ()


class CrmFilesError(Exception):
    """Files of the CRM cannot be read as they are asked to be; nothing was changed."""

    def __init__(self, mistakes: Sequence[CrmMistake]) -> None:
        """Keep every mistake."""
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(mistake.reason for mistake in mistakes))


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose `header` has the columns asked of it, in order and as they are spelled there."""

    file: CrmFile
    header: tuple[str, ...]

    def read(
        self, con: duckdb.DuckDBPyConnection, is_erased: str, parameters: dict[str, Any]
    ) -> None:
        """Read the rows into the temporary table `crm_rows`; `is_erased` is SQL over `email`.

        Raises:
            CrmFilesError: the file is broken.
        """
        try:
            if _is_csv(self.file):
                columns: Columns = {
                    name: Column(f"c{n}", pa.string()) for n, name in enumerate(self.header)
                }
                rows = self._select(columns, _csv_source(len(self.header)), is_erased)
                con.execute(rows, parameters | {"crm_path": without_wildcards(self.file.path)})
                return
            table = self._table()
            columns = numbered((column.name, column.type) for column in table.schema)
            con.register("crm_landed", table.rename_columns([c.sql for c in columns.values()]))
            con.execute(self._select(columns, "crm_landed", is_erased), parameters)
            con.unregister("crm_landed")
        except Exception as error:
            if is_machine_error(error):
                raise
            raise CrmFilesError([self._broken(error)]) from error

    def _table(self) -> pa.Table:
        wanted = dict.fromkeys(column for _, column in _columns_read(self.file, self.header))
        table = pq.ParquetFile(self.file.path).read(columns=list(wanted)).select(list(wanted))
        # DuckDB does not survive text that is not UTF-8.
        table.validate(full=True)
        return table

    def _select(self, columns: Columns, source: str, is_erased: str) -> str:
        ids = [name for name in ID_COLUMNS if name in self.header][:1]
        since = [] if self.file.valid_from_column is None else [self.file.valid_from_column]
        fields = [
            f"{literal(name)}, {self._json(columns, name)}"
            for name in dict.fromkeys(self.file.fields)
        ]
        return statement(
            "crm_rows",
            # The header is read as a row: it may span lines.
            rows_before=str(int(_is_csv(self.file))),
            id=text_value(columns, *ids),
            email=text_value(columns, self.file.email_column),
            valid_from_text=time_text(columns, *since),
            valid_from=time_value(columns, *since),
            fields=", ".join(fields),
            source=source,
            is_erased=is_erased,
        )

    def _json(self, columns: Columns, name: str) -> str:
        column, kind = columns[name].sql, columns[name].type
        if _is_csv(self.file):
            return f"csv_value({column})"
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            return f"to_json({column})"
        if pa.types.is_floating(kind):
            return f"case when isfinite({column}) then to_json({column}) end"
        if pa.types.is_timestamp(kind) or pa.types.is_nested(kind):
            return f"to_json({json_value(column, kind)})"
        return f"to_json(nullif({text_value(columns, name)}, ''))"

    def _broken(self, error: BaseException) -> CrmMistake:
        """Return what is wrong with a row, without the row."""
        said = [line.strip() for line in str(error).splitlines()]
        shown = [said[0].split(": ", 1)[-1], *(s for s in said[1:] if s.startswith(LINE_ERRORS))]
        remedy = (
            "write it as UTF-8, with commas between values and quotes around those that hold one"
            if _is_csv(self.file)
            else "export it again"
        )
        return CrmMistake(
            ("crm", self.file.key),
            f"{self.file.path} is broken ({', '.join(shown)}); {remedy}",
        )


def open_crm_file(file: CrmFile) -> OpenedFile:
    """Read the header of a file and find the columns asked of it.

    Raises:
        CrmFilesError: there is no such file, it cannot be read, or columns are missing.
    """
    header, twice = _header(file)
    mistakes = []
    for location, column in _columns_read(file, header):
        if column not in header:
            reason = f"{file.path} has no column '{column}'"
            mistakes.append(CrmMistake(location, reason, column, tuple(filter(None, header))))
        elif column in twice:
            reason = f"{file.path} has more than one column '{column}'; rename the others"
            mistakes.append(CrmMistake(location, reason))
    if mistakes:
        raise CrmFilesError(mistakes)
    return OpenedFile(file, header)


def _columns_read(file: CrmFile, header: Sequence[str]) -> Iterator[tuple[Location, str]]:
    """Yield every column that is read and its place in the configuration."""
    for name in ID_COLUMNS:
        if name in header:
            yield ("crm", file.key), name
            break
    yield ("crm", "email_column"), file.email_column
    if file.valid_from_column is not None:
        yield ("crm", "valid_from_column"), file.valid_from_column
    for index, name in enumerate(file.fields):
        yield ("crm", "fields", file.object, index), name


def _header(file: CrmFile) -> tuple[tuple[str, ...], set[str]]:
    """Return the columns of a file, and those that it has twice, or that have a field twice."""
    location = ("crm", file.key)
    try:
        if _is_csv(file):
            with file.path.open(encoding="utf-8-sig", newline="") as stream:
                columns = [(name.strip(), pa.string()) for name in next(csv.reader(stream), [])]
        else:
            columns = [(column.name, column.type) for column in pq.read_schema(file.path)]
        twice = {name.split(".")[0] for name in repeated_names(columns)}
        return tuple(name for name, _ in columns), twice
    except FileNotFoundError as error:
        reason = f"{file.path} does not exist; correct the path, or remove the key"
        raise CrmFilesError([CrmMistake(location, reason)]) from error
    except Exception as error:
        if is_machine_error(error):
            raise
        remedy = f"export it again as {'UTF-8' if _is_csv(file) else 'Parquet'}"
        reason = f"{file.path} cannot be read ({first_line(error)}); {remedy}"
        raise CrmFilesError([CrmMistake(location, reason)]) from error


def _is_csv(file: CrmFile) -> bool:
    return file.path.suffix.lower() == ".csv"


def _csv_source(width: int) -> str:
    types = ", ".join(f"'c{index}': 'varchar'" for index in range(width))
    return (
        f"read_csv($crm_path, columns = {{{types}}}, auto_detect = false, header = false,"
        " delim = ',', quote = '\"', escape = '\"', strict_mode = true,"
        f" max_line_size = {LONGEST_LINE})"
    )
