"""What is known of the conditions on one level of parentheses while a trigger is read."""

from dataclasses import dataclass, field

from jobs.fql.lex import Token
from jobs.fql.syntax import And, Expression, Not, Or


@dataclass
class Level:
    """What is known of one pair of parentheses (or of the whole text) while it is read."""

    opened_by: Token | None = None
    is_negated: bool = False
    connective: str | None = None
    operands: list[Expression] = field(default_factory=list)
    depth: int = 0  # of the deepest operand
    is_mixed: bool = False

    def add(self, operand: Expression, depth: int = 0) -> None:
        """Take in one more condition, or parentheses of so many levels."""
        self.operands.append(operand)
        self.depth = max(self.depth, depth)

    def combined(self) -> Expression:
        """Return the conditions as one expression."""
        if len(self.operands) == 1:
            return self.operands[0]
        kind = And if self.connective == "and" else Or
        flat: list[Expression] = []
        for operand in self.operands:
            if isinstance(operand, And | Or) and isinstance(operand, kind):
                flat.extend(operand.operands)
            else:
                flat.append(operand)
        return kind(tuple(flat))


def negate(operand: Expression, is_negated: bool) -> Expression:
    """Return the opposite of an expression, or itself."""
    if not is_negated:
        return operand
    return operand.operand if isinstance(operand, Not) else Not(operand)
