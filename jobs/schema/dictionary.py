"""The page of published tables: `python -m jobs.schema.dictionary > docs/tables.md`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jobs.build.run import project_folder
from jobs.publish.marts import Mart, mart_models, read_marts

INTRODUCTION = """# The published tables

Written by `python -m jobs.schema.dictionary` from the YAML of the models; a test keeps it current.

All tables are in schema `main` of `lift.duckdb`. Times are UTC. The file itself says the same:
table and column comments travel with it, and `from help` lists tables and macros with an example.
A type in **bold** is never null.
"""


def tables_page(project: Path) -> str:
    """Return the page of the marts of a dbt project."""
    lines = [INTRODUCTION]
    marts = read_marts(project)
    models = sorted(mart_models(project), key=lambda model: str(model["name"]))
    lines += ["| table | rows |", "|---|---|"]
    for model in models:
        grain = _words(model["description"]).partition(". ")[0].rstrip(".")
        lines.append(f"| [`{model['name']}`](#{model['name']}) | {_cell(grain)} |")
    for model in models:
        lines += ["", *_section(model, marts[model["name"]])]
    return "\n".join(lines) + "\n"


def _section(model: Mapping[str, Any], mart: Mart) -> Iterator[str]:
    yield f"## {model['name']}"
    yield ""
    yield _words(model["description"])
    key = ", ".join(f"`{name}`" for name in mart.key)
    if mart.has_breakdowns:
        key += " and a column for each of `breakdowns`"
    if key:
        yield f"Key: {key}."
    yield ""
    yield "| column | type | |"
    yield "|---|---|---|"
    for column in model["columns"]:
        kind = str(column["data_type"])
        kind = f"**{kind}**" if column["name"] in mart.not_null else kind
        yield f"| `{column['name']}` | {kind} | {_cell(_words(column.get('description', '')))} |"


def _words(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(tables_page(project_folder()))
