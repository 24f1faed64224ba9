"""Tell others who joined and left the rule segments, in the words of Segment's Engage.

A destination knows identifiers and no persons, so what was told is kept by identifier: persons
merge and are named anew, and devices change hands. An identifier is told `true` when its person
becomes a member: each user id, or each device of somebody without one. Who was told once is told
of every change from then on.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.sql import literal
from jobs.config import Settings
from jobs.config.segments import segment_key
from jobs.publication import published_file
from jobs.segment_sync.files import SegmentFiles, copy_changes, copy_state, segment_files
from jobs.warehouse import limits

log = logging.getLogger(__name__)

TOLD = """
create temp table told (
    key varchar, id_type varchar, id_value varchar, is_member boolean, told_at timestamp
)
"""

KEYS = """
create temp table keys as
select unnest($names::varchar[]) as user_segment, unnest($keys::varchar[]) as key
"""

CHANGES = """
create temp table changes as
with memberships as (
    select
        keys.key,
        memberships.person_id,
        memberships.member_from,
        memberships.member_to,
        memberships.member_to is null or $as_of < memberships.member_to as is_open
    from fct_user_segment_memberships as memberships
    inner join keys on memberships.user_segment = keys.user_segment
    where memberships.origin = 'rule' and memberships.member_from <= $as_of
),

histories as (
    select
        key,
        person_id,
        bool_or(is_open) as is_member,
        case
            when bool_or(is_open) then max(member_from) filter (is_open)
            else max(member_to)
        end as turned_at
    from memberships
    group by key, person_id
),

owners as (
    select
        id_type,
        id_value,
        person_id,
        owned_from
    from dim_identifiers
    where id_type in ('user_id', 'anonymous_id')
        and not is_blocked
        and (owned_from is null or owned_from <= $as_of)
        and (owned_to is null or $as_of < owned_to)
),

-- A device speaks for those only who have no user id.
addressed as (
    select *
    from owners
    qualify id_type = 'user_id'
        or not bool_or(id_type = 'user_id') over (partition by person_id)
),

candidates as (
    select
        histories.key,
        addressed.id_type,
        addressed.id_value
    from histories
    inner join addressed on histories.person_id = addressed.person_id
    where histories.is_member
    union
    select
        key,
        id_type,
        id_value
    from told
    where key in (select key from keys)
),

compared as (
    select
        candidates.*,
        coalesce(histories.is_member, false) as is_member,
        coalesce(told.is_member, false) as was_member,
        told.told_at,
        -- For a device that changed hands nothing turned before it did.
        greatest(histories.turned_at, owners.owned_from) as turned_at
    from candidates
    left join owners
        on candidates.id_type = owners.id_type and candidates.id_value = owners.id_value
    left join histories
        on candidates.key = histories.key and owners.person_id = histories.person_id
    left join told
        on candidates.key = told.key
        and candidates.id_type = told.id_type
        and candidates.id_value = told.id_value
)

select
    key,
    id_type,
    id_value,
    is_member,
    -- What was told later than history now has it would win over the correction.
    case
        when told_at is null or turned_at > told_at then turned_at
        else greatest($as_of, told_at + interval 1 microsecond)
    end as told_at
from compared
where is_member <> was_member
"""

LINES = """
select
    'identify' as type,
    'lift_' || sha256(
        json_array(key, id_type, id_value, is_member, told_at::varchar)::varchar
    ) as "messageId",
    case when id_type = 'user_id' then id_value end as "userId",
    case when id_type = 'anonymous_id' then id_value end as "anonymousId",
    strftime(told_at, '%Y-%m-%dT%H:%M:%S.%fZ') as "timestamp",
    json_object(key, is_member) as traits,
    json_object('personas', json_object(
        'computation_class', 'audience',
        'computation_id', 'lift_' || key,
        'computation_key', key,
        'namespace', 'segment_lift',
        'space_id', 'segment_lift'
    )) as context,
    json_object() as integrations
