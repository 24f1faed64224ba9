"""What every part of the settings is built on: strict, frozen models that name an unknown key."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from jobs.config.problems import Location, Mistake

Found = TypeVar("Found")


class Part(BaseModel):
    """A mapping of `lift.yml`: an unknown key is an error, and a mapping without keys is empty."""

    model_config = ConfigDict(
        extra="forbid",
        defer_build=True,  # built when a file is read: importing stays quick
        frozen=True,
        validate_default=True,
        serialize_by_alias=True,
    )

    # Keys that people try, and what to say about them.
    refused_keys: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if data is None:
            return {}
        if isinstance(data, dict):
            known = [info.alias or name for name, info in cls.model_fields.items()]
            refuse(
                ((key,), cls.refused_keys.get(key) or unknown_key(key, known))
                for key in data
                if key not in known
            )
        return data


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return what is wrong with a key that is not among the known ones."""
    return f"is not a known key; {did_you_mean(key, known)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the remedy for a name that is not among the known ones."""
    names = list(dict.fromkeys(known))
    folded = {candidate.casefold(): candidate for candidate in names}
    if near := get_close_matches(name.casefold(), folded, n=1):
        return f"did you mean {folded[near[0]]}?"
    return f"write {'one of ' * (len(names) > 1)}{', '.join(names)}" if names else "remove it"


def ended(words: str) -> str:
    """Return words as the end of a sentence: a question has its mark already."""
    return words if words.endswith("?") else f"{words}."


def refuse(mistakes: Iterable[Mistake]) -> None:
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
        raise ValidationError.from_exception_data("Part", errors)


def find_all(
    value: object, kind: type[Found], location: Location = ()
) -> Iterator[tuple[Location, Found]]:
    """Yield every value of a type within settings, keys of mappings included, and its location."""
    if isinstance(value, kind):
        yield location, value
    members: Iterable[tuple[Any, object]] = ()
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        members = ((field.alias or name, getattr(value, name)) for name, field in fields)
    elif isinstance(value, Mapping):
        members = value.items()
        yield from (((*location, str(key)), key) for key in value if isinstance(key, kind))
    elif isinstance(value, list | tuple):
        members = enumerate(value)
    for part, member in members:
        yield from find_all(member, kind, (*location, part))
