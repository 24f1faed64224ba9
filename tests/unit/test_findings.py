"""Every check of the models has a remedy of one sentence, and every remedy a check."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
REMEDIES = ROOT / "data" / "seeds" / "finding_remedies.csv"

# Names that end in a value of a column, and the values.
COMPOSED = {
    "json_": ("big_integer", "lone_surrogate", "long_number", "not_a_number", "repeated_key"),
    "timestamp_": ("future", "unparsable"),
}

# Names that a column holds, and the model that makes them.
IN_COLUMNS = {"value_problem": ("value_not_a_number", "value_out_of_range")}
MADE_IN = ROOT / "models" / "intermediate" / "messages" / "int_conversion_messages.sql"


def _remedies() -> dict[str, str]:
    with REMEDIES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    remedies = {row["check_name"]: row["remedy"] for row in rows}
    assert len(remedies) == len(rows)
    return remedies


def _checks() -> set[str]:
    text = "\n".join(path.read_text() for path in (ROOT / "models").rglob("*.sql"))
    whole = re.findall(r"'(\w+)'\s+as check_name", text)
    begun = re.findall(r"'(\w+)' \|\| \w+ as check_name", text)
    columns = re.findall(r"^ *(\w+) as check_name", text, flags=re.MULTILINE)
    assert (set(begun), set(columns)) == (set(COMPOSED), set(IN_COLUMNS))
    assert text.count(" as check_name") == len(whole) + len(begun) + len(columns)
    composed = {begin + end for begin in begun for end in COMPOSED[begin]}
    return {*whole, *composed, *(name for column in columns for name in IN_COLUMNS[column])}


def test_every_check_has_a_remedy_and_every_remedy_a_check() -> None:
    assert _remedies().keys() == _checks()


def test_remedy_is_one_sentence() -> None:
    for check, remedy in _remedies().items():
        assert re.fullmatch(r"[A-Z].*[^.]\.", remedy), check
        assert ". " not in remedy, check


def test_composed_names_are_those_that_the_job_makes() -> None:
    repair = (ROOT / "ingest" / "json_repair.py").read_text()
    for name in COMPOSED["json_"]:
        assert f'"{name}"' in repair, name
    staged = (ROOT / "models" / "staging" / "stg_segment__messages.sql").read_text()
    for name in COMPOSED["timestamp_"]:
        assert f"'{name}'" in staged
    for name in IN_COLUMNS["value_problem"]:
        assert f"'{name}'" in MADE_IN.read_text()


def test_installed_package_holds_the_seeds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["data/seeds"] == "jobs/warehouse_project/data/seeds"
