"""What the YAML of the marts states: a key for each, and the grain in the first sentence."""

from __future__ import annotations

import re

import pytest
import yaml

from jobs.build.run import project_folder
from jobs.publish.marts import Mart, read_marts

MARTS = read_marts(project_folder())
MODELS = {
    path.stem for path in (project_folder() / "models" / "marts").rglob("*.sql")
}  # fmt: skip


def test_marts_of_the_yaml_are_those_of_the_project() -> None:
    assert {*MARTS} == MODELS


@pytest.mark.parametrize("mart", MARTS.values(), ids=lambda mart: mart.name)
def test_mart_has_a_key_of_columns_that_it_describes(mart: Mart) -> None:
    assert mart.key
    assert {*mart.key} <= {*mart.columns}
    assert len(set(mart.key)) == len(mart.key)


def test_mart_begins_its_description_with_its_grain() -> None:
    for path in (project_folder() / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", ()):
            assert re.match(r"One row per \S", model["description"]), model["name"]


def test_mart_keeps_json_under_its_type() -> None:
    for path in (project_folder() / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", ()):
            for column in model["columns"]:
                is_json = re.match(r"JSON\b|.*\bas JSON\b", column["description"]) is not None
                if model["name"] != "rpt_journey":
                    assert is_json == (column["data_type"] == "json"), column
                assert "hugeint" not in column["data_type"]


def test_key_of_the_cube_has_the_breakdowns_of_the_configuration() -> None:
    cube = MARTS["fct_experience_cube"]
    assert cube.key_in([*cube.columns, "traits_plan"]) == (*cube.key, "traits_plan")
    assert MARTS["dim_persons"].key_in(["person_id", "more"]) == ("person_id",)


def test_key_is_read_from_the_test_that_checks_it() -> None:
    assert MARTS["fct_events"].key == ("message_id",)
    assert MARTS["rpt_journey"].key == ("person_id", "seq")
    assert MARTS["dim_experiences"].has_surrogate_key
    assert not MARTS["dim_persons"].has_surrogate_key
    assert not MARTS["fct_assignments"].has_primary_key
