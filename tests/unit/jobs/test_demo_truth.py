"""The truth of a demo, derived again from what landed, row by row, sharing no code with it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
import yaml

from jobs.demo import write_demo

TYPES = {"identify", "track", "page", "screen", "group", "alias", "delete"}
OBJECTS = ("context", "integrations", "properties", "traits")
EVENT_OF_CONVERSION = {
    "signup": "Signed Up",
    "order": "Order Completed",
    "demo_request": "Demo Requested",
}

INTEGRATION_OF_VENDOR = {"mutiny": "Mutiny", "split": "Split", "abmatic": "Markettailor"}


class Weak(NamedTuple):
    kind: str
    value: str


@pytest.mark.parametrize("seed", [1, 2])
def test_truth_is_what_the_landed_messages_say(tmp_path: Path, seed: int) -> None:
    write_demo(tmp_path, visitors=600, seed=seed)
    truth = json.loads((tmp_path / "truth.json").read_text())
    told = {
        (row["experience"], row["audience_segment"], row["conversion"], arm): (
            counts["visitors"],
            counts["converters"],
        )
        for row in truth["results"]
        for arm, counts in row["arms"].items()
    }
    assert derive_results(tmp_path) == told


def test_truth_counts_the_accounts_that_landed_messages_name(tmp_path: Path) -> None:
    write_demo(tmp_path, visitors=600, seed=1)
    messages = staged_messages(tmp_path)
    settings = yaml.safe_load((tmp_path / "lift.yml").read_text())
    person_of = resolve(messages, settings["identity"]["max_links"])
    pairs = {
        (person_of[message["id"]], message["group"])
        for message in messages
        if links(message) and message["group"] and person_of[message["id"]] is not None
    }
    assert json.loads((tmp_path / "truth.json").read_text())["accounts"] == {
        "accounts": len({group for _, group in pairs}),
        "memberships": len(pairs),
    }


def test_kiosk_is_a_hub_in_the_truth_too(tmp_path: Path) -> None:
    """From 2,000 visitors on there is a device that more than a hundred users log in on."""
    write_demo(tmp_path, visitors=2_000, days=14, seed=3)
    truth = json.loads((tmp_path / "truth.json").read_text())
    messages = staged_messages(tmp_path)
    settings = yaml.safe_load((tmp_path / "lift.yml").read_text())
    assert hubs_of([m for m in messages if links(m)], settings["identity"]["max_links"])
    derived = derive_results(tmp_path)
    for row in truth["results"]:
        for arm, counts in row["arms"].items():
            key = (row["experience"], row["audience_segment"], row["conversion"], arm)
            assert derived[key] == (counts["visitors"], counts["converters"])


def test_as_of_is_the_latest_receipt_of_a_staged_message(tmp_path: Path) -> None:
    write_demo(tmp_path, visitors=600, seed=4)
    truth = json.loads((tmp_path / "truth.json").read_text())
    latest = max(message["received"] for message in staged_messages(tmp_path))
    assert datetime.fromisoformat(truth["as_of"]) == latest


def derive_results(demo: Path) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    messages = staged_messages(demo)
    settings = yaml.safe_load((demo / "lift.yml").read_text())
    person_of = resolve(messages, settings["identity"]["max_links"])
    counted = [m for m in messages if not m["excluded"] and person_of[m["id"]] is not None]

    first: dict[tuple[str, str, str, Any], tuple[str, datetime]] = {}
    for message in counted:
        exposure = exposure_of(message)
        if exposure:
            vendor, experience, segment, arm = exposure
            for name in {segment, "(all)"}:
                key = (vendor, experience, name, person_of[message["id"]])
                first.setdefault(key, (arm, message["occurred"]))

    times: dict[tuple[str, str], dict[Any, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    orders = set()
    for message in counted:
        for name, event in EVENT_OF_CONVERSION.items():
            if message["type"] != "track" or message["event"] != event:
                continue
            for vendor in filter(partial(received, message), INTEGRATION_OF_VENDOR):
                if name == "order":
                    order = (vendor, message["properties"]["order_id"])
                    if order in orders:
                        continue
                    orders.add(order)
                times[vendor, name][person_of[message["id"]]].append(message["occurred"])

    results: dict[tuple[str, str, str, str], tuple[int, int]] = {}
    for (vendor, experience, segment, person), (arm, since) in first.items():
        for name in EVENT_OF_CONVERSION:
            until = since + timedelta(days=7)
            converted = any(since <= at < until for at in times[vendor, name][person])
            visitors, converters = results.get((experience, segment, name, arm), (0, 0))
            results[experience, segment, name, arm] = (visitors + 1, converters + converted)
    return results


def staged_messages(demo: Path) -> list[dict[str, Any]]:
    """Every message once, without rejects, in the order of semantics."""
    blocked = yaml.safe_load((demo / "lift.yml").read_text())["identity"]["blocked"]
    staged: dict[str, dict[str, Any]] = {}
    for row in landed_rows(demo):
        if row["type"] not in TYPES or not (row["anonymousId"] or row["userId"]):
            continue
        message: dict[str, Any] = {
            name: json.loads(row[name]) if row[name] else {} for name in OBJECTS
        }
        message |= {"id": row["messageId"], "type": row["type"], "event": row["event"]}
        message["group"] = row["groupId"] or message["context"].get("groupId")
        message["received"] = as_time(row["receivedAt"])
        message["occurred"] = occurred_at(row)
        message["user"] = usable(row["userId"], blocked)
        message["previous"] = usable(row["previousId"], blocked)
        message["weak"] = []
        if anon := usable(row["anonymousId"], blocked):
            message["weak"].append(Weak("anonymous_id", anon))
        mutiny = message["traits"].get("mutinyVisitorId") if row["type"] == "identify" else None
        if value := usable(mutiny, blocked):
            message["weak"].append(Weak("mutiny_visitor_id", value))
        message["excluded"] = "bot" in (message["context"].get("userAgent") or "")
        known = staged.get(message["id"])
        if known is None or message["received"] < known["received"]:
            staged[message["id"]] = message
    return sorted(staged.values(), key=lambda m: (m["occurred"], m["received"], m["id"]))


def landed_rows(demo: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((demo / "landing").rglob("*.parquet")):
        yield from pl.read_parquet(path).iter_rows(named=True)


def as_time(value: str | datetime | None) -> datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value) if isinstance(value, str) else value.replace(tzinfo=UTC)


def occurred_at(row: dict[str, Any]) -> datetime:
    received = as_time(row["receivedAt"])
    sent, original = as_time(row["sentAt"]), as_time(row["originalTimestamp"])
    assert received is not None
    occurred = as_time(row["timestamp"])
    if occurred is None:
        occurred = received - (sent - original) if sent and original else received
    return received if occurred > received + timedelta(minutes=5) else occurred


def usable(value: str | None, blocked: list[str]) -> str | None:
    if not value or any(re.fullmatch(entry, value.strip().lower()) for entry in blocked):
        return None
    return value


def links(message: dict[str, Any]) -> bool:
    return not message["excluded"] and "personas" not in message["context"]


def hubs_of(linking: list[dict[str, Any]], max_links: int) -> set[Weak]:
    met: dict[tuple[Weak, str], set[str]] = defaultdict(set)
    for message in linking:
        for weak in message["weak"]:
            if message["user"]:
                met[weak, "user_id"].add(message["user"])
            for other in message["weak"]:
                if other != weak:
                    met[weak, other.kind].add(other.value)
    return {weak for (weak, _), others in met.items() if len(others) > max_links}


class Groups:
    """Union-find over anything hashable."""

    def __init__(self) -> None:
        self.parent: dict[Any, Any] = {}

    def find(self, node: Any) -> Any:
        while self.parent.setdefault(node, node) != node:
            node = self.parent[node]
        return node

    def join(self, a: Any, b: Any) -> None:
        self.parent[self.find(a)] = self.find(b)


def resolve(messages: list[dict[str, Any]], max_links: int) -> dict[str, Any]:
    linking = [message for message in messages if links(message)]
    anonymous = {weak.value for m in linking for weak in m["weak"] if weak.kind == "anonymous_id"}
    users = {message["user"] for message in linking if message["user"]}
    strong, devices = Groups(), Groups()
    for message in linking:
        if message["type"] == "alias" and message["user"] and message["previous"]:
            if message["previous"] in anonymous and message["previous"] not in users:
                message["weak"].append(Weak("anonymous_id", message["previous"]))
            else:
                strong.join(message["user"], message["previous"])
    hubs = hubs_of(linking, max_links)
    for message in messages:
        message["weak"] = [weak for weak in message["weak"] if weak not in hubs]
    for message in linking:
        for weak in message["weak"][1:]:
            devices.join(message["weak"][0], weak)

    logins: dict[Any, list[tuple[datetime, str]]] = defaultdict(list)
    for message in linking:
        if message["user"] and message["weak"]:
            device = devices.find(message["weak"][0])
            logins[device].append((message["occurred"], strong.find(message["user"])))

    person_of: dict[str, Any] = {}
    for message in messages:
        if message["user"]:
            person_of[message["id"]] = strong.find(message["user"])
        elif message["weak"]:
            device = devices.find(message["weak"][0])
            following = [user for at, user in logins[device] if at >= message["occurred"]]
            before = [user for _, user in logins[device]]
            person_of[message["id"]] = (
                following[0] if following else before[-1] if before else device
            )
        else:
            person_of[message["id"]] = None
    return person_of


def exposure_of(message: dict[str, Any]) -> tuple[str, str, str, str] | None:
    said = message["properties"]
    found = None
    if message["type"] != "track":
        return None
    if message["event"] == "Mutiny Experience Viewed":
        arms = {"true": "personalized", "false": "control"}
        personalized = said.get("personalized")
        text = json.dumps(personalized) if isinstance(personalized, bool) else personalized
        if text in arms and said.get("experience") and said.get("audienceSegment"):
            found = ("mutiny", said["experience"], said["audienceSegment"], arms[text])
    elif message["event"] == "get_treatment":
        if said["treatment"] != "control" and said["environmentName"] == "prod":
            arm = "control" if said["treatment"] == "off" else "personalized"
            found = ("split", said["split"], "(all)", arm)
    elif message["event"] == "Campaign Viewed":
        arm = "control" if said["variation_id"] == "control" else "personalized"
        found = ("abmatic", said["campaign_id"], said["visitor_segment"], arm)
    return found


def received(message: dict[str, Any], vendor: str) -> bool:
    """Whether the vendor, active and connected to every source, received the message."""
    consent = message["context"].get("consent", {}).get("categoryPreferences")
    if vendor != "split" and consent is not None and not consent.get("Advertising"):
        return False
    integrations = message["integrations"]
    value = integrations.get(INTEGRATION_OF_VENDOR[vendor], integrations.get("All", True))
    return value is True or isinstance(value, dict)
