"""One night over small stories: a journey, Google Analytics, orders, a vendor's count."""

from __future__ import annotations

import json
from decimal import Decimal
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
  - name: order
    trigger: 'type = "track" and event = "Ordered"'
    value: properties.total
    currency: properties.currency
    distinct_by: properties.number
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

# Spellings of one currency, values that are no numbers, numbers of which each digit counts.
ORDERS = [
    _message("personalized", 1, "Mutiny Experience Viewed", user="buyer", properties=HERO),
    _message("control", 1, "Mutiny Experience Viewed", user="held back",
             properties={**HERO, "personalized": False}),
    *(
        _message(name, minute, "Ordered", user=user,
                 properties={"total": total, "currency": currency, "number": number})
        for name, minute, user, total, currency, number in [
            ("1", 2, "buyer", 10, "USD", 0.12345678901),
            ("2", 3, "buyer", 20.5, " usd", 0.12345678902),
            ("2 again", 4, "buyer", 20.5, "usd", 0.12345678902),
            ("3", 5, "held back", 30, "", 1),
            ("3 again", 6, "held back", 30, "", 1.0),
            ("text", 7, "buyer", "40", None, None),
            ("boolean", 8, "buyer", True, "USD ", ""),
            ("too much", 9, "held back", 1e10, "Usd", 2),
            ("fired", 10, "buyer", 5, "USD", None),
            ("fired twice", 10, "buyer", 5, "USD", None),
        ]
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "landing" / "web").mkdir(parents=True)
    pl.DataFrame([*JOURNEY, *CAMPAIGNS, *LEADS, *ORDERS]).write_parquet(
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
    assert exported.height == 5


def test_vendor_reconciliation_follows_a_conversion_from_landing_to_credit(
    publication: Path,
) -> None:
    traced = published(publication, "from rpt_vendor_reconciliation where conversion = 'lead'")
    assert {row.pop("vendor"): tuple(row.values())[1:] for row in traced} == {
        "mutiny": (105, 100, 90, 1, 1),
        # It takes conversions from Google Analytics, so it receives none of Segment's.
        "abmatic": (105, 100, 0, 0, 0),
    }


def test_orders_have_one_currency_and_collapse_on_numbers_of_equal_value(
    publication: Path,
) -> None:
    found = published(
        publication,
        "select message_id, value, currency from fct_conversions where conversion = 'order'",
    )
    assert {row["message_id"]: (row["value"], row["currency"]) for row in found} == {
        "1": (10, "USD"),
        "2": (Decimal("20.5"), "USD"),
        "3": (30, None),
        "text": (None, None),
        "boolean": (None, "USD"),
        "too much": (None, "USD"),
        "fired": (5, "USD"),
        "fired twice": (5, "USD"),
    }
    totals = published(
        publication,
        "select control_total, variant_total from fct_experience_lift where conversion = 'order'"
        " and metric = 'value_per_visitor' and audience_segment = '(all)' and vendor = 'mutiny'",
    )
    assert totals == [{"control_total": 30, "variant_total": 40.5}]


def test_orders_that_are_read_otherwise_than_sent_are_findings(publication: Path) -> None:
    found = published(publication, "from dq_findings where subject = 'order'")
    assert {row["check_name"]: row["finding_count"] for row in found} == {
        "value_not_a_number": 2,
        "value_out_of_range": 1,
        "possible_double_fire": 1,
    }
    assert not published(publication, "from dq_findings where check_name = 'mixed_currencies'")


def test_orders_without_credit_say_why(publication: Path) -> None:
    found = published(publication, "from rpt_unattributed_conversions where conversion = 'order'")
    reasons = {(row["vendor"], row["message_id"]): row["reason"] for row in found}
    orders = ("1", "2", "3", "text", "boolean", "too much", "fired", "fired twice")
    assert reasons == {
        ("mutiny", "3"): "control_only",
        ("mutiny", "too much"): "control_only",
        **{("abmatic", order): "conversion_integration_off" for order in orders},
    }
