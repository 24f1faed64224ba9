"""What is published, as a committed text: every table, its key, its columns and their types.

`python -m tests.published_schema` writes it again, and refuses if something went or changed while
the schema version stayed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jobs.build.run import project_folder
from jobs.publication import SCHEMA_VERSION
from jobs.publish.marts import read_marts
from tests.unit.jobs.made_warehouse import mart_types

FILE = Path(__file__).parent / "published_schema.txt"


def current() -> str:
    """The schema as the YAML of the marts has it, which dbt's contracts hold the tables to.

    The columns that `lift.yml` adds, the breakdowns, are not part of it.
    """
    lines = [f"schema version {SCHEMA_VERSION}"]
    types = mart_types()
    for name, mart in sorted(read_marts(project_folder()).items()):
        lines += ["", f"{name} key {', '.join(mart.key)}"]
        lines += [
            f"{name}.{column} {types[name][column].upper().replace(', ', ',')}"
            f"{' not null' if column in mart.not_null else ''}"
            for column in mart.columns
        ]
    return "\n".join(lines) + "\n"


def why_not(committed: str, fresh: str) -> str | None:
    """Return why the committed schema may not become this one, or None."""
    version, *before = committed.splitlines()
    fresh_version, *after = fresh.splitlines()
    gone = sorted({*before} - {*after})
    if gone and fresh_version == version:
        return (
            f"'{gone[0]}' of tests/published_schema.txt"
            f"{f' and {len(gone) - 1} more' if len(gone) > 1 else ''} went or changed, which breaks"
            " what others built on it; put it back, or raise SCHEMA_VERSION in jobs/publication.py"
        )
    return None


def main() -> None:
    fresh = current()
    if FILE.exists() and (reason := why_not(FILE.read_text(), fresh)):
        sys.exit(reason)
    FILE.write_text(fresh)


if __name__ == "__main__":
    main()
