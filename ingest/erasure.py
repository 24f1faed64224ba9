"""Erased persons: which rows are theirs, told by keyed hashes of their identifiers alone.

A tombstone is (keyed hash of an identifier, owned_from, owned_to), open on both sides where the
person was its only owner. Where nothing but an interval ties a message to the person, its id
has one too: another copy may be dated otherwise. One SELECT decides over rows of `raw.messages`,
whether they are just landed or lie in a warehouse that is rewritten, so that a replay meets what
the erasure met.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from ingest.columns import text_literal
from ingest.decimal_text import plain_decimal
from ingest.rows import INSERT

ERASED = "erased"
CRM_EMAIL = "crm_email"
"""The type of an email as the CRM knows it: it ties records to a person, and no message."""

ID_TYPES = ("user_id", "email", "anonymous_id", "mutiny_visitor_id", CRM_EMAIL)
EMAIL_TYPES = ("email", CRM_EMAIL)
BLOCK_BYTES = 64
# How a text that may be no JSON is cut into what may be an identifier: as strings, and finer.
CUTS = (re.compile('"'), re.compile(r"""[\s"',;{}\[\]()<>]+"""), re.compile(r"[^\w.@+-]+"))
ESCAPED_BYTE = re.compile(r"\\x[0-9A-Fa-f]{2}")

# What an erased row keeps.
PLACE = "file_id, row_number, source, reject_reason, is_duplicate"


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What of the configuration decides which identifiers a message carries and when it happened.

    `blocked` are regular expressions that match a whole value, as in the models.
    """

    blocked: tuple[str, ...] = ()
    merge_on_alias: bool = True
    merge_on_email: bool = False
    future_skew: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Erasure:
    """The key of the tombstones and the rules by which a row meets one."""

    key: bytes
    rules: IdentityRules

    def hash(self, id_type: str, id_value: str) -> str:
        """Return the HMAC-SHA256 of an identifier, in hexadecimal digits."""
        return hmac.new(self.key, f"{id_type}|{id_value}".encode(), hashlib.sha256).hexdigest()

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that `without_erased` takes: the key never stands in a statement.

        They are the key's inner and outer pad of RFC 2104.
        """
        block = self.key.ljust(BLOCK_BYTES, b"\0")
        return {
            "inner_pad": bytes(byte ^ 0x36 for byte in block),
            "outer_pad": bytes(byte ^ 0x5C for byte in block),
        }


@contextmanager
def erased_names(con: duckdb.DuckDBPyConnection, erasure: Erasure | None) -> Iterator[None]:
    """Offer `names_erased`, whether a text names a person erased whole, to a connection."""
    if erasure is None:
        yield
        return
    whole = {
        found
        for (found,) in con.execute(
            "select identifier_hash from raw.tombstones"
            " where owned_from is null and owned_to is null"
        ).fetchall()
    }

    def names_erased(texts: pa.Array) -> pa.Array:
        found = [_names_one(text, erasure, whole) for text in texts.to_pylist()]
        return pa.array(found, pa.bool_())

    con.create_function(
        "names_erased", names_erased, ["VARCHAR"], "BOOLEAN", type=PythonUDFType.ARROW
    )
    try:
        yield
    finally:
        con.remove_function("names_erased")


def insert_messages(
    con: duckdb.DuckDBPyConnection,
    select: str,
    parameters: dict[str, Any],
    erasure: Erasure | None,
) -> None:
    """Insert what a SELECT returns into `raw.messages`, and nothing of erased persons."""
    if erasure is not None:
        select = without_erased(f"({select})", erasure.rules)
        parameters = parameters | erasure.parameters()
    con.execute(INSERT + select, parameters)


