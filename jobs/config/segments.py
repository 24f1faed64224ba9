"""User segments: audiences that come from Engage, rules of our own, and the CRM that rules read."""

import re
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from jobs.config.base import Part, refuse
from jobs.config.messages import described
from jobs.config.values import (
    LocalPath,
    Name,
    NameList,
    PathText,
    PositiveDuration,
    TriggerText,
    matching,
)
from jobs.fql import FqlSyntaxError
from jobs.fql.globs import glob_regex

CountOperator = Literal["=", "!=", "<", "<=", ">", ">="]
CompareOperator = Literal[CountOperator, "contains", "match", "in"]
ComparedValue = str | int | float | bool | None | tuple[str | int | float | bool, ...]


def _scalar_or_list(value: Any) -> Any:
    scalars = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, str | int | float | bool | None) for item in scalars):
        raise ValueError(
            f"must be a string, a number, true, false or null, not {described(value)};"
            " put a date in quotes"
        )
    return tuple(value) if isinstance(value, list) else value


def _check_value(operator: str, value: ComparedValue) -> None:
    """Refuse a value that the operator cannot compare with."""
    message = None
    if operator == "in":
        if not isinstance(value, tuple) or not value:
            message = "must be a list with op: in, not {}; write the values in [brackets]"
    elif isinstance(value, tuple):
        message = f"must be one value with op: {operator}, not {{}}; write op: in for a list"
    elif operator in ("<", "<=", ">", ">=") and not _is_number(value):
        message = f"must be a number with op: {operator}, not {{}}; write it without quotes"
    elif operator in ("contains", "match") and not isinstance(value, str):
        message = f"must be a string with op: {operator}, not {{}}; put it in quotes"
    elif operator == "match" and isinstance(value, str):
        try:
            glob_regex(value, 1)
        except FqlSyntaxError as error:
            refuse([(("value",), f"is invalid at {error}")])
    if message:
        refuse([(("value",), message.format(described(value)))])


