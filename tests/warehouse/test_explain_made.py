"""`lift explain person` over publications made by hand: merges on record, and very many devices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from jobs.cli.app import main

TABLES = """
create table dim_persons (
    person_id varchar, is_identified boolean, first_seen_at timestamp, last_seen_at timestamp,
    user_id_count bigint, anonymous_id_count bigint, email varchar
);
create table dim_identifiers (
    id_type varchar, id_value varchar, person_id varchar, owned_from timestamp,
    owned_to timestamp, link_count bigint, is_blocked boolean
);
create table fct_identity_links (
    id_type_a varchar, id_value_a varchar, id_type_b varchar, id_value_b varchar,
    first_seen_at timestamp, last_seen_at timestamp, observations bigint, first_message_id varchar
);
create table fct_exposures (
    message_id varchar, vendor varchar, experience varchar, audience_segment varchar,
    variant varchar, arm varchar, person_id varchar, exposed_at timestamp, source varchar
);
create table fct_conversions (
    conversion varchar, message_id varchar, person_id varchar, converted_at timestamp,
    value decimal(18, 4), currency varchar, source varchar
);
"""
MERGES = """
create table fct_identity_merges (
    absorbed_person_id varchar, person_id varchar, id_type_a varchar, id_value_a varchar,
    id_type_b varchar, id_value_b varchar, message_id varchar, occurred_at timestamp,
    run_id varchar
)
"""
DEVICES = 100_000
# A user with that many devices, the last of which an alias brought, and a tail of devices one
# behind the other.
CROWD = f"""
insert into dim_persons
    values ('user_id:u', true, '2026-01-01', '2026-02-01', 2, {DEVICES} + 41, null);
insert into dim_identifiers
    select 'anonymous_id', 'd' || range, 'user_id:u', null, null, 1, false from range({DEVICES});
insert into dim_identifiers
    select 'anonymous_id', 't' || range, 'user_id:u', null, null, 1, false from range(41);
insert into dim_identifiers
    select 'user_id', unnest(['u', 'v']), 'user_id:u', null, null, {DEVICES}, false;
insert into fct_identity_links
    select 'anonymous_id', 'd' || range, 'user_id', 'u',
        timestamp '2026-01-01' + range * interval 1 second, timestamp '2026-02-01', 2, 'm' || range
    from range({DEVICES});
insert into fct_identity_links
    select 'anonymous_id', 't' || range, 'anonymous_id', 't' || (range + 1),
        timestamp '2026-01-01', timestamp '2026-01-01', 1, 'tail' || range
    from range(40);
insert into fct_identity_links values
    ('anonymous_id', 't0', 'user_id', 'v', '2026-01-01', '2026-01-01', 1, 'tail'),
    ('user_id', 'u', 'user_id', 'v', '2026-01-03', '2026-01-03', 1, 'alias');
insert into fct_exposures
    select 'e' || range, 'mutiny', 'Home', 'SMB', 'control', 'control', 'user_id:u',
        timestamp '2026-01-01' + range * interval 1 minute, 'web'
    from range(1000);
"""
# u absorbed w, which had absorbed the device a; b was absorbed by mistake and is nothing any more.
HISTORY = """
insert into dim_persons
    values ('user_id:u', true, '2026-01-01', '2026-01-09', 2, 1, 'x@example.com');
insert into dim_identifiers values
    ('user_id', 'u', 'user_id:u', null, null, 2, false),
    ('user_id', 'w', 'user_id:u', null, null, 2, false),
    ('anonymous_id', 'a', 'user_id:u', null, null, 1, false);
insert into fct_identity_links values
    ('user_id', 'u', 'user_id', 'w', '2026-01-05', '2026-01-05', 1, 'm-alias'),
    ('anonymous_id', 'a', 'user_id', 'w', '2026-01-03', '2026-01-04', 2, 'm-login');
"""
HISTORY_MERGES = """
insert into fct_identity_merges values
    ('user_id:w', 'user_id:u', 'user_id', 'u', 'user_id', 'w', 'm-alias', '2026-01-05', 'run2'),
    ('anonymous_id:a', 'user_id:w', 'anonymous_id', 'a', 'user_id', 'w', 'm-login', '2026-01-03',
        'run1'),
    ('anonymous_id:b', 'user_id:w', 'anonymous_id', 'b', 'user_id', 'w', 'm-gone', '2026-01-02',
        'run1');
"""
# u, v and w are one by two aliases; that u and w used one device ties them not.
ALIASES = """
insert into dim_persons values ('user_id:u', true, '2026-01-01', '2026-01-09', 3, 1, null);
insert into dim_identifiers
    select 'user_id', unnest(['u', 'v', 'w']), 'user_id:u', null, null, 2, false;
insert into dim_identifiers values ('anonymous_id', 'a', 'user_id:u', null, null, 2, false);
insert into fct_identity_links values
    ('anonymous_id', 'a', 'user_id', 'u', '2026-01-01', '2026-01-01', 1, 'login-u'),
    ('anonymous_id', 'a', 'user_id', 'w', '2026-01-01', '2026-01-01', 1, 'login-w'),
    ('user_id', 'u', 'user_id', 'v', '2026-01-05', '2026-01-05', 1, 'alias-uv'),
    ('user_id', 'v', 'user_id', 'w', '2026-01-06', '2026-01-06', 1, 'alias-vw');
"""
# Seven users, one after the other, on one device.
FAMILY = """
insert into dim_persons
    select 'user_id:u' || range, true, '2026-01-01', '2026-01-09', 1, 1, null from range(7);
insert into dim_identifiers
    select 'user_id', 'u' || range, 'user_id:u' || range, null, null, 1, false from range(7);
