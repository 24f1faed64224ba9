"""Identities of awkward shapes, each against what is worked out by hand.

All shapes share one warehouse and two nights.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.ingest.run import ingest
from jobs.warehouse import marts_file, open_marts
from tests.warehouse.nights import Row, build_tables, published, write_settings
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.times import MICROSECOND
from tests.warehouse.shapes import (
    CHAIN,
    CLIQUE,
    DEVICES,
    FIRST_NIGHT,
    HOUR,
    MINUTE,
    SECOND_NIGHT,
    STAR,
    START,
    chain_links,
    land,
    many_devices,
)


@dataclass
class Nights:
    """The warehouse after the first and after the second night."""

    first: Path
    second: Path

    def person_of(self, prefix: str, *, night: Path | None = None) -> dict[str | None, int]:
        """How many intervals of identifiers that begin with `prefix` each person owns."""
        rows = self.rows(f"from dim_identifiers where starts_with(id_value, '{prefix}')", night)
        return dict(Counter(row["person_id"] for row in rows))

    def person(self, person_id: str) -> Row:
        [row] = self.rows(f"from dim_persons where person_id = '{person_id}'")
        return row

    def rows(self, sql: str, night: Path | None = None) -> list[Row]:
        return published(night or self.second, sql)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("shapes")
    job = write_settings(folder, OracleSettings())
    landing = folder / "landing" / "web"
    landing.mkdir(parents=True)
    tables = ["dim_identifiers", "dim_persons", "fct_identity_links", "fct_identity_merges"]
    land(many_devices(), landing / "many_devices.parquet")
    land(FIRST_NIGHT, landing / "first.parquet")
    ingest(job)
    build_tables(job, *tables, full_refresh=True)
    first = folder / "first.duckdb"
    with open_marts(job) as con:
        # A copy of the files alone holds nothing of their logs.
        con.execute("checkpoint")
        con.execute("checkpoint publication")
    shutil.copy(job.warehouse, first)
    shutil.copy(marts_file(job), folder / "first.marts.duckdb")
    land(SECOND_NIGHT, landing / "second.parquet")
    ingest(job)
    build_tables(job, *tables, "dq_findings")
    return Nights(first, job.warehouse)


@pytest.mark.parametrize("order", ["increasing", "decreasing", "shuffled"])
def test_shapes_a_chain_is_one_person_in_whatever_order_its_links_came(
    nights: Nights, order: str
) -> None:
    links = chain_links(order)
    earliest = links.index(0)
    person_id = f"anonymous_id:{order}-a{(earliest + 1) // 2}"
    assert nights.person_of(f"{order}-") == {person_id: 2 * CHAIN}
    assert nights.person(person_id) == {
        "person_id": person_id,
        "is_identified": False,
        "first_seen_at": START,
        "last_seen_at": START + (len(links) - 1) * MINUTE,
        "user_id_count": 0,
        "anonymous_id_count": CHAIN,
        "email": None,
    }
    ends = nights.rows(
        "select id_value from dim_identifiers"
        f" where starts_with(id_value, '{order}-') and link_count = 1 order by all"
    )
    assert [row["id_value"] for row in ends] == [f"{order}-a0", f"{order}-v{CHAIN - 1}"]


def test_shapes_a_user_with_many_devices_is_one_person_and_a_finding_but_no_hub(
    nights: Nights,
) -> None:
    assert nights.person_of("big") == {"user_id:big": DEVICES + 1}
    row = nights.person("user_id:big")
    assert (row["user_id_count"], row["anonymous_id_count"]) == (1, DEVICES)
    assert (row["first_seen_at"], row["last_seen_at"]) == (
        START,
        START + timedelta(seconds=DEVICES - 1),
    )
    assert nights.rows(
        "select link_count, is_blocked from dim_identifiers where id_value = 'big'"
    ) == [{"link_count": DEVICES, "is_blocked": False}]
    assert nights.rows(
        "select check_name, subject, finding_count from dq_findings where subject like '%:big%'"
    ) == [{"check_name": "many_devices", "subject": "user_id:big", "finding_count": DEVICES}]


def test_shapes_a_device_of_exactly_max_links_users_is_shared_and_one_more_makes_a_hub(
    nights: Nights,
) -> None:
    def device(name: str, night: Path) -> Counter[tuple[Any, ...]]:
        rows = nights.rows(f"from dim_identifiers where id_value = '{name}'", night)
        return Counter((row["is_blocked"], row["link_count"]) for row in rows)

    for night in (nights.first, nights.second):
        assert device("hundred", night) == {(False, 100): 100}
        assert device("hub", night) == {(True, 101): 1}
        assert nights.person_of("hub-u", night=night) == {
            f"user_id:hub-u{i}": 1 for i in range(101)
        }
    assert device("growing", nights.first) == {(False, 100): 100}
    assert device("growing", nights.second) == {(True, 101): 1}
    hubs = nights.rows("select subject from dq_findings where check_name = 'hub_identifier'")
    assert {row["subject"] for row in hubs} == {"anonymous_id:hub", "anonymous_id:growing"}


def test_shapes_a_clique_of_users_is_the_first_of_them(nights: Nights) -> None:
    assert nights.person_of("clique-") == {"user_id:clique-u0": CLIQUE}
    assert nights.person("user_id:clique-u0")["user_id_count"] == CLIQUE
    [links] = nights.rows(
        "select count(*) as links, min(observations) as least, max(observations) as most"
        " from fct_identity_links where starts_with(id_value_a, 'clique-')"
    )
    assert links == {"links": CLIQUE * (CLIQUE - 1) // 2, "least": 1, "most": 1}


def test_shapes_a_clique_of_devices_and_visitor_ids_is_one_person(nights: Nights) -> None:
    assert nights.person_of("mesh-") == {"anonymous_id:mesh-a0": 2 * CLIQUE}
    [links] = nights.rows(
        "select count(*) as links from fct_identity_links where starts_with(id_value_a, 'mesh-')"
    )
    assert links == {"links": CLIQUE * CLIQUE}


def test_shapes_two_stars_are_one_person_since_a_late_link(nights: Nights) -> None:
    early, late = "anonymous_id:early-a0", "anonymous_id:late-a0"
    assert nights.person_of("early-", night=nights.first) == {early: STAR + 1}
    assert nights.person_of("late-", night=nights.first) == {late: STAR + 1}
    assert nights.person_of("early-") == nights.person_of("late-") == {early: STAR + 1}
    row = nights.person(early)
    assert row["anonymous_id_count"] == 2 * STAR
    assert (row["first_seen_at"], row["last_seen_at"]) == (START, START + 48 * HOUR)
    assert nights.rows(f"from dim_persons where person_id = '{late}'") == []


def test_shapes_a_loop_of_aliases_is_the_first_of_them(nights: Nights) -> None:
    assert nights.person_of("loop-") == {"user_id:loop-a": 3}
    assert nights.person("user_id:loop-a")["user_id_count"] == 3


def test_shapes_a_device_shared_by_ten_users_belongs_to_each_until_their_login(
    nights: Nights,
) -> None:
    cuts = [START + i * HOUR + MICROSECOND for i in range(1, 10)]
    assert nights.rows(
        "select person_id, owned_from, owned_to from dim_identifiers where id_value = 'shared'"
        " order by owned_from nulls first"
    ) == [
        {"person_id": f"user_id:shared-u{i}", "owned_from": owned_from, "owned_to": owned_to}
        for i, owned_from, owned_to in zip(range(1, 11), [None, *cuts], [*cuts, None], strict=True)
    ]
    browsed = nights.rows(
        "select message_id, person_id from fct_events where starts_with(message_id, 'browsed-')"
    )
    assert {row["message_id"]: row["person_id"] for row in browsed} == {
        f"browsed-{i}": f"user_id:shared-u{min(i, 10)}" for i in range(1, 12)
    }


def test_shapes_persons_that_became_part_of_others_are_kept_with_the_link(nights: Nights) -> None:
    merged = nights.rows("select * exclude (run_id) from fct_identity_merges")
    by_shape = Counter(_shape(row["absorbed_person_id"]) for row in merged)
    links = chain_links("shuffled")
    # A link joins two persons when the chain had been seen on both sides of it.
    peaks = sum(
        link > max(before, after)
        for before, link, after in zip(links, links[1:], links[2:], strict=False)
    )
    assert by_shape == {"shuffled": peaks, "clique": CLIQUE - 1, "loop": 2, "shared": 1, "late": 1}
    into = {
        row["absorbed_person_id"]: row["person_id"]
        for row in merged
        if _shape(row["absorbed_person_id"]) != "shuffled"
    }
    assert into == {
        "anonymous_id:late-a0": "anonymous_id:early-a0",
        "anonymous_id:shared": "user_id:shared-u1",
        "user_id:loop-b": "user_id:loop-a",
        "user_id:loop-c": "user_id:loop-a",
        **{f"user_id:clique-u{i}": "user_id:clique-u0" for i in range(1, CLIQUE)},
    }
    assert [row for row in merged if row["absorbed_person_id"] == "anonymous_id:late-a0"] == [
        {
            "absorbed_person_id": "anonymous_id:late-a0",
            "person_id": "anonymous_id:early-a0",
            "id_type_a": "anonymous_id",
            "id_value_a": "early-a7",
            "id_type_b": "mutiny_visitor_id",
            "id_value_b": "late-v",
            "message_id": "the-link",
            "occurred_at": START + 48 * HOUR,
        }
    ]


def test_shapes_nobody_takes_over_a_device_after_the_last_instant(nights: Nights) -> None:
    assert nights.rows(
        "select person_id, owned_from, owned_to from dim_identifiers where id_value = 'end'"
    ) == [{"person_id": "user_id:end-u1", "owned_from": None, "owned_to": None}]
    assert nights.person("user_id:end-u2")["last_seen_at"] == datetime.max


def _shape(person_id: str) -> str:
    return person_id.partition(":")[2].partition("-")[0]
