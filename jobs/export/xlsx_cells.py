"""The cells of the workbook: numbers, percentages, dates and texts that are never formulas."""

import math
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jobs.export.tables import FORMULA, Column

# Shares of one, and changes relative to control.
PERCENT = re.compile(
    r"(.*_)?(lift|rate|share)"
    r"|.*(lift|running|sequential|cuped)_ci_(lower|upper)"
    r"|chance_to_beat_control|minimum_detectable_effect|variance_reduction"
)

LARGEST_INTEGER = 2**53
"""Excel holds every number as a double."""

LONGEST_TEXT = 32_767
"""As Excel counts: in units of UTF-16."""

# Characters that no XML file may hold.
ILLEGAL = dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)


class Styles:
    """The formats of a workbook."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        """Add the formats to the workbook."""
        self.title: Format = workbook.add_format({"bold": True, "font_size": 16})
        self.section: Format = workbook.add_format({"bold": True, "font_size": 12})
        self.header: Format = workbook.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "valign": "top"}
        )
        self.note: Format = workbook.add_format({"italic": True, "font_color": "#595959"})
        self.link: Format = workbook.add_format({"font_color": "#0563C1", "underline": 1})
        # Excel keeps such a text a text when somebody edits it, and does not show the mark.
        self.marked: Format = workbook.add_format({"quote_prefix": True})
        self.plain: Format | None = None
        self.integer: Format = workbook.add_format({"num_format": "#,##0"})
        self.number: Format = workbook.add_format({"num_format": "#,##0.0###"})
        self.percent: Format = workbook.add_format({"num_format": "0.0%"})
        self.date: Format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.time: Format = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.good: Format = workbook.add_format({"bold": True, "font_color": "#1E7B34"})
        self.bad: Format = workbook.add_format({"bold": True, "font_color": "#B3261E"})


def style_of(column: Column, styles: Styles) -> Format | None:
    """Return how a column's values are shown."""
    if column.kind in ("BIGINT", "INTEGER"):
        return styles.integer
    if column.kind == "DOUBLE" or column.kind.startswith("DECIMAL"):
        return styles.percent if PERCENT.fullmatch(column.name) else styles.number
    return {"DATE": styles.date, "TIMESTAMP": styles.time}.get(column.kind, styles.plain)


def write_cell(
    sheet: Worksheet, row: int, place: int, value: Any, style: Format | None, styles: Styles
) -> None:
    """Write a value; what Excel cannot hold as a number or date is its text."""
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value, style)
    elif isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        sheet.write_number(row, place, value, style)
    elif isinstance(value, float | Decimal):
        if math.isfinite(value):
            sheet.write_number(row, place, float(value), style)
    elif isinstance(value, date) and value.year >= 1900:
        sheet.write_datetime(row, place, value, style)
    else:
        text = cut(str(value).translate(ILLEGAL))
        sheet.write_string(row, place, text, styles.marked if is_marked(text) else style)


def is_marked(text: str) -> bool:
    """Return whether Excel would take the text for something else if somebody typed it."""
    return re.match(FORMULA, text) is not None


def cut(text: str) -> str:
    """Return a text as long as a cell may be."""
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return f"{units[: 2 * (LONGEST_TEXT - 1)].decode('utf-16-le', errors='ignore')}…"


def width_of(value: Any) -> int:
    """Return how many characters a value takes."""
    if isinstance(value, datetime):
        return 19
    if isinstance(value, float | Decimal):
        return 10
    return len(str(value))
