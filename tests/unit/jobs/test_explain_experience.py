"""`lift explain experience`: from landed messages to the verdict, over publications by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobs.cli.app import main

CONFIG = """
landing: landing
publish: published
experiences: {segment_aliases: {SMB: Small}}
conversions:
  - {name: order, trigger: 'event = "Order Completed"', window: 1d, distinct_by: properties.id}
  - {name: signup, trigger: 'event = "Signed Up"', main: true}
"""
TABLES = """
create table runs (started_at timestamp, config_hash varchar);
create table rpt_reconciliation (
    source varchar, file varchar, landed bigint, rejected bigint, duplicates bigint, staged bigint
);
insert into rpt_reconciliation values ('web', 'a', 90, 1, 9, 80), ('web', 'b', 10, 2, 0, 8);
create table rpt_incomplete_exposures (message_id varchar, vendor varchar, reason varchar);
create table fct_exposures (
    vendor varchar, experience varchar, assigned_segment varchar, period date, unit_type varchar,
    outcome varchar, exposed_at timestamp
);
create table fct_assignments (
    vendor varchar, experience varchar, audience_segment varchar, period date, unit_type varchar,
    unit_id varchar, variant varchar, arm varchar, first_exposed_at timestamp, impressions bigint,
    is_crossover boolean, is_counted boolean
);
create table fct_unit_outcomes (
    vendor varchar, experience varchar, audience_segment varchar, period date, unit_type varchar,
    unit_id varchar, conversion varchar, is_converted boolean
);
create table dim_experiences (
    vendor varchar, experience varchar, audience_segment varchar, period date, srm_p_value double,
    srm_cause varchar
);
create table fct_conversion_outcomes (
    vendor varchar, experience varchar, audience_segment varchar, period date, conversion varchar,
    message_id varchar, unit_type varchar, unit_id varchar, arm varchar, outcome varchar
);
create table fct_experience_lift (
    vendor varchar, experience varchar, audience_segment varchar, period date, conversion varchar,
    metric varchar, variant varchar, control_visitors bigint, control_converters bigint,
    control_mean double, variant_visitors bigint, variant_converters bigint, variant_mean double,
    lift double, running_p_value double, running_ci_lower double, running_ci_upper double,
    lift_ci_lower double, lift_ci_upper double, srm_p_value double,
    minimum_detectable_effect double, status varchar
);
"""
# c saw control; v and x saw it personalized, x after control. Another vendor has a Home too.
HOME = """
insert into rpt_incomplete_exposures values
    ('i1', 'mutiny', 'missing_experience'), ('i2', 'mutiny', 'missing_experience'),
    ('i3', 'split', 'missing_variant');
insert into fct_exposures values
    ('mutiny', 'Home', 'Small', null, 'person', 'assigned', '2026-01-02'),
    ('mutiny', 'Home', 'Small', null, 'person', 'assigned', '2026-01-03'),
    ('mutiny', 'Home', 'Large', null, 'person', 'assigned', '2026-01-02'),
    ('mutiny', 'Home', 'Large', null, 'person', 'assigned', '2026-01-02'),
    ('mutiny', 'Home', 'Large', null, 'person', 'assigned', '2026-01-04'),
    ('mutiny', 'Home', 'Large', null, null, 'without_unit', '2026-01-05'),
    ('mutiny', 'Other', 'Large', null, 'person', 'outside_periods', '2026-01-04'),
    ('split', 'Home', null, null, 'person', 'assigned', '2026-01-05');
insert into fct_assignments
    select 'mutiny', 'Home', segment, null, 'person', unit, variant, arm, timestamp '2026-01-02',
        impressions, unit = 'x', true
    from (
        values ('(all)', 'c', 'control', 'control', 2), ('(all)', 'v', 'v', 'personalized', 1),
            ('(all)', 'x', 'control', 'control', 2), ('Small', 'c', 'control', 'control', 2),
            ('Large', 'v', 'v', 'personalized', 1), ('Large', 'x', 'control', 'control', 2)
    ) as views (segment, unit, variant, arm, impressions);
insert into fct_assignments values
    ('split', 'Home', '(all)', null, 'person', 'c', 'on', 'personalized', '2026-01-05', 1, false,
        true);
insert into fct_unit_outcomes
    select vendor, experience, audience_segment, period, unit_type, unit_id, conversion,
        vendor = 'mutiny' and (conversion = 'signup' or unit_id = 'v')
    from fct_assignments cross join unnest(['signup', 'order']) as conversions (conversion);
insert into dim_experiences values
    ('mutiny', 'Home', '(all)', null, 0.5, null), ('split', 'Home', '(all)', null, null, null);
