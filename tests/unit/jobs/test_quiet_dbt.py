"""What is switched off in the process that builds: each switch is one that dbt still has."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dbt.contracts.graph.nodes import ModelNode
from dbt_common.clients import agate_helper
from dbt_common.events import base_types
from dbt_common.events.event_manager_client import get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note, SystemExecutingCmd

from jobs.build import quiet_dbt


def in_a_process(test: Callable[..., None], *arguments: Any) -> None:
    """Run it where nothing else is, as what it switches off stays off."""
    process = get_context("forkserver").Process(target=test, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0


def events() -> None:
    parsed: list[str] = []
    parse = vars(base_types)["ParseDict"]

    def count(fields: Any, message: Any) -> Any:
        parsed.append(type(message).__name__)
        return parse(fields, message)

    vars(base_types)["ParseDict"] = count
    quiet_dbt.build_events_when_read()
    heard: list[tuple[str, str]] = []

    def hear(event: Any) -> None:
        heard.append((event.info.level, event.info.msg))

    get_event_manager().callbacks = [hear]
    fire_event(SystemExecutingCmd(cmd=["unheard"]))
    assert (heard, parsed) == ([], [])
    fire_event(Note(msg="heard"), level=base_types.EventLevel.WARN)
    assert heard == [("warn", "heard")]
    assert parsed == ["Note", "NoteMsg"]


def types_of_results() -> None:
    made = agate_helper.build_type_tester
    quiet_dbt.keep_type_testers()
    rows: list[tuple[Any, ...]] = [(1, "2026-01-01", "x", None), (2, "2026-01-02", "null", 1.5)]
    names = ["n", "day", "word", "share"]
    for text_only in (None, ["day"], ["n", "day"]):
        kept = agate_helper.table_from_rows(rows, names, text_only)
        agate_helper.build_type_tester, keeping = made, agate_helper.build_type_tester
        plain = agate_helper.table_from_rows(rows, names, text_only)
        agate_helper.build_type_tester = keeping
        assert [type(kind) for kind in kept.column_types] == [
            type(kind) for kind in plain.column_types
        ]
        assert [tuple(row) for row in kept.rows] == [tuple(row) for row in plain.rows]


def sql_of_failures(folder: Path) -> None:
    assert callable(ModelNode.write_node)
    write = quiet_dbt.hold_back_sql()
    for name in ("good", "bad"):
        node: Any = SimpleNamespace(unique_id=name)
        ModelNode.write_node(node, str(folder), f"run/{name}.sql", f"select '{name}'")
        ModelNode.write_node(node, "/nowhere", str(folder / f"compiled/{name}.sql"), name)
    assert not [*folder.iterdir()]
    write(["bad", "unknown"])
    written = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.sql")}
    assert {name: path.read_text() for name, path in written.items()} == {
        "run/bad.sql": "select 'bad'",
        "compiled/bad.sql": "bad",
    }


def test_debug_events_are_never_built_and_others_arrive_whole() -> None:
    in_a_process(events)


def test_results_keep_their_types() -> None:
    in_a_process(types_of_results)


def test_only_the_sql_of_nodes_that_failed_is_written(tmp_path: Path) -> None:
    in_a_process(sql_of_failures, tmp_path)
