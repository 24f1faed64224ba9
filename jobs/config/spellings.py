"""The names that data lakes have lost, as the configuration spells them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from pydantic import BaseModel

from ingest.layouts.data_lakes import staged_path
from ingest.layouts.snake_case import snake_case
from jobs.config.model import Settings
from jobs.config.segments import AccountPredicate, TraitPredicate
from jobs.fql import MessagePath, Trigger

Found = TypeVar("Found")

# What the adapters and the identity models read or vendors send, beside what lift.yml names.
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
    """Return, per object of a message, the keys whose flattened name is not their own.

    `staged` is where the rows of a data lake have the key, `path` where it belongs; with `moves`
    no other key that is read stands at `staged`.
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
    """Return the event names that the configuration and the adapters know, by their snake_case."""
    configured = (
        name for trigger in _of_type(settings, Trigger) for name, _ in trigger.named_events()
    )
    aliases = settings.naming.aliases
    found: dict[str, str] = {}
    for name in chain(BUILT_IN_EVENTS, configured, aliases.values(), aliases):
        found.setdefault(snake_case(name), name)
    return found


def _configured_keys(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    fields = chain(
        (path.field for path in _of_type(settings, MessagePath)),
        (breakdown.path.field for breakdown in settings.breakdowns if breakdown.path is not None),
        chain.from_iterable(trigger.fields() for trigger in _of_type(settings, Trigger)),
    )
    yield from ((field.root, field.keys) for field in fields if field.keys)
    for trait in _of_type(settings, TraitPredicate):
        yield "traits", (trait.trait,)
    for account in _of_type(settings, AccountPredicate):
        yield "traits", (account.account,)
    for _, destination in settings.destinations:
        for category in getattr(destination, "consent_categories", None) or ():
            yield "context", ("consent", "categoryPreferences", category)


def _of_type(value: object, kind: type[Found]) -> Iterator[Found]:
    """Yield every value of a type within settings."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, BaseModel):
        yield from chain.from_iterable(_of_type(member, kind) for _, member in value)
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(_of_type(member, kind) for member in value.values())
    elif isinstance(value, Iterable) and not isinstance(value, str):
        yield from chain.from_iterable(_of_type(member, kind) for member in value)
