"""Hand-computed cases, written down once for the oracle and for the warehouse.

    A view before a login counts for whoever then logs in.
        1 page u=u1 a=a      -> user_id:u1
        2 view a=a           -> user_id:u2
        3 page u=u2 a=a      -> user_id:u2
      fct_assignments where audience_segment=(all): unit_id impressions
        user_id:u2 1

A sentence at the margin is the rule. Below it, four spaces in, are its messages: the day of May
2026 (`2`, `2T10:00`, `2+` a microsecond later), the call, and its fields. An arrow names the person
of the message. Two spaces in are what the case sets (`split`, `periods`, `segment`) and the tables
with the columns to compare; below those, four spaces in, are all the rows that it has there.

The ids of a case and the names of its experiences and segments are its own (`PREFIXED`): many cases
share one warehouse. A value after `!` is sent as it is, `-` is null.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.warehouse.oracle.messages import RawMessage

Row = dict[str, Any]
Cells = tuple[str, ...]

FOLDER = Path(__file__).parent
MICROSECOND = timedelta(microseconds=1)
SHORT = {
    "u": "userId", "a": "anonymousId", "p": "previousId", "g": "groupId", "n": "name",
    "ev": "event", "id": "messageId", "m": "traits.mutinyVisitorId", "e": "traits.email",
    "exp": "properties.experience", "seg": "properties.audienceSegment",
    "personalized": "properties.personalized", "revenue": "properties.revenue",
    "currency": "properties.currency", "o": "properties.order_id",
}  # fmt: skip
PREFIXED = {
    "userId", "anonymousId", "previousId", "groupId", "messageId", "traits.mutinyVisitorId",
    "traits.email", "properties.experience", "properties.order_id", "context.groupId",
    "properties.split", "properties.experiment_name", "properties.experiment_id",
    "properties.questionnaire", "properties.campaign_id",
}  # fmt: skip
# Calls of their own: the type, and the fields that a line may overwrite.
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "view": (
        "track",
        {"ev": "Mutiny Experience Viewed", "exp": "Home", "seg": "Big", "personalized": "true"},
    ),
    "control": (
        "track",
        {"ev": "Mutiny Experience Viewed", "exp": "Home", "seg": "Big", "personalized": "false"},
    ),
    "signup": ("track", {"ev": "Signed Up"}),
    "order": ("track", {"ev": "Order Completed", "revenue": "10"}),
    "refund": ("track", {"ev": "Order Refunded"}),
}
OWN = re.compile(r"\bk\d+-")
WORD = re.compile(r"(?:[^\s']|'[^']*')+")
TABLE = re.compile(r"(\w+)(?: where (.*?))?: (.*)")


@dataclass
class Table:
    """All rows that a case has in a table, where some columns have some values."""

    name: str
    where: dict[str, str]
    columns: Sequence[str]
    rows: list[Cells] = field(default_factory=list)

    def shown(self, rows: Sequence[Row], prefix: str) -> list[Cells]:
        """The rows of a case as its table writes them, in order."""
        return sorted(
            tuple(text(row[name], prefix) for name in self.columns)
            for row in rows
            if all(text(row[name], prefix) == value for name, value in self.where.items())
        )


@dataclass
class Case:
    """One rule, with messages that try it and the rows that follow."""

    rule: str
    file: str
    number: int
    variant: str = "plain"
    messages: list[RawMessage] = field(default_factory=list)
    persons: list[Cells] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """What the ids and names of this case begin with."""
        return f"k{self.number}-"

    def own(self, name: str) -> str:
        return self.prefix + name


def read_cases() -> list[Case]:
    """Every case of every file."""
    cases: list[Case] = []
    for path in sorted(FOLDER.glob("*.txt")):
        _read_file(path, cases)
    return cases


def _read_file(path: Path, cases: list[Case]) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        indent = len(line) - len(line.lstrip())
        words = line.strip()
        try:
            if not words or words.startswith("#"):
                continue
            if indent == 0:
                cases.append(Case(words.rstrip("."), path.stem, len(cases) + 1))
            elif indent == 2:
                _read_option(words, cases[-1])
            elif cases[-1].tables:
                table = cases[-1].tables[-1]
                cells = tuple(words.split())
                assert len(cells) == len(table.columns), f"{len(table.columns)} columns"
                table.rows.append(cells)
            else:
                _read_message(words, cases[-1])
        except (AssertionError, IndexError, KeyError, ValueError) as error:
            raise ValueError(f"{path.name}:{number}: {line!r}: {error}") from error


def _read_option(words: str, case: Case) -> None:
    name, _, rest = words.partition(" ")
    if name == "under":
        case.variant = rest
    elif name in ("split", "periods", "segment"):
        case.settings.append((name, rest))
    else:
        found = TABLE.fullmatch(words)
        assert found, "not a table"
        where = dict(word.split("=", 1) for word in (found[2] or "").split())
        case.tables.append(Table(found[1], where, found[3].split()))


def _read_message(words: str, case: Case) -> None:
    sent, _, person = (part.strip() for part in words.partition("->"))
    when, call, *fields = WORD.findall(sent)
    kind, defaults = CALLS.get(call, (call, {}))
    values = defaults | dict(word.split("=", 1) for word in fields)
    times = int(values.pop("times", "1"))
    source, file = values.pop("src", "web"), case.own(values.pop("file", "f"))
    received = values.pop("rec", when)
    place = len(case.messages)
    for count in range(times):
        message_id = f"{place + 1:02}" if times == 1 else f"{place + 1:02}.{count:03}"
        payload: dict[str, Any] = {
            "messageId": case.own(message_id),
            "type": kind,
            "timestamp": _iso(when),
            "receivedAt": None if received == "-" else _iso(received),
        }
        for key, value in values.items():
            _set(payload, SHORT.get(key, key), value.replace("*", f"{count:03}"), case)
        row = 1 + sum((one.source, one.file) == (source, file) for one in case.messages[-999:])
        case.messages.append(RawMessage(source, file, row, payload))
        if person:
            own_id = str(payload["messageId"]).removeprefix(case.prefix)
            case.persons.append((own_id, "-" if person == "nobody" else person))


def _set(payload: dict[str, Any], name: str, value: str, case: Case) -> None:
    bare = re.sub(r"'([^']*)'", r"\1", value)
    sent: Any
    if name in PREFIXED and not bare.startswith("!") and bare != "-":
        sent = case.own(bare)
    else:
        sent = _json(bare.removeprefix("!"))
    *path, last = name.split(".")
    for part in path:
        payload = payload.setdefault(part, {})
    payload[last] = sent


def _json(value: str) -> Any:
    if value == "-":
        return None
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def at(when: str) -> datetime:
    """The moment that a case writes as `3`, `3T10:00` or, a microsecond later, `3T10:00+`."""
    day, _, clock = when.rstrip("+").partition("T")
    moment = datetime.fromisoformat(f"2026-05-{int(day):02}T{clock or '00:00'}")
    return moment + MICROSECOND * when.count("+")


def _iso(when: str) -> str:
    return at(when).isoformat() + "Z"


def by_case(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows that are of one case alone, by its prefix.

    A rule is asked of everybody: of its members only those of the same case are of it.
    """
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        prefixes = set(OWN.findall(str(list(row.values()))))
        if len(prefixes) == 1:
            [prefix] = prefixes
            if "user_segment" not in row or prefix in row.get("person_id", prefix):
                found[prefix].append(row)
    return found


def text(value: Any, prefix: str) -> str:
    """A value as the cases write it: a word without spaces."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return _moment(value)
        case date():
            return str(value.day) if (value.year, value.month) == (2026, 5) else str(value)
        case int() | float() | Decimal() | Fraction():
            return f"{float(value):.6g}"
        case _:
            return re.sub(r"\s", "_", str(value).replace(prefix, "")) or "''"


def _moment(moment: datetime) -> str:
    if (moment.year, moment.month) != (2026, 5):
        return moment.isoformat()
    later = moment.microsecond % 1000 == 1
    moment -= MICROSECOND * later
    clock = moment.time().isoformat().removesuffix(":00").removesuffix("00:00")
    return f"{moment.day}{'T' if clock else ''}{clock}{'+' * later}"


def all_messages(cases: Sequence[Case]) -> Iterator[RawMessage]:
    """The messages of some cases, and one on the 30th, by which everybody's windows are told."""
    for case in cases:
        yield from case.messages
    end = {"messageId": "end", "type": "page", "userId": "end", "timestamp": _iso("30")}
    yield RawMessage("web", "end", 1, end | {"receivedAt": _iso("30")})
