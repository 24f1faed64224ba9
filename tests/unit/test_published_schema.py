"""Others build on the published tables: what breaks them needs another schema version."""

from __future__ import annotations

from pathlib import Path

import duckdb

from jobs.config import load_settings
from jobs.publication import SCHEMA_VERSION, published_file
from tests.published_schema import FILE, current, why_not

BEFORE = "schema version 1\n\nt key a\nt.a VARCHAR not null\nt.b BIGINT\n"


def test_published_schema_is_the_committed_one() -> None:
    committed, fresh = FILE.read_text(), current()
    assert committed == fresh, (
        why_not(committed, fresh)
        or "the published columns changed; run `python -m tests.published_schema` and commit"
    )


def test_published_schema_may_grow_but_not_change_within_a_version() -> None:
    assert why_not(BEFORE, f"{BEFORE}t.c DATE\n") is None
    for old, new in (("t.b BIGINT\n", ""), ("BIGINT", "DOUBLE"), ("key a", "key a, b")):
        changed = BEFORE.replace(old, new)
        assert "raise SCHEMA_VERSION" in str(why_not(BEFORE, changed))
        assert why_not(BEFORE, changed.replace("version 1", "version 2")) is None


def test_published_file_has_the_committed_columns(published_sample: Path) -> None:
    path = published_file(load_settings(published_sample / "lift.yml"))
    with duckdb.connect(str(path), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name, data_type, is_nullable, table_name in"
            " (select view_name from duckdb_views()) as is_view"
            " from duckdb_columns() where not internal"
        ).fetchall()
        assert con.execute("select schema_version()").fetchall() == [(SCHEMA_VERSION,)]
    lines = {line for line in FILE.read_text().splitlines() if " key " not in line}
    found = {
        f"{table}.{name} {kind}{'' if is_nullable or is_view else ' not null'}"
        for table, name, kind, is_nullable, is_view in columns
    }
    in_views = {table for table, *_, is_view in columns if is_view}
    expected = {line for line in lines if "." in line}
    expected = {
        line.removesuffix(" not null") if line.split(".")[0] in in_views else line
        for line in expected
    }
    assert expected <= found
    more = {line for line in found - expected if ".surrogate_key " not in line}
    assert {line.split(".")[0] for line in more} == {"fct_experience_cube", "help"}