insert into fct_conversion_outcomes
    select 'mutiny', '(none)', '(all)', null, unnest(['signup', 'order']), message_id, 'person',
        unit, null, outcome
    from (
        values ('instant', 'c', 'never_exposed'), ('again', 'c', 'never_exposed'),
            ('closed', 'c', 'never_exposed'), ('before', 'v', 'never_exposed'),
            ('stranger', 's', 'never_exposed'), ('inside', 'v', 'never_exposed'),
            ('refused', 'v', 'consent'), ('crossed', 'x', 'never_exposed')
    ) as conversions (message_id, unit, outcome);
delete from fct_conversion_outcomes
where conversion = 'order' and message_id not in ('inside', 'refused');
update fct_conversion_outcomes set outcome = 'repeated_value'
where conversion = 'order' and message_id = 'refused';
insert into fct_conversion_outcomes values
    ('split', '(none)', '(all)', null, 'signup', 'inside', 'person', 'v', null, 'consent');
insert into fct_conversion_outcomes
    select 'mutiny', 'Home', '(all)', null, conversion, message_id, 'person', unit, arm, outcome
    from (
        values ('signup', 'instant', 'c', 'control', 'counted'),
            ('signup', 'again', 'c', 'control', 'counted'),
            ('signup', 'closed', 'c', 'control', 'outside_window'),
            ('signup', 'before', 'v', 'personalized', 'before_exposure'),
            ('signup', 'inside', 'v', 'personalized', 'counted'),
            ('signup', 'crossed', 'x', 'control', 'counted'),
            ('order', 'inside', 'v', 'personalized', 'counted')
    ) as conversions (conversion, message_id, unit, arm, outcome);
