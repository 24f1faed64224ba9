"""The spelling of names that data lakes flatten to snake_case, from the configuration."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ingest.layouts.data_lakes import staged_path
from ingest.layouts.snake_case import snake_case
from jobs.config.base import find_all
from jobs.config.model import Settings
from jobs.config.segments import Comparison
from jobs.fql import MessagePath, Trigger

# What adapters, identity models and vendors use, besides the names in lift.yml.
BUILT_IN_KEYS = (
    ("properties", ("audienceSegment",)),
    ("properties", ("environmentName",)),
    ("traits", ("mutinyVisitorId",)),
)
BUILT_IN_EVENTS = (
    "Mutiny Experience Viewed",
    "Mutiny Questionnaire Viewed",
    "Mutiny Questionnaire Completed",
    "Experiment Viewed",
    "get_treatment",
    "Account Removed User",
    "Violation Generated",
    "Segment Consent Preference Updated",
)


def key_spellings(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Return, for each object of a message, the keys that flattening renames.

    `staged` is where the rows of a data lake have the key, and `path` is its real place. With
    `moves` no other key that is read has the place `staged`.
    """
    read = sorted({*BUILT_IN_KEYS, *_configured_keys(settings)})
    found: dict[str, list[dict[str, Any]]] = {}
    for column, path in read:
        staged = staged_path(column, snake_case("_".join(path)))
        if staged != path:
            found.setdefault(column, []).append(
                {
                    "staged": list(staged),
                    "path": list(path),
                    "moves": (column, staged) not in read,
                }
            )
    return found


def event_spellings(settings: Settings) -> dict[str, str]:
    """Return the event names of the configuration and the adapters, by their snake_case."""
    configured = (
        name for _, trigger in find_all(settings, Trigger) for name, _ in trigger.named_events()
    )
    aliases = settings.naming.aliases
    found: dict[str, str] = {}
    for name in chain(BUILT_IN_EVENTS, configured, aliases.values(), aliases):
        found.setdefault(snake_case(name), name)
    return found


def _configured_keys(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    fields = chain(
        (path.field for _, path in find_all(settings, MessagePath)),
        (breakdown.path.field for breakdown in settings.breakdowns if breakdown.path is not None),
        chain.from_iterable(trigger.fields() for _, trigger in find_all(settings, Trigger)),
    )
    yield from ((field.root, field.keys) for field in fields if field.keys)
    for _, predicate in find_all(settings.segments, Comparison):
        if predicate.kind in ("trait", "account"):
            yield "traits", (predicate.name,)
    for _, destination in settings.destinations:
        for category in destination.consent_categories:
            yield "context", ("consent", "categoryPreferences", category)
