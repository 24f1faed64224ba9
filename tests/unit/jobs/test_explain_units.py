"""`lift explain experience --members`, over publications made by hand."""

from __future__ import annotations

import json

from tests.unit.jobs import test_explain_experience as by_hand
from tests.unit.jobs.test_explain_experience import CONFIG, WORLD, Explain

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


def test_members_of_a_crossover_that_is_left_out_tell_that_it_converted(explain: Explain) -> None:
    made = WORLD + "update fct_assignments set is_counted = not is_crossover"
    said = explain("Home", "--members", "--conversion", "signup", made=made)
    assert said.splitlines()[3].endswith(",x,control,control,2026-01-02 00:00:00,true,true")


def test_members_have_not_done_what_is_not_built_yet(explain: Explain) -> None:
    made = WORLD + "delete from fct_unit_outcomes where conversion = 'order'"
    said = explain("Home", "--members", "--conversion", "order", made=made)
    assert [line.split(",")[-1] for line in said.splitlines()[1:]] == ["false"] * 4


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
