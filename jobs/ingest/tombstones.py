"""The key of the tombstones of erased persons, and the rules that keep those persons out."""

import os
import secrets
from pathlib import Path

import duckdb

from ingest.erasure import Erasure, IdentityRules
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import put_in_place

KEY_BYTES = 32


def key_file(settings: Settings) -> Path:
    """Return the path of the key: `warehouse.erasure-key` beside the warehouse."""
    return settings.warehouse.with_suffix(".erasure-key")


def current_erasure(settings: Settings, con: duckdb.DuckDBPyConnection) -> Erasure | None:
    """Return what identifies the rows of erased persons; None if there are none.

    Raises:
        JobError: there are tombstones, but no key to read them; nothing was written.
    """
    if not _has_tombstones(con):
        return None
    return Erasure(_read_key(key_file(settings)), identity_rules(settings))


def begin_erasure(settings: Settings, con: duckdb.DuckDBPyConnection) -> Erasure:
    """Return what identifies the rows of erased persons; the first erasure creates the key.

    Raises:
        JobError: there are tombstones, but no key to read them; nothing was written.
    """
    path = key_file(settings)
    if not path.exists() and not _has_tombstones(con):
        _write_key(path)
    return Erasure(_read_key(path), identity_rules(settings))


def identity_rules(settings: Settings) -> IdentityRules:
    """Return how the configuration reads the identifiers and the time of a message."""
    return IdentityRules(
        blocked=settings.identity.blocked,
        merge_on_alias=settings.identity.merge_on_alias,
        merge_on_email=settings.identity.merge_on_email,
        future_skew=settings.quality.future_skew,
    )


def _has_tombstones(con: duckdb.DuckDBPyConnection) -> bool:
    tables = con.execute(
        "select 1 from duckdb_tables()"
        " where database_name = current_database()"
        " and schema_name = 'raw' and table_name = 'tombstones'"
    ).fetchall()
    return bool(tables and con.execute("select 1 from raw.tombstones limit 1").fetchall())


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise JobError(
            f"The key of erased persons, {path}, cannot be read ({error.strerror}), and without it"
            " they would come back; restore it from your backup and run again."
        ) from error
    if len(key) != KEY_BYTES:
        raise JobError(
            f"{path}, the key of erased persons, has {len(key)} bytes instead of {KEY_BYTES};"
            " restore it from your backup and run again."
        )
    return key


def _write_key(path: Path) -> None:
    """Write a new key that only this user may read."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))
    put_in_place(fresh, path)
