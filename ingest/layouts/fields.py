"""The fields of a message, and one SELECT that reads them from the columns of a Parquet file."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.layouts.columns import (
    Columns,
    bytes_escaped,
    has_odd_id,
    text_value,
    time_text,
    time_value,
    undecodable,
)

TEXT_FIELDS = {
    "message_id": "messageId",
    "type": "type",
    "event": "event",
    "name": "name",
    "category": "category",
    "anonymous_id": "anonymousId",
    "user_id": "userId",
    "group_id": "groupId",
    "previous_id": "previousId",
    "channel": "channel",
    "version": "version",
    "project_id": "projectId",
}
TIME_FIELDS = {
    "given_at": "timestamp",
    "original_at": "originalTimestamp",
    "sent_at": "sentAt",
    "received_at": "receivedAt",
}
OBJECT_FIELDS = ("context", "integrations", "properties", "traits")
SNAKE_TIMES = {"given_at": "timestamp", "original_at": "original_timestamp"}
IDENTIFYING = {"anonymous_id": None, "user_id": None, "previous_id": "alias", "group_id": "group"}
"""Fields of which a message must have one; a call beside one says that it counts there alone."""

Spellings = Mapping[str, tuple[str, ...]]
"""The columns of each field, in the order in which they count."""

CAMEL = TEXT_FIELDS | TIME_FIELDS
SPELLINGS: Spellings = {name: (CAMEL[name], SNAKE_TIMES.get(name, name)) for name in CAMEL}
"""Segment's own name of each field, and the one in snake_case."""


class Source(NamedTuple):
    """What rows are selected from, and SQL of the file, row and source of each."""

    sql: str
    places: str = "file_id, row_number, source, is_undecodable"


def landed_rows(
    source: Source,
    columns: Columns,
    spellings: Spellings,
    used: Iterable[str],
    objects: Mapping[str, str],
    *,
    texts: Mapping[str, str],
    event_table: str | None = None,
) -> str:
    """Return the common table expression `landed_rows` that messages.sql describes.

    `used` are the columns that a message is made of; `objects` and `texts` are SQL of fields, the
    latter where it is not that of their columns. Only a data lake has an `event_table`.
    """
    used = list(used)
    texts = {name: text_value(columns, *spellings[name]) for name in TEXT_FIELDS} | dict(texts)
    damage = f"is_undecodable or {undecodable(columns, used)}"
    odd_ids = [
        f"{has_odd_id(columns, spellings[name])} and {texts['type']} = '{call}'"
        if call
        else has_odd_id(columns, spellings[name])
        for name, call in IDENTIFYING.items()
    ]
    fields = [
        source.places,
        f"{event_table is not None} as is_flattened",
        f"{event_table or 'null::varchar'} as event_table",
        f"case when {damage} then 'undecodable' end as damage",
        f"case when {damage} then {bytes_escaped(columns, used)} end as line",
        "null::varchar[] as line_repairs",
        f"coalesce({' or '.join(odd_ids)}, false) as has_odd_id",
        *(f"{text} as {name}" for name, text in texts.items()),
        *(f"{time_text(columns, *spellings[name])} as {name}_text" for name in TIME_FIELDS),
        *(f"{time_value(columns, *spellings[name])} as {name}_typed" for name in TIME_FIELDS),
        *(f"{text} as {name}" for name, text in objects.items()),
    ]
    return f"landed_rows as (select {', '.join(fields)} from {source.sql})"
