"""What counts once at a vendor: the person, an identifier or an account of a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from tests.warehouse.oracle.accounts import account_of
from tests.warehouse.oracle.conversions import Happening
from tests.warehouse.oracle.exposures import Exposure
from tests.warehouse.oracle.identity import Identifier, Identity
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import UnitType


def unit_of(
    message: Message, person_id: str, unit_type: UnitType, identity: Identity
) -> str | None:
    """The unit a message carries; blocked values and hubs are none."""
    if unit_type == "person":
        return person_id
    if unit_type == "account":
        return account_of(message)
    value = message.user_id if unit_type == "user_id" else message.anonymous_id
    if value is None or Identifier(unit_type, value) not in identity.usable(message):
        return None
    return value


class UnitConversions:
    """Conversions and refunds by the unit they carry, and by person where they carry none.

    An account stands on the message or nowhere: without one a conversion is nobody's.
    """

    def __init__(
        self, happened: Iterable[Happening], unit_type: UnitType, identity: Identity
    ) -> None:
        self._of_unit: defaultdict[str, list[Happening]] = defaultdict(list)
        self._of_person: defaultdict[str, list[Happening]] = defaultdict(list)
        for one in happened:
            unit_id = unit_of(one.message, one.person_id, unit_type, identity)
            if unit_id is not None:
                self._of_unit[unit_id].append(one)
            elif unit_type != "account":
                self._of_person[one.person_id].append(one)

    def of(self, unit_id: str, persons: Collection[str]) -> Sequence[Happening]:
        """What a unit did: what carries it, and what its persons did that carries no unit."""
        if not persons:
            return self._of_unit.get(unit_id, [])
        uncarried = [one for person in persons for one in self._of_person.get(person, [])]
        return self._of_unit.get(unit_id, []) + uncarried


def persons_by_unit(views: Iterable[Exposure]) -> dict[str, list[str]]:
    """By unit of a grain: the persons whose first view in it was of that unit."""
    first: dict[str, str] = {}
    for view in sorted(views, key=lambda view: view.order):
        if view.unit_id is not None:
            first.setdefault(view.person_id, view.unit_id)
    persons: defaultdict[str, list[str]] = defaultdict(list)
    for person_id, unit_id in first.items():
        persons[unit_id].append(person_id)
    return dict(persons)
