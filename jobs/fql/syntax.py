"""The syntax tree of a trigger, and the fields that a trigger can name."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeGuard

# Fields that are text columns of a message: name in the language -> column.
TEXT_COLUMNS = {
    "type": "type",
    "event": "event_name",
    "name": "name",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "messageId": "message_id",
    "channel": "channel",
}

# Fields that hold a JSON object; the column has the same name.
OBJECT_COLUMNS = ("properties", "traits", "context", "integrations")

Scalar = str | int | float | bool | None
Operator = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: a text column, or a key path inside one of the JSON objects."""

    root: str
    keys: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether the field is a text column of its own, which holds text or nothing."""
        return self.root in TEXT_COLUMNS

    @property
    def column(self) -> str:
        """The column of the message that holds the field."""
        return TEXT_COLUMNS.get(self.root, self.root)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator literal`; `column` is the place of the literal."""

    field: Field
    operator: Operator
    literal: Scalar
    column: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`field in [literals]`, the same as one `=` per literal joined by `or`."""

    field: Field
    literals: tuple[Scalar, ...]
    columns: tuple[int, ...] = dataclasses.field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Contains:
    """`contains(field, "text")`."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """`match(field, "glob")`, with the glob also as a regular expression for the whole text."""

    field: Field
    glob: str
    regex: str


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation: holds exactly when the operand does not."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class And:
    """Holds when every operand does."""

    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds when one operand does."""

    operands: tuple["Expression", ...]


Condition = Comparison | Membership | Contains | Match
Expression = Condition | Not | And | Or


@dataclass(frozen=True, slots=True)
class Trigger:
    """A parsed trigger and the text it came from."""

    text: str
    expression: Expression

    def named_events(self) -> Iterator[tuple[str, int]]:
        """Yield each event name that `event` is compared with, and the name's column."""
        for condition in _conditions(self.expression):
            if condition.field.root == "event":
                yield from _names(condition)

    def expected_names(self) -> list[str]:
        """Return the names of events, pages and screens that the trigger asks for, each once."""
        asked = (
            condition
            for condition in _conditions(self.expression, with_negated=False)
            if condition.field.root in ("event", "name")
            and getattr(condition, "operator", "=") == "="
        )
        return list(dict.fromkeys(name for each in asked for name, _ in _names(each)))

    def fields(self) -> Iterator[Field]:
        """Yield the field of each condition."""
        return (condition.field for condition in _conditions(self.expression))


def is_number(literal: object) -> TypeGuard[int | float]:
    """Whether the literal is a number, which a boolean is not."""
    return isinstance(literal, int | float) and not isinstance(literal, bool)


def _conditions(expression: Expression, *, with_negated: bool = True) -> Iterator[Condition]:
    match expression:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _conditions(operand, with_negated=with_negated)
        case Not(operand):
            if with_negated:
                yield from _conditions(operand)
        case _:
            yield expression


def _names(condition: Condition) -> Iterator[tuple[str, int]]:
    """Yield the strings that a condition compares its field with, and their columns."""
    match condition:
        case Comparison(_, _, str(name), column):
            yield name, column
        case Membership(_, literals, columns):
            named = zip(literals, columns, strict=True)
            yield from ((name, column) for name, column in named if isinstance(name, str))
