"""Every statement that the documents of the vendors make about a destination has a test.

A test names the statements that it holds: `x14` is the fourteenth of Mixpanel's documentation of
Segment, `p13` of Split's, `a22` of Abmatic's, `m04` of Mutiny's, `s01` of Segment's about Mutiny.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Screenshots, clicks, accounts and support: nothing that a warehouse computes.
NOT_COMPUTED = {"p05", "a21", "a37"}
STATEMENTS = {
    *(f"x{number:02}" for number in range(1, 36)),
    *(f"p{number:02}" for number in range(1, 31)),
    *(f"a{number:02}" for number in range(8, 50)),
    "m04", "m11", "m12", "m13", "m28", "m29", "s01", "s04", "s05",
}  # fmt: skip


def _tests() -> list[str]:
    found = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        found += re.findall(r"^def (test_\w+)", path.read_text(), flags=re.MULTILINE)
    for path in (ROOT / "models").rglob("*.yml"):
        found += re.findall(r"^  - name: (\w+)\n    model: ", path.read_text(), flags=re.MULTILINE)
    return found


def test_every_statement_about_a_destination_is_in_the_name_of_a_test() -> None:
    held = {word for name in _tests() for word in name.split("_")}
    assert STATEMENTS - NOT_COMPUTED - held == set()
