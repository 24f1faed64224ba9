"""What can go wrong in a job, by what the caller does about it."""


class JobError(Exception):
    """The job failed; the previous publication is unchanged.

    The message is one sentence: what is wrong, where, and what to do.
    """

    exit_code = 1


class UsageError(JobError):
    """The command cannot be carried out as asked; nothing was read or written."""

    exit_code = 2


class LockedError(JobError):
    """Another run holds the lock."""

    exit_code = 3
