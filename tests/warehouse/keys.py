"""The key of each table inside the warehouse, which nothing checks at night.

Their YAML names it under `meta`; those of the marts are checked before each publication.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from tests.warehouse.nights import Row, published

MODELS = Path(__file__).parents[2] / "models"
# Where null says something: the whole time, no variant, no name.
NULLABLE = {
    "adapter", "anonymous_id", "breakdown", "drop_reason", "event_name", "from_date", "held_to",
    "holds_from", "library", "owned_from", "period", "value", "variant",
    "int_bridge_views.person_id",  # of a unit that is a device or the person itself
}  # fmt: skip


@cache
def keys() -> dict[str, list[str]]:
    """The columns of the key by table; of a table of one row there are none."""
    described = [
        model
        for layer in ("staging", "intermediate")
        for path in (MODELS / layer).rglob("*_models.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    ]
    (raw,) = yaml.safe_load((MODELS / "_sources.yml").read_text(encoding="utf-8"))["sources"]
    return {
        table["name"]: table["config"]["meta"]["key"]
        for table in described + raw["tables"]
        if "key" in table.get("config", {}).get("meta", {})
    }


def rows_against_their_key(warehouse: Path) -> list[Row]:
    """Keys that two rows share or that lack a part, each with its table."""
    checks = [_check(table, schema) for table, schema in _schemas(warehouse).items()]
    assert len(checks) > 50
    return published(warehouse, " union all ".join(checks))


def _check(table: str, schema: str) -> str:
    named = [column for column in keys()[table] if not column.startswith("*")]
    needed = [column for column in named if not {column, f"{table}.{column}"} & NULLABLE]
    wrong = ["count(*) > 1", *(f"{column} is null" for column in needed)]
    return f"""
        select '{table}' as table_name, found::varchar as key
        from (
            select {", ".join([*keys()[table], "count(*) as copies"])}
            from {schema}.{table}
            {"group by all" if keys()[table] else ""}
            having {" or ".join(wrong)}
        ) as found
    """


def _schemas(warehouse: Path) -> dict[str, str]:
    """The schemas of the tables that the warehouse has and that have a key, by table."""
    tables = published(warehouse, "select table_name, table_schema from information_schema.tables")
    return {row["table_name"]: row["table_schema"] for row in tables if row["table_name"] in keys()}
