"""`lift explain experience --members`, and units that are no persons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.jobs import test_explain_experience as by_hand
from tests.unit.jobs.test_explain_experience import (
    CONFIG,
    EVENTS,
    RECEPTIONS,
    TABLES,
    WORLD,
    Explain,
    _outcomes,
    _records,
)

explain = by_hand.explain
HEADER = (
    "vendor,experience,audience_segment,period,unit_type,unit_id,variant,arm,first_exposed_at,"
    "is_crossover,converted_signup,converted_order"
)


def test_members_are_the_units_of_every_vendor_with_what_they_converted(explain: Explain) -> None:
    assert explain("Home", "--members").splitlines() == [
        HEADER,
        "mutiny,Home,(all),,person,c,control,control,2026-01-02 00:00:00,false,true,false",
        "mutiny,Home,(all),,person,v,v,personalized,2026-01-02 00:00:00,false,true,true",
        "mutiny,Home,(all),,person,x,control,control,2026-01-02 00:00:00,true,true,false",
        "split,Home,(all),,person,c,on,personalized,2026-01-05 00:00:00,false,false,false",
    ]


def test_members_of_a_segment_and_an_arm(explain: Explain) -> None:
    said = explain("Home", "--members", "--segment", "Large", "--arm", "control")
    assert [line.split(",")[5] for line in said.splitlines()] == ["unit_id", "x"]


def test_members_honour_what_the_vendor_received(explain: Explain) -> None:
    refused = (
        WORLD
        + """
    delete from fct_attributions;
    insert into rpt_unattributed_conversions values
        ('signup', 'inside', 'mutiny', 'source_not_connected', null);
    """
    )
    said = explain("Home", "--members", "--arm", "personalized", made=refused)
    assert said.splitlines()[1].endswith(",v,v,personalized,2026-01-02 00:00:00,false,false,false")


def test_members_of_a_crossover_that_is_left_out_tell_that_it_converted(explain: Explain) -> None:
    config = CONFIG + "statistics: {crossover: exclude}\n"
    said = explain("Home", "--members", "--conversion", "signup", config=config)
    assert said.splitlines()[3].endswith(",x,control,control,2026-01-02 00:00:00,true,true")


def test_members_are_one_object_a_line_in_json(explain: Explain) -> None:
    said = explain("Home", "--members", "--conversion", "order", "--log-format", "json")
    assert json.loads(said.splitlines()[1]) == {
        "vendor": "mutiny", "experience": "Home", "audience_segment": "(all)", "period": None,
        "unit_type": "person", "unit_id": "v", "variant": "v", "arm": "personalized",
        "first_exposed_at": "2026-01-02T00:00:00.000000", "is_crossover": False,
        "converted_order": True,
    }  # fmt: skip


def test_members_may_have_conversions_of_any_name(explain: Explain) -> None:
    config = CONFIG.replace("name: signup", "name: 'it''s \"it\"'")
    said = explain("Home", "--members", config=config)
    assert said.splitlines()[0].endswith(',"converted_it\'s ""it""",converted_order')


# Accounts A and B; devices d (of p, first) and e (of p too), and one whose id is blocked.
ACCOUNTS = """
insert into fct_exposures values
    ('e1', 'mutiny', 'Home', null, 'v', 'personalized', 'p', '2026-01-02', 'web'),
    ('e2', 'mutiny', 'Home', null, 'v', 'personalized', 'p', '2026-01-03', 'web');
insert into fct_events values
    ('e1', 'p', '2026-01-02', '2026-01-02', 'd', null, 'A', '{}'),
    ('e2', 'p', '2026-01-03', '2026-01-03', 'e', null, null, '{"groupId": "B"}'),
    ('by A', 'q', '2026-01-04', '2026-01-04', 'd', null, 'A', '{}'),
    ('by B', 'q', '2026-01-04', '2026-01-04', 'e', null, '', '{"groupId": "B"}'),
    ('by C', 'p', '2026-01-04', '2026-01-04', 'f', null, 'C', '{}'),
    ('by none', 'p', '2026-01-02 12:00', '2026-01-04', null, null, null, '{}'),
    ('by null', 'p', '2026-01-04', '2026-01-04', ' NULL', null, null, '{}'),
    ('by hub', 'p', '2026-01-04', '2026-01-04', 'hub', null, null, '{}');
insert into dim_identifiers values ('anonymous_id', 'hub', true), ('user_id', 'd', true);
insert into fct_conversions select 'signup', message_id, person_id, occurred_at from fct_events
    where message_id like 'by %';
insert into rpt_unattributed_conversions select 'signup', message_id, 'mutiny', 'never_exposed',
    null from fct_conversions;
"""


def _world(unit_type: str, units: str) -> str:
    return (
        TABLES
        + RECEPTIONS
        + EVENTS
        + ACCOUNTS
        + f"""
    insert into fct_assignments
        select 'mutiny', 'Home', '(all)', null, '{unit_type}', unit, 'v', 'personalized', seen_at,
            seen_at, 1, false
        from (values {units}) as units (unit, seen_at);
    """
    )


def test_a_conversion_is_of_the_account_its_message_names(explain: Explain) -> None:
    made = _world("account", "('A', timestamp '2026-01-02'), ('B', timestamp '2026-01-03')")
    assert _outcomes(_records(explain, "Home", made=made)) == {
        "counted": 2, "never_exposed": 1, "without_unit": 3,
    }  # fmt: skip


def test_a_conversion_without_a_device_is_of_the_one_its_person_was_first_exposed_on(
    explain: Explain,
) -> None:
    # Those without a device, with a blocked one and with a hub are of d, as p saw it there first.
    devices = "('d', timestamp '2026-01-02'), ('e', timestamp '2026-01-03')"
    made = _world("anonymous_id", devices)
    assert _outcomes(_records(explain, "Home", made=made)) == {"counted": 5, "never_exposed": 1}
    said = explain("Home", "--members", "--conversion", "signup")
    assert [line.split(",")[-1] for line in said.splitlines()[1:]] == ["true", "true"]


def test_units_other_than_persons_need_the_events(explain: Explain) -> None:
    made = _world("account", "('A', timestamp '2026-01-02')") + "drop table fct_events;"
    assert _outcomes(_records(explain, "Home", made=made)) == {"without_unit": 6}
    assert "The publication has no events" in " ".join(explain("Home").split())


@pytest.mark.parametrize("events", ["parquet", "gone"])
def test_events_are_read_from_parquet_where_they_still_lie(
    explain: Explain, events: str, tmp_path: Path
) -> None:
    path = tmp_path / "fct_events.parquet"
    made = (
        _world("account", "('A', timestamp '2026-01-02')")
        + f"""
    copy fct_events to '{path}';
    drop table fct_events;
    create view fct_events as from '{path}';
    """
    )
    first = _outcomes(_records(explain, "Home", made=made))
    assert first["counted"] == 1
    if events == "gone":
        path.unlink()
        assert _outcomes(_records(explain, "Home")) == {"without_unit": 6}
