"""One file's oddity is that file's: it is read, or it is one reject, and everything else loads."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.layouts import segment_logs
from ingest.layouts.parquet import ParquetSet
from ingest.layouts.segment_logs import LogSet
from tests.unit.ingest.conftest import Landing, message

RAW = "web/odd.parquet"
LAKE = "data/web/segment_type=order/day=2026-05-01/odd.parquet"
LOG = "segment-logs/web/1777593600000/odd.gz"
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def raw(**columns: Any) -> pa.Table:
    """One message of the raw layout; a column is an Arrow array or a list."""
    return pa.table({name: [value] for name, value in message("odd").items()} | columns)


def lake(**columns: Any) -> pa.Table:
    """One order of a data lake."""
    fields = {
        "message_id": ["odd"],
        "anonymous_id": ["a1"],
        "timestamp": ["2026-05-01T10:00:00.000Z"],
        "received_at": ["2026-05-01T10:00:01.000Z"],
    }
    return pa.table(fields | columns)


def with_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    """A table with one more column, whose name it may already have."""
    return table.append_column(name, pa.array(values))


def struct(*members: tuple[str, Any]) -> pa.Array:
    """One object, which may have a key twice."""
    arrays = [array if isinstance(array, pa.Array) else pa.array([array]) for _, array in members]
    return pa.StructArray.from_arrays(arrays, names=[name for name, _ in members])


def texts(*values: bytes) -> pa.Array:
    """Texts of these bytes, whether they are UTF-8 or not."""
    ends = np.cumsum([0, *(len(value) for value in values)]).astype(np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def parquet(table: pa.Table, **options: Any) -> bytes:
    target = BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def as_enumerations(table: pa.Table) -> bytes:
    """As some writers do: every text is the logical type ENUM, which Arrow reads as bytes."""
    written = parquet(table, store_schema=False, use_dictionary=False)
    text, enumeration = bytes.fromhex("25004c1c0000"), bytes.fromhex("25084c4c0000")
    assert text in written
    return written.replace(text, enumeration)


def written_by_duckdb(value: str, folder: Path) -> bytes:
    """One order of a data lake with this SQL in `properties_x`."""
    target = folder / "written.parquet"
    con = duckdb.connect()
    con.execute(
        "copy (select 'odd' as message_id, 'a1' as anonymous_id, '2026-05-01T10:00:00Z' as"
        f" timestamp, timestamp '2026-05-01' as received_at, {value} as properties_x)"
        f" to '{target}' (format parquet)"
    )
    return target.read_bytes()


class Beside:
    """A landing zone in which an odd file lies between good ones of every layout."""

    def __init__(self, landing: Landing) -> None:
        self.landing = landing
        landing.write("app/good.parquet", [message("good 1")])
        landing.write("zoo/good.parquet", [message("good 2")])
        landing.write_log(
            "segment-logs/app/1777593600000/good.gz", [message("good 3", properties={})]
        )

    def land(self, path: str, content: bytes) -> None:
        """Ingest an odd file; the good ones are staged whatever it is."""
        self.landing.place(path).write_bytes(content)
        self.report = self.landing.ingest()
        assert self.landing.rows(
            "select message_id from raw.messages where message_id like 'good %' order by 1"
        ) == ["good 1", "good 2", "good 3"]

    def unreadable(self) -> str:
        """Why the odd file is a reject; it has contributed nothing and is tried again."""
        assert self.landing.rows(
            "select count(*) from raw.messages where file_id in"
            " (select file_id from raw.files where path like '%odd%')"
        ) == [0]
        error, landed = self.landing.rows("select error, landed from raw.files where error <> ''")[
            0
        ]
        assert landed == 0
        assert self.landing.ingest().unreadable == self.report.unreadable != ()
        return str(error)

    def odd(self, columns: str) -> Any:
        """What is staged of the odd file's only row."""
        assert self.report.unreadable == ()
        rows = self.landing.rows(
            f"select {columns} from raw.messages where file_id in"
            " (select file_id from raw.files where path like '%odd%')"
        )
        assert len(rows) == 1
        return rows[0]


