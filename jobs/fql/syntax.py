"""The syntax tree of a trigger, and the fields a trigger can speak of."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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
        """The column of the message the field is read from."""
        return TEXT_COLUMNS.get(self.root, self.root)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator literal`; `column` is where the literal stands."""

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
    """`match(field, "glob")`, the glob also as a regular expression over the whole text."""

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


Expression = Comparison | Membership | Contains | Match | Not | And | Or


@dataclass(frozen=True, slots=True)
class Trigger:
    """A parsed trigger and the text it came from."""

    text: str
    expression: Expression

    def named_events(self) -> Iterator[tuple[str, int]]:
        """Yield each event name the trigger compares `event` with, and the name's column."""
        for leaf in _leaves(self.expression):
            if isinstance(leaf, Comparison):
                named = [(leaf.literal, leaf.column)]
            elif isinstance(leaf, Membership):
                named = list(zip(leaf.literals, leaf.columns, strict=True))
            else:
                continue
            if leaf.field.root == "event":
                yield from ((name, column) for name, column in named if isinstance(name, str))

    def expected_names(self) -> list[str]:
        """Return the names of events, pages and screens that the trigger asks for, each once."""
        named: dict[str, None] = {}
        for leaf in _leaves(self.expression, with_negated=False):
            if isinstance(leaf, Comparison) and leaf.operator == "=":
                literals: tuple[Scalar, ...] = (leaf.literal,)
            elif isinstance(leaf, Membership):
                literals = leaf.literals
            else:
                continue
            if leaf.field.root in ("event", "name"):
                named |= dict.fromkeys(name for name in literals if isinstance(name, str))
        return list(named)

    def fields(self) -> Iterator[Field]:
        """Yield the field of each comparison and test."""
        for leaf in _leaves(self.expression):
            if not isinstance(leaf, Not | And | Or):
                yield leaf.field


def _leaves(expression: Expression, *, with_negated: bool = True) -> Iterator[Expression]:
    match expression:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _leaves(operand, with_negated=with_negated)
        case Not(operand):
            if with_negated:
                yield from _leaves(operand)
        case _:
            yield expression
