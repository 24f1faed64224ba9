"""Which records of the CRM are kept out, as their email was an erased person's."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest.erasure import Erasure, IdentityRules
from ingest.layouts.crm import CrmRead, ingest_crm
from ingest.layouts.crm_files import CrmFile, CrmObject
from ingest.ledger import create_raw_tables

ERASURE = Erasure(bytes(range(32)), IdentityRules())
GONE = "gone@x.com"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_raw_tables(connection)
        yield connection


def bury(con: duckdb.DuckDBPyConnection, email: str, id_type: str = "crm_email") -> None:
    digest = ERASURE.hash(id_type, email)
    con.execute("insert into raw.tombstones values (?, null, null, now())", [digest])


def crm_file(
    path: Path, rows: Sequence[tuple[str | None, str]], name: CrmObject = "lead"
) -> CrmFile:
    table = pl.DataFrame(rows, {"Email": pl.String, "Industry": pl.String}, orient="row")
    (table.write_csv if path.suffix == ".csv" else table.write_parquet)(path)
    return CrmFile(name, path, f"{name}s", "Email", fields=("Industry",))


def emails(con: duckdb.DuckDBPyConnection) -> list[Any]:
    found = con.execute("select email from raw.crm_records order by object, row_number")
    return [email for (email,) in found.fetchall()]


@pytest.mark.parametrize("name", ["leads.csv", "leads.parquet"])
def test_crm_erased_emails_are_left_out_however_they_are_spelled(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    bury(con, GONE)
    rows = [
        (GONE, "SaaS"), ("a@x.com", "SaaS"), (" Gone@X.COM\t", "Finance"), (None, "SaaS"),
        ("not-gone@x.com", GONE),
    ]  # fmt: skip
    leads = crm_file(tmp_path / name, rows)
    assert ingest_crm(con, [leads], ERASURE) == (CrmRead("lead", str(leads.path), 5, 1, 2),)
    assert emails(con) == ["a@x.com", "not-gone@x.com"]
    assert con.execute("select row_number from raw.crm_records").fetchall() == [(2,), (5,)]
    assert con.execute("select landed, without_email, erased from raw.crm_files").fetchall() == [
        (5, 1, 2)
    ]


def test_crm_erased_emails_stay_out_when_a_file_changes(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    bury(con, GONE)
    contacts = crm_file(tmp_path / "contacts.parquet", [(GONE, "SaaS")], "contact")
    for rows in ([(GONE, "SaaS")], [("a@x.com", "SaaS"), ("GONE@x.com", "Finance")]):
        leads = crm_file(tmp_path / "leads.csv", rows)
        read = ingest_crm(con, [leads, contacts], ERASURE)
        assert {file.rows_erased for file in read} == {1}
    assert emails(con) == ["a@x.com"]


def test_crm_erased_emails_are_hashed_in_sql_as_in_python(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    values = ["über@x.com", "o'neil@x.com", "a|b@x.com", "\U0001f600@x.com", "x" * 300 + "@x.com"]
    for value in values:
        bury(con, value)
    ingest_crm(con, [crm_file(tmp_path / "leads.csv", [(v, "SaaS") for v in values])], ERASURE)
    assert emails(con) == []


def test_crm_records_stay_when_another_type_of_identifier_was_erased(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for id_type in ("email", "user_id"):
        bury(con, GONE, id_type)
    ingest_crm(con, [crm_file(tmp_path / "leads.csv", [(GONE, "SaaS")])], ERASURE)
    assert emails(con) == [GONE]


def test_crm_no_statement_holds_the_key_and_none_looks_for_nobody(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    statements: list[str] = []

    class Spy:
        """A connection that notes what it is told."""

        def execute(self, sql: str, *arguments: Any) -> Any:
            statements.append(sql)
            return con.execute(sql, *arguments)

        def __getattr__(self, name: str) -> Any:
            return getattr(con, name)

    def told(sql: str) -> bool:
        return "tombstones" in sql and "create table" not in sql

    bury(con, GONE)
    spy: Any = Spy()
    ingest_crm(spy, [crm_file(tmp_path / "leads.csv", [("a@x.com", "SaaS")])])
    assert not any(map(told, statements))
    ingest_crm(spy, [crm_file(tmp_path / "leads.csv", [(GONE, "SaaS")])], ERASURE)
    assert sum(map(told, statements)) == 1
    for pad in ERASURE.parameters().values():
        assert not any(str(pad) in sql or pad.hex() in sql.lower() for sql in statements)
