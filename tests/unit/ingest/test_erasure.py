"""Whose landed rows are kept out, and that nothing of them is kept."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.erasure import Erasure, IdentityRules, erased_names, without_erased
from ingest.ledger import create_raw_tables
from ingest.run import IngestReport, ingest_landing
from tests.unit.ingest.conftest import STAGED, Landing, message

KEY = bytes(range(32))
RULES = IdentityRules(blocked=("[0-]*", "null", "undefined"))
DAY = "segment-logs/web/1777593600000"
AT = datetime(2026, 5, 1, 10)
SNAKE = {
    "messageId": "message_id", "anonymousId": "anonymous_id", "userId": "user_id",
    "previousId": "previous_id", "receivedAt": "received_at",
}  # fmt: skip


def bury(landing: Landing, id_type: str, id_value: str, *owned: datetime | None) -> None:
    """Write a tombstone: whole, or of an interval."""
    create_raw_tables(landing.con)
    landing.con.execute(
        "insert into raw.tombstones values (?, ?, ?, now())",
        [Erasure(KEY, RULES).hash(id_type, id_value), *(owned or (None, None))],
    )


def ingest(landing: Landing, rules: IdentityRules = RULES) -> IngestReport:
    return ingest_landing(landing.con, landing.folder, {}, erasure=Erasure(KEY, rules))


def reasons(landing: Landing) -> dict[int, str | None]:
    return dict(landing.rows("select row_number, reject_reason from raw.messages"))


def write_raw(landing: Landing, rows: list[dict[str, Any]]) -> None:
    landing.write("web/a.parquet", rows)


def write_raw_with_colliding_keys(landing: Landing, rows: list[dict[str, Any]]) -> None:
    """What DuckDB's own reader would rename takes the way through Arrow."""
    landing.write("web/a.parquet", [row | {"properties": {"Plan": 1, "plan": 2}} for row in rows])


def write_log(landing: Landing, rows: list[dict[str, Any]]) -> None:
    landing.write_log(f"{DAY}/a.gz", [{k: v for k, v in row.items() if v} for row in rows])


def write_lake(landing: Landing, rows: list[dict[str, Any]]) -> None:
    flat = []
    for row in rows:
        columns = {SNAKE.get(key, key): value for key, value in row.items() if key != "properties"}
        traits = columns.pop("traits", None) or {}
        columns |= {"traits_mutiny_visitor_id": traits.get("mutinyVisitorId"), "properties_x": 1}
        columns["received_at"] = datetime.fromisoformat(columns["received_at"])
        flat.append(columns)
    landing.write("data/web/segment_type=mixed/day=2026-05-01/hr=10/a.parquet", flat)


Write = Callable[[Landing, list[dict[str, Any]]], None]
LAYOUTS: list[Write] = [write_raw, write_raw_with_colliding_keys, write_log, write_lake]


def row(message_id: str, **fields: Any) -> dict[str, Any]:
    return message(
        message_id, **{"userId": None, "previousId": None, "anonymousId": None, "traits": None}
    ) | fields  # fmt: skip


def test_erasure_hashes_in_sql_as_python_does(landing: Landing) -> None:
    erasure = Erasure(KEY, RULES)
    values = ["u1", "", "über 'all\"", "x" * 500, "\U0001f600", "a|b"]
    expected = [
        hmac.new(KEY, f"user_id|{value}".encode(), hashlib.sha256).hexdigest() for value in values
    ]
    assert [erasure.hash("user_id", value) for value in values] == expected
    landing.write("web/a.parquet", [row(f"m{n}", userId=v) for n, v in enumerate(values) if v])
    for value in values:
        bury(landing, "user_id", value)
    ingest(landing)
    assert set(reasons(landing).values()) == {"erased"}


@pytest.mark.parametrize("write", LAYOUTS)
def test_erasure_decides_by_the_strong_identifier_then_by_the_device(
    landing: Landing, write: Write
) -> None:
    bury(landing, "user_id", "gone")
    bury(landing, "anonymous_id", "gone-device")
    bury(landing, "mutiny_visitor_id", "77")
    bury(landing, "anonymous_id", "shared", None, AT)
    visitor = {"traits": {"mutinyVisitorId": "77"}}
    rows = [
        row("m1", userId="gone"),
        row("m2", userId="gone", anonymousId="shared"),
        row("m3", anonymousId="gone-device"),
        row("m4", userId="other", anonymousId="gone-device"),
        row("m5", anonymousId="shared", timestamp="2026-05-01T09:59:59.999Z"),
        row("m6", anonymousId="shared"),
        row("m7", userId="other", anonymousId="shared", timestamp="2026-05-01T09:00:00.000Z"),
        row("m8", type="identify", anonymousId="new", **visitor),
        row("m9", type="track", anonymousId="new", **visitor),
        row("m10", type="alias", userId="other", previousId="gone"),
        row("m11", type="alias", userId="other", previousId="gone-device"),
        row("m12", userId="undefined", anonymousId="gone-device"),
        row("m13", userId="other"),
    ]
    write(landing, rows)
    report = ingest(landing)
    kept = [4, 6, 7, 9, 11, 13]
    assert [n for n, reason in sorted(reasons(landing).items()) if reason is None] == kept
    assert report.rows_rejected == len(rows) - len(kept)
    assert landing.rows("select landed - rejected from raw.files") == [len(kept)]
    assert landing.rows("select message_id from raw.messages where message_id is not null") == [
        f"m{number}" for number in kept
    ]


