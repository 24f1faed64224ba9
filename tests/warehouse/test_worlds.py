"""The published tables against an independent oracle, over hundreds of small adversarial worlds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from jobs.config import load_settings
from jobs.config.operations import StatisticsSettings
from jobs.publish.analyst_macros import create_macros
from jobs.publish.help import create_help
from tests.warehouse.explained import published_grains, unlike_their_figures
from tests.warehouse.keys import rows_against_their_key
from tests.warehouse.nights import (
    COMPARED,
    make_worlds,
    published,
    run_in_one_night,
    run_over_landings,
)
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.entries import Entry
from tests.warehouse.oracle.event_volume import event_volume
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Destination
from tests.warehouse.oracle.vendor_figures import BRIDGE_IN_UNITS, VendorFigures
from tests.warehouse.world_adapters import SEVERAL
from tests.warehouse.world_settings import MUTINY, MUTINY_OF_ITS_REGION, NOWHERE

SEED = 20_260_502
WORLDS = 150
WORLDS_OF_OTHER_UNITS = 60
EXPLAINED = 24
GRAIN = ["vendor", "experience", "audience_segment", "period"]
EXACT = {
    "vendor", "experience", "audience_segment", "period", "conversion", "metric", "variant", "arm",
    "is_main", "as_of_date", "control_visitors", "control_converters", "variant_visitors",
    "variant_converters", "matured_control_visitors", "matured_control_converters",
    "matured_variant_visitors", "matured_variant_converters", "crossover_visitors", "status",
}  # fmt: skip


@dataclass
class Run:
    """One publication and what it should hold."""

    path: Path
    oracle: Oracle

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return published(self.path, sql)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param({"crossover": "first", "winsorize": 0.7}, id="first"),
        pytest.param(
            {"nights": 2, "crossover": "ever_treated", "merge_on_email": True}, id="ever_treated"
        ),
        pytest.param(
            {
                "crossover": "exclude",
                "scope": "all",
                "merge_on_alias": False,
                "destinations": {
                    "mutiny": MUTINY,
                    "abmatic": Destination(conversion_integration=("google_analytics",)),
                },
            },
            id="exclude",
        ),
        pytest.param(
            {
                "count": WORLDS_OF_OTHER_UNITS,
                "unit": "anonymous_id",
                "crossover": "ever_treated",
                "winsorize": 0.55,
            },
            id="anonymous_id",
        ),
        pytest.param(
            {
                "nights": 2,
                "count": WORLDS_OF_OTHER_UNITS,
                "exposures": (Entry(unit="user_id"),),
            },
            id="user_id",
        ),
        pytest.param(
            {
                "count": WORLDS_OF_OTHER_UNITS,
                "unit": "account",
                "destinations": {
                    "mutiny": MUTINY_OF_ITS_REGION,
                    "mixpanel": Destination(region="eu", enforce_region=True),
                    "split": Destination(state="inactive"),
                },
            },
            id="account",
        ),
        pytest.param(
            {
                "nights": 3,
                "count": WORLDS_OF_OTHER_UNITS,
                "crossover": "ever_treated",
                "exposures": SEVERAL,
                "destinations": {
                    "mutiny": MUTINY,
                    "abmatic": Destination(consent_categories=("Functional",)),
                    "mixpanel": Destination(),
                    "split": Destination(),
                },
            },
            id="several_adapters",
        ),
    ],
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Worlds under one setting: of one night, or of one built upon another."""
    changes = {"count": WORLDS, "nights": 1, **request.param}
    nights = changes.pop("nights")
    messages, settings = make_worlds(SEED, **changes)
    folder = tmp_path_factory.mktemp("worlds")
    if nights == 1:
        publication = run_in_one_night(folder, messages, settings)
        return Run(publication, Oracle(messages, settings, started_at(publication)))
    publication, landed = run_over_landings(folder, messages, settings, nights, SEED)
    return Run(publication, Oracle(landed, settings, started_at(publication)))


def started_at(publication: Path) -> datetime:
    """When the run began that published."""
    [row] = published(publication, "select max(started_at) as started_at from runs")
    moment: datetime = row["started_at"]
    return moment


STEM = "regexp_extract(file, '([^/]+)\\.parquet$', 1) as file"


