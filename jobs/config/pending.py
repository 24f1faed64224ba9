"""The keys of `lift.yml` that are known and not built yet: they are refused, not ignored."""

from jobs.config import Settings
from jobs.errors import UsageError


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
