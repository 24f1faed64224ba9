"""One file of the CRM, CSV or Parquet: its columns, and its rows as one SELECT.

The values of a CSV file are text. One that is written as JSON writes a number, `true` or `false` is
that; any other is text, such as `02139`, `1,200` or `True`. In Parquet a value has the type of its
column. An empty value is missing.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.columns import (
    Columns,
    json_value,
    quoted,
    text_literal,
    text_value,
    time_text,
    time_value,
)
from ingest.parquet_files import first_line, without_wildcards
from ingest.rows import ISO_SHAPE
from ingest.time_bounds import within_bounds

CrmObject = Literal["lead", "contact"]
Location = tuple[str | int, ...]

ID_COLUMNS = ("Id", "ID", "id")
"""What the CRM, or the warehouse it was exported through, calls the id of a record."""

JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
DAY_SHAPE = r"\d{4}-\d{2}-\d{2}"
EMAIL_ENDS = "' ' || chr(9) || chr(10) || chr(13)"
LONGEST_LINE = 16 * 1024 * 1024
# What DuckDB says of a line after its number is the line itself, which names a person.
LINE_ERRORS = ("Expected Number of Columns", "Value with unterminated quote", "Invalid unicode")


@dataclass(frozen=True, slots=True)
class CrmFile:
    """A file of the CRM and the columns asked of it; without a time of validity, rows always hold.

    `key` is where the path stands in the configuration, the columns' keys stand in `crm`.
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
class CrmRelation:
    """Where rows come from, in SQL; `rows_before` are those that are none, such as a header."""

    sql: str
    columns: Columns
    rows_before: int = 0
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose columns are known to be there: `header` has them in order, as they are spelled.

    A relation calls them `c0`, `c1` and so on: names may differ by case alone.
    """

    file: CrmFile
    header: tuple[str, ...]

    @contextmanager
    def relation(self, con: duckdb.DuckDBPyConnection) -> Iterator[CrmRelation]:
        """Return what the rows are selected from, for as long as it is there.

        Raises:
            CrmFilesError: the file is broken.
        """
        if _is_csv(self.file):
            yield self._csv_relation()
            return
        con.register("crm_landed", self._arrow_table())
        try:
            yield self._arrow_relation()
        finally:
            con.unregister("crm_landed")

    def rows(self, relation: CrmRelation) -> str:
        """Return the SELECT of all rows: number, id, email, time of validity and fields."""
        columns = relation.columns
        ids = [name for name in ID_COLUMNS if name in self.header]
        id_column = self._name(ids[0]) if ids else None
        valid_from = self.file.valid_from_column
        since = None if valid_from is None else self._name(valid_from)
        email = text_value(columns, self._name(self.file.email_column))
        members = ", ".join(
            f"{text_literal(name)}, {self._json(columns, self._name(name))}"
            for name in dict.fromkeys(self.file.fields)
        )
        return f"""
with landed_rows as (
    select
        row_number() over () - {relation.rows_before} as row_number,
        nullif(trim({text_value(columns, id_column)}), '') as id_text,
        nullif(lower(trim({email}, {EMAIL_ENDS})), '') as email,
        nullif(trim({time_text(columns, since)}), '') as valid_from_text,
        {time_value(columns, since)} as valid_from_typed,
        json_strip_nulls(json_object({members}))::varchar as fields
    from {relation.sql}
),

dated_rows as (
    select
        * exclude (valid_from_text, valid_from_typed),
        coalesce(valid_from_text, valid_from_typed::varchar) as valid_from_text,
        case
            when valid_from_typed is not null then valid_from_typed
            when regexp_full_match(valid_from_text, '{DAY_SHAPE}')
                then try_cast(valid_from_text as timestamp)
            when regexp_matches(valid_from_text, '{ISO_SHAPE}')
                then try_cast(valid_from_text as timestamptz) at time zone 'UTC'
        end as valid_from
    from landed_rows
)

select
    * exclude (valid_from),
    {within_bounds("valid_from")} as valid_from
