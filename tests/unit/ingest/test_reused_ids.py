"""An id that two different messages share is marked, whatever night brought which of them."""

from itertools import permutations
from typing import Any

from tests.unit.ingest.conftest import Landing, message

REUSED = "select distinct message_id from raw.messages where is_reused order by all"
OTHER_TIMES = {
    "timestamp": "2026-05-02T10:00:00.000Z",
    "originalTimestamp": "2026-05-02T10:00:00.000Z",
    "sentAt": "2026-05-02T10:00:00.000Z",
    "receivedAt": "2026-05-02T10:00:01.000Z",
}


CHANGES: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    (OTHER_TIMES, False),
    ({"properties": '{ "b": 1, "a": null }'}, False),
    ({**OTHER_TIMES, "properties": '{ "b": 1, "a": null }'}, False),
    ({"properties": '{"a":null,"b":2}'}, True),
    ({"event": "Signed up"}, True),
    ({"userId": "u1"}, True),
    ({"properties": "[1]"}, True),
    ({**OTHER_TIMES, "context": '{"ip":"10.0.0.1"}'}, True),
]


def test_reused_ids_are_those_whose_copies_differ_in_more_than_times(landing: Landing) -> None:
    ids = [f"m{number}" for number in range(len(CHANGES))]
    first = [message(of, properties='{"a":null,"b":1}') for of in ids]
    landing.write("web/first.parquet", [*first, message("other")])
    landing.ingest()
    second = [row | change for row, (change, _) in zip(first, CHANGES, strict=True)]
    landing.write("product/second.parquet", second)
    landing.ingest()
    reused = [of for of, (_, is_reused) in zip(ids, CHANGES, strict=True) if is_reused]
    assert landing.rows(REUSED) == reused


def test_reused_ids_do_not_depend_on_the_order_of_arrival(landing: Landing) -> None:
    files = {
        "web/a.parquet": [message("m1"), message("m2")],
        "web/b.parquet": [message("m1"), message("m2", event="Signed up")],
        "web/c.parquet": [message("m1", userId="u1")],
    }
    for order in permutations(files):
        for path in order:
            landing.write(path, files[path])
            landing.ingest()
        assert landing.rows(REUSED) == ["m1", "m2"], order
        for path in files:
            landing.write(path, [message("m9")])
        landing.ingest()
        assert landing.rows(REUSED) == [], order


def test_reused_ids_of_a_lake_are_not_those_that_lost_their_case(landing: Landing) -> None:
    landing.write("web/a.parquet", [message("m1", properties='{"planName":"pro"}')])
    path = "lake/data/web/segment_type=signed_up/day=2026-05-01/hr=10/{}.parquet"
    row = {
        "message_id": "m1",
        "event": "Signed Up",
        "anonymous_id": "a1",
        "received_at": "2026-05-01T10:00:01.000Z",
        "properties_plan_name": "pro",
    }
    landing.write(path.format("a"), [row])
    landing.ingest()
    assert landing.rows(REUSED) == []
    landing.write(path.format("b"), [row | {"properties_plan_name": "free"}])
    landing.ingest()
    assert landing.rows(REUSED) == ["m1"]
