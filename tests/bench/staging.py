"""Staging a landing zone, first and again with nothing new, against DuckDB's own copy of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.run import IngestReport, ingest_landing
from tests.bench.timing import timed

COPY = "create table messages as select * from read_parquet($files, hive_partitioning = false)"


@dataclass(frozen=True, slots=True)
class Resources:
    """What every measured DuckDB may use."""

    threads: int
    memory_limit: str

    def connect(self, path: Path | str) -> duckdb.DuckDBPyConnection:
        """Open a DuckDB file, or `:memory:`, within these resources."""
        return duckdb.connect(
            str(path),
            config={
                "threads": self.threads,
                "memory_limit": self.memory_limit,
                "preserve_insertion_order": False,
            },
        )


@dataclass(frozen=True, slots=True)
class StagingFigures:
    """Fastest seconds of staging, of DuckDB's copy and of staging again; files that were opened."""

    rows: int
    files: int
    staging: float
    copy: float
    again: float
    opened_again: int


def measure_staging(
    landing: Path, source_ids: Mapping[str, str], folder: Path, resources: Resources, runs: int
) -> StagingFigures:
    """Stage and copy `landing` in turns, each time into a fresh file, then stage it once more."""
    warehouse, copy = folder / "staged.duckdb", folder / "copied.duckdb"
    files = sorted(str(path) for path in landing.rglob("*.parquet"))
    copy_seconds, staging_seconds = [], []
    for _ in range(runs):
        copy.unlink(missing_ok=True)
        warehouse.unlink(missing_ok=True)
        copy_seconds.append(timed(lambda: _copy(files, copy, resources))[0])
        seconds, report = timed(lambda: _stage(landing, source_ids, warehouse, resources))
        staging_seconds.append(seconds)
    hollow = _hollow_landing(landing, folder / f"hollow-{resources.memory_limit}")
    again = [timed(lambda: _stage(hollow, source_ids, warehouse, resources)) for _ in range(runs)]
    copy.unlink()
    warehouse.unlink()
    return StagingFigures(
        rows=report.rows_landed,
        files=report.files_staged,
        staging=min(staging_seconds),
        copy=min(copy_seconds),
        again=min(seconds for seconds, _ in again),
        opened_again=sum(second.files_staged + len(second.unreadable) for _, second in again),
    )


def _stage(
    landing: Path, source_ids: Mapping[str, str], warehouse: Path, resources: Resources
) -> IngestReport:
    with resources.connect(warehouse) as con:
        return ingest_landing(con, landing, source_ids)


def _copy(files: list[str], target: Path, resources: Resources) -> None:
    with resources.connect(target) as con:
        con.execute(COPY, {"files": files})


def _hollow_landing(landing: Path, hollow: Path) -> Path:
    """Write files of the same names, sizes and times without content: one that is opened shows."""
    for path in landing.rglob("*.parquet"):
        twin = hollow / path.relative_to(landing)
        twin.parent.mkdir(parents=True, exist_ok=True)
        status = path.stat()
        with twin.open("wb") as stream:
            stream.truncate(status.st_size)
        os.utime(twin, ns=(status.st_atime_ns, status.st_mtime_ns))
    return hollow
