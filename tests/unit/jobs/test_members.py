"""`lift export --members`: who can be written to, over a publication made by hand."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.test_nightly import lift

TABLES = """
create table dim_user_segments (user_segment varchar, origin varchar);
insert into dim_user_segments values
    ('small', 'rule'), ('small', 'served'), ('Bob''s', 'rule'), ('large', 'rule'),
    ('[red]', 'rule');
create table fct_user_segment_memberships (
    person_id varchar, user_segment varchar, origin varchar, member_to timestamp
);
insert into fct_user_segment_memberships values
    ('user_id:u2', 'small', 'rule', null), ('user_id:u1', 'small', 'rule', '2026-01-01'),
    ('user_id:u1', 'small', 'rule', null), ('user_id:u1', 'small', 'served', null),
    ('user_id:u3', 'small', 'rule', null), ('user_id:u4', 'small', 'rule', '2026-01-01'),
    ('user_id:u4', 'Bob''s', 'rule', null),
    (E'\\x1b[31m[/b]', '[red]', 'rule', null);
create table dim_persons (person_id varchar, email varchar);
insert into dim_persons values
    ('user_id:u1', 'ada@x.com'), ('user_id:u2', 'bob@x.com'), ('user_id:u3', null),
    ('user_id:u4', '"x, y"@x.com'), (E'\\x1b[31m[/b]', 'a@x.com');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lift.yml").write_text("landing: landing\npublish: published\n")
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "lift.duckdb")) as con:
        con.execute(TABLES)
    return tmp_path


@pytest.mark.parametrize(
    ("segment", "lines"),
    [
        ("small", ["user_id:u1,ada@x.com", "user_id:u2,bob@x.com"]),
        ("Bob's", ['user_id:u4,"""x, y""@x.com"']),
        ("large", []),
    ],
)
def test_members_are_those_of_now_with_an_email(
    segment: str, lines: list[str], folder: Path
) -> None:
    done = lift("export", "--members", segment, folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["person_id,email", *lines]
    assert {path.name for path in folder.rglob("*")} == {"lift.yml", "published", "lift.duckdb"}


def test_members_of_an_unknown_segment_is_a_usage_error(folder: Path) -> None:
    done = lift("export", "--members", "smal", folder=folder)
    assert done.returncode == 2
    assert "did you mean small?" in done.stderr
    assert done.stdout == ""


def test_members_steer_no_terminal_and_come_as_they_are_to_a_file(folder: Path) -> None:
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "jobs.cli", "export", "--members", "[red]"]
    subprocess.run(command, cwd=folder, stdout=terminal, check=True)
    assert os.read(reader, 1000).splitlines()[1] == rb"\x1b[31m[/b],a@x.com"
    shown = lift("export", "--members", "[red]", folder=folder).stdout
    assert shown.splitlines()[1] == "\x1b[31m[/b],a@x.com"
