"""Macros in the style of the models: sqlfluff reads only models, and a macro that is SQL is SQL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "macros").rglob("*.sql"))
LONGEST_LINE = 100
MACRO = re.compile(r"\{%-?\s*(?:macro|materialization)\s+(\w+)")
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
TEXT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
KEYWORDS = "select|from|where|and|or|not|in|is|as|on|case|when|then|else|end|null|join|by|over"
SHOUTED = re.compile(rf"\b(?:{KEYWORDS.upper()})\b")
# dbt looks for these itself.
CALLED_BY_DBT = {
    "generate_schema_name", "duckdb__persist_docs", "get_incremental_replace_groups_sql",
}  # fmt: skip
# To do: what these say goes without a comment yet. Take out what has one.
WITHOUT_COMMENT = {
    "_period_bounds", "_switch_is_on", "alias_previous_id", "folded_name", "json_text",
    "made_in_place", "merging_email", "metric_denominator", "metric_denominator_squares",
    "metric_numerator_squares", "metric_product", "person_id", "posterior_mean", "predicate_chunk",
    "seconds_after", "seconds_between", "summed_outcomes", "view", "zeros",
}  # fmt: skip

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_file
def test_macro_lines_are_short(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), start=1)
    assert [number for number, line in lines if len(line) > LONGEST_LINE] == []


@each_file
def test_macro_keywords_are_in_lower_case(path: Path) -> None:
    code = TEXT.sub("''", COMMENT.sub("", path.read_text()))
    assert SHOUTED.findall(code) == []


@each_file
def test_macro_has_a_comment_before_it(path: Path) -> None:
    text = path.read_text()
    silent = {
        found[1]
        for found in MACRO.finditer(text)
        if not text[: found.start()].rstrip().endswith("#}")
    }
    assert silent - WITHOUT_COMMENT == set()


def test_macro_is_used() -> None:
    """By a model, another macro or a check; one that nobody calls is dead."""
    files = [
        path for folder in ("models", "macros", "tests/dbt") for path in (ROOT / folder).rglob("*")
    ]
    texts = [path.read_text() for path in files if path.suffix in (".sql", ".yml")]
    code = MACRO.sub("", "\n".join(COMMENT.sub("", text) for text in texts))
    code += (ROOT / "dbt_project.yml").read_text()
    by_name = r"(?<=computed_by\(')(\w+)|dispatch\('(\w+)'|materialized\W+(\w+)"
    called = set(re.findall(rf"\b(\w+)\(|{by_name}", code))
    made = {name for path in FILES for name in MACRO.findall(path.read_text())}
    unused = {name.removeprefix("default__") for name in made} - CALLED_BY_DBT
    assert unused - {name for names in called for name in names} == set()
