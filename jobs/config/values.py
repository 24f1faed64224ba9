"""The kinds of values `lift.yml` holds: durations, sizes, triggers, paths, names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from ingest.storage.urls import SCHEMES, parse_url
from jobs.config.messages import described, shown
from jobs.fql import MessagePath, Trigger, compile_path, parse_trigger
from jobs.fql.dialect import text_literal

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MAX_DAYS = 36_500
_PLACEHOLDER = re.compile(r"\{\{?\s*([^{}]*?)\s*\}?\}")
_REMOTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class LiteralText:
    """A constant written as `=text` where a path could be."""

    value: str

    @property
    def text(self) -> str:
        """The constant as it is written in the file."""
        return f"={self.value}"

    def text_sql(self) -> str:
        """Return the constant as SQL text."""
        return text_literal(self.value)


def parse_duration(value: object) -> timedelta:
    """Return the duration that `30s`, `5m`, `24h` or `7d` means.

    Raises:
        ValueError: the value is none of these, or longer than a hundred years.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"must be a duration, not {described(value)};"
            " write a number and a unit, such as 30s, 5m, 24h or 7d"
        )
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if duration.days > _MAX_DAYS:
        raise ValueError(
            f"must be a duration of at most 100 years, not {value}; write {_MAX_DAYS}d"
        )
    return duration


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("must be longer than zero; write a duration such as 7d")
    return value


def _path_or_literal(text: str) -> MessagePath | LiteralText:
    if not text.startswith("="):
        return compile_path(text)
    if not text[1:]:
        raise ValueError("has no text after =; write a constant such as =pricing")
    return LiteralText(text[1:])


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _template(value: str) -> str:
    """Accept `{name}` and `{{event}}`; braces around anything else are mistakes."""
    for placeholder in _PLACEHOLDER.finditer(value):
        if placeholder[1] not in ("name", "event"):
            message = f"has the unknown placeholder {placeholder[0]}; use {{name}} or {{event}}"
            raise ValueError(message)
    if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
        raise ValueError(f"has a brace without its partner in {shown(value)}; use {{name}}")
    return value


def template_parts(template: str) -> list[tuple[str, bool]]:
    """Return the parts of a template in order, each with whether it names a placeholder."""
    parts = _PLACEHOLDER.split(template)
    return [(part, place % 2 == 1) for place, part in enumerate(parts)]


def _resolved(value: object, info: ValidationInfo) -> object:
    """Make a local path absolute, seen from the folder of the configuration."""
    if not isinstance(value, str | Path) or str(value) == "":
        raise ValueError(f"must be a path, not {described(value)}; name a file or folder")
    folder = (info.context or {}).get("folder", Path())
    return Path(folder, Path(value).expanduser()).absolute()


def _landing(value: object, info: ValidationInfo) -> str:
    remote = _REMOTE.match(value) if isinstance(value, str) else None
    if remote is None:
        return str(_resolved(value, info))
    if remote[1] not in SCHEMES:
        raise ValueError(
            f"cannot begin with {remote[0]}; write a folder or an s3://, gs:// or az:// URL"
        )
    try:
        parse_url(str(value))
    except ValueError as error:
        raise ValueError(f"is invalid: {error}") from None
    return str(value)


def _regex(value: str) -> str:
    """Accept what the warehouse's own engine accepts: no look-around, no back-reference."""
    import duckdb

    try:
        duckdb.execute("select regexp_full_match('', ?)", [value])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise ValueError(
            f"must be an RE2 regular expression, not {shown(value)} ({reason});"
            " correct it, without look-arounds and back-references"
        ) from None
    return value


def matching(pattern: str, message: str) -> BeforeValidator:
    """Return the validator of text that must match a pattern; `{}` in `message` is the value."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL):
            raise ValueError(message.format(described(value)))
        return value

    return BeforeValidator(check)


def parsed(kind: type | tuple[type, ...], noun: str, parse: Callable[[str], object]) -> Any:
    """Return the validator of a value that is written as text and parsed."""

    def validate(value: object) -> object:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise ValueError(f"must be {noun}, not {described(value)}; write it in quotes")
        return parse(value)

    return PlainValidator(validate)


def written_as(kind: str, **schema: object) -> WithJsonSchema:
    """Return what the JSON Schema says of a value that is written as text; `kind` names it."""
    return WithJsonSchema({"type": "string", "x-kind": kind, **schema}, mode="validation")


OR_ONE = Field(json_schema_extra={"x-or-one": True})
"""Marks a list of which one member may be written without brackets."""

AS_WRITTEN = PlainSerializer(lambda value: value.text, return_type=str)
"""Serializes a parsed value as the text it was parsed from."""

_DURATION_SCHEMA = written_as("duration", pattern="^[0-9]{1,9}[smhd]$")

Duration = Annotated[timedelta, BeforeValidator(parse_duration), _DURATION_SCHEMA]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
TriggerText = Annotated[
    Trigger, parsed(Trigger, "a trigger", parse_trigger), AS_WRITTEN, written_as("trigger")
]
PathText = Annotated[
    MessagePath, parsed(MessagePath, "a path", compile_path), AS_WRITTEN, written_as("path")
]
PathOrLiteral = Annotated[
    MessagePath | LiteralText,
    parsed((MessagePath, LiteralText), "a path or =constant", _path_or_literal),
    AS_WRITTEN,
    written_as("path or =constant"),
]
MappedValue = Annotated[
    MessagePath | LiteralText,
    parsed(
        (MessagePath, LiteralText),
        "a path such as $.messageId, or =constant",
        lambda text: _path_or_literal(text.removeprefix("$.")),
    ),
    AS_WRITTEN,
    written_as("path or =constant"),
]
PathList = Annotated[tuple[PathOrLiteral, ...], BeforeValidator(_as_list), OR_ONE]
RequiredPathList = Annotated[PathList, Field(min_length=1)]
Name = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(?s:.*\S)?$")]
NameList = Annotated[tuple[Name, ...], BeforeValidator(_as_list), OR_ONE]
RequiredNameList = Annotated[NameList, Field(min_length=1)]
MemorySize = Annotated[
    str,
    matching(
        r"(?!0+(?:\.0+)?[^0-9.])[0-9]+(?:\.[0-9]+)? ?[KMGT]i?B",
        "must be an amount of memory, not {}; write one such as 4GB",
    ),
    written_as("size", pattern=r"^[0-9]+(\.[0-9]+)? ?[KMGTkmgt][Ii]?[Bb]$"),
]
VariableName = Annotated[
    str,
    matching(
        "[A-Z_][A-Z0-9_]*",
        "must be the name of an environment variable, such as LIFT_HASH_KEY;"
        " never write the secret itself",
    ),
    written_as("environment variable", pattern="^[A-Za-z_][A-Za-z0-9_]*$"),
]
Template = Annotated[Name, AfterValidator(_template)]
LocalPath = Annotated[Path, BeforeValidator(_resolved), written_as("path on disk")]
Landing = Annotated[str, BeforeValidator(_landing), written_as("folder or URL")]
Regex = Annotated[Name, AfterValidator(_regex)]
Count = Annotated[int, Field(strict=True, ge=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
Probability = Annotated[Number, Field(gt=0, lt=1)]