def _is_number(value: ComparedValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Comparison(Part):
    """A predicate over a value, false where it is missing; `!=` is the opposite of `=`."""

    kind: ClassVar[str]
    op: CompareOperator = "="
    value: Annotated[Any, AfterValidator(_scalar_or_list)]

    @model_validator(mode="after")
    def _fitting_value(self) -> "Comparison":
        _check_value(self.op, self.value)
        return self

    @property
    def name(self) -> str:
        """The name of what is compared."""
        return str(getattr(self, self.kind))


class TraitPredicate(Comparison):
    """A trait of the person."""

    kind = "trait"
    trait: Name


class AccountPredicate(Comparison):
    """A trait of an account the person belongs to."""

    kind = "account"
    account: Name


class LeadPredicate(Comparison):
    """A field of the person's lead in the CRM."""

    kind = "lead"
    lead: Name


class ContactPredicate(Comparison):
    """A field of the person's contact in the CRM."""

    kind = "contact"
    contact: Name


class AudiencePredicate(Part):
    """Membership of an audience, by its key or its name in `audiences:`."""

    audience: Name


class EventPredicate(Part):
    """What the messages that match the trigger amount to, within a time or ever.

    Their number (`count`, the default), the `sum` of the numbers at a path, or the value at a path
    of the `first` or the `last` message that has one.
    """

    event: TriggerText
    op: CompareOperator | None = None
    count: Annotated[int, Field(strict=True, ge=0)] = 1
    sum: PathText | None = None
    first: PathText | None = None
    last: PathText | None = None
    value: Annotated[Any, AfterValidator(_scalar_or_list)] = None
    within: PositiveDuration | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "EventPredicate":
        given = [key for key in ("count", "sum", "first", "last") if key in self.model_fields_set]
        if len(given) > 1:
            raise ValueError(f"has {' and '.join(given)}; keep one, or write two predicates")
        measure = given[0] if given else "count"
        if measure in ("count", "sum") and self.operator not in get_args(CountOperator):
            raise ValueError(
                f"has op: {self.operator}, which compares values; add first: or last: with a path"
            )
        if (measure == "count") == ("value" in self.model_fields_set):
            raise ValueError(
                "has value: without sum:, first: or last:; add one, or write count:"
                if measure == "count"
                else f"has {measure}: without value:; add it"
            )
        if measure in ("first", "last"):
            _check_value(self.operator, self.value)
        elif measure == "sum" and not _is_number(self.value):
            message = f"must be a number, not {described(self.value)}; write it without quotes"
            refuse([(("value",), message)])
        return self

    @property
    def operator(self) -> CompareOperator:
        """The operator given, else `=` for a value and `>=` for a number."""
        if self.op is not None:
            return self.op
        return "=" if self.first is not None or self.last is not None else ">="


class AllPredicate(Part):
    """Every one of the predicates."""

    all: "Predicates"


class AnyPredicate(Part):
    """At least one of the predicates."""

    any: "Predicates"


class NotPredicate(Part):
    """The complement of a predicate."""

    negated: "Predicate" = Field(alias="not")


_PREDICATES = ("trait", "account", "lead", "contact", "audience", "event", "all", "any", "not")


def _kind(value: Any) -> str | None:
    """Return the kind of a predicate, by the one key that names it."""
    if isinstance(value, Part):
        value = value.model_dump(by_alias=True)
    if not isinstance(value, dict):
        return None
    kinds = [kind for kind in _PREDICATES if kind in value]
    return f"<{kinds[0]}>" if len(kinds) == 1 else None


Predicate = Annotated[
    Annotated[TraitPredicate, Tag("<trait>")]
    | Annotated[AccountPredicate, Tag("<account>")]
    | Annotated[LeadPredicate, Tag("<lead>")]
    | Annotated[ContactPredicate, Tag("<contact>")]
    | Annotated[AudiencePredicate, Tag("<audience>")]
    | Annotated[EventPredicate, Tag("<event>")]
    | Annotated[AllPredicate, Tag("<all>")]
    | Annotated[AnyPredicate, Tag("<any>")]
    | Annotated[NotPredicate, Tag("<not>")],
    Discriminator(
        _kind,
        custom_error_type="predicate",
        custom_error_message="is not a predicate;"
        f" give it exactly one of the keys {', '.join(_PREDICATES)}",
    ),
]
Predicates = Annotated[tuple[Predicate, ...], Field(min_length=1)]


class SegmentSettings(Part):
    """A user segment of our own: one rule over history."""

    name: Name
    all: Predicates | None = None
    any: Predicates | None = None
    negated: Predicate | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_rule(self) -> "SegmentSettings":
        if sum(rule is not None for rule in (self.all, self.any, self.negated)) != 1:
            raise ValueError("must have exactly one of all, any and not; nest the others inside it")
        return self

    @property
    def key(self) -> str:
        """The key that its memberships are exported under."""
        return segment_key(self.name)

    @property
    def rule(self) -> "AllPredicate | AnyPredicate | NotPredicate":
        """The rule as a predicate."""
        if self.all is not None:
            return AllPredicate(all=self.all)
        if self.any is not None:
            return AnyPredicate(any=self.any)
        return NotPredicate.model_validate({"not": self.negated})


def snake_case(name: str) -> str:
    """Return the key Engage gives an audience of that name: `Recent Buyers` is `recent_buyers`."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def segment_key(name: str) -> str:
    """Return the key of a rule segment: its name in snake_case, or the name if that is empty."""
    return snake_case(name) or name


class AudienceSettings(Part):
    """An Engage audience; its key is its name in snake_case unless given."""

    name: Name | None = None
    key: Name | None = None

    @model_validator(mode="after")
    def _named(self) -> "AudienceSettings":
        if self.name is None and self.key is None:
            raise ValueError("needs a key or a name; add key: or name:")
        if not self.trait:
            raise ValueError(f"needs a key, because its name {self.name!r} gives none; add key:")
        return self

    @property
    def trait(self) -> str:
        """The key of the audience, which is the trait it arrives as."""
        return self.key or snake_case(self.name or "")


class CrmFields(Part):
    """The fields that are read from each file, spelled as in its header."""

    lead: NameList = ()
    contact: NameList = ()


TableFile = Annotated[
    LocalPath,
    matching(
        r".*\.(?:csv|parquet)",
        "must be a CSV or Parquet file, not {}; write a path that ends in .csv or .parquet",
    ),
]


class CrmSettings(Part):
    """Salesforce's leads and contacts, joined on the trait `email`.

    Without `valid_from_column` a row counts for all times.
    """

    leads: TableFile | None = None
    contacts: TableFile | None = None
    email_column: Name = "Email"
    valid_from_column: Name | None = None
    fields: CrmFields = Field(default_factory=CrmFields)
