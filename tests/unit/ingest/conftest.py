from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest.job import IngestReport, ingest_landing


class Landing:
    """A landing zone in a temporary folder and the warehouse it is ingested into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "landing"
        self.folder.mkdir()
        self.warehouse = folder / "warehouse.duckdb"
        self.con = duckdb.connect(str(self.warehouse))

    def write(self, path: str, rows: list[dict[str, Any]], **schema: Any) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows, infer_schema_length=None, schema_overrides=schema or None).write_parquet(
            target
        )
        return target

    def ingest(self, **source_ids: str) -> IngestReport:
        return ingest_landing(self.con, self.folder, source_ids)

    def rows(self, sql: str) -> list[Any]:
        found = self.con.execute(sql).fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    zone = Landing(tmp_path)
    yield zone
    zone.con.close()


def message(message_id: str | None = "m1", **fields: Any) -> dict[str, Any]:
    """One row of the raw layout."""
    return {
        "messageId": message_id,
        "type": "track",
        "event": "Signed Up",
        "anonymousId": "a1",
        "timestamp": "2026-05-01T10:00:00.000Z",
        "receivedAt": "2026-05-01T10:00:01.000Z",
        "properties": "{}",
        **fields,
    }
