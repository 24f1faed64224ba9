"""Which models a build makes whole: those that changed since the last one, and all that read them.

A model's fingerprint covers what makes its rows from its inputs: its code, its configuration, the
macros that it calls and the variables that it reads, without comments. Seeds and the tables of the
configuration (`raw.config_*`) have the fingerprint of their content. Rows of messages have none:
incremental models take those in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import duckdb

from jobs.build.source_text import called_names, variables_read, without_comments
from jobs.config import Settings
from jobs.warehouse import MARTS, open_warehouse

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

CONFIGURATION = "config_"
"""How the names of raw tables begin whose content is the configuration."""

OF_FLATTENED = frozenset({"flattened_keys", "config_event_spellings"})
"""The variable and the table that change flattened messages (a data lake's) only."""

HAS_FLATTENED = "select true from raw.messages where is_flattened limit 1"

# Of a model's configuration, what changes no row.
_WORDS = ("description", "docs", "group", "meta", "persist_docs", "tags")

IN_PLACE = ("ephemeral", "table", "view")
"""The materializations that every build replaces whole: how they do it makes no other rows."""

FEEDS = ("_changed", "__delta")
"""What the name of a change feed has after that of its model."""

RECORD = """
create or replace table raw.fingerprints as
with found as (
    select unnest($nodes::varchar[]) as node, unnest($digests::varchar[]) as fingerprint
)

select
    found.node,
    found.fingerprint,
    case
        when found.node in (select unnest($rebuilt::varchar[])) then $run_id
        else known.whole_by
    end as whole_by
from found
left join raw.fingerprints as known on found.node = known.node
"""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The fingerprint of each node of a build, and the models that it builds whole."""

    fingerprints: Mapping[str, str]
    models: frozenset[str]


def drop_outdated(
    settings: Settings, variables: Mapping[str, Any], from_nothing: bool, manifest: Manifest
) -> Rebuild:
    """Drop the tables of models that changed since the last good build, and of all that read them.

    dbt builds those whole; into the others it takes what is new.
    """
    with open_warehouse(settings) as con:
        ignored = frozenset() if con.execute(HAS_FLATTENED).fetchall() else OF_FLATTENED
        variables = {key: value for key, value in variables.items() if key not in ignored}
        found = Project(manifest, variables).fingerprints()
        found |= of_configuration(con, manifest, ignored)
        known = dict(con.execute("select node, fingerprint from raw.fingerprints").fetchall())
        changed = {
            node for node, digest in found.items() if from_nothing or known.get(node) != digest
        }
        models = [
            manifest.nodes[node]
            for node in with_descendants(manifest, changed)
            if node.startswith("model.")
        ]
        con.execute("begin")
        for relation in _tables(con) & {name for model in models for name in _outdated(model)}:
            con.execute("drop table {}.{}".format(*relation))
        con.execute("commit")
    return Rebuild(found, frozenset(model.unique_id for model in models))


def record_fingerprints(con: duckdb.DuckDBPyConnection, rebuild: Rebuild, run_id: str) -> None:
    """Keep the fingerprints of a build that ended well, and which models it has built whole."""
    con.execute(
        RECORD,
        {
            "nodes": [*rebuild.fingerprints],
            "digests": [*rebuild.fingerprints.values()],
            "rebuilt": [*rebuild.models],
            "run_id": run_id,
        },
    )


class Project:
    """The parsed project of dbt, with the values of its variables."""

    def __init__(self, manifest: Manifest, variables: Mapping[str, Any]) -> None:
        """Read the project's own macros; dbt's change with its version only."""
        self._nodes = manifest.nodes
        self._variables = variables
        self._macros = {
            macro.name: without_comments(macro.macro_sql)
            for macro in manifest.macros.values()
            if macro.package_name == manifest.metadata.project_name
        }

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each model and seed, by its id."""
        return {
            node.unique_id: _digest(
                node.checksum.checksum
                if node.resource_type.value == "seed"
                else self._evidence(node)
            )
            for node in self._nodes.values()
            if node.resource_type.value in ("model", "seed")
        }

    def _evidence(self, model: Any) -> dict[str, Any]:
        """Return all that makes a model's rows from its inputs."""
        config = {key: value for key, value in model.config.to_dict().items() if key not in _WORDS}
        code = without_comments(model.raw_code)
        macros = self._macros_of(code, config)
        read = {path for text in (code, *macros.values()) for path in variables_read(text)}
        return {
            "code": code,
            "config": config,
            "types": {name: column.data_type for name, column in model.columns.items()},
            "macros": macros,
            "variables": {".".join(path): self._value(path) for path in read},
        }

    def _macros_of(self, code: str, config: Mapping[str, Any]) -> dict[str, str]:
        """Return the macros that a model reaches: by a call, or by name in its configuration."""
        names = called_names(code) | {f"get_incremental_{config.get('incremental_strategy')}_sql"}
        if config["materialized"] not in IN_PLACE:
            for adapter in ("default", "duckdb"):
                names.add(f"materialization_{config['materialized']}_{adapter}")
        names |= {
            value for key, value in config.items() if isinstance(value, str) and key != "unique_key"
        }
        reached: dict[str, str] = {}
        while names := (names & self._macros.keys()) - reached.keys():
            reached |= {name: self._macros[name] for name in names}
            names = {called for name in names for called in called_names(self._macros[name])}
        return reached

    def _value(self, path: tuple[str, ...]) -> Any:
        """Return the value of a variable or of one key of it; of no path, every variable."""
        value: Any = self._variables
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def of_configuration(
    con: duckdb.DuckDBPyConnection, manifest: Manifest, ignored: Collection[str] = ()
) -> dict[str, str]:
    """Return the fingerprint of each raw table whose content is the configuration."""
    tables = _tables(con)
    return {
        source.unique_id: con.execute(
            f"select sha256(coalesce(string_agg(row, chr(10) order by row), ''))"
            f" from (select to_json(t)::varchar as row from raw.{source.identifier} as t)"
        ).fetchall()[0][0]
        for source in manifest.sources.values()
        if (source.schema, source.identifier) in tables
        and source.schema == "raw"
        and source.identifier.startswith(CONFIGURATION)
        and source.identifier not in ignored
    }


def with_descendants(manifest: Manifest, nodes: Iterable[str]) -> set[str]:
    """Return the ids of nodes and of all that read them, directly or not."""
    models: list[Any] = [
        node for node in manifest.nodes.values() if node.resource_type.value == "model"
    ]
    found: set[str] = set()
    fresh = set(nodes)
    while fresh:
        found |= fresh
        fresh = {
            model.unique_id for model in models if fresh.intersection(model.depends_on.nodes)
        } - found
    return found


def _outdated(model: Any) -> Iterator[tuple[str, str]]:
    """Yield the schema and name of each table that must go before a model is built whole.

    Other models are replaced in their place, and may read their own last version; one that is built
    into the marts has no table in the warehouse any more.
    """
    if model.config.materialized not in IN_PLACE or model.database == MARTS:
        yield model.schema, model.alias
    for suffix in FEEDS:
        yield model.schema, model.alias + suffix


def _tables(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(con.execute("select schema_name, table_name from duckdb_tables()").fetchall())


def _digest(evidence: Any) -> str:
    return sha256(json.dumps(evidence, sort_keys=True, default=str).encode()).hexdigest()
