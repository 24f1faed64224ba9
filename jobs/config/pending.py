"""What `lift.yml` may say already and no part of the job acts on yet: named, never silent."""

from collections.abc import Iterator
from typing import Any

from jobs.config import Settings
from jobs.config.base import Part
from jobs.errors import UsageError

# A test holds that all other keys have an effect, and that these have none.
PENDING = (
    "destinations.mixpanel.region",
    "destinations.mixpanel.enforce_region",
    "destinations.mixpanel.consent_categories",
    "destinations.mixpanel.framework",
    "destinations.mixpanel.group_key",
    "destinations.mixpanel.people",
    "destinations.mixpanel.page_event",
    "destinations.mixpanel.mappings[].name",
    "destinations.mixpanel.mappings[].trigger",
    "destinations.mixpanel.mappings[].event_name",
    "destinations.mixpanel.mappings[].properties",
    "destinations.mixpanel.explode_products",
    "destinations.mixpanel.super_properties",
    "destinations.mixpanel.identity_merge",
    "destinations.mixpanel.mp_lib_prefix",
    "destinations.split.event_type_id",
    "destinations.split.value",
    "destinations.split.unit",
    "destinations.split.enable_identify",
    "destinations.split.enable_track",
    "destinations.split.page_name",
    "destinations.split.screen_name",
    "destinations.split.coerce_numeric_strings",
    "destinations.split.flatten_traits",
    "privacy.hash_key_env",
    "exports.postgres_env",
    "alerts.webhook_env",
    "alerts.ping_env",
    "alerts.on",
    "reconcile",
)
FORMATS = ("xlsx", "hyper")


def refuse_unmet(settings: Settings) -> None:
    """Refuse to run where going on would break a promise or could not begin.

    Raises:
        UsageError: `privacy.deny` or `privacy.hash` is set.
    """
    asked = [key for key in ("deny", "hash") if getattr(settings.privacy, key)]
    if asked:
        raise UsageError(
            f"{settings.file.name}: privacy.{asked[0]} is not built yet, and publishing these"
            " fields as they are would break its promise; remove the fields from the export,"
            " then the key."
        )


def pending_settings(settings: Settings) -> list[str]:
    """Return what is configured otherwise than by default and changes nothing yet, each once.

    It is in the order of the sections, and keys of one section are joined: `split.value, unit`.
    """
    changed = set(_changed(settings, ""))
    sections: dict[str, list[str]] = {}
    for key in PENDING:
        if any(each == key or each.startswith((f"{key}.", f"{key}[")) for each in changed):
            section, _, name = key.rpartition(".")
            sections.setdefault(section, []).append(name)
    if formats := [name for name in FORMATS if name in settings.exports.formats]:
        sections.setdefault("exports", []).append(f"formats {', '.join(formats)}")
    return [
        f"{section}.{', '.join(names)}" if section else names[0]
        for section, names in sections.items()
    ]


def _changed(value: Any, key: str) -> Iterator[str]:
    """Yield the keys below a value that are not as by default, `*` for a name, [] for a place."""
    if isinstance(value, Part):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if inner != field.get_default(call_default_factory=True):
                yield from _changed(inner, f"{key}.{field.alias or name}".removeprefix("."))
    elif isinstance(value, dict) and any(isinstance(inner, Part) for inner in value.values()):
        for inner in value.values():
            yield from _changed(inner, f"{key}.*")
    elif isinstance(value, tuple) and any(isinstance(inner, Part) for inner in value):
        for inner in value:
            yield from _changed(inner, f"{key}[]")
    else:
        yield key
