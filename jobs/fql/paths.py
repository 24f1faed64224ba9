"""The path of one field of a message, and the SQL that reads it."""

from dataclasses import dataclass

from ingest.decimal_text import plain_decimal
from jobs.fql import dialect
from jobs.fql.errors import FqlSyntaxError, Mistake
from jobs.fql.fields import resolve_field
from jobs.fql.lex import tokenize
from jobs.fql.syntax import Field


@dataclass(frozen=True, slots=True)
class MessagePath:
    """A path such as `properties.revenue`, `context.device.type` or `userId`."""

    text: str
    field: Field

    def text_sql(self, *, reads_booleans: bool = True) -> str:
        """Return SQL for the text of the value.

        A string is itself, a number plain decimal text (`40` for 40, 40.0 and 4e1), a boolean
        `true` or `false` unless booleans are not read; NULL when the value is missing, null, an
        object or an array.
        """
        if self.field.is_text:
            return self.field.column
        kind, text = self.type_sql(), dialect.text(self.field)
        plain = dialect.PLAIN_SCALARS if reads_booleans else dialect.PLAIN_WORDS
        return (
            f"case when {kind} in ({plain}) then {text}"
            f" when {kind} = '{dialect.DOUBLE}' then {plain_decimal(text)} end"
        )

    def type_sql(self) -> str:
        """Return SQL for the JSON type of the value: NULL when missing, `NULL` when null."""
        if self.field.is_text:
            return f"case when {self.field.column} is not null then '{dialect.STRING}' end"
        return dialect.json_type(self.field)

    def json_sql(self) -> str:
        """Return SQL for the value as JSON text; NULL when missing or null."""
        if self.field.is_text:
            return f"cast(to_json({self.field.column}) as varchar)"
        return dialect.json_value(self.field)

    def number_sql(self) -> str:
        """Return SQL for the value as DOUBLE; NULL unless it is a JSON number."""
        if self.field.is_text:
            return "cast(null as double)"
        return self._if_number(dialect.double(dialect.text(self.field)))

    def units_sql(self) -> str:
        """Return SQL for the value in units of 1/10,000 as BIGINT, so that money adds up exactly.

        Rounded half away from zero; NULL unless the value is a JSON number within ±1e9.
        """
        if self.field.is_text:
            return "cast(null as bigint)"
        return self._if_number(dialect.money_units(dialect.text(self.field)))

    def _if_number(self, expression: str) -> str:
        return f"case when {self.type_sql()} in ({dialect.NUMBERS}) then {expression} end"


def compile_path(text: str) -> MessagePath:
    """Return the field that a path names.

    Raises:
        FqlSyntaxError: the text is not the path of a field, or it names a whole object.
    """
    mistakes: list[Mistake] = []
    first, *rest = tokenize(text, mistakes)
    if not mistakes and first.kind != "name":
        reason, remedy = f"expected a path, found {first}", "write one such as properties.revenue"
        mistakes.append(Mistake(first.column, reason, remedy))
    elif not mistakes and rest[0].kind != "end":
        remedy = "remove it, or write a backslash before a space or special character in a key"
        mistakes.append(Mistake(rest[0].column, f"{rest[0]} follows the path", remedy))
    if mistakes:
        raise FqlSyntaxError(*mistakes)
    return MessagePath(text, resolve_field(first))
