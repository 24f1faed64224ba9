"""Every hand-computed case, by the oracle and in the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from jobs.ingest.run import ingest
from tests.examples.cases import Case, Row, Table, all_messages, by_case, read_cases
from tests.examples.settings import VARIANTS, settings_of
from tests.warehouse.keys import rows_against_their_key
from tests.warehouse.nights import build_tables, published, write_settings
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.worlds import write_landing

CASES = read_cases()
IDENTITY = Path(__file__).parents[2] / "docs" / "identity.md"
STARTED_AT = datetime(2090, 1, 1)
PERSONS = Table("fct_events", {}, ["message_id", "person_id"])
# What the oracle calls otherwise, or does not know.
ORACLE_NAMES = {
    "fct_events": "messages", "rpt_rejects": "rejects", "rpt_reconciliation": "reconciliation",
    "fct_experience_cube": "cube_totals",
}  # fmt: skip
STEM = "* replace (regexp_extract(file, '([^/]+)\\.parquet$', 1) as file)"
SHOWN = {"rpt_rejects": STEM, "rpt_reconciliation": STEM}

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.rule}")
Read = Callable[[Case, str], Sequence[Row]]
ByCase = dict[str, list[Row]]


def cases_of(variant: str) -> list[Case]:
    return [case for case in CASES if case.variant == variant]


@pytest.fixture(scope="module")
def oracle() -> Read:
    """Reads the rows of a case from a table of the oracle."""

    @cache
    def found(variant: str) -> Oracle:
        cases = cases_of(variant)
        return Oracle(all_messages(cases), settings_of(variant, cases), STARTED_AT)

    @cache
    def rows(variant: str, table: str) -> ByCase:
        named = getattr(found(variant), ORACLE_NAMES.get(table, table))
        if table == "fct_experience_cube":
            named = named()
        if table == "fct_conversions":
            named = [row | {"value": _amount(row["value"])} for row in named]
        return by_case(named)

    return lambda case, table: rows(case.variant, table).get(case.prefix, [])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """One warehouse for all cases of a variant."""

    @cache
    def build(variant: str) -> Path:
        folder, cases = tmp_path_factory.mktemp(variant), cases_of(variant)
        job = write_settings(folder, settings_of(variant, cases))
        write_landing(all_messages(cases), folder / "landing")
        ingest(job)
        tables = {table.name for case in cases for table in case.tables}
        build_tables(job, PERSONS.name, *sorted(tables))
        return job.warehouse

    return build


@pytest.fixture(scope="module")
def warehouse(built: Callable[[str], Path]) -> Read:
    """Reads the rows of a case from a table of the warehouse."""

    @cache
    def rows(variant: str, table: str) -> ByCase:
        return by_case(published(built(variant), f"select {SHOWN.get(table, '*')} from {table}"))

    return lambda case, table: rows(case.variant, table).get(case.prefix, [])


def _amount(units: int | None) -> Decimal | None:
    return None if units is None else Decimal(units) / 10_000


def _check(case: Case, read: Read) -> None:
    if case.persons:
        told = {message_id for message_id, _ in case.persons}
        found = [
            cells
            for cells in PERSONS.shown(read(case, PERSONS.name), case.prefix)
            if cells[0] in told
        ]
        assert found == sorted(case.persons)
    for table in case.tables:
        assert table.shown(read(case, table.name), case.prefix) == sorted(table.rows), table.name


@each_case
def test_example_by_the_oracle(case: Case, oracle: Read) -> None:
    known = [table for table in case.tables if hasattr(Oracle, _oracle_name(table))]
    assert known or case.persons or case.tables
    _check(Case(**{**vars(case), "tables": known}), oracle)


@each_case
def test_example_in_the_warehouse(case: Case, warehouse: Read) -> None:
    _check(case, warehouse)


@pytest.mark.parametrize("variant", VARIANTS)
def test_examples_give_each_row_its_own_key(variant: str, built: Callable[[str], Path]) -> None:
    assert rows_against_their_key(built(variant)) == []


def test_examples_find_what_is_of_no_case(built: Callable[[str], Path]) -> None:
    """Findings of a source or a conversion, over all cases."""
    subjects = {
        "exposure_from_unexpected_source": "web / split",
        "value_not_a_number": "order",
        "value_out_of_range": "order",
    }
    found = {
        (row["check_name"], row["subject"]): row["finding_count"]
        for row in published(built("plain"), "from dq_findings")
        if row["check_name"] in subjects
    }
    assert found == dict.fromkeys(subjects.items(), 2)


def test_examples_of_vendors_are_those_of_the_docs() -> None:
    rows = IDENTITY.read_text(encoding="utf-8")
    assert not [
        case.rule for case in CASES if case.file == "vendors" and f"| {case.rule} |" not in rows
    ]


def test_examples_are_of_known_variants_and_say_something() -> None:
    assert {case.variant for case in CASES} == set(VARIANTS)
    assert len({case.rule for case in CASES}) == len(CASES)
    assert not [case.rule for case in CASES if not (case.tables or case.persons)]


def _oracle_name(table: Table) -> str:
    return ORACLE_NAMES.get(table.name, table.name)
