"""The truth of a demo: what a correct warehouse must count, and the lift that was drawn.

The true rate of an arm is the probability that a visitor converts inside the window, if everybody
were in that arm, times the share of conversions that messages reveal (the same in both arms).
"""

import json
from typing import Any

import duckdb

from jobs.demo.simulate import statements


def derive_truth(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return what `truth.json` says of the company that was simulated in `con`."""
    con.execute(statements("truth"))

    def rows(table: str) -> list[dict[str, Any]]:
        found = con.sql(f"select to_json(rows) from {table} as rows").fetchall()
        return [json.loads(row) for (row,) in found]

    return {
        **rows("totals")[0],
        "accounts": rows("accounts")[0],
        "message_counts": rows("message_counts")[0],
        "results": rows("results"),
        "design": rows("design")[0],
    }
