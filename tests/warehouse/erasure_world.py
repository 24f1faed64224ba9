"""A small company with a person who is to be erased, and the same without that person."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from jobs.config import Settings, load_settings

Message = dict[str, Any]

GONE = "gone-user-4711"
# What only the person had, what of it no publication tells, and the one thing that they shared.
LATE = "gone-watch-0817"
OWN_NAMES = (
    GONE, "gone-formerly-12", "gone-phone-0815", "gone-laptop-0816", LATE, "gone-visitor-99",
    "gone.person@example.org", "gone.earlier@example.org", "gone-order-5",
    "gone-lead-31", "gone-contact-32", "Gone & Daughters", "Gone Holding",
)  # fmt: skip
UNPUBLISHED = ("gone-order-5", "Gone & Daughters", "Gone Holding", LATE)
SHARED = "family-tablet-3"
STAYS = "stays-user-1"
STAYS_EMAIL = "stays@example.org"

START = datetime(2026, 5, 4, 9)
LOG = "segment-logs/web/1777852800000/lines.gz"
LEADS = "crm/leads.csv"
CONTACTS = "crm/contacts.parquet"
LIFT_YML = {
    "landing": "landing",
    "sources": {"web": {"kind": "website"}},
    "conversions": [
        {"name": "signup", "trigger": 'type = "track" and event = "Signed Up"', "main": True}
    ],
    "crm": {
        "leads": LEADS,
        "contacts": CONTACTS,
        "fields": {"lead": ["Company"], "contact": ["Company"]},
    },
    "segments": [{"name": "Active", "all": [{"event": 'type = "track"', "count": 1}]}],
    "publication": {"keep": 3},
}
EXPOSURE = {"experience": "Pricing", "audienceSegment": "Everybody"}
BROKEN_LINES = [
    f'{{"type": "track", "userId": "{GONE}", "properties": {{"order": "gone-order-5"',
    json.dumps({"type": "odd", "messageId": "odd-1", "userId": GONE, "receivedAt": "2026-05-05"}),
    json.dumps({"type": "odd", "messageId": "odd-2", "anonymousId": "gone-phone-0815"}),
    json.dumps({"type": "odd", "messageId": "odd-3", "userId": "user-3"}),
]


def gone_messages() -> list[Message]:
    """What the person did: two devices, a former name, a shared device, a conversion."""
    phone, laptop = {"anonymousId": "gone-phone-0815"}, {"anonymousId": "gone-laptop-0816"}
    shared, user = {"anonymousId": SHARED}, {"userId": GONE}
    traits = {"mutinyVisitorId": "gone-visitor-99", "email": "gone.person@example.org"}
    order = {"order": "gone-order-5"}
    return [
        _call("g1", 0, "track", event="Mutiny Experience Viewed", **phone,
              properties=EXPOSURE | {"personalized": True}),
        _call("g9", 3, "identify", **phone, **user, traits={"email": "gone.earlier@example.org"}),
        _call("g2", 5, "identify", **phone, **user, traits=traits),
        _call("g3", 6, "track", event="Signed Up", **phone, **user, properties=order),
        _call("g4", 9, "alias", previousId="gone-formerly-12", **user),
        _call("g5", 10, "track", event="Seen", userId="gone-formerly-12", **laptop),
        _call("g6", 12, "identify", traits={"mutinyVisitorId": "gone-visitor-99"}, **laptop),
        _call(None, 13, "page", name="Pricing", **laptop),
        # Between two logins of the one who stays.
        _call("g7", 35, "track", event="Mutiny Experience Viewed", **shared,
              properties=EXPOSURE | {"personalized": True}),
        _call("g8", 40, "track", event="Signed Up", **shared, **user),
    ]  # fmt: skip


def late_messages() -> list[Message]:
    """A device of theirs that lands after everything else."""
    watch = {"anonymousId": LATE}
    return [
        _call("l1", 70, "page", name="Pricing", **watch),
        _call("l2", 71, "identify", userId=GONE, **watch),
    ]


def dated_otherwise() -> list[Message]:
    """A copy of what they saw on the shared device, dated when it was the other's."""
    at = _call("g7", 55, "track")
    return [message | at for message in gone_messages() if message["messageId"] == "g7"]


