"""Reads a YAML file into plain data that remembers the line of every key."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from jobs.config.problems import Location, Problem, SettingsError, key_text

_TAG = "tag:yaml.org,2002:"
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")  # what no table can hold
_SCALARS: dict[str, Any] = {
    "str": str,
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "timestamp": date.fromisoformat,
}


class Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 does: `off`, `yes`, `0123` and `1:30` are strings."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"(?:{_pattern})$"), list(_first))
Loader.add_implicit_resolver(_TAG + "null", re.compile("$"), [""])


@dataclass
class Document:
    """The data of a file, the line of each location in it, and what is wrong with its form."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[Location] = field(default_factory=set)  # values that could not be read

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem at a location; `message` continues a sentence that begins with its key.

        It has the line of the location, or of the nearest one around it.
        """
        within = location
        while within and within not in self.lines:
            within = within[:-1]
        message = message if location else f"the file {message}"
        return Problem(self.file, self.lines.get(within, 1), key_text(location), message)


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        SettingsError: the file does not exist, or it is not YAML.
    """
    file, line = str(path), None
    document = Document(file)
    try:
        node = yaml.compose(path.read_bytes().decode("utf-8-sig"), Loader=Loader)
    except FileNotFoundError:
        message = "the file does not exist; run `lift demo DIR` to write one, or pass `--config`"
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); pass another one with `--config`"
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} of the file is not UTF-8; save the file as UTF-8"
    except yaml.YAMLError as error:
        line, message = _syntax_mistake(error)
    except RecursionError:
        line, message = 1, "the YAML is nested too deeply; flatten it"
    else:
        data = None if node is None else _Builder(document).value(node, ())
        if isinstance(data, dict):
            document.data = data
        elif data is not None:
            message = "is not a mapping; write `key: value` lines"
            document.problems.append(document.problem((), message))
        return document
    raise SettingsError([Problem(file, line, "", message)])


def _syntax_mistake(error: yaml.YAMLError) -> tuple[int, str]:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        reason = " ".join((error.problem or "a syntax error").split())
        return error.problem_mark.line + 1, (
            f"the YAML is invalid at column {error.problem_mark.column + 1}: {reason};"
            " correct the indentation, or put the value in quotes"
        )
    return 1, f"the YAML is invalid: {str(error).splitlines()[0]}; remove the character"


class _Builder:
    """Turns YAML nodes into dicts, lists and scalars, noting lines and problems in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[yaml.Node] = []  # from the root down, to see an alias of an ancestor

    def value(self, node: yaml.Node, location: Location) -> Any:
        self._document.lines.setdefault(location, node.start_mark.line + 1)
        if any(node is ancestor for ancestor in self._open):
            return self._refuse(location, "refers to its own anchor; write the value out")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, location)
        self._open.append(node)
        built = (
            self._mapping(node, location)
            if isinstance(node, yaml.MappingNode)
            else [self.value(item, (*location, i)) for i, item in enumerate(node.value)]
        )
        self._open.pop()
        return built

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag != _TAG + "str":
                self._document.lines.setdefault(location, key_node.start_mark.line + 1)
                is_scalar = isinstance(key_node, yaml.ScalarNode)
                key = f"{key_node.value}, which" if is_scalar else "that"
                self._note(location, f"has a key {key} is not a string; put it in quotes", key_node)
                continue
            key = self._scalar(key_node, location)
            inner = (*location, key)
            if key in built:
                first = self._document.lines[inner]
                self._note(inner, f"is already set on line {first}; keep one of the two", key_node)
                continue
            self._document.lines[inner] = key_node.start_mark.line + 1
            built[key] = self.value(value_node, inner)
        return built

    def _scalar(self, node: yaml.ScalarNode, location: Location) -> Any:
        """Return the value of a scalar; two halves of a character, as JSON has them, are one."""
        text = str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if found := _NO_CHARACTER.search(text):
            escaped = found[0].encode("unicode_escape").decode()
            self._refuse(location, f"contains the invalid character {escaped}; remove it", node)
            return text
        read = _SCALARS.get(node.tag.removeprefix(_TAG))
        if read is None:
            return self._refuse(location, f"has the unknown tag {node.tag}; write a plain value")
        try:
            return read(text)
        except ValueError:
            return text  # such as 2026-13-01, which only looks like a date

    def _refuse(self, location: Location, message: str, node: yaml.Node | None = None) -> None:
        self._note(location, message, node)
        self._document.refused.add(location)

    def _note(self, location: Location, message: str, node: yaml.Node | None = None) -> None:
        problem = self._document.problem(location, message)
        if node is not None:
            problem = replace(problem, line=node.start_mark.line + 1)
        self._document.problems.append(problem)
