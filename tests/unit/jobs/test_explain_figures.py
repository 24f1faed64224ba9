"""Why a figure has its status: the sentence names the rule that gave it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from jobs.config import Settings
from jobs.explain.figures import Row, why
from tests.unit.jobs import test_explain_experience as by_hand
from tests.unit.jobs.test_explain_experience import CONFIG, TABLES, Explain, _records

explain = by_hand.explain
SETTINGS = Settings(landing="landing")
ROW = Row(
    conversion="signup", metric="conversion_rate", variant="v", control_visitors=500,
    control_converters=50, control_mean=0.1, variant_visitors=500, variant_converters=60,
    variant_mean=0.12, lift=0.2,
    running_p_value=0.2, running_ci_lower=-0.1, running_ci_upper=0.5, lift_ci_lower=-0.05,
    lift_ci_upper=0.4, srm_p_value=0.5, minimum_detectable_effect=0.59, status="inconclusive",
)  # fmt: skip
SPLIT = "experiences: {expected_split: {Home: {control: 0.5, personalized: 0.5}}}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "no_control_arm"}, "no counted visitor is in control"),
        ({"status": "no_treatment_arm"}, "no counted visitor saw it personalized"),
        ({"status": "zero_control_rate"}, "control's mean is zero"),
        ({"status": "zero_variance"}, "all visitors did the same"),
        (
            {"status": "insufficient_data", "control_visitors": 99, "variant_visitors": 100},
            "^control has 99 visitors, under min_visitors 100$",
        ),
        (
            {"status": "insufficient_data", "control_converters": 20, "variant_converters": 4},
            "^both arms have 24 converters together, under min_converters 25$",
        ),
        (
            {"status": "insufficient_data", "variant_visitors": 7, "variant_converters": 0,
             "control_converters": 2},
            "the variant has 7 visitors, under min_visitors 100; both arms have 2 converters",
        ),
        (
            {"status": "winner", "running_p_value": 0.012, "running_ci_lower": 0.031},
            r"running p 0.012 is under alpha 0.05, and the running interval \+3.1% to \+50.0% lies"
            " wholly above zero",
        ),
        (
            {"status": "loser", "running_p_value": 1e-9, "running_ci_upper": -0.02},
            r"running p < 0.0001 is under alpha 0.05.* -10.0% to -2.0% lies wholly below zero",
        ),
        ({}, r"^running p 0.2 is not under alpha 0.05; lifts from \+59% on are found with 80% "),
        ({"minimum_detectable_effect": None}, "^running p 0.2 is not under alpha 0.05$"),
        ({"running_p_value": 0.01}, r"but the running interval -10.0% to \+50.0% holds zero"),
        (
            {"running_p_value": 0.01, "running_ci_lower": None, "running_ci_upper": None},
            "is empty: the days contradict each other",
        ),
        (
            {"running_p_value": 0.01, "running_ci_lower": None, "running_ci_upper": None,
             "lift_ci_lower": None},
            "has no bounds: it needs both means above zero",
        ),
        ({"running_p_value": None}, "no running p could be computed"),
    ],
)  # fmt: skip
def test_why_names_the_rule_and_its_threshold(
    changes: dict[str, float | str | None], words: str
) -> None:
    assert re.search(words, why(replace(ROW, **changes), SETTINGS))  # type: ignore[arg-type]


def _mismatch(explain: Explain, config: str, cause: str, *counts: int) -> str:
    """Return the sentence for a mismatch with so many of control, v in segments A and B."""
    segments = zip(("A", "A", "B", "B"), ("control", "v") * 2, counts, strict=True)
    assigned = "".join(
        f"""
        insert into fct_assignments
            select 'mutiny', 'Home', unnest(['(all)', '{segment}']), null, 'person',
                '{segment}' || '{variant}' || range, '{variant}',
                if('{variant}' = 'v', 'personalized', 'control'), timestamp '2026-01-02', 1, false,
                true
            from range({count});
        """
        for segment, variant, count in segments
    )
    made = TABLES + assigned + f"""
    insert into fct_exposures
        values ('mutiny', 'Home', 'A', null, 'person', 'assigned', '2026-01-02');
    insert into fct_assignments
        select 'mutiny', 'Home', unnest(['(all)', 'A']), null, 'person', 'x' || range, 'control',
            'control', timestamp '2026-01-02', 2, true, true
        from range(20);
    insert into dim_experiences values ('mutiny', 'Home', '(all)', null, 0.0004, '{cause}');
    insert into fct_experience_lift values
        ('mutiny', 'Home', '(all)', null, 'signup', 'conversion_rate', 'v', 100, 50, 0.5, 100, 50,
            0.5, 0.0, null, null, null, null, null, 0.0004, null, 'sample_ratio_mismatch');
    """  # fmt: skip
    records = _records(explain, "Home", made=made, config=config)
    (figure,) = (each for each in records if each["kind"] == "figure")
    return str(figure["why"])


def test_a_split_that_is_off_is_told_with_the_arms_seen_and_expected(explain: Explain) -> None:
    config = CONFIG.replace("experiences: {", SPLIT[:-1] + ", ")
    assert _mismatch(explain, config, "expected_split", 30, 50, 30, 50) == (
        "the arms are 60 control : 100 v where 50% control : 50% personalized was expected:"
        " p 0.0004 is under srm_alpha 0.001, and a share is more than one point off"
    )


def test_segments_whose_arms_differ_are_told_with_the_least_and_the_greatest_share(
    explain: Explain,
) -> None:
    assert _mismatch(explain, CONFIG, "audience_segments", 80, 20, 20, 80) == (
        "the personalized share differs between audience segments, from 20% of A to 80% of B:"
        " pooling them would mislead"
    )
