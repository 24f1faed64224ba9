"""Compiles the name of an event that a destination is sent: `Viewed {name}`."""

import re

from jobs.fql.dialect import text_literal

_PLACEHOLDER = re.compile(r"\{\{?\s*(name|event)\s*\}?\}")
# As they were sent: a vendor knows nothing of naming.aliases. A missing one renders empty.
_COLUMNS = {
    "name": "coalesce(name, '')",
    "event": "coalesce(original_event_name, '')",
}


def template_sql(template: str) -> str:
    """Return SQL for the text of a template over a message, NULL where nothing is left of it."""
    parts = _PLACEHOLDER.split(template)
    constants = [text_literal(part) for part in parts[::2]]
    columns = [*(_COLUMNS[name] for name in parts[1::2]), ""]
    pieces = [piece for pair in zip(constants, columns, strict=True) for piece in pair]
    shown = [piece for piece in pieces if piece not in ("''", "")]
    return f"nullif({' || '.join(shown)}, '')"
