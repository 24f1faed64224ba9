"""Which personalized views a conversion is credited to, and why it is credited to none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.warehouse.oracle.conversions import Happening, counted_by_vendor, distinct
from tests.warehouse.oracle.delivery import drop_reason
from tests.warehouse.oracle.exposures import PERSONALIZED, Exposure
from tests.warehouse.oracle.settings import Conversion, OracleSettings
from tests.warehouse.oracle.values import UNITS

Place = tuple[str, str]  # experience and audience segment


@dataclass(frozen=True)
class Attributed:
    """A credit; `value` is in the currency, weighted."""

    conversion: str
    message_id: str
    vendor: str
    experience: str
    audience_segment: str
    model: str
    exposure_message_id: str
    weight: float
    value: float | None


@dataclass(frozen=True)
class Unattributed:
    """A conversion without credit at a vendor."""

    conversion: str
    message_id: str
    vendor: str
    reason: str
    gap_seconds: float | None


def attribute(
    exposures: Iterable[Exposure],
    happened: Mapping[str, Sequence[Happening]],
    settings: OracleSettings,
    vendor: str,
) -> tuple[list[Attributed], list[Unattributed]]:
    """Credits of all conversions that `vendor` counts, and the conversions without one."""
    views: defaultdict[str, list[Exposure]] = defaultdict(list)
    for exposure in sorted(exposures, key=lambda view: view.order):
        if exposure.vendor == vendor:
            views[exposure.person_id].append(exposure)
    credited: list[Attributed] = []
    left: list[Unattributed] = []
    for conversion in settings.conversions:
        found = happened[conversion.name]
        counts = [one for one in counted_by_vendor(found, vendor, settings) if not one.is_refund]
        for one in counts:
            seen = views.get(one.person_id, [])
            credits = _credits(one, seen, conversion, settings)
            credited += credits
            if not credits:
                left.append(_unexplained(one, seen, conversion, vendor))
        left += _not_received(found, counts, vendor, settings)
    return credited, left


def _credits(
    one: Happening, seen: Sequence[Exposure], conversion: Conversion, settings: OracleSettings
) -> list[Attributed]:
    places: dict[Place, list[Exposure]] = {}
    for view in seen:
        if view.arm == PERSONALIZED and _is_in_window(view, one, conversion):
            segment = settings.segment_name(view.audience_segment)
            places.setdefault((view.experience, segment), []).append(view)
    if not places:
        return []

    def credit(model: str, place: Place, view: Exposure, weight: float) -> Attributed:
        value = None if one.value is None else one.value / UNITS * weight
        return Attributed(
            one.conversion,
            one.message.message_id,
            view.vendor,
            *place,
            model,
            view.message_id,
            weight,
            value,
        )

    firsts = {place: views[0] for place, views in places.items()}
    lasts = {place: views[-1] for place, views in places.items()}
    first = min(firsts, key=lambda place: firsts[place].order)
    last = max(lasts, key=lambda place: lasts[place].order)
    return [
        credit("first", first, firsts[first], 1.0),
        credit("last", last, lasts[last], 1.0),
        *(credit("linear", place, view, 1 / len(firsts)) for place, view in firsts.items()),
        *(credit("any", place, view, 1.0) for place, view in firsts.items()),
    ]


def _is_in_window(view: Exposure, one: Happening, conversion: Conversion) -> bool:
    return one.at - conversion.window < view.exposed_at <= one.at


def _unexplained(
    one: Happening, seen: Sequence[Exposure], conversion: Conversion, vendor: str
) -> Unattributed:
    """The first reason that holds; views of any arm are looked at."""
    earlier = [view.exposed_at for view in seen if view.exposed_at <= one.at]
    gap: float | None = None
    if not seen:
        reason = "never_exposed"
    elif any(_is_in_window(view, one, conversion) for view in seen):
        reason = "control_only"
    elif earlier:
        reason = "outside_window"
        gap = (one.at - (max(earlier) + conversion.window)).total_seconds()
    else:
        reason = "before_exposure"
        gap = (min(view.exposed_at for view in seen) - one.at).total_seconds()
    return Unattributed(one.conversion, one.message.message_id, vendor, reason, gap)


def _not_received(
    found: Sequence[Happening], counts: Sequence[Happening], vendor: str, settings: OracleSettings
) -> list[Unattributed]:
    """Conversions of `fct_conversions` that the vendor did not receive, in no other message."""
    if settings.scope == "all":
        return []
    counted_values = {one.distinct_value for one in counts} - {None}
    rows: list[Unattributed] = []
    for one in distinct(found):
        reason = drop_reason(one.message, vendor, settings)
        if reason is None or one.is_refund or one.distinct_value in counted_values:
            continue
        rows.append(
            Unattributed(one.conversion, one.message.message_id, vendor, reason.value, None)
        )
    return rows
