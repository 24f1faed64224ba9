"""The totals of `reconcile:`: what is read, and how each mistake in a file is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings, SettingsError, load_settings
from jobs.config.tables import ConfigReportedTotal

CONFIG = """\
landing: landing
destinations: {mutiny: {}}
conversions:
  - {name: signup, trigger: 'event = "Signed Up"'}
  - {name: order, trigger: 'event = "Order Completed"', value: properties.revenue, main: true}
reconcile: {mutiny: totals.csv}
"""


def _load(folder: Path, totals: str | bytes | None, config: str = CONFIG) -> Settings:
    (folder / "lift.yml").write_text(config)
    if totals is not None:
        content = totals if isinstance(totals, bytes) else totals.encode()
        (folder / "totals.csv").write_bytes(content)
    return load_settings(folder / "lift.yml")


def _problems(folder: Path, totals: str | bytes | None, config: str = CONFIG) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        _load(folder, totals, config)
    return str(raised.value).splitlines()


def test_totals_columns_that_are_missing_have_defaults(tmp_path: Path) -> None:
    totals = _load(tmp_path, "arm,visitors,experience\ncontrol,12,Homepage\n").reported_totals
    assert totals == (
        ConfigReportedTotal("mutiny", "Homepage", "(all)", "order", "control", 12, None, None),
    )


def test_totals_are_read_as_a_spreadsheet_saves_them(tmp_path: Path) -> None:
    text = (
        "\ufeffexperience,audience_segment,conversion,arm,visitors,converters,value\r\n"
        '"Home, page",Small company,signup,personalized,3,,10.00005\r\n'
        "\r\n"
        "Pricing,,order,control, 4 ,2,-1.5\r\n"
    )
    assert _load(tmp_path, text).reported_totals == (
        ConfigReportedTotal(
            "mutiny", "Home, page", "Small company", "signup", "personalized", 3, None, 100_001
        ),
        ConfigReportedTotal("mutiny", "Pricing", "(all)", "order", "control", 4, 2, -15_000),
    )


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        (None, ["totals.csv: reconcile.mutiny names this file, which does not exist; write it"]),
        (b"experience,arm\xff", [
            "totals.csv: byte 15 of the file is not UTF-8; save the file as UTF-8"]),
        ("", ["totals.csv:1: lacks the column experience; add it",
              "totals.csv:1: lacks the column arm; add it",
              "totals.csv:1: has none of the columns visitors, converters, value; add one"]),
        ("experience,arm,visits\n", [
            "totals.csv:1: has the unknown column 'visits'; did you mean visitors?",
            "totals.csv:1: has none of the columns visitors, converters, value; add one"]),
        ("experience,arm,visitors,arm\n", ["totals.csv:1: has the column arm twice; remove one"]),
        ("experience,arm,visitors\nHomepage,treated,3\n", [
            "totals.csv:2: arm must be personalized or control, not 'treated'; correct it"]),
        ("experience,arm,visitors\n,control,1\n", [
            "totals.csv:2: experience is empty; write the name of an experience"]),
        ("experience,arm,conversion,visitors\nA,control,signups,1\n", [
            "totals.csv:2: conversion names the unknown 'signups'; did you mean signup?"]),
        ('experience,arm,visitors,converters,value\nA,control,"1,200",-1,12 EUR\n', [
            "totals.csv:2: converters must be a whole number, not '-1'; write only digits",
            "totals.csv:2: value must be a number, not '12 EUR';"
            " write digits and a decimal point only",
            "totals.csv:2: visitors must be a whole number, not '1,200'; write only digits"]),
        ("experience,arm,visitors\nA,control,1\nA,control,2\n", [
            "totals.csv:3: repeats line 2; keep one of the two"]),
        ("experience,arm,visitors\nA,control\n", [
            "totals.csv:2: has 2 cells, the header 3; make them equal"]),
        ('experience,arm,visitors\n"A"b,control,1\n', [
            "totals.csv:2: is not CSV (',' expected after '\"'); correct its quotes"]),
    ],
)  # fmt: skip
def test_totals_mistake_has_its_file_its_line_and_its_remedy(
    tmp_path: Path, totals: str | bytes | None, expected: list[str]
) -> None:
    assert sorted(_problems(tmp_path, totals)) == sorted(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("destinations: {mutiny: {}}", "destinations: {split: {}}"),
         "lift.yml:6: reconcile.mutiny compares with mutiny, which is not set up;"
         " add it under destinations"),
        (("destinations: {mutiny: {}}", "destinations: {mutiny: {}}\nexposures: [split]"),
         "lift.yml:7: reconcile.mutiny compares with mutiny, which no entry of exposures is of;"
         " add one"),
    ],
)  # fmt: skip
def test_totals_that_nothing_is_compared_with_are_a_mistake(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    text = "experience,arm,visitors\nA,control,1\n"
    problems = _problems(tmp_path, text, CONFIG.replace(*change))
    assert [line.replace(f"{tmp_path}/", "") for line in problems] == [expected]
