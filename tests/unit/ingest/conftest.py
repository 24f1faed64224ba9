import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest.run import IngestReport, ingest_landing

LOG = "segment-logs/wK3sQ/1777593600000/a.gz"
OBJECTS = ("context", "integrations", "properties", "traits")
STAGED = "from raw.messages order by file_id, row_number"


class Landing:
    """A landing zone in a temporary folder and the warehouse it is ingested into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "landing"
        self.folder.mkdir()
        self.warehouse = folder / "warehouse.duckdb"
        self.con = duckdb.connect(str(self.warehouse))

    def write(self, path: str, rows: list[dict[str, Any]], **schema: Any) -> Path:
        """Write rows as Parquet."""
        target = self.place(path)
        pl.DataFrame(rows, infer_schema_length=None, schema_overrides=schema or None).write_parquet(
            target
        )
        return target

    def write_log(self, path: str, lines: Sequence[dict[str, Any] | str | bytes]) -> Path:
        """Write lines as one of Segment's S3 files; a text or bytes are taken as they are."""
        target = self.place(path)
        target.write_bytes(gzip.compress(b"".join(_line(line) + b"\n" for line in lines)))
        return target

    def land(self, layout: str, rows: list[dict[str, Any]], **schema: Any) -> None:
        """Write messages, whose objects are JSON text, in the raw layout or as lines of a log."""
        if layout == "raw":
            self.write("web/a.parquet", rows, **schema)
        else:
            self.write_log(LOG, [_with_objects(row) for row in rows])

    def place(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def ingest(self, **source_ids: str) -> IngestReport:
        return ingest_landing(self.con, self.folder, source_ids)

    def rows(self, sql: str) -> list[Any]:
        found = self.con.execute(sql).fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found


def _with_objects(row: dict[str, Any]) -> str:
    members = {
        name: value if name in OBJECTS and value is not None else json.dumps(value)
        for name, value in row.items()
    }
    return "{" + ", ".join(f'"{name}": {text}' for name, text in members.items()) + "}"


def _line(line: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


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
