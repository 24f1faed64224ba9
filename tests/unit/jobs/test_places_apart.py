"""What the job writes, reads and deletes lies apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import SettingsError, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("real").mkdir()
    Path("link").symlink_to("real")


def problems(text: str) -> list[str]:
    Path("lift.yml").write_text(text)
    try:
        load_settings(Path("lift.yml"))
    except SettingsError as error:
        return [
            str(problem).replace(f"{Path.cwd()}/", "").replace(f"{Path.cwd()} ", ". ")
            for problem in error.problems
        ]
    return []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("landing: .", "lift.yml:1: landing", ". contains var/warehouse.duckdb (warehouse)"),
        (
            "landing: l\nwarehouse: var/published/lift.duckdb\npublish: var/published",
            "lift.yml:3: publish",
            "var/published contains var/published/lift.duckdb (warehouse)",
        ),
        (
            "landing: l\nwarehouse: var/published/lift.duckdb",
            "lift.yml:2: warehouse",
            "is inside var/published (publish)",
        ),
        ("landing: l\npublish: var", "lift.yml:2: publish", "contains var/warehouse.duckdb"),
        ("landing: l\npublish: l", "lift.yml:2: publish", "l is l (landing)"),
        ("landing: l\npublish: l/out", "lift.yml:2: publish", "l/out is inside l (landing)"),
        ("landing: var/published/in", "lift.yml:1: landing", "is inside var/published (publish)"),
        ("landing: l\nwarehouse: l/w.duckdb", "lift.yml:1: landing", "l contains l/w.duckdb"),
        ("landing: x/../var/published", "lift.yml:1: landing", "is var/published (publish)"),
        ("landing: link/landing\npublish: real", "lift.yml:2: publish", "real contains link"),
        ("landing: Landing\npublish: landing/out", "lift.yml:2: publish", "is inside Landing"),
        ("landing: l\npublish: var/dbt", "lift.yml:2: publish", "dbt's files beside"),
        ("landing: var/warehouse.duckdb.tmp/l", "lift.yml:1: landing", "temporary files"),
        ("landing: l\nresources: {temp: l/t}", "lift.yml:2: resources.temp", "is inside l"),
        ("landing: l\nresources:\n  temp: .", "lift.yml:3: resources.temp", "contains l"),
        (
            "landing: l\ncrm:\n  leads: var/published/leads.csv",
            "lift.yml:3: crm.leads",
            "is inside var/published (publish)",
        ),
        ("landing: l\ncrm: {contacts: l/c.parquet}", "lift.yml:2: crm.contacts", "is inside l"),
    ],
)
def test_places_that_contain_one_another_are_a_mistake(text: str, place: str, words: str) -> None:
    found = problems(text)
    named = [problem for problem in found if words in problem]
    assert named[0].startswith(f"{place} ")
    assert named[0].endswith("use separate folders")


@pytest.mark.parametrize(
    "text",
    [
        "landing: landing",
        "landing: s3://bucket/published\npublish: published",
        "landing: var/landing\nresources: {temp: var/warehouse.duckdb.tmp}",
        "landing: landing\nwarehouse: warehouse.duckdb\npublish: published\nresources: {temp: tmp}",
        "landing: real/landing\nwarehouse: real/w.duckdb\npublish: real/landing-published",
        "landing: landing\ncrm: {leads: crm/leads.csv, contacts: crm/contacts.parquet}",
    ],
)
def test_places_that_lie_apart_are_none(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(("text", "pairs"), [("landing: l\npublish: var", 1), ("landing: .", 2)])
def test_places_are_reported_once_for_each_pair_of_keys(text: str, pairs: int) -> None:
    assert len(problems(text)) == pairs
