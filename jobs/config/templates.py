"""Compiles the name of an event that a destination is sent: `Viewed {name}`."""

from jobs.config.values import template_parts
from jobs.fql.dialect import text_literal

# As they were sent: a vendor knows nothing of naming.aliases. A missing one renders empty.
_COLUMNS = {
    "name": "coalesce(name, '')",
    "event": "coalesce(original_event_name, '')",
}


def template_sql(template: str) -> str:
    """Return SQL for the text of a template over a message, NULL where nothing is left of it."""
    pieces = [
        _COLUMNS[part] if is_placeholder else text_literal(part)
        for part, is_placeholder in template_parts(template)
        if part
    ]
    return f"nullif({' || '.join(pieces)}, '')"