@pytest.mark.parametrize("write", LAYOUTS)
def test_erasure_keeps_nothing_of_a_row_but_its_place(landing: Landing, write: Write) -> None:
    bury(landing, "user_id", "gone")
    write(landing, [row("m1", userId="gone", anonymousId="a"), row("m2", userId="u", type="none")])
    ingest(landing)
    columns = [
        name
        for (name,) in landing.con.execute(
            "select column_name from duckdb_columns() where table_name = 'messages'"
        ).fetchall()
    ]
    erased, rejected = (
        dict(zip(columns, found, strict=True))
        for found in landing.rows("from raw.messages order by row_number")
    )
    assert {name: value for name, value in erased.items() if value is not None} == {
        "file_id": 1, "row_number": 1, "source": "web", "reject_reason": "erased",
        "is_duplicate": False,
    }  # fmt: skip
    assert rejected["rejected_payload"] is not None


TIMES_AND_ERASED: list[tuple[dict[str, str | None], bool]] = [
    ({"timestamp": "2026-05-01T09:00:00Z"}, True),
    ({"timestamp": "2026-05-01T10:00:00Z"}, False),
    # Ahead of its receipt: it happened when it was received.
    ({"timestamp": "2026-05-01T11:00:00Z", "receivedAt": "2026-05-01T09:00:00Z"}, True),
    ({"timestamp": "2026-05-01T10:04:00Z", "receivedAt": "2026-05-01T09:59:00Z"}, False),
    ({"timestamp": "yesterday", "receivedAt": "2026-05-01T09:00:00Z"}, True),
    ({"timestamp": "1999-01-01T00:00:00Z"}, False),
    # As long before its receipt as its clock says.
    (
        {
            "timestamp": None, "receivedAt": "2026-05-01T10:30:00Z",
            "sentAt": "2031-01-01T01:00:00Z", "originalTimestamp": "2031-01-01T00:00:00Z",
        },
        True,
    ),
    ({"timestamp": None}, False),
    ({"timestamp": "2026-05-01T09:00:00Z", "receivedAt": None}, True),
]  # fmt: skip


def test_erasure_of_an_interval_looks_at_when_a_message_happened(landing: Landing) -> None:
    bury(landing, "anonymous_id", "a1", datetime(2026, 5, 1, 8), AT)
    absent = {"originalTimestamp": None, "sentAt": None}
    write_log(landing, [message(**(absent | times)) for times, _ in TIMES_AND_ERASED])
    ingest(landing)
    assert reasons(landing) == {
        number: "erased" if is_erased else None
        for number, (_, is_erased) in enumerate(TIMES_AND_ERASED, 1)
    }


def test_erasure_of_one_of_two_intervals_on_a_device_leaves_what_lies_between(
    landing: Landing,
) -> None:
    bury(landing, "anonymous_id", "a1", None, AT)
    bury(landing, "anonymous_id", "a1", AT + timedelta(hours=1), None)
    hours = [f"2026-05-01T{hour:02}:30:00.000Z" for hour in (9, 10, 11)]
    rows = [message(hour, timestamp=hour, receivedAt=hour) for hour in hours]
    landing.write("web/a.parquet", rows)
    ingest(landing)
    assert reasons(landing) == {1: "erased", 2: None, 3: "erased"}


@pytest.mark.parametrize(
    ("rules", "fields", "is_erased"),
    [
        (RULES, {"type": "alias", "userId": "other", "previousId": "gone"}, True),
        (
            IdentityRules(merge_on_alias=False),
            {"type": "alias", "userId": "other", "previousId": "gone"},
            False,
        ),
        (
            IdentityRules(merge_on_alias=False),
            {"type": "alias", "userId": None, "previousId": "gone"},
            True,
        ),
        (RULES, {"type": "track", "userId": "other", "previousId": "gone"}, False),
        (RULES, {"type": "identify", "traits": '{"email": " Gone@X.io"}'}, False),
        (
            IdentityRules(merge_on_email=True),
            {"type": "identify", "traits": '{"email": "crm@x.io"}'},
            False,
        ),
        (
            IdentityRules(merge_on_email=True),
            {"type": "identify", "traits": '{"email": " Gone@X.io"}'},
            True,
        ),
        (IdentityRules(merge_on_email=True), {"traits": '{"email": "gone@x.io"}'}, False),
    ],
)
def test_erasure_follows_the_configured_identity(
    landing: Landing, rules: IdentityRules, fields: dict[str, Any], is_erased: bool
) -> None:
    bury(landing, "user_id", "gone")
    bury(landing, "email", "gone@x.io")
    bury(landing, "crm_email", "crm@x.io")
    landing.write("web/a.parquet", [row("m1", userId="other") | fields])
    ingest(landing, rules)
    assert reasons(landing) == {1: "erased" if is_erased else None}


