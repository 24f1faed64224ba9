"""What dbt knows of the report, the exports and the notebooks: each names the marts it reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import yaml

from jobs.build.run import project_folder
from jobs.publish.marts import ROW_LEVEL, read_marts

ROOT = Path(__file__).parents[2]


def exposures() -> dict[str, dict[str, Any]]:
    text = (ROOT / "models" / "exposures.yml").read_text()
    return {exposure["name"]: exposure for exposure in yaml.safe_load(text)["exposures"]}


def read_by(exposure: dict[str, Any]) -> set[str]:
    return {re.findall(r"^ref\('(\w+)'\)$", each)[0] for each in exposure["depends_on"]}


def test_exposures_name_marts() -> None:
    marts = read_marts(project_folder()).keys()
    found = exposures()
    assert {"lift_report", "exports"} < found.keys()
    for name, exposure in found.items():
        assert read_by(exposure), name
        assert read_by(exposure) <= marts, name


def test_exposure_of_the_exports_names_every_exported_mart() -> None:
    assert read_by(exposures()["exports"]) == read_marts(project_folder()).keys() - {*ROW_LEVEL}


def test_exposure_of_the_report_names_what_it_reads() -> None:
    marts = read_marts(project_folder()).keys()
    statements = [path.read_text() for path in (ROOT / "jobs" / "report" / "sql").glob("*.sql")]
    read = {name for sql in statements for name in re.findall(r"(?:from|join)\s+(\w+)", sql)}
    assert read_by(exposures()["lift_report"]) == read & marts


def test_exposure_of_a_notebook_names_what_it_reads() -> None:
    marts = read_marts(project_folder()).keys()
    # The macro reads a mart itself.
    macros = {"lift_by": "fct_experience_cube"}
    described = {
        re.findall(r"notebooks/\w+\.py", exposure["description"])[0]: read_by(exposure)
        for name, exposure in exposures().items()
        if name.startswith("notebook_")
    }
    read = {}
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        sql = " ".join(
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        sources = {macros.get(name, name) for name in re.findall(r"(?:from|join) (\w+)", sql)}
        read[f"notebooks/{path.name}"] = sources & marts
    assert read == described
