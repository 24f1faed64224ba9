"""Compiles the rules of `segments:` to what the models evaluate over history.

Every predicate becomes one that is false of somebody nothing is known of, and turns at instants;
`!=`, `not` and the like negate it inside the rule. The predicates that hold of a person at a moment
are the bits of one number, and a rule is a condition on that number, `state`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.config.segments import (
    AccountPredicate,
    AllPredicate,
    AnyPredicate,
    AudiencePredicate,
    AudienceSettings,
    ComparedPredicate,
    ContactPredicate,
    CrmSettings,
    EventPredicate,
    LeadPredicate,
    NotPredicate,
    Predicate,
    SegmentSettings,
    TraitPredicate,
)
from jobs.fql import Trigger, compile_trigger
from jobs.fql.globs import glob_regex
from jobs.fql.syntax import Comparison, Contains, Expression, Field, Match, Membership, Operator

# As many as fit into the bits of a positive BIGINT, with room to spare.
BITS = 60
VALUE = Field("value")
_KINDS: dict[type, str] = {
    TraitPredicate: "trait",
    AccountPredicate: "account",
    LeadPredicate: "lead",
    ContactPredicate: "contact",
}


class TooManyPredicatesError(ValueError):
    """One rule has more predicates than a state has bits."""


@dataclass
class _Chunk:
    """Up to BITS predicates and rules over them, which are evaluated together."""

    number: int
    audience_keys: Mapping[str, str]
    predicates: list[dict[str, Any]] = field(default_factory=list)
    rule_count: int = 0

    def bit(self, predicate: dict[str, Any]) -> int:
        """Return the bit of a predicate, which is added when it is new."""
        if predicate not in self.predicates:
            self.predicates.append(predicate)
        return self.predicates.index(predicate)


@dataclass(frozen=True)
class _Rule:
    """SQL over `state` and what it gives of somebody nothing is known of."""

    sql: str
    is_default: bool

    def negated(self) -> "_Rule":
        return _Rule(f"not {self.sql}", not self.is_default)


def compile_segments(
    segments: tuple[SegmentSettings, ...],
    crm: CrmSettings,
    audiences: tuple[AudienceSettings, ...] = (),
) -> dict[str, list[dict[str, Any]]]:
    """Return `rules` and the `predicates` they rest on.

    A predicate is its `chunk` and `bit`, its `kind` and what the models of that kind need. A rule
    has its `name`, `chunk` and `bit`, a `condition_sql` over `state`, `is_default` (whether it
    holds of somebody nothing is known of) and `is_retrospective` (it reads a CRM that keeps no
    history).

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
                f"the rule has more than {BITS} different predicates; split the segment"
            )
        rules.append(
            {
                "name": segment.name,
                "chunk": chunk.number,
                "bit": chunk.rule_count,
                "condition_sql": rule.sql,
                "is_default": rule.is_default,
                "is_retrospective": crm.valid_from_column is None and _reads_crm(segment.rule),
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
        case AllPredicate(all=parts):
            rules = [_rule(part, chunk) for part in parts]
            return _Rule(_joined("and", rules), all(rule.is_default for rule in rules))
        case AnyPredicate(any=parts):
            rules = [_rule(part, chunk) for part in parts]
            return _Rule(_joined("or", rules), any(rule.is_default for rule in rules))
        case NotPredicate(negated=part):
            return _rule(part, chunk).negated()
        case AudiencePredicate(audience=audience):
            key = chunk.audience_keys.get(audience, audience)
            return _leaf({"kind": "audience", "name": key}, chunk)
        case EventPredicate():
            return _event(predicate, chunk)
        case _:
            return _compared(predicate, chunk)


def _joined(connective: str, rules: list[_Rule]) -> str:
    return "(" + f" {connective} ".join(rule.sql for rule in rules) + ")"


def _leaf(predicate: dict[str, Any], chunk: _Chunk) -> _Rule:
    return _Rule(f"((state & {1 << chunk.bit(predicate)}) <> 0)", False)


def _compared(predicate: ComparedPredicate, chunk: _Chunk) -> _Rule:
    condition, holds = _condition(predicate.op, predicate.value)
    kind = _KINDS[type(predicate)]
    leaf = _leaf(
        {
            "kind": kind,
            "name": getattr(predicate, kind),
            "condition_sql": condition,
            "value_kind": _value_kind(predicate.value),
        },
        chunk,
    )
    return leaf if holds else leaf.negated()


def _condition(operator: str, value: Any) -> tuple[str, bool]:
    """Return SQL over the JSON column `value`, and whether the predicate is it or its opposite.

    The SQL is never true of a missing value.
    """
    holds = operator != "!="
    if value is None:
        return _sql(Comparison(VALUE, "!=", None)), not holds
    expression: Expression
    if operator == "in":
        expression = Membership(VALUE, value)
    elif operator == "contains":
        expression = Contains(VALUE, value)
    elif operator == "match":
        expression = Match(VALUE, value, glob_regex(value, 1))
    else:
        ordering: Operator = "=" if operator == "!=" else operator  # type: ignore[assignment]
        expression = Comparison(VALUE, ordering, value)
    return _sql(expression), holds


def _sql(expression: Expression) -> str:
    return compile_trigger(Trigger("", expression))


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
    counted: dict[str, Any] = {
        "kind": "event",
        "name": predicate.event.text,
        "trigger_sql": compile_trigger(predicate.event),
        "within_seconds": None
        if predicate.within is None
        else int(predicate.within.total_seconds()),
    }
    if predicate.first is not None or predicate.last is not None:
        path = predicate.first or predicate.last
        assert path is not None
        condition, holds = _condition(predicate.operator, predicate.value)
        leaf = _leaf(
            {
                **counted,
                "measure": "first" if predicate.first else "last",
                "value_sql": path.json_sql(),
                "condition_sql": condition,
            },
            chunk,
        )
        return leaf if holds else leaf.negated()
    if predicate.sum is not None:
        counted |= {"measure": "sum", "value_sql": f"cast({predicate.sum.units_sql()} as varchar)"}
        return _measured(counted, predicate.operator, round(predicate.value * 10_000), chunk)
    return _measured({**counted, "measure": "count"}, predicate.operator, predicate.count, chunk)


def _measured(predicate: dict[str, Any], operator: str, bound: int, chunk: _Chunk) -> _Rule:
    """Return the rule of a running total against a bound; without any event it is not there."""
    if predicate["measure"] == "count":
        at_least = {">=": bound, "<": bound, ">": bound + 1, "<=": bound + 1}
        if operator in at_least:
            reached = _at_least(predicate, at_least[operator], chunk)
            return reached if operator in (">=", ">") else reached.negated()
        reached, beyond = (_at_least(predicate, number, chunk) for number in (bound, bound + 1))
        exactly = _Rule(
            f"({reached.sql} and not {beyond.sql})",
            reached.is_default and not beyond.is_default,
        )
        return exactly if operator == "=" else exactly.negated()
    opposite = {"<": ">=", "<=": ">", "!=": "="}
    positive = opposite.get(operator, operator)
    leaf = _leaf({**predicate, "operator": positive, "bound": bound}, chunk)
    return leaf.negated() if operator in opposite else leaf


def _at_least(predicate: dict[str, Any], number: int, chunk: _Chunk) -> _Rule:
    if number <= 0:
        return _Rule("true", True)
    return _leaf({**predicate, "operator": ">=", "bound": number}, chunk)


def _reads_crm(predicate: Predicate) -> bool:
    match predicate:
        case AllPredicate(all=parts) | AnyPredicate(any=parts):
            return any(_reads_crm(part) for part in parts)
        case NotPredicate(negated=part):
            return _reads_crm(part)
        case _:
            return isinstance(predicate, LeadPredicate | ContactPredicate)
