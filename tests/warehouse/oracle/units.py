"""What counts once at a vendor: the person, an identifier or an account of a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from tests.warehouse.oracle.accounts import account_of
from tests.warehouse.oracle.conversions import Happening
from tests.warehouse.oracle.entries import UnitType
from tests.warehouse.oracle.exposures import Exposure, Unit
from tests.warehouse.oracle.identity import Identifier, Identity
from tests.warehouse.oracle.messages import Message


def unit_of(
    message: Message, person_id: str, unit_type: UnitType, identity: Identity
) -> Unit | None:
    """The unit of a type that a message carries; blocked values and hubs are none."""
    if unit_type == "person":
        return Unit(unit_type, person_id)
    if unit_type == "account":
        account = account_of(message)
        return None if account is None else Unit(unit_type, account)
    value = message.user_id if unit_type == "user_id" else message.anonymous_id
    if value is None or Identifier(unit_type, value) not in identity.usable(message):
        return None
    return Unit(unit_type, value)


class UnitConversions:
    """Conversions and refunds by the unit they carry, and by person where they carry none.

    Each type of unit of the vendor is looked at by itself. An account is on the message or
    nowhere: without one a conversion is nobody's.
    """

    def __init__(
        self, happened: Iterable[Happening], unit_types: Iterable[UnitType], identity: Identity
    ) -> None:
        self._of_unit: defaultdict[Unit, list[Happening]] = defaultdict(list)
        self._of_person: defaultdict[Unit, list[Happening]] = defaultdict(list)
        unit_types = list(unit_types)
        for one in happened:
            for unit_type in unit_types:
                unit = unit_of(one.message, one.person_id, unit_type, identity)
                if unit is not None:
                    self._of_unit[unit].append(one)
                elif unit_type != "account":
                    self._of_person[Unit(unit_type, one.person_id)].append(one)

    def of(self, unit: Unit, persons: Collection[str]) -> Sequence[Happening]:
        """What a unit did: what carries it, and what its persons did that carries none."""
        if not persons:
            return self._of_unit.get(unit, [])
        uncarried = [
            one
            for person in persons
            for one in self._of_person.get(Unit(unit.unit_type, person), [])
        ]
        return self._of_unit.get(unit, []) + uncarried


def persons_by_unit(views: Iterable[Exposure]) -> dict[Unit, list[str]]:
    """By unit of a grain: the persons who were exposed first, of units of its type, as it."""
    first: dict[Unit, Unit] = {}
    for view in sorted(views, key=lambda view: view.order):
        if view.unit is not None:
            first.setdefault(Unit(view.unit.unit_type, view.person_id), view.unit)
    persons: defaultdict[Unit, list[str]] = defaultdict(list)
    for (_, person_id), unit in first.items():
        persons[unit].append(person_id)
    return dict(persons)
