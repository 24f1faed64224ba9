"""What the rules of `segments:` compile to."""

from itertools import product
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from jobs.config.rules import BITS, TooManyPredicatesError, compile_segments
from jobs.config.segments import AudienceSettings, CrmSettings, SegmentSettings

PAGE = 'type = "page"'
TRAIT = {"trait": "plan", "value": "pro"}


def compiled(*rules: dict[str, Any], **options: Any) -> dict[str, list[dict[str, Any]]]:
    segments = tuple(
        SegmentSettings.model_validate({"name": f"s{number}", **rule})
        for number, rule in enumerate(rules)
    )
    return compile_segments(segments, options.pop("crm", CrmSettings()), **options)


def holds(rule: dict[str, Any], *bits: bool) -> bool:
    """Whether a rule holds when these of its predicates do."""
    found = compiled(rule)
    assert len(found["predicates"]) == len(bits)
    state = sum(1 << place for place, is_met in enumerate(bits) if is_met)
    sql = f"select {found['rules'][0]['condition_sql']} from (select {state}::bigint as state)"
    with duckdb.connect() as con:
        return bool(con.execute(sql).fetchall()[0][0])


OTHER = {"trait": "role", "value": "admin"}


@pytest.mark.parametrize(("first", "second"), list(product([False, True], repeat=2)))
def test_rule_nests_freely(first: bool, second: bool) -> None:
    assert holds({"all": [TRAIT, OTHER]}, first, second) == (first and second)
    assert holds({"any": [TRAIT, OTHER]}, first, second) == (first or second)
    assert holds({"not": {"any": [TRAIT, OTHER]}}, first, second) == (not (first or second))
    nested = {"all": [{"any": [TRAIT, {"not": OTHER}]}, {"not": {"all": [TRAIT, OTHER]}}]}
    expected = (first or not second) and not (first and second)
    assert holds(nested, first, second) == expected


@pytest.mark.parametrize("is_met", [False, True])
@pytest.mark.parametrize(
    ("predicate", "is_opposite"),
    [
        ({"trait": "plan", "op": "!=", "value": "pro"}, True),
        ({"trait": "plan", "value": None}, True),  # missing or null
        ({"trait": "plan", "op": "!=", "value": None}, False),
        ({"event": PAGE, "op": "<", "count": 3}, True),
        ({"event": PAGE, "op": "<=", "count": 3}, True),
        ({"event": PAGE, "op": ">", "count": 3}, False),
        ({"event": PAGE, "sum": "properties.n", "op": "<=", "value": 3}, True),
        ({"event": PAGE, "last": "properties.n", "op": "!=", "value": 3}, True),
    ],
)
def test_predicate_is_false_of_a_stranger_or_negated(
    predicate: dict[str, Any], is_opposite: bool, is_met: bool
) -> None:
    assert holds({"all": [predicate]}, is_met) == (is_met != is_opposite)
    assert compiled({"all": [predicate]})["rules"][0]["is_default"] == is_opposite


@pytest.mark.parametrize(
    ("op", "count", "bound"), [(">=", 3, 3), ("<", 3, 3), (">", 3, 4), ("<=", 3, 4)]
)
def test_count_is_a_number_that_is_reached(op: str, count: int, bound: int) -> None:
    predicate = {"event": PAGE, "op": op, "count": count, "within": "7d"}
    (found,) = compiled({"all": [predicate]})["predicates"]
    assert (found["operator"], found["bound"], found["within_seconds"]) == (">=", bound, 604_800)


@pytest.mark.parametrize(("reached", "beyond"), [(False, False), (True, False), (True, True)])
def test_exact_count_is_reached_and_not_passed(reached: bool, beyond: bool) -> None:
    for op, expected in (("=", reached and not beyond), ("!=", not reached or beyond)):
        assert holds({"all": [{"event": PAGE, "op": op, "count": 2}]}, reached, beyond) == expected


def test_no_count_at_all_is_reached_by_everybody() -> None:
    (rule,) = compiled({"all": [{"event": PAGE, "count": 0}]})["rules"]
    assert rule["is_default"]
    assert holds({"all": [{"event": PAGE, "op": "=", "count": 0}]}, True) is False


def test_sum_is_exact_to_a_ten_thousandth() -> None:
    (found,) = compiled({"all": [{"event": PAGE, "sum": "properties.n", "value": 12.5}]})[
        "predicates"
    ]
    assert (found["operator"], found["bound"]) == (">=", 125_000)


def test_same_predicate_is_evaluated_once() -> None:
    found = compiled({"all": [TRAIT, OTHER]}, {"any": [OTHER, TRAIT]}, {"not": TRAIT})
    assert len(found["predicates"]) == 2
    assert [(rule["chunk"], rule["bit"]) for rule in found["rules"]] == [(0, 0), (0, 1), (0, 2)]


def test_more_predicates_than_bits_go_into_another_number() -> None:
    rules = [{"all": [{"trait": f"t{number}", "value": 1}]} for number in range(BITS + 5)]
    found = compiled(*rules)
    assert {(rule["chunk"], rule["bit"]) for rule in found["rules"]} == {
        (number // BITS, number % BITS) for number in range(BITS + 5)
    }
    assert [predicate["chunk"] for predicate in found["predicates"]] == [0] * BITS + [1] * 5


def test_one_rule_of_more_predicates_than_bits_is_refused() -> None:
    parts = [{"trait": f"t{number}", "value": 1} for number in range(BITS + 1)]
    with pytest.raises(TooManyPredicatesError, match="split the segment"):
        compiled({"any": parts})


def test_audience_may_be_called_by_its_name() -> None:
    audiences = (AudienceSettings.model_validate({"name": "Recent Buyers", "key": "buyers_30d"}),)
    found = compiled({"all": [{"audience": "Recent Buyers"}]}, audiences=audiences)
    assert found["predicates"][0]["name"] == "buyers_30d"


def test_crm_without_history_makes_a_rule_retrospective() -> None:
    rule = {"not": {"any": [TRAIT, {"contact": "Title", "value": "CEO"}]}}
    assert compiled(rule)["rules"][0]["is_retrospective"]
    dated = CrmSettings(valid_from_column="LastModifiedDate")
    assert not compiled(rule, crm=dated)["rules"][0]["is_retrospective"]
    assert not compiled({"all": [TRAIT]})["rules"][0]["is_retrospective"]


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        ({"value": 3}, "has value: without sum:, first: or last:"),
        ({"sum": "properties.n"}, "has sum: without value:"),
        ({"sum": "properties.n", "value": "3"}, "must be a number, not"),
        ({"count": 3, "last": "properties.n", "value": 3}, "has count and last; keep one"),
        ({"op": "contains"}, "has op: contains, which compares values"),
        ({"last": "properties.n", "op": "<", "value": "x"}, "must be a number with op: <"),
    ],
)
def test_mistaken_event_predicate_says_what_to_do(predicate: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        compiled({"all": [{"event": PAGE, **predicate}]})
