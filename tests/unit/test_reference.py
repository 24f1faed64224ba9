"""The reference of `lift.yml` and its JSON Schema, beside the classes that check the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft202012Validator

from jobs.config.model import Settings
from jobs.schema.dictionary import tables_page
from jobs.schema.json_schema import default, json_schema, keys, owner, parts, read_value
from jobs.schema.reference import reference_page
from tests.here import Here

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
SCHEMA = json_schema()


def mistakes(data: Any) -> list[str]:
    """What is wrong with a configuration by the schema."""
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(data)]


def yaml_blocks() -> Iterator[Any]:
    for page in PAGES:
        blocks = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
        for place, block in enumerate(blocks):
            if page.name != "how-it-works.md":
                yield pytest.param(block, id=f"{page.stem}-{place}")


def test_reference_page_is_current() -> None:
    remedy = "run `python -m jobs.schema.reference > docs/lift-yml.md`"
    assert (ROOT / "docs" / "lift-yml.md").read_text() == reference_page(), remedy


def test_tables_page_is_current_and_has_every_table_and_column(published_sample: Path) -> None:
    remedy = "run `python -m jobs.schema.dictionary > docs/tables.md`"
    page = tables_page(ROOT)
    assert (ROOT / "docs" / "tables.md").read_text() == page, remedy
    path = published_sample / "var" / "published" / "lift.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name, data_type from duckdb_columns() where not internal"
            " and table_name not in ('help', 'fct_experience_cube')"
            " and column_name <> 'surrogate_key'"
        ).fetchall()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE))
    for table, column, _ in columns:
        assert f"| `{column}` | " in sections[table], (table, column)


def test_reference_has_every_key_and_no_other() -> None:
    expected = {
        (owner(part, field), info.alias or field)
        for part in parts()
        for field, info in part.model_fields.items()
    }
    assert {(name, key) for name, of_class in keys().items() for key in of_class} == expected
    page = reference_page()
    for name, key in expected - {("Settings", key) for key in keys()["Settings"]}:
        assert f".{key}` |" in page, name


def test_schema_accepts_every_example_and_default() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for part in parts():
        place = "" if part is Settings else f"/$defs/{part.__name__}"
        for field, info in part.model_fields.items():
            key = info.alias or field
            schema = {"$defs": SCHEMA["$defs"], **_at(f"{place}/properties/{key}")}
            values = list(schema["examples"])
            assert "const" in schema or values == [read_value(keys()[owner(part, field)][key][1])]
            if not info.is_required():
                values.append(default(part, field))
            for value in values:
                found = [each.message for each in Draft202012Validator(schema).iter_errors(value)]
                assert found == [], (part, key)
            assert schema["description"]


def _at(pointer: str) -> dict[str, Any]:
    found: Any = SCHEMA
    for step in pointer.strip("/").split("/"):
        found = found[step]
    return dict(found)


def test_settings_accept_every_example_of_a_section() -> None:
    for key, (_, example) in keys()["Settings"].items():
        Settings.model_validate({"landing": "landing", key: read_value(example)})


@pytest.mark.parametrize("block", yaml_blocks())
def test_schema_accepts_the_yaml_of_the_docs(block: str) -> None:
    data = read_value(block)
    assert mistakes({"landing": "landing", **data}) == []
    Settings.model_validate({"landing": "landing", **data})


def test_schema_accepts_the_sample_and_refuses_its_mistakes() -> None:
    data = read_value((ROOT / "data" / "sample" / "lift.yml").read_text())
    assert mistakes(data) == []
    wrong: list[dict[str, Any]] = [
        {"sorces": {}}, {"statistics": {"alpha": 2}}, {"version": 2}, {"landing": None},
        {"destinations": {"mutiny": {"state": "on"}}}, {"conversions": [{"name": "x"}]},
        {"quality": {"stale_after": "1 day"}}, {"exposures": ["pigeon"]},
        {"sources": {"web": {"destination": []}}}, {"resources": {"memory_limit": 4}},
    ]  # fmt: skip
    for mistake in wrong:
        assert mistakes({**data, **mistake}), mistake
    assert mistakes({key: value for key, value in data.items() if key != "landing"})


def test_schema_refuses_an_unknown_key_in_every_mapping() -> None:
    for part in parts():
        definition = SCHEMA if part is Settings else SCHEMA["$defs"][part.__name__]
        assert definition["additionalProperties"] is False, part


def test_schema_prints_json(tmp_path: Path, here: Here) -> None:
    said = here("schema", folder=tmp_path)
    assert said.returncode == 0
    assert json.loads(said.stdout) == SCHEMA
