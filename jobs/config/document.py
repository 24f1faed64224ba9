"""Reads a YAML file into plain data that remembers the line of every key."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from jobs.config.problems import Location, Problem, SettingsError, key_text

_TAG = "tag:yaml.org,2002:"
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")  # what no table can hold


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 does: `off`, `yes`, `0123` and `1:30` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"(?:{_pattern})$"), list(_first))
_Loader.add_implicit_resolver(_TAG + "null", re.compile("$"), [""])


@dataclass
class Document:
    """The data of a file, the line of each location in it, and what is wrong with its form."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: set[Location] = field(default_factory=set)  # values that could not be read

    def problem(self, location: Location, message: str) -> Problem:
        """Return a problem at a location, on the line of the nearest key that is there."""
        return Problem(self.file, self.line(location), key_text(location), message)

    def line(self, location: Location) -> int:
        """Return the line of a location, or of the nearest one around it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


def read_document(path: Path) -> Document:
    """Read a YAML file.

    Raises:
        SettingsError: there is no such file, or it is not YAML.
    """
    file = str(path)
    document = Document(file)
    try:
        node = yaml.compose(path.read_bytes().decode("utf-8-sig"), Loader=_Loader)
    except FileNotFoundError:
        message = "does not exist; run `lift demo DIR` to write one, or pass `--config PATH`"
        raise SettingsError([Problem(file, None, "", message)]) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror}); pass a readable file with `--config PATH`"
        raise SettingsError([Problem(file, None, "", message)]) from None
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is not UTF-8; save the file as UTF-8"
        raise SettingsError([Problem(file, None, "", message)]) from None
    except yaml.YAMLError as error:
        raise SettingsError([_syntax_problem(file, error)]) from None
    except RecursionError:
        message = "the YAML is nested too deeply; flatten it"
        raise SettingsError([Problem(file, 1, "", message)]) from None
    if node is not None:
        data = _Builder(document).value(node, ())
        if isinstance(data, dict):
            document.data = data
        elif data is not None:
            document.problems.append(
                Problem(file, 1, "", "the file is no mapping; write `key: value` lines")
            )
    return document


def _syntax_problem(file: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark, reason = error.problem_mark, error.problem or "a mistake in the YAML"
        return Problem(
            file,
            mark.line + 1,
            "",
            f"this is not YAML: {reason} at column {mark.column + 1};"
            " correct the indentation, or put the value in quotes",
        )
    reason = str(error).splitlines()[0]
    return Problem(file, 1, "", f"this is not YAML: {reason}; remove the character")


class _Builder:
    """Turns YAML nodes into dicts, lists and scalars, noting lines and problems in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[yaml.Node] = []  # from the root down, to see an alias of an ancestor

    def value(self, node: yaml.Node, location: Location) -> Any:
        self._document.lines.setdefault(location, node.start_mark.line + 1)
        if any(node is ancestor for ancestor in self._open):
            self._refuse(location, "the alias stands inside its own anchor; write the value out")
            self._document.refused.add(location)
            return None
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, location)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*location, i)) for i, item in enumerate(node.value)]
            return self._scalar(node, location)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TAG + "str":
                self._note_line(location, key_node)
                self._refuse(location, "a key in it is no text; put the key in quotes", key_node)
                continue
            key = self._text(key_node, location)
            inner = (*location, key)
            if key in built:
                first = self._document.lines[inner]
                message = f"the key stands on line {first} already; keep one of the two"
                self._refuse(inner, message, key_node)
                continue
            self._document.lines[inner] = key_node.start_mark.line + 1
            built[key] = self.value(value_node, inner)
        return built

    def _note_line(self, location: Location, node: yaml.Node) -> None:
        self._document.lines.setdefault(location, node.start_mark.line + 1)

    def _scalar(self, node: yaml.Node, location: Location) -> Any:
        text, tag = self._text(node, location), node.tag.removeprefix(_TAG)
        if tag == "str":
            return text
        try:
            return _SCALARS[tag](text)
        except KeyError:
            self._refuse(location, f"the tag {node.tag} is unknown; write a plain value")
            self._document.refused.add(location)
            return None
        except ValueError:
            return text  # Such as 2026-13-01, which only looks like a date.

    def _text(self, node: yaml.Node, location: Location) -> str:
        """Return the text of a scalar; two halves of a character, as JSON escapes them, are one."""
        text = str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if found := _NO_CHARACTER.search(text):
            shown = found[0].encode("unicode_escape").decode()
            self._refuse(location, f"{shown} is not a character; remove it", node)
            self._document.refused.add(location)
        return text

    def _refuse(self, location: Location, message: str, node: yaml.Node | None = None) -> None:
        line = self._document.line(location) if node is None else node.start_mark.line + 1
        problem = Problem(self._document.file, line, key_text(location), message)
        self._document.problems.append(problem)


_SCALARS: dict[str, Any] = {
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
    "timestamp": date.fromisoformat,
}
