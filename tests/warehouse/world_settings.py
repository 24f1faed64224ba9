"""The settings of the random worlds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.settings import Conversion, Destination, OracleSettings, Source
from tests.warehouse.world_accounts import RENAMED
from tests.warehouse.world_adapters import ENVIRONMENT
from tests.warehouse.world_traits import LISTED, RULES

SHORT_WINDOW = timedelta(days=2)
LONG_WINDOW = timedelta(days=7)
LOOK_BACK = timedelta(days=5)
NOWHERE = "context.nowhere"  # a field that no message has: all units have the same value
MUTINY = Destination(consent_categories=("Advertising", "Functional"), region="us")
MUTINY_OF_ITS_REGION = replace(MUTINY, enforce_region=True)
ALL_DESTINATIONS = ("mutiny", "abmatic", "mixpanel", "split")


def world_settings(prefixes: Iterable[str] = (), **changes: Any) -> OracleSettings:
    """Settings under which small worlds meet every rule: low limits, short windows."""
    prefixes = list(prefixes)
    settings = OracleSettings(
        sources={
            "web": Source(id="wK3sQ", region="us", destinations=ALL_DESTINATIONS),
            "backend": Source(id="aB1xZ", kind="server", destinations=()),
            "product": Source(kind="product", region="eu", environment=ENVIRONMENT),
            "engage": Source(kind="engage", destinations=("mutiny",)),
        },
        destinations={"mutiny": MUTINY},
        aliases={"SignedUp": "Signed Up", "order_completed": "Order Completed", **RENAMED},
        max_links=3,
        segment_aliases={"SMB": "Small company"},
        periods={
            f"{prefix} Pricing": (
                (date(2026, 5, 4), date(2026, 5, 11)),
                (date(2026, 5, 11), date(2026, 5, 18)),
            )
            for prefix in prefixes
        },
        expected_split={
            f"{prefix} Homepage": {"control": 0.5, "personalized": 0.5} for prefix in prefixes
        },
        conversions=(
            Conversion("signup", Trigger(event="Signed Up"), main=True, window=LONG_WINDOW),
            Conversion(
                "order",
                Trigger(event="Order Completed"),
                window=SHORT_WINDOW,
                value="properties.revenue",
                currency="properties.currency",
                distinct_by="properties.order_id",
                refund=Trigger(event="Order Refunded"),
            ),
            Conversion(
                "pricing_page",
                Trigger(type="page", name="Pricing"),
                window=SHORT_WINDOW,
                sources=("web", "product"),
            ),
        ),
        audiences=LISTED,
        segments=RULES,
        breakdowns={
            "context.groupId": "context_group_id",
            "properties.variation": "properties_variation",
            "traits.industry": "traits_industry",
            "traits.company.name": "traits_company_name",
            "segment:not_in_finance": "segment_not_in_finance",
            "segment:beta_testers": "segment_beta_testers",
            "new_or_returning": "new_or_returning",
            NOWHERE: "context_nowhere",
        },
        alpha=0.4,
        tuning_visitors=20,
        srm_alpha=0.2,
        min_visitors=2,
        min_converters=1,
        cuped_lookback=LOOK_BACK,
    )
    return replace(settings, **changes)
