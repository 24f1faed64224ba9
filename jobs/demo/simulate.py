"""The month of the company, as tables in a DuckDB of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

END = datetime(2026, 7, 1)
"""The demo's last day is always 2026-06-30, whatever the clock says."""
SOURCE_IDS = {
    "web": "wK3sQ7fLr2",
    "product": "pT9xDc1VhB",
    "backend": "bN4rZk8YuE",
    "engage": "eG7mVw5JoS",
    "flags": "fS2kLx6ZqA",
}
"""The sources of the company by key, with their ids in Segment."""
SMALL_VISITORS = 5_000
"""Smaller demos land a file a week and source instead of one a day, to stay a few small files."""
KIOSK_MIN_VISITORS = 2_000
"""Smaller demos have too few customers for a device that more than a hundred of them use."""
MEMORY_LIMIT = "4GB"
"""What is beyond it lies in a temporary folder: a demo of a million visitors fits anywhere."""
STEPS = ("company", "people", "visits", "outcomes", "use", "events", "oddities")


@contextmanager
def simulate_company(visitors: int, days: int, seed: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Draw everything that happens in the `days` up to the last, as the table `messages`."""
    with (
        TemporaryDirectory() as folder,
        duckdb.connect(Path(folder, "demo.duckdb"), config={"memory_limit": MEMORY_LIMIT}) as con,
    ):
        con.execute("set TimeZone = 'UTC'")
        variables = {
            "seed": str(seed),
            "visitors": visitors,
            "start": END - timedelta(days=days),
            "end": END,
            "file_days": 7 if visitors < SMALL_VISITORS else 1,
            "source_ids": {"key": list(SOURCE_IDS), "value": list(SOURCE_IDS.values())},
            "useless_user": 2 * visitors,
            "has_kiosk": visitors >= KIOSK_MIN_VISITORS,
            "kiosk": 4 * visitors,
            "zeros": 4 * visitors + 4,
        }
        for name, value in variables.items():
            con.execute(f'set variable "{name}" = $value', {"value": value})
        for step in STEPS:
            con.execute(statements(step))
        yield con


def statements(name: str) -> str:
    """The SQL of one step."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
