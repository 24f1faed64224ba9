"""The raw layout: one row per message, Segment's own field names, in Parquet."""

from collections.abc import Container, Iterable

from ingest.layouts.columns import Columns, object_text
from ingest.layouts.fields import OBJECT_FIELDS, SPELLINGS, Source, landed_rows


def is_raw_layout(names: Container[str]) -> bool:
    """Tell whether these columns carry messages in the raw layout: a type, and an id or a time."""
    return "type" in names and any(
        name in names for name in (*SPELLINGS["message_id"], *SPELLINGS["received_at"])
    )


def used_columns(names: Iterable[str]) -> list[str]:
    """Return the columns of a file that become fields of a message."""
    fields = {*OBJECT_FIELDS, *(name for spelled in SPELLINGS.values() for name in spelled)}
    return [name for name in names if name in fields]


def raw_rows(columns: Columns, source: Source) -> str:
    """Return the common table expression `landed_rows` over such files."""
    objects = {name: object_text(columns, name) for name in OBJECT_FIELDS}
    return landed_rows(source, columns, SPELLINGS, used_columns(columns), objects, texts={})
