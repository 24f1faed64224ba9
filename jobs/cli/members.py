"""`lift export --members`: the current members of a user segment, as CSV for an email campaign."""

from ingest.sql import literal
from jobs.cli.terminal import write_rows
from jobs.config import Settings
from jobs.config.base import did_you_mean, ended
from jobs.errors import UsageError
from jobs.publication import read_publication

MEMBERS = """
select distinct persons.person_id, persons.email
from fct_user_segment_memberships as memberships
inner join dim_persons as persons on memberships.person_id = persons.person_id
where memberships.user_segment = {segment}
    and memberships.member_to is null
    and persons.email is not null
order by persons.person_id
"""


def print_members(settings: Settings, segment: str) -> None:
    """Print `person_id,email` of each current member with an email.

    It is never written to a file of the job, which an erasure would have to search.

    Raises:
        UsageError: no user segment has that name.
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        known = con.execute("select distinct user_segment from dim_user_segments order by all")
        names = [name for (name,) in known.fetchall()]
        if segment not in names:
            raise UsageError(
                f"No user segment is called {segment}; {ended(did_you_mean(segment, names))}"
            )
        write_rows(con, MEMBERS.format(segment=literal(segment)), "format csv, header true")
