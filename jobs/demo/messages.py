"""Messages with Segment's own field names, rendered from ledger rows."""

import numpy as np
import polars as pl

from jobs.demo.company import APP_PAGE_NAMES, FEATURES, PAGES, SCREENS
from jobs.demo.contexts import write_contexts
from jobs.demo.fragments import iso_times, pick, pick_or_null
from jobs.demo.ledger import Clock, Ints, Kind, Source, ints
from jobs.demo.properties import write_properties
from jobs.demo.simulation import Simulation
from jobs.demo.traits import write_traits

TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
OBJECTS = ("context", "integrations", "properties", "traits")
PROJECT_IDS = ("wK3sQ7fLr2", "pT9xDc1VhB", "bN4rZk8YuE", "eG7mVw5JoS")
_CHANNELS = ("client", "client", "server", "server")
_ROUTINGS = (
    "{}",
    '{"All":false}',
    '{"Mutiny":false}',
    '{"Mixpanel":false}',
    '{"All":false,"Mutiny":true}',
)
_TYPES = {
    Kind.PAGE: "page",
    Kind.MUTINY_IDENTIFY: "identify",
    Kind.LEAD_IDENTIFY: "identify",
    Kind.LOGIN: "identify",
    Kind.GROUP: "group",
    Kind.APP_PAGE: "page",
    Kind.SCREEN: "screen",
    Kind.ALIAS: "alias",
    Kind.USER_TRAITS: "identify",
    Kind.AUDIENCE: "identify",
    Kind.UNKNOWN_TYPE: "heartbeat",
}
_EVENTS = {
    Kind.EXPOSURE: ("Mutiny Experience Viewed",),
    Kind.CTA: ("CTA Clicked",),
    Kind.DEMO_REQUEST: ("Demo Requested",),
    Kind.PRODUCT_SIGNUP: ("Signed Up",),
    Kind.FEATURE: FEATURES,
    Kind.BACKEND_SIGNUP: ("Signed Up",),
    Kind.ORDER: ("Order Completed",),
    Kind.REFUND: ("Order Refunded",),
    Kind.INVOICE: ("Invoice Paid",),
}
_NAMES = {Kind.APP_PAGE: APP_PAGE_NAMES, Kind.SCREEN: SCREENS}


def render_messages(simulation: Simulation, source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """The messages of one source, one row each, in the order of `rows`.

    Objects are JSON text, times are `Datetime("ms")` in UTC; how a file spells them is up to the
    writer of its layout.
    """
    kinds = ints(rows, "kind")
    order = np.argsort(kinds, kind="stable")
    found, first = np.unique(kinds[order], return_index=True)
    bounds = [*first.tolist(), len(order)]
    groups = [
        _render_kind(simulation, source, Kind(kind), rows[order[low:high]])
        for kind, low, high in zip(found.tolist(), bounds[:-1], bounds[1:], strict=True)
    ]
    return pl.concat(groups)[np.argsort(order, kind="stable")]


def spell_times(messages: pl.DataFrame) -> pl.DataFrame:
    """The messages with their times as ISO 8601 text."""
    return messages.with_columns(
        *(iso_times(messages[name].cast(pl.Int64)).alias(name) for name in TIMES)
    )


def _render_kind(
    simulation: Simulation, source: Source, kind: Kind, rows: pl.DataFrame
) -> pl.DataFrame:
    identifiers = simulation.identifiers
    properties = write_properties(kind, rows, simulation.profiles)
    traits = write_traits(kind, rows, identifiers, simulation.profiles)
    group = ints(rows, "group") if kind is Kind.GROUP else _none(rows)
    if kind is Kind.ALIAS:
        previous = _either(
            pick_or_null(identifiers.anon, ints(rows, "previous_anon")),
            pick_or_null(identifiers.user, ints(rows, "previous_user")),
        )
    else:
        previous = _nulls(rows)
    columns = {
        "messageId": rows["message_id"],
        "anonymousId": pick_or_null(identifiers.anon, ints(rows, "anon")),
        "userId": pick_or_null(identifiers.user, ints(rows, "user")),
        "groupId": pick_or_null(identifiers.group, group),
        "previousId": previous,
        "type": _constant(rows, _TYPES.get(kind, "track")),
        "event": _by_detail(rows, _EVENTS.get(kind)),
        "name": _name(kind, rows),
        "category": _constant(rows, "Marketing" if kind is Kind.PAGE else None),
        **_times(rows),
        "channel": _constant(rows, _CHANNELS[source]),
        "version": _constant(rows, "2"),
        "projectId": _constant(rows, PROJECT_IDS[source]),
        "context": write_contexts(rows, source, simulation.devices, identifiers),
        "integrations": pick(_ROUTINGS, ints(rows, "routing")),
        "properties": _nulls(rows) if properties is None else properties,
        "traits": _nulls(rows) if traits is None else traits,
    }
    return pl.DataFrame([series.rename(name) for name, series in columns.items()])


def _times(rows: pl.DataFrame) -> dict[str, pl.Series]:
    """The four times. The device's clock is off by its skew, which the difference takes out."""
    clock = pl.col("clock")
    no_timestamp = clock.is_in([int(Clock.COMPUTED), int(Clock.RECEIVED)])
    original = pl.col("t") + pl.col("skew")
    times = rows.select(
        pl.when(~no_timestamp).then(pl.col("stated")).alias("timestamp"),
        original.alias("originalTimestamp"),
        pl.when(clock != int(Clock.RECEIVED)).then(original + pl.col("lag")).alias("sentAt"),
        pl.col("received").alias("receivedAt"),
    ).cast(pl.Datetime("ms"))
    return {series.name: series for series in times}


def _name(kind: Kind, rows: pl.DataFrame) -> pl.Series:
    if kind is Kind.PAGE:
        return pick([name for _, name, _ in PAGES], ints(rows, "page"))
    return _by_detail(rows, _NAMES.get(kind))


def _by_detail(rows: pl.DataFrame, names: tuple[str, ...] | None) -> pl.Series:
    return _nulls(rows) if names is None else pick(names, ints(rows, "detail") % len(names))


def _constant(rows: pl.DataFrame, text: str | None) -> pl.Series:
    return pl.repeat(text, rows.height, dtype=pl.String, eager=True)


def _nulls(rows: pl.DataFrame) -> pl.Series:
    return _constant(rows, None)


def _none(rows: pl.DataFrame) -> Ints:
    return np.full(rows.height, -1)


def _either(first: pl.Series, second: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(pl.lit(first), pl.lit(second))).to_series()