@pytest.fixture
def beside(landing: Landing) -> Beside:
    return Beside(landing)


# Types that texts have.


@pytest.mark.parametrize(
    "content",
    [
        as_enumerations(raw()),
        as_enumerations(raw(properties=[{"a": "b", "c": [{"d": "e"}]}])),
        parquet(raw(type=pa.array(["track"], pa.large_string()))),
        parquet(raw(type=pa.array(["track"], pa.string_view()))),
        parquet(raw(type=pa.array(["track"]).dictionary_encode())),
        parquet(raw(type=pa.array([b"track"], pa.binary(5)))),
        parquet(raw(**{name: [value.encode()] for name, value in message("odd").items()})),
        parquet(raw(properties=pa.array(["{}"], pa.json_()))),
    ],
    ids=["enum", "enum inside", "large", "view", "dictionary", "fixed", "bytes", "json"],
)
def test_odd_text_is_read_in_every_type_that_parquet_has_for_it(
    beside: Beside, content: bytes
) -> None:
    beside.land(RAW, content)
    assert beside.odd("message_id, type, event, anonymous_id, given_at, reject_reason") == (
        "odd", "track", "Signed Up", "a1", datetime(2026, 5, 1, 10), None,
    )  # fmt: skip


def test_odd_files_with_enumerations_and_with_text_are_one_table(beside: Beside) -> None:
    beside.landing.write("web/1.parquet", [message("m1")])
    beside.land(RAW, as_enumerations(raw()))
    assert beside.odd("type") == "track"


@pytest.mark.parametrize(
    ("column", "written"),
    [
        (pa.array([UUID(int=7).bytes], pa.binary(16)), None),
        (pa.array([np.float16(1.5)], pa.float16()), 1.5),
        (pa.array([Decimal("19.90")], pa.decimal128(10, 2)), 19.9),
        (pa.array([Decimal("19.90")], pa.decimal256(60, 2)), 19.9),
        (pa.array([date(2026, 1, 2)]), "2026-01-02"),
        (pa.array([WHEN], pa.timestamp("ns", "UTC")), "2026-01-02T03:04:05.000Z"),
        (pa.array([b"\xc3\xa9"]), "é"),
        (pa.array([{"A": 1, "a": Decimal("1.50")}]), {"A": 1, "a": 1.5}),
        (pa.array([[("k", WHEN)]], pa.map_(pa.string(), pa.timestamp("us"))),
         {"k": "2026-01-02T03:04:05.000Z"}),
    ],
)  # fmt: skip
def test_odd_types_of_a_lake_are_read(beside: Beside, column: pa.Array, written: object) -> None:
    beside.land(LAKE, parquet(lake(properties_x=column)))
    found = json.loads(beside.odd("properties"))["x"]
    assert found == written or written is None


@pytest.mark.parametrize(
    "value",
    ["'x'::enum('x')", "interval 3 days", "uuid()", "'101'::bit", "1::hugeint", "time '10:00'"],
)
def test_odd_types_of_duckdb_are_read(beside: Beside, value: str, tmp_path: Path) -> None:
    beside.land(LAKE, written_by_duckdb(value, tmp_path))
    assert set(json.loads(beside.odd("properties"))) == {"x"}


@pytest.mark.parametrize("value", ["{'a': 1}::variant", "'POINT(0 0)'::geometry"])
def test_odd_types_without_a_json_form_cost_their_file(
    beside: Beside, value: str, tmp_path: Path
) -> None:
    beside.land(LAKE, written_by_duckdb(value, tmp_path))
    assert beside.unreadable().startswith("not a readable Parquet file: ")


# Names that columns have.


