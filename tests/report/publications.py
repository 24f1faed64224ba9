"""Publications of one's own: the sample's, changed by SQL."""

import shutil
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import duckdb

from jobs.config import Settings, load_settings

# The tables with experiences that the report reads: those with a key in one column, and facts.
KEYED = (
    "dim_experiences",
    "fct_experience_lift",
    "rpt_experience_history",
    "rpt_lift_by_breakdown",
    "rpt_sample_ratios",
    "rpt_vendor_bridge",
)
FACTS = (
    "fct_assignments", "fct_attributions", "fct_conversion_outcomes", "fct_experience_lift_daily",
    "fct_exposures",
)  # fmt: skip


def copy_publication(sample: Path, folder: Path, statements: Iterable[str] = ()) -> Settings:
    """Copy the sample's publication, change the copy, and return the settings that read it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(sample / "lift.yml", folder)
    (folder / "landing").mkdir()
    settings = load_settings(folder / "lift.yml")
    settings.publish.mkdir(parents=True)
    target = settings.publish / "lift.duckdb"
    source = load_settings(sample / "lift.yml").publish / "lift.duckdb"
    shutil.copy(source, target)
    target.chmod(0o644)
    with duckdb.connect(str(target)) as con:
        for statement in statements:
            con.execute(statement)
    return settings


def renamed(old: str, new: str) -> list[str]:
    """Return statements that give an experience another name."""
    return [
        f"update {table} set experience = '{new}' where experience = '{old}'"
        for table in (*KEYED, *FACTS)
    ]


def repeated(experience: str, names: Iterable[str]) -> list[str]:
    """Return statements that add experiences of these names with the rows of another."""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    keys = dict.fromkeys(KEYED, ", md5(surrogate_key || name) as surrogate_key")
    return [
        f"insert into {table} by name"
        f" select shown.* replace (name as experience{keys.get(table, '')})"
        f" from {table} as shown, (select unnest([{listed}]) as name)"
        f" where experience = '{experience}'"
        for table in (*KEYED, *FACTS)
    ]


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: set[tuple[str, str]] = set()
        self.found: dict[str, list[list[str]]] = {}
        self._label = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        if tag == "div":
            self._label = dict(attrs).get("aria-label") or ""
        elif tag == "table":
            self.found[self._label] = []
        elif tag == "tr":
            self.found[self._label].append([])
        elif tag in ("td", "th"):
            self.found[self._label][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._label = ""

    def handle_data(self, data: str) -> None:
        rows = self.found.get(self._label)
        if rows and rows[-1]:
            rows[-1][-1] += data


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Return the tables of a page as text, by the label of each."""
    parser = _Tables()
    parser.feed(page.read_text(encoding="utf-8"))
    return {
        label: [[" ".join(cell.split()) for cell in row] for row in rows]
        for label, rows in parser.found.items()
    }


def elements(page: Path) -> set[tuple[str, str]]:
    """Return the elements of a page, alone and with each attribute."""
    parser = _Tables()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.elements
