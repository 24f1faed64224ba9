"""The JSON Schema of `lift.yml`: from the settings, with the descriptions and examples of keys."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jobs.config.base import Part
from jobs.config.document import Loader
from jobs.config.model import Settings

Schema = dict[str, Any]

KEYS = Path(__file__).parent / "keys.yml"
BUILT_IN = ["mutiny", "split", "segment_experiment"]
"""Adapters that need no key: their name alone is an entry of `exposures`."""

# How pydantic writes the pattern of a name, and how every editor reads it.
_NAME, _PORTABLE_NAME = r"^\S(?s:.*\S)?$", r"^\S(?:[\s\S]*\S)?$"
_SECONDS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def json_schema() -> Schema:
    """Return the JSON Schema of `lift.yml`."""
    schema = described_schema()
    for each in _schemas(schema):
        each.pop("x-kind", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def described_schema() -> Schema:
    """Return the schema in which `x-kind` names what a text is: a trigger, a path, a duration."""
    schema = Settings.model_json_schema()
    exposures = schema["properties"]["exposures"]["items"]
    exposures["oneOf"].append({"enum": BUILT_IN, "type": "string"})
    for part in parts():
        definition = schema if part is Settings else schema["$defs"][part.__name__]
        _describe(definition, part)
    for each in _schemas(schema):
        _make_portable(each)
    schema["title"] = "lift.yml"
    return schema


def parts() -> list[type[Part]]:
    """Return every class of the settings that a file can have, `Settings` first."""
    names = Settings.model_json_schema()["$defs"]
    return [Settings, *(part for part in _subclasses(Part) if part.__name__ in names)]


def owner(part: type[Part], field: str) -> str:
    """Return the name of the class that gives a part its key."""
    owners = [
        each.__name__ for each in part.__mro__ if field in vars(each).get("__annotations__", {})
    ]
    return "ExposureAdapter" if field == "adapter" else owners[-1]


@cache
def keys() -> dict[str, dict[str, tuple[str, str]]]:
    """Return what each key changes, and an example as YAML, by class and key."""
    found = yaml.load(KEYS.read_text(encoding="utf-8"), yaml.BaseLoader)
    return {
        name: {key: (words, example) for key, (words, example) in of_class.items()}
        for name, of_class in found.items()
    }


def read_value(text: str) -> Any:
    """Return what YAML of `lift.yml` means, as JSON data."""
    return _written(yaml.load(text, Loader))


def default(part: type[Part], field: str) -> Any:
    """Return the default of a key as it would be written in the file."""
    value = part.model_fields[field].get_default(call_default_factory=True)
    return _written(value)


def _describe(definition: Schema, part: type[Part]) -> None:
    definition["description"] = " ".join((part.__doc__ or "").partition("\n\n")[0].split())
    for field, info in part.model_fields.items():
        key = info.alias or field
        words, example = keys()[owner(part, field)][key]
        described: Schema = {"description": words, "examples": [read_value(example)]}
        if not info.is_required() and "$ref" not in definition["properties"][key]:
            described["default"] = default(part, field)
        found = definition["properties"][key]
        found.pop("default", None)
        if "const" in found:
            described["examples"] = [found["const"]]
        if "$ref" in found:
            found = {"allOf": [found]}
        definition["properties"][key] = {**described, **found}


def _make_portable(schema: Schema) -> None:
    schema.pop("title", None)
    if schema.get("pattern") == _NAME:
        schema["pattern"] = _PORTABLE_NAME
    if _NAME in (named := schema.get("patternProperties", {})):
        schema["additionalProperties"] = named[_NAME]
        del schema["patternProperties"]
    # A mapping without keys is empty.
    if schema.get("type") == "object" and "required" not in schema:
        schema["type"] = ["object", "null"]
    if schema.pop("x-or-one", False):
        listed = {
            name: schema.pop(name)
            for name in ("type", "items", "minItems", "minLength")
            if name in schema
        }
        if "minLength" in listed:
            listed["minItems"] = listed.pop("minLength")
        schema["anyOf"] = [listed["items"], listed]


def _schemas(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and every schema within it, the outer ones first."""
    yield schema
    for name in ("properties", "$defs", "patternProperties"):
        for each in list(schema.get(name, {}).values()):
            yield from _schemas(each)
    for name in ("oneOf", "anyOf", "allOf"):
        for each in list(schema.get(name, ())):
            yield from _schemas(each)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _schemas(schema[name])


def _subclasses(part: type[Part]) -> Iterator[type[Part]]:
    for each in part.__subclasses__():
        yield each
        yield from _subclasses(each)


def _written(value: Any) -> Any:
    """Return a value as a file has it."""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit, size = next(
            (each for each in _SECONDS if seconds % each[1] == 0 and seconds > each[1]),
            _SECONDS[-1],
        )
        return f"{seconds // size}{unit}"
    if isinstance(value, Part):
        return value.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    if isinstance(value, Path | date):
        return str(value)
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    return value.text if hasattr(value, "text") else value