@pytest.mark.parametrize(
    ("path", "table", "column"),
    [
        (RAW, with_column(raw(), "anonymousId", ["b"]), "anonymousId"),
        (RAW, with_column(raw(), "properties", ["{}"]), "properties"),
        (RAW, raw(properties=struct(("a", 1), ("a", 2))), "properties.a"),
        (RAW, raw(context=struct(("page", struct(("url", "u"), ("url", "v"))))),
         "context.page.url"),
        (RAW, raw(properties=struct(("l", pa.ListArray.from_arrays(
            [0, 1], struct(("a", 1), ("a", 2)))))), "properties.l.a"),
        (LAKE, with_column(lake(properties_plan=["a"]), "properties_plan", ["b"]),
         "properties_plan"),
        (LAKE, with_column(lake(), "message_id", ["b"]), "message_id"),
    ],
)  # fmt: skip
def test_odd_a_column_that_comes_twice_costs_its_file_and_is_named(
    beside: Beside, path: str, table: pa.Table, column: str
) -> None:
    beside.land(path, parquet(table))
    assert f"`{column}` twice" in beside.unreadable()


def test_odd_a_column_that_comes_twice_and_is_not_read_costs_nothing(beside: Beside) -> None:
    beside.land(RAW, parquet(with_column(raw(mine=["a"]), "mine", ["b"])))
    assert beside.odd("message_id") == "odd"


@pytest.mark.parametrize(
    ("columns", "field", "expected"),
    [
        ({"properties_url": ["a"], "properties_URL": ["b"]}, "properties",
         {"url": "a", "URL": "b"}),
        ({"properties_at": pa.array([WHEN]), "properties_AT": ["b"]}, "properties",
         {"at": "2026-01-02T03:04:05.000Z", "AT": "b"}),
        ({"context_ip": ["a"], "context_IP": ["b"]}, "context", {"ip": "a", "IP": "b"}),
        ({"context_page_url": ["a"], "context_page_URL": ["b"]}, "context",
         {"page": {"url": "a", "URL": "b"}}),
        ({"plan": ["a"], "Plan": ["b"]}, "properties", {"plan": "a", "Plan": "b"}),
        ({"User_ID": ["a"], "user_id": ["b"]}, "properties", {"User_ID": "a"}),
        ({"file_row_number": [5], "File_Index": ["x"], "filename": ["y"]}, "properties",
         {"file_row_number": 5, "File_Index": "x", "filename": "y"}),
        ({"properties_": ["a"]}, "properties", {"": "a"}),
        ({"properties_a\"b'c\0": ["a"]}, "properties", {"a\"b'c\0": "a"}),
    ],
)  # fmt: skip
def test_odd_names_of_a_lake_are_keys_as_they_are(
    beside: Beside, columns: dict[str, Any], field: str, expected: dict[str, Any]
) -> None:
    beside.land(LAKE, parquet(lake(**columns)))
    assert json.loads(beside.odd(field)) == expected


def test_odd_names_of_duckdbs_own_columns_are_no_trouble_in_the_raw_layout(beside: Beside) -> None:
    odd = raw(file_row_number=[5], file_index=["x"], FILENAME=["y"], C0=["z"])
    beside.land(RAW, parquet(odd))
    assert beside.odd("message_id, row_number") == ("odd", 1)


OBJECT = pa.struct(
    [
        ("URL", pa.string()),
        ("url", pa.string()),
        ("revenue", pa.decimal128(10, 2)),
        ("at", pa.timestamp("us", "UTC")),
        ("none", pa.string()),
        ("items", pa.list_(pa.struct([("Sku", pa.string()), ("sku", pa.timestamp("us"))]))),
        ("named", pa.map_(pa.string(), pa.struct([("A", pa.int64()), ("a", pa.int64())]))),
    ]
)


@pytest.mark.parametrize("without", [None, "URL"])
def test_odd_an_object_with_names_that_differ_by_case_is_written_as_any_other(
    beside: Beside, without: str | None
) -> None:
    value: dict[str, Any] = {
        "URL": "a", "url": "b", "revenue": Decimal("19.90"), "at": WHEN,
        "items": [{"Sku": "x", "sku": WHEN}], "named": [("k", {"A": 1, "a": 2})],
    }  # fmt: skip
    kind = pa.struct([field for field in OBJECT if field.name != without])
    value.pop(without or "", None)
    beside.land(RAW, parquet(raw(properties=pa.array([value], kind))))
    expected = {
        "URL": "a", "url": "b", "revenue": 19.9, "at": "2026-01-02T03:04:05.000Z",
        "items": [{"Sku": "x", "sku": "2026-01-02T03:04:05.000Z"}],
        "named": {"k": {"A": 1, "a": 2}},
    }  # fmt: skip
    expected.pop(without or "", None)
    found = beside.odd("properties")
    assert json.loads(found) == expected
    assert '"revenue":19.9,' in found


