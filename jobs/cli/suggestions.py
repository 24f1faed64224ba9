"""Suggested lines for `lift.yml`: likely conversions, and exposure adapters that it lacks."""

import json
import re

import duckdb
from rich.console import Console
from rich.text import Text

from jobs.config import Settings
from jobs.sql_files import read_sql

MOST = 5

# A name that YAML reads as text without quotes.
_PLAIN = re.compile(r"(?!(null|true|false)$)[^\W\d]\w*")

ADAPTERS = {
    "mutiny": "{adapter: mutiny}",
    "split": '{adapter: split, baseline: {"*": "off"}}',
    "segment_experiment": "{adapter: segment_experiment, control_variants: [control]}",
    "abmatic": (
        "{adapter: abmatic, trigger: TRIGGER,"
        " experience: [properties.campaign_id, properties.campaignId],"
        " variant: [properties.variation_id, properties.variationId],"
        " audience_segment: [properties.visitor_segment, properties.visitorSegment],"
        " control_variants: [control]}"
    ),
}


def print_what_is_missing(
    console: Console, con: duckdb.DuckDBPyConnection, settings: Settings, *, has_results: bool
) -> None:
    """Print the lines that `lift.yml` lacks before there is a lift to show."""
    exposures = exposure_lines(con, settings)
    if exposures:
        _print_lines(
            console,
            "Some views of experiences count nowhere: exposures in lift.yml does not list their"
            " adapter.",
            "Add the lines to lift.yml, or to the list that it has:",
            ["exposures:", *(f"  {line}" for line in exposures)],
        )
    conversions = [] if settings.conversions else conversion_lines(con)
    if conversions:
        _print_lines(
            console,
            "No conversions are configured, so there is no lift to show.",
            "The likeliest in the landed data; add the ones that matter to lift.yml:",
            ["conversions:", *(f"  {line}" for line in conversions)],
        )
    if not (has_results or exposures or conversions):
        ((count,),) = con.execute("select count(*) from fct_exposures").fetchall()
        fact = f"No lift to show: {count:,} exposures, no experience to compare."
        console.print(Text(fact, "bold"), soft_wrap=True)
        console.print()


def _print_lines(console: Console, fact: str, remedy: str, lines: list[str]) -> None:
    console.print(Text(fact, "bold"), soft_wrap=True)
    for line in [remedy, "", *lines, ""]:
        console.print(Text(line), soft_wrap=True)


def conversion_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return entries of `conversions:` for the likeliest events, the main one first."""
    found = con.execute(read_sql(__file__, "likely_conversions")).fetchall()
    events = [(event, persons) for event, persons in found if event.isprintable()][:MOST]
    lines: list[str] = []
    keys: set[str] = set()
    for event, persons in events:
        key = _key(event, keys)
        main = "" if lines else ", main: true"
        lines.append(f"- {{name: {key}, trigger: {_trigger(event)}{main}}}  # {persons:,} persons")
    return lines


def exposure_lines(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Return entries of `exposures:` for views that no adapter of `lift.yml` reads.

    Such a list replaces the default, Mutiny, so Mutiny is in it if its views were landed.
    """
    is_default = "exposures" not in settings.model_fields_set
    statement = read_sql(__file__, "missing_exposures")
    found = con.execute(statement, {"is_default": is_default}).fetchall()
    if all(adapter == "mutiny" and is_default for adapter, _, _ in found):
        return []
    return [
        f"- {ADAPTERS[adapter].replace('TRIGGER', _trigger(event))}  # {messages:,} messages"
        + ("" if adapter == "mutiny" else "; name your own control")
        for adapter, event, messages in found
    ]


def _trigger(event: str) -> str:
    """Return the trigger of an event, quoted for YAML."""
    escaped = event.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
    return f'\'type = "track" and event = "{escaped}"\''


def _key(event: str, taken: set[str]) -> str:
    """Return a new conversion name for an event, quoted for YAML where needed."""
    words = re.sub(r"\W+", "_", event.lower()).strip("_") or "conversion"
    key, number = words, 1
    while key in taken:
        number += 1
        key = f"{words}_{number}"
    taken.add(key)
    return key if _PLAIN.fullmatch(key) else json.dumps(key)
