"""The page of reference for `lift.yml`: `python -m jobs.schema.reference > docs/lift-yml.md`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobs.config.base import Part
from jobs.config.model import Settings
from jobs.schema.json_schema import Schema, default, described_schema, keys, owner, parts

TYPES = {"string": "text", "boolean": "`true` or `false`", "integer": "whole number"}
INTRODUCTION = Path(__file__).parent / "introduction.md"


def reference_page() -> str:
    """Return the page."""
    page = Page()
    lines = [INTRODUCTION.read_text(encoding="utf-8")]
    for key in Settings.model_fields:
        lines += page.section(key)
    return "\n".join(lines).rstrip() + "\n"


class Page:
    """The sections of the page; a key that several mappings share is in it once."""

    def __init__(self) -> None:
        """Begin with nothing described."""
        self._schema = described_schema()
        self._parts = {part.__name__: part for part in parts()}
        self._seen: set[tuple[str, str]] = set()
        self._open: list[str] = []

    def section(self, key: str) -> Iterator[str]:
        """Yield a key of the top level: what it changes, an example, and the keys below it."""
        words, example = keys()["Settings"][key]
        schema = self._schema["properties"][key]
        yield f"## `{key}`\n"
        yield f"{words}\n"
        if "allOf" not in schema:
            given = "required" if key == "landing" else f"default: {_code(default(Settings, key))}"
            yield f"Type: {self._kind(schema)}; {given}.\n"
        yield f"```yaml\n{key}: {example}\n```\n"
        rows = list(self._rows(key, schema))
        if rows:
            yield "| key | type | default | example | what it changes |"
            yield "|---|---|---|---|---|"
            yield from rows
            yield ""

    def _rows(self, prefix: str, schema: Schema) -> Iterator[str]:
        """Yield a row for each key below a value."""
        names = [each.rpartition("/")[2] for each in _references(schema)]
        if not set(names).isdisjoint(self._open):
            return  # a rule within a rule
        if "$ref" in schema:
            self._open += names
            yield from self._rows_of(prefix, self._parts[names[0]])
            self._open.pop()
        for name in ("allOf", "oneOf", "anyOf"):
            for each in schema.get(name, ()):
                yield from self._rows(prefix, each)
        if isinstance(schema.get("items"), dict):
            yield from self._rows(f"{prefix}[]", schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            yield from self._rows(f"{prefix}.NAME", schema["additionalProperties"])

    def _rows_of(self, prefix: str, part: type[Part]) -> Iterator[str]:
        for field, info in part.model_fields.items():
            key = info.alias or field
            of = owner(part, field)
            if (of, key) in self._seen:
                continue
            self._seen.add((of, key))
            if of not in keys():
                yield from self._rows(f"{prefix}.{key}", self._property(part, key))
                continue
            words, example = keys()[of][key]
            schema = self._property(part, key)
            shared = "destinations.NAME" if of == "DestinationSettings" else prefix
            given = "required" if info.is_required() else _code(default(part, field))
            kind = "name of an adapter" if key == "adapter" else self._kind(schema)
            cells = (f"`{shared}.{key}`", kind, given, f"`{example}`", words)
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
            yield from self._rows(f"{shared}.{key}", schema)

    def _property(self, part: type[Part], key: str) -> Schema:
        found: Schema = self._schema["$defs"][part.__name__]["properties"][key]
        return found

    def _kind(self, schema: Schema) -> str:
        """Return the type of a value in words."""
        if "enum" in schema:
            return _alternatives([_code(each) for each in schema["enum"]])
        for name in ("anyOf", "oneOf", "allOf"):
            if name in schema:
                kinds = (self._kind(each) for each in schema[name] if each.get("type") != "null")
                return _alternatives(list(dict.fromkeys(kinds)))
        if "items" in schema:
            return f"list of {self._kind(schema['items'])}"
        if "additionalProperties" in schema:
            return f"mapping from name to {self._kind(schema['additionalProperties'])}"
        fallback = "mapping" if "$ref" in schema else schema.get("type", "any value")
        return str(schema.get("x-kind") or schema.get("const") or TYPES.get(fallback, fallback))


def _alternatives(kinds: list[str]) -> str:
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if kinds[1:] else kinds)


def _references(schema: Schema) -> list[str]:
    """Return the definitions that a schema names, itself or as one of several."""
    of_one = [schema["$ref"]] if "$ref" in schema else []
    return of_one + [each["$ref"] for each in schema.get("oneOf", ()) if "$ref" in each]


def _code(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
