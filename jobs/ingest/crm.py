"""The files of the CRM as `lift.yml` names them, and the errors in them."""

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
    """Return the error as one of the configuration, with one line and place per mistake."""
    document = read_document(settings.file)
    problems = [
        document.problem(mistake.location, f"is invalid: {_sentence(mistake)}")
        for mistake in error.mistakes
    ]
    return CrmError("\n".join(map(str, problems)))


def _sentence(mistake: CrmMistake) -> str:
    if mistake.wanted is None:
        return mistake.reason
    return f"{mistake.reason}; {did_you_mean(mistake.wanted, mistake.known)}"