# Two spellings of a column.


@pytest.mark.parametrize("empty", [None, ""])
def test_odd_rows_may_spell_their_columns_in_two_ways(landing: Landing, empty: str | None) -> None:
    fields = {
        "messageId": "m", "userId": "u", "anonymousId": "a", "groupId": "g", "previousId": "p",
        "projectId": "x", "receivedAt": "2026-05-01T10:00:01.000Z",
        "sentAt": "2026-05-01T10:00:02.000Z", "originalTimestamp": "2026-05-01T10:00:03.000Z",
    }  # fmt: skip
    snake = {
        name: "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        for name in fields
    }
    rows = [
        {"type": "track"} | {name: value + "1" * (name == "messageId") for name, value in
                             fields.items()} | dict.fromkeys(snake.values(), empty),
        {"type": "track"} | {snake[name]: value + "2" * (name == "messageId") for name, value in
                             fields.items()} | dict.fromkeys(fields, empty),
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), landing.place("web/a.parquet"))
    assert landing.ingest().rows_rejected == 0
    first, second = landing.rows(
        "select message_id, columns(* exclude (file_id, row_number, message_id))"
        " from raw.messages order by message_id"
    )
    assert (first[0], second[0], first[1:]) == ("m1", "m2", second[1:])
    assert {"u", "a", "g", "p", "x", datetime(2026, 5, 1, 10, 0, 1)} <= {*first}


def test_odd_rows_may_have_a_typed_time_in_one_spelling_and_a_text_in_the_other(
    landing: Landing,
) -> None:
    when = datetime(2026, 5, 1, 10, 0, 0, 123456)
    rows = {
        "type": ["track"] * 3,
        "messageId": ["m1", "m2", "m3"],
        "anonymousId": ["a"] * 3,
        "receivedAt": pa.array([when, None, None], pa.timestamp("us")),
        "received_at": [None, "2026-05-01T10:00:00.123456Z", ""],
        "sentAt": pa.array([when, None, None], pa.timestamp("us")),
        "sent_at": pa.array([None, when, None], pa.timestamp("ns", "UTC")),
    }
    pq.write_table(pa.table(rows), landing.place("web/a.parquet"))
    landing.ingest()
    assert landing.rows(
        "select received_at, sent_at, reject_reason from raw.messages order by message_id"
    ) == [(when, when, None), (when, when, None), (None, None, "no_time")]


def test_odd_rows_of_a_lake_may_spell_their_columns_in_two_ways(landing: Landing) -> None:
    rows = {
        "message_id": ["m1", None, None],
        "id": [None, "m2", None],
        "messageId": [None, None, "m3"],
        "anonymous_id": ["a", "a", None],
        "anonymousId": [None, None, "a"],
        "event": ["order_completed"] * 3,
        "event_text": ["Order!", "Order!", None],
        "received_at": ["2026-05-01T10:00:00Z"] * 2 + [None],
        "receivedAt": [None, None, "2026-05-01T10:00:00Z"],
        "plan": ["p"] * 3,
    }
    target = landing.place("data/web/segment_type=order/day=2026-05-01/x.parquet")
    pq.write_table(pa.table(rows), target)
    landing.ingest()
    assert landing.rows(
        "select message_id, anonymous_id, event, properties from raw.messages order by 1"
    ) == [
        ("m1", "a", "Order!", '{"plan":"p"}'),
        ("m2", "a", "Order!", '{"plan":"p"}'),
        ("m3", "a", "order_completed", '{"plan":"p"}'),
    ]


