"""`lift plan`: what would match, and a text filled in, over publications made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from jobs.cli.app import main
from jobs.errors import UsageError
from jobs.plan.preview import Token, fill, parse_template

CONFIG = """
landing: landing
publish: published
conversions:
  - {name: signup, trigger: 'event = "Signed Up"', sources: [web]}
  - {name: order, trigger: 'contains(event, "Order")', refund: 'event = "Order Refunded"'}
  - {name: never, trigger: 'event = "Never"'}
  - {name: misspelt, trigger: 'type = "track" and event = "Sign up" and event != "Leads"'}
  - {name: elsewhere, trigger: 'event = "Purchase"', sources: [web]}
segments:
  - {name: small, all: [{trait: employees, op: "<", value: 50}]}
  - {name: new rule, all: [{trait: plan, value: pro}]}
audiences: [{name: "Recent Buyers"}, {key: never_told}]
"""
TABLES = """
create table dim_user_segments (user_segment varchar, origin varchar, current_size bigint);
insert into dim_user_segments values
    ('small', 'rule', 1), ('recent_buyers', 'audience', 1), ('new rule', 'served', 9);
create table fct_user_segment_memberships (person_id varchar, user_segment varchar, origin varchar);
insert into fct_user_segment_memberships values
    ('user_id:u1', 'small', 'rule'), ('user_id:u1', 'small', 'rule'),
    ('user_id:u2', 'small', 'rule'), ('user_id:u3', 'small', 'served'),
    ('user_id:u1', 'recent_buyers', 'audience');
create table rpt_audience_sync (
    audience varchar, is_configured boolean, members bigint, unknown_persons bigint,
    last_seen_at timestamp, is_stale boolean
);
insert into rpt_audience_sync values
    ('recent_buyers', true, 1, 2, '2026-01-01', true),
    ('never_told', true, 0, 3, null, null);
create table fct_conversions (conversion varchar, person_id varchar, converted_at timestamp);
insert into fct_conversions values ('order', 'user_id:u1', '2026-01-01');
create table fct_experience_lift (
    vendor varchar, experience varchar, audience_segment varchar, period date, conversion varchar,
    metric varchar, variant varchar, control_mean double, control_visitors bigint,
    variant_visitors bigint, minimum_detectable_effect double
);
create table fct_assignments (
    vendor varchar, experience varchar, audience_segment varchar, period date, variant varchar,
    arm varchar, first_exposed_at timestamp, is_counted boolean
);
create table rpt_conversion_catalog (event_name varchar, type varchar, events bigint);
insert into rpt_conversion_catalog values
    ('Signed Up', 'track', 812), ('signed-up', 'page', 3), ('Order Completed', 'track', 20),
    ('Purchase', 'track', 5), ('Lead', 'track', 9);
create macro as_of() as timestamp '2026-01-31';
create table runs (started_at timestamp, config_hash varchar);
create table dim_persons (person_id varchar, email varchar, first_seen_at timestamp);
create table dim_identifiers (
    id_type varchar, id_value varchar, person_id varchar, owned_from timestamp,
    owned_to timestamp, link_count bigint, is_blocked boolean
);
insert into dim_identifiers values
    ('user_id', 'u1', 'user_id:u1', null, null, 1, false),
    ('user_id', 'u2', 'user_id:u2', null, null, 1, false),
    ('anonymous_id', 'd', 'user_id:u2', null, '2026-01-02', 2, false),
    ('anonymous_id', 'd', 'user_id:u1', '2026-01-02', null, 2, false),
    ('anonymous_id', 'both', 'user_id:u1', null, '2026-01-02', 2, false),
    ('anonymous_id', 'both', 'user_id:u2', '2026-01-03', '2026-01-04', 2, false),
    ('anonymous_id', 'hub', null, null, null, 999, true);
