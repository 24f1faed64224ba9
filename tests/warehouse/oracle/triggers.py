"""What a trigger matches."""

from __future__ import annotations

from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.messages import Message


def is_match(trigger: Trigger, message: Message) -> bool:
    """Whether a message fires a trigger; `event` is the name after aliases."""
    if message.type != trigger.type:
        return False
    if trigger.event is not None and message.event_name != trigger.event:
        return False
    return trigger.name is None or message.name == trigger.name
