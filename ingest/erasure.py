"""Erased persons: keyed hashes of their identifiers alone say which rows are theirs.

A tombstone is (keyed hash of an identifier, owned_from, owned_to), open on both sides where the
person was its only owner. Where nothing but an interval ties a message to the person, its id
has one too: another copy may be dated otherwise. One SELECT decides over rows of `raw.messages`,
whether they have just landed or are copied from a warehouse that is rewritten, so that a replay
meets what the erasure met.
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

from ingest.sql import literal, statement

ERASED = "erased"
CRM_EMAIL = "crm_email"
"""The type of an email as the CRM knows it: it ties records to a person, and no message."""

ID_TYPES = ("user_id", "email", "anonymous_id", "mutiny_visitor_id", CRM_EMAIL)
EMAIL_TYPES = ("email", CRM_EMAIL)
BLOCK_BYTES = 64
# How a text that may be no JSON is cut into what may be an identifier: as strings, and finer.
CUTS = (re.compile('"'), re.compile(r"""[\s"',;{}\[\]()<>]+"""), re.compile(r"[^\w.@+-]+"))
ESCAPED_BYTE = re.compile(r"\\x[0-9A-Fa-f]{2}")


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
        """Return the parameters that `without_erased` takes: no statement holds the key.

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


def without_erased(rows: str, rules: IdentityRules) -> str:
    """Return the SELECT of some rows of `raw.messages` with those of erased persons emptied.

    It takes `Erasure.parameters`, on a connection with `erased_names`.
    """
    patterns = ")|(?:".join((r"\s*", *rules.blocked))
    return statement(
        "without_erased",
        rows=rows,
        blocked=literal(f"(?:{patterns})"),
        merge_on_alias=str(rules.merge_on_alias),
        merge_on_email=str(rules.merge_on_email),
        future_skew=str(int(rules.future_skew.total_seconds())),
    )


def has_erased_email(email: str) -> str:
    """Return the condition that a record of the CRM is an erased person's, by its normalised email.

    It takes `Erasure.parameters`.
    """
    tombstones = "(select identifier_hash from raw.tombstones)"
    return f"coalesce({identifier_hash(CRM_EMAIL, email)} in {tombstones}, false)"


def identifier_hash(id_type: str, value: str) -> str:
    """Return the SQL of `Erasure.hash`, with its parameters, over the macros of ingest."""
    return f"identifier_hash('{id_type}', {value}, $inner_pad, $outer_pad)"


def _names_one(text: str, erasure: Erasure, whole: set[str]) -> bool:
    spaced = ESCAPED_BYTE.sub(" ", text)
    values = {value for cut in CUTS for value in cut.split(spaced)} - {""}
    return any(
        erasure.hash(id_type, value.strip().lower() if id_type in EMAIL_TYPES else value) in whole
        for value in values
        for id_type in ID_TYPES
    )
