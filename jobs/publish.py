"""Publish: a new `lift.duckdb` beside the old one, then one atomic replacement."""

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.ledger import create_raw_tables
from jobs.analyst_macros import MACROS
from jobs.errors import JobError
from jobs.files import remove_database, sync
from jobs.settings import Settings
from jobs.warehouse import open_warehouse

log = logging.getLogger(__name__)

PUBLICATION = "lift.duckdb"
# A view over other marts, and one in the publication: a table would hold every page once more.
JOURNEY = "rpt_journey"


class PublishError(JobError):
    """The publication could not be written; the previous one is in place."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published, where, and how many rows each table has."""

    path: Path
    rows: dict[str, int]


def publish(settings: Settings, run_id: str) -> PublishReport:
    """Copy every mart into a new DuckDB file and put it in the place of the published one.

    A reader who has the old file open keeps reading it. Until the replacement nothing that was
    published is touched; the file is on disk before it gets its name.

    Raises:
        PublishError: no build has passed its checks, or the folder cannot be written.
    """
    folder = settings.publish
    target = folder / PUBLICATION
    fresh = folder / f".{PUBLICATION}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_database(fresh)
        with open_warehouse(settings) as con:
            rows = _copy_marts(con, fresh, settings, run_id)
        with duckdb.connect(str(fresh)) as con:
            for macro in MACROS:
                con.execute(macro)
        sync(fresh)
        _keep_generation(settings, target)
        fresh.replace(target)
        sync(folder)
        with open_warehouse(settings) as con:
            con.execute("update raw.files set is_published = true where not is_published")
    except (OSError, duckdb.Error) as error:
        remove_database(fresh)
        raise PublishError(
            f"{target} could not be written ({str(error).splitlines()[0]});"
            " the previous publication is in place: free the space or the folder and run"
            " `lift publish`."
        ) from error
    log.info("published %d tables to %s", len(rows), target)
    return PublishReport(target, rows)


def rollback(settings: Settings) -> Path:
    """Put the generation before the published one back in its place and return what it replaced.

    Raises:
        PublishError: no earlier generation is kept.
    """
    generations = kept_generations(settings)
    if not generations:
        raise PublishError(
            f"No earlier generation is kept in {_generation_folder(settings)};"
            " there is nothing to go back to."
        )
    generations[-1].replace(settings.publish / PUBLICATION)
    sync(settings.publish)
    return generations[-1]


def remove_all_but(settings: Settings, run_id: str) -> int:
    """Remove every publication but that of a run, and return how many generations there were."""
    generations = kept_generations(settings)
    for path in generations:
        path.unlink()
    for path in (settings.publish / "events").glob("*.parquet"):
        if path != _events_file(settings.publish, run_id):
            path.unlink()
    return len(generations)


def kept_generations(settings: Settings) -> list[Path]:
    """Return the earlier publications that are kept, oldest first."""
    return sorted(_generation_folder(settings).glob("lift-*.duckdb"))


