"""What hostile JSON becomes, whether it lands in a column of Parquet or in a line of a log."""

import json

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.ingest.conftest import LOG, STAGED, Landing, message

DEEP = '{"a":' * 500 + "1" + "}" * 500
WIDE = json.dumps({f"key {number}": number for number in range(10_000)}, separators=(",", ":"))
LONG = json.dumps({"text": "é'\";\\\n" * 150_000}, ensure_ascii=False, separators=(",", ":"))


WRITTEN_KEPT_REPAIRS = [
    (DEEP, DEEP, None),
    (WIDE, WIDE, None),
    ('{"Email":"A","email":"b","EMAIL":"c"}', '{"Email":"A","email":"b","EMAIL":"c"}', None),
    ('{"a":"x\\u0000y"}', '{"a":"x\\u0000y"}', None),
    ('{"a":"\\ud83d\\ude00 😀"}', '{"a":"😀 😀"}', None),
    ('{"a": "it\'s; \\"quoted\\"\\n" }', '{"a":"it\'s; \\"quoted\\"\\n"}', None),
    ('{"a":NaN,"b":[-Infinity,1]}', '{"a":null,"b":[null,1]}', "not_a_number"),
    ('{"a":[1,NaN]}', '{"a":[1,null]}', "not_a_number"),
    ('{"a":1e400}', '{"a":null}', "not_a_number"),
    ('{"a":nan,"b":[-inf,"nan"]}', '{"a":null,"b":[null,"nan"]}', "not_a_number"),
    ('{"a":461.00,"b":[1.50,1e3]}', '{"a":461.0,"b":[1.5,1000.0]}', None),
    ('{"a":"NaN, NaN: Infinity"}', '{"a":"NaN, NaN: Infinity"}', None),
    ('{"a":"\\ud800x"}', '{"a":"�x"}', "lone_surrogate"),
    ('{"a":"\\udc00\\ud800"}', '{"a":"��"}', "lone_surrogate"),
    (
        '{"a":123456789012345678901234567890,"b":[-9223372036854775809]}',
        '{"a":"123456789012345678901234567890","b":["-9223372036854775809"]}',
        "big_integer",
    ),
    (
        '{"a":18446744073709551615,"b":-9223372036854775808}',
        '{"a":18446744073709551615,"b":-9223372036854775808}',
        None,
    ),
    ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}', "repeated_key"),
    ('{"a":{"x":1,"x":"1"}}', '{"a":{"x":"1"}}', "repeated_key"),
    ('{"a":[{"x":1,"x":2}]}', '{"a":[{"x":2}]}', "repeated_key"),
    ('{"a":{"x":1,"y":2},"a":{"x":1}}', '{"a":{"x":1}}', "repeated_key"),
    ('{"a":[1,2],"a":[]}', '{"a":[]}', "repeated_key"),
    (
        '{"a":NaN,"b":"\\ud800","a":12345678901234567890123}',
        '{"a":"12345678901234567890123","b":"�"}',
        "big_integer,lone_surrogate,not_a_number,repeated_key",
    ),
]


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_hostile_properties_are_kept(landing: Landing, layout: str) -> None:
    landing.land(layout, [message(properties=text) for text, _, _ in WRITTEN_KEPT_REPAIRS])
    landing.ingest()
    found = landing.rows(f"select properties, repairs {STAGED}")
    for (text, kept, repairs), row in zip(WRITTEN_KEPT_REPAIRS, found, strict=True):
        assert row == (kept, repairs), text[:100]
    assert landing.rows("select distinct reject_reason, unsound_objects from raw.messages") == [
        (None, None)
    ]


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_hostile_long_and_deep_texts_break_nothing(landing: Landing, layout: str) -> None:
    deepest = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    landing.land(layout, [message(properties=text) for text in (LONG, deepest)])
    landing.ingest()
    (reason, properties, repairs), deep = landing.rows(
        f"select reject_reason, properties, repairs {STAGED}"
    )
    assert (reason, json.loads(properties), repairs) == (None, json.loads(LONG), None)
    assert deep[0] is None


def test_hostile_a_lone_surrogate_is_mended_beside_an_object_without_keys(
    landing: Landing,
) -> None:
    broken, empty = message("m1", properties='{"a":"\\ud800"}'), message("m2", properties="{}")
    landing.write("web/a.parquet", [broken, empty])
    landing.ingest()
    assert landing.rows("select properties from raw.messages order by message_id") == [
        '{"a":"\ufffd"}',
        "{}",
    ]


CONTEXTS = [
    ('{"page":{"url":"first"},"locale":"de","page":{"url":"last"}}', "/page/url", "last"),
    ('{"page":{"url":"first","url":"last"}}', "/page/url", "last"),
    ('{"campaign":{"source":"first","source":"last"}}', "/campaign/source", "last"),
    ('{"page":{"url":"u"},"a":[{"b":{"c":1,"c":2}}]}', "/a/0/b/c", "2"),
    ('{"page":{"first":1},"page":{"url":"last"}}', "/page/url", "last"),
    (
        '{"consent":{"categoryPreferences":{"Advertising":true,"Advertising":false}}}',
        "/consent/categoryPreferences/Advertising",
        "false",
    ),
]


