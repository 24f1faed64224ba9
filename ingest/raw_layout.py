"""The raw layout: one row per message, Segment's own field names, in Parquet."""

from collections.abc import Container, Iterable

from ingest.columns import (
    Columns,
    bytes_escaped,
    has_odd_id,
    object_text,
    text_value,
    time_text,
    time_value,
    undecodable,
)
from ingest.rows import (
    IDENTIFYING,
    OBJECT_FIELDS,
    SNAKE_TIMES,
    TEXT_FIELDS,
    TIME_FIELDS,
    Relation,
    any_identifying,
)


def is_raw_layout(names: Container[str]) -> bool:
    """Tell whether these columns carry messages in the raw layout: a type, and an id or a time."""
    return "type" in names and any(
        name in names for name in ("messageId", "message_id", "receivedAt", "received_at")
    )


def used_columns(names: Iterable[str]) -> list[str]:
    """Return the columns of a file that become fields of a message."""
    fields = {*OBJECT_FIELDS}
    for name in (*TEXT_FIELDS, *TIME_FIELDS):
        fields.update(_spellings(name))
    return [name for name in names if name in fields]


def raw_rows(columns: Columns, relation: Relation) -> str:
    """Return the common table expression `landed_rows` over a relation of such files."""
    texts = {name: text_value(columns, *_spellings(name)) for name in TEXT_FIELDS}
    times = {name: _spellings(name) for name in TIME_FIELDS}
    damage = f"{relation.is_undecodable} or {undecodable(columns, used_columns(columns))}"
    odd = {name: has_odd_id(columns, _spellings(name)) for name in IDENTIFYING}
    fields = [
        *relation.keys(),
        "false as is_flattened",
        "null::varchar as event_table",
        f"case when {damage} then 'undecodable' end as damage",
        f"case when {damage} then {bytes_escaped(columns, used_columns(columns))} end as line",
        "null::varchar[] as line_repairs",
        f"{any_identifying(odd, texts['type'])} as has_odd_id",
        *(f"{text} as {name}" for name, text in texts.items()),
        *(f"{time_text(columns, *spelled)} as {name}_text" for name, spelled in times.items()),
        *(f"{time_value(columns, *spelled)} as {name}_typed" for name, spelled in times.items()),
        *(f"{object_text(columns, name)} as {name}" for name in OBJECT_FIELDS),
    ]
    return f"landed_rows as (select {', '.join(fields)} from {relation.sql})"


def _spellings(name: str) -> tuple[str, str]:
    """Segment's own name of a field, and the one in snake_case."""
    return (TEXT_FIELDS | TIME_FIELDS)[name], SNAKE_TIMES.get(name, name)
