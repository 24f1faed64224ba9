"""What dbt does beside its work for each node, and a build has no use for: switched off here.

Only for a process that builds and ends; `lift dbt` runs dbt as it is. dbt has no flags for these.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def build_events_when_read() -> None:
    """Leave out debug messages, and build the others only when somebody reads them.

    dbt writes each of some twenty events of a node into two protobuf messages, to show one.
    """
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    event: Any = BaseEvent
    build, fire = event.__init__, EventManager.fire_event

    def keep(self: Any, *args: Any, **fields: Any) -> None:
        object.__setattr__(self, "_given", (args, fields))

    def read(self: Any, name: str) -> Any:
        if name != "pb_msg":
            return getattr(self.pb_msg, name)
        args, fields = object.__getattribute__(self, "_given")
        build(self, *args, **fields)
        return object.__getattribute__(self, "pb_msg")

    def write(self: Any, name: str, value: Any) -> None:
        if name == "pb_msg":
            object.__setattr__(self, name, value)
        else:
            setattr(self.pb_msg, name, value)

    def fire_shown(self: Any, e: Any, level: Any = None, *args: Any, **options: Any) -> None:
        if (level or e.level_tag()) != EventLevel.DEBUG:
            fire(self, e, level, *args, **options)

    event.__init__, event.__getattr__, event.__setattr__ = keep, read, write
    EventManager.fire_event = fire_shown  # type: ignore[method-assign]


def keep_type_testers() -> None:
    """Make what guesses the types of a query's result once, and not for each result."""
    from dbt_common.clients import agate_helper

    make = functools.cache(agate_helper.build_type_tester)

    def kept(
        text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")
    ) -> Any:
        nulls = None if string_null_values is None else tuple(string_null_values)
        return make(tuple(text_columns), nulls)

    agate_helper.build_type_tester = kept


def forgo_old_garbage() -> None:
    """Look for garbage among what comes from now on, not in the parsed project again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def hold_back_sql() -> Callable[[Iterable[str]], None]:
    """Write no file with the SQL of a node; return what writes those of the nodes that failed."""
    from dbt.contracts.graph.nodes import ParsedNode

    kept: dict[str, dict[Path, str]] = {}

    def keep(node: Any, project_root: str, path: str, code: str) -> None:
        kept.setdefault(node.unique_id, {})[Path(project_root, path)] = code

    def write(nodes: Iterable[str]) -> None:
        for path, code in (file for node in nodes for file in kept.get(node, {}).items()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code, encoding="utf-8")

    ParsedNode.write_node = keep  # type: ignore[assignment]
    return write
