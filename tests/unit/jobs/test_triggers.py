"""What triggers match and what is read beside them."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobs.config.triggers import CompiledTrigger, compile_triggers
from tests.unit.jobs.test_settings import load

TEXTS = [
    "type",
    "event_name",
    "name",
    "user_id",
    "anonymous_id",
    "group_id",
    "message_id",
    "channel",
]


def compiled(folder: Path, text: str) -> list[CompiledTrigger]:
    return compile_triggers(load(folder, "landing: x\n" + text))


def evaluated(sql: str, **message: Any) -> Any:
    columns = [f"${name}::varchar as {name}" for name in (*TEXTS, "properties")]
    values = {name: message.get(name) for name in TEXTS}
    values["properties"] = json.dumps(message.get("properties", {}))
    with duckdb.connect() as con:
        return con.execute(f"select {sql} from (select {', '.join(columns)})", values).fetchall()[
            0
        ][0]


def test_a_refund_is_not_also_a_conversion(tmp_path: Path) -> None:
    refund, order, *_ = compiled(
        tmp_path,
        "conversions: [{name: order, trigger: 'type = \"track\"', refund: 'event = \"Refunded\"'}]",
    )
    assert (refund.kind, order.kind) == ("refund", "conversion")
    for event in ("Refunded", "Ordered", None):
        message = {"type": "track", "event_name": event}
        assert evaluated(refund.sql, **message) == (event == "Refunded")
        assert evaluated(order.sql, **message) == (event != "Refunded")
    assert not evaluated(order.sql, type="page")


@pytest.mark.parametrize(
    ("adapter", "event"),
    [
        ("mutiny", "Mutiny Experience Viewed"),
        ("split", "get_treatment"),
        ("segment_experiment", "Experiment Viewed"),
    ],
)
def test_a_built_in_adapter_takes_track_calls_of_its_event(
    tmp_path: Path, adapter: str, event: str
) -> None:
    (trigger,) = compiled(tmp_path, f"exposures: [{{adapter: {adapter}}}]")
    assert (trigger.kind, trigger.entry) == ("exposure", 0)
    assert evaluated(trigger.sql, type="track", event_name=event)
    assert not evaluated(trigger.sql, type="track", event_name=event.lower() + " ")
    assert not evaluated(trigger.sql, type="page", event_name=event)


@pytest.mark.parametrize(
    ("sent", "experience"),
    [
        ("Home", "Home"), (7, "7"), (7.0, "7"), (True, "true"),  # numbers and booleans are names
        ("", None), (None, None), ({"name": "Home"}, None), (["Home"], None),
    ],
)  # fmt: skip
def test_a_name_is_a_text_a_number_or_a_boolean(
    tmp_path: Path, sent: Any, experience: str | None
) -> None:
    (trigger,) = compiled(tmp_path, "exposures: [{adapter: mutiny}]")
    properties = {"experience": sent, "audiencesegment": "of another case"}
    assert evaluated(trigger.reads["experience"], properties=properties) == experience
    assert evaluated(trigger.reads["audience_segment"], properties=properties) is None


@pytest.mark.parametrize(
    ("properties", "experience", "variants"),
    [
        ({"experiment_name": "X", "variation_name": "control"}, "X", ["control", None]),
        ({"experimentName": "X", "variation_id": 0, "variationName": "Original"}, "X",
         ["Original", "0"]),
        ({"experimentId": 7, "variant_id": True}, "7", [None, "true"]),
        ({"experiment_id": 7, "experimentName": "X", "variantName": "", "variantId": "b"}, "X",
         [None, "b"]),
    ],
)  # fmt: skip
def test_an_experiment_is_read_in_any_public_spelling(
    tmp_path: Path, properties: dict[str, Any], experience: str, variants: list[str | None]
) -> None:
    (trigger,) = compiled(tmp_path, "exposures: [{adapter: segment_experiment}]")
    assert evaluated(trigger.reads["experience"], properties=properties) == experience
    assert evaluated(trigger.reads["variants"], properties=properties) == variants


def test_of_several_paths_the_first_that_has_a_value_counts(tmp_path: Path) -> None:
    (trigger,) = compiled(
        tmp_path,
        """
exposures:
  - {adapter: custom, vendor: v, trigger: 'type = "page"', experience: [properties.a, name, =Home],
     variant: [properties.v, channel]}
""",
    )
    assert evaluated(trigger.reads["experience"], properties={"a": ""}, name="N") == "N"
    assert evaluated(trigger.reads["experience"]) == "Home"
    assert evaluated(trigger.reads["variants"], channel="c") == [None, "c"]
    assert "audience_segment" not in trigger.reads
