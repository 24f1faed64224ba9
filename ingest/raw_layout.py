"""The raw layout: one row a message, Segment's own field names, as one SELECT for some files."""

from collections.abc import Iterable, Mapping

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

MESSAGE_TYPES = ("identify", "track", "page", "screen", "group", "alias", "delete")

ISO_SHAPE = (
    r"^\s*\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?\s*$"
)
GO_SHAPE = r"^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{2})(\d{2}) .*$"


def is_raw_layout(columns: Mapping[str, str]) -> bool:
    """Tell whether these columns carry messages in the raw layout: a type, and an id or a time."""
    return "type" in columns and not {
        "messageId", "message_id", "receivedAt", "received_at"
    }.isdisjoint(columns)  # fmt: skip


def staging_select(columns: Mapping[str, str]) -> str:
    """Return the SELECT that turns files with these columns into rows of `raw.messages`.

    `columns` maps column name to DuckDB type. The statement takes the list of files as `$files`,
    the id of the first as `$first_file_id` (the others follow in order) and their sources as
    `$sources`.
    A message without an id carries the md5 of its canonical payload for the time being.
    """
    texts = [f"{_text(columns, name)} as {name}" for name in TEXT_FIELDS]
    time_texts = [f"{_time_text(columns, name)} as {name}_text" for name in TIME_FIELDS]
    typed_times = [f"{_typed_time(columns, name)} as {name}_typed" for name in TIME_FIELDS]
    objects = [f"{_object(columns, name)} as {name}" for name in OBJECT_FIELDS]
    parsed_times = [
        f"coalesce({name}_typed, {_parsed_time(name)}) as {name}_parsed" for name in TIME_FIELDS
    ]
    soundness = [f"{_is_sound(name)} as is_sound_{name}" for name in OBJECT_FIELDS]
    unsound = ", ".join(
        f"'{name}', case when not is_sound_{name} then {name} end" for name in OBJECT_FIELDS
    )
    canonical = canonical_payload("judged_rows", is_landed=True)
    types = ", ".join(f"'{name}'" for name in MESSAGE_TYPES)
    return f"""
with landed_rows as (
    select
        ($first_file_id + file_index)::integer as file_id,
        file_row_number + 1 as row_number,
        $sources[file_index::bigint + 1] as source,
        {_lines([*texts, *time_texts, *typed_times, *objects])}
    from read_parquet($files, hive_partitioning = false)
),

parsed_rows as (
    select
        *,
        nullif(message_id, '') is not null as has_message_id,
        {_lines([*parsed_times, *soundness])}
    from landed_rows
),

timed_rows as (
    select
        *,
        given_at_typed is not null or coalesce(given_at_text, '') <> '' as has_timestamp,
        case when given_at_parsed >= timestamp '2000-01-01' then given_at_parsed end as given_at,
        original_at_parsed as original_at,
        sent_at_parsed as sent_at,
        case when received_at_parsed >= timestamp '2000-01-01' then received_at_parsed
            end as received_at
    from parsed_rows
),

judged_rows as (
    select
        *,
        case
            when type is null or type not in ({types}) then 'unknown_type'
            when coalesce(nullif(user_id, ''), nullif(anonymous_id, '')) is null
                and not (type = 'alias' and coalesce(previous_id, '') <> '')
                and not (type = 'group' and coalesce(group_id, '') <> '')
                then 'no_identifier'
            when coalesce(received_at, given_at) is null then 'no_time'
        end as reject_reason
    from timed_rows
),

kept_rows as (
    select
        *,
        case when reject_reason is not null or not has_message_id then {canonical} end as payload
    from judged_rows
)

select
    file_id,
    row_number,
    source,
    reject_reason,
    case when reject_reason is not null then payload end as rejected_payload,
    false as is_duplicate,
    has_message_id,
    case when has_message_id then message_id else md5(payload) end as message_id,
    {_lines((name for name in TEXT_FIELDS if name != "message_id"), 4)},
    has_timestamp,
    {_lines(TIME_FIELDS, 4)},
    {_lines((_kept_time_text(name) for name in TIME_FIELDS), 4)},
    {_lines((f"case when is_sound_{name} then {name} end" for name in OBJECT_FIELDS), 4)},
    case when not ({" and ".join(f"is_sound_{name}" for name in OBJECT_FIELDS)})
        then json_object({unsound})::varchar end as unsound_objects
from kept_rows
"""


