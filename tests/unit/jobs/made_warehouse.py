"""A warehouse made by hand, as a build leaves it: some marts, empty but for what a test adds."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.ledger import create_raw_tables
from jobs.build.run import project_folder
from jobs.config import Settings, load_settings
from jobs.publication import published_file
from jobs.publish.marts import mart_models
from jobs.warehouse import open_marts

MARTS = (
    "dim_experiences", "dim_identifiers", "dim_persons", "dim_user_segments", "fct_events",
    "dq_findings", "fct_experience_cube", "fct_experience_lift", "fct_user_segment_memberships",
    "rpt_conversion_catalog", "rpt_delivery_summary", "rpt_freshness", "rpt_integration_status",
    "rpt_lift_by_breakdown", "rpt_rejects", "runs",
)  # fmt: skip

JOURNEY = """
create or replace view main.rpt_journey as
select
    person_id, row_number() over (partition by person_id order by occurred_at) as seq,
    occurred_at, 'page' as kind, name as label, page_url as detail, source, message_id
from publication.main.fct_events
"""


@cache
def mart_types() -> dict[str, dict[str, str]]:
    """The type of each column of each mart, as the YAML has them."""
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for model in mart_models(project_folder())
    }


class Made:
    """A folder with a `lift.yml` and a warehouse in which a build has just passed its checks."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.configure(**settings)
        with open_marts(self.settings) as con:
            create_raw_tables(con)
            con.execute("create schema intermediate")
            con.execute("create table intermediate.int_as_of (as_of timestamp)")
            con.execute("insert into intermediate.int_as_of values ('2026-05-04 09:00')")
            con.execute(
                "insert into raw.builds (is_whole, fingerprint, run_id)"
                " values (true, 'fingerprint', 'run-1')"
            )
            types = mart_types()
            for mart in MARTS:
                columns = ", ".join(f'"{name}" {kind}' for name, kind in types[mart].items())
                con.execute(f"create table publication.main.{mart} ({columns})")
                con.execute(f"comment on table publication.main.{mart} is 'One row per thing.'")
            con.execute(JOURNEY)
            con.execute("comment on view main.rpt_journey is 'One row per person and step.'")

    def configure(self, **settings: Any) -> None:
        (self.folder / "lift.yml").write_text(yaml.safe_dump({"landing": "landing", **settings}))
        self.settings: Settings = load_settings(self.folder / "lift.yml")

    @property
    def publication(self) -> Path:
        return published_file(self.settings)

    def do(self, sql: str, *parameters: Any) -> None:
        with open_marts(self.settings) as con:
            con.execute(sql, list(parameters))

    def add(self, mart: str, *rows: dict[str, Any]) -> None:
        """Add rows to a mart; a column that is never null has some value of its type."""
        types = mart_types()[mart]
        with open_marts(self.settings) as con:
            for row in rows:
                values = {name: row.get(name, _some(kind)) for name, kind in types.items()}
                con.execute(
                    f"insert into publication.main.{mart} ({', '.join(map(_quoted, values))})"
                    f" values ({', '.join('?' * len(values))})",
                    list(values.values()),
                )

    def add_file(self, path: str, *, landed: int = 10, rejected: int = 0, is_built: bool) -> None:
        """Stage a file of which a build has read the rows, or not yet."""
        self.do(
            "insert into raw.files by name select (select count(*) from raw.files) as file_id,"
            " $1 as path, 'web' as source, 'web' as source_id, 'raw' as layout, 1 as size,"
            " now() as modified_at, '' as content_hash, $2 as landed, $3 as rejected,"
            " true as is_present, true as is_settled, $4 as is_built, false as is_published,"
            " false as is_accepted, now() as staged_at",
            path, landed, rejected, is_built,
        )  # fmt: skip

    def published_files(self) -> set[str]:
        """The files that the ledger has for published."""
        return {path for (path,) in self.staged("select path from raw.files where is_published")}

    def staged(self, sql: str) -> list[tuple[Any, ...]]:
        with open_marts(self.settings) as con:
            return con.execute(sql).fetchall()

    def rows(self, sql: str, path: Path | None = None) -> list[tuple[Any, ...]]:
        """Read the publication, or an earlier one."""
        with duckdb.connect(str(path or self.publication), read_only=True) as con:
            return con.execute(sql).fetchall()


def _some(kind: str) -> Any:
    """A value of a type."""
    values: Iterable[tuple[str, Any]] = (
        ("varchar[]", ["x"]), ("varchar", "x"), ("timestamp", "2026-05-01 10:00:00"),
        ("date", "2026-05-01"), ("boolean", False), ("json", '{"a":1}'), ("", 1),
    )  # fmt: skip
    return next(value for name, value in values if kind.startswith(name))


def _quoted(name: str) -> str:
    return f'"{name}"'
