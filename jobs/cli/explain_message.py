"""What became of a message, as text and as records."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from jobs.cli.conversion_outcomes import outcome_lines
from jobs.explain.message import Delivery, Message, MessageExplanation
from jobs.words import printable, written

LEFT_OUT = ("message_id", "surrogate_key")


def print_message(console: Console, found: MessageExplanation) -> None:
    """Print the message as it landed, what it counts as, and what destinations made of it."""
    for line in _lines(found):
        console.print(line, soft_wrap=True)


def message_records(found: MessageExplanation) -> Iterator[dict[str, Any]]:
    """Yield the message, what it counts as, what became of it, its deliveries and their rows.

    `kind` says which of them a record is; for a row it is the name of its table.
    """
    yield {"kind": "message", **asdict(found.message)}
    for meaning in found.meanings:
        yield asdict(meaning)
    for outcome in found.outcomes:
        yield {"kind": "conversion_outcome", **asdict(outcome)}
    for delivery in found.deliveries:
        facts = {"destination": delivery.destination, "outcome": delivery.outcome}
        yield {"kind": "delivery", **facts, "reason": delivery.reason}
        for table, row in delivery.rows:
            yield {"kind": table, **row}


def _lines(found: MessageExplanation) -> Iterator[Text]:
    message = found.message
    yield Text(printable(message.message_id), "bold")
    for name, words in _facts(message):
        yield Text(f"  {name:<12} {printable(words)}")
    yield Text("What it counts as", "bold")
    for meaning in found.meanings:
        detail = "" if meaning.detail is None else f": {meaning.detail}"
        yield Text(f"  {meaning.kind} {printable(meaning.subject + detail)}")
    if not found.meanings:
        yield Text("  neither an exposure nor a conversion", "dim")
    if found.outcomes:
        yield Text("What became of the conversion", "bold")
    for line in outcome_lines(found.outcomes):
        yield Text(printable(line))
    yield Text("What destinations made of it", "bold")
    for delivery in found.deliveries:
        yield from _delivery(delivery)
    if not found.deliveries:
        yield Text("  no destination is set up in lift.yml", "dim")


def _facts(message: Message) -> Iterator[tuple[str, str]]:
    yield "landed", f"{message.file}, row {message.row_number:,}, source {message.source}"
    event = "" if message.event_name is None else f" {message.event_name}"
    was = message.original_event_name
    renamed = "" if was in (None, message.event_name) else f", sent as {was}"
    yield "call", f"{message.type}{event}{renamed}"
    yield "happened", f"{written(message.occurred_at)} UTC ({message.timestamp_quality})"
    yield "received", f"{written(message.received_at)} UTC"
    for name in ("user_id", "anonymous_id", "group_id"):
        value = getattr(message, name)
        if value is not None:
            yield name, value
    yield "person", message.person_id or "nobody: it carries only blocked identifiers"
    yield "staged", _staged(message)


def _staged(message: Message) -> str:
    if message.is_behaviour:
        return "counts as behaviour"
    if message.is_excluded:
        return "excluded by a trigger of lift.yml"
    return "not behaviour: sent by Segment itself or by Engage"


def _delivery(delivery: Delivery) -> Iterator[Text]:
    outcome = delivery.outcome if delivery.reason is None else f"dropped: {delivery.reason}"
    style = "green" if delivery.reason is None else "yellow"
    yield Text.assemble(f"  {delivery.destination:<12} ", (outcome, style))
    for table, row in delivery.rows:
        values = (
            f"{name}={value}"
            for name, value in row.items()
            if name not in LEFT_OUT and value not in (None, [])
        )
        yield Text(f"    {table}  {printable('  '.join(values))}")