def test_worlds_every_row_is_judged(run: Run) -> None:
    assert_same_rows(
        [
            {key: reject[key] for key in ("source", "file", "row_number", "reason")}
            for reject in run.oracle.rejects
        ],
        run.rows(
            f"select regexp_extract(file, '^[^/]+') as source, {STEM}, row_number, reason"
            " from rpt_rejects"
        ),
        keys=["source", "file", "row_number"],
    )


def test_worlds_as_of_is_the_last_receipt_before_the_run_and_later_ones_are_found(run: Run) -> None:
    assert run.rows("select as_of() as as_of") == [{"as_of": run.oracle.as_of}]
    expected = run.oracle.landing_findings
    assert {row["check_name"] for row in expected} == {"received_in_future", "message_id_reused"}
    assert_same_rows(
        expected,
        run.rows(
            "from dq_findings where check_name in ('received_in_future', 'message_id_reused')"
        ),
        keys=["check_name", "subject"],
    )


def test_worlds_tables_hold_one_row_per_key(run: Run) -> None:
    assert rows_against_their_key(run.path.parents[1] / "warehouse.duckdb") == []


def test_worlds_every_message_counts_once_and_has_its_person(run: Run) -> None:
    assert_same_rows(run.oracle.messages, run.rows("from fct_events"), keys=["message_id"])


def test_worlds_identifiers_are_owned_by_the_right_person_at_the_right_time(run: Run) -> None:
    assert_same_rows(
        run.oracle.dim_identifiers,
        run.rows("from dim_identifiers"),
        keys=["id_type", "id_value", "owned_from"],
    )


def test_worlds_links(run: Run) -> None:
    assert_same_rows(
        run.oracle.fct_identity_links,
        run.rows("from fct_identity_links"),
        keys=["id_type_a", "id_value_a", "id_type_b", "id_value_b"],
    )


def test_worlds_persons(run: Run) -> None:
    assert_same_rows(run.oracle.dim_persons, run.rows("from dim_persons"), keys=["person_id"])


def test_worlds_accounts(run: Run) -> None:
    assert_same_rows(run.oracle.dim_accounts, run.rows("from dim_accounts"), keys=["account_id"])
    assert_same_rows(
        run.oracle.bridge_person_accounts,
        run.rows("from bridge_person_accounts"),
        keys=["person_id", "account_id"],
    )


@pytest.mark.parametrize("table", COMPARED)
def test_worlds_traits_and_user_segments(run: Run, table: str) -> None:
    rows = run.rows(f"from {table}")
    assert_same_rows(getattr(run.oracle, table), rows, keys=COMPARED[table])


def test_worlds_exposures(run: Run) -> None:
    for table in ("fct_exposures", "rpt_incomplete_exposures"):
        expected = getattr(run.oracle, table)
        assert_same_rows(expected, run.rows(f"from {table}"), keys=["message_id", "vendor"])


def test_worlds_assignments(run: Run) -> None:
    assert_same_rows(
        run.oracle.fct_assignments,
        run.rows("from fct_assignments"),
        keys=[*GRAIN, "unit_type", "unit_id"],
    )


def test_worlds_conversions(run: Run) -> None:
    assert_same_rows(
        run.oracle.fct_conversions,
        run.rows("select * replace ((value * 10000)::bigint as value) from fct_conversions"),
        keys=["conversion", "message_id"],
    )


def test_worlds_attributions(run: Run) -> None:
    assert_same_rows(
        run.oracle.fct_attributions,
        run.rows("from fct_attributions"),
        keys=["conversion", "message_id", "vendor", "experience", "audience_segment", "model"],
        float_columns=["weight", "value"],
    )


def test_worlds_conversions_without_credit_have_their_reason(run: Run) -> None:
    reasons = {row["reason"] for row in run.oracle.rpt_unattributed_conversions}
    is_enforced = run.oracle.settings.destinations["mutiny"].enforce_region
    assert ("region_mismatch" in reasons) == is_enforced
    assert "control_only" in reasons
    assert_same_rows(
        run.oracle.rpt_unattributed_conversions,
        run.rows("from rpt_unattributed_conversions"),
        keys=["conversion", "message_id", "vendor"],
        float_columns=["gap_seconds"],
    )


