"""Compiles a trigger to a SQL condition over the columns of a message.

Negation is pushed down to the single conditions, so that a condition on a text column stays a plain
comparison, which the engine can push into the scan. Every compiled expression is TRUE exactly when
it should hold, and FALSE or NULL otherwise. Therefore `and` and `or` need no care, only the single
conditions do.
"""

from collections.abc import Iterable

from jobs.fql import dialect
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
    Or,
    Scalar,
    Trigger,
    is_number,
)


def compile_trigger(trigger: str | Trigger) -> str:
    """Return the SQL condition of a trigger.

    Its columns are `type`, `event_name`, `name`, `user_id`, `anonymous_id`, `group_id`,
    `message_id`, `channel` (text) and `properties`, `traits`, `context`, `integrations` (text of a
    JSON object). It is TRUE exactly when the trigger holds, else FALSE or NULL.

    Raises:
        FqlSyntaxError: the text is not a trigger.
    """
    parsed = parse_trigger(trigger) if isinstance(trigger, str) else trigger
    return _condition(parsed.expression, True)


def _condition(expression: Expression, holds: bool) -> str:  # noqa: PLR0911
    """Return SQL that is TRUE exactly when the expression holds, or when it does not."""
    match expression:
        case Not(operand):
            return _condition(operand, not holds)
        case And(operands) | Or(operands):
            connective = "and" if isinstance(expression, And) == holds else "or"
            return _joined(connective, (_condition(operand, holds) for operand in operands))
        case Comparison(field, "=" | "!=" as operator, literal):
            return _equality(field, literal, holds == (operator == "="))
        case Comparison(field, operator, literal):
            return _number_test(field, operator, literal, holds)
        case Membership(field, literals):
            return _membership(field, literals, holds)
        case Contains(field, text):
            return _text_test(field, dialect.contains(dialect.text(field), text), holds)
        case Match(field, _, regex):
            return _text_test(field, dialect.matches_whole(dialect.text(field), regex), holds)


def _joined(connective: str, conditions: Iterable[str]) -> str:
    return "(" + f" {connective} ".join(conditions) + ")"


def _equality(field: Field, literal: Scalar, holds: bool) -> str:
    if literal is None:
        return _nullness(field, holds)
    if isinstance(literal, str):
        text, quoted = dialect.text(field), dialect.text_literal(literal)
        return _text_test(field, f"{text} = {quoted}", holds, f"{text} <> {quoted}")
    if isinstance(literal, bool):
        is_same = f"{dialect.text(field)} = '{str(literal).lower()}'"
        return _json_test(field, f"= '{dialect.BOOLEAN}' and {is_same}", holds)
    return _number_test(field, "=", literal, holds)


def _nullness(field: Field, holds: bool) -> str:
    if field.is_text:
        return f"{field.column} is {'' if holds else 'not '}null"
    kind = dialect.json_type(field)
    if holds:
        return f"coalesce({kind}, '{dialect.NULL}') = '{dialect.NULL}'"
    return f"{kind} <> '{dialect.NULL}'"


def _number_test(field: Field, operator: str, literal: Scalar, holds: bool) -> str:
    """Compile a test that only a number can pass."""
    if not is_number(literal):
        return _constant(not holds)
    comparison = dialect.compare_number(dialect.text(field), operator, literal)
    return _json_test(field, f"in ({dialect.NUMBERS}) and {comparison}", holds)


def _membership(field: Field, literals: tuple[Scalar, ...], holds: bool) -> str:
    """Compile to equalities, with the strings compared with a text column folded into one `in`."""
    texts = [literal for literal in literals if isinstance(literal, str)]
    others, conditions = list(literals), []
    if field.is_text and len(texts) > 1:
        others = [literal for literal in literals if not isinstance(literal, str)]
        listed = ", ".join(dialect.text_literal(text) for text in texts)
        is_in, is_not_in = (f"{field.column} {word} ({listed})" for word in ("in", "not in"))
        conditions = [_text_test(field, is_in, holds, is_not_in)]
    conditions += [_equality(field, literal, holds) for literal in others]
    return _joined("or" if holds else "and", conditions)


def _text_test(field: Field, test: str, holds: bool, opposite: str | None = None) -> str:
    """Compile a test that only text can pass."""
    if not field.is_text:
        return _json_test(field, f"= '{dialect.STRING}' and {test}", holds)
    return test if holds else f"({opposite or f'not {test}'} or {field.column} is null)"


def _json_test(field: Field, test: str, holds: bool) -> str:
    """Compile a test that begins with the type of a JSON value; a text column never passes it."""
    if field.is_text:
        return _constant(not holds)
    condition = f"{dialect.json_type(field)} {test}"
    return f"({condition})" if holds else f"(({condition}) is not true)"


def _constant(value: bool) -> str:
    return "true" if value else "false"
