"""What every part of the settings is built on: strict, frozen models that name an unknown key."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from jobs.config.problems import Location


class Part(BaseModel):
    """A mapping of `lift.yml`: unknown keys are errors, values never change."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,  # built when a file is read: importing stays quick
        frozen=True,
        validate_default=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    # Keys people try that have an answer of their own.
    refused_keys: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = [info.alias or name for name, info in cls.model_fields.items()]
            unknown = [key for key in data if key not in known and key not in cls.model_fields]
            refuse(cls.__name__, [((key,), cls._remedy(key, known)) for key in unknown])
        return data

    @classmethod
    def _remedy(cls, key: str, known: list[str]) -> str:
        if key in cls.refused_keys:
            return cls.refused_keys[key]
        return f"the key is unknown; {did_you_mean(key, known)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the remedy for a name that is not among the known ones."""
    names = list(dict.fromkeys(known))
    folded = {candidate.casefold(): candidate for candidate in names}
    if near := get_close_matches(name.casefold(), folded, n=1):
        return f"did you mean {folded[near[0]]}?"
    return f"write one of {', '.join(names)}" if names else "remove it"


def ended(words: str) -> str:
    """Return words as the end of a sentence: a question has its mark already."""
    return words if words.endswith("?") else f"{words}."


def refuse(title: str, mistakes: Iterable[tuple[Location, str]]) -> None:
    """Raise the mistakes of one part at once, each at its own place, if there are any.

    Raises:
        ValidationError: there is a mistake.
    """
    errors = [
        InitErrorDetails(
            type=PydanticCustomError("mistake", "{reason}", {"reason": reason}),
            loc=location,
            input=None,
        )
        for location, reason in mistakes
    ]
    if errors:
        raise ValidationError.from_exception_data(title, errors)
