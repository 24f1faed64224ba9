"""From the fields of landed messages, in any layout, to rows of `raw.messages`: one SELECT."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.json_repair import clean_json, compact_json
from ingest.time_bounds import is_outside, within_bounds

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
SNAKE_TIMES = {"given_at": "timestamp", "original_at": "original_timestamp"}
"""What these are in snake_case; the others are called as here."""
OBJECT_FIELDS = ("context", "integrations", "properties", "traits")
LONG_FIELDS = ("context",)
"""What a library writes, into every message, and most of its bytes."""
IDENTIFIERS = ("anonymous_id", "user_id")

MESSAGE_TYPES = ("identify", "track", "page", "screen", "group", "alias", "delete")

ISO_SHAPE = (
    r"^\s*\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?\s*$"
)
GO_SHAPE = r"^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{2})(\d{2}) .*$"

INSERT = "insert into raw.messages by name "


@dataclass(frozen=True, slots=True)
class Relation:
    """Where landed rows come from, in SQL, and what tells one of them from the next."""

    sql: str
    file_id: str
    row_number: str
    source: str

    def keys(self) -> list[str]:
        """Return the columns that say which row of which file a message is."""
        return [
            f"{self.file_id} as file_id",
            f"{self.row_number} as row_number",
            f"{self.source} as source",
        ]


def messages_select(landed_rows: str, *, objects_are_clean: bool = False) -> str:
    """Return the SELECT that turns landed fields into rows of `raw.messages`.

    `landed_rows` is a list of common table expressions that ends in one of that name, with
    `file_id`, `row_number`, `source`, `is_flattened`, `event_table`; `damage`, the reason that a
    row is no message at all; `line`, the row's own text where it has one; `has_odd_id`, an id that
    is neither text nor a number; the text fields; each time as text (`<name>_text`) or typed
    (`<name>_typed`); and the objects as JSON text, which still wants cleaning unless
    `objects_are_clean`. A message without an id carries the md5 of its canonical payload for the
    time being.
    """
    parsed_times = [
        f"coalesce({name}_typed, {_parsed_time(name)}) as {name}_parsed" for name in TIME_FIELDS
    ]
    reads = [
        (_clean_already if objects_are_clean else _clean)(name) + f" as {name}_read"
        for name in OBJECT_FIELDS
    ]
    plain = [f"{_is_plain_time(f'{name}_text')} as is_plain_{name}" for name in TIME_FIELDS]
    compact = [
        f"{name if objects_are_clean else compact_json(name, is_long=name in LONG_FIELDS)}"
        f" as {name}_compact"
        for name in OBJECT_FIELDS
    ]
    cleaned = [
        f"coalesce(case when {name}_read.repairs is not null then json({name}_read.text)::varchar"
        f" else {name}_read.text end, {name}) as {name}"
        for name in OBJECT_FIELDS
    ]
    # Compact JSON shows by its first character what it is.
    sound = [
        f"{name} is null or coalesce(starts_with({name}_read.text, '{{'), false) as is_sound_{name}"
        for name in OBJECT_FIELDS
    ]
    bounded = [f"{within_bounds(f'{name}_parsed')} as {name}_parsed" for name in TIME_FIELDS]
    outside = " or ".join(f"{is_outside(f'{name}_parsed')}" for name in TIME_FIELDS)
    repairs = [
        "line_repairs",
        *(f"{name}_read.repairs" for name in OBJECT_FIELDS),
        f"case when {outside} then ['time_out_of_range'] end",
    ]
    unsound = ", ".join(
        f"'{name}', case when not is_sound_{name} then {name} end" for name in OBJECT_FIELDS
    )
    payload = f"coalesce(line, {canonical_payload('judged_rows', is_landed=True)})"
    identified = " or ".join(f"{name} <> ''" for name in IDENTIFIERS)
    return f"""
with {landed_rows},

compact_rows as (
    select
        *,
        nullif(message_id, '') is not null as has_message_id,
        {_lines([*plain, *compact])}
    from landed_rows
),

read_rows as (
    select
        *,
        {_lines([*parsed_times, *reads])}
    from compact_rows
),

