"""dbt as a process of its own: what it reports, and what it leaves behind."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from ingest.progress import SILENT, Progress
from jobs.build.dbt_process import LOG_FILE, DbtResult, Invocation, invoke_dbt

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = """
name: small
profile: small
flags: {send_anonymous_usage_stats: false}
"""
PROFILE = """
small:
  target: own
  outputs: {own: {type: duckdb, path: "{{ env_var('OWN_FILE') }}"}}
"""
CHECKS = """
models:
  - name: even
    columns: [{name: n, data_tests: [unique]}]
"""


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parsed")
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models" / "checks.yml").write_text(CHECKS)
    (folder / "models" / "even.sql").write_text("select 2 * range as n from range(3)")
    assert build(folder).success
    return folder


@pytest.fixture
def project(parsed: Path, tmp_path: Path) -> Path:
    """A project of one model and its check that has been built before."""
    return Path(shutil.copytree(parsed, tmp_path, dirs_exist_ok=True))


class Started(Progress):
    """Does something with each node that starts."""

    def __init__(self, act: Callable[[tuple[str, int, int]], None]) -> None:
        self.act = act

    def built(self, node: str, index: int, total: int) -> None:
        self.act((node, index, total))


def build(project: Path, progress: Progress = SILENT) -> DbtResult:
    return invoke_dbt(invocation(project, "build"), progress)


def invocation(project: Path, *arguments: str, **others: Any) -> Invocation:
    return Invocation(arguments, os.environ | {"OWN_FILE": "own.duckdb"}, project, **others)


def count_models(manifest: Manifest) -> int:
    """A preparation that leaves something in the database."""
    with duckdb.connect("own.duckdb") as con:
        con.execute("create table prepared as select 1 as n")
    return sum(node.resource_type.value == "model" for node in manifest.nodes.values())


def test_dbt_reports_every_node_as_it_starts_and_what_became_of_it(project: Path) -> None:
    started: list[tuple[str, int, int]] = []
    result = build(project, Started(started.append))
    assert (result.success, result.error) == (True, "")
    assert started == [("even", 1, 2), ("unique_even_n", 2, 2)]
    assert [(node.name, node.kind, node.status) for node in result.nodes] == [
        ("even", "model", "success"),
        ("unique_even_n", "test", "pass"),
    ]
    assert all(node.seconds > 0 for node in result.nodes)


def test_dbt_says_which_check_failed_and_adds_what_it_did_to_its_log(project: Path) -> None:
    (project / "models" / "even.sql").write_text("select range % 2 as n from range(3)")
    result = build(project)
    assert not result.success
    check = result.nodes[-1]
    assert (check.name, check.status) == ("unique_even_n", "fail")
    assert "Got 1 result" in check.message
    log = (project / LOG_FILE).read_text()
    assert log.index("PASS unique_even_n") < log.index("FAIL 1 unique_even_n")


def test_dbt_says_why_it_could_not_begin(project: Path) -> None:
    (project / "models" / "even.sql").write_text("select * from {{ ref('nowhere') }}")
    result = build(project)
    assert not result.success
    assert "depends on a node named 'nowhere'" in result.error
    assert result.error in (project / LOG_FILE).read_text()


def test_dbt_that_is_killed_is_a_failure(project: Path) -> None:
    def kill(*_: object) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    (project / "models" / "even.sql").write_text(
        "select count(*) as n from range(1_000_000_000_000)"
    )
    assert build(project, Started(kill)) == DbtResult(False, "its process was killed")


def test_dbt_is_gone_when_who_waits_for_it_is_interrupted(project: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(project, Started(interrupt))
    assert multiprocessing.active_children() == []


def test_dbt_does_not_run_the_script_again_that_called_it(project: Path) -> None:
    script = project / "unguarded.py"
    script.write_text(
        "import os\n"
        "from pathlib import Path\n"
        "from jobs.build.dbt_process import Invocation, invoke_dbt\n"
        "print('once')\n"
        "environment = os.environ | {'OWN_FILE': 'own.duckdb'}\n"
        "print(invoke_dbt(Invocation(['build'], environment, Path.cwd())).success)\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.stdout.splitlines(), done.stderr) == (["once", "True"], "")


# What YAML, Jinja, SQL or a command line would read as their own, and 200 KB that fit into none.
NAMES = [
    "New \U0001f389", "it's", 'say "hi"', "back\\slash \\ud83c \\n", "{{ 1 / 0 }}", "{% if %}",
    "{# a #}", "#}", "%s %(x)s", "- a: [b", "*b &c !d | > @e `f", "null", "~", "1e3",
    "tab\tand\nline", "\x01\x1b[31m\x7f\x85\u2028\ufeff\ufffe", "--vars", "$HOME `ls`",
    "x" * 200_000,
]  # fmt: skip
NAMED = """
{%- for name, key in var('names').items() %}
select '{{ name | replace("'", "''") }}' as name, '{{ key | replace("'", "''") }}' as same
{{ 'union all' if not loop.last }}
{%- endfor %}
"""


def test_variables_of_any_size_and_any_character_reach_the_models(project: Path) -> None:
    (project / "models" / "checks.yml").unlink()
    (project / "models" / "even.sql").write_text(NAMED)
    variables = {"names": {name: name for name in NAMES}}
    assert invoke_dbt(invocation(project, "run", variables=variables)).success
    with duckdb.connect(str(project / "own.duckdb")) as con:
        assert con.execute("select name from even where name = same").fetchall() == [
            (name,) for name in NAMES
        ]


def test_dbt_runs_what_was_prepared_with_the_parsed_project(project: Path) -> None:
    (project / "models" / "even.sql").write_text("select 2 * n as n from prepared")
    result = invoke_dbt(invocation(project, "run", prepare=count_models))
    assert (result.success, result.prepared) == (True, 1)
    again = invoke_dbt(invocation(project, "run", prepare=count_models))
    assert (again.success, again.nodes) == (False, ())
    assert 'Table with name "prepared" already exists' in again.error


AT_TERMINAL = """
import os, sys
from pathlib import Path
from jobs.build.dbt_process import Invocation, show_dbt
variables = {"names": {"shown": "shown"}}
sys.exit(show_dbt(Invocation(sys.argv[1:], dict(os.environ), Path.cwd(), variables)))
"""


def test_dbt_at_a_terminal_says_and_ends_as_its_own_command_would(project: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", AT_TERMINAL, *arguments], capture_output=True, cwd=project,
            env=os.environ | {"OWN_FILE": "own.duckdb"}, check=False,
        )  # fmt: skip

    (project / "models" / "checks.yml").unlink()
    (project / "models" / "even.sql").write_text(NAMED)
    assert run("--version").returncode == 0
    assert run("ls", "--help").returncode == 0
    shown = run("show", "--select", "even")
    assert (shown.returncode, b"| shown | shown |" in shown.stdout) == (0, True)
    (project / "models" / "even.sql").write_text("select * from nowhere")
    assert run("run").returncode == 1
    refused = run("run", "--never")
    assert (refused.returncode, b"No such option" in refused.stderr) == (2, True)
