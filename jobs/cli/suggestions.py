"""Lines for `lift.yml`, from what was landed: likely conversions, and adapters that it lacks."""

import json
import re
from collections.abc import Iterator

import duckdb

from jobs.config import Settings

# Likeliest first: what Segment's specifications name as the end of a funnel, then by persons.
CONVERSIONS = """
select event_name, persons
from rpt_conversion_catalog
where type = 'track' and kind = 'event' and not is_configured and length(event_name) <= 100
order by
    regexp_matches(
        event_name,
        '(?i)(signed up|completed|purchased|subscribed|requested|booked|submitted|trial started'
        || '|account created|upgraded|activated)'
    ) desc,
    regexp_matches(event_name, '(?i)(step|viewed|clicked|opened|started$)'),
    persons desc,
    event_name
"""
MOST = 5

EXPOSURES = """
select coalesce(missing_adapter, 'mutiny'), event_name, events
from rpt_conversion_catalog
where missing_adapter is not null
    or ($is_default and kind = 'exposure' and event_name = 'Mutiny Experience Viewed')
order by missing_adapter is not null, events desc, event_name
"""

# A name that YAML takes for text without quotes.
_PLAIN = re.compile(r"[^\W\d]\w*")
_WORDS = {"null", "true", "false"}

ADAPTERS = {
    "mutiny": "{adapter: mutiny}",
    "split": '{adapter: split, baseline: {"*": "off"}}',
    "segment_experiment": "{adapter: segment_experiment, control_variants: [control]}",
    "abmatic": (
        "{{adapter: abmatic, trigger: {trigger},"
        " experience: [properties.campaign_id, properties.campaignId],"
        " variant: [properties.variation_id, properties.variationId],"
        " audience_segment: [properties.visitor_segment, properties.visitorSegment],"
        " control_variants: [control]}}"
    ),
}


def conversion_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return entries of `conversions:` for the likeliest events; the first is the main one."""
    found = con.execute(CONVERSIONS).fetchall()
    events = [(event, persons) for event, persons in found if event.isprintable()][:MOST]
    lines: list[str] = []
    keys: set[str] = set()
    for event, persons in events:
        key = _key(event, keys)
        main = "" if lines else ", main: true"
        lines.append(f"- {{name: {key}, trigger: {_trigger(event)}{main}}}  # {persons:,} persons")
    return lines


def exposure_lines(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Return entries of `exposures:` for views that no adapter of `lift.yml` reads; none for none.

    The default, Mutiny, is written out where it is needed: a list replaces it.
    """
    is_default = "exposures" not in settings.model_fields_set
    found = con.execute(EXPOSURES, {"is_default": is_default}).fetchall()
    missing = [row for row in found if row[0] != "mutiny" or not is_default]
    return list(_entries(found)) if missing else []


def _entries(found: list[tuple[str, str, int]]) -> Iterator[str]:
    for adapter, event, messages in found:
        line = ADAPTERS[adapter]
        if adapter == "abmatic":
            line = line.format(trigger=_trigger(event))
        name_control = "" if adapter == "mutiny" else "; name your own control"
        yield f"- {line}  # {messages:,} messages{name_control}"


def _trigger(event: str) -> str:
    """Return the trigger of an event in the quotes of YAML."""
    escaped = event.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
    return f'\'type = "track" and event = "{escaped}"\''


def _key(event: str, taken: set[str]) -> str:
    """Return a name for the conversion of an event, unlike those before it, as YAML has it."""
    words = re.sub(r"\W+", "_", event.lower()).strip("_") or "conversion"
    key, number = words, 1
    while key in taken:
        number += 1
        key = f"{words}_{number}"
    taken.add(key)
    return key if _PLAIN.fullmatch(key) and key not in _WORDS else json.dumps(key)