def other_messages() -> list[Message]:
    """What everybody else did, on the shared device too, the last message of all included."""
    shared = {"anonymousId": SHARED}
    messages = [
        _call("s1", 20, "track", event="Mutiny Experience Viewed", **shared,
              properties=EXPOSURE | {"personalized": False}),
        _call("s2", 30, "identify", userId=STAYS, traits={"plan": "pro", "email": STAYS_EMAIL},
              **shared),
        _call("s3", 50, "page", name="Pricing", **shared),
        _call("s4", 60, "track", event="Signed Up", userId=STAYS, **shared),
    ]  # fmt: skip
    for number in range(2, 14):
        device, user = {"anonymousId": f"device-{number}"}, {"userId": f"user-{number}"}
        seen = EXPOSURE | {"personalized": number % 2 == 0}
        messages += [
            _call(f"v{number}", 100 + number, "track", event="Mutiny Experience Viewed", **device,
                  properties=seen),
            _call(f"i{number}", 200 + number, "identify", **device, **user),
        ]  # fmt: skip
        if number % 3 == 0:
            messages.append(_call(f"c{number}", 300 + number, "track", event="Signed Up", **user))
    return messages


def under_new_ids(messages: Iterable[Message]) -> list[Message]:
    """The same messages as a replay sends them, when it names them anew."""
    return [message | {"messageId": f"replayed-{n}"} for n, message in enumerate(messages)]


def write_company(folder: Path, *, with_gone: bool = True) -> Settings:
    """Land the company, all of it twice, beside lines that are no messages."""
    gone = gone_messages() if with_gone else []
    late = dated_otherwise() if with_gone else []
    lines = [line for line in BROKEN_LINES if with_gone or "gone" not in line]
    write_messages(folder / "landing" / "web" / "others.parquet", other_messages())
    if gone:
        write_messages(folder / "landing" / "web" / "gone.parquet", gone)
    write_messages(folder / "landing" / "web" / "all.parquet", [*gone, *late, *other_messages()])
    log = folder / "landing" / LOG
    log.parent.mkdir(parents=True)
    log.write_bytes(gzip.compress("\n".join(lines).encode()))
    write_crm(folder, with_gone=with_gone)
    (folder / "lift.yml").write_text(yaml.safe_dump(LIFT_YML))
    return load_settings(folder / "lift.yml")


def write_crm(folder: Path, *, with_gone: bool = True, spelled: str = "Gone.Person@") -> None:
    """A lead and a contact of the person, each under another of their emails, and of others."""
    columns = {"Id": pl.String, "Email": pl.String, "Company": pl.String}
    leads = [("stays-lead-1", STAYS_EMAIL, "Stays & Sons")]
    contacts = [("else-contact-2", "else@example.org", "Else")]
    if with_gone:
        leads.append(("gone-lead-31", f" {spelled}Example.org ", "Gone & Daughters"))
        contacts.append(("gone-contact-32", f"{spelled[0]}one.Earlier@example.org", "Gone Holding"))
    (folder / LEADS).parent.mkdir(exist_ok=True)
    pl.DataFrame(leads, columns, orient="row").write_csv(folder / LEADS)
    pl.DataFrame(contacts, columns, orient="row").write_parquet(folder / CONTACTS)


def write_messages(path: Path, messages: Iterable[Message]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = [
        "messageId", "type", "event", "name", "anonymousId", "userId", "previousId", "timestamp",
        "receivedAt", "properties", "traits",
    ]  # fmt: skip
    rows = [{field: message.get(field) for field in fields} for message in messages]
    pl.DataFrame(rows, schema=dict.fromkeys(fields, pl.String)).write_parquet(path)


def _call(message_id: str | None, minute: int, kind: str, **fields: Any) -> Message:
    at = (START + timedelta(minutes=minute)).isoformat(timespec="milliseconds") + "Z"
    texts = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in fields.items()
    }
    return {"messageId": message_id, "type": kind, "timestamp": at, "receivedAt": at, **texts}
