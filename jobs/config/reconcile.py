"""Reads the totals that vendors report: the CSV files of `reconcile:`."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from jobs.config.base import did_you_mean
from jobs.config.model import Settings
from jobs.config.problems import Problem
from jobs.config.tables import ConfigReportedTotal

ARMS = ("personalized", "control")
REQUIRED = ("experience", "arm")
FIGURES = ("visitors", "converters", "value")
COLUMNS = ("experience", "audience_segment", "conversion", "arm", *FIGURES)

_COUNT = re.compile("[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_UNITS = 10_000


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a file, and the line on which it ends."""

    line: int
    cells: Mapping[str, str]


class TotalsReader:
    """Reads one file; `problems` holds every mistake in it."""

    def __init__(self, settings: Settings, vendor: str, path: Path, shown: str) -> None:
        """Read from `path`, and call it `shown` in messages."""
        self.problems: list[Problem] = []
        self._settings = settings
        self._vendor = vendor
        self._path = path
        self._shown = shown

    def totals(self) -> list[ConfigReportedTotal]:
        """Return a total for each row that is right."""
        lines: dict[tuple[str, str, str, str], int] = {}
        found = []
        for row in self._rows():
            total = self._total(row)
            if total is None:
                continue
            key = (total.experience, total.audience_segment, total.conversion, total.arm)
            if (first := lines.setdefault(key, row.line)) != row.line:
                self._note(row.line, "", f"repeats line {first}; keep one of the two")
            found.append(total)
        return found

    def _rows(self) -> Iterator[_Row]:
        try:
            text = self._path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            self._note(None, "", f"{self._key} names this file, which does not exist; write it")
            return
        except OSError as error:
            message = f"{self._key} names this file, which cannot be read ({error.strerror})"
            self._note(None, "", f"{message}; make it readable")
            return
        except UnicodeDecodeError as error:
            message = f"byte {error.start + 1} of the file is not UTF-8; save the file as UTF-8"
            self._note(None, "", message)
            return
        lines = csv.reader(text.splitlines(keepends=True), strict=True)
        try:
            header = [name.strip() for name in next(lines, [])]
            if not self._accepts(header):
                return
            for cells in lines:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    message = f"has {len(cells)} cells, the header {len(header)}; make them equal"
                    self._note(lines.line_num, "", message)
                    continue
                stripped = (cell.strip() for cell in cells)
                yield _Row(lines.line_num, dict(zip(header, stripped, strict=True)))
        except csv.Error as error:
            self._note(lines.line_num, "", f"is not CSV ({error}); correct its quotes")

    def _accepts(self, header: list[str]) -> bool:
        before = len(self.problems)
        for name in dict.fromkeys(header):
            if name not in COLUMNS:
                self._note(1, "", f"has the unknown column '{name}'; {did_you_mean(name, COLUMNS)}")
            elif header.count(name) > 1:
                self._note(1, "", f"has the column {name} twice; remove one")
        for name in REQUIRED:
            if name not in header:
                self._note(1, "", f"lacks the column {name}; add it")
        if not set(FIGURES).intersection(header):
            self._note(1, "", f"has none of the columns {', '.join(FIGURES)}; add one")
        return len(self.problems) == before

    def _total(self, row: _Row) -> ConfigReportedTotal | None:
        before = len(self.problems)
        main = self._settings.main_conversion
        names = [conversion.name for conversion in self._settings.conversions]
        experience, arm = row.cells["experience"], row.cells["arm"]
        conversion = row.cells.get("conversion") or (main.name if main else "")
        if not experience:
            self._note(row.line, "experience", "is empty; write the name of an experience")
        if arm not in ARMS:
            self._note(row.line, "arm", f"must be {' or '.join(ARMS)}, not '{arm}'; correct it")
        if conversion not in names:
            remedy = did_you_mean(conversion, names)
            self._note(row.line, "conversion", f"names the unknown '{conversion}'; {remedy}")
        total = ConfigReportedTotal(
            self._vendor,
            experience,
            row.cells.get("audience_segment") or "(all)",
            conversion,
            arm,
            self._count(row, "visitors"),
            self._count(row, "converters"),
            self._value(row),
        )
        return total if len(self.problems) == before else None

    def _count(self, row: _Row, column: str) -> int | None:
        text = row.cells.get(column, "")
        if text and not _COUNT.fullmatch(text):
            self._note(row.line, column, f"must be a whole number, not '{text}'; write only digits")
            return None
        return int(text) if text else None

    def _value(self, row: _Row) -> int | None:
        text = row.cells.get("value", "")
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            message = f"must be a number, not '{text}'; write digits and a decimal point only"
            self._note(row.line, "value", message)
            return None
        return int((Decimal(text) * _UNITS).to_integral_value(ROUND_HALF_UP))

    @property
    def _key(self) -> str:
        return f"reconcile.{self._vendor}"

    def _note(self, line: int | None, column: str, message: str) -> None:
        self.problems.append(Problem(self._shown, line, column, message))


def read_reported_totals(
    settings: Settings,
) -> tuple[tuple[ConfigReportedTotal, ...], list[Problem]]:
    """Return the totals of every file of `reconcile:`, and what is wrong with the files."""
    totals: list[ConfigReportedTotal] = []
    problems: list[Problem] = []
    for vendor, path in settings.reconcile.items():
        reader = TotalsReader(settings, vendor, path, path.name)
        totals += reader.totals()
        problems += reader.problems
    return tuple(totals), problems
