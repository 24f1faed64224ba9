"""One night over small stories: what Google Analytics gets, and what a vendor counts."""

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
exposures:
  - {adapter: mutiny}
  - adapter: abmatic
    trigger: 'type = "track" and event = "Campaign Viewed"'
    experience: [properties.campaign_id, properties.campaignId]
    variant: [properties.variationId]
    audience_segment: [properties.visitorSegment]
    control_variants: ["1"]
destinations:
  abmatic: {conversion_integration: [google_analytics]}
conversions:
  - {name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true}
  - {name: lead, trigger: 'type = "track" and event = "Lead Sent"'}
  - {name: order, trigger: 'type = "track" and event = "Ordered"', value: properties.total,
     currency: properties.currency}
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

ORDERS = [
    _message(name, 10, "Ordered", user="buyer", properties={"total": 5, "currency": "USD"})
    for name in ("fired", "fired twice")
]


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "landing" / "web").mkdir(parents=True)
    pl.DataFrame([*CAMPAIGNS, *LEADS, *ORDERS]).write_parquet(
        folder / "landing" / "web" / "part.parquet"
    )
    (folder / "lift.yml").write_text(SETTINGS)
    return nightly(load_settings(folder / "lift.yml")).publication


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
    assert exported.height == 2


def test_vendor_reconciliation_follows_a_conversion_from_landing_to_credit(
    publication: Path,
) -> None:
    traced = published(publication, "from rpt_vendor_reconciliation where conversion = 'lead'")
    assert {row.pop("vendor"): tuple(row.values())[1:] for row in traced} == {
        "mutiny": (105, 100, 90, 1, 1),
        # It takes conversions from Google Analytics, so it receives none of Segment's.
        "abmatic": (105, 100, 0, 0, 0),
    }


def test_conversions_fired_twice_are_a_finding(publication: Path) -> None:
    found = published(
        publication,
        "select subject, finding_count from dq_findings where check_name = 'possible_double_fire'",
    )
    assert found == [{"subject": "order", "finding_count": 1}]
