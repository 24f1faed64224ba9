"""One demo in three layouts: the same messages, each as that layout spells them."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from ingest.layouts.snake_case import snake_case
from jobs.cli.app import app
from jobs.demo import LAYOUTS, write_demo
from jobs.demo.landing import WRITERS

OBJECTS = ("context", "integrations", "properties", "traits")
TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
COLUMN_TYPES = {
    pl.String(),
    pl.Int64(),
    pl.Boolean(),
    pl.Decimal(38, 6),
    pl.Datetime("us"),
}
NAMELESS, UNPREFIXED = "backend", "engage"

Row = dict[str, Any]


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    targets = {layout: tmp_path_factory.mktemp(layout) for layout in LAYOUTS}
    for layout, target in targets.items():
        write_demo(target, visitors=400, days=8, seed=3, layout=layout)
    return targets


@pytest.fixture(scope="module")
def raw_rows(demos: dict[str, Path]) -> list[tuple[str, Row]]:
    """Source and message of every row of the raw layout: objects parsed, times as text."""
    rows = []
    for path in sorted((demos["raw"] / "landing").rglob("*.parquet")):
        frame = pl.read_parquet(path)
        spelled = frame.with_columns(
            pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            for name in TIMES
            if frame.schema[name] != pl.String
        )
        source = path.relative_to(demos["raw"] / "landing").parts[0]
        for row in spelled.iter_rows(named=True):
            parsed = {name: json.loads(row[name]) for name in OBJECTS if row[name] is not None}
            rows.append((source, {**row, **parsed}))
    return rows


def log_lines(demo: Path) -> Iterator[tuple[Path, Row]]:
    """File and message of every line of the s3 layout."""
    for path in sorted((demo / "landing").rglob("*.gz")):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            yield path, json.loads(line)


def tables(demo: Path) -> Iterator[tuple[str, str, str, pl.DataFrame]]:
    """Source, table, day and rows of every file of the data-lakes layout."""
    root = demo / "landing" / "segment-data" / "data"
    for path in sorted(root.rglob("*.parquet")):
        source, table, day, _ = path.relative_to(root).parts
        yield (
            source,
            table.removeprefix("segment_type="),
            day.removeprefix("day="),
            pl.read_parquet(path, hive_partitioning=False),
        )


def without_nulls(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def canonical(rows: list[Row]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def flattened(source: str, row: Row) -> Row:
    """What Data Lakes make of a raw message, written once more from the rules."""
    columns = {
        snake_case(name): value
        for name, value in row.items()
        if name not in OBJECTS and (name != "event" or source != NAMELESS)
    }
    columns["version"] = int(row["version"])
    for name in TIMES:
        if row[name] is not None:
            moment = datetime.fromisoformat(row[name]).replace(tzinfo=None)
            columns[snake_case(name)] = moment
    for name in OBJECTS:
        unprefixed = source == UNPREFIXED and name in ("properties", "traits")
        columns |= flat_members("" if unprefixed else f"{name}_", row[name] or {})
    if isinstance(columns.get("properties_personalized"), str):
        columns["properties_personalized"] = columns["properties_personalized"] == "true"
    return without_nulls(columns)


def flat_members(prefix: str, members: Row) -> Row:
    columns: Row = {}
    for name, value in members.items():
        column = prefix + snake_case(name)
        if isinstance(value, dict):
            columns |= flat_members(f"{column}_", value)
        elif isinstance(value, list):
            columns[column] = json.dumps(value)
        else:
            columns[column] = value
    return columns


def comparable(row: Row) -> str:
    """Text that is equal for equal rows, whatever the type of a number or the spaces of a list."""
    plain: Row = {}
    for name, value in without_nulls(row).items():
        if isinstance(value, str) and value.startswith("["):
            plain[name] = json.loads(value)
        elif isinstance(value, bool | str):
            plain[name] = value
        elif isinstance(value, datetime):
            plain[name] = value.isoformat()
        else:
            plain[name] = float(value)
    return json.dumps(plain, sort_keys=True)


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_layout_has_a_writer_and_stands_in_the_help() -> None:
    assert set(WRITERS) == set(LAYOUTS)
    shown = CliRunner().invoke(app, ["demo", "--help"], env={"COLUMNS": "200"}).output
    assert all(layout in shown for layout in LAYOUTS)


def test_layouts_hold_the_same_message_ids(
    demos: dict[str, Path], raw_rows: list[tuple[str, Row]]
) -> None:
    ids = Counter(row["messageId"] for _, row in raw_rows)
    assert max(ids.values()) > 1
    assert Counter(row["messageId"] for _, row in log_lines(demos["s3"])) == ids
    flat = Counter[str]()
    for _, _, _, frame in tables(demos["data-lakes"]):
        flat.update(frame["message_id"])
    assert flat == ids


def test_layouts_share_truth_and_settings(demos: dict[str, Path]) -> None:
    truths = {(demo / "truth.json").read_bytes() for demo in demos.values()}
    assert len(truths) == 1
    settings = [yaml.safe_load((demo / "lift.yml").read_text()) for demo in demos.values()]
    for found in settings:  # small files have a share of rejects to be forgiven
        found.pop("quality", None)
    assert settings[0] == settings[1] == settings[2]


def test_s3_lines_equal_the_raw_rows(
    demos: dict[str, Path], raw_rows: list[tuple[str, Row]]
) -> None:
    expected = [without_nulls({**row, "version": int(row["version"])}) for _, row in raw_rows]
    lines = [without_nulls(row) for _, row in log_lines(demos["s3"])]
    assert canonical(lines) == canonical(expected)


def test_s3_lines_leave_out_what_a_message_lacks(demos: dict[str, Path]) -> None:
    for _, row in log_lines(demos["s3"]):
        absent = {name for name, value in row.items() if value is None}
        assert absent <= {"anonymousId", "userId"}


def test_s3_files_are_those_of_a_source_and_day_of_receipt(demos: dict[str, Path]) -> None:
    settings = yaml.safe_load((demos["s3"] / "lift.yml").read_text())
    root = demos["s3"] / "landing" / "segment-logs"
    names = {path.name for path in root.iterdir()}
    assert names == {"dummy-object.txt"} | {entry["id"] for entry in settings["sources"].values()}
    for path, row in log_lines(demos["s3"]):
        source, day, _ = path.relative_to(root).parts
        assert row["projectId"] == source
        midnight = datetime.fromisoformat(row["receivedAt"][:10]).replace(tzinfo=UTC)
        assert day == str(int(midnight.timestamp()) * 1_000)


def test_data_lakes_rows_are_the_flattened_raw_rows(
    demos: dict[str, Path], raw_rows: list[tuple[str, Row]]
) -> None:
    expected = Counter(comparable(flattened(source, row)) for source, row in raw_rows)
    found = Counter[str]()
    for _, _, _, frame in tables(demos["data-lakes"]):
        found.update(comparable(row) for row in frame.iter_rows(named=True))
    assert found == expected


def test_data_lakes_columns_are_flat_filled_and_in_snake_case(demos: dict[str, Path]) -> None:
    for _, _, _, frame in tables(demos["data-lakes"]):
        assert set(frame.schema.dtypes()) <= COLUMN_TYPES
        assert all(name == snake_case(name) for name in frame.columns)
        assert all(column.null_count() < frame.height for column in frame)


def test_data_lakes_have_a_table_an_event_and_a_file_a_day_of_receipt(
    demos: dict[str, Path], raw_rows: list[tuple[str, Row]]
) -> None:
    expected = {
        (source, snake_case(row["event"] or row["type"]), row["receivedAt"][:10])
        for source, row in raw_rows
    }
    found = set()
    for source, table, day, frame in tables(demos["data-lakes"]):
        found.add((source, table, day))
        assert set(frame["received_at"].dt.date().cast(pl.String)) == {day}
    assert found == expected
    assert {table for _, table, _ in found} >= {"page", "heartbeat", "mutiny_experience_viewed"}


def test_data_lakes_keep_event_names_but_for_one_source(demos: dict[str, Path]) -> None:
    with_names = set()
    for source, table, _, frame in tables(demos["data-lakes"]):
        if "event" in frame.columns:
            with_names.add(source)
            assert {snake_case(name) for name in frame["event"]} == {table}
    assert with_names == {"web", "product", "flags"}


def test_data_lakes_cast_the_few_texts_of_a_boolean(demos: dict[str, Path]) -> None:
    arms = {
        frame.schema["properties_personalized"]
        for _, table, _, frame in tables(demos["data-lakes"])
        if table == "mutiny_experience_viewed"
    }
    assert arms == {pl.Boolean()}


@pytest.mark.parametrize("layout", ["data-lakes", "s3"])
def test_equal_arguments_write_equal_bytes_in_any_layout(tmp_path: Path, layout: str) -> None:
    for name in ("first", "second"):
        write_demo(tmp_path / name, visitors=60, days=4, seed=5, layout=layout)
    assert fingerprint(tmp_path / "first") == fingerprint(tmp_path / "second")


@pytest.mark.parametrize("earlier", LAYOUTS)
def test_writing_another_layout_leaves_nothing_of_the_earlier_one(
    tmp_path: Path, earlier: str
) -> None:
    later = LAYOUTS[LAYOUTS.index(earlier) - 1]
    write_demo(tmp_path / "twice", visitors=40, days=4, layout=earlier)
    write_demo(tmp_path / "twice", visitors=40, days=4, layout=later)
    write_demo(tmp_path / "once", visitors=40, days=4, layout=later)
    assert fingerprint(tmp_path / "twice") == fingerprint(tmp_path / "once")
    folders = [path for path in (tmp_path / "twice" / "landing").rglob("*") if path.is_dir()]
    assert all(any(folder.iterdir()) for folder in folders)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_writing_another_layout_keeps_what_others_put_there(tmp_path: Path, layout: str) -> None:
    write_demo(tmp_path, visitors=40, days=4, layout=layout)
    beside = next(
        path
        for path in sorted((tmp_path / "landing").rglob("*"))
        if path.suffix in (".parquet", ".gz")
    )
    elsewhere = tmp_path / "landing" / "segment-logs" / "aN0therId" / "1780272000000"
    own = [beside.with_name("mine" + beside.suffix), elsewhere / "part-00.gz"]
    for path in own:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"mine")
    write_demo(tmp_path, visitors=40, days=4, layout=LAYOUTS[LAYOUTS.index(layout) - 1])
    assert all(path.read_bytes() == b"mine" for path in own)
    assert not beside.exists()
