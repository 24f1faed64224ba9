"""Staged rows do not depend on how, in what order or in how many goes the messages came."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ingest import deduplicate, run, stage
from ingest.layouts import segment_logs
from ingest.layouts.snake_case import snake_case
from ingest.run import ingest_landing
from ingest.sql import statement
from ingest.storage.landing import FolderLanding, Listing
from tests.unit.ingest.conftest import Landing, message

PROJECT = Path(__file__).parents[3]
LOGS = "segment-logs/wK3sQ/1777593600000"
TEXTS = ("messageId", "type", "event", "anonymousId", "userId")
TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
OBJECTS = ("context", "integrations", "properties", "traits")
STAGED_OBJECTS = ("context", "integrations", "properties", "traits", "unsound_objects")

# Shrinking a failure would take minutes of ingests; the lists are short as they are.
few = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)

Row = dict[str, Any]


# What arrives.

plain_times = st.sampled_from(
    [
        "2026-05-01T10:00:00.000Z",
        "2026-05-01T10:00:00.001Z",
        "2026-05-02T10:00:00.000Z",
        "2038-01-19T03:14:08.999Z",
    ]
)
odd_times = st.sampled_from(
    [
        None,
        "",
        "2026-05-01T12:00:00+02:00",
        "2026-05-01 10:00:00",
        "2026-05-01T10:00:00.0000009Z",
        "2026-05-01 12:00:00.2 +0200 CEST",
        "1999-12-31T23:59:59.999Z",
        "2026-05-01",
        "yesterday",
    ]
)
any_times = st.one_of(plain_times, plain_times, odd_times)
numbers = st.one_of(
    st.integers(-3, 3),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=True, allow_infinity=True),
)
texts = st.one_of(
    st.text(max_size=3), st.sampled_from(["😀", "\ud800x", "e\u0301", "NaN", 'a"b\\', "a\0b"])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=5,
)
objects = st.one_of(
    st.dictionaries(st.sampled_from(["a", "A", "ä b", "", "page"]), values, max_size=4),
    st.sampled_from([{}, {"b": 1, "a": 2}, {"a": 2, "b": 1}]),
)
unsound = st.one_of(st.none(), st.sampled_from([[1], "text", "", 3, True]))


@st.composite
def rows(
    draw: st.DrawFn,
    ids: Sequence[str | None] = ("m1", "m2", "m3", "é", "", None),
    times: st.SearchStrategy[str | None] = any_times,
) -> Row:
    """One message as JSON has it; few different values, so that copies tie and rows are equal."""
    row: Row = {
        "messageId": draw(st.sampled_from(ids)),
        "type": draw(st.sampled_from(["track", "track", "identify", "page", "alias", "Track"])),
        "event": draw(st.sampled_from(["Signed Up", "Signed Up", "Zażółć", None])),
        "anonymousId": draw(st.sampled_from(["a1", "a1", "a2", "", None])),
        "userId": draw(st.sampled_from(["u1", "42", "-7", None, None])),
        "timestamp": draw(times),
        "originalTimestamp": draw(st.one_of(st.none(), times)),
        "sentAt": draw(st.one_of(st.none(), times)),
        "receivedAt": draw(times),
    }
    for name in OBJECTS:
        row[name] = draw(st.one_of(st.none(), objects, objects, unsound))
    return row


# How it is written.


def write_raw(path: Path, messages: Sequence[Row], *, compact: bool = False) -> None:
    """Objects as JSON text and times as text."""
    separators = (",", ":") if compact else None
    written = [
        row
        | {
            name: None if row[name] is None else json.dumps(row[name], separators=separators)
            for name in OBJECTS
        }
        for row in messages
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = dict.fromkeys((*TEXTS, *TIMES, *OBJECTS), pl.String)
    pl.DataFrame(written, schema=schema).write_parquet(path)


def write_typed(path: Path, messages: Sequence[Row], zone: str | None) -> None:
    """As `write_raw` does, with times in columns of their own type."""
    write_raw(path, messages)
    frame = pl.read_parquet(path)
    parsed = {
        name: pl.Series(
            name,
            [None if row[name] is None else datetime.fromisoformat(row[name]) for row in messages],
            pl.Datetime("us", "UTC"),
        )
        for name in TIMES
    }
    typed = frame.with_columns(
        series if zone else series.dt.replace_time_zone(None) for series in parsed.values()
    )
    typed.write_parquet(path)


def write_log(path: Path, messages: Sequence[Row], *, numbers_as_text: bool = True) -> None:
    """Lines of JSON; an id of digits may be a number there, and what is absent is left out."""
    lines = []
    for row in messages:
        line = {name: value for name, value in row.items() if value is not None}
        if not numbers_as_text and row["userId"] in ("42", "-7"):
            line["userId"] = int(row["userId"])
        lines.append(json.dumps(line).encode() + b"\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(b"".join(lines)))


def write_lake(folder: Path, messages: Sequence[Row]) -> None:
    """One table a call or event, every object flattened."""
    tables: dict[str, list[Row]] = {}
    for row in messages:
        table = snake_case(row["event"]) if row["type"] == "track" else row["type"]
        flat = {
            "message_id": row["messageId"],
            "type": row["type"],
            "event": row["event"],
            "anonymous_id": row["anonymousId"],
            "user_id": row["userId"],
            **{snake_case(name): row[name] for name in TIMES},
            **{f"properties_{key}": value for key, value in (row["properties"] or {}).items()},
            **{f"traits_{key}": value for key, value in (row["traits"] or {}).items()},
        }
        tables.setdefault(table, []).append(flat)
    for table, flats in tables.items():
        path = folder / f"segment_type={table}/day=2026-05-01/part.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        names = list(dict.fromkeys(name for flat in flats for name in flat))
        frame = pl.DataFrame(
            [{name: flat.get(name) for name in names} for flat in flats], infer_schema_length=None
        )
        in_time = [
            pl.col(snake_case(name)).cast(pl.String).str.to_datetime("%+", time_zone="UTC")
            for name in TIMES
        ]
        frame.with_columns(in_time).write_parquet(path)


# What is staged.


@contextmanager
def empty_folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        (Path(name) / "landing").mkdir()
        yield Path(name)


def ingested(landing: Path) -> duckdb.DuckDBPyConnection:
    """Ingest a folder at once into a new warehouse in memory."""
    con = duckdb.connect(":memory:")
    con.execute("set threads = 1")
    ingest_landing(con, landing, {})
    return con


def winners(con: duckdb.DuckDBPyConnection, exclude: str = "source") -> Counter[str]:
    """Count the messages that are staged by their whole content.

    Objects are compared as JSON: copies with equal canonical payloads may spell them, or what was
    mended in them, in two ways. Every file's books must balance.
    """
    check_books(con)
    found = con.execute(
        f"select * exclude (file_id, row_number, is_duplicate, repairs, {exclude})"
        " from raw.messages where not is_duplicate and reject_reason is null"
    )
    names = [column[0] for column in found.description or ()]
    counted: Counter[str] = Counter()
    for values_found in found.fetchall():
        row = dict(zip(names, values_found, strict=True))
        for name in STAGED_OBJECTS:
            if name in row and row[name] is not None:
                row[name] = json.dumps(json.loads(row[name]), sort_keys=True)
        counted[repr(row)] += 1
    return counted


def check_books(con: duckdb.DuckDBPyConnection) -> None:
    """Landed = rejected + duplicates + staged in every file, and no id counts twice."""
    unbalanced = con.execute(
        """
        select files.path
        from raw.files as files
        left join raw.messages as messages on files.file_id = messages.file_id
        group by files.file_id, files.path, files.landed, files.rejected, files.is_settled
        having not files.is_settled
            or files.landed <> count(messages.file_id)
            or files.rejected <> count(messages.reject_reason)
            or files.landed <> files.rejected
                + count(*) filter (messages.is_duplicate)
                + count(*) filter (not messages.is_duplicate and messages.reject_reason is null)
        """
    ).fetchall()
    assert unbalanced == []
    doubled = con.execute(
        "select message_id from raw.messages where not is_duplicate and reject_reason is null"
        " group by message_id having count(*) > 1"
    ).fetchall()
    assert doubled == []
    orphans = con.execute(
        "select count(*) from raw.messages where file_id not in (select file_id from raw.files)"
    ).fetchall()
    assert orphans == [(0,)]


def rejects(con: duckdb.DuckDBPyConnection) -> list[Any]:
    """Return why messages were rejected, leaving out files that were delivered again."""
    return con.execute(
        "select reject_reason, count(*) from raw.messages join raw.files using (file_id)"
        " where reject_reason is not null and not contains(path, 'again')"
        " group by all order by all"
    ).fetchall()


# Layouts.


@few
@given(st.lists(rows(), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_invariance_raw_and_s3_stage_the_same_rows(
    messages: list[Row], compact: bool, numbers_as_text: bool
) -> None:
    with empty_folder() as raw, empty_folder() as logs, empty_folder() as both:
        write_raw(raw / "web/a.parquet", messages, compact=compact)
        write_log(logs / LOGS / "a.gz", messages, numbers_as_text=numbers_as_text)
        write_raw(both / "web/a.parquet", messages, compact=compact)
        write_log(both / LOGS / "a.gz", messages, numbers_as_text=numbers_as_text)
        of_raw, of_logs, of_both = ingested(raw), ingested(logs), ingested(both)
        assert winners(of_raw) == winners(of_logs)
        assert rejects(of_raw) == rejects(of_logs)
        assert winners(of_both, "is_flattened") == winners(of_raw, "is_flattened")


@few
@given(
    st.lists(rows(times=st.one_of(st.none(), plain_times)), min_size=1, max_size=12),
    st.sampled_from(["UTC", None]),
)
def test_invariance_times_as_text_and_typed_stage_the_same_rows(
    messages: list[Row], zone: str | None
) -> None:
    with empty_folder() as text, empty_folder() as typed:
        write_raw(text / "web/a.parquet", messages)
        write_typed(typed / "web/a.parquet", messages, zone)
        of_text, of_typed = ingested(text), ingested(typed)
        assert winners(of_text) == winners(of_typed)
        assert rejects(of_text) == rejects(of_typed)


@st.composite
def simple_rows(draw: st.DrawFn) -> list[Row]:
    """Messages that a data lake keeps whole: flat objects, keys in snake_case, one type a key."""
    kinds = {
        "plan": st.sampled_from(["free", "pró", ""]),
        "revenue_usd": st.sampled_from([1.5, -0.25, 40.0]),
        "seats": st.integers(-(2**53), 2**53),
        "is_new": st.booleans(),
    }
    bags = st.fixed_dictionaries({}, optional=kinds)
    found = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["track", "identify", "page"]))
        track_name = draw(st.sampled_from(["Signed Up", "OrderCompleted 2"]))
        found.append(
            {
                "messageId": f"m{number}",
                "type": kind,
                "event": track_name if kind == "track" else None,
                "anonymousId": draw(st.sampled_from(["a1", "", None])),
                "userId": draw(st.sampled_from(["u1", "42"])),
                "timestamp": draw(st.one_of(st.none(), plain_times)),
                "originalTimestamp": draw(st.one_of(st.none(), plain_times)),
                "sentAt": draw(st.one_of(st.none(), plain_times)),
                "receivedAt": draw(plain_times),
                "context": None,
                "integrations": None,
                "properties": draw(bags) if kind != "identify" else None,
                "traits": draw(bags) if kind == "identify" else None,
            }
        )
    return found


@settings(few, max_examples=10)
@given(simple_rows())
def test_invariance_a_data_lake_stages_what_raw_and_s3_do_and_loses_every_tie(
    messages: list[Row],
) -> None:
    def staged(con: duckdb.DuckDBPyConnection) -> list[Any]:
        check_books(con)
        found = con.execute(
            "select message_id, type, event, anonymous_id, user_id, given_at, original_at, sent_at,"
            " received_at, has_timestamp, properties, traits from raw.messages"
            " where not is_duplicate and reject_reason is null order by message_id"
        ).fetchall()
        return [(*row[:-2], *(json.loads(text or "{}") for text in row[-2:])) for row in found]

    with empty_folder() as raw, empty_folder() as lake, empty_folder() as every:
        write_raw(raw / "web/a.parquet", messages)
        write_lake(lake / "data/web", messages)
        write_raw(every / "web/a.parquet", messages)
        write_log(every / LOGS / "a.gz", messages)
        write_lake(every / "data/web", messages)
        assert staged(ingested(lake)) == staged(ingested(raw))
        of_every = ingested(every)
        check_books(of_every)
        assert of_every.execute(
            "select layout, count(*) filter (not is_duplicate), count(*)"
            " from raw.messages join raw.files using (file_id) group by layout order by layout"
        ).fetchall() == [
            ("data-lakes", 0, len(messages)),
            ("raw", len(messages), len(messages)),
            ("s3", 0, len(messages)),
        ]


# Order and split.


@dataclass(frozen=True)
class Delivery:
    """Messages, the folder each lies in, and how the folders are cut into files and runs."""

    messages: list[tuple[Row, str, int]]
    runs: list[int]
    names: list[int]
    again: list[bool]

    def files(self) -> dict[tuple[str, int], list[Row]]:
        """Equal messages without an id are numbered per file: they stay together in the first."""
        found: dict[tuple[str, int], list[Row]] = {}
        for row, folder, part in self.messages:
            found.setdefault((folder, part if row["messageId"] else 0), []).append(row)
        return found


FOLDERS = ("web", "app", LOGS)
deliveries = st.builds(
    Delivery,
    st.lists(
        st.tuples(rows(), st.sampled_from(FOLDERS), st.integers(0, 2)), min_size=1, max_size=14
    ),
    st.lists(st.integers(0, 2), min_size=9, max_size=9),
    st.permutations(range(9)),
    st.lists(st.booleans(), min_size=9, max_size=9),
)


def write(path: Path, messages: Sequence[Row]) -> Path:
    """Write a file of the layout that its folder speaks of, and return it with its suffix."""
    if "segment-logs" in path.parts:
        written = path.with_name(f"{path.name}.gz")
        write_log(written, messages)
    else:
        written = path.with_name(f"{path.name}.parquet")
        write_raw(written, messages)
    return written


@contextmanager
def cut_small(batch_files: int, batch_bytes: int, block_bytes: int) -> Iterator[None]:
    """Make batches and blocks small, and list files in reverse."""
    listing = FolderLanding.listing

    def reversed_listing(zone: FolderLanding) -> Listing:
        found = listing(zone)
        return Listing(found.files[::-1], found.passed_over)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "BATCH_FILES", batch_files)
        patch.setattr(stage, "BATCH_BYTES", batch_bytes)
        patch.setattr(segment_logs, "BLOCK_BYTES", block_bytes)
        patch.setattr(FolderLanding, "listing", reversed_listing)
        yield


@few
@given(
    deliveries,
    st.sampled_from([1, 2, 500]),
    st.sampled_from([1, 20_000, 2**26]),
    st.sampled_from([100, 900, 2**25]),
)
def test_invariance_files_batches_and_runs_may_be_cut_in_any_way(
    delivery: Delivery, batch_files: int, batch_bytes: int, block_bytes: int
) -> None:
    with empty_folder() as whole, empty_folder() as cut:
        for folder in FOLDERS:
            found = [row for row, of, _ in delivery.messages if of == folder]
            if found:
                write(whole / folder / "all", found)
        con = duckdb.connect(":memory:")
        con.execute("set threads = 1")
        with cut_small(batch_files, batch_bytes, block_bytes):
            for run in range(3):
                for (folder, part), found in delivery.files().items():
                    number = FOLDERS.index(folder) * 3 + part
                    if delivery.runs[number] == run:
                        written = write(cut / folder / f"part-{delivery.names[number]}", found)
                        if delivery.again[number]:
                            shutil.copy(written, written.with_name(f"again-{written.name}"))
                if any(path.is_file() for path in cut.rglob("*")):
                    ingest_landing(con, cut, {})
        at_once = ingested(whole)
        assert winners(con, "is_flattened") == winners(at_once, "is_flattened")
        assert rejects(con) == rejects(at_once)


# Kills.


class Kill:
    """Ends an ingest as ctrl-c does: before or after the n-th set, or while copies are settled."""

    def __init__(self, where: str, number: int) -> None:
        self.where = where
        self.number = number
        self.sets = 0

    @contextmanager
    def armed(self) -> Iterator[None]:
        stage_set = stage._Stage._stage_set

        def killed_set(*arguments: Any) -> None:
            self.sets += 1
            is_last = self.sets == self.number
            if is_last and self.where == "before a set":
                raise KeyboardInterrupt
            stage_set(*arguments)
            if is_last and self.where == "after a set":
                raise KeyboardInterrupt

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        def failing_at_its_end(name: str, **parts: str) -> str:
            text = statement(name, **parts)
            return f"{text}; select error('killed')" if name == "deduplicate" else text

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stage, "BATCH_FILES", 1)
            patch.setattr(stage._Stage, "_stage_set", killed_set)
            if self.where == "before settling":
                patch.setattr(run, "settle_duplicates", killed)
            if self.where == "amid settling":
                patch.setattr(deduplicate, "statement", failing_at_its_end)
            yield


KILLS = ["before a set", "after a set", "before settling", "amid settling"]


@few
@given(deliveries, st.sampled_from(KILLS), st.integers(1, 6))
def test_invariance_a_killed_ingest_run_again_stages_the_same_rows(
    delivery: Delivery, where: str, number: int
) -> None:
    """Some files were ingested on an earlier night, half of them with other content than now."""
    with empty_folder() as folder:
        landing, warehouse = folder / "landing", str(folder / "warehouse.duckdb")
        files = delivery.files()
        early = [file for file in files if delivery.runs[FOLDERS.index(file[0]) * 3 + file[1]] == 0]
        for of, part in early:
            write(landing / of / str(part), files[of, part][1:])
        if early:
            with duckdb.connect(warehouse) as con:
                con.execute("set threads = 1")
                ingest_landing(con, landing, {})
        for (of, part), found in files.items():
            write(landing / of / str(part), found)
        kill = Kill(where, number)
        with kill.armed(), duckdb.connect(warehouse) as con:
            con.execute("set threads = 1")
            with suppress(KeyboardInterrupt, duckdb.InvalidInputException):
                ingest_landing(con, landing, {})
        with duckdb.connect(warehouse) as con:
            con.execute("set threads = 1")
            ingest_landing(con, landing, {})
            at_once = ingested(landing)
            assert winners(con, "is_flattened") == winners(at_once, "is_flattened")
            assert rejects(con) == rejects(at_once)
            assert con.execute("select count(*) from raw.unsettled_ids").fetchall() == [(0,)]


DYING_INGEST = """
import os, signal, sys
import duckdb
from ingest import stage
from ingest.run import ingest_landing