create table dim_person_traits (person_id varchar, trait varchar, value varchar);
insert into dim_person_traits values ('user_id:u1', 'first_name', '"Ada"');
create table rpt_trait_tokens (trait varchar, fill_rate double);
insert into rpt_trait_tokens values ('first_name', 2 / 3);
"""
EVENTS = """
create table fct_events (
    message_id varchar, type varchar, event_name varchar, source varchar, person_id varchar,
    is_behaviour boolean
);
insert into fct_events values
    ('m1', 'track', 'Signed Up', 'web', 'user_id:u1', true),
    ('m2', 'track', 'Signed Up', 'web', 'user_id:u1', true),
    ('m3', 'track', 'Signed Up', 'backend', 'user_id:u2', true),
    ('m4', 'track', 'Signed Up', 'web', 'user_id:u2', false),
    ('m5', 'page', 'Signed Up', 'web', 'user_id:u2', true),
    ('m6', 'track', 'Order Completed', 'web', 'user_id:u1', true),
    ('m7', 'track', 'Order Refunded', 'web', 'user_id:u2', true);
"""

Plan = Callable[..., str]


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Plan:
    """Publish the tables, and run `lift plan` over them."""
    config = tmp_path / "lift.yml"
    config.write_text(CONFIG)
    path = tmp_path / "published" / "lift.duckdb"
    path.parent.mkdir()

    def run(*arguments: str, made: str = EVENTS, code: int = 0) -> str:
        if not path.exists():
            with duckdb.connect(str(path)) as con:
                con.execute(TABLES + made)
        published = path.read_bytes()
        with pytest.raises(SystemExit) as ended:
            main(["plan", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        assert path.read_bytes() == published
        return said.err if code else said.out

    return run


def _records(said: str) -> dict[tuple[str, str], dict[str, object]]:
    records = [json.loads(line) for line in said.splitlines()]
    return {(each["kind"], str(each[each["kind"]])): each for each in records}


def test_plan_counts_persons_of_segments_and_audiences_now_and_ever(plan: Plan) -> None:
    records = _records(plan("--log-format", "json"))
    small = {"persons_now": 1, "persons_ever": 2}
    assert records["segment", "small"].items() >= small.items()
    unknown = {"persons_now": None, "persons_ever": None}
    assert records["segment", "new rule"].items() >= unknown.items()
    buyers = {"persons_now": 1, "persons_ever": 1, "persons_unknown": 2, "is_known": True,
              "is_stale": True}  # fmt: skip
    assert records["audience", "recent_buyers"].items() >= buyers.items()
    never = {"persons_now": 0, "persons_unknown": 3, "is_known": False, "is_stale": False}
    assert records["audience", "never_told"].items() >= never.items()


def test_plan_matches_triggers_over_the_events_that_are_landed(plan: Plan) -> None:
    records = _records(plan("--log-format", "json"))
    assert [
        (name, record["messages"], record["persons"], record["counted"])
        for (kind, name), record in records.items()
        if kind == "conversion"
    ] == [
        ("signup", 2, 1, 0), ("order", 1, 1, 1), ("never", 0, 0, 0), ("misspelt", 0, 0, 0),
        ("elsewhere", 0, 0, 0),
    ]  # fmt: skip


def test_a24_plan_names_what_is_sent_under_another_spelling(plan: Plan) -> None:
    records = _records(plan("--log-format", "json"))
    assert records["conversion", "signup"]["nearest"] == []
    assert records["conversion", "never"]["nearest"] == []
    near = {"name": "Signed Up", "type": "track", "messages": 812, "is_same": False}
    assert records["conversion", "misspelt"]["nearest"] == [
        near, near | {"name": "signed-up", "type": "page", "messages": 3},
    ]  # fmt: skip
    said = " ".join(plan().split())
    assert 'the nearest names sent: "Signed Up" (812), "signed-up" (page, 3)' in said
    assert 'sent, but not as the trigger asks: "Purchase" (5)' in said


def test_plan_without_events_tells_what_was_counted(plan: Plan) -> None:
    said = " ".join(plan(made="").split())
    assert "order 1 1 1" in said
    assert "The publication has no events" in said


def test_plan_says_what_is_not_built_yet_and_that_the_configuration_changed(plan: Plan) -> None:
    said = " ".join(plan(made=EVENTS + "insert into runs values ('2026-01-01', 'other')").split())
    assert "new rule - - not built yet; run lift nightly" in said
    assert "signup 2 1 0 not built yet" in said
    assert "never 0 0 0 no message matches" in said
    assert "lift.yml has changed since the last night" in said


def test_plan_needs_a_publication(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "lift.yml"
    config.write_text(CONFIG)
    with pytest.raises(SystemExit) as ended:
        main(["plan", "--config", str(config)])
    assert ended.value.code == 1
    assert "run `lift nightly` first" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("identifier", ["user_id:u1", "u1", "d"])
def test_preview_finds_a_person_by_any_identifier_they_have_now(
    plan: Plan, identifier: str
) -> None:
    said = plan("--preview", "Hi {{first_name|there}}", "--person", identifier)
    assert said.splitlines()[:2] == ["Hi Ada", "as user_id:u1 would read it"]
    assert "67% have it" in said


def test_preview_is_one_record_of_json(plan: Plan) -> None:
    said = plan("--preview", "Hi {{first_name|there}}", "--person", "u2", "--log-format", "json")
    assert json.loads(said) == {
        "kind": "preview",
        "person_id": "user_id:u2",
        "text": "Hi there",
        "tokens": [
            {"trait": "first_name", "inserted": "there", "origin": "fallback", "note": None,
             "fill_rate": 2 / 3}
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("nobody", "No identifier nobody in the publication"),
        ("hub", "hub belongs to nobody"),
        ("both", "name one of user_id:u1, user_id:u2"),
    ],
)
def test_preview_refuses_an_identifier_of_nobody_or_of_several(
    plan: Plan, identifier: str, words: str
) -> None:
    assert words in plan("--preview", "Hi", "--person", identifier, code=1)


@pytest.mark.parametrize("arguments", [("--preview", "Hi"), ("--person", "u1")])
def test_preview_needs_a_text_and_a_person(plan: Plan, arguments: tuple[str, str]) -> None:
    assert "need each other" in plan(*arguments, code=2)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {{first_name|there}}", ["Hi ", Token("first_name", "there")]),
        ("{{ first name }}!", [Token("first name", None), "!"]),
        ("{{a|}}{{b|x|y}}", [Token("a", ""), Token("b", "x|y")]),
        ("{ {a} }}", ["{ {a} }}"]),
        ("", []),
    ],
)
def test_template_is_words_and_tokens(template: str, expected: list[str | Token]) -> None:
    assert parse_template(template) == expected


@pytest.mark.parametrize("template", ["Hi {{first_name", "Hi {{ }}", "Hi {{|there}}"])
def test_template_refuses_a_token_without_end_or_trait(template: str) -> None:
    with pytest.raises(UsageError):
        parse_template(template)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"Ada \\"A\\" Zoë"', 'Ada "A" Zoë'),
        ("40", "40"),
        ("40.0", "40"),
        ("1.50e3", "1500"),
        ("0.10", "0.1"),
        ("-0.0", "0"),
        ("123456789012345678901234567890123", "123456789012345678901234567890123"),
        ("1e300", "1E+300"),
        ("true", "true"),
        ('""', ""),
    ],
)
def test_fill_writes_single_values_plainly(value: str, expected: str) -> None:
    text, (token,) = fill([Token("trait", "fallback")], {"trait": value}, {"trait": 0.5})
    assert (text, token.origin, token.fill_rate) == (expected, "trait", 0.5)
    assert (token.note is None) == bool(expected)


@pytest.mark.parametrize(("value", "kind"), [('{"a":1}', "an object"), ("[1]", "a list")])
def test_fill_refuses_objects_and_lists_with_a_note(value: str, kind: str) -> None:
    parts: list[str | Token] = [Token("trait", "there"), Token("trait", None)]
    text, (with_fallback, without) = fill(parts, {"trait": value}, {})
    assert text == "there"
    assert (with_fallback.origin, without.origin) == ("fallback", "nothing")
    for token in (with_fallback, without):
        assert kind in str(token.note)


def test_fill_leaves_an_unknown_trait_empty_with_a_note_and_names_one_spelled_alike() -> None:
    parts: list[str | Token] = [
        Token("nope", None),
        Token("nope", "x"),
        Token("first_name", "there"),
    ]
    text, tokens = fill(parts, {"firstName": '"Ada"'}, {})
    assert text == "xthere"
    assert [token.note for token in tokens] == [
        "the person has no such trait; add a fallback: {{nope|there}}",
        None,
        "the person has no such trait, but has firstName",
    ]
