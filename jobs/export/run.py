"""Export the publication: its tables for BI tools, and who joined and left the rule segments.

Every table is written as Parquet, and as CSV up to a million rows. `datapackage.json` describes
the files.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from ingest.sql import literal, quoted
from jobs.config import Settings
from jobs.errors import JobError
from jobs.export.datapackage import DESCRIPTION, ExportedFile, FileFormat, describe_package
from jobs.files import OwnFiles, remove_logs
from jobs.publication import connect_publication, published_file
from jobs.publish.marts import ROW_LEVEL
from jobs.segment_sync.run import SegmentReport, export_segments

log = logging.getLogger(__name__)

CSV_ROWS = 1_000_000

IN_EVERY_EXPORT = ("dim_persons", "dq_findings", "fct_experience_lift", "runs")
"""A folder with these files and without a list was exported by a version that kept none."""

COPY_OPTIONS: dict[FileFormat, str] = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true",
}


class ExportError(JobError):
    """A file could not be written; the files of the previous export are complete."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """The folder of the exported tables, how many files it has, and the segment changes."""

    folder: Path
    files: int
    segments: SegmentReport = field(default_factory=SegmentReport)


def export_marts(settings: Settings) -> ExportReport:
    """Write every published table but the largest to `exports/`, replacing each file atomically.

    Files whose bytes would not change are left alone. A file is removed when its table is no
    longer published, or no longer fits CSV. Files of others stay. The changes in the rule segments
    since the last export are written beside them.

    Raises:
        JobError: nothing has been published yet.
        ExportError: a file cannot be written, or somebody else's file has its name.
    """
    folder = settings.publish / "exports"
    try:
        remove_logs(published_file(settings))
        with connect_publication(settings) as con:
            folder.mkdir(parents=True, exist_ok=True)
            files = _files(con, settings.exports.formats)
            own = OwnFiles(folder)
            _claim(own, [*files, DESCRIPTION])
            for name, file in files.items():
                _export_table(con, file, own.pending(name))
                own.commit(name)
            package = describe_package(con, files)
        own.remove_all_but([*files, DESCRIPTION])
        own.pending(DESCRIPTION).write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
        own.commit(DESCRIPTION)
        segments = export_segments(settings)
    except (OSError, duckdb.Error) as error:
        raise ExportError(
            f"The exports in {settings.publish} could not be written ({first_line(error)});"
            " free the space or the folder and run `lift export`."
        ) from error
    log.info("exported %d files to %s", len(files), folder)
    return ExportReport(folder, len(files), segments)


def _claim(own: OwnFiles, names: list[str]) -> None:
    existing = [name for name in names if (own.folder / name).is_file()]
    if not own.names and all(
        any(name.startswith(f"{table}.") for name in existing) for table in IN_EVERY_EXPORT
    ):
        own.adopt(existing)
    foreign = own.claim(names)
    if foreign:
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        raise ExportError(
            f"{own.folder / foreign[0]}{more} would be replaced, but this job did not write it;"
            " move it to another folder and run `lift export`."
        )


def _files(con: duckdb.DuckDBPyConnection, formats: Iterable[str]) -> dict[str, ExportedFile]:
    """Return what each file to write holds, by its name."""
    tables = con.execute(
        "select table_name from duckdb_tables() where table_name not in (select unnest(?))"
        " order by table_name",
        [list(ROW_LEVEL)],
    ).fetchall()
    counted = [
        (table, con.execute(f"select count(*) from {table}").fetchall()[0][0])
        for (table,) in tables
    ]
    return {
        f"{table}.{file_format}": ExportedFile(table, file_format, rows)
        for table, rows in counted
        for file_format in COPY_OPTIONS
        if file_format in formats and (file_format != "csv" or rows <= CSV_ROWS)
    }


def _export_table(con: duckdb.DuckDBPyConnection, file: ExportedFile, target: Path) -> None:
    """Write a table in the order in which it is stored, which is that of its key."""
    columns = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ?"
        " order by column_index",
        [file.table],
    ).fetchall()
    selected = ", ".join(_exported(name, kind, file.file_format) for name, kind in columns)
    con.execute(
        f"copy (select {selected} from {file.table}) to {literal(str(target))}"
        f" ({COPY_OPTIONS[file.file_format]})"
    )


def _exported(name: str, kind: str, file_format: FileFormat) -> str:
    """Return a column as a file holds it: JSON as text, and lists in CSV as JSON text."""
    column = quoted(name)
    if kind == "JSON":
        return f"{column}::varchar as {column}"
    if kind.endswith("[]") and file_format == "csv":
        return f"to_json({column})::varchar as {column}"
    return column
