"""The CRM's files as the configuration names them, and what it has to say when one is wrong."""

from pathlib import Path

from ingest.layouts.crm_files import CrmFile, CrmFilesError, CrmMistake, CrmObject
from jobs.config import Settings
from jobs.config.base import did_you_mean
from jobs.config.document import read_document
from jobs.errors import UsageError


class CrmError(UsageError):
    """A file of the CRM cannot be read as `crm` asks; nothing was read or written."""


def crm_files(settings: Settings) -> list[CrmFile]:
    """Return the configured files: leads, then contacts."""
    crm = settings.crm
    configured: tuple[tuple[CrmObject, str, Path | None, tuple[str, ...]], ...] = (
        ("lead", "leads", crm.leads, crm.fields.lead),
        ("contact", "contacts", crm.contacts, crm.fields.contact),
    )
    return [
        CrmFile(
            object=name,
            path=path,
            key=key,
            email_column=crm.email_column,
            valid_from_column=crm.valid_from_column,
            fields=fields,
        )
        for name, key, path, fields in configured
        if path is not None
    ]


def crm_error(settings: Settings, error: CrmFilesError) -> CrmError:
    """Return the error as one of the configuration: a line for each mistake, with its place."""
    document = read_document(settings.file)
    problems = [document.problem(m.location, _sentence(m)) for m in error.mistakes]
    return CrmError("\n".join(map(str, problems)))


def _sentence(mistake: CrmMistake) -> str:
    if mistake.wanted is None:
        return mistake.reason
    return f"{mistake.reason}; {did_you_mean(mistake.wanted, mistake.known)}"