@pytest.mark.parametrize("spelling", ["userId", "user_id"])
def test_odd_ids_that_are_objects_keep_their_row_in_either_spelling(
    beside: Beside, spelling: str
) -> None:
    odd = raw(anonymousId=pa.nulls(1), **{spelling: [{"a": 1}]})
    other = "user_id" if spelling == "userId" else "userId"
    beside.land(RAW, parquet(odd.append_column(other, pa.nulls(1, pa.string()))))
    assert beside.odd("reject_reason, user_id") == (None, None)


# Bytes.


def cut(content: bytes) -> bytes:
    return content[:-10]


def emptied(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[: middle - 40] + bytes(80) + content[middle + 40 :]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (RAW, b""),
        (RAW, b"PAR1 and nothing else PAR1"),
        (RAW, b"PARE" + bytes(50) + b"\x10\0\0\0PARE"),
        (RAW, parquet(pa.table({}))),
        (RAW, parquet(raw().slice(0, 0))),
        (RAW, cut(parquet(raw()))),
        (RAW, emptied(parquet(pa.concat_tables([raw()] * 1000)))),
        (RAW, parquet(raw(mine=["a"])).replace(b"mine", b"mi\xffe")),
        (LAKE, parquet(pa.table({"a": [1]}))),
        (LOG, b""),
        (LOG, b"\x1f\x8b"),
        (LOG, b"\x1f\x8b\x08\xff" + b"\xff" * 30),
        (LOG, cut(gzip.compress(json.dumps(message("odd")).encode()))),
        (LOG, gzip.compress(json.dumps(message("odd")).encode())[:-8] + bytes(8)),
        (LOG, gzip.compress(json.dumps(message("odd")).encode()) + b"more"),
        (LOG, gzip.compress(json.dumps(message("odd")).encode()) + b"\x1f\x8b\x08"),
    ],
)  # fmt: skip
def test_odd_bytes_cost_their_file(beside: Beside, path: str, content: bytes) -> None:
    beside.land(path, content)
    assert beside.unreadable()


BROKEN = (b"fine", b"a\xff", b"fine")
THREE = {"messageId": ["m1", "m2", "m3"], "message_id": ["m1", "m2", "m3"]}


