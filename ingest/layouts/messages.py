"""From the rows of a layout to rows of `raw.messages`."""

from collections.abc import Iterable
from typing import Any

import duckdb

from ingest.erasure import Erasure, without_erased
from ingest.sql import statement

SAMPLE_ROWS = 5_000


def insert_messages(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    parameters: dict[str, Any],
    erasure: Erasure | None,
) -> None:
    """Insert into `raw.messages` what common table expressions hold, nothing of erased persons.

    `rows` ends in `read_rows`, see messages.sql.
    """
    payload = statement("canonical_payload", message_id="message_id", with_times="true")
    select = statement("messages", rows=rows, payload=payload)
    if erasure is not None:
        select = without_erased(f"({select})", erasure.rules)
        parameters = parameters | erasure.parameters()
    con.execute(f"insert into raw.messages by name {select}", parameters)


def known_shapes(
    con: duckdb.DuckDBPyConnection, sample: str, texts: Iterable[str], parameters: dict[str, Any]
) -> list[int]:
    """Return the parameter `known_shapes` of read_json from JSON texts of a relation."""
    sample = f"(select * from {sample} limit {SAMPLE_ROWS}) as sample_rows"
    select = statement("known_shapes", texts=", ".join(texts), sample=sample)
    return [shape for (shape,) in con.execute(select, parameters).fetchall()]
