"""Connected components of many links: ours against scipy's and against the plain iteration in SQL.

All three begin with the table `links` of 128-bit keys in one DuckDB file and end with a table of
every key and its component in it.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.bench.models import OwnModels
from tests.bench.staging import Resources
from tests.bench.timing import timed

GENERATOR = Path(__file__).with_name("links.sql")
STUBS = Path(__file__).with_name("components_project")
OURS = "int_identifier_components"

# What the model of links would tell of those that came.
FEED = """
create or replace table int_identifier_links__delta as
select
    node_a as identifier_key_a,
    node_b as identifier_key_b,
    false as is_strong_a,
    false as is_strong_b,
    true as is_new
from new_links
"""


@dataclass(frozen=True, slots=True)
class PlainFigures:
    """Seconds of the plain iteration, its rounds, and whether it came to an end."""

    seconds: float
    rounds: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class ComponentFigures:
    """Seconds of each way, over `links` links with `nodes` keys in `components` components."""

    links: int
    new_links: int
    nodes: int
    components: int
    scipy: float
    full: float
    incremental: float
    plain: PlainFigures


def measure_components(
    links: int, folder: Path, resources: Resources, plain_seconds: float
) -> ComponentFigures:
    """Generate links, compute their components in every way and compare the partitions.

    The plain iteration begins no round after `plain_seconds`.
    """
    database = folder / "components.duckdb"
    ours = OwnModels(folder / "project", STUBS, [f"intermediate/identity/{OURS}.sql"], "macros", {})
    with resources.connect(database) as con:
        con.execute("set variable links = ?", [links])
        con.execute(GENERATOR.read_text(encoding="utf-8"))
        _note_nodes(con)
    full = ours.build(database, resources, from_nothing=True)
    with resources.connect(database) as con:
        scipy, _ = timed(lambda: _scipy(con))
        components = _assert_same_partition(con, OURS, "scipy_components")
        plain = _plain(con, plain_seconds)
        if plain.is_finished:
            _assert_same_partition(con, "plain_components", "scipy_components")
        nodes = _count(con, OURS)
        new_links = _count(con, "new_links")
        con.execute("insert into links from new_links")
        con.execute(FEED)
        _note_nodes(con)
    incremental = ours.build(database, resources, from_nothing=False)
    with resources.connect(database) as con:
        _scipy(con)
        _assert_same_partition(con, OURS, "scipy_components")
    return ComponentFigures(links, new_links, nodes, components, scipy, full, incremental, plain)


def _note_nodes(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        create or replace table nodes as
        select node_a as node from links union select node_b from links
    """)


def _scipy(con: duckdb.DuckDBPyConnection) -> None:
    """Number the keys, let scipy label the numbers, and write the labels back beside the keys."""
    con.execute("""
        create or replace table numbered as
        select node, row_number() over () - 1 as number
        from (select node_a as node from links union select node_b from links)
    """)
    pairs = con.execute("""
        select numbered_a.number::integer as a, numbered_b.number::integer as b
        from links
        inner join numbered as numbered_a on links.node_a = numbered_a.node
        inner join numbered as numbered_b on links.node_b = numbered_b.node
    """).fetchnumpy()
    nodes = _count(con, "numbered")
    ones = np.ones(len(pairs["a"]), dtype=np.int8)
    graph = coo_array((ones, (pairs["a"], pairs["b"])), shape=(nodes, nodes))
    _, labels = connected_components(graph, directed=False)
    con.register("labels", pa.table({"number": np.arange(nodes), "component": labels}))
    con.execute("""
        create or replace table scipy_components as
        select numbered.node, labels.component
        from numbered
        inner join labels on numbered.number = labels.number
    """)
    con.unregister("labels")


def _plain(con: duckdb.DuckDBPyConnection, seconds: float) -> PlainFigures:
    """Give every key the smallest label among its own and its neighbours', until none changes."""
    rounds, spent = 0, timed(lambda: _begin_plain(con))[0]
    while spent < seconds:
        round_seconds, has_changed = timed(lambda: _plain_round(con))
        rounds, spent = rounds + 1, spent + round_seconds
        if not has_changed:
            return PlainFigures(spent, rounds, is_finished=True)
    return PlainFigures(spent, rounds, is_finished=False)


def _begin_plain(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        create or replace table plain_links as
        select node_a, node_b from links union all select node_b, node_a from links
    """)
    con.execute("""
        create or replace table plain_components as
        select node_a as node, node_a as component from plain_links group by node_a
    """)


def _plain_round(con: duckdb.DuckDBPyConnection) -> bool:
    con.execute("""
        create or replace table plain_next as
        with smallest as (
            select plain_links.node_a as node, min(neighbours.component) as component
            from plain_links
            inner join plain_components as neighbours on plain_links.node_b = neighbours.node
            group by plain_links.node_a
        )
        select
            labels.node,
            least(labels.component, smallest.component) as component,
            smallest.component < labels.component as has_changed
        from plain_components as labels
        inner join smallest on labels.node = smallest.node
    """)
    con.execute("""
        create or replace table plain_components as select node, component from plain_next
    """)
    return bool(con.sql("select bool_or(has_changed) from plain_next").fetchall()[0][0])


def _assert_same_partition(con: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """Check that two tables put the same keys together, and return the number of components."""
    sizes = con.execute(f"""
        select
            count(distinct (one.component, other.component)),
            count(distinct one.component),
            count(distinct other.component)
        from {one} as one inner join {other} as other on one.node = other.node
    """).fetchall()[0]
    assert len(set(sizes)) == 1, f"{one} and {other} are different partitions: {sizes}"
    joined = con.sql(f"from {one} as one inner join {other} as other on one.node = other.node")
    keys = (_count(con, one), _count(con, other), joined.count("*").fetchall()[0][0])
    assert len(set(keys)) == 1, f"{one} and {other} hold different keys: {keys}"
    return int(sizes[0])


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.sql(f"select count(*) from {table}").fetchall()[0][0])
