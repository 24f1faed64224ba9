"""Which copy of a message counts: one winner per message id, over all files and all time."""

from collections.abc import Mapping

import duckdb

from ingest.sql import statement

MESSAGE_ID = "case when has_message_id then message_id end"


def number_messages_without_id(con: duckdb.DuckDBPyConnection, first_file_id: int) -> None:
    """Add to the md5 of each message without an id its ordinal among equal rows of its file."""
    con.execute(statement("number_messages"), {"first_file_id": first_file_id})


def update_source_ids(con: duckdb.DuckDBPyConnection, source_ids: Mapping[str, str]) -> None:
    """Bring the ledger's source ids up to the configuration; ties of those files are unsettled.

    `source_ids` maps a landing folder to its source id; an unknown folder is its own id.
    """
    ids = "coalesce(map_extract_value(map($folders::varchar[], $ids::varchar[]), source), source)"
    con.execute(
        f"update raw.files set source_id = {ids}, is_settled = false where source_id <> {ids}",
        {"folders": list(source_ids), "ids": list(source_ids.values())},
    )


def settle_duplicates(con: duckdb.DuckDBPyConnection, *, everything: bool = False) -> None:
    """Settle the winner of every message id that came or went since it was last settled.

    Copies that differ in more than times are marked as `is_reused`. `everything` looks at all
    messages again.
    """
    unsettled, settled = con.execute(
        "select coalesce(sum(landed) filter (not is_settled), 0)"
        " + (select count(*) from raw.unsettled_ids),"
        " coalesce(sum(landed) filter (is_settled), 0) from raw.files"
    ).fetchall()[0]
    if not unsettled and not everything:
        return
    # A scan of all ids is cheaper than a look-up of most of them.
    looks_at_all = everything or unsettled > settled
    con.execute("begin")
    con.execute(
        statement(
            "deduplicate",
            is_unsettled="true" if looks_at_all else statement("unsettled_ids"),
            payload=statement("canonical_payload", message_id=MESSAGE_ID, with_times="true"),
            content_payload=statement(
                "canonical_payload", message_id=MESSAGE_ID, with_times="false"
            ),
        )
    )
    con.execute("commit")
