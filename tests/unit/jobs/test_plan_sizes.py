"""`lift plan`: what tests need, by the history of each conversion, over publications by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobs.cli.app import main
from jobs.plan.power import NONE, Arms, days_needed, power_of, visitors_needed
from tests.unit.jobs.test_plan import TABLES

CONFIG = """
landing: landing
publish: published
conversions:
  - {name: signup, trigger: 'event = "Signed Up"'}
  - {name: order, trigger: 'event = "Order Completed"', window: 2d}
"""
# Control: 2 units a day for 50 days; the variant: one a day. As-of is 2026-01-31.
HOME = """
insert into fct_experience_lift values
    ('mutiny', 'Home', '(all)', null, 'order', 'conversion_rate', 'b', 0.2, 100, 50, 1.5),
    ('mutiny', 'Home', '(all)', null, 'signup', 'conversion_rate', 'b', 0.1, 100, 50, null),
    ('mutiny', 'Home', '(all)', null, 'signup', 'conversions_per_visitor', 'b', 9, 100, 50, 1.0),
    ('mutiny', 'Home', '(all)', null, 'gone', 'conversion_rate', 'b', 0.1, 100, 50, 1.0),
    ('mutiny', 'Home', 'Small', null, 'signup', 'conversion_rate', 'b', 0.3, 10, 5, 1.0);
insert into fct_assignments
    select 'mutiny', 'Home', segment, null, 'a', 'control',
        timestamp '2026-01-31' - range * interval 12 hours, true
    from range(100), unnest(['(all)', 'Small']) as segments (segment);
insert into fct_assignments
    select 'mutiny', 'Home', '(all)', null, 'b', 'personalized',
        timestamp '2026-01-31' - range * interval 1 day, true
    from range(50);
