"""Export the publication: its tables for BI tools, and who joined and left the rule segments.

Every table is written as Parquet, and as CSV up to a million rows; `datapackage.json` describes
them.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.sql import literal, quoted
from jobs.config import Settings
from jobs.errors import JobError, reason
from jobs.export.datapackage import DESCRIPTION, ExportedFile, FileFormat, describe_package
from jobs.files import OwnFiles, remove_logs
from jobs.publication import published_file
from jobs.publish.marts import ROW_LEVEL
from jobs.segment_sync.run import SegmentReport, export_segments
from jobs.warehouse import limits

log = logging.getLogger(__name__)

CSV_ROWS = 1_000_000

IN_EVERY_EXPORT = ("dim_persons", "dq_findings", "fct_experience_lift", "runs")
"""A folder that has them and no list holds the export of a version that kept none."""

COPY_OPTIONS: dict[FileFormat, str] = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true",
}


class ExportError(JobError):
    """A file could not be written; the files of the previous export are whole."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Where the tables lie, in how many files, and what was told of the rule segments."""

    folder: Path
    files: int
    segments: SegmentReport = field(default_factory=SegmentReport)


def export_marts(settings: Settings) -> ExportReport:
    """Write every published table but the largest into `exports/`, each file by atomic replacement.

    A file whose bytes would not change is left alone. A file of a table that is no longer
    published, or no longer fits CSV, is removed, and nothing else is: others may keep files there.
    What changed in the rule segments since the last export is added beside them.

    Raises:
        ExportError: there is no publication, a file cannot be written, or somebody else's has the
            name of one.
    """
    publication = published_file(settings)
    folder = settings.publish / "exports"
    if not publication.exists():
        raise ExportError(f"{publication} does not exist; run `lift publish` first.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_logs(publication)
        with duckdb.connect(str(publication), read_only=True, config=limits(settings)) as con:
            con.execute("set TimeZone = 'UTC'")
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
            f"The exports in {settings.publish} could not be written"
            f" ({reason(error)}); free the space or the folder and run `lift export`."
        ) from error
    log.info("exported %d files to %s", len(files), folder)
    return ExportReport(folder, len(files), segments)


def _claim(own: OwnFiles, names: list[str]) -> None:
    there = [name for name in names if (own.folder / name).is_file()]
    if not own.names and all(
        any(name.startswith(f"{table}.") for name in there) for table in IN_EVERY_EXPORT
    ):
        own.adopt(there)
    foreign = own.claim(names)
    if foreign:
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        raise ExportError(
            f"{own.folder / foreign[0]}{more} would be replaced, and this job did not write it;"
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
    """Write a table in the order of its key, in which it is stored."""
    columns = con.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ?"
        " order by column_index",
        [file.table],
    ).fetchall()
    selected = ", ".join(_exported(name, kind, file.file_format) for name, kind in columns)
    con.execute(
        f"copy (select {selected} from {file.table})"
        f" to {literal(str(target))} ({COPY_OPTIONS[file.file_format]})"
    )


def _exported(name: str, kind: str, file_format: FileFormat) -> str:
    """Return a column as a file holds it: JSON as text, and lists as JSON text in CSV."""
    if kind == "JSON":
        return f"{quoted(name)}::varchar as {quoted(name)}"
    if kind.endswith("[]") and file_format == "csv":
        return f"to_json({quoted(name)})::varchar as {quoted(name)}"
    return quoted(name)
