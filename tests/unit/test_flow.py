"""Data flows one way: raw, staging, intermediate, marts. The code's imports follow it."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ["staging", "intermediate", "marts"]
STAGES = [
    "messages", "identity", "accounts", "exposures", "conversions", "changes", "segments",
    "assignments", "outcomes", "findings",
]  # fmt: skip


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    target = tmp_path_factory.mktemp("dbt")
    subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-partial-parse",
            "--log-path", str(target), "parse", "--target-path", str(target),
            "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
        ],
        check=True, cwd=target,
    )  # fmt: skip
    nodes: dict[str, dict[str, object]] = json.loads((target / "manifest.json").read_text())[
        "nodes"
    ]
    return nodes


def _layer(node: dict[str, object]) -> int:
    return LAYERS.index(str(node["path"]).split("/")[0])


def _edges(manifest: dict[str, dict[str, object]]) -> list[tuple[str, str]]:
    return [
        (parent, child)
        for child, node in manifest.items()
        if child.startswith("model.")
        for parent in node["depends_on"]["nodes"]  # type: ignore[index]
    ]


def test_flow_no_model_reads_a_later_layer(manifest: dict[str, dict[str, object]]) -> None:
    backwards = [
        (child, parent)
        for parent, child in _edges(manifest)
        if parent.startswith("model.") and _layer(manifest[parent]) > _layer(manifest[child])
    ]
    assert not backwards


def test_flow_only_staging_and_quality_read_raw_tables(
    manifest: dict[str, dict[str, object]],
) -> None:
    readers = {
        str(manifest[child]["path"])
        for parent, child in _edges(manifest)
        if parent.startswith("source.")
    }
    allowed = {
        "marts/core/fct_events.sql",  # names the file of each message
        "marts/identity/fct_identity_merges.sql",  # names the run
    }
    assert {
        path for path in readers if not path.startswith(("staging/", "marts/quality/"))
    } <= allowed


def test_flow_intermediate_stages_follow_each_other(
    manifest: dict[str, dict[str, object]],
) -> None:
    def stage(node: dict[str, object]) -> int:
        return STAGES.index(str(node["path"]).split("/")[1])

    backwards = [
        (child, parent)
        for parent, child in _edges(manifest)
        if "/intermediate/" in str(manifest[child]["original_file_path"])
        and parent.startswith("model.")
        and str(manifest[parent]["path"]).startswith("intermediate/")
        and stage(manifest[parent]) > stage(manifest[child])
    ]
    assert not backwards


def test_flow_incremental_models_do_not_depend_on_when_a_run_began(
    manifest: dict[str, dict[str, object]],
) -> None:
    """What was in the future one night is not the next, and no new message says so."""
    reached = {"model.segment_lift.stg_job__builds"}
    edges = _edges(manifest)
    # The spans of experiences are compared as a whole each night, and end by as-of: what is read
    # of them passes on what changed, whyever it did. Daily rows follow their changes.
    compared = {"model.segment_lift.int_experience_spans"}
    while (
        further := {child for parent, child in edges if parent in reached and child not in compared}
        - reached
    ):
        reached |= further
    assert "model.segment_lift.fct_user_segment_memberships" in reached
    incremental = {
        name
        for name in reached
        if manifest[name]["config"]["materialized"] == "incremental"  # type: ignore[index]
    }
    assert incremental == {"model.segment_lift.int_experience_lifts_daily"}


def test_flow_a_person_is_resolved_once(manifest: dict[str, dict[str, object]]) -> None:
    """Who owned an identifier when is asked in identity, and by what publishes it."""
    owners = {
        f"model.segment_lift.{name}" for name in ("int_identifier_owners", "int_device_owners")
    }
    readers = {
        str(manifest[child]["path"]) for parent, child in _edges(manifest) if parent in owners
    }
    assert {path for path in readers if not path.startswith("intermediate/identity/")} == {
        "intermediate/findings/int_identity_findings.sql",
        "marts/core/dim_persons.sql",
        "marts/identity/dim_identifiers.sql",
        "marts/identity/fct_identity_merges.sql",
    }


def test_flow_change_feeds_are_read_in_identity_and_where_affected_groups_are_listed() -> None:
    readers = {
        path.relative_to(ROOT / "models")
        for path in (ROOT / "models").rglob("*.sql")
        if "delta('" in path.read_text()
    }
    assert readers
    assert not {
        path
        for path in readers
        if path.parts[:2] != ("intermediate", "identity")
        and not path.name.startswith("int_affected_")
    }


def test_flow_models_by_person_or_unit_replace_the_affected_ones(
    manifest: dict[str, dict[str, object]],
) -> None:
    """What is grouped by person or unit after identity has one list of affected groups."""
    lists = {"person_id": "int_affected_persons", "unit_id": "int_affected_units"}
    configs = {
        str(node["name"]): node["config"]
        for name, node in manifest.items()
        if name.startswith("model.") and node["config"]["materialized"] == "incremental"  # type: ignore[index]
    }
    grouped = {
        name: config["affected"]  # type: ignore[index]
        for name, config in configs.items()
        if str(config["unique_key"]) in lists  # type: ignore[index]
    }
    assert len(grouped) > 10
    assert not {
        name
        for name, affected in grouped.items()
        if affected != lists[str(configs[name]["unique_key"])]  # type: ignore[index]
    }


def test_flow_every_mart_is_under_contract_and_described(
    manifest: dict[str, dict[str, object]],
) -> None:
    marts = [
        node
        for name, node in manifest.items()
        if name.startswith("model.") and str(node["path"]).startswith("marts/")
    ]
    assert marts
    loose = {mart["name"] for mart in marts if not mart["contract"]["enforced"]}  # type: ignore[index]
    assert loose == {"fct_experience_cube"}  # lift.yml adds columns to it
    for mart in marts:
        assert mart["description"], mart["name"]
        columns: dict[str, dict[str, str]] = mart["columns"]  # type: ignore[assignment]
        assert all(column["description"] for column in columns.values()), mart["name"]


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_flow_ingest_imports_neither_jobs_nor_dbt() -> None:
    for path in (ROOT / "ingest").rglob("*.py"):
        assert not _imports(path) & {"jobs", "dbt", "tests"}, path


def test_flow_only_config_and_the_child_process_read_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).parts
        for folder in ("ingest", "jobs")
        for path in (ROOT / folder).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }
    assert {parts for parts in readers if parts[:2] != ("jobs", "config")} <= {
        ("jobs", "build", "run.py"),
        ("jobs", "build", "dbt_process.py"),
    }


@pytest.mark.parametrize("folder", ["ingest", "jobs"])
def test_flow_modules_stay_short(folder: str) -> None:
    long = [
        str(path)
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text().splitlines()) > 300
    ]
    assert not long