def test_worlds_what_became_of_every_conversion(run: Run) -> None:
    expected = run.oracle.fct_conversion_outcomes
    outcomes = {row["outcome"] for row in expected}
    assert outcomes >= {
        "repeated_value", "never_exposed", "before_exposure", "outside_window", "counted"
    }  # fmt: skip
    assert ("crossover" in outcomes) == (run.oracle.settings.crossover == "exclude")
    assert_same_rows(
        expected,
        run.rows("from fct_conversion_outcomes"),
        keys=[*GRAIN, "conversion", "message_id", "unit_type"],
    )


def test_worlds_what_each_unit_did(run: Run) -> None:
    expected = run.oracle.fct_unit_outcomes
    is_any_left_out = not all(row["is_counted"] for row in expected)
    assert is_any_left_out == (run.oracle.settings.crossover == "exclude")
    # Elsewhere the worlds are too few to meet it all.
    if {row["unit_type"] for row in expected} == {"person"}:
        has_value = {row["value"] is None for row in expected if row["conversion"] == "order"}
        assert has_value == {True, False}, "one or more currencies"
        for column in ("is_converted", "is_matured"):
            assert {row[column] for row in expected} == {True, False}, column
    assert_same_rows(
        expected,
        run.rows("from fct_unit_outcomes"),
        keys=[*GRAIN, "unit_type", "unit_id", "conversion"],
    )


def test_worlds_deliveries(run: Run) -> None:
    assert_same_rows(
        run.oracle.rpt_delivery,
        run.rows("from rpt_delivery"),
        keys=["destination", "message_id"],
    )
    counted = """
        select
            destination, source, type, event_name, outcome, reason, count(*) as messages,
            min(occurred_at) as first_occurred_at, max(occurred_at) as last_occurred_at
        from rpt_delivery
        group by all
        order by all
    """
    summed = "select * exclude (surrogate_key) from rpt_delivery_summary order by all"
    assert run.rows(counted) == run.rows(summed)


def test_worlds_event_volume_of_each_destination(run: Run) -> None:
    expected = event_volume(run.oracle.winners, run.oracle.settings)
    assert bool(expected) == any(row["outcome"] == "delivered" for row in run.oracle.rpt_delivery)
    assert_same_rows(
        expected,
        run.rows("select * exclude (surrogate_key) from rpt_event_volume"),
        keys=["destination", "event", "date"],
    )


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("rpt_connections", ["source", "destination"]),
        ("rpt_integration_status", ["source", "destination"]),
        ("rpt_freshness", ["source"]),
        ("rpt_schema_drift", ["event_name", "property"]),
    ],
)
def test_worlds_connections(run: Run, table: str, keys: list[str]) -> None:
    seconds = ["seconds_since_last", "delay_p50_seconds", "delay_p95_seconds"]
    expected = getattr(run.oracle, table)
    assert expected
    floats = seconds if table == "rpt_freshness" else []
    assert_same_rows(expected, run.rows(f"from {table}"), keys=keys, float_columns=floats)


def test_worlds_cube_adds_up_to_its_units_by_what_they_are_broken_down_by(run: Run) -> None:
    expected = run.oracle.cube_totals()
    broken_down_by = run.oracle.settings.breakdowns.values()
    for written, column in run.oracle.settings.breakdowns.items():
        assert len({row[column] for row in expected}) > 1 or written == NOWHERE, column
    assert_same_rows(
        expected,
        run.rows(f"select {', '.join(expected[0])} from fct_experience_cube"),
        keys=[*GRAIN, "variant", "arm", "cohort_day", "conversion", *broken_down_by],
    )


def test_worlds_lift_of_each_value_of_a_breakdown(run: Run) -> None:
    expected = run.oracle.rpt_lift_by_breakdown
    assert {row["breakdown"] for row in expected} == set(run.oracle.settings.breakdowns.values())
    assert {row["is_small"] for row in expected} == {True, False}
    assert_same_rows(
        expected,
        run.rows("from rpt_lift_by_breakdown"),
        keys=[*GRAIN, "conversion", "metric", "variant", "breakdown", "value"],
        float_columns=["control_mean", "variant_mean", "lift", "lift_ci_lower", "lift_ci_upper"],
    )


