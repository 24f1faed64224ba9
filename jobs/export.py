"""Export the publication: its tables for BI tools, and who joined and left the rule segments.

Every table is written as Parquet, and as CSV up to a million rows.
"""

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from jobs.errors import JobError
from jobs.publish import PUBLICATION
from jobs.segment_export import SegmentReport, export_segments
from jobs.settings import Settings

log = logging.getLogger(__name__)

LEFT_OUT = ("fct_events", "rpt_delivery", "rpt_rejects")
CSV_ROWS = 1_000_000

COPY_OPTIONS = {
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

    A file of a table that is no longer published, or no longer fits CSV, is removed. What changed
    in the rule segments since the last export is added beside them.

    Raises:
        ExportError: there is no publication, or a file cannot be written.
    """
    publication = settings.publish / PUBLICATION
    folder = settings.publish / "exports"
    if not publication.exists():
        raise ExportError(f"{publication} does not exist; run `lift publish` first.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(publication), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            written = {
                _export_table(con, table, file_format, folder)
                for table, rows in _tables(con)
                for file_format in settings.exports.formats
                if file_format in COPY_OPTIONS and (file_format != "csv" or rows <= CSV_ROWS)
            }
        for stale in set(folder.glob("*.*")) - written:
            stale.unlink()
        segments = export_segments(settings)
    except (OSError, duckdb.Error) as error:
        raise ExportError(
            f"The exports in {settings.publish} could not be written"
            f" ({str(error).splitlines()[0]}); free the space or the folder and run `lift export`."
        ) from error
    log.info("exported %d files to %s", len(written), folder)
    return ExportReport(folder, len(written), segments)


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    names = con.execute(
        "select table_name from duckdb_tables() where table_name not in (select unnest(?))"
        " order by table_name",
        [list(LEFT_OUT)],
    ).fetchall()
    return [
        (name, con.execute(f"select count(*) from {name}").fetchall()[0][0]) for (name,) in names
    ]


def _export_table(
    con: duckdb.DuckDBPyConnection, table: str, file_format: str, folder: Path
) -> Path:
    target = folder / f"{table}.{file_format}"
    fresh = folder / f".{table}.{file_format}.new"
    con.execute(
        f"copy (from {table} order by all) to '{str(fresh).replace(chr(39), chr(39) * 2)}'"
        f" ({COPY_OPTIONS[file_format]})"
    )
    fresh.replace(target)
    return target


if __name__ == "__main__":
    from jobs.command import main

    main(["export", *sys.argv[1:]])