def three(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    """Three messages like the one of a table, with another id and this column."""
    columns = pa.concat_tables([table] * 3).to_pydict()
    ids = {id_name: values for id_name, values in THREE.items() if id_name in columns}
    return pa.table(columns | ids | {name: column})


@pytest.mark.parametrize(
    ("path", "table"),
    [
        (RAW, three(raw(), "event", texts(*BROKEN))),
        (RAW, three(raw(), "event", texts(*BROKEN).view(pa.binary()).cast(pa.large_binary())
                    .view(pa.large_string()))),
        (RAW, three(raw(), "event", pa.array(BROKEN, pa.binary_view()).view(pa.string_view()))),
        (RAW, three(raw(), "properties", pa.ExtensionArray.from_storage(
            pa.json_(), texts(b'{"x":"fine"}', b'{"x":"\xff"}', b'{"x":"fine"}')))),
        (RAW, three(raw(), "properties", struct(("x", texts(*BROKEN))))),
        (RAW, three(raw(), "properties", struct(("x", texts(*BROKEN)), ("X", texts(*BROKEN))))),
        (RAW, three(raw(), "context", struct(("page", struct(("url", texts(*BROKEN))))))),
        (LAKE, three(lake(), "properties_x", texts(*BROKEN))),
        (LAKE, three(lake(properties_X=["y"]), "properties_x", texts(*BROKEN))),
        (LAKE, three(lake(), "properties_x", pa.array(BROKEN, pa.binary()))),
    ],
)  # fmt: skip
def test_odd_bytes_that_are_not_text_cost_their_row(
    beside: Beside, path: str, table: pa.Table
) -> None:
    beside.land(path, parquet(table))
    assert beside.report.unreadable == ()
    assert beside.landing.rows(
        "select message_id, row_number, reject_reason from raw.messages"
        " where message_id like 'm%' order by 1"
    ) == [("m1", 1, None), ("m2", 2, "undecodable"), ("m3", 3, None)]
    assert set(
        beside.landing.rows(
            "select concat(event, properties, context) like '%fine%' from raw.messages"
            " where message_id in ('m1', 'm3')"
        )
    ) == {True}


def test_odd_a_byte_order_mark_may_begin_every_gzip_member(beside: Beside) -> None:
    lines = [json.dumps(message(f"m{number}", properties={})).encode() for number in range(3)]
    marked = [b"\xef\xbb\xbf" + line + b"\n" for line in lines]
    beside.land(LOG, b"".join(map(gzip.compress, marked)) + bytes(9))
    assert beside.report.rows_rejected == 0
    assert beside.report.rows_landed == 6


@pytest.mark.parametrize("block", [1, 2, 5, 100, 2**25])
def test_odd_gzip_members_are_read_whatever_the_size_of_the_blocks(
    beside: Beside, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_logs, "BLOCK_BYTES", block)
    monkeypatch.setattr(segment_logs, "PACKED_BYTES", max(1, block // 3))
    lines = [json.dumps(message(f"m{number}", properties={})).encode() for number in range(3)]
    content = gzip.compress(b"\xef\xbb\xbf" + lines[0] + b"\n" + lines[1][:9])
    content += gzip.compress(lines[1][9:] + b"\n") + gzip.compress(b"") + gzip.compress(lines[2])
    beside.land(LOG, content)
    assert beside.landing.rows(
        "select message_id, row_number from raw.messages where message_id like 'm%' order by 1"
    ) == [("m0", 1), ("m1", 2), ("m2", 3)]


def test_odd_a_byte_order_mark_elsewhere_is_not_json(beside: Beside) -> None:
    line = json.dumps(message("m1", properties={})).encode()
    beside.land(LOG, gzip.compress(line + b"\n\xef\xbb\xbf" + line + b"\n"))
    assert beside.report.rows_rejected == 1


# Whatever else is raised.


def raising(error: BaseException, odd: str) -> Callable[..., Any]:
    """A step of reading that fails on one file."""

    def fail(original: Callable[..., Any]) -> Callable[..., Any]:
        def step(files: Any, *arguments: Any) -> Any:
            if any(fetched.file.path == odd for fetched in files.files):
                raise error
            return original(files, *arguments)

        return step

    return fail


STAGES: dict[str, Any] = {RAW: ParquetSet, LOG: LogSet}


@pytest.mark.parametrize("path", [RAW, LOG])
@pytest.mark.parametrize(
    "error",
    [
        KeyError("name"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        pa.ArrowInvalid("no"),
        OSError("gone"),
        RuntimeError(),
        duckdb.BinderException("no"),
        duckdb.ConversionException("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_odd_any_error_of_reading_one_file_costs_that_file(
    beside: Beside, monkeypatch: pytest.MonkeyPatch, path: str, error: Exception
) -> None:
    monkeypatch.setattr(STAGES[path], "stage", raising(error, path)(STAGES[path].stage))
    content = parquet(raw()) if path == RAW else gzip.compress(json.dumps(message("odd")).encode())
    beside.land(path, content)
    assert beside.unreadable()


@pytest.mark.parametrize("path", [RAW, LOG])
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        duckdb.OutOfMemoryException("no"),
        duckdb.IOException("no space left on device"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_odd_an_error_of_this_machine_is_not_the_files(
    beside: Beside, monkeypatch: pytest.MonkeyPatch, path: str, error: BaseException
) -> None:
    monkeypatch.setattr(STAGES[path], "stage", raising(error, path)(STAGES[path].stage))
    content = parquet(raw()) if path == RAW else gzip.compress(json.dumps(message("odd")).encode())
    with pytest.raises(type(error)):
        beside.land(path, content)
    monkeypatch.undo()
    assert beside.landing.ingest().unreadable == ()
    assert "odd" in beside.landing.rows("select message_id from raw.messages")
