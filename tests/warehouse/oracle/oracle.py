"""The oracle: published tables as plain rows, from raw messages and settings alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.warehouse.oracle import accounts, operations, segments, tables, traits
from tests.warehouse.oracle.assignments import (
    Assignment,
    Grain,
    assign,
    counted,
    views_by_grain,
    where_it_counts,
)
from tests.warehouse.oracle.attribution import Attributed, Unattributed, attribute
from tests.warehouse.oracle.audiences import AudienceChange, audience_changes
from tests.warehouse.oracle.breakdown_lift import breakdown_lifts
from tests.warehouse.oracle.breakdowns import breakdowns
from tests.warehouse.oracle.conversion_outcomes import exposed_rows, unexposed_rows
from tests.warehouse.oracle.conversions import (
    Happening,
    counted_by_vendor,
    distinct,
    happenings,
)
from tests.warehouse.oracle.cube import cube_totals
from tests.warehouse.oracle.delivery import DropReason, deliveries
from tests.warehouse.oracle.entries import UnitType
from tests.warehouse.oracle.exposures import Exposure, Unit, find_exposures
from tests.warehouse.oracle.facts import Facts
from tests.warehouse.oracle.identity import Identity
from tests.warehouse.oracle.lift_rows import LiftTables, lift_tables
from tests.warehouse.oracle.messages import (
    Message,
    RawMessage,
    accept,
    deduplicate,
    reused_ids,
)
from tests.warehouse.oracle.outcomes import UnitOutcome, unit_outcomes
from tests.warehouse.oracle.persons import Persons
from tests.warehouse.oracle.settings import Crossover, OracleSettings, Scope
from tests.warehouse.oracle.unit_rows import unit_rows
from tests.warehouse.oracle.units import UnitConversions, unit_of

Row = dict[str, Any]


class Oracle:
    """Everything that follows from `messages` under `settings`, in a run begun at `started_at`.

    Tables are lists of rows with the column names of the published file. Times are naive UTC
    datetimes. Values of single conversions and units are integers in units of 1/10,000; totals
    and means of lift rows are in the currency itself.
    """

    def __init__(
        self,
        messages: Iterable[RawMessage],
        settings: OracleSettings,
        started_at: datetime = datetime.max,
    ) -> None:
        self.settings = settings
        self.started_at = started_at
        self.accepted, self._rejects = accept(messages, settings)
        self.winners, self.losers = deduplicate(self.accepted, settings)
        self.identity = Identity(self.winners, settings)
        self.persons = Persons(self.identity)
        self.placed = [(message, self.persons.person_of(message)) for message in self.winners]
        self.exposures, self.incomplete = find_exposures(self.placed, settings, self._unit)

    def _unit(self, message: Message, person_id: str, unit_type: UnitType) -> Unit | None:
        return unit_of(message, person_id, unit_type, self.identity)

    def under(self, crossover: Crossover | None = None, scope: Scope | None = None) -> Oracle:
        """The same messages under another crossover policy or scope."""
        other = object.__new__(Oracle)
        shared = {
            name: value
            for name, value in self.__dict__.items()
            if not isinstance(getattr(Oracle, name, None), cached_property)
        }
        other.__dict__.update(shared)
        other.settings = replace(
            self.settings,
            crossover=crossover or self.settings.crossover,
            scope=scope or self.settings.scope,
        )
        return other

    @property
    def as_of(self) -> datetime | None:
        """The greatest `received_at` not later than the start of the run."""
        received = (message.received_at for message in self.winners)
        return max((moment for moment in received if moment <= self.started_at), default=None)

    # ---- messages -------------------------------------------------------------------------

    @property
    def rejects(self) -> list[Row]:
        """One row per rejected row."""
        return [_row(reject, reason=reject.reason.value) for reject in self._rejects]

    @property
    def duplicates(self) -> list[Row]:
        """One row per losing copy."""
        return tables.duplicates(self.losers)

    @property
    def messages(self) -> list[Row]:
        """One row per message: the winning copies."""
        return tables.messages(self.placed)

    @property
    def reconciliation(self) -> list[Row]:
        """One row per file: landed = rejected + duplicates + staged."""
        return tables.reconciliation(self._rejects, self.losers, self.winners)

    @property
    def landing_findings(self) -> list[Row]:
        """One row per source with receipts later than the run, or with ids used twice."""
        reused = reused_ids(self.accepted)
        found = {
            "received_in_future": [
                one for one in self.winners if one.received_at > self.started_at
            ],
            "message_id_reused": [one for one in self.winners if one.message_id in reused],
        }
        return [
            {"check_name": name, "subject": source, "finding_count": count}
            for name, messages in found.items()
            for source, count in Counter(message.source for message in messages).items()
        ]

    # ---- persons --------------------------------------------------------------------------

    @property
    def dim_identifiers(self) -> list[Row]:
        """One row per identifier and ownership interval; a hub has one row, of nobody."""
        return tables.identifiers(self.identity, self.persons)

    @property
    def fct_identity_links(self) -> list[Row]:
        """One row per pair of linked identifiers."""
        return tables.links(self.identity)

    @property
    def fct_identity_merges(self) -> list[Row]:
        """One row per person that became part of another, by the link that joined them."""
        return tables.merges(self.identity, self.persons)

    @property
    def dim_persons(self) -> list[Row]:
        """One row per person."""
        return tables.persons(self.persons, self.placed)

    # ---- accounts -------------------------------------------------------------------------

    @property
    def dim_accounts(self) -> list[Row]:
        """One row per account that behaviour names."""
        return accounts.accounts(self.placed)

    @property
    def bridge_person_accounts(self) -> list[Row]:
        """One row per person and account."""
        return accounts.bridge(self.placed)

    # ---- traits and user segments ---------------------------------------------------------

    @cached_property
    def trait_changes(self) -> list[traits.TraitChange]:
        return traits.trait_changes(self.placed)

    @property
    def fct_trait_changes(self) -> list[Row]:
        """One row per change of a person's trait."""
        return traits.changes_rows(self.trait_changes)

    @property
    def dim_person_traits(self) -> list[Row]:
        """One row per person and trait that it has now."""
        return traits.current_rows(self.trait_changes)

    @cached_property
    def audience_changes(self) -> list[AudienceChange]:
        return audience_changes(self.placed, self.settings)

    @cached_property
    def facts(self) -> dict[str, Facts]:
        """What is known of each person."""
        first_seen = {row["person_id"]: row["first_seen_at"] for row in self.dim_persons}
        return segments.known_facts(
            self.placed, first_seen, self.trait_changes, self.audience_changes, self.settings
        )

    @cached_property
    def fct_user_segment_memberships(self) -> list[Row]:
        """One row per person, user segment, origin, vendor and interval of membership."""
        return segments.memberships(
            self.facts, self.exposures, self.as_of, self.started_at, self.settings
        )

    @property
    def dim_user_segments(self) -> list[Row]:
        """One row per user segment and origin."""
        members = self.fct_user_segment_memberships
        return segments.segment_rows(members, self.as_of, self.settings)

    # ---- exposures and assignments --------------------------------------------------------

    @property
    def fct_exposures(self) -> list[Row]:
        """One row per exposure message, as it was sent, and where it counts."""
        return [
            _row(one, "received_at", "unit", "sent_arm", **where_it_counts(one, self.settings))
            for one in self.exposures
        ]

    @property
    def rpt_incomplete_exposures(self) -> list[Row]:
        """One row per exposure message that lacks something."""
        return [_row(one, reason=one.reason.value) for one in self.incomplete]

    @cached_property
    def views(self) -> dict[Grain, list[Exposure]]:
        return views_by_grain(self.exposures, self.settings)

    @cached_property
    def assignments(self) -> list[Assignment]:
        return [
            assignment
            for grain, views in self.views.items()
            for assignment in assign(grain, views, self.settings)
        ]

    @property
    def fct_assignments(self) -> list[Row]:
        """One row per experience, audience segment (with `(all)`), period and unit."""
        return [
            {**one.row(), "is_counted": bool(counted([one], self.settings.crossover))}
            for one in self.assignments
        ]

    # ---- conversions ----------------------------------------------------------------------

    @cached_property
    def happened(self) -> dict[str, list[Happening]]:
        """Conversions and refunds by conversion, before `distinct_by`."""
        return {
            conversion.name: happenings(self.placed, conversion)
            for conversion in self.settings.conversions
        }

    @property
    def fct_conversions(self) -> list[Row]:
        """One row per conversion; `distinct_by` among all."""
        return [
            one.row()
            for found in self.happened.values()
            for one in distinct(found)
            if not one.is_refund
        ]

    @cached_property
    def unit_conversions(self) -> dict[str, dict[str, UnitConversions]]:
        """What each vendor counts, by conversion; `distinct_by` among those it received."""
        return {
            vendor: {
                name: UnitConversions(
                    counted_by_vendor(found, vendor, self.settings), unit_types, self.identity
                )
                for name, found in self.happened.items()
            }
            for vendor, unit_types in self.unit_types.items()
        }

    @property
    def unit_types(self) -> dict[str, list[UnitType]]:
        """The types of units of each vendor."""
        return {
            vendor: list(dict.fromkeys(map(self.settings.unit_type, entries)))
            for vendor, entries in self.settings.entries_by_vendor.items()
        }

    @property
    def fct_conversion_outcomes(self) -> list[Row]:
        """One row per conversion, vendor and type of unit, and one more per grain of its unit."""
        rows: list[Row] = []
        for vendor, unit_types in self.unit_types.items():
            for name, found in self.happened.items():
                ids = {
                    one.message.message_id
                    for one in counted_by_vendor(found, vendor, self.settings)
                }
                reasons = {
                    row.message_id: row.reason
                    for row in self._attribution[1]
                    if (row.vendor, row.conversion) == (vendor, name)
                    and row.reason in set(DropReason)
                }
                rows += unexposed_rows(found, ids, reasons, vendor, unit_types, self.identity)
        for grain, views in self.views.items():
            units = assign(grain, views, self.settings)
            for conversion in self.settings.conversions:
                happened = self.unit_conversions[grain.vendor][conversion.name]
                policy = self.settings.crossover
                rows += exposed_rows(units, views, happened, conversion, policy)
        return rows

    @cached_property
    def _outcomes_of_all(self) -> list[UnitOutcome]:
        """Of every unit of a grain and conversion, whether it is counted or not."""
        return [
            done
            for grain, views in self.views.items()
            for conversion in self.settings.conversions
            for done in unit_outcomes(
                assign(grain, views, self.settings),
                views,
                self.unit_conversions[grain.vendor][conversion.name],
                conversion,
                self.settings,
            )
        ]

    @cached_property
    def _outcomes(self) -> list[UnitOutcome]:
        """Of every counted unit of a grain and conversion."""
        return [
            done
            for done in self._outcomes_of_all
            if counted([done.assignment], self.settings.crossover)
        ]

    @property
    def fct_unit_outcomes(self) -> list[Row]:
        """One row per grain, unit and conversion."""
        return unit_rows(self._outcomes_of_all, self.as_of, self.settings)

    def unit_outcomes(self) -> list[Row]:
        """One row per counted unit of a grain and conversion: what it did in its window."""
        return [done.row() for done in self._outcomes]

    @cached_property
    def _breakdowns(self) -> dict[tuple[Grain, Unit], Row]:
        """What each unit of a grain is broken down by."""
        messages = {message.message_id: message for message in self.winners}
        return breakdowns(self.assignments, messages, self.facts, self.settings)

    def cube_totals(self) -> list[Row]:
        """`fct_experience_cube`: sums over the counted units of equal breakdowns."""
        return cube_totals(self._outcomes, self._breakdowns, self.settings.conversions)

    @property
    def rpt_lift_by_breakdown(self) -> list[Row]:
        """One row per grain, conversion, metric, variant, breakdown and value of it."""
        return breakdown_lifts(self._outcomes, self._breakdowns, self.settings)

    @cached_property
    def _attribution(self) -> tuple[list[Attributed], list[Unattributed]]:
        found = [
            attribute(self.exposures, self.happened, self.settings, vendor)
            for vendor in self.settings.entries_by_vendor
        ]
        return [one for credited, _ in found for one in credited], [
            one for _, left in found for one in left
        ]

    @property
    def fct_attributions(self) -> list[Row]:
        """One row per credited conversion, vendor, experience, audience segment and model."""
        return [_row(one) for one in self._attribution[0]]

    @property
    def rpt_unattributed_conversions(self) -> list[Row]:
        """One row per conversion and vendor that no exposure explains."""
        return [_row(one) for one in self._attribution[1]]

    # ---- destinations ---------------------------------------------------------------------

    @property
    def rpt_delivery(self) -> list[Row]:
        """One row per message and destination that is set up."""
        return deliveries(self.winners, self.settings)

    @property
    def rpt_connections(self) -> list[Row]:
        """One row per source and destination that is set up."""
        return operations.connections(self.winners, self.settings)

    @property
    def rpt_integration_status(self) -> list[Row]:
        """The same, with what the destination makes of the source."""
        return operations.integration_status(self.winners, self.as_of, self.settings)

    @property
    def rpt_freshness(self) -> list[Row]:
        """One row per source."""
        return operations.freshness(self.winners, self.as_of, self.settings)

    @property
    def rpt_schema_drift(self) -> list[Row]:
        """One row per event and property with more than one type."""
        return operations.schema_drift(self.winners)

    # ---- lift -----------------------------------------------------------------------------

    @cached_property
    def _lift(self) -> LiftTables:
        return lift_tables(self.exposures, self.unit_conversions, self.as_of, self.settings)

    @property
    def fct_experience_lift(self) -> list[Row]:
        """One row per experience, audience segment, conversion, metric and variant."""
        return self._lift.current

    @property
    def sample_ratio_causes(self) -> list[Row]:
        """`dim_experiences`, of the mismatch that makes a status."""
        causes = self._lift.causes
        return [{**grain._asdict(), "srm_cause": cause} for grain, cause in causes.items()]

    @property
    def fct_experience_lift_daily(self) -> list[Row]:
        """The same, cumulative as of each day."""
        return self._lift.daily


def _row(record: Any, *dropped: str, **replaced: Any) -> Row:
    fields = {key: value for key, value in asdict(record).items() if key not in dropped}
    return {**fields, **replaced}
