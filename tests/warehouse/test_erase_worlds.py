"""An erased person leaves what would be there had they never been, in small adversarial worlds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.erase.run import erase
from jobs.nightly.run import nightly
from tests.warehouse.nights import (
    make_worlds,
    published,
    published_tables,
    run_in_one_night,
    write_settings,
)
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.values import scalar_text
from tests.warehouse.worlds import write_landing

pytestmark = pytest.mark.slow

WHOLE_DEVICES = """
    select id_type, id_value, person_id from dim_identifiers
    where id_type in ('anonymous_id', 'mutiny_visitor_id')
        and owned_from is null and owned_to is null
"""
WORLDS = 60
# One user a world: the smallest id that begins with the world's name.
USERS = """
select min(id_value) as user_id
from dim_identifiers
where id_type = 'user_id' and id_value similar to 'w[0-9]+-u[0-9]'
group by split_part(id_value, '-', 1)
"""
PERSONS = """
select id_value as user_id, person_id
from dim_identifiers
where id_type = 'user_id' and person_id in (
    select person_id from dim_identifiers where id_type = 'user_id' and id_value in {users}
)
"""


def renumbered(messages: Iterable[RawMessage]) -> list[RawMessage]:
    """The same rows, numbered from 1 in each file."""
    rows: Counter[tuple[str, str]] = Counter()
    found = []
    for message in sorted(messages, key=lambda m: (m.source, m.file, m.row_number)):
        rows[message.source, message.file] += 1
        found.append(replace(message, row_number=rows[message.source, message.file]))
    return found


def plain(messages: Iterable[RawMessage]) -> list[RawMessage]:
    """Without what erasure judges by a rule of its own.

    That is one message's id, or all of one without id, on another, which would succeed it; an alias
    without a userId, which is theirs whom it names; and what is excluded, whose userId may be
    nobody's and keeps it all the same.
    """
    named = {
        message.payload.get("messageId") or json.dumps(message.payload, sort_keys=True): message
        for message in messages
    }
    return renumbered(
        message
        for message in named.values()
        if "bot" not in str(message.payload.get("context"))
        and (message.payload.get("type") != "alias" or scalar_text(message.payload.get("userId")))
    )


def names_them(
    message: RawMessage, owner: str | None, names: set[str], weak: set[tuple[str, str]]
) -> bool:
    """Whether a message of nobody identified names somebody erased all the same.

    An alias that names them is theirs, whoever sent it; so is what Engage, or an alias without a
    usable userId, says of a device that was theirs alone.
    """
    payload = message.payload
    previous = scalar_text(payload.get("previousId")) if payload.get("type") == "alias" else None
    if previous in names:
        return True
    if owner is not None and owner.startswith(("user_id:", "email:")):
        return False
    traits = payload.get("traits") if payload.get("type") == "identify" else None
    visitor = scalar_text(traits.get("mutinyVisitorId")) if isinstance(traits, dict) else None
    return ("anonymous_id", previous) in weak or ("mutiny_visitor_id", visitor) in weak


def test_erase_leaves_worlds_as_if_the_persons_had_never_been(tmp_path: Path) -> None:
    messages, settings = make_worlds(20_261_122, WORLDS, merge_on_email=True)
    messages = plain(messages)
    job = write_settings(tmp_path / "erased", settings)
    written = write_landing(messages, tmp_path / "erased" / "landing")
    path = nightly(job).publication
    users = [row["user_id"] for row in published(path, USERS)]
    assert len(users) > WORLDS / 2
    found = published(path, PERSONS.format(users=tuple(users)))
    names = {row["user_id"] for row in found}
    persons = {row["person_id"] for row in found}
    weak = {
        (row["id_type"], row["id_value"])
        for row in published(path, WHOLE_DEVICES)
        if row["person_id"] in persons
    }
    owners = {
        (row["file"], row["row_number"]): row["person_id"]
        for row in published(path, "select file, row_number, person_id from fct_events")
    }
    landing = tmp_path / "erased" / "landing"
    files = {key: str(file.relative_to(landing)) for key, file in written.items()}
    left = [
        message
        for message in messages
        if (owner := owners.get((files[message.source, message.file], message.row_number)))
        not in persons
        and not names_them(message, owner, names, weak)
    ]
    never = run_in_one_night(tmp_path / "never", renumbered(left), settings)
    erase(job, users)
    found_then, without_them = published_tables(path), published_tables(never)
    assert without_them["fct_exposures"]
    for table, expected in without_them.items():
        assert found_then[table] == expected, table
