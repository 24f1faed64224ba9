"""Exposures, outcomes and lift against one script of the same tables, and a day more of them."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jobs.build.dbt_process import show_dbt
from jobs.build.run import build_models, dbt_folder, invocation
from jobs.config import Settings, load_settings
from jobs.demo import write_demo
from jobs.ingest.run import ingest
from tests.bench.night import seconds_by_folder
from tests.bench.staging import Resources
from tests.bench.timing import timed

AFTER_IDENTITY = (
    "models/intermediate/exposures",
    "models/intermediate/outcomes",
    "models/marts/experiences",
)
"""From messages with a person to lift; `fct_events`, which only copies messages, is not of them."""
SCRIPT = Path(__file__).with_name("experiences.sql")
COUNTED = (
    "fct_exposures", "rpt_incomplete_exposures", "fct_conversions", "fct_assignments",
    "fct_attributions", "rpt_experience_history", "dim_experiences",
)  # fmt: skip
CUBE = """
    select
        experience, audience_segment, arm, conversion,
        sum(visitors), sum(converters), sum(conversions), coalesce(sum(value_sum), 0)
    from {}fct_experience_cube
    group by all
"""


@dataclass(frozen=True, slots=True)
class ExperienceFigures:
    """Seconds of the models after identity, until the last has ended, and of each added up."""

    messages: int
    new_messages: int
    exposures: int
    script: float
    from_nothing: float
    models_from_nothing: float
    models_next_night: float


def measure_experiences(visitors: int, folder: Path) -> tuple[ExperienceFigures, Resources]:
    """Build, build upon it with a day more, then from nothing and by the script; compare both."""
    demo = write_demo(folder / "demo", visitors)
    configured = load_settings(demo.paths.settings)
    # The script knows Mutiny's exposures only.
    settings = configured.model_copy(update={"exposures": configured.exposures[:1]})
    resources = Resources(settings.resources.threads, settings.resources.memory_limit)
    held_back = _hold_back_last_day(demo.paths.landing, folder / "held back")
    _seconds_after_identity(settings)
    landed = _count(settings, resources, "raw.messages")
    for aside, home in held_back.items():
        aside.rename(home)
    next_night = _seconds_after_identity(settings)
    messages = _count(settings, resources, "raw.messages")
    from_nothing, models_from_nothing = _build_from_nothing(settings)
    figures = ExperienceFigures(
        messages=messages,
        new_messages=messages - landed,
        exposures=_count(settings, resources, "fct_exposures"),
        script=_run_script(settings, folder / "script.duckdb", resources),
        from_nothing=from_nothing,
        models_from_nothing=models_from_nothing,
        models_next_night=next_night,
    )
    return figures, resources


def _hold_back_last_day(landing: Path, aside: Path) -> dict[Path, Path]:
    """Move the folders of the last day out of the landing zone; where each is and belongs."""
    last = max(path.name for path in landing.glob("*/day=*"))
    moved = {aside / path.parent.name / last: path for path in landing.glob(f"*/{last}")}
    for place, home in moved.items():
        place.parent.mkdir(parents=True)
        home.rename(place)
    return moved


def _seconds_after_identity(settings: Settings) -> float:
    """Ingest and build; the seconds of the models after identity, summed."""
    ingest(settings)
    folders = seconds_by_folder(build_models(settings).seconds)
    return sum(seconds for folder, seconds in folders.items() if folder.startswith(AFTER_IDENTITY))


def _build_from_nothing(settings: Settings) -> tuple[float, float]:
    """Make the models after identity anew; seconds from first start to last end, and added up.

    The former leave out dbt's start, but hold what dbt does between two models.
    """
    selection = [f"path:{folder}" for folder in AFTER_IDENTITY]
    arguments = ["--quiet", "run", "--full-refresh", "--select", *selection]
    if show_dbt(invocation(settings, arguments)):
        raise SystemExit("dbt failed")
    results = json.loads((dbt_folder(settings) / "target" / "run_results.json").read_text())
    spans = [
        (datetime.fromisoformat(stage["started_at"]), datetime.fromisoformat(stage["completed_at"]))
        for result in results["results"]
        for stage in result["timing"]
    ]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    summed = sum(result["execution_time"] for result in results["results"])
    return (last - first).total_seconds(), summed


def _run_script(settings: Settings, database: Path, resources: Resources) -> float:
    """Run the script into a fresh file; its seconds, once its tables have turned out the same."""
    with resources.connect(database) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{settings.warehouse}' as night (read_only)")
        seconds, _ = timed(lambda: con.execute(SCRIPT.read_text(encoding="utf-8")))
        for table in COUNTED:
            rows, ours = (
                con.sql(f"select count(*) from {name}").fetchall()
                for name in (table, f"night.main.{table}")
            )
            assert rows == ours, f"{table}: {rows} rows by the script, ours are {ours}"
        unlike = con.sql(f"({CUBE.format('')}) except ({CUBE.format('night.main.')})").fetchall()
        assert not unlike, f"the script's cube is another one: {unlike[:3]}"
    return seconds


def _count(settings: Settings, resources: Resources, table: str) -> int:
    with resources.connect(settings.warehouse) as con:
        return int(con.sql(f"select count(*) from {table}").fetchall()[0][0])