"""
SIGNUP_VARIANCE = (1 - 0.1) / 0.1 * 100 / 99

Plan = Callable[..., str]


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Plan:
    """Publish what the statements make, and run `lift plan` over it."""

    def run(*arguments: str, made: str, config: str = CONFIG) -> str:
        (tmp_path / "lift.yml").write_text(config)
        path = tmp_path / "published" / "lift.duckdb"
        path.parent.mkdir()
        with duckdb.connect(str(path)) as con:
            con.execute(TABLES + made)
        with pytest.raises(SystemExit) as ended:
            main(["plan", *arguments, "--config", str(tmp_path / "lift.yml")])
        said = capsys.readouterr()
        assert ended.value.code == 0, said.err
        return said.out

    return run


def _sizes(plan: Plan, **made: str) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in plan("--log-format", "json", **made).splitlines()]
    return [record for record in records if record.pop("kind") == "sample_size"]


def test_sizes_go_by_control_of_everybody_in_the_order_of_the_configuration(plan: Plan) -> None:
    signup, order = _sizes(plan, made=HOME)
    assert signup.items() >= {
        "conversion": "signup", "vendor": "mutiny", "experience": "Home", "variant": "b",
        "baseline": 0.1, "control_visitors": 100, "variant_visitors": 50,
        "minimum_detectable_effect": None,
    }.items()  # fmt: skip
    assert (order["conversion"], order["minimum_detectable_effect"]) == ("order", 1.5)
    (ten,) = (need for need in signup["needs"] if need["lift"] == 0.1)
    so_far, per_day = Arms(100, 50), Arms(2, 1)
    assert ten == {
        "lift": 0.1,
        "visitors_per_arm": visitors_needed(0.1, SIGNUP_VARIANCE, 0.05, 0.8),
        "days": days_needed(0.1, SIGNUP_VARIANCE, NONE, per_day, 0.05, 0.8),
        "power_reached": power_of(0.1, SIGNUP_VARIANCE, so_far, 0.05),
        "days_left": days_needed(0.1, SIGNUP_VARIANCE, so_far, per_day, 0.05, 0.8),
    }


def test_traffic_is_that_of_the_last_28_days(plan: Plan) -> None:
    size = _sizes(plan, made=HOME)[0]
    assert (size["control_per_day"], size["variant_per_day"]) == (2, 1)


def test_traffic_of_a_young_experience_is_spread_over_the_days_it_ran(plan: Plan) -> None:
    young = HOME + "delete from fct_assignments where first_exposed_at < '2026-01-24';"
    size = _sizes(plan, made=young)[0]
    assert (size["control_per_day"], size["variant_per_day"]) == (15 / 7, 8 / 7)


def test_traffic_counts_no_units_that_are_left_out(plan: Plan) -> None:
    left_out = (
        "update fct_assignments set is_counted = hour(first_exposed_at) = 0 where arm = 'control'"
    )
    assert _sizes(plan, made=HOME + left_out)[0]["control_per_day"] == 1


def test_sizes_follow_the_configured_alpha_and_power(plan: Plan) -> None:
    config = CONFIG + "statistics: {alpha: 0.01, power: 0.9}\n"
    needs = _sizes(plan, made=HOME, config=config)[0]["needs"]
    assert [need["visitors_per_arm"] for need in needs] == [
        visitors_needed(lift, SIGNUP_VARIANCE, 0.01, 0.9) for lift in (0.05, 0.1, 0.2)
    ]


def test_an_experience_with_periods_is_planned_by_its_latest(plan: Plan) -> None:
    periods = """
    insert into fct_experience_lift values
        ('split', 'x', '(all)', '2026-01-01', 'signup', 'conversion_rate', 'on', 0.1, 100, 50, 1),
        ('split', 'x', '(all)', '2026-01-20', 'signup', 'conversion_rate', 'on', 0.3, 9, 8, 1);
    insert into fct_assignments values
        ('split', 'x', '(all)', '2026-01-01', 'off', 'control', '2026-01-19', true),
        ('split', 'x', '(all)', '2026-01-20', 'off', 'control', '2026-01-21', true),
        ('split', 'x', '(all)', '2026-01-20', 'on', 'personalized', '2026-01-22', true);
    """
    size = _sizes(plan, made=periods)[0]
    assert (size["period"], size["baseline"], size["control_per_day"]) == ("2026-01-20", 0.3, 0.1)


def test_a_conversion_without_experience_goes_by_all_persons_within_the_window(plan: Plan) -> None:
    # Of eight persons one converted within two days of being seen; one too late, one before.
    persons = """
    delete from fct_conversions;
    insert into dim_persons
        select 'p' || range, null, timestamp '2026-01-03' + range * interval 1 day from range(8);
    insert into dim_persons values ('known to Engage alone', null, null);
    insert into fct_conversions values
        ('order', 'p0', '2026-01-03'), ('order', 'p0', '2026-01-04'),
        ('order', 'p1', '2026-01-06'), ('order', 'p2', '2026-01-04');
    """
    (order,) = _sizes(plan, made=persons)
    assert order.items() >= {
        "conversion": "order", "vendor": None, "experience": None, "baseline": 1 / 8,
        "control_per_day": 7 / 28 / 2, "variant_per_day": 7 / 28 / 2,
    }.items()  # fmt: skip
    assert [need["visitors_per_arm"] for need in order["needs"]][1] == visitors_needed(
        0.1, 8, 0.05, 0.8
    )
    assert order["needs"][1]["power_reached"] == 0


@pytest.mark.parametrize("rate", ["0", "1", "null"])
def test_a_rate_of_nobody_or_everybody_has_no_needs(plan: Plan, rate: str) -> None:
    made = f"""
    insert into fct_experience_lift values
        ('mutiny', 'Home', '(all)', null, 'signup', 'conversion_rate', 'b', {rate}, 100, 50, null);
    """
    (size,) = _sizes(plan, made=made)
    assert size["needs"] == []
    assert size["control_per_day"] == 0


def test_sizes_are_two_tables_on_the_terminal(plan: Plan) -> None:
    said = [" ".join(line.split()) for line in plan(made=HOME).splitlines()]
    assert "To find a lift with 80% power at alpha 0.05" in said
    visitors = visitors_needed(0.2, SIGNUP_VARIANCE, 0.05, 0.8)
    years = (days_needed(0.2, SIGNUP_VARIANCE, NONE, Arms(2, 1), 0.05, 0.8) or 0) / 365.25
    (needs,) = (line for line in said if line.startswith("signup 10.0% 3.0 "))
    assert needs.endswith(f"{visitors:,} / {years:.0f} y")
    power = power_of(0.1, 4 * 100 / 99, Arms(100, 50), 0.05)
    (progress,) = (line for line in said if line.startswith("order 100 50 "))
    assert progress.startswith(f"order 100 50 +150% {power:.0%} ")
    assert "without an experience" not in said


def test_variants_are_named_where_there_are_several_and_vendors_too(plan: Plan) -> None:
    more = (
        HOME
        + """
    insert into fct_experience_lift values
        ('mutiny', 'Home', '(all)', null, 'signup', 'conversion_rate', 'c', 0.1, 100, 0, null),
        ('split', 'Home', '(all)', null, 'signup', 'conversion_rate', 'on', 0.1, 10, 9, null);
    """
    )
    said = [" ".join(line.split()) for line in plan(made=more).splitlines()]
    assert "Home (mutiny)" in said
    assert "Home (split)" in said
    assert any(line.startswith("signup, c 10.0% 2.0 ") and "no traffic" in line for line in said)
    assert any(line.startswith("signup 10.0% 0.0 ") for line in said)
