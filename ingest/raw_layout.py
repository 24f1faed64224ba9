"""The raw layout: one row a message, Segment's own field names, in Parquet."""

from ingest.columns import (
    Columns,
    bytes_escaped,
    first_present,
    has_odd_id,
    object_text,
    text_value,
    time_text,
    time_value,
    undecodable,
)
from ingest.rows import IDENTIFIERS, OBJECT_FIELDS, SNAKE_TIMES, TEXT_FIELDS, TIME_FIELDS, Relation


def is_raw_layout(columns: Columns) -> bool:
    """Tell whether these columns carry messages in the raw layout: a type, and an id or a time."""
    return "type" in columns and not {
        "messageId", "message_id", "receivedAt", "received_at"
    }.isdisjoint(columns)  # fmt: skip


def used_columns(columns: Columns) -> list[str]:
    """Return the columns of a file that become fields of a message."""
    found = [_text_column(columns, name) for name in TEXT_FIELDS]
    found += [_time_column(columns, name) for name in TIME_FIELDS]
    found += [first_present(columns, name) for name in OBJECT_FIELDS]
    return [name for name in found if name is not None]


def raw_rows(columns: Columns, relation: Relation) -> str:
    """Return the common table expression `landed_rows` over a relation of such files."""
    texts = [
        f"{text_value(columns, _text_column(columns, name))} as {name}" for name in TEXT_FIELDS
    ]
    times = [(name, _time_column(columns, name)) for name in TIME_FIELDS]
    damage = undecodable(columns, used_columns(columns))
    fields = [
        *relation.keys(),
        "false as is_flattened",
        "null::varchar as event_table",
        f"case when {damage} then 'undecodable' end as damage",
        f"case when {damage} then {bytes_escaped(columns, used_columns(columns))} end as line",
        "null::varchar[] as line_repairs",
        f"{has_odd_id(columns, [_text_column(columns, name) for name in IDENTIFIERS])}"
        " as has_odd_id",
        *texts,
        *(f"{time_text(columns, column)} as {name}_text" for name, column in times),
        *(f"{time_value(columns, column)} as {name}_typed" for name, column in times),
        *(f"{object_text(columns, name)} as {name}" for name in OBJECT_FIELDS),
    ]
    return f"landed_rows as (select {', '.join(fields)} from {relation.sql})"


def _text_column(columns: Columns, name: str) -> str | None:
    return first_present(columns, TEXT_FIELDS[name], name)


def _time_column(columns: Columns, name: str) -> str | None:
    return first_present(columns, TIME_FIELDS[name], SNAKE_TIMES.get(name, name))
