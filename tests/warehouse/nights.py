"""Nights over worlds: land some files, run the job, read what it published."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import yaml

from jobs.build import run as build
from jobs.build.configuration import write_configuration
from jobs.build.run import build_models
from jobs.config import Settings, load_settings
from jobs.ingest.run import ingest
from jobs.nightly.run import nightly
from jobs.warehouse import open_warehouse
from tests.warehouse.landings import landings
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import OracleSettings, Source, configuration
from tests.warehouse.world_traits import LISTED, RULES
from tests.warehouse.worlds import (
    random_history,
    random_world,
    split_over_files,
    world_settings,
    write_landing,
)

Row = dict[str, Any]

# The tables of traits and user segments, and by what their rows are told apart.
TRAIT_TABLES = {
    "fct_trait_changes": ["person_id", "trait", "message_id"],
    "dim_person_traits": ["person_id", "trait"],
    "fct_user_segment_memberships": [
        "person_id", "user_segment", "origin", "vendor", "member_from",
    ],
    "dim_user_segments": ["user_segment", "origin"],
}  # fmt: skip
# Those of them that no model makes yet: nothing compares them.
NOT_BUILT_YET: frozenset[str] = frozenset()
COMPARED = {table: keys for table, keys in TRAIT_TABLES.items() if table not in NOT_BUILT_YET}


def make_worlds(seed: int, count: int, **changes: Any) -> tuple[list[RawMessage], OracleSettings]:
    """`count` worlds that share one warehouse and are told apart by the prefix of all their ids."""
    prefixes = [f"w{number}" for number in range(count)]
    settings = world_settings(prefixes, **changes)
    rng = Random(seed)
    messages = [message for prefix in prefixes for message in random_world(rng, prefix, settings)]
    return split_over_files(rng, messages, files=4), settings


def make_histories(
    seed: int, count: int, **changes: Any
) -> tuple[list[RawMessage], OracleSettings]:
    """`count` histories of identities that share one warehouse, in some ten files."""
    sources = {
        "web": Source(id="wK3sQ"),
        "backend": Source(id="aB1xZ", kind="server"),
        "engage": Source(kind="engage"),
    }
    settings = OracleSettings(
        sources=sources, max_links=4, audiences=LISTED, segments=RULES, **changes
    )
    rng = Random(seed)
    messages = [
        message
        for number in range(count)
        for message in random_history(rng, f"h{number}", settings)
    ]
    return split_over_files(rng, messages, files=3), settings


def write_settings(folder: Path, settings: OracleSettings) -> Settings:
    """Write the `lift.yml` of these settings and read it as the job does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lift.yml"
    path.write_text(yaml.safe_dump(configuration(settings)), encoding="utf-8")
    return load_settings(path)


def run_in_one_night(
    folder: Path, messages: Iterable[RawMessage], settings: OracleSettings
) -> Path:
    """Land everything, run one night and return the published file."""
    job = write_settings(folder, settings)
    write_landing(messages, folder / "landing")
    return nightly(job).publication


def run_over_landings(
    folder: Path, messages: Sequence[RawMessage], settings: OracleSettings, nights: int, seed: int
) -> tuple[Path, list[RawMessage]]:
    """Build each of some nights upon the one before, while files come, are rewritten and go.

    Return what the last night published and what lay there.
    """
    job = write_settings(folder, settings)
    for landed in landings(Random(seed), messages, nights):
        shutil.rmtree(folder / "landing", ignore_errors=True)
        write_landing(landed, folder / "landing")
        ingest(job, prune=True)
        publication = nightly(job).publication
    return publication, landed


def run_over_nights(
    folder: Path, messages: Sequence[RawMessage], settings: OracleSettings, nights: int, seed: int
) -> Path:
    """Land the same files in random order over several nights and return what the last published.

    Every night repeats a file of an earlier one under another name, and only the last one and one
    in the middle build the models: the others are nights that were killed after ingest.
    """
    job = write_settings(folder, settings)
    write_landing(messages, folder / "all")
    landing = folder / "landing"
    landing.mkdir()
    files = sorted(path for path in (folder / "all").rglob("*.parquet"))
    rng = Random(seed)
    rng.shuffle(files)
    landed: list[Path] = []
    for night in range(nights):
        arriving = files[night::nights]
        for path in arriving:
            target = landing / path.relative_to(folder / "all")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        if landed:
            again = rng.choice(landed)
            relative = again.relative_to(folder / "all")
            shutil.copy2(again, landing / relative.with_stem(f"again-{night}-{relative.stem}"))
        landed += arriving
        if night == nights - 1:
            return nightly(job).publication
        ingest(job)
        if night == nights // 2:
            build_models(job)
    raise ValueError("at least one night is needed")


def build_tables(job: Settings, *tables: str, full_refresh: bool = False) -> None:
    """Build some tables and what they rest on, without checks, upon what earlier builds left."""
    arguments = ["build", "--select", *(f"+{table}" for table in tables)]
    arguments += ["--exclude-resource-type", "test", "unit_test"]
    if full_refresh:
        arguments.append("--full-refresh")
    with open_warehouse(job) as con:
        write_configuration(con, job)
    result = build.build_selected(job, arguments)
    assert result.success, result


def published_tables(
    path: Path, *, without: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """All rows of every published table, sorted, without what speaks of nights, files or copies.

    A message delivered twice may lie in either file. `without` names more columns to leave out of
    a table.
    """
    about_arrival = {
        "fct_identity_merges": "run_id",
        "fct_events": "file, row_number",
        "rpt_vendor_bridge": "value, value_change",  # begins with all copies
        "rpt_vendor_reconciliation": "raw",
    }
    left_out = {"runs", "rpt_reconciliation", "rpt_rejects"}

    def columns(table: str) -> str:
        named = [names[table] for names in (about_arrival, without or {}) if table in names]
        return f"* exclude ({', '.join(named)})" if named else "*"

    tables = [
        row["table_name"] for row in published(path, "select table_name from duckdb_tables()")
    ]
    return {
        table: sorted(repr(row) for row in published(path, f"select {columns(table)} from {table}"))
        for table in tables
        if table not in left_out
    }


def published(path: Path, sql: str) -> list[Row]:
    """Read rows of the published file, or of a warehouse and its marts, as dictionaries."""
    marts = path.with_name(f"{path.stem}.marts.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        if marts.exists():
            con.execute(f"attach '{marts}' as publication (read_only)")
            con.execute(f"set search_path = '{path.stem}.main,publication.main'")
        relation = con.execute(sql)
        columns = [column[0] for column in relation.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
