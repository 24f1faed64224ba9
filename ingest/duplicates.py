"""Which copy of a message counts: one winner a message id, over all files and all time."""

from collections.abc import Mapping

import duckdb

from ingest.rows import OBJECT_FIELDS, TEXT_FIELDS, canonical_payload

LAYOUT_RANK = "case files.layout when 'raw' then 1 when 's3' then 2 else 3 end"

# What a message says beside its times; equal texts need no canonical payload to be compared.
CONTENT = ", ".join(
    f"messages.{name}"
    for name in (*TEXT_FIELDS, *OBJECT_FIELDS, "unsound_objects")
    if name != "message_id"
)
# A data lake has lost what raw files keep, so its copies are compared among themselves.
REUSED_IDS = f"""
create or replace temp table reused_ids as
with contents as (
    select
        copies.copy_id,
        copies.message_id,
        messages.is_flattened,
        hash({CONTENT}) as content
    from raw.messages as messages
    inner join copies on messages.rowid = copies.copy_id
),

unlike as (
    select copy_id, message_id, is_flattened
    from contents
    window same_layout as (partition by message_id, is_flattened)
    qualify min(content) over same_layout <> max(content) over same_layout
),

payloads as (
    select
        messages.rowid as copy_id,
        md5({canonical_payload("messages", with_times=False)}) as payload
    from raw.messages as messages
    where messages.rowid in (select copy_id from unlike)
)

select unlike.message_id
from unlike
inner join payloads on unlike.copy_id = payloads.copy_id
group by unlike.message_id, unlike.is_flattened
having count(distinct payloads.payload) > 1
"""


def number_messages_without_id(con: duckdb.DuckDBPyConnection, first_file_id: int) -> None:
    """Add to the md5 of each message without an id its ordinal among equal rows of its file.

    Two equal rows of one file stay two messages; the same file delivered again adds none.
    """
    con.execute(
        """
        update raw.messages
        set message_id = numbered.message_id
        from (
            select
                file_id,
                row_number,
                message_id || '-' || row_number() over (
                    partition by file_id, message_id order by row_number
                ) as message_id
            from raw.messages
            where not has_message_id and file_id >= $first_file_id
        ) as numbered
        where messages.file_id = numbered.file_id
            and messages.row_number = numbered.row_number
            and not messages.has_message_id
        """,
        {"first_file_id": first_file_id},
    )


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

    The earliest receipt wins; ties go to the fuller layout, then the source id, then the md5 of the
    canonical payload, and between equal copies to what needed no repair, the file's path and the
    row. Copies that differ in more than times are marked as `is_reused`. Only rows whose flags
    change are written. `everything` looks at all messages again.
    """
    unsettled, settled = con.execute(
        """
        select
            coalesce(sum(landed) filter (not is_settled), 0)
                + (select count(*) from raw.unsettled_ids),
            coalesce(sum(landed) filter (is_settled), 0)
        from raw.files
        """
    ).fetchall()[0]
    if not unsettled and not everything:
        return
    # A scan of all ids is cheaper than a look-up of most of them.
    touched = (
        ""
        if everything or unsettled > settled
        else """
                and message_id in (
                    select message_id
                    from raw.messages
                    where file_id in (select file_id from raw.files where not is_settled)
                    union all
                    select message_id
                    from raw.unsettled_ids
                )"""
    )
    con.execute("begin")
    # Eight bytes a message spare the memory that its id would take; few ids are repeated.
    con.execute(
        f"""
        create or replace temp table copies as
        with repeated_ids as (
            select hash(message_id) as id_hash
            from raw.messages
            where reject_reason is null {touched}
            group by id_hash
            having count(*) > 1
            union
            select hash(message_id)
            from raw.messages
            where (is_duplicate or is_reused) {touched}
        )

        select
            messages.rowid as copy_id,
            messages.file_id,
            messages.row_number,
            messages.message_id,
            messages.is_duplicate,
            coalesce(messages.is_reused, false) as is_reused,
            coalesce(messages.repairs, '') as repairs,
            files.path,
            files.source_id,
            {LAYOUT_RANK} as layout_rank,
            coalesce(messages.received_at, messages.given_at) as first_received_at
        from raw.messages as messages
        inner join raw.files as files on messages.file_id = files.file_id
        where messages.reject_reason is null
            and hash(messages.message_id) in (select id_hash from repeated_ids)
        """
    )
    con.execute(REUSED_IDS)
    con.execute(
        """
        update raw.messages
        set is_reused = not copies.is_reused
        from copies
        where messages.file_id = copies.file_id
            and messages.row_number = copies.row_number
            and copies.is_reused
                <> (copies.message_id in (select message_id from reused_ids))
        """
    )
    con.execute(
        f"""
        create or replace temp table ranked_copies as
        with tied_copies as (
            select copy_id
            from copies
            qualify count(*) over (
                partition by message_id, first_received_at, layout_rank, source_id
            ) > 1
        ),

        payloads as (
            select
                messages.rowid as copy_id,
                md5({canonical_payload("messages")}) as payload
            from raw.messages as messages
            where messages.rowid in (select copy_id from tied_copies)
        )

        select
            copies.file_id,
            copies.row_number,
            copies.is_duplicate,
            row_number() over (
                partition by copies.message_id
                order by copies.first_received_at, copies.layout_rank, copies.source_id,
                    payloads.payload, copies.repairs, copies.path, copies.row_number
            ) > 1 as loses
        from copies
        left join payloads on copies.copy_id = payloads.copy_id
        """
    )
    con.execute(
        """
        update raw.messages
        set is_duplicate = ranked_copies.loses
        from ranked_copies
        where messages.file_id = ranked_copies.file_id
            and messages.row_number = ranked_copies.row_number
            and ranked_copies.is_duplicate <> ranked_copies.loses
        """
    )
    con.execute(
        "update raw.files set revision = nextval('raw.revisions') where file_id in"
        " (select file_id from ranked_copies where is_duplicate <> loses)"
    )
    con.execute("drop table ranked_copies")
    con.execute("drop table copies")
    con.execute("drop table reused_ids")
    con.execute("delete from raw.unsettled_ids")
    con.execute("update raw.files set is_settled = true where not is_settled")
    con.execute("commit")
