"""Erase persons: what is theirs goes, everything made of it is made anew, and they stay out.

The order is that of what may be interrupted. The tombstones are written first, so that from then on
no file brings the person back. The warehouse is rewritten beside the old one and replaces it, and
so are the segment changes, which are the job's memory of what it told. What was made of the
warehouse is deleted or made anew: dbt's logs and target, temporary files, models, publication,
earlier publications, exports. Every step can be done again: after a crash the same command, with
the same ids, finishes the work, and until then no new file holds a part of it.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.erasure import CRM_EMAIL, Erasure
from ingest.ledger import create_raw_tables
from jobs.build.run import build_models, dbt_folder, is_current
from jobs.config import Settings
from jobs.erase.rewrite import rewrite_warehouse
from jobs.errors import JobError, UsageError
from jobs.export.run import export_marts
from jobs.files import OwnFiles, remove_database
from jobs.ingest.run import check_reject_share
from jobs.ingest.tombstones import begin_erasure, current_erasure
from jobs.nightly.run import Nobody, Watch
from jobs.publish.generations import remove_generations
from jobs.publish.run import publish
from jobs.segment_sync.files import erase_from_segment_files
from jobs.warehouse import marts_file, open_marts, open_warehouse, run_lock, temp_folder

PERSONS = """
with persons as (
    select person_id
    from dim_identifiers
    where id_type = 'user_id' and id_value in (select unnest(?::varchar[]))
)"""

IDENTIFIERS = f"""{PERSONS}

select id_type, id_value, owned_from, owned_to
from dim_identifiers
where not is_blocked and person_id in (from persons)
"""

# The messages that are theirs by an interval on a shared device alone.
MESSAGES = f"""{PERSONS},

whole as (
    select id_type, id_value
    from dim_identifiers
    where owned_from is null and owned_to is null and person_id in (from persons)
)

select 'message_id' as id_type, message_id as id_value
from fct_events
where person_id in (from persons)
    and coalesce(
        user_id not in (select id_value from whole where id_type = 'user_id'), true
    )
    and coalesce(
        anonymous_id not in (select id_value from whole where id_type = 'anonymous_id'), true
    )
"""

# Every email they ever had, somebody else's too: the records of the CRM that are theirs have one.
EMAILS = f"""{PERSONS}

