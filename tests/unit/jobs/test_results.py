"""`lift results`: the verdicts of a publication."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from jobs.cli import terminal
from tests.here import Here

ROOT = Path(__file__).parents[3]


def test_results_prints_the_table_of_the_night(published_sample: Path, here: Here) -> None:
    said = here("results", folder=published_sample)
    assert said.returncode == 0
    readme = (ROOT / "README.md").read_text()
    block = readme.partition("## What a night says")[2].split("```\n")[1]
    assert block.startswith(said.stdout)


def test_results_of_one_experience_conversion_and_metric(
    published_sample: Path, here: Here
) -> None:
    said = here(
        "results", "Pricing Page", "--conversion", "order", "--metric", "value_per_visitor",
        folder=published_sample,
    ).stdout.splitlines()  # fmt: skip
    assert said[0] == (
        "Did the personalized experience convert better?"
        " (conversion: order, metric: value_per_visitor)"
    )
    assert [line.split()[0] for line in said[2:6]] == [
        "Pricing", "everybody", "Financial", "Software",
    ]  # fmt: skip
    assert not any("Corporate" in line for line in said)


def test_results_as_json_are_the_rows_of_the_publication(
    published_sample: Path, here: Here
) -> None:
    said = here("results", "--log-format", "json", folder=published_sample).stdout
    found = [json.loads(line) for line in said.splitlines()]
    names = ("experience", "audience_segment", "control_visitors", "lift", "status")
    path = published_sample / "var" / "published" / "lift.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        published = con.execute(
            f"select {', '.join(names)} from fct_experience_lift"
            " where is_main and metric = 'conversion_rate'"
        ).fetchall()
    assert sorted(tuple(row[name] for name in names) for row in found) == sorted(published)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Pricing Pag",), "did you mean Pricing Page?"),
        (("--conversion", "sign_up"), "did you mean signup?"),
        (("--metric", "rate"), "value_per_visitor"),
    ],
)
def test_results_of_an_unknown_name_name_the_near_ones(
    published_sample: Path, here: Here, arguments: tuple[str, ...], words: str
) -> None:
    said = here("results", *arguments, folder=published_sample)
    assert (said.returncode, said.stdout) == (2, "")
    assert words in said.stderr


def test_results_before_the_first_night_are_one_sentence(tmp_path: Path, here: Here) -> None:
    (tmp_path / "lift.yml").write_text("landing: landing\n")
    said = here("results", folder=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.endswith("does not exist; run `lift nightly` first.\n")


@pytest.mark.parametrize("width", [80, 60, 40])
def test_results_fit_a_narrow_terminal(
    published_sample: Path, here: Here, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal.console, "_width", width)
    lines = here("results", folder=published_sample).stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert lines == [line.rstrip() for line in lines]
    said = " ".join(" ".join(lines).split())
    assert (
        "Small company: Personalized wins control 14.1% of 205, personalized 32.6% of 221:"
        " +130.3%, +4% to +351%" in said
    )
