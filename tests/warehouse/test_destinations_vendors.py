"""The vendors' own tables and the bridge to ours, against the oracle, over random worlds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.nights import make_worlds, run_in_one_night, run_over_landings
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.entries import Entry
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Destination
from tests.warehouse.oracle.vendor_figures import BRIDGE_IN_UNITS, STEPS, VendorFigures
from tests.warehouse.test_worlds import Run, started_at
from tests.warehouse.world_adapters import CAMPAIGN, SEVERAL
from tests.warehouse.world_settings import MUTINY

SEED = 20_260_611
WORLDS = 40
BRIDGE = ["vendor", "experience", "audience_segment", "period", "conversion", "arm", "step"]
ABMATIC = Entry("abmatic", experience=("properties.campaign", "properties.campaign_id"),
                **CAMPAIGN)  # fmt: skip
SET_UP = {
    "mutiny": MUTINY,
    "split": Destination(),
    "abmatic": Destination(consent_categories=("Functional",)),
}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            {"crossover": "exclude", "exposures": SEVERAL, "destinations": SET_UP}, id="all_three"
        ),
        pytest.param(
            {
                "nights": 2,
                "scope": "all",
                "unit": "anonymous_id",
                "crossover": "first",
                "exposures": (Entry(), ABMATIC, Entry("split", unit="user_id")),
                "destinations": SET_UP,
            },
            id="other_units",
        ),
    ],
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Worlds of vendors that are set up: of one night, or of one built upon another."""
    changes: dict[str, Any] = {"count": WORLDS, "nights": 1, **request.param}
    nights = changes.pop("nights")
    messages, settings = make_worlds(SEED, **changes)
    folder = tmp_path_factory.mktemp("vendors")
    if nights == 1:
        publication = run_in_one_night(folder, messages, settings)
        return Run(publication, Oracle(messages, settings, started_at(publication)))
    publication, landed = run_over_landings(folder, messages, settings, nights, SEED)
    return Run(publication, Oracle(landed, settings, started_at(publication)))


def test_vendors_bridge_counts_each_step_from_nothing(run: Run) -> None:
    expected = VendorFigures(run.oracle).rpt_vendor_bridge
    assert_same_rows(expected, run.rows(BRIDGE_IN_UNITS), keys=BRIDGE)
    for step in STEPS[1:-1]:
        changes = [
            (row["visitors_change"], row["converters_change"], row["value_change"])
            for row in expected
            if row["step"] == step
        ]
        scope = run.oracle.settings.scope
        assert any(any(change) for change in changes) or (step, scope) == (
            "delivered_only", "all",
        ), step  # fmt: skip


def test_vendors_bridge_leaves_nothing_for_the_last_step(run: Run) -> None:
    """What the steps swap is all that sets a vendor's figure apart from ours."""
    assert not run.rows(
        "from rpt_vendor_bridge where step = 'ours'"
        " and (visitors_change <> 0 or converters_change <> 0 or value_change <> 0)"
    )


def test_vendors_mutiny_counts_who_was_ever_treated_for_seven_days(run: Run) -> None:
    models = ("first", "last", "any")
    units = ", ".join(
        f"(influenced_value_{model} * 10000)::bigint as influenced_value_{model}"
        for model in models
    )
    assert_same_rows(
        VendorFigures(run.oracle).mutiny_experience_lift,
        run.rows(f"select * replace ({units}) from mutiny_experience_lift"),
        keys=["experience", "audience_segment", "conversion"],
        float_columns=["personalized_rate", "control_rate", "lift"],
    )


def test_vendors_abmatic_counts_the_last_sixty_days(run: Run) -> None:
    expected = VendorFigures(run.oracle).abmatic_campaign_lift
    assert bool(expected) == ("abmatic" in run.oracle.settings.destinations)
    assert_same_rows(
        expected,
        run.rows("from abmatic_campaign_lift"),
        keys=["campaign", "variation", "visitor_segment", "conversion"],
        float_columns=["personalized_rate", "control_rate", "lift", "p_value"],
    )
