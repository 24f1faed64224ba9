"""`lift.xlsx`: an overview, a list of columns, and one sheet per table that fits."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import xlsxwriter

from ingest.sql import quoted
from jobs.export.tables import Table
from jobs.export.xlsx_cells import Styles, style_of, width_of, write_cell
from jobs.export.xlsx_overview import write_overview

ROWS = 50_000
CELLS = 1_000_000
"""Excel takes 1,048,576 rows per sheet; a workbook with more cells takes minutes to open."""

SHEET_NAME = 31
HEADER_ROW = 1
BATCH = 5_000
MEASURED_ROWS = 200
FILTER_BUTTON = 3


def write_workbook(con: duckdb.DuckDBPyConnection, tables: list[Table], target: Path) -> None:
    """Write the tables of a publication that fit, the smallest first until the workbook is full."""
    sheets = _sheet_names(_fitting(tables))
    # Rows go to disk one by one; what a text looks like decides nothing.
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
        "strings_to_urls": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(target), options) as workbook:
        # Not the time of writing: the same publication gives the same bytes.
        workbook.set_properties({"title": "Segment lift", "created": datetime(2020, 1, 1)})
        styles = Styles(workbook)
        write_overview(con, workbook, styles, tables, sheets)
        _write_columns(workbook, styles, tables)
        for table in tables:
            if table.name in sheets:
                _write_table(con, workbook, styles, table, sheets[table.name])


def _fitting(tables: Iterable[Table]) -> set[str]:
    fitting, cells = set(), 0
    for table in sorted(tables, key=lambda table: table.rows * len(table.columns)):
        cells += table.rows * len(table.columns)
        if table.rows <= ROWS and cells <= CELLS:
            fitting.add(table.name)
    return fitting


def _sheet_names(tables: set[str]) -> dict[str, str]:
    """Return the name of each table's sheet: a long one is cut, and no two are alike."""
    sheets: dict[str, str] = {}
    for table in sorted(tables):
        name, number = table[:SHEET_NAME], 1
        while name.lower() in map(str.lower, sheets.values()):
            number += 1
            name = f"{table[: SHEET_NAME - 3]}~{number}"
        sheets[table] = name
    return sheets


def _write_columns(workbook: xlsxwriter.Workbook, styles: Styles, tables: list[Table]) -> None:
    sheet = workbook.add_worksheet("columns")
    header = ("table", "column", "type", "may be missing", "description")
    sheet.write_row(0, 0, header, styles.header)
    row = 0
    for table in tables:
        for column in table.columns:
            row += 1
            for place, text in enumerate((table.name, column.name, column.kind)):
                write_cell(sheet, row, place, text, styles.plain, styles)
            sheet.write_boolean(row, 3, column.is_nullable)
            write_cell(sheet, row, 4, column.comment, styles.plain, styles)
    sheet.set_column(0, 1, 32)
    sheet.set_column(2, 3, 16)
    sheet.set_column(4, 4, 100)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row, len(header) - 1)


def _write_table(
    con: duckdb.DuckDBPyConnection,
    workbook: xlsxwriter.Workbook,
    styles: Styles,
    table: Table,
    name: str,
) -> None:
    """Write a table under its comment and its header, in the order in which it is stored."""
    sheet = workbook.add_worksheet(name)
    sheet.write_url(0, 0, "internal:'overview'!A1", styles.link, "overview")
    sheet.write_string(0, 1, table.comment, styles.note)
    names = [column.name for column in table.columns]
    sheet.write_row(HEADER_ROW, 0, names, styles.header)
    kinds = [style_of(column, styles) for column in table.columns]
    widths = [len(column) + FILTER_BUTTON for column in names]
    selected = ", ".join(column.as_text for column in table.columns)
    rows = con.execute(f"select {selected} from {quoted(table.name)}")
    row = HEADER_ROW
    while batch := rows.fetchmany(BATCH):
        for values in batch:
            row += 1
            for place, value in enumerate(values):
                if value is not None:
                    write_cell(sheet, row, place, value, kinds[place], styles)
                    if row < MEASURED_ROWS:
                        widths[place] = max(widths[place], width_of(value))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width, 60))
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.autofilter(HEADER_ROW, 0, row, len(names) - 1)
