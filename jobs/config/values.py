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
)

from ingest.storage.urls import SCHEMES, parse_url
from jobs.config.messages import shown
from jobs.fql import MessagePath, Trigger, compile_path, parse_trigger
from jobs.fql.dialect import text_literal

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MAX_DAYS = 36_500
_MEMORY = re.compile(r"(?!0+(?:\.0+)?[^0-9.])[0-9]+(?:\.[0-9]+)? ?[KMGT]i?B", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{?\s*([^{}]*?)\s*\}?\}")
_REMOTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


@dataclass(frozen=True, slots=True)
class LiteralText:
    """A constant written as `=text` where a path could stand."""

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
            f"{shown(value)} is no duration; write a number and a unit: 30s, 5m, 24h or 7d"
        )
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if duration.days > _MAX_DAYS:
        raise ValueError(f"{shown(value)} is longer than a hundred years; write a shorter duration")
    return duration


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("the duration is zero; write a longer one such as 7d")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no {what}; write it as text in quotes")
    return value


def _trigger(value: object) -> Trigger:
    return value if isinstance(value, Trigger) else parse_trigger(_text(value, "trigger"))


def _path(value: object) -> MessagePath:
    return value if isinstance(value, MessagePath) else compile_path(_text(value, "path"))


def _path_or_literal(value: object) -> MessagePath | LiteralText:
    if isinstance(value, MessagePath | LiteralText):
        return value
    text = _text(value, "path")
    if not text.startswith("="):
        return compile_path(text)
    if not text[1:] or "\0" in text:
        raise ValueError("'=' names no constant; write for example =pricing")
    return LiteralText(text[1:])


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _memory(value: str) -> str:
    if not _MEMORY.fullmatch(value):
        raise ValueError(f"{shown(value)} is no amount of memory; write for example 4GB or 512MB")
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(
            "this is no name of an environment variable;"
            " write a name such as LIFT_HASH_KEY, never the secret itself"
        )
    return value


def _template(value: str) -> str:
    """Accept `{name}` and `{{event}}`; braces of any other content are mistakes."""
    for placeholder in _PLACEHOLDER.finditer(value):
        if placeholder[1] not in ("name", "event"):
            raise ValueError(f"{placeholder[0]} is unknown; use {{name}} or {{event}}")
    if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
        raise ValueError("a brace has no partner; use {name} or {event}")
    return value


def _resolved(value: object, info: ValidationInfo) -> object:
    """Make a local path absolute, seen from the folder of the configuration."""
    if not isinstance(value, str | Path) or str(value) == "":
        raise ValueError(f"{shown(value)} is no path; write the path of a file or folder")
    folder = (info.context or {}).get("folder", Path())
    return Path(folder, Path(value).expanduser()).absolute()


def _landing(value: object, info: ValidationInfo) -> str:
    remote = _REMOTE.match(value) if isinstance(value, str) else None
    if remote is None:
        return str(_resolved(value, info))
    if remote[1] not in SCHEMES:
        raise ValueError(
            f"{remote[0]} is not supported; write a folder or an s3://, gs:// or az:// URL"
        )
    parse_url(str(value))
    return str(value)


def _regex(value: str) -> str:
    """Accept what the warehouse's own engine accepts: no look-around, no back-reference."""
    import duckdb

    try:
        duckdb.execute("select regexp_full_match('', ?)", [value])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise ValueError(
            f"{shown(value)} is no regular expression of RE2 ({reason});"
            " correct it, without look-arounds and back-references"
        ) from None
    return value


def _serialized(write: Callable[[Any], Any]) -> PlainSerializer:
    return PlainSerializer(write, return_type=str)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
TriggerText = Annotated[Trigger, PlainValidator(_trigger), _serialized(lambda t: t.text)]
PathText = Annotated[MessagePath, PlainValidator(_path), _serialized(lambda p: p.text)]
PathOrLiteral = Annotated[
    MessagePath | LiteralText, PlainValidator(_path_or_literal), _serialized(lambda p: p.text)
]
PathList = Annotated[tuple[PathOrLiteral, ...], BeforeValidator(_as_list)]
RequiredPathList = Annotated[PathList, Field(min_length=1)]
Name = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(?s:.*\S)?$")]
NameList = Annotated[tuple[Name, ...], BeforeValidator(_as_list)]
RequiredNameList = Annotated[NameList, Field(min_length=1)]
MemorySize = Annotated[str, AfterValidator(_memory)]
VariableName = Annotated[str, AfterValidator(_variable)]
Template = Annotated[Name, AfterValidator(_template)]
LocalPath = Annotated[Path, BeforeValidator(_resolved)]
Landing = Annotated[str, BeforeValidator(_landing)]
Regex = Annotated[Name, AfterValidator(_regex)]
Count = Annotated[int, Field(strict=True, ge=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
Probability = Annotated[Number, Field(gt=0, lt=1)]