def test_worlds_lift_by_what_all_units_have_alike_is_the_lift(run: Run) -> None:
    """But for grains all of whose units are left out: they have nothing to be broken down."""
    sides = [
        f"{side}_{figure}"
        for side in ("control", "variant")
        for figure in ("visitors", "converters", "mean")
    ]
    keys = [*GRAIN, "conversion", "metric", "variant"]
    figures = ", ".join([*keys, "is_main", *sides, "lift", "lift_ci_lower", "lift_ci_upper"])
    column = run.oracle.settings.breakdowns[NOWHERE]
    lifts = run.rows(
        f"select {figures} from fct_experience_lift where control_visitors + variant_visitors > 0"
    )
    assert any(row["lift_ci_lower"] is not None for row in lifts)
    assert_same_rows(
        lifts,
        run.rows(f"select {figures} from rpt_lift_by_breakdown where breakdown = '{column}'"),
        keys=keys,
    )


@pytest.mark.parametrize("breakdown", ["new_or_returning", "segment_not_in_finance"])
def test_worlds_analysts_find_the_same_lift_of_each_value(run: Run, breakdown: str) -> None:
    keys = [*GRAIN, "conversion", "metric", "variant"]
    figures = "control_visitors, control_mean, variant_visitors, variant_mean, lift"
    shown = f"{', '.join(keys)}, value::varchar as value, {figures}"
    expected = run.rows(
        f"select {shown} from rpt_lift_by_breakdown where metric = 'conversion_rate'"
        f" and breakdown = '{breakdown}' and least(control_visitors, variant_visitors) > 0"
    )
    assert expected
    for argument in (breakdown, f"'{breakdown}'"):
        assert_same_rows(
            expected,
            run.rows(f"select {shown} from lift_by({argument})"),
            keys=[*keys, "value"],
            float_columns=["control_mean", "variant_mean", "lift"],
        )


def test_worlds_help_explains_the_whole_publication(run: Run, tmp_path: Path) -> None:
    copy = Path(shutil.copy(run.path, tmp_path / "lift.duckdb"))
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as con:
        create_macros(con, StatisticsSettings())
        create_help(con)
        rows = con.execute("select name, grain, example from help").fetchall()
        names = {name for name, _, _ in rows}
        assert names >= {"fct_unit_outcomes", "rpt_journey", "lift_by", "person_timeline", "as_of"}
        for name, grain, example in rows:
            assert grain, name
            con.execute(example)


def test_worlds_lift(run: Run) -> None:
    expected = run.oracle.fct_experience_lift
    assert {row["status"] for row in expected} >= {"inconclusive", "no_control_arm"}
    is_any_capped = any(
        row["winsorized_control_mean"] not in (None, row["control_mean"]) for row in expected
    )
    assert is_any_capped == (run.oracle.settings.winsorize is not None)
    assert_same_rows(
        expected,
        run.rows("from fct_experience_lift"),
        keys=[*GRAIN, "conversion", "metric", "variant"],
        float_columns=set(expected[0]) - EXACT,
    )


def test_worlds_sample_ratios_say_what_is_mismatched(run: Run) -> None:
    rows = run.rows("from dim_experiences")
    assert_same_rows(run.oracle.sample_ratio_causes, rows, keys=GRAIN)


def test_worlds_lift_as_of_each_day(run: Run) -> None:
    expected = run.oracle.fct_experience_lift_daily
    assert_same_rows(
        expected,
        run.rows("from fct_experience_lift_daily"),
        keys=[*GRAIN, "conversion", "metric", "variant", "as_of_date"],
        float_columns=set(expected[0]) - EXACT,
    )


def test_worlds_bridges_from_vendors_count_each_step_from_nothing(run: Run) -> None:
    assert_same_rows(
        VendorFigures(run.oracle).rpt_vendor_bridge,
        run.rows(BRIDGE_IN_UNITS),
        keys=[*GRAIN, "conversion", "arm", "step"],
    )


def test_worlds_explanations_end_in_the_published_figures(run: Run) -> None:
    """Of a few grains: what takes every message away is tried on all units and policies."""
    settings = load_settings(run.path.parents[2] / "lift.yml")
    grains = Random(20_260_501).sample(published_grains(run.path), EXPLAINED)
    assert unlike_their_figures(settings, grains) == []


def test_worlds_reconciliation(run: Run) -> None:
    sources = run.oracle.settings.sources
    assert_same_rows(
        [
            {
                **row,
                "source": next(
                    (key for key, one in sources.items() if one.id == row["source"]), row["source"]
                ),
            }
            for row in run.oracle.reconciliation
        ],
        run.rows(f"select * replace ({STEM}) from rpt_reconciliation"),
        keys=["source", "file"],
    )
