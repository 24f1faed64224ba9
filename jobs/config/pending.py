"""The keys of `lift.yml` that are accepted but have no effect yet; a run that sets one warns."""

from collections.abc import Iterator
from typing import Any

from jobs.config import Settings
from jobs.config.base import Part
from jobs.errors import UsageError

# A test checks that all other keys have an effect, and that these have none.
_PENDING = {
    "destinations.mixpanel": (
        "region enforce_region consent_categories framework group_key people page_event"
        " explode_products super_properties identity_merge mp_lib_prefix"
    ),
    "destinations.mixpanel.mappings[]": "name trigger event_name properties",
    "destinations.split": (
        "event_type_id value unit enable_identify enable_track page_name screen_name"
        " coerce_numeric_strings flatten_traits"
    ),
    "privacy": "hash_key_env",
    "exports": "postgres_env",
    "alerts": "webhook_env ping_env on",
    "": "reconcile",
}
PENDING = tuple(
    f"{section}.{name}".removeprefix(".")
    for section, names in _PENDING.items()
    for name in names.split()
)
FORMATS = ("xlsx", "hyper")


def refuse_unmet(settings: Settings) -> None:
    """Refuse a key that has no effect yet and must not be ignored.

    Raises:
        UsageError: `privacy.deny` or `privacy.hash` is set.
    """
    for key in ("deny", "hash"):
        if getattr(settings.privacy, key):
            raise UsageError(
                f"{settings.file.name}: privacy.{key} is not supported yet, so its fields would be"
                " published unchanged; remove the fields from the Segment export, then the key"
            )


def pending_settings(settings: Settings) -> list[str]:
    """Return the keys that are set, differ from their default and have no effect yet.

    Keys of one section are joined: `destinations.split.value, unit`.
    """
    changed = list(_changed(settings, ""))
    found = []
    for section, names in _PENDING.items():
        unmet = [name for name in names.split() if _is_in(f"{section}.{name}", changed)]
        formats = [name for name in FORMATS if name in settings.exports.formats]
        if section == "exports" and formats:
            unmet.append(f"formats {', '.join(formats)}")
        if unmet:
            found.append(f"{section}.{', '.join(unmet)}".removeprefix("."))
    return found


def _is_in(key: str, changed: list[str]) -> bool:
    key = key.removeprefix(".")
    return any(each == key or each.startswith((f"{key}.", f"{key}[")) for each in changed)


def _changed(value: Any, key: str) -> Iterator[str]:
    """Yield the keys below a value that differ from their default, with `*` and [] for members."""
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
