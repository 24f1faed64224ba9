"""Random worlds: deterministic, apart from each other, and the same however they are landed."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest

from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.segments import rule_members
from tests.warehouse.world_traits import RULES
from tests.warehouse.worlds import (
    START,
    random_world,
    redeliver,
    split_over_files,
    world_settings,
    write_landing,
)

PREFIXES = [f"w{number}" for number in range(60)]
SETTINGS = world_settings(PREFIXES)


def worlds(prefixes: list[str]) -> list[RawMessage]:
    return [
        message for prefix in prefixes for message in random_world(Random(prefix), prefix, SETTINGS)
    ]


@pytest.fixture(scope="module")
def landed() -> list[RawMessage]:
    return split_over_files(Random(1), worlds(PREFIXES), 3)


@pytest.fixture(scope="module")
def found(landed: list[RawMessage]) -> Oracle:
    return Oracle(landed, SETTINGS)


def test_world_follows_from_its_seed() -> None:
    assert worlds(["w1"]) == worlds(["w1"])
    assert worlds(["w1"]) != worlds(["w2"])


def test_worlds_do_not_touch(found: Oracle) -> None:
    """Every person stands in one world: links never cross."""
    for link in found.identity.links:
        ends = [_world(one.id_value) for one in (link.a, link.b)]
        assert ends[0] == ends[1] or None in ends
    alone = Oracle(worlds(["w3"]), SETTINGS)
    together = list(Oracle(worlds(PREFIXES), SETTINGS).dim_persons)
    mine = {row["person_id"] for row in alone.dim_persons}
    assert [row for row in together if row["person_id"] in mine] == alone.dim_persons


def _world(value: str) -> str | None:
    return value.split("-", maxsplit=1)[0] if value.startswith("w") else None


def test_redelivered_files_change_nothing(found: Oracle, landed: list[RawMessage]) -> None:
    again = Oracle(redeliver(Random(2), landed, 4), SETTINGS)
    assert len(again.duplicates) > len(found.duplicates)
    assert again.messages == found.messages
    assert again.dim_identifiers == found.dim_identifiers
    assert again.fct_experience_lift == found.fct_experience_lift


def test_order_of_arrival_changes_nothing(found: Oracle, landed: list[RawMessage]) -> None:
    shuffled = list(landed)
    Random(5).shuffle(shuffled)
    again = Oracle(shuffled, SETTINGS)
    assert again.messages == found.messages
    assert again.fct_experience_lift_daily == found.fct_experience_lift_daily


def test_worlds_meet_the_rules(found: Oracle) -> None:
    assert {row["timestamp_quality"] for row in found.messages} == {
        "given", "computed", "received", "unparsable", "future"
    }  # fmt: skip
    assert {row["reason"] for row in found.rejects} == {
        "no_identifier", "unknown_type", "no_time"
    }  # fmt: skip
    assert found.identity.hubs
    assert max(len(intervals) for intervals in found.persons.intervals.values()) > 2
    assert any(row["first_seen_at"] is None for row in found.dim_persons)
    assert {row["person_id"] is None for row in found.messages} == {True, False}
    assert {row["is_crossover"] for row in found.fct_assignments} == {True, False}
    assert {row["period"] for row in found.fct_assignments} > {None}
    assert {row["removed_at"] is None for row in found.bridge_person_accounts} == {True, False}
    assert {row["person_count"] == 0 for row in found.dim_accounts} == {True, False}
    _assert_traits_and_user_segments_meet_the_rules(found)
    reasons = {row["reason"] for row in found.rpt_incomplete_exposures}
    assert len(reasons) == 4
    dropped = Counter(row["reason"] for row in found.rpt_unattributed_conversions)
    assert set(dropped) == {
        "source_not_connected", "consent", "integrations_object", "unsupported_type",
        "never_exposed", "control_only", "outside_window", "before_exposure",
    }  # fmt: skip
    written = {one.message.at("properties.currency") for one in found.happened["order"]}
    assert written >= {"USD", "usd", " Usd ", "", "EUR", None}
    statuses = Counter(row["status"] for row in found.fct_experience_lift_daily)
    assert len(statuses) >= 7
    days = {row["as_of_date"] for row in found.fct_experience_lift_daily}
    assert min(days) < START.date() - timedelta(days=30)  # and the days until then have no rows
    assert len(days) < 60


def _assert_traits_and_user_segments_meet_the_rules(found: Oracle) -> None:
    assert {row["value"] is None for row in found.fct_trait_changes} == {True, False}
    assert {row["value_type"] for row in found.dim_person_traits} == {
        "string", "number", "boolean", "array", "object"
    }  # fmt: skip
    members = found.fct_user_segment_memberships
    ended = {(row["origin"], row["member_to"] is None) for row in members}
    assert ended == {("audience", True), ("audience", False), ("rule", True), ("rule", False),
                     ("served", True), ("served", False)}  # fmt: skip
    seen = {row["person_id"]: row["first_seen_at"] for row in found.dim_persons}
    assert any(seen[row["person_id"]] is None for row in members)
    assert any((seen[row["person_id"]] or START) > row["member_from"] for row in members)
    sizes = {row["user_segment"]: row for row in found.dim_user_segments}
    assert {row["user_segment"] for row in members} >= {rule.name for rule in RULES}
    assert {row["current_size"] == 0 for row in sizes.values()} == {True, False}
    for column in ("entered_last_day", "left_last_day"):
        assert any(row[column] for row in sizes.values())


def test_no_two_intervals_of_a_membership_touch(found: Oracle) -> None:
    of_rules = [
        span
        for known in found.facts.values()
        for rule in RULES
        for span in itertools.pairwise(rule_members(rule.rule, known))
    ]
    assert of_rules
    assert all(left.end is not None and left.end < right.start for left, right in of_rules)


def test_ownership_is_gap_free_and_messages_are_placed_by_it(found: Oracle) -> None:
    for intervals in found.persons.intervals.values():
        assert intervals[0].owned_from is None
        assert intervals[-1].owned_to is None
        for left, right in itertools.pairwise(intervals):
            assert left.owned_to == right.owned_from
            assert left.person_id != right.person_id


def test_files_add_up(found: Oracle, landed: list[RawMessage]) -> None:
    counts = found.reconciliation
    assert sum(row["landed"] for row in counts) == len(landed)
    for row in counts:
        assert row["landed"] == row["rejected"] + row["duplicates"] + row["staged"]


def test_daily_rows_are_unique_and_figures_finite(found: Oracle) -> None:
    keys = Counter(
        (
            row["as_of_date"], row["vendor"], row["experience"], row["audience_segment"],
            row["period"], row["conversion"], row["metric"], row["variant"],
        )
        for row in found.fct_experience_lift_daily
    )  # fmt: skip
    assert max(keys.values()) == 1
    for row in found.fct_experience_lift_daily:
        for value in row.values():
            assert not isinstance(value, float) or abs(value) < float("inf")


def test_landed_files_hold_the_payloads(landed: list[RawMessage], tmp_path: Path) -> None:
    paths = write_landing(landed, tmp_path)
    assert set(paths) == {(message.source, message.file) for message in landed}
    types = set()
    for key, path in paths.items():
        frame = pl.read_parquet(path)
        assert path.is_relative_to(tmp_path / key[0])
        rows = [message for message in landed if (message.source, message.file) == key]
        rows.sort(key=lambda message: message.row_number)
        assert frame.height == len(rows)
        types |= set(frame.dtypes)
        for message, properties in zip(rows, frame["properties"], strict=True):
            sent = message.payload.get("properties")
            assert (None if properties is None else json.loads(properties)) == sent
    assert types == {pl.String, pl.Datetime("us"), pl.Int64}
