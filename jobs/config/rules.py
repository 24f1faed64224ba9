"""Compiles the rules of `segments:` to what the models evaluate over history.

Every predicate becomes one that is false for an unknown person and changes at instants; `!=`, `not`
and the like negate it inside the rule. The predicates that are true for a person at one time are
the bits of one number, `state`, and a rule is a condition on that number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from jobs.config.base import find_all
from jobs.config.segments import (
    AllPredicate,
    AnyPredicate,
    AudiencePredicate,
    AudienceSettings,
    Comparison,
    ContactPredicate,
    CrmSettings,
    EventPredicate,
    LeadPredicate,
    NotPredicate,
    Predicate,
    SegmentSettings,
)
from jobs.fql import compile_trigger, syntax
from jobs.fql.globs import glob_regex

# As many as fit into the bits of a positive BIGINT, with room to spare.
BITS = 60
VALUE = syntax.Field("value")


class TooManyPredicatesError(ValueError):
    """One rule has more predicates than a state has bits."""


@dataclass(frozen=True)
class _Rule:
    """SQL over `state`, and whether the rule holds for an unknown person."""

    sql: str
    is_default: bool

    def negated(self) -> "_Rule":
        return _Rule(f"not {self.sql}", not self.is_default)


@dataclass
class _Chunk:
    """Up to BITS predicates and rules over them, which are evaluated together."""

    number: int
    audience_keys: Mapping[str, str]
    predicates: list[dict[str, Any]] = field(default_factory=list)
    rule_count: int = 0

    def leaf(self, predicate: dict[str, Any], holds: bool = True) -> _Rule:
        """Return the rule that a predicate holds, or does not; the predicate is added if new."""
        if predicate not in self.predicates:
            self.predicates.append(predicate)
        bit = 1 << self.predicates.index(predicate)
        rule = _Rule(f"((state & {bit}) <> 0)", False)
        return rule if holds else rule.negated()


def compile_segments(
    segments: tuple[SegmentSettings, ...],
    crm: CrmSettings,
    audiences: tuple[AudienceSettings, ...] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return the `rules` and the `predicates` in them.

    A predicate has its `chunk` and `bit`, its `kind` and what the models of that kind need. A rule
    has its `name`, `chunk` and `bit`, a `condition_sql` over `state`, `is_default` (whether it
    holds for an unknown person) and `is_retrospective` (whether it reads a CRM without history).

    Raises:
        TooManyPredicatesError: a rule has more than 60 different predicates.
    """
    keys = {audience.name: audience.trait for audience in audiences if audience.name is not None}
    chunks = [_Chunk(0, keys)]
    rules = []
    for segment in segments:
        chunk = chunks[-1]
        kept = len(chunk.predicates)
        rule = _rule(segment.rule, chunk)
        if len(chunk.predicates) > BITS or chunk.rule_count == BITS:
            del chunk.predicates[kept:]
            chunk = _Chunk(chunk.number + 1, keys)
            chunks.append(chunk)
            rule = _rule(segment.rule, chunk)
        if len(chunk.predicates) > BITS:
            raise TooManyPredicatesError(
                f"has more than {BITS} different predicates; split the segment"
            )
        rules.append(
            {
                "name": segment.name,
                "chunk": chunk.number,
                "bit": chunk.rule_count,
                "condition_sql": rule.sql,
                "is_default": rule.is_default,
                "is_retrospective": crm.valid_from_column is None and _reads_crm(segment),
            }
        )
        chunk.rule_count += 1
    predicates = [
        {"chunk": chunk.number, "bit": bit, **predicate}
        for chunk in chunks
        for bit, predicate in enumerate(chunk.predicates)
    ]
    return {"rules": rules, "predicates": predicates}


