"""The first sheet of the workbook: the verdicts, what they are of, and where the rest is."""

from collections.abc import Mapping

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jobs.export.datapackage import state_of
from jobs.export.tables import Table
from jobs.export.xlsx_cells import Styles, write_cell
from jobs.sql_files import read_sql
from jobs.words import VERDICTS

VERDICT_ROWS = 60
HEADER = (
    "experience", "audience segment", "variant", "conversion", "control visitors",
    "control rate", "visitors", "rate", "lift", "interval from", "interval to", "verdict",
)  # fmt: skip


def write_overview(
    con: duckdb.DuckDBPyConnection,
    workbook: xlsxwriter.Workbook,
    styles: Styles,
    tables: list[Table],
    sheets: Mapping[str, str],
) -> None:
    """Write the verdicts, the run, and a line per table: its sheet, or that it is left out."""
    sheet = workbook.add_worksheet("overview")
    state = state_of(con)
    sheet.write_string(0, 0, "Did the personalized experience convert better?", styles.title)
    sheet.write_string(
        1, 0, f"Run {state.run_id or 'unknown'}, as of {state.as_of or 'unknown'} UTC", styles.note
    )
    row = _write_verdicts(con, sheet, styles, 3)
    row += 2
    sheet.write_string(row, 0, "Where to look", styles.section)
    sheet.write_row(row + 1, 0, ("table", "rows", "one row, and more"), styles.header)
    row += 2
    for table in tables:
        row = _write_line(sheet, styles, table, sheets.get(table.name), row)
    sheet.write_string(
        row + 2, 0, "fct_events and other tables with one row per message are in lift.duckdb only."
        " What each column means is on the sheet columns.", styles.note,
    )  # fmt: skip
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)
    sheet.set_column(4, len(HEADER) - 2, 14)
    sheet.set_column(len(HEADER) - 1, len(HEADER) - 1, 30)


def _write_line(
    sheet: Worksheet, styles: Styles, table: Table, its_sheet: str | None, row: int
) -> int:
    """Write where a table is and what a row of it is; return the next row."""
    words = table.comment
    if its_sheet is None:
        sheet.write_string(row, 0, table.name)
        words = f"Left out, too large for a workbook: read {table.name}.parquet. {words}"
    else:
        sheet.write_url(row, 0, f"internal:'{its_sheet}'!A1", styles.link, table.name)
    sheet.write_number(row, 1, table.rows, styles.integer)
    sheet.write_string(row, 2, words)
    return row + 1


def _write_verdicts(
    con: duckdb.DuckDBPyConnection, sheet: Worksheet, styles: Styles, row: int
) -> int:
    """Write the results for the main conversion, verdicts first; return the next row."""
    rows = con.execute(read_sql(__file__, "verdicts")).fetchall()
    if not rows:
        sheet.write_string(row, 0, "No lift yet: no experience has a conversion to compare.")
        return row + 1
    sheet.write_row(row, 0, HEADER, styles.header)
    kinds: list[Format | None] = [None] * 4 + [
        styles.integer, styles.percent, styles.integer, *[styles.percent] * 4,
    ]  # fmt: skip
    for vendor, experience, period, *values, status in rows[:VERDICT_ROWS]:
        row += 1
        title = f"{experience} ({vendor})" + (f" since {period}" if period else "")
        for place, (value, style) in enumerate(zip([title, *values], kinds, strict=True)):
            if value is not None:
                write_cell(sheet, row, place, value, style, styles)
        style = {"winner": styles.good, "loser": styles.bad}.get(status)
        sheet.write_string(row, len(kinds), VERDICTS[status], style)
    if len(rows) > VERDICT_ROWS:
        row += 1
        more = f"and {len(rows) - VERDICT_ROWS:,} more rows in fct_experience_lift"
        sheet.write_string(row, 0, more, styles.note)
    note = (
        "Intervals hold however often you look; where one is empty, fct_experience_lift has that"
        " for one look."
    )
    sheet.write_string(row + 1, 0, note, styles.note)
    return row + 2
