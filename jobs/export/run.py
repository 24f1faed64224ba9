"""Export the publication: its tables for BI tools, and who joined and left the rule segments.

Every table is written as Parquet, and as CSV up to a million rows. `datapackage.json` describes
the files. A spreadsheet, a Hyper file and schema `lift` of a PostgreSQL server are written if
`exports` asks for them; one that fails is named at the end, once everything else is written.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from ingest.sql import literal, quoted
from jobs.config import Settings, SettingsError
from jobs.errors import JobError, UsageError
from jobs.export.datapackage import DESCRIPTION, ExportedFile, FileFormat, describe_package
from jobs.export.postgres import PostgresError, export_to_postgres
from jobs.export.tables import Table, exported_tables
from jobs.export.xlsx import write_workbook
from jobs.files import OwnFiles, remove_logs
from jobs.publication import connect_publication, published_file
from jobs.segment_sync.run import SegmentReport, export_segments

log = logging.getLogger(__name__)

CSV_ROWS = 1_000_000

IN_EVERY_EXPORT = ("dim_persons", "dq_findings", "fct_experience_lift", "runs")
"""A folder with these files and without a list was exported by a version that kept none."""

COPY_OPTIONS: dict[FileFormat, str] = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true",
}


WHOLE_FILES = {"xlsx": "lift.xlsx", "hyper": "lift.hyper"}
"""The formats that hold all tables in one file."""


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
        UsageError: something that `exports` asks for is missing here.
        JobError: nothing has been published yet.
        ExportError: a file cannot be written, or somebody else's file has its name; or one of the
            other formats failed, and everything else is written.
    """
    check_formats(settings)
    folder = export_folder(settings)
    try:
        remove_logs(published_file(settings))
        with connect_publication(settings) as con:
            folder.mkdir(parents=True, exist_ok=True)
            tables = exported_tables(con)
            files = _files(tables, settings.exports.formats)
            whole = [name for kind, name in WHOLE_FILES.items() if kind in settings.exports.formats]
            own = OwnFiles(folder)
            _claim(own, [*files, *whole, DESCRIPTION])
            for name, file in files.items():
                _export_table(con, file, own.pending(name))
                own.commit(name)
            own.remove_all_but([*files, *whole, DESCRIPTION])
            failures = [*_whole_files(con, tables, own, whole), *_postgres(con, tables, settings)]
            package = describe_package(con, files)
        own.pending(DESCRIPTION).write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")
        own.commit(DESCRIPTION)
        segments = export_segments(settings)
    except (OSError, duckdb.Error) as error:
        raise ExportError(
            f"The exports in {settings.publish} could not be written ({first_line(error)});"
            " free the space or the folder and run `lift export`."
        ) from error
    if failures:
        raise ExportError(" ".join(failures))
    log.info("exported %d files to %s", len(files), folder)
    return ExportReport(folder, len(files) + len(whole), segments)


def export_folder(settings: Settings) -> Path:
    """Return where the files for BI tools lie."""
    return settings.publish / "exports"


def check_formats(settings: Settings) -> None:
    """Check before any work that what `exports` asks for can be written here.

    Raises:
        UsageError: `exports.postgres_env` names a variable that is not set, or the format hyper
            needs a package that is not installed.
    """
    try:
        _ = settings.postgres_url
    except SettingsError as error:
        raise UsageError("\n".join(map(str, error.problems))) from error
    if "hyper" in settings.exports.formats and find_spec("tableauhyperapi") is None:
        raise UsageError(
            f"{settings.file.name}: exports.formats has hyper, which needs a package of Tableau;"
            " run `pip install 'segment-lift[hyper]'`, or remove hyper"
        )


def _whole_files(
    con: duckdb.DuckDBPyConnection, tables: list[Table], own: OwnFiles, names: list[str]
) -> Iterator[str]:
    """Write the files that hold all tables; yield a sentence for each that cannot be written."""
    for name in names:
        pending = own.pending(name)
        try:
            if name == WHOLE_FILES["xlsx"]:
                write_workbook(con, tables, pending)
            else:
                from jobs.export.hyper import write_hyper

                write_hyper(con, tables, pending)
            own.commit(name)
        except Exception as error:  # what the libraries raise has no type in common
            log.debug("%s", name, exc_info=True)
            pending.unlink(missing_ok=True)
            yield (
                f"{own.folder / name} could not be written ({first_line(error)}); the other exports"
                " are written: free the space or the folder and run `lift export`."
            )


def _postgres(
    con: duckdb.DuckDBPyConnection, tables: list[Table], settings: Settings
) -> Iterator[str]:
    """Replace the tables on the PostgreSQL server; yield a sentence if that fails."""
    url, variable = settings.postgres_url, settings.exports.postgres_env
    if url is not None and variable is not None:
        try:
            export_to_postgres(con, tables, url.get_secret_value(), variable)
        except PostgresError as error:
            yield str(error)


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


def _files(tables: list[Table], formats: Iterable[str]) -> dict[str, ExportedFile]:
    """Return what each file to write holds, by its name."""
    return {
        f"{table.name}.{file_format}": ExportedFile(table, file_format)
        for table in tables
        for file_format in COPY_OPTIONS
        if file_format in formats and (file_format != "csv" or table.rows <= CSV_ROWS)
    }


def _export_table(con: duckdb.DuckDBPyConnection, file: ExportedFile, target: Path) -> None:
    """Write a table in the order in which it is stored, which is that of its key."""
    selected = ", ".join(
        column.in_csv if file.file_format == "csv" else column.in_parquet
        for column in file.table.columns
    )
    con.execute(
        f"copy (select {selected} from {quoted(file.table.name)}) to {literal(str(target))}"
        f" ({COPY_OPTIONS[file.file_format]})"
    )
