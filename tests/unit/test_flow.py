"""Data flows one way: raw, staging, intermediate, marts. The code's imports follow it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ["staging", "intermediate", "marts"]
Node = dict[str, Any]
Manifest = dict[str, Node]
STAGES = [
    "messages", "identity", "accounts", "exposures", "conversions", "changes", "segments",
    "assignments", "outcomes", "lift", "destinations", "findings",
]  # fmt: skip


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    target = tmp_path_factory.mktemp("dbt")
    subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-partial-parse",
            "--log-path", str(target), "parse", "--target-path", str(target),
            "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
        ],
        check=True, cwd=target,
    )  # fmt: skip
    nodes: Manifest = json.loads((target / "manifest.json").read_text())["nodes"]
    return nodes


def _layer(node: Node) -> int:
    return LAYERS.index(str(node["path"]).split("/")[0])


def _edges(manifest: Manifest) -> list[tuple[str, str]]:
    return [
        (parent, child)
        for child, node in manifest.items()
        if child.startswith("model.")
        for parent in node["depends_on"]["nodes"]
    ]


def test_flow_no_model_reads_a_later_layer(manifest: Manifest) -> None:
    backwards = [
        (child, parent)
        for parent, child in _edges(manifest)
        if parent.startswith("model.") and _layer(manifest[parent]) > _layer(manifest[child])
    ]
    assert not backwards


def test_flow_only_staging_and_quality_read_what_landed(
    manifest: Manifest,
) -> None:
    """The configuration is written in the words of the models, which read it as it is."""
    readers = {
        str(manifest[child]["path"])
        for parent, child in _edges(manifest)
        if parent.startswith("source.") and ".raw.config_" not in parent
    }
    allowed = {
        "marts/core/fct_events.sql",  # names the file of each message
        "marts/identity/fct_identity_merges.sql",  # names the run
    }
    assert {
        path for path in readers if not path.startswith(("staging/", "marts/quality/"))
    } <= allowed


def test_flow_intermediate_stages_follow_each_other(
    manifest: Manifest,
) -> None:
    def stage(node: Node) -> int:
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
    manifest: Manifest,
) -> None:
    """What was in the future one night is not the next, and no new message says so."""
    reached = {"model.segment_lift.stg_job__builds"}
    edges = _edges(manifest)
    # Daily changes are compared as a whole each night: their feed has what changed, whatever the
    # reason. Daily rows follow it.
    compared = {"model.segment_lift.int_daily_changes"}
    while (
        further := {child for parent, child in edges if parent in reached and child not in compared}
        - reached
    ):
        reached |= further
    assert "model.segment_lift.fct_user_segment_memberships" in reached
    incremental = {
        name for name in reached if manifest[name]["config"]["materialized"] == "incremental"
    }
    assert incremental == {"model.segment_lift.int_daily_lifts"}


def test_flow_a_person_is_resolved_once(manifest: Manifest) -> None:
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
    } - {Path("intermediate/lift/int_looks.sql")}  # which lists the affected days


def test_flow_models_by_person_or_unit_replace_the_affected_ones(
    manifest: Manifest,
) -> None:
    """What is grouped by person or unit after identity has one list of affected groups."""
    lists = {"person_id": "int_affected_persons", "unit_id": "int_affected_units"}
    configs = {
        str(node["name"]): node["config"]
        for name, node in manifest.items()
        if name.startswith("model.") and node["config"]["materialized"] == "incremental"
    }
    grouped = {
        name: config["affected"]
        for name, config in configs.items()
        if str(config["unique_key"]) in lists
    }
    assert len(grouped) > 10
    assert not {
        name
        for name, affected in grouped.items()
        if affected != lists[str(configs[name]["unique_key"])]
    }


def test_flow_every_mart_is_under_contract_and_described(
    manifest: Manifest,
) -> None:
    marts = [
        node
        for name, node in manifest.items()
        if name.startswith("model.") and str(node["path"]).startswith("marts/")
    ]
    assert marts
    loose = {mart["name"] for mart in marts if not mart["contract"]["enforced"]}
    assert loose == {"fct_experience_cube"}  # lift.yml adds columns to it
    for mart in marts:
        assert mart["description"], mart["name"]
        columns = mart["columns"]
        assert all(column["description"] for column in columns.values()), mart["name"]


def test_flow_every_table_has_a_key_that_is_checked(manifest: Manifest) -> None:
    """A row that is twice in one table is counted twice in all that follow.

    The night checks the keys of marts; `tests/warehouse/keys.py` checks those of other tables.
    """
    models = [node for name, node in manifest.items() if name.startswith("model.")]
    keyless = {str(node["name"]) for node in models if "key" not in node["config"]["meta"]}
    # Views, of changes that are added up: two of them may be alike.
    assert keyless == {"int_conversion_changes", "int_unit_measures"}
    check = manifest["test.segment_lift.marts_have_unique_keys"]
    unchecked = {
        str(node["name"])
        for node in models
        if str(node["path"]).startswith("marts/")
        and node["unique_id"] not in check["depends_on"]["nodes"]
    }
    # Two views that one row of a message has, and findings, which stop no publication.
    assert unchecked == {"rpt_delivery", "rpt_journey", "dq_findings"}


def test_flow_the_night_checks_marts_alone(manifest: Manifest) -> None:
    inside = [
        name
        for name, node in manifest.items()
        if node["resource_type"] == "test"
        and not any(
            str(manifest[parent]["path"]).startswith("marts/")
            for parent in node["depends_on"]["nodes"]
            if parent in manifest  # a source is not
        )
    ]
    assert inside == []


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    _name(path): path for folder in ("ingest", "jobs") for path in (ROOT / folder).rglob("*.py")
}


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports, wherever it does: in functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = path.relative_to(ROOT).parts[: -node.level or None] if node.level else ()
            base = ".".join([*parents, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _module(imported: str) -> str | None:
    """Return the module of the project that an imported name is, or is in."""
    while imported and imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported or None


IMPORTS = {
    name: {module for imported in _imported(path) if (module := _module(imported))} - {name}
    for name, path in MODULES.items()
}

# A room imports the rooms of the lines above it and of its own line, never those below.
# Every folder or file of jobs is in it: a new one has to be given its place.
ROOMS = [
    {"ingest"},
    {"errors", "files", "sql_files", "stopping", "words"},
    {"fql"},
    {"config"},
    {"publication", "warehouse"},
    {
        "ingest",
        "build",
        "publish",
        "segment_sync",
        "export",
        "doctor",
        "status",
        "explain",
        "plan",
        "results",
        "schema",
        "demo",
    },
    {"alerts", "report"},
    {"nightly", "erase"},
    {"cli"},
    {"__main__"},
]
ORDER = {
    name if place == 0 else f"jobs.{name}": place
    for place, rooms in enumerate(ROOMS)
    for name in rooms
}


def _room(module: str) -> str:
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "jobs.__main__"
    return parts[0] if parts[0] == "ingest" else ".".join(parts[:2])


ROOM_IMPORTS: dict[str, set[str]] = {
    room: {
        _room(imported)
        for module, found in IMPORTS.items()
        if _room(module) == room
        for imported in found
    }
    - {room}
    for room in map(_room, MODULES)
}


@pytest.mark.parametrize("imports", [IMPORTS, ROOM_IMPORTS], ids=["modules", "rooms"])
def test_flow_imports_close_no_circle(imports: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_flow_no_module_imports_a_later_room() -> None:
    backwards = [
        f"{module} imports {imported}"
        for module, found in IMPORTS.items()
        for imported in found
        if "jobs" not in (module, imported) and ORDER[_room(imported)] > ORDER[_room(module)]
    ]
    assert backwards == []


def test_flow_ingest_imports_neither_jobs_nor_dbt() -> None:
    imported = {
        name.split(".")[0] for path in (ROOT / "ingest").rglob("*.py") for name in _imported(path)
    }
    assert not imported & {"jobs", "dbt", "tests"}
    assert "duckdb" in imported


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