def _rule(predicate: Predicate, chunk: _Chunk) -> _Rule:
    match predicate:
        case AllPredicate(all=parts) | AnyPredicate(any=parts):
            rules = [_rule(part, chunk) for part in parts]
            is_all = isinstance(predicate, AllPredicate)
            sql = f" {'and' if is_all else 'or'} ".join(rule.sql for rule in rules)
            return _Rule(f"({sql})", (all if is_all else any)(rule.is_default for rule in rules))
        case NotPredicate(negated=part):
            return _rule(part, chunk).negated()
        case AudiencePredicate(audience=audience):
            key = chunk.audience_keys.get(audience, audience)
            return chunk.leaf({"kind": "audience", "name": key})
        case EventPredicate():
            return _event(predicate, chunk)
        case Comparison():
            condition, holds = _condition(predicate.op, predicate.value)
            compared = {
                "kind": predicate.kind,
                "name": predicate.name,
                "condition_sql": condition,
                "value_kind": _value_kind(predicate.value),
            }
            return chunk.leaf(compared, holds)


def _condition(operator: str, value: Any) -> tuple[str, bool]:
    """Return SQL over the JSON column `value`, and whether the predicate is it or its opposite.

    The SQL is never true of a missing value.
    """
    holds = operator != "!="
    expression: syntax.Expression
    if value is None:
        expression, holds = syntax.Comparison(VALUE, "!=", None), not holds
    elif operator == "in":
        expression = syntax.Membership(VALUE, value)
    elif operator == "contains":
        expression = syntax.Contains(VALUE, value)
    elif operator == "match":
        expression = syntax.Match(VALUE, value, glob_regex(value, 1))
    else:
        positive = "=" if operator == "!=" else operator
        expression = syntax.Comparison(VALUE, cast(syntax.Operator, positive), value)
    return compile_trigger(syntax.Trigger("", expression)), holds


def _value_kind(value: Any) -> str | None:
    """Return the JSON kind that the values of a field need to be compared with this one."""
    values = value if isinstance(value, tuple) else (value,)
    kinds = {
        "boolean" if isinstance(item, bool) else "string" if isinstance(item, str) else "number"
        for item in values
        if item is not None
    }
    return kinds.pop() if len(kinds) == 1 else None


def _event(predicate: EventPredicate, chunk: _Chunk) -> _Rule:
    operator, within = predicate.operator, predicate.within
    measured: dict[str, Any] = {
        "kind": "event",
        "name": predicate.event.text,
        "trigger_sql": compile_trigger(predicate.event),
        "within_seconds": None if within is None else int(within.total_seconds()),
    }
    if path := predicate.first or predicate.last:
        condition, holds = _condition(operator, predicate.value)
        measured |= {"measure": "first" if predicate.first else "last", "condition_sql": condition}
        return chunk.leaf({**measured, "value_sql": path.json_sql()}, holds)
    if predicate.sum is None:
        return _counted({**measured, "measure": "count"}, operator, predicate.count, chunk)
    opposite = {"<": ">=", "<=": ">", "!=": "="}  # without an event no sum passes
    bound = round(predicate.value * 10_000)
    measured |= {
        "measure": "sum",
        "value_sql": f"cast({predicate.sum.units_sql()} as varchar)",
        "operator": opposite.get(operator, operator),
        "bound": bound,
    }
    return chunk.leaf(measured, operator not in opposite)


def _counted(predicate: dict[str, Any], operator: str, bound: int, chunk: _Chunk) -> _Rule:
    """Return the rule of a running count against a bound."""

    def at_least(number: int) -> _Rule:
        if number <= 0:
            return _Rule("true", True)
        return chunk.leaf({**predicate, "operator": ">=", "bound": number})

    if operator in (">=", "<"):
        reached = at_least(bound)
    elif operator in (">", "<="):
        reached = at_least(bound + 1)
    else:
        low, high = at_least(bound), at_least(bound + 1)
        is_default = low.is_default and not high.is_default
        reached = _Rule(f"({low.sql} and not {high.sql})", is_default)
    return reached if operator in (">=", ">", "=") else reached.negated()


def _reads_crm(segment: SegmentSettings) -> bool:
    return any(
        isinstance(each, LeadPredicate | ContactPredicate)
        for _, each in find_all(segment, Comparison)
    )
