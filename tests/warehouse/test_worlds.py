"""The published tables against an independent oracle, over hundreds of small adversarial worlds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs.settings import load_settings
from tests.warehouse.explained import published_grains, unlike_their_figures
from tests.warehouse.nights import (
    COMPARED,
    make_worlds,
    published,
    run_in_one_night,
    run_over_landings,
)
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.oracle import Oracle

SEED = 20_260_501
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
            {"crossover": "exclude", "scope": "all", "merge_on_alias": False}, id="exclude"
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
                "adapter_units": {"mutiny": "user_id"},
            },
            id="user_id",
        ),
        pytest.param({"count": WORLDS_OF_OTHER_UNITS, "unit": "account"}, id="account"),
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
    assert_same_rows(run.oracle.fct_exposures, run.rows("from fct_exposures"), keys=["message_id"])
    assert_same_rows(
        run.oracle.rpt_incomplete_exposures,
        run.rows("from rpt_incomplete_exposures"),
        keys=["message_id"],
    )


def test_worlds_assignments(run: Run) -> None:
    assert_same_rows(
        run.oracle.fct_assignments, run.rows("from fct_assignments"), keys=[*GRAIN, "unit_id"]
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
    assert_same_rows(
        run.oracle.rpt_unattributed_conversions,
        run.rows("from rpt_unattributed_conversions"),
        keys=["conversion", "message_id", "vendor"],
        float_columns=["gap_seconds"],
    )


def test_worlds_cube_adds_up_to_its_units_by_what_they_are_broken_down_by(run: Run) -> None:
    expected = run.oracle.cube_totals()
    broken_down_by = run.oracle.settings.breakdowns.values()
    for column in broken_down_by:
        assert len({row[column] for row in expected}) > 1, column
    assert_same_rows(
        expected,
        run.rows(f"select {', '.join(expected[0])} from fct_experience_cube"),
        keys=[*GRAIN, "variant", "arm", "cohort_day", "conversion", *broken_down_by],
    )


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


def test_worlds_lift_as_of_each_day(run: Run) -> None:
    expected = run.oracle.fct_experience_lift_daily
    assert_same_rows(
        expected,
        run.rows("from fct_experience_lift_daily"),
        keys=[*GRAIN, "conversion", "metric", "variant", "as_of_date"],
        float_columns=set(expected[0]) - EXACT,
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
