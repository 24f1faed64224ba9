"""Publish: a copy of the marts beside the old `lift.duckdb`, then one atomic replacement."""

import logging
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from ingest.ledger import create_raw_tables
from jobs.build.run import MANUAL, project_folder
from jobs.config import Settings
from jobs.files import remove_database, sync
from jobs.ingest.run import check_reject_share
from jobs.publication import PUBLICATION, published_file
from jobs.publish.analyst_macros import create_macros
from jobs.publish.generations import keep_generation, new_events_file, open_once
from jobs.publish.help import create_help
from jobs.publish.marts import Mart, read_marts
from jobs.publish.replace import PublishError, open_published, replace
from jobs.publish.tables import Publication
from jobs.warehouse import MARTS, attach_marts, marts_file, open_warehouse

log = logging.getLogger(__name__)

MODE = 0o444
"""Readers' only: who opens the publication for writing leaves a log that breaks it for others."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published, where, and how many rows each table has."""

    path: Path
    rows: dict[str, int]


def publish(settings: Settings) -> PublishReport:
    """Copy the file of the marts, complete the copy and put it in the place of the published one.

    A reader who has the old file open keeps reading it. Until the replacement nothing that was
    published is touched; the file is on disk, and was opened once, before it gets its name.

    Raises:
        RejectShareError: the build has read a file of which too many rows were rejected.
        PublishError: no build has passed its checks, or the folder cannot be written.
    """
    target = published_file(settings)
    fresh = settings.publish / f".{PUBLICATION}.new"
    check_reject_share(settings, built_only=True)
    events_file: Path | None = None
    try:
        settings.publish.mkdir(parents=True, exist_ok=True)
        remove_database(fresh)
        with open_warehouse(settings) as con:
            run_id = _whole_build(settings, con)
            _copy_marts(settings, con, fresh, run_id)
            events_file = new_events_file(settings, run_id, time.time_ns())
            rows = _complete(settings, con, fresh, events_file)
        open_once(fresh)
        fresh.chmod(MODE)
        sync(fresh)
        keep_generation(settings, fresh)
        replace(fresh, target)
    except (OSError, duckdb.Error) as error:
        with suppress(OSError):
            remove_database(fresh)
            if events_file is not None:
                events_file.unlink(missing_ok=True)
        raise PublishError(
            f"{target} could not be written ({first_line(error)});"
            " the previous publication is in place: free the space or the folder and run"
            " `lift publish`."
        ) from error
    open_published(target)
    with open_warehouse(settings) as con:
        con.execute("update raw.files set is_published = true where is_built and not is_published")
    log.info("published %d tables to %s", len(rows), target)
    return PublishReport(target, rows)


def marts_of(con: duckdb.DuckDBPyConnection) -> list[Mart]:
    """Return the marts that were built, in alphabetical order.

    What else lies in their schema, a mart of an earlier version say, is not published.
    """
    described = read_marts(project_folder())
    names = con.execute(
        "select distinct table_name from information_schema.tables"
        " where table_catalog in (current_database(), ?) and table_schema = 'main'"
        " order by table_name",
        [MARTS],
    ).fetchall()
    return [described[name] for (name,) in names if name in described]


def _whole_build(settings: Settings, con: duckdb.DuckDBPyConnection) -> str:
    """Return the run that built the marts.

    Raises:
        PublishError: they are not those of a build that passed its checks.
    """
    create_raw_tables(con)
    builds = con.execute("select run_id from raw.builds where is_whole").fetchall()
    if not builds or not marts_file(settings).exists():
        raise PublishError(
            "The warehouse holds no marts that passed their checks; run `lift build` first."
        )
    return builds[0][0] or MANUAL


def _copy_marts(
    settings: Settings, con: duckdb.DuckDBPyConnection, fresh: Path, run_id: str
) -> None:
    """Copy the file of the marts as it is, once all that was written to it is in it.

    What the file knows of itself is written before: so no two copies are of the same checkpoint,
    and a log that a client left beside one of them fits no other.
    """
    (as_of,) = con.execute("select as_of from intermediate.int_as_of").fetchall()[0]
    attach_marts(con, marts_file(settings))
    # The moment that every "now" of the figures is, and the run that computed them.
    for name, value in (
        ("as_of", "null::timestamp" if as_of is None else f"timestamp '{as_of}'"),
        ("run_id", f"'{run_id}'"),
    ):
        con.execute(f"create or replace macro {MARTS}.main.{name}() as {value}")
    con.execute(f"checkpoint {MARTS}")
    con.execute(f"detach {MARTS}")
    shutil.copyfile(marts_file(settings), fresh)


def _complete(
    settings: Settings, con: duckdb.DuckDBPyConnection, fresh: Path, events_file: Path
) -> dict[str, int]:
    """Let the copy hold what is published, with its constraints, comments and macros."""
    publication = Publication(con, fresh, settings.publication.events, events_file)
    marts = [mart for mart in marts_of(con) if not publication.leaves_out(mart)]
    publication.remove_all_but(mart.name for mart in marts)
    rows = {mart.name: publication.add(mart) for mart in marts}
    publication.close()
    with duckdb.connect(str(fresh)) as published:
        create_macros(published, settings.statistics)
        create_help(published)
    return rows