from changes
"""

STATE = """
select told.*
from told
anti join changes
    on told.key = changes.key
    and told.id_type = changes.id_type
    and told.id_value = changes.id_value
union all by name
from changes
"""


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """How many identifiers were told that they joined a segment, and that they left it."""

    key: str
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """What an export told of the rule segments.

    `file` is None when nothing changed. Of the `dropped` segments, which neither the publication
    nor `lift.yml` has any more, nobody is told anything.
    """

    file: Path | None = None
    changes: tuple[SegmentChange, ...] = ()
    dropped: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """Return what was told, a sentence for each segment that changed."""
        said = [
            f"{change.key}: {change.joined:,} ids joined, {change.left:,} left"
            for change in self.changes
        ]
        return said + [
            f"{key}: a segment no more; nobody is told that they left" for key in self.dropped
        ]


def export_segments(settings: Settings) -> SegmentReport:
    """Write what changed in each rule segment since the last export, as one new file.

    At first that is every member as of the publication. The caller holds the lock.

    Raises:
        OSError, duckdb.Error: nothing was told, or what was told is made whole by the next call.
    """
    files = segment_files(settings)
    files.settle()
    path = published_file(settings)
    with duckdb.connect(str(path), read_only=True, config=limits(settings)) as con:
        con.execute("set TimeZone = 'UTC'")
        as_of = _as_of(con)
        if as_of is None:
            return SegmentReport()
        dropped = _read(con, settings, files)
        con.execute(CHANGES, {"as_of": as_of})
        changes = tuple(
            SegmentChange(*row)
            for row in con.execute(
                "select key, count_if(is_member), count_if(not is_member)"
                " from changes group by key order by key"
            ).fetchall()
        )
        file = _write(con, files, as_of) if changes or dropped else None
    report = SegmentReport(file, changes, dropped)
    for words in report.words():
        log.info("segment %s", words)
    return report


def _as_of(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return the moment the publication knows of; None when it is empty or of an older version."""
    try:
        found: datetime | None = con.execute("select as_of()").fetchall()[0][0]
    except duckdb.CatalogException:
        log.warning("the publication says not as of when it is; its segments are not told")
        return None
    return found


def _read(
    con: duckdb.DuckDBPyConnection, settings: Settings, files: SegmentFiles
) -> tuple[str, ...]:
    """Offer the rule segments as `keys` and what was told as `told`; return segments dropped."""
    names = [
        name
        for (name,) in con.execute(
            "select distinct user_segment from dim_user_segments where origin = 'rule' order by all"
        ).fetchall()
    ]
    keys = [segment_key(name) for name in names]
    con.execute(KEYS, {"names": names, "keys": keys})
    con.execute(TOLD)
    state = files.state()
    if state is None:
        return ()
    con.execute(f"insert into told by name from read_parquet({literal(str(state))})")
    # An earlier publication that was put back may lack a segment that is configured.
    known = [*keys, *(segment.key for segment in settings.segments)]
    dropped = con.execute(
        "select distinct key from told where key not in (select unnest($known::varchar[]))"
        " order by key",
        {"known": known},
    ).fetchall()
    con.execute(
        "delete from told where key not in (select unnest($known::varchar[]))", {"known": known}
    )
    return tuple(key for (key,) in dropped)


def _write(con: duckdb.DuckDBPyConnection, files: SegmentFiles, as_of: datetime) -> Path | None:
    state = files.state()
    if state is not None and not con.execute("select 1 from changes limit 1").fetchall():
        # Segments were dropped, which is no news: the state is replaced under its own name.
        stem = state.stem.removeprefix("state-")
        copy_state(con, STATE, files.pending_state(stem))
        files.commit_state(stem)
        return None
    files.folder.mkdir(parents=True, exist_ok=True)
    stem = files.next_stem(as_of)
    copy_changes(con, LINES, files.pending_changes(stem))
    copy_state(con, STATE, files.pending_state(stem))
    return files.commit(stem)
