"""`lift.xlsx` and `lift.hyper`: the published tables as Excel and Tableau read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook
from tableauhyperapi import Connection, HyperProcess, Telemetry

from jobs.config import load_settings
from jobs.export import xlsx
from jobs.export.hyper import PARAMETERS, write_hyper
from jobs.export.tables import Table, exported_tables
from jobs.export.xlsx import write_workbook
from jobs.words import VERDICTS

SHOWN = (
    "dim_accounts", "dim_experiences", "dq_findings", "fct_conversions", "fct_experience_lift",
    "help", "mixpanel_events", "rpt_conversion_catalog", "rpt_freshness", "runs",
)  # fmt: skip
ODD = [
    "=1+1",
    "+1 555",
    "-x",
    "@a",
    "\t=1",
    "plain",
    "x" * 40_000,
    "🎈" * 20_000,
    "a\uffffb",
    "http://a",
]


@pytest.fixture(scope="module")
def published(published_sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = load_settings(published_sample / "lift.yml").publish / "lift.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def some(con: duckdb.DuckDBPyConnection) -> list[Table]:
    return [table for table in exported_tables(con) if table.name in SHOWN]


def plain(value: Any) -> Any:
    """A published value as a spreadsheet holds it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return value or None if isinstance(value, str) else value


def read(value: Any) -> Any:
    if isinstance(value, datetime):  # Excel counts in days: the fraction is not exact
        return datetime.fromtimestamp(int(value.timestamp() + 1e-4))
    return value


def test_workbook_holds_each_table_as_published(
    published: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = some(published)
    write_workbook(published, tables, tmp_path / "lift.xlsx")
    write_workbook(published, tables, tmp_path / "again.xlsx")
    assert (tmp_path / "lift.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    book = load_workbook(tmp_path / "lift.xlsx")
    assert book.sheetnames == ["overview", "columns", *SHOWN]
    for table in tables:
        sheet = book[table.name]
        rows = list(sheet.iter_rows(values_only=True))
        assert rows[0][1] == table.comment
        assert list(rows[1]) == [column.name for column in table.columns]
        assert sheet.freeze_panes == "A3"
        assert sheet.auto_filter.ref is not None
        expected = published.execute(f"from {table.name}").fetchall()
        found = [tuple(map(read, row)) for row in rows[2:]]
        assert len(found) == len(expected)
        for row, published_row in zip(found, expected, strict=True):
            for value, other in zip(row, map(plain, published_row), strict=True):
                if isinstance(other, float):
                    assert value == pytest.approx(other, rel=1e-12), table.name
                else:
                    assert value == other, table.name
    lift = book["fct_experience_lift"]
    formats = {lift.cell(2, cell.column).value: cell.number_format for cell in lift[3]}
    assert formats["lift"] == formats["running_ci_lower"] == "0.0%"
    assert formats["control_visitors"] == "#,##0"
    assert formats["p_value"] == "#,##0.0###"
    conversions = book["fct_conversions"]
    formats = {conversions.cell(2, c.column).value: c.number_format for c in conversions[3]}
    assert formats["converted_at"] == "yyyy-mm-dd hh:mm:ss"


def test_workbook_begins_with_the_verdicts_and_what_is_left_out(
    published: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 100)
    write_workbook(published, some(published), tmp_path / "lift.xlsx")
    book = load_workbook(tmp_path / "lift.xlsx")
    assert "fct_conversions" not in book.sheetnames
    rows = [[cell for cell in row if cell] for row in book["overview"].iter_rows(values_only=True)]
    lines = [" | ".join(map(str, row)) for row in rows]
    ((run, as_of),) = published.execute("select run_id(), as_of()").fetchall()
    assert lines[1] == f"Run {run}, as of {as_of} UTC"
    results = published.execute(
        "select experience, audience_segment, status from fct_experience_lift"
        " where is_main and metric = 'conversion_rate'"
    ).fetchall()
    assert len(results) > 3
    for experience, segment, status in results:
        assert any(
            row and row[0] == f"{experience} (mutiny)" and row[1] == segment
            and row[-1] == VERDICTS[status]
            for row in rows
        )  # fmt: skip
    left_out = next(row for row in rows if row and row[0] == "fct_conversions")
    assert left_out[2].startswith("Left out, too large for a workbook: read fct_conversions.parq")
    assert not any(row[2].startswith("Left out") for row in rows if row and row[0] == "runs")


def test_workbook_never_holds_a_formula_or_a_value_that_excel_cannot_open(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table odd as select unnest(?) as words, 9007199254740993 as big,"
            " 'nan'::double as nan, '-inf'::double as lift, timestamp '1812-06-24 01:00' as old",
            [ODD],
        )
        con.execute("create table fct_experience_lift (vendor varchar, experience varchar, period"
            " date, audience_segment varchar, variant varchar, conversion varchar, status varchar,"
            " control_visitors bigint, variant_visitors bigint, control_mean double, variant_mean"
            " double, lift double, running_ci_lower double, running_ci_upper double, is_main"
            " boolean, metric varchar)")  # fmt: skip
        write_workbook(con, exported_tables(con), tmp_path / "lift.xlsx")
    book = load_workbook(tmp_path / "lift.xlsx")
    rows = list(book["odd"].iter_rows(min_row=3))
    assert all(cell.data_type in "sn" for row in rows for cell in row)
    assert [row[0].quotePrefix for row in rows] == [True] * 5 + [False] * (len(ODD) - 5)
    texts = [row[0].value for row in rows]
    assert texts[:4] == ODD[:4]
    assert texts[5] == "plain"
    assert all(len(text.encode("utf-16-le")) <= 2 * 32_767 for text in texts)
    assert texts[6] == "x" * 32_766 + "…"
    assert texts[8:] == ["a\ufffdb", "http://a"]
    assert [cell.value for cell in rows[0][1:]] == [
        "9007199254740993", None, None, "1812-06-24 01:00:00",
    ]  # fmt: skip
    assert book["overview"]["A4"].value.startswith("No lift yet")


def test_hyper_holds_each_table_as_published(
    published: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = exported_tables(published)
    file = tmp_path / ".lift.hyper.new"
    write_hyper(published, tables, file)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with (
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=PARAMETERS) as server,
        Connection(server.endpoint, file) as hyper,
    ):
        names = {str(name.name.unescaped) for name in hyper.catalog.get_table_names("public")}
        assert names == {table.name for table in tables}
        for table in tables:
            count = hyper.execute_scalar_query(f'select count(*) from "{table.name}"')
            assert count == table.rows, table.name
        sql = (
            "select person_id, conversion, value, cast(converted_at as text)"
            " from fct_conversions order by message_id, conversion"
        )
        expected = published.execute(sql.replace("as text", "as varchar")).fetchall()
        found = [tuple(row) for row in hyper.execute_list_query(sql)]
        assert [row[:3] for row in found] == [row[:3] for row in expected]
        sources = hyper.execute_list_query("select sources from rpt_conversion_catalog order by 1")
        assert all(isinstance(json.loads(value), list) for (value,) in sources)
