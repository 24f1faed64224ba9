"""Whether a night has anything to do: what the last one read, and what it wrote, as two hashes.

`raw.last_night` holds them after a night that ended well, and nothing from the moment on at which
another night begins: after one that failed or was killed, the next one builds.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import ingest
import jobs
from ingest.ledger import create_raw_tables
from jobs.build.run import is_current, project_folder
from jobs.config import Settings
from jobs.files import remove_logs
from jobs.publication import published_file
from jobs.sql_files import read_sql
from jobs.warehouse import open_warehouse

LEDGER = read_sql(__file__, "ledger")
LIBRARY = "*.dist-info"
"""What is named for a library and its version, beside the library."""

TIME_HAS_COME = read_sql(__file__, "time_has_come")


def forget_last_night(settings: Settings) -> tuple[str, str] | None:
    """Return what the last night that ended well read and wrote; no other call returns it again."""
    with open_warehouse(settings) as con:
        create_raw_tables(con)
        known = con.execute("delete from raw.last_night returning inputs, outputs").fetchall()
    return known[0] if known else None


def keep_night(settings: Settings, night: tuple[str, str]) -> None:
    """Record what a night that ended well read and wrote."""
    with open_warehouse(settings) as con:
        con.execute("insert into raw.last_night values (?, ?)", night)


def has_nothing_new(settings: Settings, last: tuple[str, str], inputs: str) -> bool:
    """Return whether a build would make, and a publication write, what is there already.

    What a build makes depends on the clock in one way: a message whose receipt lay in the future of
    the last build does not any more. Tables in PostgreSQL may have been changed by anyone.
    """
    if settings.exports.postgres_env is not None:
        return False
    remove_logs(published_file(settings))  # which a reader has left, and no publication keeps
    with open_warehouse(settings) as con:
        now = datetime.now(UTC).replace(tzinfo=None)
        time_has_come: bool = con.execute(TIME_HAS_COME, {"now": now}).fetchall()[0][0]
        if time_has_come or not is_current(settings, con):
            return False
    return last == (inputs, outputs_of(settings))


def inputs_of(settings: Settings) -> str:
    """Return a hash of the ledger, the configuration and the code, as they are after ingest."""
    with open_warehouse(settings) as con:
        ledger = con.execute(LEDGER).fetchall()[0]
    return _digest([repr(ledger), settings.config_hash(), sys.version, *_code()])


def outputs_of(settings: Settings) -> str:
    """Return a hash that changes with whatever changes in the folder of the publication."""
    found = []
    for path in sorted(settings.publish.rglob("*")):
        stat = path.stat(follow_symlinks=False)
        if not path.is_dir():
            name = str(path.relative_to(settings.publish))
            found.append((name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))
    return _digest(found)


def _code() -> Iterator[str]:
    """Yield the libraries with their versions, and the text of all that this job is made of."""
    yield from sorted(found.name for place in sys.path for found in Path(place).glob(LIBRARY))
    project = project_folder()
    folders = [
        *(Path(package.__path__[0]) for package in (ingest, jobs)),
        *(project / name for name in ("models", "macros", "data/seeds", "tests/dbt")),
    ]
    files = [project / "dbt_project.yml", project / "profiles.yml"]
    files += [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    for path in sorted(set(files)):
        if path.suffix not in (".pyc", ".duckdb"):
            yield str(path)
            yield sha256(path.read_bytes()).hexdigest()


def _digest(evidence: Iterable[object]) -> str:
    return sha256(json.dumps([*evidence]).encode()).hexdigest()