def canonical_payload(relation: str, *, is_landed: bool = False) -> str:
    """Return the SQL of a message's canonical payload: compact JSON, keys sorted, no nulls.

    `relation` is `raw.messages`, or the parsed rows of a landed file when `is_landed` is set.
    """
    parsed = "_parsed" if is_landed else ""
    message_id = f"{relation}.message_id"
    if not is_landed:
        message_id = f"case when {relation}.has_message_id then {message_id} end"
    members = [("messageId", f"to_json({message_id})")]
    members += [
        (camel, f"to_json({relation}.{name})")
        for name, camel in TEXT_FIELDS.items()
        if name != "message_id"
    ]
    members += [
        (
            camel,
            f"to_json(coalesce({relation}.{name}_text,"
            f" strftime({relation}.{name}{parsed}, '%Y-%m-%dT%H:%M:%S.%gZ')))",
        )
        for name, camel in TIME_FIELDS.items()
    ]
    members += [
        (
            name,
            _payload_object(
                f"{relation}.{name}"
                if is_landed
                else f"coalesce({relation}.unsound_objects ->> '/{name}', {relation}.{name})"
            ),
        )
        for name in OBJECT_FIELDS
    ]
    pairs = ", ".join(f"'\"{name}\":' || {value}" for name, value in members)
    return f"json_normalize('{{' || concat_ws(',', {pairs}) || '}}')"


def _payload_object(column: str) -> str:
    return (
        f"case when {column} is null then null"
        f" when json_valid({column}) then {column} else to_json({column}) end"
    )


def _lines(expressions: Iterable[str], indent: int = 8) -> str:
    return (",\n" + " " * indent).join(expressions)


def _column(columns: Mapping[str, str], snake: str, camel: str) -> str | None:
    return next((name for name in (camel, snake) if name in columns), None)


def _text(columns: Mapping[str, str], name: str) -> str:
    column = _column(columns, name, TEXT_FIELDS[name])
    return "null::varchar" if column is None else f'"{column}"::varchar'


def _time_column(columns: Mapping[str, str], name: str) -> tuple[str | None, str]:
    camel = TIME_FIELDS[name]
    snake = {"given_at": "timestamp", "original_at": "original_timestamp"}.get(name, name)
    column = _column(columns, snake, camel)
    return column, columns[column] if column else ""


def _time_text(columns: Mapping[str, str], name: str) -> str:
    column, kind = _time_column(columns, name)
    if column is None or kind.startswith("TIMESTAMP"):
        return "null::varchar"
    return f'"{column}"::varchar'


def _typed_time(columns: Mapping[str, str], name: str) -> str:
    column, kind = _time_column(columns, name)
    if column is None or not kind.startswith("TIMESTAMP"):
        return "null::timestamp"
    at_utc = " at time zone 'UTC'" if "TIME ZONE" in kind else ""
    return f'("{column}"{at_utc})::timestamp'


def _parsed_time(name: str) -> str:
    """ISO 8601 date-times and Go's `time.String()`; a bare date or an epoch number is neither."""
    value = f"{name}_text"
    iso = f"try_cast({value} as timestamptz) at time zone 'UTC'"
    rewritten = rf"regexp_replace({value}, '{GO_SHAPE}', '\1T\2\3:\4')"
    return (
        f"case when {value} is null then null"
        f" when length({value}) = 24 and substr({value}, 11, 1) = 'T'"
        f" and substr({value}, 12, 2) < '24' then {iso}"
        f" when regexp_matches({value}, '{ISO_SHAPE}') then {iso}"
        f" when regexp_matches({value}, '{GO_SHAPE}')"
        f" then try_cast({rewritten} as timestamptz) at time zone 'UTC' end"
    )


def _kept_time_text(name: str) -> str:
    """Keep the text of a time only where the parsed time does not give it back."""
    value = f"{name}_text"
    return (
        f"case when {name} is not null and length({value}) = 24"
        f" and substr({value}, 11, 1) = 'T' and suffix({value}, 'Z') then null else {value} end"
    )


def _object(columns: Mapping[str, str], name: str) -> str:
    if name not in columns:
        return "null::varchar"
    if columns[name] in ("VARCHAR", "JSON"):
        return f"nullif(nullif(\"{name}\"::varchar, ''), 'null')"
    return f'json_strip_nulls(to_json("{name}"))::varchar'


def _is_sound(name: str) -> str:
    """Absent or a JSON object. Everything after staging may read the column without a guard."""
    return (
        f"case when {name} is null then true"
        f" when json_valid({name}) then json_type({name}) = 'OBJECT' else false end"
    )