"""
WORLD = TABLES + HOME

Explain = Callable[..., str]


@pytest.fixture
def explain(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Explain:
    """Publish what the statements make, and run `lift explain experience` over it."""

    def run(*arguments: str, made: str = WORLD, config: str = CONFIG, code: int = 0) -> str:
        (tmp_path / "lift.yml").write_text(config)
        path = tmp_path / "published" / "lift.duckdb"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            with duckdb.connect(str(path)) as con:
                con.execute(made)
        with pytest.raises(SystemExit) as ended:
            main(["explain", "experience", *arguments, "--config", str(tmp_path / "lift.yml")])
        said = capfd.readouterr()
        assert ended.value.code == code, said.err
        return said.err if code else said.out

    return run


def _records(explain: Explain, *arguments: str, **made: str) -> list[dict[str, Any]]:
    said = explain(*arguments, "--log-format", "json", **made)
    return [json.loads(line) for line in said.splitlines()]


def _outcomes(records: list[dict[str, Any]], conversion: str = "signup") -> dict[str, int]:
    return {
        each["outcome"]: each["count"]
        for each in records
        if each["kind"] == "outcome"
        and (each["vendor"], each["conversion"]) == ("mutiny", conversion)
        and each["count"]
    }


def _counted(records: list[dict[str, Any]], conversion: str = "signup") -> dict[str, list[int]]:
    return {
        each["arm"]: [each["conversions"], each["converters"]]
        for each in records
        if each["kind"] == "counted"
        and (each["vendor"], each["conversion"]) == ("mutiny", conversion)
    }


def test_landing_is_summed_over_all_sources(explain: Explain) -> None:
    landing = _records(explain, "Home")[0]
    assert [landing[key] for key in ("landed", "rejected", "duplicates", "messages")] == [
        100, 3, 9, 88,
    ]  # fmt: skip


def test_views_end_in_impressions_or_in_nothing(explain: Explain) -> None:
    (views, _) = (each for each in _records(explain, "Home") if each["kind"] == "experience")
    assert views.items() >= {
        "vendor": "mutiny", "exposures": 6, "outside_periods": 0, "in_other_periods": 0,
        "without_unit": 1, "impressions": 5, "srm_p_value": 0.5,
    }.items()  # fmt: skip


def test_views_of_a_segment_are_those_that_count_in_it(explain: Explain) -> None:
    records = _records(explain, "Home", "--segment", "Small")
    (views,) = (each for each in records if each["kind"] == "experience")
    assert (views["vendor"], views["exposures"], views["without_unit"]) == ("mutiny", 2, 0)


def test_views_outside_every_period_and_in_other_periods_are_told_apart(explain: Explain) -> None:
    periods = """
    update fct_exposures set outcome = 'outside_periods'
    where experience = 'Home' and outcome = 'assigned' and exposed_at = '2026-01-03';
    update fct_exposures
    set period = if(exposed_at < '2026-01-04', '2026-01-02', '2026-01-04')::date
    where vendor = 'mutiny' and outcome = 'assigned';
    update fct_assignments set period = '2026-01-02' where audience_segment = '(all)';
    insert into fct_assignments values ('mutiny', 'Home', '(all)', '2026-01-04', 'person', 'x', 'v',
        'personalized', '2026-01-04', 1, false, true);
    """
    records = _records(explain, "Home", made=WORLD + periods)
    views = [each for each in records if each["kind"] == "experience"]
    assert [
        [each[key] for key in ("period", "exposures", "outside_periods", "in_other_periods",
                               "without_unit", "impressions")]
        for each in views
        if each["vendor"] == "mutiny"
    ] == [["2026-01-02", 6, 1, 1, 1, 3], ["2026-01-04", 6, 1, 3, 1, 1]]  # fmt: skip


def test_an_experience_whose_views_are_all_outside_its_periods_is_explained(
    explain: Explain,
) -> None:
    records = _records(explain, "Other")
    (views,) = (each for each in records if each["kind"] == "experience")
    assert (views["exposures"], views["impressions"]) == (1, 0)
    assert "0 units assigned" in " ".join(explain("Other").split())


def test_names_of_others_are_shown_as_they_are(explain: Explain) -> None:
    made = (
        WORLD
        + "update fct_assignments set variant = '[red]v[/x]' || chr(27) where arm <> 'control'"
    )
    assert "1 [red]v[/x]\\x1b (personalized), 33.3%" in " ".join(explain("Home", made=made).split())


def test_incomplete_views_are_those_of_the_vendor_by_reason(explain: Explain) -> None:
    assert [
        (each["vendor"], each["reason"], each["count"])
        for each in _records(explain, "Home")
        if each["kind"] == "incomplete"
    ] == [("mutiny", "missing_experience", 2), ("split", "missing_variant", 1)]


def test_units_that_are_left_out_are_told_apart_from_those_that_count(explain: Explain) -> None:
    left_out = WORLD + "update fct_assignments set is_counted = not is_crossover;"
    config = CONFIG + "statistics: {crossover: exclude}\n"
    records = _records(explain, "Home", made=left_out, config=config)
    control = next(each for each in records if each["kind"] == "variant")
    assert (control["units"], control["crossovers"], control["counted"]) == (2, 1, 1)
    said = " ".join(explain("Home", config=config).split())
    assert "1 saw more than one variant: they are left out of every figure" in said


def test_every_conversion_has_one_outcome(explain: Explain) -> None:
    records = _records(explain, "Home")
    assert _outcomes(records) == {
        "consent": 1, "never_exposed": 1, "before_exposure": 1, "outside_window": 1, "counted": 4,
    }  # fmt: skip
    assert _counted(records) == {"control": [3, 2], "personalized": [1, 1]}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("region_mismatch", "the source is in another region"),
        ("conversion_integration_off", "it does not take conversions from Segment"),
    ],
)
def test_every_reason_of_delivery_is_an_outcome_with_its_words(
    explain: Explain, reason: str, words: str
) -> None:
    made = (
        WORLD + f"update fct_conversion_outcomes set outcome = '{reason}' where outcome = 'consent'"
    )
    assert _outcomes(_records(explain, "Home", made=made))[reason] == 1
    assert words in " ".join(explain("Home", made=made).split())


def test_conversions_of_crossovers_that_are_left_out_are_an_outcome_of_their_own(
    explain: Explain,
) -> None:
    left_out = (
        "update fct_conversion_outcomes set outcome = 'crossover' where message_id = 'crossed'"
    )
    made = WORLD + left_out + " and experience = 'Home'"
    records = _records(explain, "Home", made=made)
    assert _outcomes(records)["crossover"] == 1
    assert _counted(records) == {"control": [2, 1], "personalized": [1, 1]}
    assert "1 by crossovers, which are left out" in " ".join(explain("Home").split())


def test_a_repeated_value_is_no_conversion(explain: Explain) -> None:
    assert _outcomes(_records(explain, "Home"), "order") == {"repeated_value": 1, "counted": 1}
    said = " ".join(explain("Home").split())
    assert (
        "2 matching messages - 1 repeat the properties.id of another message 1 conversions in all"
    ) in said


def test_conversions_have_an_outcome_for_each_type_of_unit_of_the_experience(
    explain: Explain,
) -> None:
    accounts = """
    insert into fct_exposures
        values ('mutiny', 'Home', 'Large', null, 'account', 'assigned', '2026-01-02');
    insert into fct_assignments values ('mutiny', 'Home', '(all)', null, 'account', 'v', 'v',
        'personalized', '2026-01-02', 1, false, true);
    insert into fct_conversion_outcomes
        select * replace ('account' as unit_type, 'without_unit' as outcome)
        from fct_conversion_outcomes
        where conversion = 'order' and message_id = 'inside' and experience = '(none)';
    insert into fct_conversion_outcomes
        select * replace ('account' as unit_type, 'never_exposed' as outcome)
        from fct_conversion_outcomes
        where conversion = 'signup' and message_id = 'inside' and experience = '(none)';
    insert into fct_conversion_outcomes values
        ('mutiny', 'Home', '(all)', null, 'signup', 'inside', 'account', 'v', 'personalized',
            'counted'),
        ('mutiny', '(none)', '(all)', null, 'signup', 'inside', 'user_id', 'v', null,
            'never_exposed');
    """
    records = _records(explain, "Home", made=WORLD + accounts)
    assert _outcomes(records, "order") == {"repeated_value": 1, "without_unit": 1, "counted": 1}
    # An account and a person of one name are two units; the vendor's user ids saw nothing here.
    assert _counted(records) == {"control": [3, 2], "personalized": [2, 2]}
    assert sum(_outcomes(records).values()) == 9
    said = " ".join(explain("Home").split())
    assert "9 conversions in all, each for its account and its person" in said
    assert "4 accounts or persons saw it" in said
    assert "1 not tied to any of the accounts or persons" in said


def test_one_conversion_is_shown_where_it_is_asked_for_else_the_main_one_first(
    explain: Explain,
) -> None:
    def order(*arguments: str) -> list[str]:
        return list(
            Counter(
                each["conversion"]
                for each in _records(explain, "Home", *arguments)
                if each["kind"] == "outcome"
            )
        )

    assert order() == ["signup", "order"]
    assert order("--conversion", "order") == ["order"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["home"], "did you mean Home?"),
        (["nothing alike"], "write one of Home, Other"),
        (["Home", "--segment", "small"], "did you mean Small?"),
        (["Home", "--conversion", "signups"], "did you mean signup?"),
        (["Home", "--arm", "control"], "add --members"),
        (["Home", "--members", "--arm", "both"], "is not one of 'control', 'personalized'"),
    ],
)
def test_what_is_unknown_is_a_usage_error_with_the_name_that_was_meant(
    explain: Explain, arguments: list[str], words: str
) -> None:
    assert words in " ".join(explain(*arguments, code=2).split())


def test_the_chain_reads_from_landing_to_verdict(explain: Explain) -> None:
    figures = """
    insert into fct_experience_lift values
        ('mutiny', 'Home', '(all)', null, 'signup', 'conversion_rate', 'v', 2, 2, 1.0, 1, 1, 1.0,
            0.0, null, null, null, null, null, 0.5, null, 'insufficient_data');
    """
    said = [" ".join(line.split()) for line in explain("Home", made=WORLD + figures).splitlines()]
    steps = [
        "100 rows",
        "Home (mutiny), everybody",
        "6 views from 2026-01-02 00:00 to 2026-01-05 00:00 (UTC)",
        "- 1 not tied to any person",
        "3 persons saw it, 1.7 views each",
        "2 control, 66.7%",
        "1 v (personalized), 33.3%",
        "1 saw more than one variant: each counts in the variant seen first (crossover: first)",
        "signup, the main conversion: within 7 days of the first view",
        "8 conversions in all",
        "- 1 not received by mutiny: without consent for it",
        "- 1 by persons that never saw it",
        "- 1 before the first view",
        "- 1 after the window",
        "4 counted: 3 control, 1 personalized",
        "control 2 of 2 (100.0%), v 1 of 1 (100.0%): +0.0%",
        "order: within 1 day of the first view",
        "Home (split), everybody",
    ]
    places = [said.index(step) for step in steps]
    assert places == sorted(places)
    assert "no figures: not built yet; run lift nightly" in said


def test_a_publication_of_an_earlier_version_has_to_be_built_again(explain: Explain) -> None:
    said = explain("Home", made=WORLD + "drop table fct_conversion_outcomes", code=1)
    assert "fct_conversion_outcomes does not exist" in said
    assert "run `lift nightly` again" in said
    assert len(said.splitlines()) == 1


def test_a_figure_after_the_configuration_changed_says_so(explain: Explain) -> None:
    made = WORLD + "insert into runs values ('2026-01-01', 'other');"
    assert "lift.yml has changed since the last night" in " ".join(
        explain("Home", made=made).split()
    )
