"""Every adapter in one night: what is an exposure, what is incomplete, what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.config import load_settings
from jobs.nightly.run import nightly
from tests.warehouse.nights import published

SETTINGS = """
landing: landing
sources:
  flags: {kind: flags, environment: prod}
exposures:
  - {adapter: mutiny}
  - {adapter: split, baseline: {"*": "off", banner: plain}, sources: [flags]}
  - {adapter: segment_experiment, control_variants: [control, "0"]}
  - adapter: abmatic
    trigger: 'type = "track" and event = "Campaign Viewed"'
    experience: [properties.campaign_id, properties.campaignId]
    variant: [properties.variation_id]
    audience_segment: [properties.visitor_segment]
    control_variants: ["1"]
  - adapter: custom
    vendor: pricing
    trigger: 'type = "page" and name = "Pricing"'
    experience: ["=pricing"]
    variant: [properties.arm]
    control_variants: [a]
  - {adapter: custom, vendor: pricing, trigger: 'type = "page"', experience: =pages, variant: =seen}
  - {adapter: custom, vendor: deals, trigger: 'type = "track" and event = "Deal Seen"',
     experience: =deal, variant: [properties.deal], unit: account}
  - adapter: custom
    vendor: mutiny_questionnaire
    trigger: 'type = "track" and event = "Mutiny Questionnaire Viewed"'
    experience: [properties.questionnaire]
    variant: [properties.shown]
    control_variants: ["false"]
conversions: [{name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true}]
quality: {max_rejected_share: 1.0}
"""


def _message(message_id: str, user: str, event: str | None, **properties: Any) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "type": "page" if event is None else "track",
        "event": event,
        "name": "Pricing" if event is None else None,
        "userId": user,
        "receivedAt": "2026-05-01T10:00:00.000Z",
        "properties": json.dumps(properties),
    }


FLAGS = [
    _message("on", "u1", "get_treatment", split="f", treatment="on", environmentName="prod"),
    _message("off", "u2", "get_treatment", split="f", treatment="off", environmentName="prod"),
    _message("own", "u3", "get_treatment", split="banner", treatment="plain"),
    _message("notready", "u4", "get_treatment", split="f", treatment="control"),
    _message("staging", "u4", "get_treatment", split="f", treatment="on", environmentName="stage"),
    _message("nothing", "u4", "get_treatment", split="f", environmentName="prod"),
]
WEB = [
    _message("name", "u1", "Experiment Viewed", experiment_id="e", experiment_name="Exp",
             variation_id=7, variation_name="control"),
    _message("id", "u2", "Experiment Viewed", experimentId="e2", variationId=0),
    _message("third", "u3", "Experiment Viewed", experimentID="e2", variant_name="b"),
    _message("noname", "u3", "Experiment Viewed", variation_name="b"),
    _message("campaign", "u1", "Campaign Viewed", campaignId=7, variation_id=2,
             visitor_segment="Fin"),
    _message("nobody", "u2", "Campaign Viewed", campaign_id="", variation_id=1),
    _message("elsewhere", "u1", "get_treatment", split="f", treatment="on"),
    _message("elsewhere, incomplete", "u1", "get_treatment", split="f"),
    _message("asked", "u1", "Mutiny Questionnaire Viewed", questionnaire="Plans", shown=True),
    _message("unasked", "u2", "Mutiny Questionnaire Viewed", questionnaire="Plans", shown=False),
    _message("deal", "u1", "Deal Seen", deal="b") | {"timestamp": "2001-01-01T00:00:00Z"},
    _message("reserved", "u1", "Mutiny Experience Viewed", experience="Home",
             audienceSegment="(all)", personalized=True),
    _message("reserved, too", "u1", "Mutiny Experience Viewed", experience="Home",
             audienceSegment="(all)", personalized=False),
    _message("page", "u1", None, arm="a"),
    _message("other", "u2", None, arm="b"),
]  # fmt: skip


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    for source, messages in (("flags", FLAGS), ("web", WEB)):
        (folder / "landing" / source).mkdir(parents=True)
        pl.DataFrame(messages).write_parquet(folder / "landing" / source / "part.parquet")
    (folder / "lift.yml").write_text(SETTINGS)
    return nightly(load_settings(folder / "lift.yml")).publication


def test_adapters_recognise_their_exposures(publication: Path) -> None:
    found = published(publication, "from fct_exposures")
    assert sorted(
        (row["message_id"], row["vendor"], row["experience"], row["audience_segment"],
         row["variant"], row["arm"])
        for row in found
    ) == [
        ("asked", "mutiny_questionnaire", "Plans", None, "true", "personalized"),
        ("campaign", "abmatic", "7", "Fin", "2", "personalized"),
        ("deal", "deals", "deal", None, "b", "personalized"),
        ("id", "segment_experiment", "e2", None, "0", "control"),
        ("name", "segment_experiment", "Exp", None, "control", "control"),
        ("off", "split", "f", None, "off", "control"),
        ("on", "split", "f", None, "on", "personalized"),
        ("other", "pricing", "pricing", None, "b", "personalized"),
        ("own", "split", "banner", None, "plain", "control"),
        ("page", "pricing", "pricing", None, "a", "control"),
        ("third", "segment_experiment", "e2", None, "b", "personalized"),
        ("unasked", "mutiny_questionnaire", "Plans", None, "false", "control"),
    ]  # fmt: skip


def test_adapters_show_what_one_person_saw_of_every_vendor(publication: Path) -> None:
    found = published(
        publication, "select distinct vendor from fct_exposures where person_id = 'user_id:u1'"
    )
    assert {row["vendor"] for row in found} == {
        "abmatic", "deals", "mutiny_questionnaire", "pricing", "segment_experiment", "split",
    }  # fmt: skip


def test_adapters_say_what_an_incomplete_exposure_lacks(publication: Path) -> None:
    found = published(publication, "from rpt_incomplete_exposures")
    assert sorted((row["message_id"], row["vendor"], row["reason"]) for row in found) == [
        ("nobody", "abmatic", "missing_experience"),
        ("noname", "segment_experiment", "missing_experience"),
        ("nothing", "split", "missing_variant"),
        ("reserved", "mutiny", "reserved_name"),
        ("reserved, too", "mutiny", "reserved_name"),
    ]


def test_adapters_that_list_sources_find_exposures_from_others(publication: Path) -> None:
    found = published(
        publication,
        "from dq_findings where check_name = 'exposure_from_unexpected_source'",
    )
    assert [(row["severity"], row["subject"], row["finding_count"]) for row in found] == [
        ("warning", "web / split", 2)
    ]


def test_adapters_find_views_that_are_old_or_carry_no_unit(publication: Path) -> None:
    found = published(
        publication,
        "from dq_findings where check_name in ('old_exposure', 'exposure_without_unit')",
    )
    assert sorted((row["check_name"], row["subject"], row["finding_count"]) for row in found) == [
        ("exposure_without_unit", "deals / deal", 1),
        ("old_exposure", "deals / deal", 1),
    ]


def test_adapters_without_segments_have_only_all(publication: Path) -> None:
    found = published(publication, "select distinct vendor, audience_segment from fct_assignments")
    assert {(row["vendor"], row["audience_segment"]) for row in found} == {
        ("abmatic", "(all)"),
        ("abmatic", "Fin"),
        ("mutiny_questionnaire", "(all)"),
        ("pricing", "(all)"),
        ("segment_experiment", "(all)"),
        ("split", "(all)"),
    }
