"""The keys of `lift.yml` that are accepted but have no effect yet; a run that sets one warns."""

from collections.abc import Iterator
from typing import Any

from jobs.config import Settings
from jobs.errors import UsageError

# A test checks that all other keys have an effect, and that these have none.
_PENDING = {
    "privacy": "hash_key_env",
}
PENDING = tuple(
    f"{section}.{name}".removeprefix(".")
    for section, names in _PENDING.items()
    for name in names.split()
)


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
    changed = list(_keys(settings.model_dump(mode="json", exclude_defaults=True), ""))
    found = []
    for section, names in _PENDING.items():
        unmet = [name for name in names.split() if _is_in(f"{section}.{name}", changed)]
        if unmet:
            found.append(f"{section}.{', '.join(unmet)}".removeprefix("."))
    return found


def _keys(data: Any, key: str) -> Iterator[str]:
    """Yield the keys of all values in JSON data, with [] for the members of a list."""
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from _keys(inner, f"{key}.{name}")
    elif isinstance(data, list) and data:
        for inner in data:
            yield from _keys(inner, f"{key}[]")
    else:
        yield key.removeprefix(".")


def _is_in(key: str, changed: list[str]) -> bool:
    key = key.removeprefix(".")
    return any(each == key or each.startswith((f"{key}.", f"{key}[")) for each in changed)
