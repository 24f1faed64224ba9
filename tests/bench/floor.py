"""The floor under the models after identity: one hand-written script over the landed files."""

from pathlib import Path

from tests.bench.staging import Resources
from tests.bench.timing import best_of

SCRIPT = Path(__file__).with_name("floor.sql")


def measure_floor(landing: Path, resources: Resources, runs: int) -> float:
    """Fastest seconds of `floor.sql`, from the Parquet files to its rows, in memory."""
    files = sorted(str(path) for path in landing.rglob("*.parquet"))
    statement = SCRIPT.read_text(encoding="utf-8")

    def count() -> None:
        with resources.connect(":memory:") as con:
            con.execute("set TimeZone = 'UTC'")
            con.execute(statement, {"files": files}).fetchall()

    return best_of(runs, count)