def without_erased(rows: str, rules: IdentityRules) -> str:
    """Return the SELECT of some rows of `raw.messages` with those of erased persons emptied.

    A strong identifier that was erased decides, then one that was not: who else logged in on a
    shared device keeps what is theirs. Without either, a weak one does, at the time of the message,
    or the message's own id.
    An emptied row keeps its place and is rejected as `erased`; one that was rejected before keeps
    its reason, and is emptied also when its text names an erased person.
    """
    usable_user = _usable("user_id", rules)
    previous_id = f"case when {'' if rules.merge_on_alias else f'({usable_user}) is null and '}"
    previous_id += f"type = 'alias' then {_usable('previous_id', rules)} end"
    # Hashing the ids of most messages is spared.
    message_id = "case when has_message_id and usable_user_id is null then message_id end"
    email = "null::varchar"
    if rules.merge_on_email:
        email = _usable(
            f"case when type = 'identify' then {_normalised(_trait('email'))} end", rules
        )
    return f"""
with tombstones as (
    select
        identifier_hash,
        bool_or(owned_from is null and owned_to is null) as is_whole,
        list(struct_pack(owned_from := owned_from, owned_to := owned_to)) as intervals
    from raw.tombstones
    group by identifier_hash
),

identified_rows as (
    select
        *,
        {usable_user} as usable_user_id,
        {email} as usable_email,
        {previous_id} as usable_previous_id,
        case when type = 'identify' then {_visitor_id()} end as visitor_id,
        {_occurred_at(rules)} as occurred_at
    from {rows}
),

judged_rows as (
    select
        identified_rows.* exclude (
            usable_user_id, usable_email, usable_previous_id, visitor_id, occurred_at
        ),
        case
            when users.is_whole or emails.is_whole or previous_users.is_whole then true
            when case
                when reject_reason is not null then names_erased(coalesce(rejected_payload, ''))
                else false
            end then true
            when usable_user_id is not null or usable_email is not null then false
            else coalesce({_owns("devices")}, false)
                or coalesce({_owns("visitors")}, false)
                or coalesce({_owns("previous_devices")}, false)
                or copies.is_whole is not null
        end as is_erased
    from identified_rows
    left join tombstones as users
        on {identifier_hash("user_id", "usable_user_id")} = users.identifier_hash
    left join tombstones as emails
        on {identifier_hash("email", "usable_email")} = emails.identifier_hash
    left join tombstones as previous_users
        on {identifier_hash("user_id", "usable_previous_id")} = previous_users.identifier_hash
    left join tombstones as devices
        on {identifier_hash("anonymous_id", "anonymous_id")} = devices.identifier_hash
    left join tombstones as visitors
        on {identifier_hash("mutiny_visitor_id", "visitor_id")} = visitors.identifier_hash
    left join tombstones as previous_devices
        on {identifier_hash("anonymous_id", "usable_previous_id")}
            = previous_devices.identifier_hash
    left join tombstones as copies
        on {identifier_hash("message_id", message_id)} = copies.identifier_hash
)

select
    file_id,
    row_number,
    source,
    case when is_erased then coalesce(reject_reason, '{ERASED}') else reject_reason end
        as reject_reason,
    is_duplicate and not is_erased as is_duplicate,
    case when not is_erased then columns(* exclude ({PLACE}, is_erased)) end
from judged_rows
"""


def has_erased_email(email: str) -> str:
    """Return the condition that a record of the CRM is an erased person's, by its normalised email.

    It takes `Erasure.parameters`.
    """
    tombstones = "(select identifier_hash from raw.tombstones)"
    return f"coalesce({identifier_hash(CRM_EMAIL, email)} in {tombstones}, false)"


def _names_one(text: str, erasure: Erasure, whole: set[str]) -> bool:
    spaced = ESCAPED_BYTE.sub(" ", text)
    values = {value for cut in CUTS for value in cut.split(spaced)} - {""}
    return any(
        erasure.hash(id_type, value.strip().lower() if id_type in EMAIL_TYPES else value) in whole
        for value in values
        for id_type in ID_TYPES
    )


def identifier_hash(id_type: str, value: str) -> str:
    """As `Erasure.hash`; null without a value."""
    inner = f"unhex(sha256($inner_pad || encode('{id_type}|' || {value})))"
    return f"sha256($outer_pad || {inner})"


def _owns(tombstones: str) -> str:
    intervals = (
        f"list_bool_or(list_transform({tombstones}.intervals, lambda owned:"
        " (owned.owned_from is null or occurred_at >= owned.owned_from)"
        " and (owned.owned_to is null or occurred_at < owned.owned_to)))"
    )
    return f"case when {tombstones}.is_whole then true else {intervals} end"


def _usable(value: str, rules: IdentityRules) -> str:
    """As the models have it: what a blocked pattern matches is no identifier."""
    patterns = ")|(?:".join((r"\s*", *rules.blocked))
    return (
        f"case when not regexp_full_match({_normalised(value)}, {text_literal(f'(?:{patterns})')})"
        f" then {value} end"
    )


def _normalised(text: str) -> str:
    return f"lower(trim({text}, ' ' || chr(9) || chr(10) || chr(13)))"


def _trait(name: str) -> str:
    """Text of a trait that is a string or a number, numbers as plain decimals."""
    text = f"(traits ->> '/{name}')"
    return (
        f"case json_type(traits, '/{name}') when 'VARCHAR' then {text}"
        f" when 'BIGINT' then {text} when 'UBIGINT' then {text} when 'HUGEINT' then {text}"
        f" when 'DOUBLE' then {plain_decimal(text)} end"
    )


def _visitor_id() -> str:
    flattened = f"case when is_flattened then {_trait('mutiny_visitor_id')} end"
    return f"coalesce({_trait('mutinyVisitorId')}, {flattened})"


def _occurred_at(rules: IdentityRules) -> str:
    """As `stg_segment__messages` dates a message."""
    claimed = (
        "case when given_at is not null then given_at"
        " when not has_timestamp then received_at - (sent_at - original_at) end"
    )
    skew = f"to_seconds({int(rules.future_skew.total_seconds())})"
    return (
        f"case when {claimed} >= timestamp '2000-01-01'"
        f" and not coalesce({claimed} > received_at + {skew}, false)"
        f" then {claimed} else received_at end"
    )
