"""One night over small stories: a journey, exposures for Google Analytics, a vendor's count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.nightly import nightly
from jobs.settings import load_settings
from tests.warehouse.nights import published

SETTINGS = """
landing: landing
exposures:
  - {adapter: mutiny}
  - adapter: abmatic
    trigger: 'type = "track" and event = "Campaign Viewed"'
    experience: [properties.campaign_id, properties.campaignId]
    variant: [properties.variationId]
    audience_segment: [properties.visitorSegment]
    control_variants: ["1"]
conversions:
  - {name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true}
  - {name: lead, trigger: 'type = "track" and event = "Lead Sent"'}
"""
HERO = {"experience": "Hero", "audienceSegment": "Small", "personalized": True}
CAMPAIGN = {"campaignId": 7, "variationId": 2, "visitorSegment": "Fin"}


def _message(
    message_id: str, minute: int, event: str | None = None, **fields: Any
) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "type": "page" if event is None else "track",
        "event": event,
        "name": "Pricing" if event is None else None,
        "anonymousId": fields.get("anonymous"),
        "userId": fields.get("user"),
        "timestamp": f"2026-05-01T10:{minute:02}:00.000Z",
        "receivedAt": f"2026-05-01T10:{minute:02}:01.000Z",
        "properties": json.dumps(fields.get("properties", {})),
        "integrations": json.dumps(fields.get("integrations", {})),
    }


JOURNEY = [
    _message("sign-up", 3, "Signed Up", anonymous="a1", user="u1"),
    _message("view", 2, "Mutiny Experience Viewed", anonymous="a1", properties=HERO),
    _message("page", 1, anonymous="a1"),
]
CAMPAIGNS = [_message("campaign", 1, "Campaign Viewed", anonymous="a2", properties=CAMPAIGN)]
LEADS = [
    _message("seen", 1, "Mutiny Experience Viewed", user="lead 50", properties=HERO),
    *(
        _message(
            f"lead {number}", 30, "Lead Sent", user=f"lead {number}",
            integrations={"Mutiny": False} if number < 10 else {},
        )
        for number in [*range(100), *range(5, 10)]
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "landing" / "web").mkdir(parents=True)
    pl.DataFrame([*JOURNEY, *CAMPAIGNS, *LEADS]).write_parquet(
        folder / "landing" / "web" / "part.parquet"
    )
    (folder / "lift.yml").write_text(SETTINGS)
    return nightly(load_settings(folder / "lift.yml")).publication


def test_journey_is_one_person_from_the_first_page_to_the_sign_up(publication: Path) -> None:
    steps = published(
        publication,
        "select seq, kind, label, detail, message_id from rpt_journey"
        " where person_id = 'user_id:u1' order by seq",
    )
    assert [tuple(step.values()) for step in steps] == [
        (1, "page", "Pricing", None, "page"),
        (2, "exposure", "Hero", "Small, personalized", "view"),
        (3, "conversion", "signup", None, "sign-up"),
    ]


def test_ga_exposures_are_exported_with_three_dimensions(publication: Path) -> None:
    exported = pl.read_csv(
        publication.parent / "exports" / "ga_exposures.csv", infer_schema_length=0
    )
    [campaign] = exported.filter(pl.col("vendor") == "abmatic").rows(named=True)
    assert campaign == {
        "message_id": "campaign",
        "vendor": "abmatic",
        "client_id": "a2",
        "user_id": None,
        "event": "Campaign Viewed",
        "campaign_id": "7",
        "variation_id": "2",
        "visitor_segment": "Fin",
        "occurred_at": "2026-05-01 10:01:00",
    }
    assert exported.height == 3


def test_vendor_reconciliation_follows_a_conversion_from_landing_to_credit(
    publication: Path,
) -> None:
    traced = published(publication, "from rpt_vendor_reconciliation where conversion = 'lead'")
    assert {row.pop("vendor"): tuple(row.values())[1:] for row in traced} == {
        "mutiny": (105, 100, 90, 1, 1),
        "abmatic": (105, 100, 100, 0, 0),
    }
