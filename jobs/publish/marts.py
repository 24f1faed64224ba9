"""What dbt's YAML says of the marts: their columns, which are never null, and their key.

`meta` of a mart names its key, which tests/dbt/marts_have_unique_keys.sql checks every night.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROW_LEVEL = ("fct_events", "rpt_delivery", "rpt_journey", "rpt_rejects")
"""One row per message or input row: too large to index and to export."""

SURROGATE_KEY = "surrogate_key"
"""The primary key of a mart whose own key has parts that may be null."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's in C, where it is installed: seven times as fast."""

_INDEXED = ("dim_", "bridge_", "rpt_")


@dataclass(frozen=True, slots=True)
class Mart:
    """A mart as its YAML describes it. `key` is empty where the YAML states none."""

    name: str
    columns: tuple[str, ...]
    not_null: frozenset[str]
    key: tuple[str, ...]
    has_breakdowns: bool = False

    def key_in(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return the key of a table of this mart, whose columns may be more than are described.

        What `lift.yml` adds are the breakdowns, which belong to the key.
        """
        added = (name for name in columns if name not in self.columns)
        return (*self.key, *(added if self.has_breakdowns else ()))

    @property
    def has_primary_key(self) -> bool:
        """Whether its published table is small enough for an index on its key."""
        return self.name == "fct_experience_lift" or (
            self.name.startswith(_INDEXED) and self.name not in ROW_LEVEL
        )

    @property
    def has_surrogate_key(self) -> bool:
        """Whether its primary key is a column of its own: no part of one may be null."""
        return self.has_primary_key and not self.not_null.issuperset(self.key)


@cache
def mart_models(project: Path) -> tuple[Mapping[str, Any], ...]:
    """Return what the YAML of the project says of each mart, as dbt reads it."""
    return tuple(
        model
        for path in sorted((project / "models" / "marts").rglob("*.yml"))
        for model in yaml.load(path.read_text(encoding="utf-8"), LOADER).get("models", ())
    )


@cache
def read_marts(project: Path) -> dict[str, Mart]:
    """Return every mart that the YAML of the project describes, by name."""
    return {model["name"]: _mart(model) for model in mart_models(project)}


def _mart(model: Mapping[str, Any]) -> Mart:
    meta = model.get("config", {}).get("meta", {})
    return Mart(
        name=model["name"],
        columns=tuple(column["name"] for column in model["columns"]),
        not_null=frozenset(
            column["name"]
            for column in model["columns"]
            if {"type": "not_null"} in column.get("constraints", ())
        ),
        key=tuple(meta.get("key", ())),
        has_breakdowns=meta.get("has_breakdowns", False),
    )