insert into dim_identifiers
    select 'anonymous_id', 'd', 'user_id:u' || range,
        case when range > 0 then timestamp '2026-01-01' + range * interval 1 day end,
        case when range < 6 then timestamp '2026-01-02' + range * interval 1 day end, 7, false
    from range(7);
insert into fct_identity_links
    select 'anonymous_id', 'd', 'user_id', 'u' || range, timestamp '2026-01-01',
        timestamp '2026-01-01', 1, 'm' || range
    from range(7);
"""

Explain = Callable[..., str]


@pytest.fixture
def explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Publish what the statements make, and run `lift explain person` over it."""
    config = tmp_path / "lift.yml"
    config.write_text("landing: landing\npublish: published\n")

    def run(*arguments: str, made: str, code: int = 0) -> str:
        path = tmp_path / "published" / "lift.duckdb"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            with duckdb.connect(str(path)) as con:
                con.execute(TABLES + made)
        with pytest.raises(SystemExit) as ended:
            main(["explain", "person", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.err if code else said.out

    return run


def test_merges_are_told_oldest_first_with_those_of_whom_was_absorbed(explain: Explain) -> None:
    said = explain("u", made=HISTORY + MERGES + ";" + HISTORY_MERGES)
    merges = said.split("Merges over time\n")[1].split("\nExposures")[0]
    assert " ".join(merges.split()) == (
        "2026-01-02 00:00:00 user_id:w absorbed anonymous_id:b"
        " by anonymous_id:b and user_id:w message m-gone"
        " 2026-01-03 00:00:00 user_id:w absorbed anonymous_id:a"
        " by anonymous_id:a and user_id:w message m-login"
        " 2026-01-05 00:00:00 user_id:u absorbed user_id:w"
        " by user_id:u and user_id:w message m-alias"
    )


def test_merges_are_none_in_a_publication_without_their_table(explain: Explain) -> None:
    assert "Merges over time\n  none\n" in explain("u", made=HISTORY)


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("user_id:w", "2026-01-05 00:00:00  user_id:u absorbed user_id:w"),
        ("w", "2026-01-05 00:00:00  user_id:u absorbed user_id:w"),
        ("a", "2026-01-03 00:00:00  user_id:w absorbed anonymous_id:a"),
        ("anonymous_id:b", "2026-01-02 00:00:00  user_id:w absorbed anonymous_id:b"),
    ],
)
def test_absorbed_person_says_by_whom_and_goes_on_with_that_one(
    asked: str, first: str, explain: Explain
) -> None:
    said = explain(asked, made=HISTORY + MERGES + ";" + HISTORY_MERGES)
    assert said.splitlines()[0] == first
    assert "\nPerson user_id:u\n" in said


def test_merges_that_went_round_in_a_circle_are_told_once(explain: Explain) -> None:
    circle = (
        "insert into fct_identity_merges values"
        " ('user_id:u', 'user_id:w', 'user_id', 'u', 'user_id', 'w', 'm', '2026-01-01', 'run0')"
    )
    said = explain(
        "u", "--log-format", "json", made=HISTORY + MERGES + ";" + HISTORY_MERGES + circle
    )
    merges = [json.loads(line) for line in said.splitlines() if '"kind": "merge"' in line]
    assert [merge["message_id"] for merge in merges] == ["m", "m-gone", "m-login", "m-alias"]


@pytest.mark.parametrize("pair", [("u", "w"), ("w", "u"), ("a", "v")])
def test_chain_within_a_person_leads_over_aliases_and_never_back_through_a_device(
    pair: tuple[str, str], explain: Explain
) -> None:
    said = explain(*pair, made=ALIASES)
    chain = said.split("\n\n")[0]
    messages = [word for word in chain.split() if word.startswith(("login-", "alias-"))]
    assert (
        messages
        == {
            ("u", "w"): ["alias-uv", "alias-vw"],
            ("w", "u"): ["alias-vw", "alias-uv"],
            ("a", "v"): ["login-u", "alias-uv"],
        }[pair]
    )
    tree = said.split("Why these are one person")[1].split("Merges over time")[0]
    assert "    user_id:v  always\n" in tree
    assert "      user_id:w  always\n        alias" in tree


def test_device_of_many_users_shows_the_first_of_them(explain: Explain) -> None:
    said = explain("d", made=FAMILY)
    assert "anonymous_id:d belonged to 7 persons" in said
    assert said.count("\nPerson ") == 5
    assert "\nand 2 more persons: --all shows them\n" in said
    assert explain("d", "--all", made=FAMILY).count("\nPerson ") == 7


def test_person_of_very_many_devices_is_cut_and_says_so(explain: Explain) -> None:
    said = explain("u", made=CROWD)
    tree = said.split("Why these are one person")[1].split("Merges over time")[0]
    shown = [line.split()[0] for line in tree.splitlines() if "always" in line]
    assert len(shown) == 20
    assert {"user_id:u", "user_id:v", "anonymous_id:d0"} <= set(shown)
    assert f"and {DEVICES + 43 - 20:,} more identifiers: --all shows them" in tree
    assert f"and {1_000 + DEVICES + 1 - 50:,} more lines: --all shows them" in said


def test_person_of_very_many_devices_is_shown_whole_when_asked(explain: Explain) -> None:
    said = explain("u", "--all", "--log-format", "json", made=CROWD)
    kinds = [line.split('"')[3] for line in said.splitlines()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "person": 1, "identifier": DEVICES + 43, "link": DEVICES + 42, "exposure": 1_000
    }  # fmt: skip


def test_chain_may_be_as_long_as_the_devices_are(explain: Explain) -> None:
    said = explain("t40", "user_id:u", made=CROWD)
    chain = said.split("\n\n")[0]
    assert chain.count("->") == 42
    assert "are one person" in chain
