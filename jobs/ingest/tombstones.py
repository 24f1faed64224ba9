"""The tombstones of erased persons: the key they are hashed under, and who is kept out."""

import os
import secrets
from pathlib import Path

import duckdb

from ingest.erasure import Erasure, IdentityRules
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import sync

KEY_BYTES = 32


def key_file(settings: Settings) -> Path:
    """Return where the key lies: beside the warehouse, as `warehouse.erasure-key`."""
    return settings.warehouse.with_suffix(".erasure-key")


def current_erasure(settings: Settings, con: duckdb.DuckDBPyConnection) -> Erasure | None:
    """Return what tells the rows of erased persons; None when nobody was erased.

    Raises:
        JobError: there are tombstones and no key to read them with; nothing was written.
    """
    if not _has_tombstones(con):
        return None
    return Erasure(_read_key(key_file(settings)), identity_rules(settings))


def begin_erasure(settings: Settings, con: duckdb.DuckDBPyConnection) -> Erasure:
    """Return what tells the rows of erased persons, with a new key at the first erasure.

    Raises:
        JobError: there are tombstones and no key to read them with; nothing was written.
    """
    path = key_file(settings)
    if not path.exists() and not _has_tombstones(con):
        _write_key(path)
    return Erasure(_read_key(path), identity_rules(settings))


def identity_rules(settings: Settings) -> IdentityRules:
    """Return what the configuration says of the identifiers and the time of a message."""
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
            f"The key of erased persons {path} cannot be read ({error.strerror}), and without it"
            " they would come back; put it back from your backup and run again."
        ) from error
    if len(key) != KEY_BYTES:
        raise JobError(
            f"{path} holds {len(key)} bytes and not the {KEY_BYTES} of the key of erased persons;"
            " put it back from your backup and run again."
        )
    return key


def _write_key(path: Path) -> None:
    """Write a new key that only this user may read; a crash leaves a whole key or none."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
