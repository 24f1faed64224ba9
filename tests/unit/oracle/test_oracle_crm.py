"""Records of the CRM in the rules of the oracle: the cases land no CRM files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.rules import Compare, Every, Segment
from tests.warehouse.oracle.settings import CrmRow, OracleSettings

LEAD = CrmRow("lead", " Bob@X.com", {"Industry": "SaaS"})
CONTACT = CrmRow("contact", "bob@x.com", {"Industry": "Finance"}, datetime(2026, 5, 3))
SAAS = Compare("lead", "Industry", "=", "SaaS")
FINANCE = Compare("contact", "Industry", "=", "Finance")


def told(day: int, **traits: Any) -> RawMessage:
    at = f"2026-05-0{day}T00:00:00Z"
    payload = {"messageId": f"m{day}", "type": "identify", "userId": "u", "traits": traits}
    return RawMessage("web", "f", day, payload | {"timestamp": at, "receivedAt": at})


def asked(rule: Compare, *messages: RawMessage, crm: tuple[CrmRow, ...]) -> Oracle:
    settings = OracleSettings(segments=(Segment("s", Every((rule,))),), crm=crm)
    return Oracle([*messages, told(9, plan="pro")], settings)


def days(found: Oracle) -> list[tuple[int, int | None]]:
    return [
        (row["member_from"].day, None if row["member_to"] is None else row["member_to"].day)
        for row in found.fct_user_segment_memberships
    ]


def test_crm_records_hold_by_email_and_a_contact_leaves_no_lead() -> None:
    email = told(2, email="BOB@x.com ")
    assert days(asked(SAAS, email, crm=(LEAD,))) == [(2, None)]
    assert days(asked(SAAS, email, crm=(LEAD, CONTACT))) == []
    assert days(asked(FINANCE, email, crm=(CONTACT,))) == [(3, None)]
    assert days(asked(SAAS, told(2, Email="bob@x.com"), crm=(LEAD,))) == []
    assert days(asked(SAAS, email, told(4, email=None), crm=(LEAD,))) == [(2, 4)]


def test_crm_rules_are_retrospective() -> None:
    [row] = asked(SAAS, crm=(LEAD,)).dim_user_segments
    assert row["is_retrospective"] is True
