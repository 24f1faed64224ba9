"""The vendors' documented identity examples, each against every row we publish of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jobs.ingest.run import ingest
from tests.warehouse.documented import MAX_LINKS, STORIES
from tests.warehouse.nights import build_tables, published, write_settings
from tests.warehouse.stories import Story
from tests.warehouse.worlds import world_settings, write_landing

IDENTITY = Path(__file__).parents[2] / "docs" / "identity.md"

each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
Read = Callable[[Story, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Reads a table's rows of one story; a build for those that merge on email, one for all."""

    @cache
    def warehouse(merge_on_email: bool) -> Path:
        folder = tmp_path_factory.mktemp("documented")
        settings = world_settings(max_links=MAX_LINKS, merge_on_email=merge_on_email)
        job = write_settings(folder, settings)
        stories = [story for story in STORIES if story.merge_on_email == merge_on_email]
        write_landing((line for story in stories for line in story.messages()), folder / "landing")
        ingest(job)
        build_tables(job, "fct_events", "dim_identifiers", "dim_persons", "dq_findings")
        return job.warehouse

    def read_story(story: Story, sql: str) -> list[dict[str, Any]]:
        rows = published(warehouse(story.merge_on_email), sql)
        return [_own(row, story.prefix) for row in rows if story.prefix in str(row)]

    return read_story


def _own(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name: value.replace(prefix, "") if isinstance(value, str) else value
        for name, value in row.items()
    }


@each_story
def test_documented_messages_belong_to_their_persons(story: Story, read: Read) -> None:
    rows = read(story, "select message_id, person_id from fct_events")
    assert {int(row["message_id"]): row["person_id"] for row in rows} == story.persons()


@each_story
def test_documented_identifiers_have_their_owners(story: Story, read: Read) -> None:
    rows = read(
        story,
        "select id_type, id_value, person_id, owned_from, owned_to, is_blocked"
        " from dim_identifiers",
    )
    assert {tuple(row.values()) for row in rows} == story.identifier_owners()
    assert len(rows) == len(story.identifier_owners())


@each_story
def test_documented_persons_are_counted(story: Story, read: Read) -> None:
    rows = read(story, "from dim_persons")
    assert {row["person_id"]: _counts(row) for row in rows} == _expected_counts(story)
    assert len(rows) == len(_expected_counts(story))


@each_story
def test_documented_findings_name_what_is_shared(story: Story, read: Read) -> None:
    rows = read(
        story,
        "select check_name || ' ' || subject as finding from dq_findings"
        " where check_name in ('hub_identifier', 'many_devices', 'shared_device')",
    )
    assert sorted(row["finding"] for row in rows) == sorted(story.findings)


@each_story
def test_documented_examples_stand_in_the_docs(story: Story) -> None:
    assert f"| {story.name} |" in IDENTITY.read_text(encoding="utf-8")


def _counts(row: dict[str, Any]) -> tuple[bool, int, int]:
    return row["is_identified"], row["user_id_count"], row["anonymous_id_count"]


def _expected_counts(story: Story) -> dict[str, tuple[bool, int, int]]:
    owned: dict[str, set[tuple[str, str]]] = {}
    for id_type, id_value, person, *_ in story.identifier_owners():
        if person is not None:
            owned.setdefault(person, set()).add((id_type, id_value))
    return {
        person: (
            any(id_type in ("user_id", "email") for id_type, _ in identifiers),
            sum(id_type == "user_id" for id_type, _ in identifiers),
            sum(id_type == "anonymous_id" for id_type, _ in identifiers),
        )
        for person, identifiers in owned.items()
    }
