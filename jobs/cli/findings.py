"""Findings in words, check by check: what was found, about what, and what to do."""

from collections import Counter
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from jobs.doctor.run import Finding
from jobs.words import printable

STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
SUBJECTS = 20
"""Subjects of one check that are shown; the others are counted."""
INDENTATION = 8


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print every check with findings, the gravest first, and how many there are of each."""
    if not findings:
        console.print("Nothing needs attention.")
        return
    for alike in by_check(findings):
        print_check(console, alike, SUBJECTS)
    counted = Counter(finding.severity for finding in findings)
    console.print(", ".join(f"{counted[name]:,} {name}" for name in STYLES if counted[name]))


def by_check(findings: list[Finding]) -> list[list[Finding]]:
    """Return findings that come sorted by severity and check as a list for each of them."""
    grouped = groupby(findings, lambda finding: (finding.severity, finding.check))
    return [list(alike) for _, alike in grouped]


def print_check(console: Console, alike: list[Finding], subjects: int) -> None:
    """Print the findings of one check, of so many subjects, and what to do about them."""
    first = alike[0]
    console.print(Text.assemble((f"{first.severity:<8}", STYLES[first.severity]), first.check))
    for finding in alike[:subjects]:
        said = f"{finding.count:,} x {finding.subject}: {finding.detail}"
        _print_inside(console, Text(printable(said)))
    if len(alike) > subjects:
        _print_inside(console, Text(f"and {len(alike) - subjects:,} more", "dim"))
    _print_inside(console, Text(printable(first.remedy), "italic"))


def _print_inside(console: Console, text: Text) -> None:
    """Wrap at the indentation on a terminal; a log keeps one line per finding."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, INDENTATION)))
    else:
        console.print(Text(" " * INDENTATION).append_text(text), soft_wrap=True)