from dated_rows
where row_number > 0
"""

    def broken(self, error: BaseException) -> CrmMistake:
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

    def _name(self, column: str) -> str:
        return f"c{self.header.index(column)}"

    def _csv_relation(self) -> CrmRelation:
        names = [f"c{index}" for index in range(len(self.header))]
        # The header is read as a row: it may span lines.
        types = ", ".join(f"'{name}': 'varchar'" for name in names)
        return CrmRelation(
            f"read_csv($crm_path, columns = {{{types}}}, auto_detect = false, header = false,"
            " delim = ',', quote = '\"', escape = '\"', strict_mode = true,"
            f" max_line_size = {LONGEST_LINE})",
            {name: pa.string() for name in names},
            rows_before=1,
            parameters={"crm_path": without_wildcards(self.file.path)},
        )

    def _arrow_relation(self) -> CrmRelation:
        schema = pq.read_schema(self.file.path)
        return CrmRelation(
            "crm_landed",
            {self._name(name): schema.field(name).type for name in self._wanted()},
        )

    def _arrow_table(self) -> pa.Table:
        wanted = self._wanted()
        try:
            table = pq.ParquetFile(self.file.path).read(columns=wanted)
            return table.select(wanted).rename_columns([self._name(name) for name in wanted])
        except (pa.ArrowException, OSError) as error:
            raise CrmFilesError([self.broken(error)]) from error

    def _wanted(self) -> list[str]:
        asked = [column for _, column in _columns_asked(self.file)]
        ids = [name for name in ID_COLUMNS if name in self.header][:1]
        return list(dict.fromkeys([*asked, *ids]))

    def _json(self, columns: Columns, name: str) -> str:
        column, kind = quoted(name), columns[name]
        if _is_csv(self.file):
            return f"""case
            when {column} in ('true', 'false') then try_cast({column} as json)
            when not regexp_full_match({column}, '{JSON_NUMBER}') then to_json({column})
            when {_is_exact_number(column)} then try_cast({column} as json)
            else to_json({column})
        end"""
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            return f"to_json({column})"
        if pa.types.is_floating(kind):
            return f"case when isfinite({column}) then to_json({column}) end"
        if pa.types.is_timestamp(kind) or pa.types.is_nested(kind):
            return f"to_json({json_value(column, kind)})"
        return f"to_json(nullif({text_value(columns, name)}, ''))"


def open_crm_file(file: CrmFile) -> OpenedFile:
    """Read the header of a file and find the columns asked of it.

    Raises:
        CrmFilesError: there is no such file, it cannot be read, or columns are missing.
    """
    header = _header(file)
    mistakes = []
    for location, column in _columns_asked(file):
        if header.count(column) == 1:
            continue
        reason = (
            f"{file.path} has no column '{column}'"
            if column not in header
            else f"{file.path} has more than one column '{column}'; rename the others"
        )
        wanted = column if column not in header else None
        mistakes.append(CrmMistake(location, reason, wanted, tuple(filter(None, header))))
    if mistakes:
        raise CrmFilesError(mistakes)
    return OpenedFile(file, header)


def _columns_asked(file: CrmFile) -> Iterator[tuple[Location, str]]:
    """Yield every column of the configuration and where it stands there."""
    yield ("crm", "email_column"), file.email_column
    if file.valid_from_column is not None:
        yield ("crm", "valid_from_column"), file.valid_from_column
    for index, name in enumerate(file.fields):
        yield ("crm", "fields", file.object, index), name


def _header(file: CrmFile) -> tuple[str, ...]:
    location = ("crm", file.key)
    try:
        if _is_csv(file):
            with file.path.open(encoding="utf-8-sig", newline="") as stream:
                return tuple(name.strip() for name in next(csv.reader(stream), []))
        return tuple(pq.read_schema(file.path).names)
    except FileNotFoundError as error:
        reason = f"{file.path} does not exist; correct the path, or remove the key"
        raise CrmFilesError([CrmMistake(location, reason)]) from error
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        remedy = f"export it again as {'UTF-8' if _is_csv(file) else 'Parquet'}"
        reason = f"{file.path} cannot be read ({first_line(error)}); {remedy}"
        raise CrmFilesError([CrmMistake(location, reason)]) from error


def _is_csv(file: CrmFile) -> bool:
    return file.path.suffix.lower() == ".csv"


def _is_exact_number(column: str) -> str:
    """Tell a number that a reader of JSON holds: no integer past 64 bits, nothing infinite."""
    return (
        f"case when regexp_full_match({column}, '-?[0-9]+')"
        f" then coalesce(try_cast({column} as bigint), try_cast({column} as ubigint)) is not null"
        f" else coalesce(isfinite(try_cast({column} as double)), false) end"
    )
