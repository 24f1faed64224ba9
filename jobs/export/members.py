"""Who is in a user segment now and can be written to, as CSV for an email campaign."""

from jobs.cli.terminal import write_rows
from jobs.config import Settings
from jobs.config.base import did_you_mean, ended
from jobs.errors import UsageError
from jobs.publication import read_publication

MEMBERS = """
select distinct person_id, email
from fct_user_segment_memberships
inner join dim_persons using (person_id)
where user_segment = '{segment}' and member_to is null and email is not null
order by person_id
"""


def print_members(settings: Settings, segment: str) -> None:
    """Write `person_id,email` to standard output, a line for each member now that has an email.

    It is never a file of the job's: what an erasure would have to look for is the reader's own.

    Raises:
        UsageError: there is no user segment of that name.
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        known = con.execute("select distinct user_segment from dim_user_segments order by all")
        names = [name for (name,) in known.fetchall()]
        if segment not in names:
            raise UsageError(
                f"No user segment is called {segment}; {ended(did_you_mean(segment, names))}"
            )
        members = MEMBERS.format(segment=segment.replace("'", "''"))
        write_rows(con, members, "format csv, header true")
