"""Reads `lift.yml` and reports every mistake in it at once."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from jobs.config.base import find_all
from jobs.config.checks import find_mistakes
from jobs.config.document import Document, read_document
from jobs.config.messages import sentences
from jobs.config.model import Settings
from jobs.config.problems import Location, Mistake, SettingsError
from jobs.config.reconcile import read_reported_totals

_SECRET_KEYS = ("apikey", "apisecret", "writekey", "servicetoken", "secret", "token", "password")
_NO_SECRET = "is not needed, because this job never calls a vendor; remove it"


def load_settings(path: Path) -> Settings:
    """Read and validate the configuration.

    Raises:
        SettingsError: the file is missing or wrong; `problems` holds every mistake.
    """
    document = read_document(path)
    settings = _Validation(document, path.absolute().parent).settings()
    totals, problems = ((), []) if settings is None else read_reported_totals(settings)
    document.problems.extend(problems)
    if document.problems or settings is None:
        raise SettingsError(document.problems)
    alerts = settings.alerts
    variables = (
        *(settings.privacy.hash_key_env, settings.exports.postgres_env),
        *(alerts.webhook_env, alerts.ping_env),
    )
    settings._file = path
    settings._reported_totals = totals
    settings._secrets = {
        name: SecretStr(os.environ[name]) for name in variables if name and os.environ.get(name)
    }
    return settings


class _Validation:
    """Validates a document, and adds what is wrong to its problems.

    What is wrong is left out until the rest is valid. Only then can the checks across keys run
    although some key is wrong. A mistake that appears only because something was left out is not
    reported.
    """

    def __init__(self, document: Document, folder: Path) -> None:
        self._document = document
        self._folder = folder
        # A section without content has its defaults.
        empty = {(key,) for key, value in document.data.items() if value is None}
        self._left_out = document.refused | (empty - {("landing",)})

    def settings(self) -> Settings | None:
        """Return the settings without what is wrong; None when nothing sensible is left."""
        data = self._document.data
        self._note((location, _NO_SECRET) for location in _secrets(data, "destinations"))
        while True:
            valid = self._without_mistakes(data, ())
            if ("landing",) in self._left_out:
                valid["landing"] = "landing"  # the one key without a default
            try:
                settings = Settings.model_validate(valid, context={"folder": self._folder})
            except ValidationError as error:
                left_out_before = len(self._left_out)
                found = [
                    (self._origin(details["loc"]), message)
                    for details in error.errors(include_url=False)
                    for message in sentences(details)
                ]
                self._note(found)
                if len(self._left_out) == left_out_before:
                    return None
            else:
                mistakes = find_mistakes(settings, data, os.environ)
                self._note([(self._origin(location), message) for location, message in mistakes])
                return settings

    def _note(self, mistakes: Iterable[Mistake]) -> None:
        """Note mistakes of one look, of which one place may have several."""
        noted: set[Location] = set()
        for location, message in mistakes:
            follows = location not in noted and any(
                left_out[: len(location)] == location for left_out in self._left_out
            )
            if not follows:
                self._document.problems.append(self._document.problem(location, message))
                noted.add(location)
            self._left_out.add(location)
            if follows or location not in self._document.lines:
                self._left_out.add(location[:-1])  # what lacks a part cannot stay either

    def _without_mistakes(self, value: Any, location: Location) -> Any:
        if isinstance(value, dict):
            return {
                key: self._without_mistakes(inner, (*location, key))
                for key, inner in value.items()
                if (*location, key) not in self._left_out
            }
        if isinstance(value, list):
            places = self._places(value, location)
            return [self._without_mistakes(value[place], (*location, place)) for place in places]
        return value

    def _places(self, entries: list[Any], location: Location) -> list[int]:
        return [i for i in range(len(entries)) if (*location, i) not in self._left_out]

    def _origin(self, location: Location) -> Location:
        """Translate a location of the validator to one of the file."""
        found: Location = ()
        value: Any = self._document.data
        for part in location:
            place = part
            if isinstance(value, list) and isinstance(part, int):
                place = self._places(value, found)[part]
                value = value[place]
            elif isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(part, str) and (part.startswith("<") or part == "[key]"):
                continue  # the validator's name of the alternative that it tried
            else:
                value = None
            found = (*found, place)
        return found


def _secrets(data: dict[str, Any], section: str) -> Iterator[Location]:
    """Yield the keys of a section that could hold a secret."""
    for location, key in find_all(data.get(section), str, (section,)):
        if location[-1] == key and key.lower().replace("_", "").replace("-", "").startswith(
            _SECRET_KEYS
        ):
            yield location
