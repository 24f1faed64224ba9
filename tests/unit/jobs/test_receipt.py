"""The receipt of an erasure: whole in words, and a file a line."""

from pathlib import Path

import pytest
from rich.console import Console

from jobs.cli.erasure_receipt import print_receipt, receipt_lines
from jobs.erase.rewrite import EmptiedFile
from jobs.erase.run import Receipt

LANDING = [f"web/day={day}/a-file-with-a-long-name.parquet" for day in range(40)]
RECEIPT = Receipt(
    user_ids=("u1", "u[2]"),
    unknown_ids=("u[2]",),
    erased_before=("u1",),
    identifiers={"user_id": 1, "anonymous_id": 2},
    generations=3,
    publication=Path("published/lift.duckdb"),
    exports=Path("published/exports"),
    files=(
        *(
            EmptiedFile(path, False, 30 if number else 64, not number, 0)
            for number, path in enumerate(LANDING)
        ),
        EmptiedFile("web/earlier.parquet", False, 0, 0, 0),
        EmptiedFile("crm/contacts.parquet", True, 0, 0, 0),
        EmptiedFile("crm/leads.csv", True, 0, 0, 2),
    ),
)


def test_receipt_shows_every_file_and_ids_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_receipt(Console(width=40), RECEIPT)
    said = capsys.readouterr().out.splitlines()
    start = said.index(f"  {LANDING[0]}")
    assert [f"  {path}" for path in LANDING] == said[start : start + 40]
    assert [line for line in said[start + 40 :] if line.startswith("  ")] == [
        "  crm/leads.csv", "  web/earlier.parquet", "  crm/contacts.parquet",
    ]  # fmt: skip
    assert "  CRM records under any email they had: 2" in said
    assert "  users: u1, u[2]" in said
    assert "  identifiers: 2 anonymous_id, 1 user_id" in said
    assert any(line.startswith("  messages: 1,234 rows") for line in said)


def test_receipt_as_a_log_has_a_file_a_line() -> None:
    lines = list(receipt_lines(RECEIPT))
    assert len(lines) == 8 + 40 + 3
    assert lines[-3:] == [
        "CRM files with a record of theirs; export them again without it: crm/leads.csv",
        "Landing files with rows of persons erased earlier, perhaps of these: web/earlier.parquet",
        "CRM files with records of persons erased earlier, perhaps of these: crm/contacts.parquet",
    ]
