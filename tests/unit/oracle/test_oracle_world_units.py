"""Random worlds meet the rules of units and of the look-back, each of them often."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

import pytest

from tests.warehouse.nights import make_worlds
from tests.warehouse.oracle.entries import UnitType
from tests.warehouse.oracle.exposures import Unit
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.units import persons_by_unit, unit_of

UNITS: tuple[UnitType, ...] = ("person", "anonymous_id", "user_id", "account")


@pytest.fixture(scope="module", params=UNITS)
def found(request: pytest.FixtureRequest) -> Oracle:
    return Oracle(*make_worlds(20_260_502, 60, unit=request.param))


def routes(found: Oracle) -> Counter[tuple[str, str]]:
    """How conversions come to a unit of a grain, or to none, and when they are."""
    first_exposed: defaultdict[object, dict[Unit, datetime]] = defaultdict(dict)
    for assignment in found.assignments:
        first_exposed[assignment.grain][assignment.unit] = assignment.first_exposed_at
    counts: Counter[tuple[str, str]] = Counter()
    for grain, views in found.views.items():
        starts = first_exposed[grain]
        first = {
            person: unit for unit, persons in persons_by_unit(views).items() for person in persons
        }
        for conversion in found.settings.conversions:
            for one in found.happened[conversion.name]:
                carried = unit_of(one.message, one.person_id, found.settings.unit, found.identity)
                mine = first.get(one.person_id)
                if carried is None:
                    unit, route = mine, "falls back"
                elif carried in starts:
                    unit, route = carried, "carried" if carried == mine else "carried, another's"
                else:
                    unit, route = mine, "carried, not exposed"
                if unit is not None:
                    start = starts[unit]
                    is_inside = start <= one.at < start + conversion.window
                    is_earlier = start - found.settings.cuped_lookback <= one.at < start
                    counts[route, "inside" if is_inside else "earlier" * is_earlier] += 1
    return counts


def test_worlds_meet_the_rules_of_units(found: Oracle) -> None:
    unit, counts = found.settings.unit, routes(found)
    assert min(counts["carried", "inside"], counts["carried", "earlier"]) >= 10
    without_unit = sum(exposure.unit is None for exposure in found.exposures)
    if unit == "person":
        assert without_unit == 0
        return
    assert without_unit >= 50
    assert counts["falls back", "inside"] >= 20
    assert counts["falls back", "earlier"] >= 20
    assert counts["carried, not exposed", "inside"] >= 2
    if unit != "user_id":
        assert counts["carried, another's", "inside"] >= 20
        assert counts["carried, another's", "earlier"] >= 10


def test_worlds_have_units_with_something_to_adjust(found: Oracle) -> None:
    done = [unit for unit in found._outcomes if unit.conversion == "order"]
    assert sum(unit.inside.converted and unit.earlier.converted for unit in done) >= 5
    assert sum(unit.earlier.value < 0 for unit in done) >= 2
    assert any(unit.earlier.valued_conversions < unit.earlier.conversions for unit in done)
    rows = found.fct_experience_lift
    reductions = [row["variance_reduction"] for row in rows]
    assert sum(reduction is not None and reduction > 0.01 for reduction in reductions) >= 10
    assert sum(reduction is not None and reduction < 0 for reduction in reductions) >= 3
    assert sum(row["cuped_lift"] is None and row["lift"] is not None for row in rows) >= 5
