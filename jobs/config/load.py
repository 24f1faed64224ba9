"""Reads `lift.yml` and reports every mistake in it at once."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from jobs.config.checks import find_mistakes
from jobs.config.document import Document, read_document
from jobs.config.messages import sentences
from jobs.config.model import Settings
from jobs.config.problems import Location, Problem, SettingsError

_KEY_NAMES = ("apikey", "apisecret", "writekey", "servicetoken", "secret", "token", "password")
_NO_KEY = "this job calls no vendor, so it holds no key; remove it"


def load_settings(path: Path) -> Settings:
    """Read and validate the configuration.

    Raises:
        SettingsError: the file is missing or wrong; `problems` holds every mistake.
    """
    document = read_document(path)
    checked = _Validation(document, path)
    settings = checked.settings()
    problems = [*document.problems, *checked.problems]
    if problems or settings is None:
        raise SettingsError(problems)
    variables = (settings.privacy.hash_key_env, settings.exports.postgres_env)
    settings._file = path
    settings._secrets = {
        name: SecretStr(os.environ[name]) for name in variables if name and os.environ.get(name)
    }
    return settings


class _Validation:
    """Validates a document; what is wrong is noted and left out, until the rest is right.

    Only so can the checks across keys run although a key is wrong, and all mistakes be reported at
    once. A mistake that appears only because a part was left out is none.
    """

    def __init__(self, document: Document, path: Path) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._folder = path.absolute().parent
        self._left_out = set(document.refused)
        self._origins: dict[Location, Location] = {}  # where a value stood in the file

    def settings(self) -> Settings | None:
        """Return the settings without what is wrong; None when nothing sensible is left."""
        keys = _key_literals(self._document.data.get("destinations"), ("destinations",))
        self._note((location, _NO_KEY) for location in keys)
        for key, value in self._document.data.items():
            if value is None and key != "landing":
                self._left_out.add((key,))  # a section without content has its defaults
        while True:
            self._origins = {}
            data = self._without_mistakes(self._document.data, (), ())
            if ("landing",) in self._left_out:
                data["landing"] = "landing"  # the one key without a default
            try:
                settings = Settings.model_validate(data, context={"folder": self._folder})
            except ValidationError as error:
                if not self._noted(error):
                    return None
            else:
                break
        mistakes = find_mistakes(settings, self._document.data, os.environ)
        self._note((self._origin(location), message) for location, message in mistakes)
        return settings

    def _noted(self, error: ValidationError) -> bool:
        """Note the mistakes and leave them out; return whether that changes anything."""
        left_out_before = len(self._left_out)
        self._note(
            (self._origin(details["loc"]), message)
            for details in error.errors(include_url=False)
            for message in sentences(details)
        )
        return len(self._left_out) > left_out_before

    def _note(self, mistakes: Iterable[tuple[Location, str]]) -> None:
        """Note mistakes of one look, of which several may stand in one place."""
        noted: set[Location] = set()
        for location, message in mistakes:
            follows = location not in noted and any(
                left_out[: len(location)] == location for left_out in self._left_out
            )
            if not follows:
                self.problems.append(self._document.problem(location, message))
                noted.add(location)
            self._left_out.add(location)
            if follows or location not in self._document.lines:
                self._left_out.add(location[:-1])  # what lacks a part cannot stay either

    def _without_mistakes(self, value: Any, origin: Location, location: Location) -> Any:
        self._origins[location] = origin
        if isinstance(value, dict):
            return {
                key: self._without_mistakes(inner, (*origin, key), (*location, key))
                for key, inner in value.items()
                if (*origin, key) not in self._left_out
            }
        if isinstance(value, list):
            kept = [i for i in range(len(value)) if (*origin, i) not in self._left_out]
            return [
                self._without_mistakes(value[i], (*origin, i), (*location, position))
                for position, i in enumerate(kept)
            ]
        return value

    def _origin(self, location: Location) -> Location:
        """Translate a location of the validator to one of the file."""
        found: Location = ()
        for index, part in enumerate(location):
            if (*found, part) in self._origins:
                found = (*found, part)
            elif not _is_tag(part):
                rest = tuple(p for p in location[index:] if not _is_tag(p))
                return (*self._origins[found], *rest)
        return self._origins[found]


def _is_tag(part: str | int) -> bool:
    """Whether the validator put the part there to name the alternative it tried."""
    return isinstance(part, str) and (part.startswith("<") or part == "[key]")


def _key_literals(value: Any, location: Location) -> Iterator[Location]:
    """Yield the keys under `destinations` that could hold a secret."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _key_literals(inner, (*location, index))
    elif isinstance(value, dict):
        for key, inner in value.items():
            plain = key.lower().replace("_", "").replace("-", "")
            if plain.startswith(_KEY_NAMES):
                yield (*location, key)
            else:
                yield from _key_literals(inner, (*location, key))