cleaned_rows as (
    select
        * exclude (
            {", ".join(OBJECT_FIELDS)}, line_repairs,
            {", ".join(f"{name}_parsed" for name in TIME_FIELDS)}
        ),
        {_lines([*bounded, *cleaned, *sound])},
        case
            when coalesce({", ".join(repairs)}) is not null
                then nullif(array_to_string(list_sort(list_distinct(
                    list_concat({", ".join(f"coalesce({repair}, [])" for repair in repairs)})
                )), ','), '')
        end as repairs
    from read_rows
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
    from cleaned_rows
),

judged_rows as (
    select
        *,
        case
            when damage is not null then damage
            when type is null or type not in ({", ".join(f"'{name}'" for name in MESSAGE_TYPES)})
                then 'unknown_type'
            when not has_odd_id and not coalesce({identified}, false)
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
        case when reject_reason is not null then {payload} end as rejected_payload,
        case when not has_message_id then {canonical_payload("judged_rows", is_landed=True)}
            end as payload
    from judged_rows
)

select
    file_id,
    row_number,
    source,
    is_flattened,
    reject_reason,
    rejected_payload,
    false as is_duplicate,
    has_message_id,
    case when has_message_id then message_id else md5(payload) end as message_id,
    {_lines((name for name in TEXT_FIELDS if name != "message_id"), 4)},
    event_table,
    has_timestamp,
    {_lines(TIME_FIELDS, 4)},
    {_lines((_kept_time_text(name) for name in TIME_FIELDS), 4)},
    {_lines((f"case when is_sound_{name} then {name} end as {name}" for name in OBJECT_FIELDS), 4)},
    case when not ({" and ".join(f"is_sound_{name}" for name in OBJECT_FIELDS)})
        then json_object({unsound})::varchar end as unsound_objects,
    repairs
from kept_rows
"""


def canonical_payload(relation: str, *, is_landed: bool = False, with_times: bool = True) -> str:
    """Return the SQL of a message's canonical payload: compact JSON, keys sorted, no nulls.

    `relation` is `raw.messages`, or the judged rows of a landed file when `is_landed` is set.
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
            f" {_time_as_text(f'{relation}.{name}{parsed}')}))",
        )
        for name, camel in TIME_FIELDS.items()
        if with_times
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


def _clean(name: str) -> str:
    return clean_json(name, f"{name}_compact", is_long=name in LONG_FIELDS)


def _clean_already(name: str) -> str:
    return f"struct_pack(text := {name}, repairs := null::varchar[])"


def _lines(expressions: Iterable[str], indent: int = 8) -> str:
    return (",\n" + " " * indent).join(expressions)


def _parsed_time(name: str) -> str:
    """ISO 8601 date-times and Go's `time.String()`; a bare date or an epoch number is neither."""
    value = f"{name}_text"
    iso = f"try_cast({value} as timestamptz) at time zone 'UTC'"
    rewritten = rf"regexp_replace({value}, '{GO_SHAPE}', '\1T\2\3:\4')"
    return (
        f"case when {value} is null then null"
        # What nearly every message has needs no look at time zones.
        f" when is_plain_{name} then try_cast({value} as timestamp)"
        f" when regexp_matches({value}, '{ISO_SHAPE}') then {iso}"
        f" when regexp_matches({value}, '{GO_SHAPE}')"
        f" then try_cast({rewritten} as timestamptz) at time zone 'UTC' end"
    )


def _kept_time_text(name: str) -> str:
    """Keep the text of a time only where the parsed time does not give it back."""
    value = f"{name}_text"
    return (
        f"case when {name} is not null and is_plain_{name} then null"
        f" when {name} is null and {name}_typed is not null"
        f" then {_time_as_text(f'{name}_typed')} else {value} end as {value}"
    )


def _time_as_text(time: str) -> str:
    """In milliseconds, as Segment writes it; in microseconds where it has them."""
    return (
        f"case when epoch_us({time}) % 1000 = 0 then strftime({time}, '%Y-%m-%dT%H:%M:%S.%gZ')"
        f" else strftime({time}, '%Y-%m-%dT%H:%M:%S.%fZ') end"
    )


def _is_plain_time(value: str) -> str:
    """As `2026-05-09T23:54:49.200Z`."""
    return (
        f"(strlen({value}) = 24 and suffix({value}, 'Z') and contains({value}, 'T')"
        f" and not contains({value}, 'T24'))"
    )
