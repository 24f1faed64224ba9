"""Compiles a trigger to a SQL condition over the columns of a message.

Negation is pushed down to the leaves, so that a condition on a text column stays a plain
comparison, which the engine can push into the scan. Every compiled expression is TRUE exactly when
it should hold and FALSE or NULL otherwise: under that rule `and` and `or` need no care, only the
leaves do.
"""

from collections.abc import Iterable

from jobs.fql import dialect
from jobs.fql.literals import is_number
from jobs.fql.parse import parse_trigger
from jobs.fql.syntax import (
    And,
    Comparison,
    Contains,
    Expression,
    Field,
    Match,
    Membership,
    Not,
    Operator,
    Or,
    Scalar,
    Trigger,
)


def compile_trigger(trigger: str | Trigger) -> str:
    """Return the SQL condition of a trigger.

    Its columns are `type`, `event_name`, `name`, `user_id`, `anonymous_id`, `group_id`,
    `message_id`, `channel` (text) and `properties`, `traits`, `context`, `integrations` (text of a
    JSON object). It is TRUE exactly when the trigger holds, else FALSE or NULL.

    Raises:
        TriggerSyntaxError: the text is no trigger.
    """
    parsed = parse_trigger(trigger) if isinstance(trigger, str) else trigger
    return _condition(parsed.expression, True)


def _condition(expression: Expression, holds: bool) -> str:
    """Compile to SQL that is TRUE exactly when the expression holds, or when it does not."""
    match expression:
        case Not(operand):
            return _condition(operand, not holds)
        case And(operands) | Or(operands):
            connective = "and" if isinstance(expression, And) == holds else "or"
            return _joined(connective, (_condition(operand, holds) for operand in operands))
        case Comparison(field, operator, literal):
            return _comparison(field, operator, literal, holds)
        case Membership(field, literals):
            return _membership(field, literals, holds)
        case Contains(field, text):
            return _text_test(field, dialect.contains(_text(field), text), holds)
        case Match(field, _, regex):
            return _text_test(field, dialect.matches_whole(_text(field), regex), holds)


def _joined(connective: str, conditions: Iterable[str]) -> str:
    return "(" + f" {connective} ".join(conditions) + ")"


def _comparison(field: Field, operator: Operator, literal: Scalar, holds: bool) -> str:
    if operator in ("=", "!="):
        return _equality(field, literal, holds == (operator == "="))
    if field.is_text or not is_number(literal):
        return _constant(not holds)  # An ordering holds for numbers only.
    return _number_test(field, operator, literal, holds)


def _equality(field: Field, literal: Scalar, holds: bool) -> str:
    if literal is None:
        return _nullness(field, holds)
    if isinstance(literal, str):
        return _text_equality(field, literal, holds)
    if field.is_text:
        return _constant(not holds)  # Text equals neither a number nor a boolean.
    if isinstance(literal, bool):
        is_boolean = dialect.json_is(field.column, field.keys, dialect.BOOLEAN)
        return _leaf(f"{is_boolean} and {_text(field)} = '{str(literal).lower()}'", holds)
    return _number_test(field, "=", literal, holds)


def _text_equality(field: Field, literal: str, holds: bool) -> str:
    quoted = dialect.text_literal(literal)
    if not field.is_text:
        return _text_test(field, f"{_text(field)} = {quoted}", holds)
    if holds:
        return f"{field.column} = {quoted}"
    return f"({field.column} <> {quoted} or {field.column} is null)"


def _nullness(field: Field, holds: bool) -> str:
    if field.is_text:
        return f"{field.column} is {'' if holds else 'not '}null"
    kind = dialect.json_type(field.column, field.keys)
    if holds:
        return f"coalesce({kind}, '{dialect.NULL}') = '{dialect.NULL}'"
    return f"{kind} <> '{dialect.NULL}'"


def _number_test(field: Field, operator: Operator, literal: float, holds: bool) -> str:
    is_json_number = dialect.json_is_number(field.column, field.keys)
    comparison = dialect.compare_number(_text(field), operator, literal)
    return _leaf(f"{is_json_number} and {comparison}", holds)


def _membership(field: Field, literals: tuple[Scalar, ...], holds: bool) -> str:
    """Compile to equalities, the strings compared with a text column folded into one `in`."""
    texts = [literal for literal in literals if isinstance(literal, str)]
    if not field.is_text or len(texts) < 2:
        equalities = [_equality(field, literal, holds) for literal in literals]
        return _joined("or" if holds else "and", equalities)
    listed = ", ".join(dialect.text_literal(text) for text in texts)
    conditions = [
        f"{field.column} in ({listed})"
        if holds
        else f"({field.column} not in ({listed}) or {field.column} is null)"
    ]
    others = [literal for literal in literals if not isinstance(literal, str)]
    conditions += [_equality(field, literal, holds) for literal in others]
    return _joined("or" if holds else "and", conditions)


def _text(field: Field) -> str:
    return field.column if field.is_text else dialect.json_text(field.column, field.keys)


def _text_test(field: Field, test: str, holds: bool) -> str:
    """Compile a test that only text can pass."""
    if field.is_text:
        return test if holds else f"(not {test} or {field.column} is null)"
    return _leaf(f"{dialect.json_is(field.column, field.keys, dialect.STRING)} and {test}", holds)


def _leaf(condition: str, holds: bool) -> str:
    return f"({condition})" if holds else f"(({condition}) is not true)"


def _constant(value: bool) -> str:
    return "true" if value else "false"
