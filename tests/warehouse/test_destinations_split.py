"""What Split and Abmatic hold, against an oracle over random worlds and random settings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs.ingest.run import ingest
from tests.warehouse.landings import landings
from tests.warehouse.nights import build_tables, make_worlds, published, write_settings
from tests.warehouse.oracle.abmatic import Abmatic
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.delivery import delivery_reason
from tests.warehouse.oracle.messages import Message, RawMessage, accept, deduplicate
from tests.warehouse.oracle.settings import Destination, OracleSettings, Source
from tests.warehouse.oracle.split import Split
from tests.warehouse.world_adapters import ENVIRONMENT, SEVERAL
from tests.warehouse.world_settings import MUTINY
from tests.warehouse.world_split import tell_split
from tests.warehouse.worlds import write_landing

SEED = 20_261_130
WORLDS = 40
TABLES = (
    "split_events", "split_attributes", "split_impressions", "abmatic_events", "int_split_findings",
)  # fmt: skip
SOURCES = {
    "web": Source(id="wK3sQ", destinations=("mutiny", "split", "abmatic")),
    "backend": Source(id="aB1xZ", kind="server", destinations=("mutiny",)),
    "product": Source(kind="product", environment=ENVIRONMENT),
    "engage": Source(kind="engage", destinations=("split",)),
}
EVENT_REASONS = {
    None, "source_not_connected", "consent", "integrations_object", "unsupported_type",
    "traffic_type_missing", "nothing_to_send", "unnamed_page", "event_type_id_missing",
    "event_type_id_invalid",
}  # fmt: skip


def _options(**options: Any) -> Destination:
    return Destination(consent_categories=("Advertising",), options=options)


CASES: dict[str, tuple[int, Destination, set[str | None]]] = {
    "as_it_comes": (1, _options(value="properties.amount"), EVENT_REASONS),
    "own_names": (
        3,
        _options(
            unit={"user_id": "member", "account": "company"},
            event_type_id="properties.eventName",
            value="properties.amount",
            coerce_numeric_strings=True,
            flatten_traits=True,
            page_name="{name}",
            screen_name=None,
        ),
        EVENT_REASONS | {"call_disabled"},
    ),
    "restricted": (
        1,
        _options(
            unit={"user_id": "account", "anonymous_id": "account"},
            enable_identify=False,
            page_name=None,
            event_type_id="properties.nowhere",
            screen_name="view_{name}_screen",
        ),
        {None, "call_disabled", "unnamed_page", "event_type_id_missing"},
    ),
}


@dataclass
class Built:
    """A warehouse, and the messages and settings it was built from."""

    warehouse: Path
    messages: list[Message]
    settings: OracleSettings
    reasons: set[str | None]

    @property
    def split(self) -> Split:
        return Split(self.settings)

    def reasons_of(self, destination: str) -> list[tuple[Message, str | None]]:
        """Each message with why the destination did not receive it."""
        return [
            (message, delivery_reason(message, destination, self.settings))
            for message in self.messages
        ]

    def received_by(self, destination: str) -> list[Message]:
        return [message for message, reason in self.reasons_of(destination) if reason is None]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return published(self.warehouse, sql)


def _build(
    folder: Path, messages: Iterable[RawMessage], settings: OracleSettings, nights: int
) -> tuple[Path, list[RawMessage]]:
    """Build the tables over some nights on which files come, are rewritten and go."""
    job = write_settings(folder, settings)
    messages = list(messages)
    landed = messages
    for landed in landings(Random(SEED), messages, nights) if nights > 1 else [messages]:
        shutil.rmtree(folder / "landing", ignore_errors=True)
        write_landing(landed, folder / "landing")
        ingest(job, prune=True)
        build_tables(job, *TABLES)
    return job.warehouse, landed


@pytest.fixture(scope="module", params=CASES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    nights, destination, reasons = CASES[request.param]
    destinations = {"mutiny": MUTINY, "split": destination, "abmatic": Destination()}
    messages, settings = make_worlds(
        SEED, WORLDS, sources=SOURCES, exposures=SEVERAL, destinations=destinations
    )
    folder = tmp_path_factory.mktemp("split")
    told = tell_split(Random(request.param), messages)
    warehouse, landed = _build(folder, told, settings, nights)
    winners, _ = deduplicate(accept(landed, settings)[0], settings)
    return Built(warehouse, winners, settings, reasons)


def test_split_takes_or_drops_each_message_for_its_first_reason(built: Built) -> None:
    reasons = built.reasons_of("split")
    assert built.reasons <= {reason for _, reason in reasons}
    assert_same_rows(
        [{"message_id": message.message_id, "drop_reason": reason} for message, reason in reasons],
        built.rows("from intermediate.int_split_deliveries"),
        keys=["message_id"],
    )


def test_split_events(built: Built) -> None:
    expected = built.split.events(built.received_by("split"))
    assert len({row["call"] for row in expected}) >= 1
    assert_same_rows(
        expected,
        _read_properties(built.rows("from split_events")),
        keys=["message_id", "traffic_type", "key"],
    )


def test_split_attributes(built: Built) -> None:
    expected = built.split.attribute_rows(built.received_by("split"))
    is_on = built.split.option("enable_identify", default=True)
    assert {row["is_truncated"] for row in expected} == ({True, False} if is_on else set())
    assert_same_rows(
        expected, built.rows("from split_attributes"), keys=["traffic_type", "key", "attribute"]
    )


def test_split_impressions(built: Built) -> None:
    expected = built.split.impressions(built.messages)
    assert {row["excluded_reason"] for row in expected} >= {None, "wrong_environment", "incomplete"}
    assert_same_rows(expected, built.rows("from split_impressions"), keys=["message_id"])


def test_split_findings(built: Built) -> None:
    expected = built.split.findings(built.reasons_of("split"))
    assert expected
    assert_same_rows(
        expected,
        built.rows("from intermediate.int_split_findings"),
        keys=["check_name", "subject"],
    )


def test_abmatic_events(built: Built) -> None:
    expected = Abmatic(built.settings).events(built.received_by("abmatic"))
    assert {row["kind"] for row in expected} == {"exposure", "conversion"}
    assert_same_rows(
        expected,
        _read_properties(built.rows("from abmatic_events")),
        keys=["message_id", "kind"],
    )


def test_tables_are_empty_while_their_destination_is_not_named(tmp_path: Path) -> None:
    messages, settings = make_worlds(SEED, 3, sources={"web": Source(id="wK3sQ")}, conversions=())
    told = tell_split(Random(SEED), messages)
    assert set(settings.destinations) == {"mutiny"}
    warehouse, _ = _build(tmp_path, told, settings, nights=1)
    for table in ("split_events", "split_attributes", "abmatic_events"):
        assert published(warehouse, f"from {table}") == []
    for table in ("int_split_designations", "int_split_attribute_values", "int_split_deliveries"):
        assert published(warehouse, f"from intermediate.{table}") == []


def _read_properties(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their properties as an object, whose keys are sorted everywhere."""
    return [
        row | {"properties": json.loads(row["properties"], object_pairs_hook=_sorted_object)}
        for row in rows
    ]


def _sorted_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    assert [key for key, _ in members] == sorted(key for key, _ in members)
    return dict(members)