LINES_AND_EMPTIED = [
    (b'{"userId": "gone", "type": "none"}', True),
    (b'{"userId": "gone", "tra', True),
    (b'{"userId": "gone\xff"}', True),
    (b'["seen", "gone 7"]', True),
    (b"user=gone&x=1", True),
    (b'{"traits": {"email": "a@b.c"}, "type": "none", "userId": "u"}', False),
    (b'{"userId": "gone2", "type": "none"}', False),
    (b'{"traits": {"email": " Gone@X.io"}, "type": "none", "userId": "u"}', True),
]


def test_erasure_empties_rejected_rows_whose_text_names_a_person(landing: Landing) -> None:
    for value in ("gone", "gone 7"):
        bury(landing, "user_id", value)
    bury(landing, "crm_email", "gone@x.io")
    landing.write_log(f"{DAY}/a.gz", [line for line, _ in LINES_AND_EMPTIED])
    ingest(landing)
    assert "erased" not in reasons(landing).values()
    assert landing.rows(f"select rejected_payload is null {STAGED}") == [
        is_emptied for _, is_emptied in LINES_AND_EMPTIED
    ]


def test_erasure_meets_a_replay_under_new_message_ids_and_a_changed_file(
    landing: Landing,
) -> None:
    bury(landing, "user_id", "gone")
    bury(landing, "anonymous_id", "a1")
    rows = [message("m1"), message("m2", userId="gone"), message("m3", anonymousId="a2")]
    landing.write("web/a.parquet", rows)
    ingest(landing)
    landing.write(
        "web/again.parquet", [row | {"messageId": f"new-{row['messageId']}"} for row in rows]
    )
    landing.write("web/a.parquet", [*rows, message(None)])
    ingest(landing)
    assert landing.rows("select path, landed, rejected from raw.files order by path") == [
        ("web/a.parquet", 4, 3),
        ("web/again.parquet", 3, 2),
    ]


def test_erasure_of_the_copy_that_counted_lets_a_copy_of_another_succeed(landing: Landing) -> None:
    bury(landing, "user_id", "gone")
    early, late = "2026-05-01T10:00:01.000Z", "2026-05-01T10:00:02.000Z"
    landing.write(
        "web/a.parquet",
        [message(userId="gone", receivedAt=early), message(userId="other", receivedAt=late)],
    )
    ingest(landing)
    assert landing.rows(
        "select reject_reason, is_duplicate from raw.messages order by row_number"
    ) == [("erased", False), (None, False)]


@pytest.mark.parametrize("write", LAYOUTS)
def test_erasure_meets_a_copy_that_is_dated_otherwise_by_its_id(
    landing: Landing, write: Write
) -> None:
    bury(landing, "message_id", "m1")
    rows = [
        row("m1", anonymousId="shared"),
        row("m2", anonymousId="shared"),
        row("m1", anonymousId="shared", userId="other"),
    ]
    write(landing, rows)
    ingest(landing)
    assert reasons(landing) == {1: "erased", 2: None, 3: None}


def test_erasure_of_nobody_changes_no_statement(landing: Landing) -> None:
    landing.write("web/a.parquet", [message()])
    statements: list[str] = []

    class Spy:
        """A connection that notes what it is told."""

        def execute(self, sql: str, *arguments: Any) -> Any:
            statements.append(sql)
            return landing.con.execute(sql, *arguments)

        def __getattr__(self, name: str) -> Any:
            return getattr(landing.con, name)

    ingest_landing(Spy(), landing.folder, {})  # type: ignore[arg-type]
    inserts = [sql for sql in statements if "into raw.messages" in sql]
    assert len(inserts) == 1
    assert not any("tombstones" in sql for sql in statements if "create table" not in sql)


def test_erasure_of_staged_rows_is_that_of_landed_ones(landing: Landing) -> None:
    rows = [
        message("m1", userId="gone"),
        message("m2", userId="other"),
        message("m3", userId="other", anonymousId=None),
        message("m4", userId=None, type="none"),
        message("m5", userId=None, anonymousId="a2", timestamp="2026-05-01T09:00:00.000Z"),
    ]
    landing.write("web/a.parquet", rows)
    landing.ingest()
    bury(landing, "user_id", "gone")
    bury(landing, "anonymous_id", "a1")
    bury(landing, "anonymous_id", "a2", None, AT)
    erasure = Erasure(KEY, RULES)
    landing.con.execute("create temp table emptied as from raw.messages limit 0")
    with erased_names(landing.con, erasure):
        landing.con.execute(
            "insert into emptied by name " + without_erased("raw.messages", RULES),
            erasure.parameters(),
        )
    landing.con.execute("delete from raw.files")
    landing.con.execute("delete from raw.messages")
    ingest(landing)
    emptied, staged = (
        landing.rows(f"select * exclude (file_id) from {table} order by row_number")
        for table in ("emptied", "raw.messages")
    )
    assert emptied == staged
    assert reasons(landing) == {1: "erased", 2: None, 3: None, 4: "unknown_type", 5: "erased"}
