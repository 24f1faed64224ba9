"""Identity against the oracle, over thousands of small adversarial histories, after every night.

The histories share one warehouse. Their files land in random order, some are rewritten in place and
one is removed, so that links appear, change and disappear; after every night each table must hold
what follows from what lies there then, and a full refresh in a new warehouse must hold the same.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from jobs.ingest.run import ingest
from tests.warehouse.landings import history_of, landings
from tests.warehouse.nights import (
    COMPARED,
    build_tables,
    make_histories,
    published,
    write_settings,
)
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.worlds import write_landing

HISTORIES = 1_500
NIGHTS = 4
STARTED_AT = datetime(2090, 1, 1)  # after everything that is received in earnest
KEYS = {
    "fct_identity_links": ["id_type_a", "id_value_a", "id_type_b", "id_value_b"],
    "dim_identifiers": ["id_type", "id_value", "owned_from"],
    "dim_persons": ["person_id"],
    "fct_identity_merges": ["absorbed_person_id"],
} | COMPARED


@pytest.mark.parametrize(
    ("seed", "merge_on_email"), [(1, False), (2, True)], ids=["users", "users_and_emails"]
)
def test_histories_identity_is_what_follows_from_what_lies_there_every_night(
    seed: int, merge_on_email: bool, tmp_path: Path
) -> None:
    messages, settings = make_histories(seed, HISTORIES, merge_on_email=merge_on_email)
    job = write_settings(tmp_path, settings)
    for night, landed in enumerate(landings(Random(seed), messages, NIGHTS), start=1):
        shutil.rmtree(tmp_path / "landing", ignore_errors=True)
        write_landing(landed, tmp_path / "landing")
        ingest(job, prune=True)
        build_tables(job, *KEYS, full_refresh=night == 1)
        found = Oracle(landed, settings, STARTED_AT)
        _assert_identity(job.warehouse, found, f"night {night}")
    job.warehouse.rename(tmp_path / "nights.duckdb")
    ingest(job)
    build_tables(job, *KEYS, full_refresh=True)
    _assert_identity(job.warehouse, found, "full refresh")


def _assert_identity(warehouse: Path, found: Oracle, when: str) -> None:
    for table, keys in KEYS.items():
        try:
            assert_same_rows(getattr(found, table), published(warehouse, f"from {table}"), keys)
        except AssertionError as error:
            raise AssertionError(f"{when}, {table}: {error}\n{_told(found, str(error))}") from None


def _told(found: Oracle, error: str) -> str:
    """The messages of the first history that an error names, in order."""
    history = history_of(error)
    return f"history {history}, in order:\n" + "\n".join(
        f"  {message.occurred_at} {message.received_at} {message.message_id}: {message.type}"
        f" user={message.user_id!r} anonymous={message.anonymous_id!r}"
        f" previous={message.previous_id!r} traits={message.traits}"
        f"{'' if message.is_behaviour else ' (no behaviour)'}"
        for message in found.identity.messages
        if history_of(message) == history
    )