@pytest.mark.parametrize("layout", ["raw", "s3"])
@pytest.mark.parametrize("beside", [None, '{"page":{"url":"u"}}'])
def test_hostile_a_repeated_key_of_the_context_is_read_as_its_last_at_every_depth(
    landing: Landing, layout: str, beside: str | None
) -> None:
    texts = [text for text, _, _ in CONTEXTS]
    landing.land(layout, [message(context=text) for text in [*texts, beside]])
    landing.ingest()
    found = landing.rows(f"select context, repairs {STAGED}")
    read = duckdb.execute(
        "select unnest($contexts)::json ->> unnest($paths)",
        {"contexts": [context for context, _ in found[:-1]], "paths": [p for _, p, _ in CONTEXTS]},
    ).fetchall()
    assert read == [(last,) for _, _, last in CONTEXTS]
    assert [repairs for _, repairs in found] == ["repeated_key"] * len(CONTEXTS) + [None]


def test_hostile_a_context_of_two_objects_is_not_an_object(landing: Landing) -> None:
    """In the brackets that its keys are read in, it would be a list of them."""
    contexts = ['{"a":[{}]}', '{"a":1},{}', '{"a":1}{"a":1}', '{"page":{"url":"u"']
    rows = [message(f"m{number}", context=text) for number, text in enumerate(contexts)]
    landing.write("web/a.parquet", rows)
    landing.ingest()
    assert landing.rows(
        "select context, unsound_objects ->> '/context' from raw.messages order by message_id"
    ) == [(contexts[0], None), *((None, text) for text in contexts[1:])]


def test_hostile_texts_in_fields_stay_as_they_are(landing: Landing) -> None:
    texts = ["it's", 'say "no"', "a;b", "line\nbreak", "nul\0byte", "😀", "\\", "%s{}", " "]
    rows = [message(f"m{number}", event=text, userId=text) for number, text in enumerate(texts)]
    landing.write("web/a.parquet", rows)
    landing.write_log(LOG, [row | {"messageId": f"log {row['messageId']}"} for row in rows])
    landing.ingest()
    assert landing.rows("select event from raw.messages order by file_id, row_number") == texts * 2
    assert (
        landing.rows("select user_id from raw.messages order by file_id, row_number") == texts * 2
    )


@pytest.mark.parametrize(
    "name", ["it's; a\nfile", 'say "no"', "[1]", "*", "?", "{a,b}", "ü 😀", "%20"]
)
def test_hostile_names_of_files_and_sources_are_read(landing: Landing, name: str) -> None:
    landing.write(f"{name}/{name}.parquet", [message("m1")])
    landing.write("x/1.parquet", [message("m2")])
    landing.ingest()
    assert landing.rows("select source || path from raw.files order by length(path) desc")[0] == (
        f"{name}{name}/{name}.parquet"
    )
    assert landing.rows("select message_id, source from raw.messages order by 1") == [
        ("m1", name),
        ("m2", "x"),
    ]


def test_hostile_bytes_that_are_no_text_reject_their_row_alone(landing: Landing) -> None:
    rows = [message("m1"), message("m2"), message("m3")]
    frame = pl.DataFrame(rows).with_columns(
        pl.Series("event", [b"fine", b"broken \xff", b"fine"], pl.Binary)
    )
    frame.write_parquet(landing.place("web/binary.parquet"))
    landing.write_log(
        LOG, [json.dumps(message("m4")), b'{"type":"track\xff"}', json.dumps(message("m5"))]
    )
    landing.ingest()
    assert landing.rows(
        "select row_number, rejected_payload from raw.messages where reject_reason = 'undecodable'"
        " order by file_id"
    ) == [(2, '{"event":"broken \\\\xFF"}'), (2, "{\\x22type\\x22:\\x22track\\xFF\\x22}")]
    assert landing.rows("select count(*) from raw.messages where reject_reason is null") == [4]


def test_hostile_text_columns_with_bytes_that_are_no_text_reject_their_row_alone(
    landing: Landing,
) -> None:
    good = pa.table({name: [value] * 3 for name, value in message().items()})
    names = pa.Array.from_buffers(
        pa.string(),
        3,
        [None, pa.py_buffer(np.array([0, 1, 3, 4], np.int32)), pa.py_buffer(b"ab\xffc")],
    )
    broken = good.set_column(good.schema.get_field_index("event"), "event", names)
    pq.write_table(broken, landing.place("web/broken.parquet"))
    report = landing.ingest()
    assert (report.rows_landed, report.rows_rejected, report.unreadable) == (3, 1, ())
    assert landing.rows("select event from raw.messages where reject_reason is null") == ["a", "c"]


def test_hostile_nested_keys_that_differ_by_case_are_kept(landing: Landing) -> None:
    row = message(properties={"Email": "A", "email": "b", "none": None})
    landing.write("web/a.parquet", [row])
    landing.ingest()
    assert landing.rows("select properties from raw.messages") == ['{"Email":"A","email":"b"}']


def test_hostile_columns_that_differ_by_case_are_told_apart(landing: Landing) -> None:
    landing.write("web/a.parquet", [{"USERID": "no", "userID": "no", **message(userId="u1")}])
    landing.ingest()
    assert landing.rows("select user_id from raw.messages") == ["u1"]
