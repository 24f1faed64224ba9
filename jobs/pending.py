"""What `lift.yml` may say already and the night does not act on yet: named, never silent."""

from jobs.errors import UsageError
from jobs.settings import Settings


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
    """Return the configured keys that change nothing yet, in the order of the file."""
    candidates = {
        "exports.postgres_env": settings.exports.postgres_env is not None,
    }
    return [key for key, is_configured in candidates.items() if is_configured]
