"""The path of one field of a message, and the SQL that reads it."""

from dataclasses import dataclass

from ingest.decimal_text import plain_decimal
from jobs.fql import dialect
from jobs.fql.errors import FqlSyntaxError, PathSyntaxError
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
        kind, text = self.type_sql(), self._json_text()
        plain = dialect.PLAIN_SCALARS if reads_booleans else dialect.PLAIN_WORDS
        return (
            f"case when {kind} in ({plain}) then {text}"
            f" when {kind} = '{dialect.DOUBLE}' then {plain_decimal(text)} end"
        )

    def type_sql(self) -> str:
        """Return SQL for the JSON type of the value: NULL when missing, `NULL` when null."""
        if self.field.is_text:
            return f"case when {self.field.column} is not null then '{dialect.STRING}' end"
        return dialect.json_type(self.field.column, self.field.keys)

    def json_sql(self) -> str:
        """Return SQL for the value as JSON text; NULL when missing or null."""
        if self.field.is_text:
            return f"cast(to_json({self.field.column}) as varchar)"
        return dialect.json_value(self.field.column, self.field.keys)

    def number_sql(self) -> str:
        """Return SQL for the value as DOUBLE; NULL unless it is a JSON number."""
        if self.field.is_text:
            return "cast(null as double)"
        return self._if_number(dialect.double(self._json_text()))

    def units_sql(self) -> str:
        """Return SQL for the value in units of 1/10,000 as BIGINT, so that money adds up exactly.

        Rounded half away from zero; NULL unless the value is a JSON number within ±1e9.
        """
        if self.field.is_text:
            return "cast(null as bigint)"
        return self._if_number(dialect.money_units(self._json_text()))

    def _json_text(self) -> str:
        return dialect.json_text(self.field.column, self.field.keys)

    def _if_number(self, expression: str) -> str:
        is_number = dialect.json_is_number(self.field.column, self.field.keys)
        return f"case when {is_number} then {expression} end"


def compile_path(text: str) -> MessagePath:
    """Return the field that a path names.

    Raises:
        PathSyntaxError: the text is no path of a field, or names a whole object.
    """
    try:
        return MessagePath(text, _field(text))
    except FqlSyntaxError as error:
        raise PathSyntaxError(error.reason, error.column, error.remedy) from None


def _field(text: str) -> Field:
    first, *rest = tokenize(text)
    if first.kind != "name":
        raise FqlSyntaxError(
            f"a path is expected, not {first.described()},",
            first.column,
            "write for example properties.revenue",
        )
    if rest[0].kind != "end":
        raise FqlSyntaxError(
            f"{rest[0].described()} follows the path",
            rest[0].column,
            "remove it, or write a backslash before a space or a special character inside a key",
        )
    return resolve_field(first)
