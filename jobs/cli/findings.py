"""Findings as text, grouped by check: what was found, where, and what to do.

What destinations receive, reason by reason, comes before them.
"""

from collections import Counter
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from jobs.doctor.run import Chain, Finding
from jobs.words import printable

STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
SUBJECTS = 20
"""How many subjects of a check are shown; the rest are counted."""
INDENTATION = 8


def print_chains(console: Console, chains: list[Chain]) -> None:
    """Print how many messages of each source a destination was offered, drops and receives."""
    for chain in chains[:SUBJECTS]:
        drops = "".join(f" - {count:,} {reason}" for reason, count in chain.dropped.items())
        line = f"{chain.destination} from {chain.source}: {chain.offered:,} offered{drops}"
        console.print(Text(printable(f"{line} = {chain.delivered:,} delivered")), soft_wrap=True)
    if len(chains) > SUBJECTS:
        console.print(Text(f"and {len(chains) - SUBJECTS:,} more in rpt_delivery_summary", "dim"))
    if chains:
        console.print()


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print every check with findings, and how many there are of each severity."""
    if not findings:
        console.print("Nothing needs attention.")
        return
    for alike in by_check(findings):
        print_check(console, alike, SUBJECTS)
    counted = Counter(finding.severity for finding in findings)
    console.print(", ".join(f"{counted[name]:,} {name}" for name in STYLES if counted[name]))


def by_check(findings: list[Finding]) -> list[list[Finding]]:
    """Return findings, sorted by severity and check, as one list per check."""
    grouped = groupby(findings, lambda finding: (finding.severity, finding.check))
    return [list(alike) for _, alike in grouped]


def print_check(console: Console, alike: list[Finding], subjects: int) -> None:
    """Print the findings of one check, at most so many subjects, and what to do about them."""
    first = alike[0]
    console.print(Text.assemble((f"{first.severity:<8}", STYLES[first.severity]), first.check))
    for finding in alike[:subjects]:
        line = f"{finding.count:,} x {finding.subject}: {finding.detail}"
        _print_indented(console, Text(printable(line)))
    if len(alike) > subjects:
        _print_indented(console, Text(f"and {len(alike) - subjects:,} more", "dim"))
    _print_indented(console, Text(printable(first.remedy), "italic"))


def _print_indented(console: Console, text: Text) -> None:
    """Wrap at the indentation on a terminal; a log gets one line per finding."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, INDENTATION)))
    else:
        console.print(Text(" " * INDENTATION).append_text(text), soft_wrap=True)