select distinct '{CRM_EMAIL}' as id_type, email as id_value
from intermediate.int_emails_held
where person_id in (from persons)
"""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Of a person or message, and an interval in which it was the person's; None is open."""

    id_type: str
    id_value: str
    owned_from: datetime | None = None
    owned_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure removed. It stands nowhere but on the terminal.

    `unknown_ids` are user ids that nobody had, `erased_before` those that had a tombstone already.
    `landing_files` still name the persons, `earlier_files` those or others erased earlier; so do
    the CRM's files `crm_files` and `earlier_crm_files`, which held `crm_records`.
    """

    user_ids: tuple[str, ...]
    unknown_ids: tuple[str, ...]
    erased_before: tuple[str, ...]
    identifiers: dict[str, int]
    messages: int
    rejected_rows: int
    crm_records: int
    generations: int
    publication: Path
    exports: Path
    landing_files: tuple[str, ...]
    earlier_files: tuple[str, ...]
    crm_files: tuple[str, ...]
    earlier_crm_files: tuple[str, ...]


def read_user_ids(user_ids: Iterable[str], file: Path | None) -> list[str]:
    """Return the ids given one by one and those of a file, one a line, each once.

    Raises:
        UsageError: the file cannot be read, or no id was given.
    """
    found = list(user_ids)
    if file is not None:
        try:
            found += file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{file} cannot be read as text ({error}); give a file with one user id a line."
            ) from error
    found = list(dict.fromkeys(user_id.strip() for user_id in found if user_id.strip()))
    if not found:
        raise UsageError(
            f"{file or 'The command line'} names nobody;"
            " use --user-id ID, or --from FILE with one user id a line."
        )
    return found


def erase(settings: Settings, user_ids: Sequence[str], *, watch: Watch | None = None) -> Receipt:
    """Remove the persons of these user ids everywhere, and keep them out from now on.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the same command finishes the work.
    """
    watch = watch or Nobody()
    with run_lock(settings):
        _bring_identities_up_to_date(settings, watch)
        watch.step("erase")
        with open_marts(settings) as con:
            create_raw_tables(con)
            erasure = begin_erasure(settings, con)
            owned, messages, emails = (
                [Identifier(*row) for row in con.execute(sql, [list(user_ids)]).fetchall()]
                for sql in (IDENTIFIERS, MESSAGES, EMAILS)
            )
            erased_before = _bury(con, erasure, [*owned, *messages, *emails], user_ids)
        emptied = rewrite_warehouse(settings, erasure)
        remove_database(marts_file(settings))
        erase_from_segment_files(settings, erasure)
        # The folder itself may hold a dbt project of somebody else's.
        _remove_folder(dbt_folder(settings) / "target")
        _remove_folder(dbt_folder(settings) / "logs")
        _remove_folder(temp_folder(settings))
        run_id = f"erasure-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        watch.step("build")
        build_models(settings, full_refresh=True, run_id=run_id, progress=watch.built)
        watch.step("publish")
        published = publish(settings)
        generations = remove_generations(settings)
        OwnFiles(settings.publish / "report").remove_all_but()
        watch.step("export")
        exported = export_marts(settings)
    known = {identifier.id_value for identifier in owned if identifier.id_type == "user_id"}
    now, earlier = _by_when(
        (file.path, bool(file.messages or file.rejected_rows)) for file in emptied.landing
    )
    crm_now, crm_earlier = _by_when((file.path, bool(file.records)) for file in emptied.crm)
    return Receipt(
        user_ids=tuple(user_ids),
        unknown_ids=tuple(user_id for user_id in user_ids if user_id not in known),
        erased_before=erased_before,
        identifiers=dict(
            Counter(id_type for id_type, _ in {(i.id_type, i.id_value) for i in owned})
        ),
        messages=sum(file.messages for file in emptied.landing),
        rejected_rows=sum(file.rejected_rows for file in emptied.landing),
        crm_records=sum(file.records for file in emptied.crm),
        generations=generations,
        publication=published.path,
        exports=exported.folder,
        landing_files=now,
        earlier_files=earlier if erased_before else (),
        crm_files=crm_now,
        earlier_crm_files=crm_earlier if erased_before else (),
    )


def _bring_identities_up_to_date(settings: Settings, watch: Watch) -> None:
    """Build the models if they are not those of all that is staged: the graph names the person.

    Nothing that stops the publication at the end may be met there first.
    """
    if not settings.warehouse.exists():
        raise JobError(
            f"{settings.warehouse} does not exist, so there is nothing to erase from;"
            " run `lift nightly` first."
        )
    with open_warehouse(settings) as con:
        current_erasure(settings, con)
        is_up_to_date = is_current(settings, con)
    check_reject_share(settings)
    if not is_up_to_date:
        watch.step("build")
        build_models(settings, progress=watch.built)


def _bury(
    con: duckdb.DuckDBPyConnection,
    erasure: Erasure,
    owned: Iterable[Identifier],
    user_ids: Sequence[str],
) -> tuple[str, ...]:
    """Write the tombstones that are missing, and return the user ids that had one before."""
    hashes = {user_id: erasure.hash("user_id", user_id) for user_id in user_ids}
    buried = {
        found for (found,) in con.execute("select identifier_hash from raw.tombstones").fetchall()
    }
    tombstones = {(digest, None, None) for digest in hashes.values()} | {
        (erasure.hash(i.id_type, i.id_value), i.owned_from, i.owned_to) for i in owned
    }
    digests, starts, ends = (list(column) for column in zip(*tombstones, strict=True))
    con.execute(
        """
        insert into raw.tombstones
        select *, now() at time zone 'UTC' as erased_at
        from (
            select unnest($digests), unnest($starts::timestamp[]), unnest($ends::timestamp[])
            except
            select identifier_hash, owned_from, owned_to
            from raw.tombstones
        )
        """,
        {"digests": digests, "starts": starts, "ends": ends},
    )
    return tuple(user_id for user_id, digest in hashes.items() if digest in buried)


def _by_when(files: Iterable[tuple[str, bool]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of which something was removed now, and those of which only earlier."""
    now: list[str] = []
    earlier: list[str] = []
    for path, is_now in files:
        (now if is_now else earlier).append(path)
    return tuple(now), tuple(earlier)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
