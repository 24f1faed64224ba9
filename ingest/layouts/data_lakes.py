"""Segment Data Lakes: one Parquet table per event, every object flattened into columns.

Flattening loses the case of keys and the nesting of objects. What Segment's own specification names
is put back here, under `context` and `integrations`; the keys of properties and traits stay as the
columns spell them, and the models find them by their snake_case.
"""

from collections.abc import Container, Iterator, Mapping

import pyarrow as pa

from ingest.layouts.columns import Column, Columns, json_struct, json_value, text_value
from ingest.layouts.fields import OBJECT_FIELDS, SPELLINGS, Source, Spellings, landed_rows
from ingest.sql import literal

CALLS = {
    spelling: call
    for call, plural in {
        "identify": "identifies",
        "page": "pages",
        "screen": "screens",
        "group": "groups",
        "alias": "aliases",
        "track": "tracks",
        "delete": "deletes",
    }.items()
    for spelling in (call, plural)
}
FIELD_COLUMNS: Spellings = {
    **{name: (snake, camel) for name, (camel, snake) in SPELLINGS.items()},
    "message_id": ("message_id", "messageId", "id"),
    "event": ("event_text", "event"),
}
NOT_IN_OBJECTS = {
    *(column for columns in FIELD_COLUMNS.values() for column in columns),
    "write_key", "uuid", "uuid_ts", "loaded_at", "segment_type",
    "day", "hr", "hour", "month", "year",
}  # fmt: skip
"""Columns that are fields of the message, or were added on its way."""

# What Segment's specification nests, longest name first, and how it spells what is in camel case.
OBJECTS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "context": (
        ("consent_category_preferences", ("consent", "categoryPreferences")),
        ("user_agent_data", ("userAgentData",)),
        *((name, (name,)) for name in (
            "app", "campaign", "consent", "device", "library", "location", "network", "os", "page",
            "personas", "protocols", "referrer", "screen", "traits",
        )),
    ),
    "integrations": (
        ("mixpanel_actions", ("Mixpanel (Actions)",)),
        *((name.lower(), (name,)) for name in (
            "Abmatic", "Markettailor", "Mixpanel", "Mutiny", "Split",
        )),
    ),
}  # fmt: skip
KEYS: Mapping[str, Mapping[str, str]] = {
    "context": {
        "ad_tracking_enabled": "adTrackingEnabled",
        "advertising_id": "advertisingId",
        "external_ids": "externalIds",
        "group_id": "groupId",
        "source_id": "sourceId",
        "user_agent": "userAgent",
    },
    "integrations": {
        "all": "All",
        **{flat: path[0] for flat, path in OBJECTS["integrations"]},
    },
}


def is_data_lake(names: Container[str]) -> bool:
    """Tell whether these columns are those of a table of Segment Data Lakes."""
    times = (*FIELD_COLUMNS["received_at"], *FIELD_COLUMNS["given_at"])
    return any(name in names for name in FIELD_COLUMNS["message_id"]) and any(
        name in names for name in times
    )


def staged_path(field: str, flat: str) -> tuple[str, ...]:
    """Return where the rows of `raw.messages` keep the flattened key of an object.

    `context`, `page_url` is (`page`, `url`); a key of properties stays what it is.
    """
    for name, path in OBJECTS.get(field, ()):
        if flat.startswith(f"{name}_"):
            rest = flat.removeprefix(f"{name}_")
            return (*path, KEYS[field].get(rest, rest))
    return (KEYS.get(field, {}).get(flat, flat),)


def lake_rows(columns: Columns, source: Source, table: str) -> str:
    """Return the common table expression `landed_rows` over one event's files.

    `table` is the event table that their path names.
    """
    call = CALLS.get(table.lower(), "track")
    kind = f"coalesce({text_value(columns, *FIELD_COLUMNS['type'])}, '{call}')"
    event = text_value(columns, *FIELD_COLUMNS["event"])
    texts = {"type": kind}
    if not _is_prefixed(columns) and call not in ("page", "screen"):
        texts |= {"name": "null::varchar", "category": "null::varchar"}
    return landed_rows(
        source,
        columns,
        FIELD_COLUMNS,
        columns,
        {name: _object(columns, name, _flat_keys(columns, name, call)) for name in OBJECT_FIELDS},
        texts=texts,
        event_table=f"case when {kind} = 'track' and {event} is null then {literal(table)} end",
    )


def _flat_keys(columns: Columns, field: str, call: str) -> dict[str, str]:
    """Return the columns that make up an object, by their flattened key."""
    prefix = f"{field}_"
    found = {name.removeprefix(prefix): name for name in columns if name.startswith(prefix)}
    own = "traits" if call in ("identify", "group") else "properties"
    if field != own or _is_prefixed(columns):
        return found
    fields = NOT_IN_OBJECTS - ({"name", "category"} if call not in ("page", "screen") else set())
    return {
        name: name
        for name in columns
        if name not in fields and not name.startswith(("context_", "integrations_", "metadata_"))
    }


def _is_prefixed(columns: Columns) -> bool:
    return any(name.startswith(("properties_", "traits_")) for name in columns)


def _object(columns: Columns, field: str, flat_keys: dict[str, str]) -> str:
    if not flat_keys:
        return "null::varchar"
    tree: Tree = {}
    for flat, column in flat_keys.items():
        *parents, key = staged_path(field, flat)
        branch = tree
        for parent in parents:
            # A column that is both a value and the start of others gives way to them.
            below = branch.get(parent)
            branch[parent] = below if isinstance(below, dict) else {}
            branch = branch[parent]  # type: ignore[assignment]
        branch.setdefault(key, column)
    return f"json_strip_nulls(to_json({_struct(columns, tree)}))::varchar"


Tree = dict[str, "str | Tree"]


def _struct(columns: Columns, tree: Tree) -> str:
    members = [
        (key, _leaf(columns[below]) if isinstance(below, str) else _struct(columns, below))
        for key, below in tree.items()
    ]
    present = " or ".join(f"{columns[name].sql} is not null" for name in _leaves(tree))
    return f"case when {present} then {json_struct(members)} end"


def _leaves(tree: Tree) -> Iterator[str]:
    for below in tree.values():
        if isinstance(below, str):
            yield below
        else:
            yield from _leaves(below)


def _leaf(column: Column) -> str:
    if pa.types.is_decimal(column.type):
        return f"regexp_replace({column.sql}::varchar, '\\.0*$|(\\.\\d*?)0+$', '\\1')::json"
    return json_value(column.sql, column.type)