landing, warehouse, method = sys.argv[1:]
stage.BATCH_FILES = 1
original = getattr(stage._Stage, method)
calls = 0

def dying(*arguments):
    global calls
    original(*arguments)
    calls += 1
    if calls == 3:
        os.kill(os.getpid(), signal.SIGKILL)

setattr(stage._Stage, method, dying)
ingest_landing(duckdb.connect(warehouse), landing, {})
"""


@pytest.mark.parametrize(
    ("method", "committed"), [("_stage_set", 2), ("_stage_or_split", 3)], ids=["amid", "after"]
)
def test_invariance_a_process_killed_in_the_third_set_loses_and_doubles_nothing(
    landing: Landing, method: str, committed: int
) -> None:
    for day in range(4):
        landing.write(f"web/{day}.parquet", [message(f"m{day}"), message("shared", event=str(day))])
    landing.con.close()
    died = subprocess.run(
        [sys.executable, "-c", DYING_INGEST, landing.folder, landing.warehouse, method],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    landing.con = duckdb.connect(str(landing.warehouse))
    assert landing.rows("select count(*), sum(landed) from raw.files") == [
        (committed, 2 * committed)
    ]
    assert landing.ingest().files_staged == 4 - committed
    check_books(landing.con)
    assert landing.rows("select count(*) from raw.messages") == [8]
    assert winners(landing.con) == winners(ingested(landing.folder))