def mart_tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of all marts in the warehouse, in alphabetical order."""
    return [
        name
        for (name,) in con.execute(
            "select table_name from information_schema.tables"
            " where table_catalog = current_database() and table_schema = 'main'"
            " order by table_name"
        ).fetchall()
    ]


def _copy_marts(
    con: duckdb.DuckDBPyConnection, fresh: Path, settings: Settings, run_id: str
) -> dict[str, int]:
    create_raw_tables(con)
    if con.execute("select is_whole from raw.builds").fetchall() != [(True,)]:
        raise PublishError(
            "The warehouse holds no marts that passed their checks; run `lift build` first."
        )
    events = settings.publication.events
    left_out = ("fct_events", JOURNEY) if events == "none" else ()
    con.execute(f"attach '{_quoted(str(fresh))}' as publication")
    rows: dict[str, int] = {}
    for table in mart_tables(con):
        if table in left_out:
            continue
        if table == JOURNEY:
            _define_view(con, table)
        elif table == "fct_events" and events == "parquet":
            _publish_events_as_parquet(con, settings.publish, run_id)
        else:
            con.execute(f"create table publication.main.{table} as from main.{table}")
        rows[table] = con.execute(f"select count(*) from publication.main.{table}").fetchall()[0][0]
    _copy_comments(con, list(rows))
    _copy_as_of(con)
    con.execute("detach publication")
    return rows


def _copy_as_of(con: duckdb.DuckDBPyConnection) -> None:
    """Offer `as_of()` in the published file: the moment that every "now" of its figures is."""
    (as_of,) = con.execute("select as_of from intermediate.int_as_of").fetchall()[0]
    moment = "null::timestamp" if as_of is None else f"timestamp '{as_of}'"
    con.execute(f"create macro publication.main.as_of() as {moment}")


def _define_view(con: duckdb.DuckDBPyConnection, view: str) -> None:
    """Define a view over other marts in the publication as the warehouse has it."""
    [(definition,)] = con.execute(
        "select sql from duckdb_views()"
        " where database_name = current_database() and schema_name = 'main' and view_name = ?",
        [view],
    ).fetchall()
    with con.cursor() as beside:
        beside.execute("use publication")
        beside.execute(definition)


def _publish_events_as_parquet(con: duckdb.DuckDBPyConnection, folder: Path, run_id: str) -> None:
    """Write `fct_events` beside the publication, which reads it through a view of the same name."""
    path = _events_file(folder, run_id)
    path.parent.mkdir(exist_ok=True)
    con.execute(
        f"copy main.fct_events to '{_quoted(str(path))}' (format parquet, compression zstd)"
    )
    con.execute(
        "create view publication.main.fct_events as"
        f" from read_parquet('{_quoted(str(path.resolve()))}')"
    )


def _copy_comments(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    described = con.execute(
        """
        select table_name as name, null as column_name, comment
        from duckdb_tables()
        where database_name = current_database() and schema_name = 'main' and comment is not null
        union all
        select view_name, null, comment
        from duckdb_views()
        where database_name = current_database() and schema_name = 'main' and comment is not null
        union all
        select table_name, column_name, comment
        from duckdb_columns()
        where database_name = current_database() and schema_name = 'main' and comment is not null
        """
    ).fetchall()
    views = {
        name
        for (name,) in con.execute(
            "select view_name from duckdb_views() where database_name = 'publication'"
        ).fetchall()
    }
    for table, column, comment in described:
        if table not in tables:
            continue
        kind = "view" if table in views else "table"
        if column is None:
            con.execute(f"comment on {kind} publication.main.{table} is '{_quoted(comment)}'")
        else:
            con.execute(
                f"comment on column publication.main.{table}.\"{column}\" is '{_quoted(comment)}'"
            )


def _keep_generation(settings: Settings, target: Path) -> None:
    """Keep the publication that is about to be replaced, and no more than `publication.keep`."""
    if target.exists() and settings.publication.keep > 0:
        folder = _generation_folder(settings)
        folder.mkdir(exist_ok=True)
        published_at = target.stat().st_mtime_ns
        kept = folder / f"lift-{published_at:020d}.duckdb"
        if not kept.exists():
            os.link(target, kept)
    keep = settings.publication.keep
    for surplus in kept_generations(settings)[: -keep or None]:
        surplus.unlink()
    # Beside the events of the generations kept lie those of the one that is about to appear.
    events = sorted(
        (settings.publish / "events").glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns
    )
    for surplus in events[: -(keep + 1)]:
        surplus.unlink()


def _events_file(folder: Path, run_id: str) -> Path:
    return folder / "events" / f"fct_events-{run_id}.parquet"


def _generation_folder(settings: Settings) -> Path:
    return settings.publish / "generations"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


if __name__ == "__main__":
    from jobs.command import main

    main(["publish", *sys.argv[1:]])
