"""The CRM's files as `lift.yml` names them."""

from pathlib import Path

import polars as pl
import pytest

from jobs.config import Settings, load_settings
from jobs.ingest.crm import CrmError, crm_files
from jobs.ingest.run import ingest, remarks
from jobs.warehouse import open_warehouse

CRM = """crm:
  leads: leads.csv
  email_column: Mail
  fields:
    lead: [Industry]
"""


def _settings(folder: Path, crm: str) -> Settings:
    (folder / "landing").mkdir(exist_ok=True)
    path = folder / "lift.yml"
    path.write_text(f"landing: landing\nwarehouse: warehouse.duckdb\n{crm}", encoding="utf-8")
    return load_settings(path)


def test_crm_files_are_those_of_the_configuration(tmp_path: Path) -> None:
    settings = _settings(
        tmp_path,
        "crm: {contacts: c.parquet, valid_from_column: Since, fields: {contact: [A, B], lead: C}}",
    )
    (found,) = crm_files(settings)
    assert (found.object, found.path, found.key) == ("contact", tmp_path / "c.parquet", "contacts")
    assert (found.email_column, found.valid_from_column) == ("Email", "Since")
    assert found.fields == ("A", "B")
    assert crm_files(_settings(tmp_path, "")) == []


def test_crm_a_missing_column_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Id,E-Mail,industry\n1,a@x.com,SaaS\n")
    with pytest.raises(CrmError) as raised:
        ingest(_settings(tmp_path, CRM))
    assert raised.value.exit_code == 2
    file, leads = tmp_path / "lift.yml", tmp_path / "leads.csv"
    assert str(raised.value).splitlines() == [
        f"{file}:5: crm.email_column is invalid: {leads} has no column 'Mail';"
        " did you mean E-Mail?",
        f"{file}:7: crm.fields.lead[0] is invalid: {leads} has no column 'Industry';"
        " did you mean industry?",
    ]


def test_crm_a_missing_file_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(CrmError) as raised:
        ingest(_settings(tmp_path, CRM))
    assert str(raised.value) == (
        f"{tmp_path / 'lift.yml'}:4: crm.leads is invalid: {tmp_path / 'leads.csv'} does not exist;"
        " correct the path, or remove the key"
    )


def test_crm_what_was_read_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Id,Mail,Industry\n1,a@x.com,SaaS\n2,,SaaS\n")
    settings = _settings(tmp_path, CRM)
    (tmp_path / "landing" / "web").mkdir()
    pl.DataFrame(
        {
            "messageId": "m1",
            "type": "page",
            "anonymousId": "d1",
            "timestamp": "2026-05-04T09:00:00Z",
        }
    ).write_parquet(tmp_path / "landing" / "web" / "part.parquet")
    assert remarks(ingest(settings)) == [
        f"Read: {tmp_path / 'leads.csv'}, 2 lead rows, of which 1 without an email are left out"
    ]
    assert remarks(ingest(settings)) == []
    with open_warehouse(settings) as con:
        assert con.execute("select email, fields from raw.crm_records").fetchall() == [
            ("a@x.com", '{"Industry":"SaaS"}')
        ]
